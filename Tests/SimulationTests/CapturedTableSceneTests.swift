// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Randomness
import Simulation
import Splats
import Testing

@testable import Reconstruction

/// A brown table of radius 0.7 m on a grey ground, with a red vase on it and a green hedge around.
private func captureWithVase() -> CapturedPoints {
  var stream = RandomStream(seed: 4, purpose: "vase")
  var capture = CapturedPoints(positions: [], coloursSRGB: [])
  func add(_ p: SIMD3<Double>, _ colour: SIMD3<Float>) {
    capture.positions.append(SIMD3<Float>(p))
    capture.coloursSRGB.append(colour)
  }
  for _ in 0..<600 {
    let (angle, share) = (stream.uniform(in: -3.1...3.1), stream.uniform().squareRoot())
    let direction = SIMD3(angle.cosine, angle.sine, 0)
    if share > 0.3 { add(direction * 0.7 * share, SIMD3(0.6, 0.4, 0.2)) }
    add(direction * 4 * share + SIMD3(0, 0, -0.74), SIMD3(0.5, 0.5, 0.5))
    add(direction * 0.1 + SIMD3(0, 0, stream.uniform(in: 0...0.4)), SIMD3(1, 0, 0))
    for step in 0..<4 {
      let height = stream.uniform(in: -0.7...3)
      let turned = Quaternion(angle: Double(step), axis: SIMD3(0, 0, 1)).rotate(direction)
      add(turned * 6 + SIMD3(0, 0, height), SIMD3(0, 1, 0))
    }
  }
  return capture
}

private let table = TableAlignment(
  worldFromCapture: .identity, tableHeight: 0.74, tableRadius: 0.7, groundResidual: 0,
  tableResidual: 0, rimResidual: 0, tilt: 0)

@Suite struct `Captured table scene` {
  /// A hundredth of the closing splats: enough to see that surfaces are closed.
  private static let detail = 0.01
  private static let cloud = CapturedTableScene.build(
    world: captureWithVase(), table: table, detail: detail)

  @Test func `is whole, and the same in every run`() {
    Self.cloud.checkInvariants()
    #expect(Self.cloud.firstInvalidIndex == nil)
    #expect(Self.cloud.rotations.allSatisfy { $0.direction != nil })
    let again = CapturedTableScene.build(
      world: captureWithVase(), table: table, detail: Self.detail)
    #expect(again == Self.cloud)
  }

  @Test func `has a free and level top without the vase, in the table's colour`() {
    var topCount = 0
    for index in 0..<Self.cloud.count {
      let p = Self.cloud.positions[index]
      let distance = (p.x * p.x + p.y * p.y).squareRoot()
      guard distance < 0.7, p.z > -0.01 else { continue }
      if length(p) > 10 { continue }
      topCount += 1
      #expect(p.z == 0 && Self.cloud.rotations[index].rotate(SIMD3(0, 0, 1)).z > 0.9999)
      let colour = Self.cloud.colour(of: index, seenAlong: SIMD3(0, 0, -1))
      #expect(length(colour - SIMD3(0.6, 0.4, 0.2)) < 1e-5)
    }
    // 1.54 m^2 at a spacing of 7 cm.
    #expect(topCount > 250)
  }

  @Test func `is as wide as the table and no wider`() {
    var widest: Float = 0
    for index in 0..<Self.cloud.count where abs(Self.cloud.positions[index].z) < 1e-6 {
      let p = Self.cloud.positions[index]
      let distance = (p.x * p.x + p.y * p.y).squareRoot()
      if distance < 1 { widest = max(widest, distance + exp(Self.cloud.logScales[index].x)) }
    }
    // The splats' deviations reach up to the rim; their grid is 7 cm wide at this detail.
    #expect(widest <= 0.7 + 1e-5 && widest > 0.65)
  }

  @Test func `has no specks on the ground, and keeps the dark between the leaves`() {
    var capture = captureWithVase()
    // A twig half a metre over the ground, bright but for one point.
    for step in 0..<12 {
      capture.positions.append(SIMD3(1.5 + 0.005 * Float(step), 0, -0.2))
      capture.coloursSRGB.append(SIMD3(repeating: 0.8))
    }
    let specks = [SIMD3<Float>(1.5, 0, -0.74), SIMD3(0, -2, -0.7), SIMD3(1.5, 0.004, -0.2)]
    for speck in specks {
      capture.positions.append(speck)
      capture.coloursSRGB.append(SIMD3(repeating: 0.02))
    }
    let cloud = CapturedTableScene.build(world: capture, table: table, detail: Self.detail)
    let dark = (0..<cloud.count).filter {
      length(cloud.positions[$0]) < 10
        && cloud.colour(of: $0, seenAlong: SIMD3(0, 0, -1)).max() < 0.1
    }
    #expect(dark.map { cloud.positions[$0] } == [specks[2]])
  }

  @Test func `mixes the colours of the top where two meet`() {
    var capture = captureWithVase()
    for index in capture.positions.indices where abs(capture.positions[index].z) < 0.01 {
      capture.coloursSRGB[index] =
        capture.positions[index].x < 0 ? SIMD3(0.8, 0, 0) : SIMD3(0, 0.8, 0)
    }
    let cloud = CapturedTableScene.build(world: capture, table: table, detail: Self.detail)
    for index in 0..<cloud.count where abs(cloud.positions[index].z) < 1e-6 {
      let p = cloud.positions[index]
      // Outside the centrepiece, whose colours come from further out.
      guard abs(p.y) > 0.3, length(p) < 0.7 else { continue }
      let colour = cloud.colour(of: index, seenAlong: SIMD3(0, 0, -1))
      #expect(abs(colour.sum() - 0.8) < 1e-4)
      if abs(p.x) > 0.2 { #expect(abs(colour[p.x < 0 ? 0 : 1] - 0.8) < 1e-4) }
    }
    let seam = (0..<cloud.count).filter { index in
      let p = cloud.positions[index]
      let colour = cloud.colour(of: index, seenAlong: SIMD3(0, 0, -1))
      return abs(p.z) < 1e-6 && length(p) < 0.7 && colour.x > 0.1 && colour.y > 0.1
    }
    #expect(!seam.isEmpty)
  }

  @Test func `shows the hedge at its height and the sky above it`() {
    func farColour(towards direction: SIMD3<Float>) -> SIMD3<Float> {
      let far = (0..<Self.cloud.count).filter { length(Self.cloud.positions[$0]) > 10 }
      let nearest = far.max {
        dot(Self.cloud.positions[$0], direction) < dot(Self.cloud.positions[$1], direction)
      }
      return nearest.map { Self.cloud.colour(of: $0, seenAlong: direction) } ?? .zero
    }
    #expect(length(farColour(towards: SIMD3(1, 0, 0.25)) - SIMD3(0, 1, 0)) < 0.05)
    #expect(farColour(towards: SIMD3(0, 0, 1)).min() > 0.8)
  }
}
