// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Long because all that touches mjSpec stands in one file. The C module is seen by five files only;
// Model.swift says which and why.
import CMuJoCo
package import Files
package import Geometry
package import Meshes

/// An editable physics world, before it is compiled: the owner of an `mjSpec`.
///
/// What is added or attached is found again by its name in the compiled `Model`. Every mistake
/// throws an `InputError` with MuJoCo's words on one line; an edit that threw may be half done.
@safe package struct ModelSpec: ~Copyable {
  /// The file it came from, or what stands for it in errors.
  package let source: String
  let spec: UnsafeMutablePointer<mjSpec>

  /// Makes a world with nothing in it.
  package init() {
    takeMuJoCoLog()
    guard let spec = unsafe mj_makeSpec() else { preconditionFailure("no memory for a spec") }
    unsafe self.init(owning: spec, source: "the world")
  }

  /// Reads an MJCF or URDF file; includes and asset folders are taken from where the file lies.
  package init(file: String) throws(InputError) {
    takeMuJoCoLog()
    var message = [CChar](repeating: 0, count: messageSize)
    let spec = unsafe mj_parseXML(file, nil, &message, Int32(messageSize))
    guard let spec = unsafe spec else { throw malformed(file, message) }
    unsafe self.init(owning: spec, source: file)
  }

  /// Reads MJCF from a string, which must not include files.
  ///
  /// Relative mesh files are looked for in `assetFolder`.
  package init(xml: String, assetFolder: String = "") throws(InputError) {
    takeMuJoCoLog()
    var message = [CChar](repeating: 0, count: messageSize)
    let spec = unsafe mj_parseXMLString(xml, nil, &message, Int32(messageSize))
    guard let spec = unsafe spec else { throw malformed("MJCF text", message) }
    unsafe mjs_setString(spec.pointee.modelfiledir, assetFolder)
    unsafe self.init(owning: spec, source: "MJCF text")
  }

  private init(owning spec: UnsafeMutablePointer<mjSpec>, source: String) {
    unsafe self.spec = spec
    self.source = source
    // Attached specs are copied in, so that parent and child stay apart.
    unsafe mjs_setDeepCopy(spec, 1)
  }

  deinit { unsafe mj_deleteSpec(spec) }

  /// Compiles the world.
  ///
  /// The spec may be edited and compiled again.
  /// - Throws: `InputError` with MuJoCo's message, or naming an option that cannot be served: a
  ///   timestep that is no whole number of nanoseconds, bodies that sleep.
  package mutating func compile() throws(InputError) -> Model {
    guard let model = unsafe mj_compile(spec, nil) else {
      throw problem("model", expected: "a world that MuJoCo compiles")
    }
    return try unsafe Model(owning: model, source: source)
  }

  /// What the last compilation or attachment found odd but let pass, one line each.
  package borrowing func warnings() -> [String] {
    unsafe (0..<mjs_numWarnings(spec)).map {
      unsafe oneLine(String(cString: mjs_getWarning(spec, $0)))
    }
  }

  // MARK: - Options

  /// Sets the solver's options.
  package mutating func apply(_ options: PhysicsOptions) {
    if let nanoseconds = options.timestepNanoseconds {
      precondition(nanoseconds > 0, "a step takes time")
      unsafe spec.pointee.option.timestep = Double(nanoseconds) / 1e9
    }
    if let integrator = options.integrator {
      let kind: mjtIntegrator =
        switch integrator {
        case .euler: mjINT_EULER
        case .rungeKutta4: mjINT_RK4
        case .implicit: mjINT_IMPLICIT
        case .implicitFast: mjINT_IMPLICITFAST
        }
      unsafe spec.pointee.option.integrator = Int32(kind.rawValue)
    }
    if let cone = options.cone {
      let kind = cone == .elliptic ? mjCONE_ELLIPTIC : mjCONE_PYRAMIDAL
      unsafe spec.pointee.option.cone = Int32(kind.rawValue)
    }
    if let ratio = options.frictionImpedanceRatio {
      precondition(ratio > 0, "an impedance ratio is positive")
      unsafe spec.pointee.option.impratio = ratio
    }
    if let iterations = options.noSlipIterations {
      precondition(iterations >= 0, "a number of iterations")
      unsafe spec.pointee.option.noslip_iterations = Int32(iterations)
    }
  }

  // MARK: - Attaching and deleting

  /// Copies a body of another world, or all of it, into this one.
  ///
  /// Everything that comes along (geoms, joints, actuators, meshes, keyframes) has `prefix` put
  /// before its name. The child's options (timestep, solver) do not come along.
  /// With `body` nil, everything on the child's world is taken.
  /// - Throws: `InputError` where the anchor or the body is missing; a name that is taken twice, or
  ///   a free joint below the world, fails in `compile`.
  package mutating func attach(
    _ child: borrowing ModelSpec, at anchor: Anchor, prefix: String, body: String? = nil
  ) throws(InputError) {
    var element = unsafe child.spec.pointee.element
    if let body {
      guard let found = unsafe mjs_findBody(child.spec, body) else {
        throw InputError(
          file: child.source, field: "body", found: "no \"\(body)\"", expected: "its name")
      }
      unsafe element = found.pointee.element
    }
    let parent = try unsafe anchorElement(anchor)
    guard let element = unsafe element, unsafe mjs_attach(parent, element, prefix, "") != nil else {
      throw problem("attach \(child.source)", expected: "a world that fits")
    }
  }

  private mutating func anchorElement(
    _ anchor: Anchor
  ) throws(InputError) -> UnsafeMutablePointer<mjsElement> {
    switch anchor {
    case .site(let name): return try unsafe element(mjOBJ_SITE, "site", name)
    case .body(let name, let bodyFromChild):
      try place("anchor on", name).requireRigid(bodyFromChild)
      guard let frame = unsafe mjs_addFrame(try findBody(name), nil) else {
        throw problem("frame on \(name)", expected: "a frame")
      }
      unsafe frame.pointee.pos = triple(bodyFromChild.translation)
      unsafe frame.pointee.quat = quadruple(bodyFromChild.rotation)
      return unsafe frame.pointee.element
    }
  }

  /// Deletes the element of this name and all that refers to it.
  ///
  /// - Throws: `InputError` where there is no such element.
  package mutating func delete(_ kind: ElementKind, named name: String) throws(InputError) {
    let type: mjtObj =
      switch kind {
      case .body: mjOBJ_BODY
      case .joint: mjOBJ_JOINT
      case .geom: mjOBJ_GEOM
      case .site: mjOBJ_SITE
      case .camera: mjOBJ_CAMERA
      case .actuator: mjOBJ_ACTUATOR
      case .keyframe: mjOBJ_KEY
      }
    guard unsafe mjs_delete(spec, try element(type, kind.rawValue, name)) == 0 else {
      throw problem("\(kind.rawValue) \(name)", expected: "an element that can be deleted")
    }
  }

  // MARK: - Adding

  /// Adds a body with its geoms and joint.
  ///
  /// - Throws: `InputError` where the parent is missing, a name is taken or a number is not finite.
  package mutating func add(_ body: BodySpec) throws(InputError) {
    try place("body", body.name).requireRigid(body.parentFromBody)
    guard let made = unsafe mjs_addBody(try findBody(body.parent), nil) else {
      throw problem("body \(body.name)", expected: "a body")
    }
    try unsafe setName(made.pointee.element, body.name, "body")
    unsafe made.pointee.pos = triple(body.parentFromBody.translation)
    unsafe made.pointee.quat = quadruple(body.parentFromBody.rotation)
    unsafe made.pointee.mocap = body.motion == .mocap
    if body.motion == .free {
      guard let joint = unsafe mjs_addFreeJoint(made) else {
        throw problem("joint of \(body.name)", expected: "a free joint")
      }
      try unsafe setName(joint.pointee.element, body.name, "joint")
    }
    for geom in body.geoms { try add(geom, to: body.name) }
  }

  /// Adds a geom to the body of this name; `"world"` is the fixed one.
  ///
  /// - Throws: `InputError` where the body is missing, the name is taken or a number is not finite.
  package mutating func add(_ geom: GeomSpec, to body: String) throws(InputError) {
    try geom.check(place("geom", geom.name.isEmpty ? "on \(body)" : geom.name))
    guard let made = unsafe mjs_addGeom(try findBody(body), nil) else {
      throw problem("geom on \(body)", expected: "a geom")
    }
    try unsafe setName(made.pointee.element, geom.name, "geom")
    unsafe made.pointee.pos = triple(geom.bodyFromGeom.translation)
    unsafe made.pointee.quat = quadruple(geom.bodyFromGeom.rotation)
    unsafe setShape(made, geom.shape)
    switch geom.mass {
    case .density(let density): unsafe made.pointee.density = density
    case .mass(let mass): unsafe made.pointee.mass = mass
    }
    unsafe made.pointee.contype = geom.contact.type
    unsafe made.pointee.conaffinity = geom.contact.affinity
    unsafe made.pointee.condim = geom.contact.dimension
    unsafe made.pointee.friction = triple(geom.contact.friction)
    unsafe made.pointee.rgba = (geom.rgba.x, geom.rgba.y, geom.rgba.z, geom.rgba.w)
    unsafe made.pointee.group = geom.group
  }

  /// Adds a named frame without mass to the body of this name.
  ///
  /// - Throws: `InputError` where the body is missing, the name is taken or a number is not finite.
  package mutating func addSite(
    named name: String, on body: String, bodyFromSite: RigidTransform
  ) throws(InputError) {
    try place("site", name).requireRigid(bodyFromSite)
    guard let made = unsafe mjs_addSite(try findBody(body), nil) else {
      throw problem("site on \(body)", expected: "a site")
    }
    try unsafe setName(made.pointee.element, name, "site")
    unsafe made.pointee.pos = triple(bodyFromSite.translation)
    unsafe made.pointee.quat = quadruple(bodyFromSite.rotation)
  }

  /// Adds a camera to the body of this name; its frame has x right, y down, z forward.
  ///
  /// The field of view is the full angle, radians.
  /// - Throws: `InputError` where the body is missing, the name is taken or a number is not finite.
  package mutating func addCamera(
    named name: String, on body: String, bodyFromCamera: RigidTransform,
    verticalFieldOfView: Double
  ) throws(InputError) {
    try place("camera", name).requireRigid(bodyFromCamera)
    try place("camera", name).requireFinite([verticalFieldOfView], "field of view")
    guard let made = unsafe mjs_addCamera(try findBody(body), nil) else {
      throw problem("camera on \(body)", expected: "a camera")
    }
    try unsafe setName(made.pointee.element, name, "camera")
    let bodyFromMujocoCamera = bodyFromCamera * mujocoCameraFromCamera.inverse
    unsafe made.pointee.pos = triple(bodyFromMujocoCamera.translation)
    unsafe made.pointee.quat = quadruple(bodyFromMujocoCamera.rotation)
    unsafe made.pointee.fovy = verticalFieldOfView.degreesFromRadians
  }

  /// Adds a mesh for geoms to show: its triangles are drawn, its convex hull collides.
  ///
  /// Mass and inertia are those of the hull, so open and crossing surfaces are welcome.
  /// - Throws: `InputError` where the name is taken. A mesh that is flat or has fewer than four
  ///   vertices fails in `compile`.
  package mutating func addMesh(_ mesh: TriangleMesh, named name: String) throws(InputError) {
    mesh.checkInvariants()
    guard let made = unsafe mjs_addMesh(spec, nil) else {
      throw problem("mesh \(name)", expected: "a mesh")
    }
    try unsafe setName(made.pointee.element, name, "mesh")
    let faces = mesh.indices.map { Int32(bitPattern: $0) }
    unsafe made.pointee.inertia = mjMESH_INERTIA_CONVEX
    unsafe setFloats(made.pointee.uservert, mesh.positions)
    unsafe mjs_setInt(made.pointee.userface, faces, Int32(faces.count))
    if !mesh.normals.isEmpty {
      unsafe setFloats(made.pointee.usernormal, mesh.normals)
      unsafe mjs_setInt(made.pointee.userfacenormal, faces, Int32(faces.count))
    }
  }

  /// Holds two bodies together as they are at the reference configuration.
  ///
  /// - Throws: `InputError` where the name is taken; a missing body fails in `compile`.
  package mutating func addWeld(
    named name: String, between first: String, and second: String
  ) throws(InputError) {
    guard let made = unsafe mjs_addEquality(spec, nil) else {
      throw problem("weld \(name)", expected: "a weld")
    }
    try unsafe setName(made.pointee.element, name, "weld")
    unsafe made.pointee.type = mjEQ_WELD
    unsafe made.pointee.objtype = mjOBJ_BODY
    // The default of all equalities is a joint's polynomial, whose 1 would be an anchor 1 m away.
    unsafe made.pointee.data.1 = 0
    // The torque's share of the constraint, as in MJCF.
    unsafe made.pointee.data.10 = 1
    unsafe mjs_setString(made.pointee.name1, first)
    unsafe mjs_setString(made.pointee.name2, second)
  }

  /// Changes an actuator.
  ///
  /// - Throws: `InputError` where there is none of this name, or where a gain is given and it is no
  ///   position servo (affine bias on a fixed gain).
  package mutating func edit(actuator name: String, _ edit: ActuatorEdit) throws(InputError) {
    guard let actuator = unsafe mjs_asActuator(try element(mjOBJ_ACTUATOR, "actuator", name)) else {
      throw problem("actuator \(name)", expected: "an actuator")
    }
    let numbers = [
      edit.positionGain, edit.velocityGain, edit.forceRange?.lowerBound,
      edit.forceRange?.upperBound,
    ]
    try place("actuator", name).requireFinite(numbers.compactMap(\.self), "setting")
    if edit.positionGain != nil || edit.velocityGain != nil {
      guard unsafe actuator.pointee.gaintype == mjGAIN_FIXED,
        unsafe actuator.pointee.biastype == mjBIAS_AFFINE
      else {
        throw InputError(
          file: source, field: "actuator \(name)", found: "a motor of another kind",
          expected: "a position servo")
      }
    }
    if let gain = edit.positionGain {
      unsafe actuator.pointee.gainprm.0 = gain
      unsafe actuator.pointee.biasprm.1 = -gain
    }
    if let gain = edit.velocityGain { unsafe actuator.pointee.biasprm.2 = -gain }
    if let range = edit.forceRange {
      unsafe actuator.pointee.forcelimited = mjLIMITED_TRUE
      unsafe actuator.pointee.forcerange = (range.lowerBound, range.upperBound)
    }
  }

  /// Lets the geoms that show one mesh on one body touch nothing any more; they are still seen.
  ///
  /// For concave meshes, whose convex hulls would fill the space that a hand closes around.
  /// - Throws: `InputError` where there is no such body, or no such geom on it.
  package mutating func disableContacts(
    ofMesh mesh: String, on body: String
  ) throws(InputError) {
    let owner = try unsafe findBody(body)
    var count = 0
    var next = unsafe mjs_firstChild(owner, mjOBJ_GEOM, 0)
    while let element = unsafe next {
      if let geom = unsafe mjs_asGeom(element), unsafe meshName(of: geom) == mesh {
        unsafe geom.pointee.contype = 0
        unsafe geom.pointee.conaffinity = 0
        count += 1
      }
      unsafe next = mjs_nextChild(owner, element, 0)
    }
    guard count > 0 else {
      throw InputError(
        file: source, field: "geom on \(body)", found: "none of mesh \"\(mesh)\"",
        expected: "the name of a mesh that the body shows")
    }
  }

  // MARK: - Finding

  private borrowing func place(_ kind: String, _ name: String) -> Place {
    Place(source: source, element: "\(kind) \(name)")
  }

  private borrowing func findBody(
    _ name: String
  ) throws(InputError) -> UnsafeMutablePointer<mjsBody> {
    guard let body = unsafe mjs_findBody(spec, name) else { throw missing("body", name) }
    return unsafe body
  }

  private borrowing func element(
    _ type: mjtObj, _ kind: String, _ name: String
  ) throws(InputError) -> UnsafeMutablePointer<mjsElement> {
    guard let found = unsafe mjs_findElement(spec, type, name) else { throw missing(kind, name) }
    return unsafe found
  }

  private borrowing func setName(
    _ element: UnsafeMutablePointer<mjsElement>, _ name: String, _ kind: String
  ) throws(InputError) {
    guard !name.isEmpty else { return }
    guard unsafe mjs_setName(element, name) == 0 else {
      throw problem("\(kind) \(name)", expected: "a name that is free")
    }
  }

  private borrowing func missing(_ kind: String, _ name: String) -> InputError {
    InputError(
      file: source, field: kind, found: "no \"\(name)\"", expected: "the name of a \(kind)")
  }

  private borrowing func problem(_ field: String, expected: String) -> InputError {
    let text = unsafe String(cString: mjs_getError(spec))
    return InputError(file: source, field: field, found: oneLine(text), expected: expected)
  }
}

