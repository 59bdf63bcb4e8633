// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry
import Randomness
import Reconstruction
import Testing

/// A round table of radius 0.6 m and height 0.75 m on rough ground, with a pot and bushes.
private func tableWorld() -> CapturedPoints {
  var stream = RandomStream(seed: 3, purpose: "table world")
  var points: [SIMD3<Double>] = []
  for _ in 0..<6000 {
    points.append(
      SIMD3(
        stream.uniform(in: -3...3), stream.uniform(in: -3...3), -0.75 + 0.005 * stream.normal()))
  }
  for _ in 0..<4000 {
    let (radius, angle) = (0.6 * stream.uniform().squareRoot(), stream.uniform(in: -3.2...3.2))
    points.append(SIMD3(radius * angle.cosine, radius * angle.sine, 0.002 * stream.normal()))
  }
  for _ in 0..<500 {
    points.append(
      SIMD3(
        0.05 * stream.normal(), 0.05 * stream.normal(), stream.uniform(in: 0...0.3)))
    points.append(
      SIMD3(
        1.5 + 0.3 * stream.normal(), 0.3 * stream.normal(), stream.uniform(in: -0.7...0.5)))
  }
  let eyes = [SIMD3<Double>(1.4, 0, 0.5), SIMD3(-0.8, 1.1, 0.6), SIMD3(0, -1.5, 0.9)]
  return CapturedPoints(
    positions: points.map { SIMD3<Float>($0) },
    coloursSRGB: points.map { _ in SIMD3(repeating: 0.5) },
    cameras: eyes.map { eye in
      CapturedCamera(
        camera: Camera(width: 64, height: 48, verticalFieldOfView: 0.8),
        cameraFromCapture: .cameraFromWorld(eye: eye, target: .zero))
    })
}

@Suite struct `Table alignment` {
  /// How the world comes out of a reconstruction: turned, moved and in another unit.
  private let captureFromWorld = Similarity(
    rotation: Quaternion(angle: 2, axis: SIMD3(1, 0.3, -0.5)), translation: SIMD3(3, -1, 2),
    scale: 0.4)

  @Test func `undoes the turn, the shift and the unit of a capture`() throws {
    let capture = tableWorld().transformed(by: captureFromWorld)
    let alignment = try alignTable(in: capture, tableHeightMetres: 0.75, name: "made")
    let found = alignment.worldFromCapture * captureFromWorld
    // The rim is known to the points' spacing of 1 cm over 72 directions, heights to a millimetre.
    for point in [SIMD3<Double>(0, 0, 0), SIMD3(0.5, 0.1, 0), SIMD3(0, 0, -0.75)] {
      #expect(length(found * point - point) < 0.01)
    }
    #expect(abs(alignment.tableRadius - 0.6) < 0.015)
    #expect(abs(found.scale - 1) < 0.003 && alignment.tilt < 0.005)
    #expect(alignment.tableResidual < 0.003 && alignment.groundResidual < 0.007)
  }

  @Test func `is the same in every run and scales with the declared height`() throws {
    let capture = tableWorld()
    let first = try alignTable(in: capture, tableHeightMetres: 0.75, name: "made")
    #expect(try alignTable(in: capture, tableHeightMetres: 0.75, name: "made") == first)
    let double = try alignTable(in: capture, tableHeightMetres: 1.5, name: "made")
    #expect(abs(double.tableRadius / first.tableRadius - 2) < 1e-12)
  }

  @Test func `says what is missing`() throws {
    var capture = tableWorld()
    #expect(throws: InputError.self) {
      try alignTable(in: capture, tableHeightMetres: 0, name: "made")
    }
    let bare = capture.filter { $0.z < -0.7 }
    let error = #expect(throws: InputError.self) {
      try alignTable(in: bare, tableHeightMetres: 0.75, name: "made")
    }
    #expect(error?.field == "table")
    capture.cameras = []
    let blind = #expect(throws: InputError.self) {
      try alignTable(in: capture, tableHeightMetres: 0.75, name: "made")
    }
    #expect(blind?.field == "cameras")
  }
}
