// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Testing

@testable import Physics

@Suite struct `Simulated state` {
  @Test func `falls as semi-implicit Euler says`() throws {
    var state = State(try model(fallingBall))
    try state.step(100)
    // v_n = -g h n; z_n = 1 - g h^2 n (n + 1) / 2, with g = 10, h = 1 ms, n = 100.
    #expect(abs(state[.qvel, 2] - -1) < 1e-12)
    #expect(abs(state[.qpos, 2] - (1 - 0.0505)) < 1e-12)
    #expect(state.stepCount == 100)
    #expect(state.timeNanoseconds == 100_000_000)
  }

  @Test func `poses lag until refreshed`() throws {
    var state = State(try model(fallingBall))
    let ball = try #require(state.model.body(named: "ball")).id
    #expect(state.worldFromBody(ball).translation == SIMD3(0, 0, 1))
    try state.step(1)
    #expect(state.worldFromBody(ball).translation.z == 1)
    state.refreshPoses()
    #expect(state.worldFromBody(ball).translation.z == state[.qpos, 2])
  }

  @Test func `a refresh does not change the run`() throws {
    var plain = State(try model(restingBox))
    var looked = State(plain.model)
    for _ in 0..<50 {
      try plain.step()
      try looked.step()
      looked.refreshPoses()
    }
    #expect(plain.snapshot() == looked.snapshot())
  }

  @Test func `a pendulum swings with its period`() throws {
    // A point-like mass on 1 m, released at rest from 0.1 rad, g = 9.81: the period is
    // 2 pi sqrt(L/g) (1 + a^2/16) = 2.00607 s + 0.00125 s; after a quarter it is at the
    // bottom.
    let world = """
      <mujoco><option timestep="0.0001" gravity="0 0 -9.81" integrator="RK4"/><worldbody>
        <body><joint name="pivot" axis="0 1 0"/>
          <geom type="sphere" size="0.001" pos="0 0 -1" mass="1"/></body>
      </worldbody></mujoco>
      """
    var state = State(try model(world))
    state[.qpos, 0] = 0.1
    var steps = 0
    while state[.qpos, 0] > 0 {
      try state.step()
      steps += 1
    }
    // Found to one step of 0.1 ms.
    #expect(abs(Double(steps) * 1e-4 - 2.00732 / 4) <= 1e-4)
  }

  @Test func `a box rests on the floor with its weight`() throws {
    var state = State(try model(restingBox))
    try state.step(500)
    try state.forward()
    let floor = try #require(state.model.geom(named: "floor")).id
    let box = try #require(state.model.geom(named: "box")).id
    let contacts = state.contacts()
    #expect(contacts.count == 4)
    #expect(contacts.allSatisfy { $0.geoms.first == floor && $0.geoms.second == box })
    let force = contacts.reduce(SIMD3<Double>.zero) { $0 + $1.forceInWorld }
    // 2 kg x 10 m/s^2; at rest to the solver's tolerance.
    #expect(length(force - SIMD3(0, 0, 20)) < 1e-3)
    // Soft contacts let it sink by well under a millimetre.
    #expect(state[.qpos, 2] < 0.1 && state[.qpos, 2] > 0.099)
    #expect(contacts.allSatisfy { $0.distance < 0 && $0.distance > -1e-3 })
  }

  @Test func `goes on from a snapshot to the same bytes`() throws {
    var whole = State(try model(restingBox))
    whole[.qvel, 4] = 3
    try whole.step(40)
    let half = whole.snapshot()
    try whole.step(60)
    var resumed = State(whole.model)
    try resumed.restore(half)
    #expect(resumed.snapshot() == half)
    try resumed.step(60)
    #expect(resumed.snapshot() == whole.snapshot())
    #expect(resumed.stepCount == 100)
  }

  /// Gives a towed pendulum every kind of input, each other for each `sign`.
  private func disturb(_ state: inout State, _ sign: Double) throws {
    state.set(.qpos, to: [0.3 * sign])
    state.set(.qvel, to: [-2 * sign])
    state.set(.act, to: [0.7 * sign])
    state.set(.ctrl, to: [-0.4 * sign])
    state.set(.qfrcApplied, to: [1.5 * sign])
    let rod = try #require(state.model.body(named: "rod")).id
    state[.xfrcApplied, 6 * rod.index] = 2 * sign
    state.set(.mocapPositions, to: [0.4 * sign, 0.1, -0.8])
    state.set(.mocapQuaternions, to: [0.8, 0, 0.6 * sign, 0])
  }

  private let inputs: [State.Field] = [
    .qpos, .qvel, .act, .ctrl, .qfrcApplied, .xfrcApplied, .mocapPositions, .mocapQuaternions,
  ]

  @Test func `takes every input along in a snapshot, into a state that was used otherwise`() throws
  {
    var whole = State(try model(towedPendulum))
    try disturb(&whole, 1)
    try whole.step(40)
    let half = whole.snapshot()
    let before = inputs.map { whole.values(of: $0) }
    try whole.step(60)
    // Another past, so that nothing of it may be left: other inputs, other warm start, other time.
    var resumed = State(whole.model)
    try disturb(&resumed, -1)
    try resumed.step(7)
    try resumed.restore(half)
    #expect(inputs.map { resumed.values(of: $0) } == before)
    #expect(resumed.snapshot() == half)
    try resumed.step(60)
    #expect(resumed.snapshot() == whole.snapshot())
  }

