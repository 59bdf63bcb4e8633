// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Meshes
import Testing

@testable import Physics

private let robots =
  (ProcessInfo.processInfo.environment["DIORAMA_DATA"] ?? "../shared/data") + "/robots"

/// True where the robots are there, or must be.
private let robotsAreExpected =
  FileManager.default.fileExists(atPath: robots)
  || ProcessInfo.processInfo.environment["CI"] == "true"

@Suite(.enabled(if: robotsAreExpected, "no robots in \(robots); set DIORAMA_DATA"))
struct `Real robots` {
  @Test(arguments: [
    ("robotiq_2f85_mjcf/2f85.xml", 8, 1), ("skydio_x2_mjcf/x2.xml", 1, 4),
    ("crazyflie2_freejoint_mjcf/cf2.xml", 1, 4), ("iris_description_urdf/robots/iris.urdf", 4, 0),
  ])
  func `load, are seen and step`(path: String, joints: Int, actuators: Int) throws {
    var spec = try ModelSpec(file: "\(robots)/\(path)")
    let model = try spec.compile()
    #expect(model.joints.count == joints)
    #expect(model.actuators.count == actuators)
    for name in model.meshNames {
      let mesh = try #require(model.mesh(named: name))
      mesh.checkInvariants()
      #expect(mesh.triangleCount > 0)
      // Unit normals, to single precision.
      #expect(mesh.normals.allSatisfy { abs(length($0) - 1) < 1e-4 })
    }
    var state = State(model)
    if let first = model.keyframes.first { state.reset(to: first.id) }
    var noise = ControlNoise()
    try noise.drive(&state, steps: 100)
    #expect(state.values(of: .qpos).allSatisfy { $0.isFinite })
  }

  @Test func `a gripper attached to an arm closes`() throws {
    var world = try ModelSpec(xml: arm)
    let gripper = try ModelSpec(file: "\(robots)/robotiq_2f85_mjcf/2f85.xml")
    try world.attach(gripper, at: .site("tip"), prefix: "hand-")
    world.apply(PhysicsOptions(integrator: .implicitFast, cone: .elliptic))
    var state = State(try world.compile())
    let model = state.model
    let fingers = try #require(model.actuators.first { $0.name.hasPrefix("hand-") })
    let closed = try #require(fingers.controlRange).upperBound
    let left = try #require(model.body(named: "hand-left_pad")).id
    let right = try #require(model.body(named: "hand-right_pad")).id
    func opening() -> Double {
      length(state.worldFromBody(left).translation - state.worldFromBody(right).translation)
    }
    let before = opening()
    state[.ctrl, fingers.controlAddress] = closed
    try state.step(500)
    state.refreshPoses()
    // The 2F-85 opens 85 mm; half a second closes most of it.
    #expect(before - opening() > 0.05, "from \(before) to \(opening())")
  }
}
