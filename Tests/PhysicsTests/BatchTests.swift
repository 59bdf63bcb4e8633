// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Testing

@testable import Physics

/// Starts each simulation differently: simulation i spins at i radians per second.
private func startSpinning(_ batch: inout Batch) {
  for simulation in 0..<batch.count {
    batch.withMutableValues(of: .qvel, simulation: simulation) { $0[4] = Double(simulation) }
  }
}

@Suite struct `Batch of simulations` {
  @Test(arguments: [1, 2, 3])
  func `agrees with a loop over states to the last bit`(threads: Int) throws {
    let model = try model(restingBox)
    var batch = try Batch(of: model, count: 7, threads: threads)
    #expect(batch.threadCount == threads)
    startSpinning(&batch)
    #expect(batch.step(30) == [])
    #expect(batch.step(20) == [])
    for simulation in 0..<batch.count {
      var state = State(model)
      state[.qvel, 4] = Double(simulation)
      try state.step(50)
      #expect(batch.snapshot(of: simulation) == state.snapshot())
    }
  }

  @Test func `resets to keyframes`() throws {
    let model = try model(restingBox)
    var batch = try Batch(of: model, count: 2, threads: 1)
    #expect(batch.step(5) == [])
    batch.reset(to: try #require(model.keyframe(named: "aloft")).id)
    #expect(batch.stepCounts == [0, 0])
    let height = batch.withMutableValues(of: .qpos, simulation: 1) { $0[2] }
    #expect(height == 5)
    batch.reset()
    #expect(batch.snapshot(of: 0).values == State(model).snapshot().values)
  }

  @Test func `rolls out as a loop that sets controls`() throws {
    let model = try model(arm)
    let steps = 20
    var batch = try Batch(of: model, count: 3, threads: 2)
    let controls = (0..<3 * steps * 2).map { Double($0 % 7) / 10 - 0.3 }
    let trajectory = batch.rollOut(steps: steps, controls: controls)
    #expect(trajectory.failures == [])
    for simulation in 0..<3 {
      var state = State(model)
      for step in 0..<steps {
        let row = simulation * steps + step
        state.set(.ctrl, to: Array(controls[2 * row..<2 * row + 2]))
        try state.step()
        #expect(Array(trajectory.qpos[3 * row..<3 * row + 3]) == state.values(of: .qpos))
        #expect(Array(trajectory.qvel[3 * row..<3 * row + 3]) == state.values(of: .qvel))
      }
      #expect(batch.snapshot(of: simulation) == state.snapshot())
    }
  }

  @Test func `gives each simulation its own gravity`() throws {
    var batch = try Batch(of: try model(fallingBall), count: 3, threads: 2)
    for simulation in 0..<3 {
      batch.withMutableModelValues(of: .gravity, simulation: simulation) {
        $0[2] = -Double(simulation)
      }
    }
    #expect(batch.step(100) == [])
    for simulation in 0..<3 {
      let speed = batch.withMutableValues(of: .qvel, simulation: simulation) { $0[2] }
      // A tenth of a second of falling.
      #expect(abs(speed - -0.1 * Double(simulation)) < 1e-12)
    }
  }

  @Test func `gives each simulation its own mass`() throws {
    var batch = try Batch(of: try model(fallingBall), count: 2, threads: 1)
    batch.withMutableModelValues(of: .bodyMass, simulation: 1) { $0[1] = 4 }
    #expect(batch.updateConstants() == [])
    for simulation in 0..<2 {
      batch.withMutableValues(of: .qfrcApplied, simulation: simulation) { $0[0] = 2 }
    }
    #expect(batch.step(100) == [])
    let speeds = (0..<2).map { simulation in
      batch.withMutableValues(of: .qvel, simulation: simulation) { $0[0] }
    }
    // 2 N for 0.1 s on 1 kg and on 4 kg.
    #expect(abs(speeds[0] - 0.2) < 1e-12)
    #expect(abs(speeds[1] - 0.05) < 1e-12)
  }

  @Test func `names the simulation that fails and lets the others run`() throws {
    let model = try model(fallingBall)
    var batch = try Batch(of: model, count: 3, threads: 2)
    #expect(batch.step(2) == [])
    batch.withMutableValues(of: .qvel, simulation: 1) { $0[0] = .nan }
    let failures = batch.step(3)
    #expect(failures.map(\.simulation) == [1])
    #expect(failures.first?.reason.code == .badVelocity)
    #expect(failures.first?.reason.stepCount == 2)
    #expect(batch.stepCounts == [5, 2, 5])
    var state = State(model)
    try state.step(5)
    #expect(batch.snapshot(of: 2) == state.snapshot())
  }

  @Test func `leaves a simulation that fails at its last good step`() throws {
    let model = try model(fallingBall)
    var batch = try Batch(of: model, count: 3, threads: 2)
    // 9e9 m/s^2 add 9e6 m/s a step, so the third step goes beyond 1e10 m/s.
    let (speed, push) = (9.98e9, 9e9)
    batch.withMutableValues(of: .qvel, simulation: 1) { $0[0] = speed }
    batch.withMutableValues(of: .qfrcApplied, simulation: 1) { $0[0] = push }
    let failures = batch.step(5)
    #expect(failures.map(\.simulation) == [1])
    #expect(failures.first?.reason.code == .badVelocity)
    #expect(failures.first?.reason.stepCount == 3)
    #expect(batch.stepCounts == [5, 3, 5])
    var state = State(model)
    state[.qvel, 0] = speed
    state[.qfrcApplied, 0] = push
    try state.step(3)
    #expect(batch.snapshot(of: 1) == state.snapshot())
    // There it stays until something is changed.
    #expect(batch.step(2) == failures)
    #expect(batch.snapshot(of: 1) == state.snapshot())
    batch.withMutableValues(of: .qvel, simulation: 1) { $0[0] = 0 }
    #expect(batch.step(2) == [])
    #expect(batch.stepCounts == [9, 5, 9])
  }

  @Test(arguments: ["1K", "4K"])
  func `fails where a state fails, and says the same`(size: String) throws {
    // An arena of one kilobyte has no room for the solver's stack, one of four none for contacts.
    let memory = "<size memory=\"\(size)\"/><worldbody>"
    let model = try model(restingBox.replacing("<worldbody>", with: memory))
    var state = State(model)
    let failure = try #require(throws: SimulationFailure.self) { try state.step(10) }
    var batch = try Batch(of: model, count: 2, threads: 1)
    #expect(batch.step(10).map(\.reason) == [failure, failure])
    state.reset()
    try state.step(failure.stepCount)
    #expect(batch.snapshot(of: 1) == state.snapshot())
  }

  @Test(arguments: [1, 2])
  func `repeats the last good row of a roll-out that fails`(threads: Int) throws {
    let model = try model(lightSlider)
    let steps = 6
    var batch = try Batch(of: model, count: 3, threads: threads)
    #expect(batch.step(2) == [])
    batch.withMutableValues(of: .qpos, simulation: 2) { $0[0] = 0.25 }
    // On 10 g a force of 1e9 N is an acceleration beyond 1e10 m/s^2.
    var controls = [Double](repeating: 0.5, count: 3 * steps)
    controls[1 * steps + 3] = 1e9
    controls[2 * steps] = 1e9
    let trajectory = batch.rollOut(steps: steps, controls: controls)
    #expect(trajectory.failures.map(\.simulation) == [1, 2])
    #expect(trajectory.failures.map(\.reason.code) == [.badAcceleration, .badAcceleration])
    #expect(trajectory.failures.map(\.reason.stepCount) == [2 + 3, 2])
    #expect(batch.stepCounts == [2 + steps, 2 + 3, 2])
    for (simulation, goodSteps) in [(0, steps), (1, 3), (2, 0)] {
      var state = State(model)
      try state.step(2)
      if simulation == 2 { state[.qpos, 0] = 0.25 }
      for step in 0..<steps {
        if step < goodSteps {
          state[.ctrl, 0] = 0.5
          try state.step()
        }
        let row = simulation * steps + step
        #expect(trajectory.qpos[row] == state[.qpos, 0], "\(simulation), step \(step)")
        #expect(trajectory.qvel[row] == state[.qvel, 0], "\(simulation), step \(step)")
      }
      #expect(batch.snapshot(of: simulation) == state.snapshot())
    }
  }
}