  /// One number of each input: x or about y, the rod being body 2.
  @Test(arguments: [
    (State.Field.act, 0), (.ctrl, 0), (.qfrcApplied, 0), (.xfrcApplied, 12), (.mocapPositions, 0),
    (.mocapQuaternions, 2),
  ])
  func `goes another way where one input of a snapshot is another`(
    field: State.Field, index: Int
  ) throws {
    var whole = State(try model(towedPendulum))
    try disturb(&whole, 1)
    let start = whole.snapshot()
    try whole.step(50)
    var other = State(whole.model)
    try other.restore(start)
    other[field, index] *= -1
    #expect(other.snapshot() != start)
    try other.step(50)
    #expect(other.values(of: .qpos) != whole.values(of: .qpos))
  }

  @Test func `refuses a snapshot of another model`() throws {
    let box = State(try model(restingBox))
    var pendulum = State(try model(arm))
    #expect(throws: InputError.self) { try pendulum.restore(box.snapshot()) }
  }

  @Test func `resets to keyframes`() throws {
    var state = State(try model(restingBox))
    let aloft = try #require(state.model.keyframe(named: "aloft"))
    try state.step(3)
    state.reset(to: aloft.id)
    #expect(state.values(of: .qpos) == [0, 0, 5, 1, 0, 0, 0])
    #expect(state.values(of: .qpos) == aloft.positions)
    #expect(state.worldFromBody(Body.ID(1)).translation.z == 5)
    #expect(state.stepCount == 0)
    state.reset()
    #expect(state.values(of: .qpos) == state.model.referencePositions)
  }

  @Test func `its Jacobian is the derivative of the site`() throws {
    var state = State(try model(arm))
    let tip = try #require(state.model.site(named: "tip")).id
    let here = [0.3, -0.7, 0.2]
    state.set(.qpos, to: here)
    state.refreshPoses()
    let count = state.model.velocityCount
    var rows = [Double](repeating: 0, count: 6 * count)
    state.writeJacobian(of: tip, into: &rows)
    let step = 1e-6
    for column in 0..<count {
      func tipPose(_ sign: Double) -> RigidTransform {
        state[.qpos, column] = here[column] + sign * step
        state.refreshPoses()
        return state.worldFromSite(tip)
      }
      let (ahead, behind) = (tipPose(1), tipPose(-1))
      state[.qpos, column] = here[column]
      let linear = (ahead.translation - behind.translation) / (2 * step)
      // For a small turn the imaginary part is half the angle.
      let turn = ahead.rotation * behind.rotation.conjugate
      let angular = 2 * turn.vector / (2 * step)
      for axis in 0..<3 {
        // Central differences: error O(step^2), plus rounding 1e-16 / step.
        #expect(abs(rows[axis * count + column] - linear[axis]) < 1e-8)
        #expect(abs(rows[(3 + axis) * count + column] - angular[axis]) < 1e-8)
      }
    }
  }

  @Test func `a site's velocity is its Jacobian times qvel`() throws {
    var state = State(try model(arm))
    let tip = try #require(state.model.site(named: "tip")).id
    state.set(.qpos, to: [0.3, -0.7, 0.2])
    state.set(.qvel, to: [1, -2, 0.5])
    try state.forward()
    var rows = [Double](repeating: 0, count: 18)
    state.writeJacobian(of: tip, into: &rows)
    let speeds = state.values(of: .qvel)
    let twist = state.velocity(of: tip)
    for axis in 0..<3 {
      let linear = (0..<3).reduce(0) { $0 + rows[axis * 3 + $1] * speeds[$1] }
      let angular = (0..<3).reduce(0) { $0 + rows[(3 + axis) * 3 + $1] * speeds[$1] }
      #expect(abs(linear - twist.linear[axis]) < 1e-12)
      #expect(abs(angular - twist.angular[axis]) < 1e-12)
    }
  }

  @Test func `cameras look along +z with y down`() throws {
    let state = State(try model(arm))
    let camera = try #require(state.model.camera(named: "wrist"))
    // MuJoCo's camera looks down its -z with y up; unturned in the world, it sees the ground.
    let worldFromCamera = state.worldFromCamera(camera.id)
    #expect(length(worldFromCamera * SIMD3(0, 0, 1) - SIMD3(0.5, 0, 0.1)) < 1e-12)
    #expect(length(worldFromCamera * SIMD3(0, 1, 0) - SIMD3(0.5, -1, 1.1)) < 1e-12)
    #expect(abs(camera.verticalFieldOfView - .pi / 2) < 1e-12)
    let body = state.worldFromBody(camera.body) * camera.bodyFromCamera
    #expect(length(body.translation - worldFromCamera.translation) < 1e-12)
  }

  @Test func `a NaN is an error, not a quiet reset`() throws {
    var state = State(try model(fallingBall))
    try state.step(7)
    state[.qvel, 2] = .nan
    let failure = #expect(throws: SimulationFailure.self) { try state.step(5) }
    #expect(failure?.code == .badVelocity)
    #expect(failure?.stepCount == 7)
    #expect(failure?.description == "physics failed at step 7: badVelocity (qvel 2)")
    state.reset()
    try state.step(5)
    #expect(state.stepCount == 5)
  }

  @Test func `MuJoCo's own errors are thrown, not fatal`() throws {
    // An arena of one kilobyte has no room for the solver's stack, one of four none for contacts.
    for (size, code) in [("1K", SimulationFailure.Code.engine), ("4K", .outOfMemory)] {
      let memory = "<size memory=\"\(size)\"/><worldbody>"
      var state = State(try model(restingBox.replacing("<worldbody>", with: memory)))
      let failure = #expect(throws: SimulationFailure.self) { try state.step(10) }
      #expect(failure?.code == code)
      #expect(failure?.detail.contains("\n") == false)
      #expect(throws: SimulationFailure.self) { try state.step(10) }
    }
    #expect(!FileManager.default.fileExists(atPath: "MUJOCO_LOG.TXT"))
  }
}
