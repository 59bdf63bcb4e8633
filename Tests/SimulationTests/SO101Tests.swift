// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Physics
import Testing

@testable import Simulation

@Suite struct `The SO-101's jaw` {
  @Test func `opens wider at larger angles and is parallel amid the objects' widths`() {
    var last = -1.0
    for gap in stride(from: 0.010, through: 0.060, by: 0.005) {
      let angle = SO101Jaw.angle(forGap: gap)
      #expect(angle > last)
      last = angle
    }
    #expect(abs(SO101Jaw.angle(forGap: 0.030) - SO101Jaw.parallelAngle) < 0.01)
  }

  @Test func `holds a tool upright when its fingers point down`() {
    // Fingers down, the hand site's x is the world's -z; here its z, across the jaw, is x.
    let worldFromSite = RigidTransform(
      rotation: Quaternion(
        matrix: Matrix3(columns: SIMD3(0, 0, -1), SIMD3(0, 1, 0), SIMD3(1, 0, 0))))
    let worldFromTool = worldFromSite * SO101Jaw.siteFromTool(width: 0.04, clearance: 0.005)
    #expect(length(worldFromTool.rotation.vector) < 1e-12)
    // Half the width, the clearance and the pad's face away from the fixed finger.
    #expect(length(worldFromTool.translation - SIMD3(0.0265, 0, 0.006)) < 1e-12)
  }
}

@Suite(.enabled(if: FetchedRobot.isExpected, "\(FetchedRobot.reason)"))
struct `A fitted SO-101` {
  @Test func `has its pads as far apart as the jaw's angle says`() throws {
    var spec = try ModelSpec(file: try #require(FetchedRobot.file))
    try SO101.fit(&spec)
    let model = try spec.compile()
    let robot = SO101()
    let jaw = try robot.joints(in: model)[SO101.armJointCount]
    let fixedPad = try #require(model.geom(named: "fixedPad"))
    let movingPad = try #require(model.geom(named: "movingPad"))
    guard case .box(let fixedHalf) = fixedPad.shape, case .box(let movingHalf) = movingPad.shape
    else {
      Issue.record("pads are boxes")
      return
    }
    var state = State(model)
    for gap in [0.02, 0.03, 0.04] {
      state[.qpos, jaw.positionAddress] = SO101Jaw.angle(forGap: gap)
      state.refreshPoses()
      // The middle of the moving pad's inner face, seen from the fixed pad, whose x is the normal.
      let worldFromMoving = state.worldFromGeom(movingPad.id)
      let face = worldFromMoving * SIMD3(-movingHalf.x, 0, 0)
      let faceInFixed = state.worldFromGeom(fixedPad.id).inverse * face
      #expect(abs(faceInFixed.x - fixedHalf.x - gap) < 0.0005)
    }
    // At the angle made for it, the two faces look at each other.
    state[.qpos, jaw.positionAddress] = SO101Jaw.parallelAngle
    state.refreshPoses()
    let fixedNormal = state.worldFromGeom(fixedPad.id).rotation.rotate(SIMD3(1, 0, 0))
    let movingNormal = state.worldFromGeom(movingPad.id).rotation.rotate(SIMD3(1, 0, 0))
    #expect(abs(dot(fixedNormal, movingNormal)) > 0.9999)
  }

  @Test func `no longer collides the hulls of its fingers`() throws {
    var spec = try ModelSpec(file: try #require(FetchedRobot.file))
    try SO101.fit(&spec)
    let model = try spec.compile()
    let hulls = model.geoms.filter {
      $0.shape == .mesh(name: "moving_jaw_so101_v1")
        || $0.shape == .mesh(name: "wrist_roll_follower_so101_v1")
    }
    #expect(hulls.count == 4)
    #expect(hulls.allSatisfy { !$0.collides })
  }
}
