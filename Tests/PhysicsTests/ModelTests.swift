// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Images
import Meshes
import Testing

@testable import Physics

@Suite struct `Compiled model` {
  @Test func `lists what the file says`() throws {
    let model = try model(arm)
    #expect(model.timestepNanoseconds == 2_000_000)
    #expect(model.bodies.map(\.name) == ["world", "upper", "fore"])
    #expect(model.bodies[2].parent == model.bodies[1].id)
    #expect(model.joints.map(\.kind) == [.hinge, .hinge, .hinge])
    let shoulder = try #require(model.joint(named: "shoulder"))
    #expect(shoulder.range?.upperBound == .pi / 2)
    #expect(model.joint(named: "elbow")?.range == nil)
    #expect(model.joint(named: "elbow")?.velocityAddress == 1)
    #expect(model.sensor(named: "angle") == model.sensors[0])
    #expect(model.sensorValueCount == 1)
    #expect(model.controlCount == 2)
    #expect(model.gravity == SIMD3(0, 0, -9.81))
    #expect(model.body(named: "") == nil && model.geom(named: "nothing") == nil)
  }

  @Test func `resolves colours through materials`() throws {
    let model = try model(
      """
      <mujoco>
        <asset><material name="blue" rgba="0 0 1 0.5"/></asset>
        <worldbody>
          <geom name="of the material" size="1" material="blue" group="2" contype="0"/>
          <geom name="of its own" size="1" material="blue" rgba="1 0 0 1" conaffinity="0"/>
          <geom name="default" size="1" contype="0" conaffinity="0"/>
        </worldbody>
      </mujoco>
      """)
    #expect(model.geom(named: "of the material")?.rgba == SIMD4(0, 0, 1, 0.5))
    #expect(model.geom(named: "of the material")?.group == 2)
    #expect(model.geom(named: "of its own")?.rgba == SIMD4(1, 0, 0, 1))
    #expect(model.geom(named: "default")?.rgba == SIMD4(0.5, 0.5, 0.5, 1))
    #expect(model.geoms.map(\.collides) == [true, true, false])
  }

