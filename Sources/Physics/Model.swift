// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// The C module is seen by five files only: one for each struct that is owned, mjModel, mjData,
// mjSpec and mjBatch, and one for what of a model is drawn. Together they would be 1,300 lines.
import CMuJoCo
package import Files
import Geometry

/// A compiled physics world: what never changes while simulations of it run.
///
/// It is the only owner of an `mjModel`, which nothing writes to once it is compiled, so any number
/// of `State`s on any number of threads may share one. The tables are read once, at the start.
@safe package final class Model: Sendable {
  // Never written after init and freed only by deinit, so sharing it is safe.
  nonisolated(unsafe) let pointer: UnsafePointer<mjModel>

  /// The length of one step, nanoseconds.
  package let timestepNanoseconds: Int64
  /// The bodies; row 0 is the world.
  package let bodies: [Body]
  /// The joints.
  package let joints: [Joint]
  /// The geoms, collision shapes among them.
  package let geoms: [Geom]
  /// The materials that geoms name.
  package let materials: [Material]
  /// The sites.
  package let sites: [Site]
  /// The cameras.
  package let cameras: [Camera]
  /// The actuators.
  package let actuators: [Actuator]
  /// The sensors.
  package let sensors: [Sensor]
  /// The keyframes.
  package let keyframes: [Keyframe]
  /// The names of the meshes, in the order of `mesh(at:)`.
  package let meshNames: [String]
  /// The positions that a reset gives, laid out like `qpos`.
  package let referencePositions: [Double]

  /// Takes over a compiled model.
  ///
  /// - Throws: `InputError` naming `source` where the timestep is no whole number of nanoseconds,
  ///   or where bodies may sleep: which ones do is not part of MuJoCo's state, so a run could not
  ///   be saved and resumed to the same bytes.
  init(owning model: UnsafeMutablePointer<mjModel>, source: String) throws(InputError) {
    let m = unsafe UnsafePointer(model)
    let nanoseconds = unsafe m.pointee.opt.timestep * 1e9
    let whole = nanoseconds.rounded()
    // A decimal timestep is off by its last bit only; a third of a second is off by much more.
    guard whole >= 1, whole < 1e15, abs(nanoseconds - whole) <= 1e-3 else {
      unsafe mj_deleteModel(model)
      throw InputError(
        file: source, field: "option.timestep", found: "\(nanoseconds) ns",
        expected: "a whole number of nanoseconds, at least 1")
    }
    let unsaved = Int32(mjENBL_SLEEP.rawValue | mjENBL_IPC.rawValue)
    guard unsafe m.pointee.opt.enableflags & unsaved == 0 else {
      unsafe mj_deleteModel(model)
      throw InputError(
        file: source, field: "option.flag", found: "sleep or ipc enabled",
        expected: "both disabled, so that a run can be saved")
    }
    unsafe pointer = m
    timestepNanoseconds = Int64(whole)
    bodies = unsafe readBodies(m)
    joints = unsafe readJoints(m)
    geoms = unsafe readGeoms(m)
    materials = unsafe readMaterials(m)
    sites = unsafe readSites(m)
    cameras = unsafe readCameras(m)
    actuators = unsafe readActuators(m)
    sensors = unsafe readSensors(m)
    keyframes = unsafe readKeyframes(m)
    meshNames = unsafe (0..<Int(m.pointee.nmesh)).map { unsafe name(m, mjOBJ_MESH, $0) }
    referencePositions = unsafe array(m.pointee.qpos0, 0, Int(m.pointee.nq))
  }

  deinit { unsafe mj_deleteModel(UnsafeMutablePointer(mutating: pointer)) }

  /// The version of MuJoCo; header and library must be of one version.
  package static var library: LibraryVersion {
    // mjVERSION_HEADER: three digits each for the minor version and the patch.
    let header = Int(mjVERSION_HEADER)
    let parts = [header / 1_000_000, header / 1000 % 1000, header % 1000]
    return LibraryVersion(
      name: "MuJoCo", header: parts.map(String.init).joined(separator: "."),
      loaded: unsafe String(cString: mj_versionString()))
  }

  /// The length of `qpos`.
  package var positionCount: Int { unsafe Int(pointer.pointee.nq) }
  /// The length of `qvel`: the number of degrees of freedom.
  package var velocityCount: Int { unsafe Int(pointer.pointee.nv) }
  /// The length of `ctrl`.
  package var controlCount: Int { unsafe Int(pointer.pointee.nu) }
  /// The length of `sensordata`.
  package var sensorValueCount: Int { unsafe Int(pointer.pointee.nsensordata) }
  /// The acceleration of gravity in the world, metres per second squared.
  package var gravity: SIMD3<Double> {
    let g = unsafe pointer.pointee.opt.gravity
    return SIMD3(g.0, g.1, g.2)
  }

}