private func malformed(_ file: String, _ message: [CChar]) -> InputError {
  let text = String(
    decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  return InputError(file: file, field: "MJCF", found: oneLine(text), expected: "a model")
}

private func triple(_ v: SIMD3<Double>) -> (Double, Double, Double) { (v.x, v.y, v.z) }

private func quadruple(_ q: Quaternion<Double>) -> (Double, Double, Double, Double) {
  (q.w, q.x, q.y, q.z)
}

private func setFloats(_ target: UnsafeMutableRawPointer?, _ vectors: [SIMD3<Float>]) {
  let numbers = vectors.flatMap { [$0.x, $0.y, $0.z] }
  unsafe mjs_setFloat(target, numbers, Int32(numbers.count))
}

private func setShape(_ geom: UnsafeMutablePointer<mjsGeom>, _ shape: Shape) {
  let (type, size): (mjtGeom, (Double, Double, Double)) =
    switch shape {
    // A plane's third number is the grid of MuJoCo's own renderer, metres.
    case .plane(let halfX, let halfY): (mjGEOM_PLANE, (halfX, halfY, 1))
    case .sphere(let radius): (mjGEOM_SPHERE, (radius, 0, 0))
    case .capsule(let radius, let halfLength): (mjGEOM_CAPSULE, (radius, halfLength, 0))
    case .ellipsoid(let radii): (mjGEOM_ELLIPSOID, triple(radii))
    case .cylinder(let radius, let halfLength): (mjGEOM_CYLINDER, (radius, halfLength, 0))
    case .box(let halfSizes): (mjGEOM_BOX, triple(halfSizes))
    case .mesh: (mjGEOM_MESH, (0, 0, 0))
    case .other: preconditionFailure("only shapes that can be described are added")
    }
  unsafe geom.pointee.type = type
  unsafe geom.pointee.size = size
  if case .mesh(let name) = shape { unsafe mjs_setString(geom.pointee.meshname, name) }
}

private func meshName(of geom: UnsafeMutablePointer<mjsGeom>) -> String {
  guard let text = unsafe geom.pointee.meshname, let name = unsafe mjs_getString(text) else {
    return ""
  }
  return unsafe String(cString: name)
}