  @Test func `gives the pictures of materials, and where meshes lie on them`() throws {
    let model = try model(
      """
      <mujoco>
        <asset>
          <texture name="flat" type="2d" builtin="checker" rgb1="1 0 0" rgb2="0 0 1" width="4"
            height="2"/>
          <texture name="around" type="cube" builtin="flat" rgb1="0 1 0" rgb2="0 0 1" width="2"/>
          <texture type="skybox" builtin="flat" rgb1="1 1 1" width="2"/>
          <material name="tiled" texture="flat" texrepeat="3 5" texuniform="true"/>
          <material name="wrapped" texture="around"/>
          <material name="plain"/>
          <mesh name="fan" vertex="0 0 0  1 0 0  0 1 0  0 0 1" face="0 2 1  0 1 3  0 3 2  1 2 3"
            texcoord="0 0  1 0  0 1  0.25 0.5"/>
          <mesh name="bare" vertex="0 0 0  1 0 0  0 1 0  0 0 1"/>
        </asset>
        <worldbody>
          <geom name="a" type="mesh" mesh="fan" material="tiled"/>
          <geom name="b" size="1" material="wrapped"/>
          <geom name="c" size="1" material="plain"/>
          <geom name="d" type="mesh" mesh="bare"/>
        </worldbody>
      </mujoco>
      """)
    let ids = ["a", "b", "c", "d"].map { model.geom(named: $0)?.material }
    #expect(
      ids.map { $0.map { model.materials[$0.index].name } } == ["tiled", "wrapped", "plain", nil])
    let (tiled, wrapped) = (model.materials[0], model.materials[1])
    #expect(tiled.textureRepeat == SIMD2(3, 5) && tiled.isTextureUniform)
    #expect(wrapped.textureRepeat == SIMD2(1, 1) && !wrapped.isTextureUniform)
    #expect(model.materials[2].texture == nil)
    let flat = try #require(tiled.texture.flatMap { model.picture(ofTexture: $0) })
    let (red, blue): ([UInt8], [UInt8]) = ([255, 0, 0], [0, 0, 255])
    let rows = red + red + blue + blue + blue + blue + red + red
    #expect(flat == .flat(RGBImage(width: 4, height: 2, bytes: rows)))
    // Its lower side, -z, has the second colour.
    let around = try #require(wrapped.texture.flatMap { model.picture(ofTexture: $0) })
    guard case .cube(let sides) = around else {
      Issue.record("no cube")
      return
    }
    #expect(sides.map { Array($0.bytes.prefix(3)) }.filter { $0 == [0, 255, 0] }.count == 5)
    #expect(model.picture(ofTexture: 2) == nil)
    #expect(model.hasTextureCoordinates(meshAt: 0) && !model.hasTextureCoordinates(meshAt: 1))
    let mesh = model.mesh(at: 0, texture: MeshTexture(RGBImage(width: 1, height: 1)))
    mesh.checkInvariants()
    // v grows downwards in MJCF as in a picture: the origin of the mesh is the picture's corner.
    let geom = try #require(model.geom(named: "a"))
    for (position, place) in zip(mesh.positions, mesh.textureCoordinates) {
      let p = SIMD3<Float>(geom.bodyFromGeom * SIMD3<Double>(position))
      #expect(
        length(SIMD3(place.x, place.y, 0) - SIMD3(p.x + 0.25 * p.z, p.y + 0.5 * p.z, 0)) < 1e-6)
    }
  }

  @Test func `serves states on several threads`() async throws {
    let shared = try model(restingBox)
    var alone = State(shared)
    try alone.step(100)
    let expected = alone.snapshot()
    try await withThrowingTaskGroup(of: Snapshot.self) { group in
      for _ in 0..<4 {
        group.addTask {
          var state = State(shared)
          try state.step(100)
          return state.snapshot()
        }
      }
      for try await snapshot in group { #expect(snapshot == expected) }
    }
  }

  @Test(arguments: [
    ("<mujoco><worldbody><goem/></worldbody></mujoco>", "goem"),
    ("<mujoco><worldbody><geom size='-1'/></worldbody></mujoco>", "size"),
    (
      "<mujoco><worldbody><body><freejoint/><geom size='1' mass='-2'/></body></worldbody></mujoco>",
      "mass"
    ),
    (
      "<mujoco><asset><mesh file='no/such.stl'/></asset><worldbody/></mujoco>", "no/such.stl"
    ),
    ("<mujoco><option timestep='0.0333333333'/></mujoco>", "nanosecond"),
    ("<mujoco><option><flag sleep='enable'/></option></mujoco>", "sleep"),
    ("<mujoco", "XML"),
    ("", "XML"),
  ])
  func `says on one line what is wrong`(xml: String, word: String) throws {
    let error = #expect(throws: InputError.self) { _ = try model(xml) }
    let line = try #require(error).description
    #expect(line.contains(word), "\(line)")
    #expect(!line.contains("\n"))
    #expect(line.hasPrefix("MJCF text: "))
  }

  @Test func `names the file that is missing`() throws {
    let error = #expect(throws: InputError.self) { _ = try ModelSpec(file: "/no/such.xml") }
    #expect(error?.file == "/no/such.xml")
    #expect(error?.description.contains("\n") == false)
  }

  @Test func `names the element that is missing or taken`() throws {
    var world = try ModelSpec(xml: restingBox)
    let child = try ModelSpec(xml: restingBox)
    let attempts: [(String, InputError?)] = [
      ("body", #expect(throws: InputError.self) { try world.delete(.body, named: "nobody") }),
      ("geom", #expect(throws: InputError.self) { try world.delete(.geom, named: "nobody") }),
      (
        "nobody",
        #expect(throws: InputError.self) { try world.edit(actuator: "nobody", ActuatorEdit()) }
      ),
      ("box", #expect(throws: InputError.self) { try world.add(BodySpec(named: "box")) }),
      (
        "box",
        #expect(throws: InputError.self) {
          var twice = try ModelSpec(xml: restingBox)
          let frame = ModelSpec.Anchor.body("world", bodyFromChild: .identity)
          try twice.attach(child, at: frame, prefix: "")
          _ = try twice.compile()
        }
      ),
      (
        "nobody",
        #expect(throws: InputError.self) {
          try world.attach(child, at: .site("nobody"), prefix: "x")
        }
      ),
    ]
    for (word, error) in attempts {
      let line = try #require(error).description
      #expect(line.contains(word) && !line.contains("\n"), "\(line)")
    }
  }

  @Test func `refuses numbers that are not finite`() throws {
    let sphere = GeomSpec(.sphere(radius: 1), named: "ball")
    var (shape, place, mass, friction) = (sphere, sphere, sphere, sphere)
    shape.shape = .box(halfSizes: SIMD3(1, .infinity, 1))
    place.bodyFromGeom.translation.y = .nan
    mass.mass = .mass(.nan)
    friction.contact.friction.z = .nan
    for (geom, word) in [
      (shape, "size"), (place, "pose"), (mass, "mass"), (friction, "friction"),
    ] {
      var world = ModelSpec()
      let error = #expect(throws: InputError.self) { try world.add(geom, to: "world") }
      #expect(error?.field == "geom ball \(word)")
    }
    var world = ModelSpec()
    let none = RigidTransform(rotation: Quaternion(w: 0, x: 0, y: 0, z: 0))
    let error = #expect(throws: InputError.self) {
      try world.add(BodySpec(named: "ball", parentFromBody: none))
    }
    #expect(error?.field == "body ball rotation")
  }

  @Test func `reads includes and meshes from where the file lies`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "diorama-physics-\(ProcessInfo.processInfo.processIdentifier)")
    let meshes = folder.appending(path: "meshes")
    try FileManager.default.createDirectory(at: meshes, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let tetrahedron = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n"
    try Data(tetrahedron.utf8).write(to: meshes.appending(path: "corner.obj"))
    let part = "<mujoco><worldbody><geom type='mesh' mesh='corner'/></worldbody></mujoco>"
    try Data(part.utf8).write(to: folder.appending(path: "part.xml"))
    let assets = "<compiler meshdir='meshes'/><asset><mesh file='corner.obj'/></asset>"
    let whole = folder.appending(path: "whole.xml")
    try Data("<mujoco>\(assets)<include file='part.xml'/></mujoco>".utf8).write(to: whole)
    var spec = try ModelSpec(file: whole.path)
    let model = try spec.compile()
    #expect(model.meshNames == ["corner"])
    #expect(model.mesh(named: "corner")?.triangleCount == 4)
    let text = "<mujoco>\(assets)<worldbody><geom type='mesh' mesh='corner'/></worldbody></mujoco>"
    var inline = try ModelSpec(xml: text, assetFolder: folder.path)
    #expect(try inline.compile().meshNames == ["corner"])
    // Meshes are found even when the world is a child of another.
    var parent = ModelSpec()
    let child = try ModelSpec(file: whole.path)
    try parent.attach(
      child, at: .body("world", bodyFromChild: .identity), prefix: "a-")
    #expect(try parent.compile().meshNames == ["a-corner"])
  }
}
