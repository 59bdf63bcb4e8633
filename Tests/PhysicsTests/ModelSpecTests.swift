// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Meshes
import Testing

@testable import Physics

@Suite struct `Model spec` {
  @Test func `attaches a copy under a prefix, at a pose`() throws {
    var world = try ModelSpec(xml: restingBox)
    let child = try ModelSpec(xml: arm)
    let quarterTurn = Quaternion(angle: .pi / 2, axis: SIMD3<Double>(0, 0, 1))
    for (prefix, x) in [("left-", -1.0), ("right-", 1.0)] {
      let pose = RigidTransform(rotation: quarterTurn, translation: SIMD3(x, 0, 0.5))
      try world.attach(child, at: .body("world", bodyFromChild: pose), prefix: prefix)
    }
    let model = try world.compile()
    #expect(
      model.actuators.map(\.name) == [
        "left-shoulder", "left-elbow", "right-shoulder", "right-elbow",
      ])
    let state = State(model)
    let tip = try #require(model.site(named: "right-tip"))
    // (0.7, 0, 1.05) in the arm's world, a quarter turn about z, then (1, 0, 0.5).
    #expect(length(state.worldFromSite(tip.id).translation - SIMD3(1, 0.7, 1.55)) < 1e-12)
    // The parent's keyframes have grown to the new size.
    #expect(model.keyframe(named: "aside")?.positions.count == 7 + 3 + 3)
    #expect(model.keyframe(named: "aside")?.positions.prefix(2) == [1, 2])
  }

  @Test func `attaches one body to a site`() throws {
    var world = try ModelSpec(xml: arm)
    let tool = try ModelSpec(xml: arm)
    try world.attach(tool, at: .site("tip"), prefix: "tool-", body: "fore")
    let model = try world.compile()
    #expect(model.body(named: "tool-fore")?.parent == model.body(named: "fore")?.id)
    #expect(model.body(named: "tool-upper") == nil)
    #expect(model.actuator(named: "tool-elbow") != nil)
    #expect(model.actuator(named: "tool-shoulder") == nil)
  }

  @Test func `adds bodies of every shape`() throws {
    var world = ModelSpec()
    let shapes: [(Shape, volume: Double)] = [
      (.sphere(radius: 0.1), 4.0 / 3 * .pi * 1e-3),
      (.capsule(radius: 0.1, halfLength: 0.2), .pi * 1e-2 * (4.0 / 3 * 0.1 + 0.4)),
      (.ellipsoid(radii: SIMD3(0.1, 0.2, 0.3)), 4.0 / 3 * .pi * 6e-3),
      (.cylinder(radius: 0.1, halfLength: 0.2), .pi * 1e-2 * 0.4),
      (.box(halfSizes: SIMD3(0.1, 0.2, 0.3)), 8 * 6e-3),
    ]
    try world.add(GeomSpec(.plane(halfX: 2, halfY: 3), named: "floor"), to: "world")
    for (index, (shape, _)) in shapes.enumerated() {
      var geom = GeomSpec(shape, named: "geom\(index)")
      geom.mass = .density(500)
      geom.rgba = SIMD4(0, 1, 0, 1)
      try world.add(BodySpec(named: "body\(index)", motion: .free, geoms: [geom]))
    }
    let model = try world.compile()
    #expect(model.geoms[0].shape == .plane(halfX: 2, halfY: 3))
    #expect(model.velocityCount == 6 * shapes.count)
    for (index, (shape, volume)) in shapes.enumerated() {
      let geom = try #require(model.geom(named: "geom\(index)"))
      #expect(geom.shape == shape)
      #expect(geom.rgba == SIMD4(0, 1, 0, 1))
      #expect(abs(model.bodies[geom.body.index].mass - 500 * volume) < 1e-12)
      #expect(model.freeJoint(of: geom.body)?.name == "body\(index)")
    }
  }

  @Test func `gives a mesh back as it was drawn`() throws {
    // A wedge away from its centre of mass and principal axes, with flat normals.
    let corners: [SIMD3<Float>] = [
      SIMD3(1, 1, 1), SIMD3(3, 1, 1), SIMD3(1, 2, 1), SIMD3(1, 1, 1.5),
    ]
    let faces: [(Int, Int, Int)] = [(0, 2, 1), (0, 1, 3), (0, 3, 2), (1, 2, 3)]
    var mesh = TriangleMesh(positions: [], indices: [])
    for face in faces {
      let (a, b, c) = (corners[face.0], corners[face.1], corners[face.2])
      mesh.indices += (0..<3).map { UInt32(mesh.positions.count + $0) }
      mesh.positions += [a, b, c]
      mesh.normals += Array(repeating: normalize(cross(b - a, c - a)), count: 3)
    }
    var world = ModelSpec()
    try world.addMesh(mesh, named: "wedge")
    var geom = GeomSpec(.mesh(name: "wedge"), named: "wedge")
    geom.mass = .mass(2)
    try world.add(BodySpec(named: "wedge", motion: .free, geoms: [geom]))
    let model = try world.compile()
    let found = try #require(model.geom(named: "wedge"))
    #expect(found.shape == .mesh(name: "wedge"))
    let seen = try #require(model.mesh(named: "wedge"))
    seen.checkInvariants()
    #expect(seen.triangleCount == 4)
    // Triangles keep their order; single-precision corners move by rounding only.
    for (index, (old, new)) in zip(mesh.indices, seen.indices).enumerated() {
      let inBody = found.bodyFromGeom * SIMD3<Double>(seen.positions[Int(new)])
      #expect(length(inBody - SIMD3<Double>(mesh.positions[Int(old)])) < 1e-6, "corner \(index)")
      let normal = found.bodyFromGeom.rotation.rotate(SIMD3<Double>(seen.normals[Int(new)]))
      #expect(length(normal - SIMD3<Double>(mesh.normals[Int(old)])) < 1e-6, "normal \(index)")
    }
    #expect(abs(model.bodies[1].mass - 2) < 1e-12)
  }

  @Test func `friction decides whether a box slides`() throws {
    func speed(friction: Double) throws -> Double {
      var world = ModelSpec()
      let tilt = Quaternion(angle: 0.3, axis: SIMD3<Double>(0, 1, 0))
      var floor = GeomSpec(.plane(halfX: 1, halfY: 1))
      floor.bodyFromGeom.rotation = tilt
      floor.contact.friction.x = friction
      try world.add(floor, to: "world")
      var box = GeomSpec(.box(halfSizes: SIMD3(repeating: 0.1)))
      box.contact.friction.x = friction
      let pose = RigidTransform(rotation: tilt, translation: tilt.rotate(SIMD3(0, 0, 0.1)))
      try world.add(BodySpec(named: "box", motion: .free, parentFromBody: pose, geoms: [box]))
      world.apply(PhysicsOptions(cone: .elliptic, frictionImpedanceRatio: 10, noSlipIterations: 5))
      var state = State(try world.compile())
      try state.step(250)
      return length(SIMD3(state[.qvel, 0], state[.qvel, 1], state[.qvel, 2]))
    }
    // tan 0.3 = 0.309. Below it, half a second of g (sin 0.3 - mu cos 0.3) = 1.962 m/s^2.
    #expect(try speed(friction: 0.4) < 1e-3)
    // The first steps settle into the floor, so a hundredth is left.
    #expect(abs(try speed(friction: 0.1) - 0.981) < 0.01)
  }

  @Test func `edits actuators, sites, cameras and welds`() throws {
    var world = try ModelSpec(xml: arm)
    try world.edit(
      actuator: "shoulder",
      ActuatorEdit(positionGain: 400, velocityGain: 40, forceRange: -30...30))
    let pose = RigidTransform(
      rotation: Quaternion(angle: 0.5, axis: SIMD3<Double>(1, 2, 3)),
      translation: SIMD3(0.1, 0.2, 0.3))
    try world.addSite(named: "mark", on: "fore", bodyFromSite: pose)
    try world.addCamera(named: "eye", on: "fore", bodyFromCamera: pose, verticalFieldOfView: 0.8)
    try world.add(
      BodySpec(
        named: "held", motion: .free, parentFromBody: RigidTransform(translation: SIMD3(2, 0, 1)),
        geoms: [GeomSpec(.sphere(radius: 0.02))]))
    try world.addWeld(named: "grip", between: "fore", and: "held")
    let model = try world.compile()
    #expect(model.actuator(named: "shoulder")?.forceRange == -30...30)
    #expect(model.actuator(named: "shoulder")?.controlRange == -1...1)
    #expect(model.actuator(named: "elbow")?.joint == model.joint(named: "elbow")?.id)
    var state = State(model)
    for (worldFromMade, name) in [
      (state.worldFromSite(try #require(model.site(named: "mark")).id), "site"),
      (state.worldFromCamera(try #require(model.camera(named: "eye")).id), "camera"),
    ] {
      let fore = try #require(model.body(named: "fore")).id
      let bodyFromMade = state.worldFromBody(fore).inverse * worldFromMade
      #expect(length(bodyFromMade * SIMD3(1, 1, 1) - pose * SIMD3(1, 1, 1)) < 1e-12, "\(name)")
    }
    state[.ctrl, 0] = 0.1
    state[.qpos, 0] = 0.1
    try state.forward()
    // At the target and at rest, a servo gives no force.
    #expect(abs(state[.actuatorForce, 0]) < 1e-12)
    state[.qpos, 0] = 0.15
    try state.forward()
    #expect(abs(state[.actuatorForce, 0] - -400 * 0.05) < 1e-9)
    state[.qpos, 0] = 0.5
    try state.forward()
    #expect(state[.actuatorForce, 0] == -30)
  }

  @Test func `a weld carries its body along`() throws {
    var world = try ModelSpec(xml: arm)
    var ball = GeomSpec(.sphere(radius: 0.02))
    ball.mass = .mass(0.01)
    let pose = RigidTransform(translation: SIMD3(0.7, 0, 1.1))
    try world.add(BodySpec(named: "held", motion: .free, parentFromBody: pose, geoms: [ball]))
    try world.addWeld(named: "grip", between: "fore", and: "held")
    var state = State(try world.compile())
    let held = try #require(state.model.body(named: "held")).id
    let fore = try #require(state.model.body(named: "fore")).id
    let before = state.worldFromBody(fore).inverse * state.worldFromBody(held)
    try state.step(200)
    state.refreshPoses()
    #expect(abs(state[.qpos, 0]) > 0.05)
    let after = state.worldFromBody(fore).inverse * state.worldFromBody(held)
    // Welds are soft: a light ball stays within a millimetre.
    #expect(length(after.translation - before.translation) < 1e-3)
  }

  @Test func `deletes elements and what refers to them`() throws {
    var world = try ModelSpec(xml: arm)
    try world.delete(.body, named: "fore")
    let model = try world.compile()
    #expect(model.joints.map(\.name) == ["shoulder"])
    #expect(model.actuators.map(\.name) == ["shoulder"])
    #expect(model.sensors.isEmpty && model.sites.isEmpty && model.cameras.isEmpty)
  }

  @Test func `moves mocap bodies where it is told`() throws {
    var world = ModelSpec()
    var ghost = GeomSpec(.sphere(radius: 0.1))
    ghost.contact = .none
    try world.add(BodySpec(named: "target", motion: .mocap, geoms: [ghost]))
    var state = State(try world.compile())
    let target = try #require(state.model.body(named: "target"))
    #expect(target.mocapIndex == 0)
    #expect(!state.model.geoms[0].collides)
    state.set(.mocapPositions, to: [1, 2, 3])
    state.refreshPoses()
    #expect(state.worldFromBody(target.id).translation == SIMD3(1, 2, 3))
  }
}
