// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// The C module is seen by five files only; Model.swift says which and why.
import CMuJoCo
package import Files

/// Many simulations of one model on a pool of threads: the owner of an `mjBatch`.
///
/// Results are those of a loop over `State`s, to the last bit, for any number of threads. A
/// simulation is a row of numbers (its integration state); what is derived from it is not kept.
///
/// One that fails stays at its last good step: its row, its count and its part of a trajectory are
/// those of that step, as if no more had been asked of it. It fails there again until its row is
/// changed.
@safe package struct Batch: ~Copyable {
  /// The world that all simulations share, up to values given one by one.
  package let model: Model
  /// The number of simulations.
  package let count: Int
  /// The good steps of each simulation since its last reset.
  package private(set) var stepCounts: [Int]
  private let batch: OpaquePointer
  /// The rows before the present call, from which a simulation that fails is played again.
  private var rowsBefore: [Double]

  /// Makes `count` simulations at the model's reference positions.
  ///
  /// `threads` includes the caller's; more threads than simulations are not used.
  /// - Throws: `InputError` with MuJoCo's words where it refuses, as for want of memory.
  package init(of model: Model, count: Int, threads: Int) throws(InputError) {
    precondition(count > 0 && count <= Int(Int32.max) && threads > 0, "at least one of each")
    takeMuJoCoLog()
    var settings = mjBatchConfig()
    unsafe mjb_defaultConfig(&settings)
    settings.nthread = Int32(min(threads, count))
    var message = [CChar](repeating: 0, count: messageSize)
    let batch = unsafe mjb_makeBatch(
      model.pointer, Int32(count), &settings, &message, Int32(messageSize))
    guard let batch = unsafe batch else {
      let bytes = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw InputError(
        file: "batch", field: "model", found: oneLine(String(decoding: bytes, as: UTF8.self)),
        expected: "a model that can run in a batch")
    }
    self.model = model
    self.count = count
    stepCounts = Array(repeating: 0, count: count)
    unsafe self.batch = batch
    rowsBefore = unsafe Array(repeating: 0, count: count * Int(mjb_nstate(batch)))
  }

  deinit { unsafe mjb_deleteBatch(batch) }

  /// The number of threads at work, the caller's included.
  package var threadCount: Int { unsafe Int(mjb_nthread(batch)) }

  // MARK: - Moving

  /// A simulation that failed in the last call.
  package struct Failure: Equatable, Sendable {
    /// The number of the simulation, from zero.
    package let simulation: Int
    /// What went wrong in the step after `stepCount` good ones.
    package let reason: SimulationFailure
  }

  /// Advances every simulation by `steps` steps.
  ///
  /// Returns the simulations that failed, in order; the others went on to the end.
  package mutating func step(_ steps: Int = 1) -> [Failure] {
    precondition(steps >= 0 && steps <= Int(Int32.max), "steps go forward")
    rememberRows()
    clearWarnings()
    unsafe mjb_step(batch, nil, 0, Int32(steps), Int32(mjSTAGE_NONE.rawValue))
    let failed = failedSimulations()
    count(steps, except: failed)
    return failed.map { playAgain($0, steps: steps, controls: nil) }
  }

  /// Puts every simulation back to a keyframe, or to the model's reference where nil.
  package mutating func reset(to keyframe: Keyframe.ID? = nil) {
    let row = keyframe.map { Int32($0.index) } ?? -1
    precondition(row < Int32(model.keyframes.count), "a keyframe of this model")
    let keys = [Int32](repeating: row, count: count)
    unsafe mjb_reset(batch, nil, 0, keys, Int32(mjSTAGE_NONE.rawValue))
    stepCounts = Array(repeating: 0, count: count)
  }

  /// What an open-loop run of a batch went through.
  package struct Trajectory: Equatable, Sendable {
    /// The positions after each step   (simulations x steps x positionCount).
    package var qpos: [Double]
    /// The velocities after each step   (simulations x steps x velocityCount).
    package var qvel: [Double]
    /// The simulations that failed, in order.
    ///
    /// From the step that failed on, their rows repeat the last good one, or what they began with.
    package var failures: [Failure]
  }

  /// Advances every simulation by `steps` steps with the controls given for each step.
  ///
  /// `controls` holds simulations x steps x controlCount numbers.
  package mutating func rollOut(steps: Int, controls: [Double]) -> Trajectory {
    precondition(steps >= 0 && steps <= Int(Int32.max), "steps go forward")
    precondition(
      controls.count == count * steps * model.controlCount, "a control for every step")
    rememberRows()
    clearWarnings()
    var qpos = [Double](repeating: 0, count: count * steps * model.positionCount)
    var qvel = [Double](repeating: 0, count: count * steps * model.velocityCount)
    unsafe qpos.withUnsafeMutableBytes { positions in
      unsafe qvel.withUnsafeMutableBytes { velocities in
        let records = unsafe [
          mjBatchRecord(
            field: nil, spec: Int32(mjSTATE_QPOS.rawValue), buf: positions.baseAddress),
          mjBatchRecord(
            field: nil, spec: Int32(mjSTATE_QVEL.rawValue), buf: velocities.baseAddress),
        ]
        unsafe mjb_rollout(
          batch, nil, 0, Int32(steps), controls, Int32(mjSTATE_CTRL.rawValue), records,
          Int32(records.count))
      }
    }
    let failed = failedSimulations()
    count(steps, except: failed)
    var trajectory = Trajectory(qpos: qpos, qvel: qvel, failures: [])
    let width = steps * model.controlCount
    for simulation in failed {
      let before = stepCounts[simulation]
      let own = controls[simulation * width..<(simulation + 1) * width]
      trajectory.failures.append(playAgain(simulation, steps: steps, controls: Array(own)))
      let rows = simulation * steps + stepCounts[simulation] - before..<(simulation + 1) * steps
      trajectory.qpos.fill(rows, with: values(of: .qpos, simulation: simulation))
      trajectory.qvel.fill(rows, with: values(of: .qvel, simulation: simulation))
    }
    return trajectory
  }

  // MARK: - Numbers

  /// Runs `body` on one input field of one simulation, to be written in place.
  package mutating func withMutableValues<Result, Problem: Error>(
    of field: State.Field, simulation: Int,
    _ body: (inout MutableSpan<Double>) throws(Problem) -> Result
  ) throws(Problem) -> Result {
    precondition((0..<count).contains(simulation), "a simulation of this batch")
    var size: Int32 = 0
    guard let first = unsafe mjb_stateComponent(batch, component(field), &size) else {
      preconditionFailure("a row holds \(field)")
    }
    let row = unsafe first + simulation * Int(mjb_nstate(batch))
    var span = unsafe MutableSpan(_unsafeStart: row, count: Int(size))
    return try body(&span)
  }

  /// Everything that the future of one simulation depends on; equal to that of a `State`.
  package borrowing func snapshot(of simulation: Int) -> Snapshot {
    precondition((0..<count).contains(simulation), "a simulation of this batch")
    let size = unsafe Int(mjb_nstate(batch))
    let row = unsafe UnsafeBufferPointer(
      start: mjb_state(batch) + simulation * size, count: size)
    return unsafe Snapshot(stepCount: stepCounts[simulation], values: Array(row))
  }

  /// The values of a model that may differ between simulations.
  package enum ModelField: String, Sendable {
    /// Masses, kilograms   (bodies). Needs `updateConstants`.
    case bodyMass = "body_mass"
    /// Diagonal inertias about the centre of mass, kg m^2   (bodies x 3). Needs `updateConstants`.
    case bodyInertia = "body_inertia"
    /// Sliding, torsional and rolling friction   (geoms x 3).
    case geomFriction = "geom_friction"
    /// Damping of each degree of freedom   (velocityCount).
    case dofDamping = "dof_damping"
    /// The acceleration of gravity, metres per second squared   (3). Needs `updateConstants`.
    case gravity = "opt.gravity"
  }

  /// Runs `body` on one simulation's own values of a model field, to be written in place.
  ///
  /// The first call for a field gives every simulation a copy of the model's values.
  package mutating func withMutableModelValues<Result, Problem: Error>(
    of field: ModelField, simulation: Int,
    _ body: (inout MutableSpan<Double>) throws(Problem) -> Result
  ) throws(Problem) -> Result {
    precondition((0..<count).contains(simulation), "a simulation of this batch")
    var size: Int32 = 0
    guard let base = unsafe mjb_expand(batch, field.rawValue, &size, nil) else {
      preconditionFailure("MuJoCo has no field \(field.rawValue)")
    }
    let row = unsafe base.assumingMemoryBound(to: Double.self) + simulation * Int(size)
    var span = unsafe MutableSpan(_unsafeStart: row, count: Int(size))
    return try body(&span)
  }

  /// Computes anew what the model derives from values that were changed, in every simulation.
  package mutating func updateConstants() -> [Failure] {
    clearWarnings()
    unsafe mjb_setConst(batch, nil, 0)
    return (0..<count).compactMap { simulation in
      failure(of: simulation).map { Failure(simulation: simulation, reason: $0) }
    }
  }

  // MARK: - Failures

  private mutating func rememberRows() {
    unsafe rowsBefore.withUnsafeMutableBufferPointer { kept in
      _ = unsafe kept.update(from: UnsafeBufferPointer(start: mjb_state(batch), count: kept.count))
    }
  }

  private func clearWarnings() {
    unsafe mjb_warning(batch).update(
      repeating: mjWarningStat(), count: count * Int(mjNWARNING.rawValue))
  }

  private func failedSimulations() -> [Int] { (0..<count).filter { failure(of: $0) != nil } }

  private mutating func count(_ steps: Int, except failed: [Int]) {
    for simulation in 0..<count { stepCounts[simulation] += steps }
    for simulation in failed { stepCounts[simulation] -= steps }
  }

  /// Plays a simulation that failed again from where it began, to its last good step.
  ///
  /// MuJoCo puts a simulation back to its reference when it meets a bad number and goes on from
  /// there, so nothing in what it leaves tells the good steps from the others.
  private mutating func playAgain(_ simulation: Int, steps: Int, controls: [Double]?) -> Failure {
    let size = unsafe Int(mjb_nstate(batch))
    var good = Array(rowsBefore[simulation * size..<(simulation + 1) * size])
    for step in 0..<steps {
      setRow(of: simulation, to: good)
      if let controls {
        withMutableValues(of: .ctrl, simulation: simulation) { span in
          for index in span.indices { span[index] = controls[step * span.count + index] }
        }
      }
      clearWarnings()
      unsafe mjb_step(batch, [Int32(simulation)], 1, 1, Int32(mjSTAGE_NONE.rawValue))
      if let reason = failure(of: simulation) {
        setRow(of: simulation, to: good)
        return Failure(simulation: simulation, reason: reason)
      }
      good = snapshot(of: simulation).values
      stepCounts[simulation] += 1
    }
    preconditionFailure("the same steps from the same row fail again")
  }

  private mutating func setRow(of simulation: Int, to values: [Double]) {
    unsafe mjb_state(batch).advanced(by: simulation * values.count).update(
      from: values, count: values.count)
  }

  private mutating func values(of field: State.Field, simulation: Int) -> [Double] {
    withMutableValues(of: field, simulation: simulation) { span in span.indices.map { span[$0] } }
  }

  private func failure(of simulation: Int) -> SimulationFailure? {
    let steps = stepCounts[simulation]
    if unsafe mjb_status(batch)[simulation] != 0 {
      let text = unsafe String(cString: mjb_error(batch, Int32(simulation)))
      return SimulationFailure(code: .engine, stepCount: steps, detail: oneLine(text))
    }
    let kinds = Int(mjNWARNING.rawValue)
    let warnings = unsafe mjb_warning(batch) + simulation * kinds
    guard let kind = (0..<kinds).first(where: { unsafe warnings[$0].number > 0 }) else {
      return nil
    }
    return SimulationFailure(
      warning: Int32(kind), row: unsafe warnings[kind].lastinfo, stepCount: steps)
  }

  private func component(_ field: State.Field) -> Int32 {
    let component: mjtState =
      switch field {
      case .qpos: mjSTATE_QPOS
      case .qvel: mjSTATE_QVEL
      case .act: mjSTATE_ACT
      case .ctrl: mjSTATE_CTRL
      case .qfrcApplied: mjSTATE_QFRC_APPLIED
      case .xfrcApplied: mjSTATE_XFRC_APPLIED
      case .mocapPositions: mjSTATE_MOCAP_POS
      case .mocapQuaternions: mjSTATE_MOCAP_QUAT
      case .qacc, .qfrcBias, .qfrcActuator, .qfrcConstraint, .actuatorForce, .sensordata:
        preconditionFailure("\(field) is computed, not part of a simulation's row")
      }
    return Int32(component.rawValue)
  }
}

extension [Double] {
  /// Writes the same values into each of the rows.
  fileprivate mutating func fill(_ rows: Range<Int>, with values: [Double]) {
    for row in rows {
      replaceSubrange(row * values.count..<(row + 1) * values.count, with: values)
    }
  }
}