// MARK: - Reading rows

private func name(_ m: UnsafePointer<mjModel>, _ kind: mjtObj, _ row: Int) -> String {
  let text = unsafe mj_id2name(m, Int32(kind.rawValue), Int32(row))
  guard let text = unsafe text else { return "" }
  return unsafe String(cString: text)
}

private func array<Value>(_ base: UnsafePointer<Value>?, _ start: Int, _ count: Int) -> [Value] {
  guard let base = unsafe base else { return [] }
  return unsafe Array(UnsafeBufferPointer(start: base + start, count: count))
}

private func vector(_ base: UnsafePointer<Double>, _ row: Int) -> SIMD3<Double> {
  unsafe SIMD3(base[3 * row], base[3 * row + 1], base[3 * row + 2])
}

private func transform(
  _ positions: UnsafePointer<Double>, _ quaternions: UnsafePointer<Double>, _ row: Int
) -> RigidTransform {
  let q = unsafe quaternions + 4 * row
  return unsafe RigidTransform(
    rotation: Quaternion(wxyz: SIMD4(q[0], q[1], q[2], q[3])),
    translation: vector(positions, row))
}

private func range(
  _ limited: Bool, _ bounds: UnsafePointer<Double>, _ row: Int
) -> ClosedRange<Double>? {
  let (low, high) = unsafe (bounds[2 * row], bounds[2 * row + 1])
  return limited && low <= high ? low...high : nil
}

// MARK: - Reading tables

private func readBodies(_ m: UnsafePointer<mjModel>) -> [Body] {
  unsafe (0..<Int(m.pointee.nbody)).map { row in
    let mocap = unsafe Int(m.pointee.body_mocapid[row])
    return unsafe Body(
      id: Body.ID(row), name: name(m, mjOBJ_BODY, row),
      parent: Body.ID(Int(m.pointee.body_parentid[row])),
      parentFromBody: transform(m.pointee.body_pos, m.pointee.body_quat, row),
      mass: m.pointee.body_mass[row], mocapIndex: mocap < 0 ? nil : mocap)
  }
}

private func readJoints(_ m: UnsafePointer<mjModel>) -> [Joint] {
  unsafe (0..<Int(m.pointee.njnt)).map { row in
    let kind: Joint.Kind =
      switch unsafe mjtJoint(UInt32(m.pointee.jnt_type[row])) {
      case mjJNT_FREE: .free
      case mjJNT_BALL: .ball
      case mjJNT_SLIDE: .slide
      default: .hinge
      }
    return unsafe Joint(
      id: Joint.ID(row), name: name(m, mjOBJ_JOINT, row), kind: kind,
      body: Body.ID(Int(m.pointee.jnt_bodyid[row])),
      positionAddress: Int(m.pointee.jnt_qposadr[row]),
      velocityAddress: Int(m.pointee.jnt_dofadr[row]),
      range: range(m.pointee.jnt_limited[row], m.pointee.jnt_range, row))
  }
}

private func readGeoms(_ m: UnsafePointer<mjModel>) -> [Geom] {
  unsafe (0..<Int(m.pointee.ngeom)).map { row in
    unsafe Geom(
      id: Geom.ID(row), name: name(m, mjOBJ_GEOM, row),
      body: Body.ID(Int(m.pointee.geom_bodyid[row])), shape: shape(m, row),
      size: vector(m.pointee.geom_size, row),
      bodyFromGeom: transform(m.pointee.geom_pos, m.pointee.geom_quat, row),
      rgba: colour(m, row), material: materialID(m, row), group: Int(m.pointee.geom_group[row]),
      collides: m.pointee.geom_contype[row] != 0 || m.pointee.geom_conaffinity[row] != 0)
  }
}

private func shape(_ m: UnsafePointer<mjModel>, _ row: Int) -> Shape {
  let size = unsafe vector(m.pointee.geom_size, row)
  switch unsafe mjtGeom(UInt32(m.pointee.geom_type[row])) {
  case mjGEOM_PLANE: return .plane(halfX: size.x, halfY: size.y)
  case mjGEOM_SPHERE: return .sphere(radius: size.x)
  case mjGEOM_CAPSULE: return .capsule(radius: size.x, halfLength: size.y)
  case mjGEOM_ELLIPSOID: return .ellipsoid(radii: size)
  case mjGEOM_CYLINDER: return .cylinder(radius: size.x, halfLength: size.y)
  case mjGEOM_BOX: return .box(halfSizes: size)
  case mjGEOM_MESH: return unsafe .mesh(name: name(m, mjOBJ_MESH, Int(m.pointee.geom_dataid[row])))
  default: return .other
  }
}

