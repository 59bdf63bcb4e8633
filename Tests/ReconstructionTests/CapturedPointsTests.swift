// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Reconstruction
import Splats
import Testing

/// The Mip-NeRF 360 garden; see its SOURCE.txt.
enum Garden {
  static let path =
    (ProcessInfo.processInfo.environment["DIORAMA_DATA"] ?? "../shared/data")
    + "/splats/garden_points/test_garden.npz"

  /// True where the data is, and where its absence must fail the tests.
  static let isExpected =
    FileManager.default.fileExists(atPath: path)
    || ProcessInfo.processInfo.environment["CI"] == "true"
}

@Suite(.enabled(if: Garden.isExpected, "the garden capture is not there: set DIORAMA_DATA"))
struct `Garden capture` {
  @Test func `is read whole, and refused when it is cut`() throws {
    let bytes = try readFile(Garden.path)
    let capture = try CapturedPoints(npz: bytes, file: "garden.npz")
    #expect(capture.count == 138_766 && capture.cameras.count == 3)
    #expect(capture.cameras[0].camera.width == 648 && capture.cameras[0].camera.height == 420)
    // From the file by numpy: the first camera's centre.
    let centre = SIMD3(-1.065_997_1, -0.332_392_25, 0.484_257_94)
    #expect(length(capture.cameras[0].centre - centre) < 1e-6)
    for length in [0, 21, 22, 1000, bytes.count - 1] {
      #expect(throws: InputError.self) {
        try CapturedPoints(npz: Array(bytes[..<length]), file: "cut.npz")
      }
    }
  }

  @Test func `has its table found and put upright`() throws {
    let capture = try CapturedPoints(npz: readFile(Garden.path), file: "garden.npz")
    let alignment = try alignTable(in: capture, tableHeightMetres: 0.74, name: "garden.npz")
    // A garden table for six with a coarse stone top: what a tape measure would allow.
    #expect(alignment.tableRadius > 0.7 && alignment.tableRadius < 0.9)
    #expect(alignment.tableResidual < 0.006 && alignment.rimResidual < 0.015)
    #expect(alignment.groundResidual < 0.015 && alignment.tilt < 1.0.radiansFromDegrees)
    let world = capture.transformed(by: alignment.worldFromCapture)
    // The photographer stood within three metres of the table with the camera over its top.
    for camera in world.cameras {
      #expect(length(camera.centre) < 3 && camera.centre.z > 0.2)
    }
    #expect(abs(world.cameras[0].centre.y) < 1e-9 && world.cameras[0].centre.x > 0)
    // Between a quarter and the whole radius the top is free, and lies at z = 0.
    let top = world.positions.filter { point in
      let radius = (point.x * point.x + point.y * point.y).squareRoot()
      return abs(point.z) < 0.03 && radius > 0.35 && radius < Float(alignment.tableRadius)
    }
    let meanHeight = top.reduce(0) { $0 + Double($1.z) } / Double(top.count)
    #expect(top.count > 3000 && abs(meanHeight) < 0.003)
  }
}

@Suite struct `Captured points` {
  @Test func `keep what their cameras see when moved`() throws {
    let camera = CapturedCamera(
      camera: Camera(width: 100, height: 100, verticalFieldOfView: 1),
      cameraFromCapture: .cameraFromWorld(eye: SIMD3(2, 1, 1), target: .zero))
    let capture = CapturedPoints(
      positions: [SIMD3(0.1, 0.2, 0.3)], coloursSRGB: [SIMD3(1, 0, 0)], cameras: [camera])
    let move = Similarity(
      rotation: Quaternion(angle: 1, axis: SIMD3(1, 2, 3)), translation: SIMD3(4, 5, 6), scale: 2)
    let moved = capture.transformed(by: move)
    func pixel(_ capture: CapturedPoints) throws -> SIMD2<Double> {
      let point = capture.cameras[0].cameraFromCapture * SIMD3<Double>(capture.positions[0])
      return try #require(capture.cameras[0].camera.project(point))
    }
    let (before, after) = (try pixel(capture), try pixel(moved))
    // 1e-3 px: the moved point is rounded to single precision.
    #expect(abs(before.x - after.x) < 1e-3 && abs(before.y - after.y) < 1e-3)
  }

  @Test func `leave out a point that is not finite, with its colour, and count it`() throws {
    let capture = try CapturedPoints(npz: try ZipText.bytes(ZipText.threePoints), file: "a.npz")
    #expect(capture.positions == [SIMD3(1, 2, 3), SIMD3(7, 8, 9)])
    #expect(capture.coloursSRGB == [SIMD3(1, 0, 0), SIMD3(0, 0, 1)])
    #expect(capture.droppedNonFinite == 1 && capture.cameras.count == 1)
  }

  @Test func `become flat splats on a surface, as wide as their spacing`() {
    // A grid of 1 cm in the plane z = 0.
    var positions: [SIMD3<Float>] = []
    for x in 0..<9 { for y in 0..<9 { positions.append(SIMD3(Float(x), Float(y), 0) * 0.01) } }
    let capture = CapturedPoints(
      positions: positions,
      coloursSRGB: positions.map { _ in SIMD3(0.2, 0.4, 0.6) })
    let cloud = capture.splats()
    cloud.checkInvariants()
    let middle = 40
    // Three neighbours at 1 cm; the width is 0.7 of that, the thickness a fifth of the width.
    let sizes = (0..<3).map { exp(cloud.logScales[middle][$0]) }
    #expect(abs(sizes[0] - 0.007) < 1e-6 && abs(sizes[1] - 0.007) < 1e-6)
    #expect(abs(sizes[2] - 0.0014) < 1e-6)
    let normal = cloud.rotations[middle].rotate(SIMD3(0, 0, 1))
    #expect(abs(abs(normal.z) - 1) < 1e-6)
    let colour = cloud.colour(of: middle, seenAlong: SIMD3(0, 0, -1))
    #expect(length(colour - SIMD3(0.2, 0.4, 0.6)) < 1e-6)
  }

  @Test func `become splats even where they are alone or in one place`() {
    let alone = CapturedPoints(positions: [.zero], coloursSRGB: [.zero]).splats()
    #expect(alone.firstInvalidIndex == nil && alone.count == 1)
    let same = CapturedPoints(
      positions: Array(repeating: SIMD3(1, 1, 1), count: 20),
      coloursSRGB: Array(repeating: .zero, count: 20))
    #expect(same.splats().firstInvalidIndex == nil)
    #expect((alone.rotations + same.splats().rotations).allSatisfy { $0.direction != nil })
    #expect(CapturedPoints(positions: [], coloursSRGB: []).splats().count == 0)
  }
}
