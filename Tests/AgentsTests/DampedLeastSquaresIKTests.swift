// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry
import Physics
import Randomness
import Testing

@testable import Agents

/// Two links of one metre in the plane z = 0, both hinges about z.
private let planarArm = """
  <mujoco><worldbody><body name="upper">
    <joint name="shoulder" axis="0 0 1" range="-170 170"/><geom size="0.01"/>
    <body name="lower" pos="1 0 0"><joint name="elbow" axis="0 0 1" range="-120 120"/>
      <geom size="0.01"/><site name="hand" pos="1 0 0"/></body>
  </body></worldbody></mujoco>
  """

/// Five hinges like the SO-101's: pan, three pitches, roll.
private let fiveHingeArm = """
  <mujoco><worldbody><body pos="0 0 0.1">
    <joint name="pan" axis="0 0 1" range="-110 110"/><geom size="0.01"/>
    <body pos="0.03 0 0"><joint name="lift" axis="0 1 0" range="-100 100"/><geom size="0.01"/>
      <body pos="0.03 0 0.11"><joint name="elbow" axis="0 1 0" range="-97 97"/><geom size="0.01"/>
        <body pos="0.13 0 0"><joint name="wrist" axis="0 1 0" range="-95 95"/><geom size="0.01"/>
          <body pos="0.06 0 0"><joint name="roll" axis="1 0 0" range="-157 163"/>
            <geom size="0.01"/><site name="hand" pos="0.1 0 0"/></body>
        </body></body></body></body></worldbody></mujoco>
  """

private func solver(_ xml: String) throws -> DampedLeastSquaresIK {
  var spec = try ModelSpec(xml: xml)
  let model = try spec.compile()
  let site = try #require(model.site(named: "hand"))
  return DampedLeastSquaresIK(model: model, site: site.id, joints: model.joints.map(\.id))
}

@Suite struct `Damped least squares IK` {
  @Test func `finds the elbow of two links by hand`() throws {
    var ik = try solver(planarArm)
    // One link along x, the other along y.
    let goal = DampedLeastSquaresIK.Goal(
      worldFromTool: RigidTransform(translation: SIMD3(1, 1, 0)), rotationWeight: 0)
    let solution = ik.solve(goal, from: [0.3, 1])
    #expect(abs(solution.jointPositions[0]) < 1e-5)
    #expect(abs(solution.jointPositions[1] - .pi / 2) < 1e-5)
    // The other elbow, from the other side.
    let mirrored = ik.solve(goal, from: [1.2, -1])
    #expect(abs(mirrored.jointPositions[0] - .pi / 2) < 1e-5)
    #expect(abs(mirrored.jointPositions[1] + .pi / 2) < 1e-5)
  }

  @Test func `says how far an unreachable goal is`() throws {
    var ik = try solver(planarArm)
    let solution = ik.solve(
      .init(worldFromTool: RigidTransform(translation: SIMD3(3, 0, 0)), rotationWeight: 0),
      from: [0.4, 0.4])
    // Stretched out, two metres long, one metre short. The last hundredths of a radian come
    // slowly, because a straight arm gains nothing by turning; they cost 1 mm.
    #expect(abs(solution.positionError - 1) < 0.002)
  }

  @Test func `reaches what forward kinematics reached, within the limits`() throws {
    var ik = try solver(fiveHingeArm)
    var stream = RandomStream(seed: 1, purpose: "ik")
    let limits = [1.9, 1.7, 1.6, 1.6, 2.7]
    let siteFromTool = RigidTransform(
      rotation: Quaternion(angle: 0.7, axis: SIMD3(1, 2, 3)), translation: SIMD3(0.02, -0.01, 0.03))
    for _ in 0..<100 {
      let truth = limits.map { stream.uniform(in: -0.9 * $0...0.9 * $0) }
      let start = truth.map { $0 + stream.uniform(in: -0.3...0.3) }
      let goal = DampedLeastSquaresIK.Goal(
        worldFromTool: ik.worldFromTool(at: truth, siteFromTool: siteFromTool),
        siteFromTool: siteFromTool, rotationWeight: 0.1)
      let solution = ik.solve(goal, from: start)
      #expect(solution.positionError < 0.001)
      #expect(solution.rotationError < 2.0.radiansFromDegrees)
      let reached = ik.worldFromTool(at: solution.jointPositions, siteFromTool: siteFromTool)
      let miss = length(reached.translation - goal.worldFromTool.translation)
      #expect(abs(miss - solution.positionError) < 1e-12)
    }
  }

  @Test func `converges in a few steps, as only a true Jacobian does`() throws {
    var ik = try solver(fiveHingeArm)
    let truth = [0.3, -0.4, 0.8, 0.6, 0.5]
    let siteFromTool = RigidTransform(translation: SIMD3(0.05, 0.02, -0.03))
    let goal = DampedLeastSquaresIK.Goal(
      worldFromTool: ik.worldFromTool(at: truth, siteFromTool: siteFromTool),
      siteFromTool: siteFromTool, rotationWeight: 0.1)
    let solution = ik.solve(goal, from: truth.map { $0 + 0.1 })
    #expect(solution.iterationCount <= 6)
    #expect(solution.positionError < 1e-6)
  }

  @Test func `keeps joints within their limits when pulled beyond them`() throws {
    var ik = try solver(fiveHingeArm)
    var stream = RandomStream(seed: 2, purpose: "ik")
    let ranges = [110.0, 100, 97, 95, 163].map(\.radiansFromDegrees)
    for _ in 0..<50 {
      let target = SIMD3(
        stream.uniform(in: -1...1), stream.uniform(in: -1...1), stream.uniform(in: -1...1))
      let solution = ik.solve(
        .init(worldFromTool: RigidTransform(translation: target)), from: [0, 0, 0, 0, 0])
      for (position, range) in zip(solution.jointPositions, ranges) {
        #expect(abs(position) <= range)
      }
    }
  }

  @Test func `makes up for a joint on its limit with the others`() throws {
    var ik = try solver(planarArm)
    // A goal 0.9 m away asks for an elbow of 2 asin(0.45) from straight back: 126.5 degrees, of
    // which it may do 120. Left with its shoulder, it points at the goal from 1 m.
    let solution = ik.solve(
      .init(worldFromTool: RigidTransform(translation: SIMD3(0, 0.9, 0)), rotationWeight: 0),
      from: [0.2, 1.5])
    let elbow = 120.0.radiansFromDegrees - 0.01
    let reach = 2 * (elbow / 2).cosine
    #expect(abs(solution.jointPositions[1] - elbow) < 1e-9)
    #expect(abs(solution.positionError - (reach - 0.9)) < 1e-4)
  }
}
