// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// The C module is seen by five files only; Model.swift says which and why.
import CMuJoCo
package import Files
package import Geometry

/// One simulation of a `Model`: the owner of an `mjData`.
///
/// Quantities derived from the state (poses, velocities, contacts, sensors) are those of the last
/// call that computed them. A step computes them first and integrates then, so after `step` they
/// lag one step behind; `refreshPoses` or `forward` brings them up to date.
@safe package struct State: ~Copyable {
  /// The world it is a simulation of.
  package let model: Model
  /// The number of steps since the last reset.
  package private(set) var stepCount: Int = 0
  private let data: UnsafeMutablePointer<mjData>

  /// Makes a simulation at the model's reference positions, with poses up to date.
  package init(_ model: Model) {
    takeMuJoCoLog()
    guard let data = unsafe mj_makeData(model.pointer) else {
      preconditionFailure("no memory for a simulation")
    }
    self.model = model
    unsafe self.data = data
    refreshPoses()
  }

  deinit { unsafe mj_deleteData(data) }

  /// The time since the last reset, nanoseconds.
  package var timeNanoseconds: Int64 { Int64(stepCount) * model.timestepNanoseconds }

  // MARK: - Moving

  /// Advances the simulation by `count` steps.
  ///
  /// - Throws: `SimulationFailure` at the first step that meets a NaN, a number beyond 1e10 or a
  ///   full buffer; the state is then not to be trusted.
  package mutating func step(_ count: Int = 1) throws(SimulationFailure) {
    precondition(count >= 0 && count <= Int(Int32.max), "steps go forward")
    var outcome = cmj_Outcome()
    unsafe cmj_step(model.pointer, data, Int32(count), &outcome)
    stepCount += Int(outcome.completed)
    try check(outcome)
  }

  /// Computes everything derived from the state, constraint forces among them, without moving time.
  ///
  /// It replaces the solver's warm start, so a run that calls it differs in its last bits from one
  /// that does not; `refreshPoses` has no such effect.
  /// - Throws: `SimulationFailure` as `step` does.
  package mutating func forward() throws(SimulationFailure) {
    var outcome = cmj_Outcome()
    unsafe cmj_forward(model.pointer, data, &outcome)
    try check(outcome)
  }

  /// Computes poses and Jacobians of the present positions; the simulation goes on as without it.
  package mutating func refreshPoses() { unsafe mj_fwdKinematics(model.pointer, data) }

  /// Puts everything back to the model's reference, with poses up to date.
  package mutating func reset() {
    unsafe mj_resetData(model.pointer, data)
    stepCount = 0
    refreshPoses()
  }

  /// Puts everything back to a keyframe, with poses up to date.
  package mutating func reset(to keyframe: Keyframe.ID) {
    precondition(model.keyframes.indices.contains(keyframe.index), "a keyframe of this model")
    unsafe mj_resetDataKeyframe(model.pointer, data, Int32(keyframe.index))
    stepCount = 0
    refreshPoses()
  }

  private func check(_ outcome: cmj_Outcome) throws(SimulationFailure) {
    if outcome.failed != 0 {
      let text = unsafe withUnsafeBytes(of: outcome.message) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      throw SimulationFailure(code: .engine, stepCount: stepCount, detail: oneLine(text))
    }
    guard outcome.warning >= 0 else { return }
    throw SimulationFailure(
      warning: outcome.warning, row: outcome.row, stepCount: stepCount)
  }

  // MARK: - Numbers

  /// Runs `body` on one field's numbers, read only.
  package borrowing func withValues<Result, Failure: Error>(
    of field: Field, _ body: (Span<Double>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let (base, count) = unsafe storage(field)
    return try body(unsafe Span(_unsafeStart: base, count: count))
  }

  /// Runs `body` on one field's numbers, to be written in place.
  package mutating func withMutableValues<Result, Failure: Error>(
    of field: Field, _ body: (inout MutableSpan<Double>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(field.isInput, "\(field) is computed, not set")
    let (base, count) = unsafe storage(field)
    var span = unsafe MutableSpan(_unsafeStart: base, count: count)
    return try body(&span)
  }

  private borrowing func storage(_ field: Field) -> (UnsafeMutablePointer<Double>, Int) {
    let m = unsafe model.pointer
    let (nv, nu) = unsafe (Int(m.pointee.nv), Int(m.pointee.nu))
    return switch field {
    case .qpos: unsafe (data.pointee.qpos, Int(m.pointee.nq))
    case .qvel: unsafe (data.pointee.qvel, nv)
    case .act: unsafe (data.pointee.act, Int(m.pointee.na))
    case .ctrl: unsafe (data.pointee.ctrl, nu)
    case .qfrcApplied: unsafe (data.pointee.qfrc_applied, nv)
    case .xfrcApplied: unsafe (data.pointee.xfrc_applied, 6 * Int(m.pointee.nbody))
    case .mocapPositions: unsafe (data.pointee.mocap_pos, 3 * Int(m.pointee.nmocap))
    case .mocapQuaternions: unsafe (data.pointee.mocap_quat, 4 * Int(m.pointee.nmocap))
    case .qacc: unsafe (data.pointee.qacc, nv)
    case .qfrcBias: unsafe (data.pointee.qfrc_bias, nv)
    case .qfrcActuator: unsafe (data.pointee.qfrc_actuator, nv)
    case .qfrcConstraint: unsafe (data.pointee.qfrc_constraint, nv)
    case .actuatorForce: unsafe (data.pointee.actuator_force, Int(m.pointee.nout))
    case .sensordata: unsafe (data.pointee.sensordata, Int(m.pointee.nsensordata))
    }
  }

  // MARK: - Frames

  /// The pose of a body in the world, metres.
  package borrowing func worldFromBody(_ body: Body.ID) -> RigidTransform {
    precondition(model.bodies.indices.contains(body.index), "a body of this model")
    return unsafe pose(data.pointee.xpos, data.pointee.xquat, body.index)
  }

  /// The pose of a geom in the world, metres.
  package borrowing func worldFromGeom(_ geom: Geom.ID) -> RigidTransform {
    precondition(model.geoms.indices.contains(geom.index), "a geom of this model")
    return unsafe pose(data.pointee.geom_xpos, data.pointee.geom_xquat, geom.index)
  }

  /// The pose of a site in the world, metres.
  package borrowing func worldFromSite(_ site: Site.ID) -> RigidTransform {
    precondition(model.sites.indices.contains(site.index), "a site of this model")
    return unsafe pose(data.pointee.site_xpos, data.pointee.site_xquat, site.index)
  }

  /// The pose of a camera in the world, metres; its frame has x right, y down, z forward.
  package borrowing func worldFromCamera(_ camera: Camera.ID) -> RigidTransform {
    precondition(model.cameras.indices.contains(camera.index), "a camera of this model")
    let row = camera.index
    let worldFromMujocoCamera = unsafe RigidTransform(
      rotation: Quaternion(matrix: matrix(data.pointee.cam_xmat + 9 * row).transpose),
      translation: vector(data.pointee.cam_xpos, row))
    return worldFromMujocoCamera * mujocoCameraFromCamera
  }

  /// How fast the origin of a body's frame moves and the body turns, in world axes.
  ///
  /// Computed by `step` for the state before it, or by `forward` for the present state.
  package borrowing func velocity(of body: Body.ID) -> Twist {
    precondition(model.bodies.indices.contains(body.index), "a body of this model")
    return velocity(mjOBJ_XBODY, body.index)
  }

  /// How fast a site moves and turns, in world axes; see `velocity(of:)` of a body.
  package borrowing func velocity(of site: Site.ID) -> Twist {
    precondition(model.sites.indices.contains(site.index), "a site of this model")
    return velocity(mjOBJ_SITE, site.index)
  }

  private borrowing func velocity(_ kind: mjtObj, _ row: Int) -> Twist {
    var result = [Double](repeating: 0, count: 6)
    unsafe mj_objectVelocity(
      model.pointer, data, Int32(kind.rawValue), Int32(row), &result, 0)
    return Twist(
      linear: SIMD3(result[3], result[4], result[5]),
      angular: SIMD3(result[0], result[1], result[2]))
  }

  /// Writes how a site moves and turns with each degree of freedom, at the present poses.
  ///
  /// `rows` takes six rows of `velocityCount` numbers: linear x, y, z, then angular x, y, z, in
  /// world axes, so that `rows * qvel` is the site's velocity.
  /// - Complexity: O(velocityCount), no allocation.
  package borrowing func writeJacobian(of site: Site.ID, into rows: inout [Double]) {
    precondition(model.sites.indices.contains(site.index), "a site of this model")
    let size = 3 * model.velocityCount
    precondition(rows.count == 2 * size, "six rows of velocityCount numbers")
    unsafe rows.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      unsafe mj_jacSite(model.pointer, data, base, base + size, Int32(site.index))
    }
  }

  // MARK: - Rays

  /// The first surface that a ray meets at the present poses, or nil.
  ///
  /// Geoms are met from outside, whether they touch others or not; meshes and planes as they are
  /// drawn, and not where they are wholly transparent.
  /// `origin` and `direction` are in the world; the direction has any length but zero, the distance
  /// is metres.
  package borrowing func firstSurface(
    from origin: SIMD3<Double>, towards direction: SIMD3<Double>
  ) -> (geom: Geom.ID, distance: Double)? {
    precondition(direction != .zero, "a ray has a direction")
    let unit = normalize(direction)
    var geom: Int32 = -1
    let distance = unsafe mj_ray(
      model.pointer, data, [origin.x, origin.y, origin.z], [unit.x, unit.y, unit.z], nil, true, -1,
      &geom, nil)
    guard distance >= 0, geom >= 0 else { return nil }
    return (Geom.ID(Int(geom)), distance)
  }

  // MARK: - Contacts

  /// The contacts found by the last `step` or `forward`, in MuJoCo's order.
  package borrowing func contacts() -> [Contact] {
    unsafe (0..<Int(data.pointee.ncon)).map { row in
      let c = unsafe data.pointee.contact + row
      var force = [Double](repeating: 0, count: 6)
      unsafe mj_contactForce(model.pointer, data, Int32(row), &force)
      let (p, f) = unsafe (c.pointee.pos, c.pointee.frame)
      let (a, b) = unsafe c.pointee.geom
      return unsafe Contact(
        geoms: (a < 0 ? nil : Geom.ID(Int(a)), b < 0 ? nil : Geom.ID(Int(b))),
        pointInWorld: SIMD3(p.0, p.1, p.2), distance: c.pointee.dist,
        worldFromContact: Matrix3(
          columns: SIMD3(f.0, f.1, f.2), SIMD3(f.3, f.4, f.5), SIMD3(f.6, f.7, f.8)),
        forceInContact: SIMD3(force[0], force[1], force[2]),
        torqueInContact: SIMD3(force[3], force[4], force[5]))
    }
  }

  // MARK: - Saving

  /// Everything that the future of this simulation depends on.
  package borrowing func snapshot() -> Snapshot {
    let size = unsafe Int(mj_stateSize(model.pointer, integrationState))
    var values = [Double](repeating: 0, count: size)
    unsafe mj_getState(model.pointer, data, &values, integrationState)
    return Snapshot(stepCount: stepCount, values: values)
  }

  /// Goes back to a snapshot, with poses up to date; the future is then the same to the last bit.
  ///
  /// - Throws: `InputError` where the snapshot is of a model of another size or holds a negative
  ///   step count.
  package mutating func restore(_ snapshot: Snapshot) throws(InputError) {
    let size = unsafe Int(mj_stateSize(model.pointer, integrationState))
    guard snapshot.values.count == size, snapshot.stepCount >= 0 else {
      throw InputError(
        file: "snapshot", field: "values",
        found: "\(snapshot.values.count) numbers at step \(snapshot.stepCount)",
        expected: "\(size) numbers at a step from 0")
    }
    unsafe mj_resetData(model.pointer, data)
    unsafe mj_setState(model.pointer, data, snapshot.values, integrationState)
    stepCount = snapshot.stepCount
    refreshPoses()
  }
}

private let integrationState = Int32(mjSTATE_INTEGRATION.rawValue)

extension SimulationFailure {
  /// Puts an `mjtWarning` into words; `row` is what MuJoCo says it is about.
  init(warning: Int32, row: Int32, stepCount: Int) {
    let (code, noun): (Code, String) =
      switch mjtWarning(UInt32(warning)) {
      case mjWARN_INERTIA: (.singularInertia, "degree of freedom")
      case mjWARN_BADQPOS: (.badPosition, "qpos")
      case mjWARN_BADQVEL: (.badVelocity, "qvel")
      case mjWARN_BADQACC: (.badAcceleration, "degree of freedom")
      case mjWARN_BADCTRL: (.badControl, "ctrl")
      default: (.outOfMemory, "contacts or constraints")
      }
    self.init(code: code, stepCount: stepCount, detail: "\(noun) \(row)")
  }
}

/// Takes over MuJoCo's log, once, so that no error ends the process and no file is written.
func takeMuJoCoLog() { logTaken }
private let logTaken: Void = cmj_installLogHandler()

private func vector(_ base: UnsafePointer<Double>, _ row: Int) -> SIMD3<Double> {
  unsafe SIMD3(base[3 * row], base[3 * row + 1], base[3 * row + 2])
}

/// Reads nine numbers by columns.
private func matrix(_ m: UnsafePointer<Double>) -> Matrix3 {
  unsafe Matrix3(columns: vector(m, 0), vector(m, 1), vector(m, 2))
}

private func pose(
  _ positions: UnsafePointer<Double>, _ quaternions: UnsafePointer<Double>, _ row: Int
) -> RigidTransform {
  let q = unsafe quaternions + 4 * row
  return unsafe RigidTransform(
    rotation: Quaternion(wxyz: SIMD4(q[0], q[1], q[2], q[3])),
    translation: vector(positions, row))
}
