// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Rasterizer
import Reconstruction
import SplatFormats
import Splats
import Testing
import Worlds

@testable import Simulation

/// Looks straight down on the whole table from 2 m.
private let above = Camera(width: 96, height: 96, verticalFieldOfView: 0.95, near: 0.01)
private let aboveFromWorld = RigidTransform.cameraFromWorld(
  eye: SIMD3(0, 0, 2), target: .zero)

private func world(_ name: String) throws -> World {
  let text = try #require(BuiltInWorlds.text(named: name))
  return try WorldReader.world(
    from: text, file: "\(name).yaml", environment: ["DIORAMA_DATA": RealFiles.folder])
}

/// The rays of the camera that looks along the table, as the episodes film it.
private func frontRays(
  _ splats: PackedSplats, _ support: SupportSurface, _ world: World
) throws -> [SurfaceRay] {
  let front = try #require(world.cameras.first { $0.body == nil })
  var lens = front.lens
  lens = Camera(width: 64, height: 64, verticalFieldOfView: 50.0.radiansFromDegrees)
  return try SurfaceAgreement.rays(
    splats, support, camera: lens, cameraFromWorld: front.bodyFromCamera.inverse)
}

@Suite struct `Picture and physics` {
  /// A level square of 2 m around the origin, closed by wide flat splats.
  private func slab(level: Float) -> PackedSplats {
    var cloud = SplatCloud(shDegree: 0)
    for x in stride(from: Float(-1), through: 1, by: 0.03) {
      for y in stride(from: Float(-1), through: 1, by: 0.03) {
        let surfel = Surfel(
          center: SIMD3(x, y, level), normal: SIMD3(0, 0, 1), along: SIMD3(1, 0, 0),
          widths: SIMD2(0.03, 0.03))
        cloud.append(surfel.splat(colourSRGB: SIMD3(repeating: 0.5)))
      }
    }
    return PackedSplats(cloud)
  }

  @Test(arguments: [(Float(0), 0.0), (0.02, 0.02), (-0.3, 0.3)])
  func `are as far apart as the splats lie off the plane`(level: Float, error: Double) throws {
    let agreement = try SurfaceAgreement.measure(
      slab(level: level), .ground, for: try world("tabletop"))
    // A disc of a sixth of the picture from above, and some of the front camera's.
    #expect((1500...6000).contains(agreement.rayCount))
    // A millimetre: the splats are 2 mm thick and seen from the side too.
    #expect(abs(agreement.medianError - error) < 1e-3, "\(agreement)")
    #expect(agreement.strayCount == (error > 0.01 ? agreement.rayCount : 0))
  }

  @Test func `have nothing in common where nothing is seen`() throws {
    let agreement = try SurfaceAgreement.measure(
      PackedSplats(SplatCloud(shDegree: 0)), .ground, for: try world("tabletop"))
    #expect(agreement.strayCount == agreement.rayCount && agreement.medianError == .infinity)
    #expect(SurfaceAgreement([]).medianError == .infinity)
  }
}

@Suite struct `The courtyard's table` {
  /// A twentieth of the splats, so that the test is quick without optimisation; they are 4.5 times
  /// wider, and so is the fringe of the top's edge.
  private static let splats = PackedSplats(CourtyardScene.build(seed: 1, detail: 0.05))
  private static let fringe = 0.05

  @Test func `is stood on where it is seen, up to its edges`() throws {
    let rays = try SurfaceAgreement.rays(
      Self.splats, CourtyardScene.support, camera: above, cameraFromWorld: aboveFromWorld)
    try expectOneSurface(rays, fringe: Self.fringe) { spot in
      min(0.6 - abs(spot.x), 0.4 - abs(spot.y))
    }
  }

  @Test func `is one for the camera of the episodes too`() throws {
    let rays = try frontRays(Self.splats, CourtyardScene.support, try world("tabletop"))
    let onTable = SurfaceAgreement(rays.filter(\.isOnTable))
    #expect(onTable.rayCount > 2000)
    // 7 mm here and 0.3 mm at full detail: what is coarse lets a little of the floor through.
    #expect(onTable.medianError < 0.008, "\(onTable)")
  }
}

