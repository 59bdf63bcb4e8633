// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Assets
import Files
import Foundation
import Geometry
import Testing

@testable import Physics

/// A robot of the registry as `diorama assets fetch` leaves it on this machine.
private func fetched(_ name: String) throws -> (asset: Asset, file: String) {
  let environment = ProcessInfo.processInfo.environment
  let folder = environment["DIORAMA_CACHE"] ?? NSHomeDirectory() + "/.cache/diorama/assets"
  let asset = try AssetRegistry.builtIn().asset(named: name)
  return (asset, try AssetCache(folder: folder).entry(of: asset))
}

/// True where these robots are there, or must be.
private func areExpected(_ names: String...) -> Bool {
  ProcessInfo.processInfo.environment["CI"] == "true"
    || names.allSatisfy { (try? fetched($0)) != nil }
}

/// What the registry says each of them needs, done with what `ModelSpec` offers.
@Suite struct `A fetched robot` {
  @Test(
    .enabled(
      if: areExpected("ur5e", "robotiq-2f85"),
      "no UR5e; fetch it with `diorama assets fetch ur5e`"))
  func `of arm and gripper closes its hand and holds its pose`() throws {
    let arm = try fetched("ur5e")
    let gripper = try #require(arm.asset.gripper)
    var world = try ModelSpec(file: arm.file)
    let hand = try ModelSpec(file: try fetched(gripper.asset).file)
    try world.attach(hand, at: .site(gripper.site), prefix: "hand/")
    world.apply(PhysicsOptions(cone: .elliptic, frictionImpedanceRatio: 10))
    let model = try world.compile()
    #expect(model.joints.count == 6 + 8 && model.actuators.count == 6 + 1)

    var state = State(model)
    state.reset(to: try #require(model.keyframe(named: "home")).id)
    let home = state.values(of: .qpos)
    let site = try #require(model.site(named: gripper.site)).id
    let before = state.worldFromSite(site)
    let fingers = try #require(model.actuator(named: "hand/fingers_actuator"))
    let left = try #require(model.body(named: "hand/left_pad")).id
    let right = try #require(model.body(named: "hand/right_pad")).id
    func opening() -> Double {
      length(state.worldFromBody(left).translation - state.worldFromBody(right).translation)
    }
    let open = opening()
    state[.ctrl, fingers.controlAddress] = try #require(fingers.controlRange).upperBound
    try state.step(500)
    state.refreshPoses()
    // The 2F-85 opens 85 mm and closes most of it in a second, while the arm's servos, which are
    // springs, give way to its kilogram by a centimetre.
    #expect(open - opening() > 0.05, "from \(open) to \(opening())")
    let after = state.worldFromSite(site)
    #expect(length(after.translation - before.translation) < 0.02)
    for joint in model.joints where !joint.name.hasPrefix("hand/") {
      let address = joint.positionAddress
      #expect(abs(state[.qpos, address] - home[address]) < 0.02, "\(joint.name)")
    }
  }

  @Test(
    .enabled(
      if: areExpected("crazyflie"), "no Crazyflie; fetch it with `diorama assets fetch crazyflie`"))
  func `that flies hovers on its weight and lands without thrust`() throws {
    let drone = try ModelSpec(file: try fetched("crazyflie").file)
    var world = ModelSpec()
    try world.add(GeomSpec(.plane(halfX: 1, halfY: 1), named: "floor"), to: "world")
    try world.add(
      BodySpec(
        named: "flyer", motion: .free,
        parentFromBody: RigidTransform(translation: SIMD3(0, 0, 0.5))))
    let here = ModelSpec.Anchor.body("flyer", bodyFromChild: .identity)
    try world.attach(drone, at: here, prefix: "cf/", body: "drone")
    let model = try world.compile()
    // The drone once, and not its fused double, with one free joint.
    #expect(model.bodies.filter { $0.name.hasPrefix("cf/drone") }.map(\.name) == ["cf/drone"])
    #expect(model.joints.map(\.kind) == [.free])
    let mass = model.bodies.reduce(0) { $0 + $1.mass }
    // The identified mass of the file.
    #expect(abs(mass - 0.0328) < 1e-9)

    var state = State(model)
    let body = try #require(model.body(named: "cf/drone")).id
    let height = state.worldFromBody(body).translation.z
    state[.xfrcApplied, 6 * body.index + 2] = mass * 9.81
    try state.step(500)
    state.refreshPoses()
    #expect(abs(state.worldFromBody(body).translation.z - height) < 1e-6)
    state[.xfrcApplied, 6 * body.index + 2] = 0
    try state.step(2000)
    state.refreshPoses()
    // It rests on the sphere it collides as: 70 mm around a point 5 mm above its middle.
    let rest = state.worldFromBody(body).translation.z
    #expect(abs(rest - 0.065) < 0.002, "\(rest)")
  }
}