/// Resolves a geom's colour: its own where that differs from MuJoCo's default, else its material's
/// (XML reference, geom rgba).
private func colour(_ m: UnsafePointer<mjModel>, _ row: Int) -> SIMD4<Float> {
  let own = unsafe m.pointee.geom_rgba + 4 * row
  let rgba = unsafe SIMD4(own[0], own[1], own[2], own[3])
  let material = unsafe Int(m.pointee.geom_matid[row])
  guard material >= 0, rgba == SIMD4(0.5, 0.5, 0.5, 1) else { return rgba }
  let of = unsafe m.pointee.mat_rgba + 4 * material
  return unsafe SIMD4(of[0], of[1], of[2], of[3])
}

private func materialID(_ m: UnsafePointer<mjModel>, _ row: Int) -> Material.ID? {
  let material = unsafe Int(m.pointee.geom_matid[row])
  return material < 0 ? nil : Material.ID(material)
}

private func readMaterials(_ m: UnsafePointer<mjModel>) -> [Material] {
  unsafe (0..<Int(m.pointee.nmat)).map { row in
    // Of the pictures that a material may have, MuJoCo's renderer draws that of colour.
    let roles = Int(mjNTEXROLE.rawValue)
    let texture = unsafe Int(m.pointee.mat_texid[row * roles + Int(mjTEXROLE_RGB.rawValue)])
    return unsafe Material(
      id: Material.ID(row), name: name(m, mjOBJ_MATERIAL, row),
      texture: texture < 0 ? nil : texture,
      textureRepeat: SIMD2(m.pointee.mat_texrepeat[2 * row], m.pointee.mat_texrepeat[2 * row + 1]),
      isTextureUniform: m.pointee.mat_texuniform[row])
  }
}

private func readSites(_ m: UnsafePointer<mjModel>) -> [Site] {
  unsafe (0..<Int(m.pointee.nsite)).map { row in
    unsafe Site(
      id: Site.ID(row), name: name(m, mjOBJ_SITE, row),
      body: Body.ID(Int(m.pointee.site_bodyid[row])),
      bodyFromSite: transform(m.pointee.site_pos, m.pointee.site_quat, row))
  }
}

private func readCameras(_ m: UnsafePointer<mjModel>) -> [Camera] {
  unsafe (0..<Int(m.pointee.ncam)).map { row in
    unsafe Camera(
      id: Camera.ID(row), name: name(m, mjOBJ_CAMERA, row),
      body: Body.ID(Int(m.pointee.cam_bodyid[row])),
      bodyFromCamera: transform(m.pointee.cam_pos, m.pointee.cam_quat, row)
        * mujocoCameraFromCamera,
      verticalFieldOfView: m.pointee.cam_fovy[row].radiansFromDegrees)
  }
}

private func readActuators(_ m: UnsafePointer<mjModel>) -> [Actuator] {
  unsafe (0..<Int(m.pointee.nactuator)).map { row in
    let address = unsafe Int(m.pointee.actuator_ctrladr[row])
    let count = unsafe Int(m.pointee.actuator_ctrlnum[row])
    let target = unsafe mjtTrn(UInt32(m.pointee.actuator_trntype[row]))
    let drivesJoint = target == mjTRN_JOINT || target == mjTRN_JOINTINPARENT
    return unsafe Actuator(
      id: Actuator.ID(row), name: name(m, mjOBJ_ACTUATOR, row), controlAddress: address,
      controlCount: count,
      controlRange: count == 0
        ? nil
        : range(m.pointee.actuator_ctrllimited[address], m.pointee.actuator_ctrlrange, address),
      forceRange: range(
        m.pointee.actuator_forcelimited[row], m.pointee.actuator_forcerange, row),
      joint: drivesJoint ? Joint.ID(Int(m.pointee.actuator_trnid[2 * row])) : nil)
  }
}

private func readSensors(_ m: UnsafePointer<mjModel>) -> [Sensor] {
  unsafe (0..<Int(m.pointee.nsensor)).map { row in
    unsafe Sensor(
      id: Sensor.ID(row), name: name(m, mjOBJ_SENSOR, row),
      address: Int(m.pointee.sensor_adr[row]), count: Int(m.pointee.sensor_dim[row]))
  }
}

private func readKeyframes(_ m: UnsafePointer<mjModel>) -> [Keyframe] {
  let (nq, nu) = unsafe (Int(m.pointee.nq), Int(m.pointee.nu))
  return unsafe (0..<Int(m.pointee.nkey)).map { row in
    unsafe Keyframe(
      id: Keyframe.ID(row), name: name(m, mjOBJ_KEY, row),
      positions: array(m.pointee.key_qpos, row * nq, nq),
      controls: array(m.pointee.key_ctrl, row * nu, nu))
  }
}