@Suite(.enabled(if: RealFiles.isPresent(RealFiles.garden)))
struct `The garden's table` {
  private static let capture = Result {
    try CapturedPoints(npz: readFile(RealFiles.garden), file: "g")
  }
  private static let alignment = Result {
    try alignTable(in: capture.get(), tableHeightMetres: 0.74, name: "garden")
  }

  /// A seventh of the points and of the closing splats, for the same reason as in the courtyard.
  private func scene() throws -> LoadedScene {
    let alignment = try Self.alignment.get()
    let capture = try Self.capture.get().transformed(by: alignment.worldFromCapture)
    var part = CapturedPoints(positions: [], coloursSRGB: [])
    for index in stride(from: 0, to: capture.count, by: 7) {
      part.positions.append(capture.positions[index])
      part.coloursSRGB.append(capture.coloursSRGB[index])
    }
    return LoadedScene(
      cloud: CapturedTableScene.build(world: part, table: alignment, detail: 1.0 / 7),
      support: CapturedTableScene.support(of: alignment),
      report: SplatImportReport(container: "coloured points"))
  }

  @Test func `is where the captured points say`() throws {
    let alignment = try Self.alignment.get()
    // 1.6 m across at a height of 0.74 m: a table for six.
    #expect((0.75...0.85).contains(alignment.tableRadius))
    #expect(alignment.tableResidual < 0.004 && alignment.rimResidual < 0.02)
    #expect(alignment.tilt < 1.0.radiansFromDegrees)
    let captured = try Self.capture.get().transformed(by: alignment.worldFromCapture).positions
    func count(_ inner: Double, _ outer: Double, within height: Float) -> Int {
      captured.count { p in
        let share = Double((p.x * p.x + p.y * p.y).squareRoot()) / alignment.tableRadius
        return (inner..<outer).contains(share) && abs(p.z) < height
      }
    }
    // Level: nearly all that lies near the top's plane is within a centimetre of it.
    #expect(count(0.5, 0.95, within: 0.01) * 10 > count(0.5, 0.95, within: 0.05) * 8)
    // And it ends at the rim: rings of like area inside and outside of it.
    #expect(count(0.9, 0.97, within: 0.01) > 20 * count(1.03, 1.1, within: 0.01))
  }

  @Test func `is stood on where it is seen, up to its rim`() throws {
    let scene = try scene()
    guard case .disc(let radius) = scene.support.top else {
      Issue.record("the garden's table is round")
      return
    }
    let splats = PackedSplats(scene.cloud)
    let rays = try SurfaceAgreement.rays(
      splats, scene.support, camera: above, cameraFromWorld: aboveFromWorld)
    try expectOneSurface(rays, fringe: 0.06) { radius - length(SIMD3($0, 0)) }
    let front = SurfaceAgreement(
      try frontRays(splats, scene.support, try world("garden")).filter(\.isOnTable))
    #expect(front.rayCount > 2000)
    #expect(front.medianError < 0.004 && front.strayCount < front.rayCount / 50, "\(front)")
    // The ground is grass and uneven stone: centimetres.
    let ground = SurfaceAgreement(rays.filter { !$0.isOnTable })
    #expect(ground.rayCount > 500 && ground.medianError < 0.04)
  }
}

/// Expects the table to be seen at its height inside its edge, and not to be seen beyond it.
private func expectOneSurface(
  _ rays: [SurfaceRay], fringe: Double, toEdge: (SIMD2<Double>) -> Double
) throws {
  var (inside, outside) = (0, 0)
  for ray in rays {
    let distance = toEdge(SIMD2(ray.stoodOn.x, ray.stoodOn.y))
    #expect(ray.isOnTable == (ray.stoodOn.z > -0.1))
    let seen = try #require(ray.seen, "\(ray)")
    if distance > fringe {
      inside += 1
      // Two millimetres; where nothing else is painted over it, as here, it is far less.
      #expect(ray.isOnTable && abs(seen.z - ray.stoodOn.z) < 0.002, "\(ray)")
    } else if toEdge(SIMD2(seen.x, seen.y)) < -fringe {
      outside += 1
      #expect(!ray.isOnTable && seen.z < -0.1, "\(ray)")
    }
  }
  #expect(inside > 1000 && outside > 500)
}
