// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Physics
import Randomness
import Testing
import Worlds

@testable import Simulation

@Suite struct `A support` {
  private static let round = SupportSurface(
    top: .disc(radius: 0.9), thickness: 0.03, groundLevel: -0.74)
  private static let square = SupportSurface(
    top: .rectangle(halfSizes: SIMD2(0.6, 0.4)), thickness: 0.035, groundLevel: -0.74)

  @Test func `holds what lies on it whole`() {
    #expect(Self.square.holds(SIMD2(0.549, -0.349), radius: 0.05))
    #expect(!Self.square.holds(SIMD2(0.551, 0), radius: 0.05))
    #expect(!Self.square.holds(SIMD2(0, 0.351), radius: 0.05))
    // 0.6 and 0.6 are 0.849 from the middle.
    #expect(Self.round.holds(SIMD2(-0.6, 0.6), radius: 0.05))
    #expect(!Self.round.holds(SIMD2(-0.6, 0.6), radius: 0.06))
    #expect(SupportSurface.ground.holds(SIMD2(1000, 1000), radius: 1))
  }

  /// From above, every ray ends on the top inside its outline and on the ground outside.
  @Test(arguments: [round, square, .ground]) func `is in physics what it says`(
    support: SupportSurface
  ) throws {
    var spec = ModelSpec()
    try spec.add(support)
    let model = try spec.compile()
    #expect(model.geoms.allSatisfy { $0.group == Stage.hiddenGroup && $0.collides })
    let state = State(model)
    var stream = RandomStream(seed: 9, purpose: "support")
    // The rim is straight between points 0.6 mm apart from the circle at most.
    let slack = 0.0006
    var counts = (on: 0, off: 0)
    for _ in 0..<2000 {
      let spot = SIMD2(stream.uniform(in: -1.2...1.2), stream.uniform(in: -1.2...1.2))
      let hit = state.firstSurface(from: SIMD3(spot, 1), towards: SIMD3(0, 0, -1))
      let height = 1 - (hit?.distance ?? .infinity)
      if support.holds(spot, radius: slack) {
        counts.on += 1
        // The slices are meshes of single precision.
        #expect(abs(height) < 1e-8, "\(spot)")
      } else if !support.holds(spot, radius: 0) {
        counts.off += 1
        #expect(abs(height - support.groundLevel) < 1e-12, "\(spot)")
      }
    }
    #expect(counts.on > 300 && (counts.off > 500 || support.top == nil))
  }

  /// What rolls off a table lands on the ground, and what stands near the rim stays there.
  @Test(arguments: [
    (spot: SIMD2(0.0, 0.8), level: 0.0),  // on the slice to the left
    (spot: SIMD2(0.62, 0.62), level: 0.0),  // where two slices and the square nearly meet
    (spot: SIMD2(0.6364, 0.1), level: 0.0),  // across the seam of square and slice
    (spot: SIMD2(0.0, -1.0), level: -0.74),
  ])
  func `bears a cube that is let go over it`(spot: SIMD2<Double>, level: Double) throws {
    var spec = ModelSpec()
    spec.apply(
      PhysicsOptions(
        timestepNanoseconds: 2_000_000, integrator: .implicitFast, cone: .elliptic,
        frictionImpedanceRatio: 10))
    try spec.add(Self.round)
    let cube = ObjectShape.cube.geometry
    try spec.add(
      cube, named: "cube",
      worldFromObject: RigidTransform(translation: SIMD3(spot, level + cube.height / 2 + 0.005)),
      rgba: SIMD4(1, 0, 0, 1))
    let model = try spec.compile()
    let body = try #require(model.body(named: "cube"))
    var state = State(model)
    try state.step(1000)
    state.refreshPoses()
    let pose = state.worldFromBody(body.id)
    // 0.5 mm: what soft contacts give way, and the bounce of a fall of 5 mm.
    #expect(abs(pose.translation.z - level - cube.height / 2) < 0.0005)
    #expect(length(pose.translation - SIMD3(spot, pose.translation.z)) < 0.002)
    #expect(pose.rotation.rotate(SIMD3(0, 0, 1)).z > 0.9999)
  }
}
