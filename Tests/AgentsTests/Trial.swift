// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Physics
import Randomness
import Simulation

@testable import Agents

/// One episode of the expert on a table with things, judged by physics.
struct Trial {
  /// Where the arm starts and ends, radians: -85, 50, 80 degrees hold the fingertips 113 mm over
  /// the table, clear of the tallest object wherever that stands.
  static let home = [0, -1.484, 0.873, 1.396, 0, 0.35]
  static let robot = SO101(prefix: "arm/")
  static let controlRate = 30
  static let physicsRate = 500

  var object: ObjectShape
  var place: PlaceShape
  /// Every thing on the table; the first is the object to be moved.
  var things: [Thing]
  var placePosition: SIMD2<Double>
  var placeYaw: Double
  /// The base of the robot, as in the tabletop world where the table is not turned.
  var worldFromBase = RigidTransform(translation: SIMD3(-0.22, 0, 0))
  /// How far the object is moved when the jaw begins to close for the first time, metres.
  var snatch: SIMD2<Double> = .zero
  /// Where the object is put in the place's frame when the hand rises from it for the first time.
  var misplacement: RigidTransform?

  struct Thing {
    var shape: ObjectShape
    var position: SIMD2<Double>
    var yaw: Double
    /// True where it starts on its side.
    var lies = false

    var worldFromThing: RigidTransform {
      let geometry = shape.geometry
      let turn = Quaternion(angle: yaw, axis: SIMD3(0, 0, 1))
      let tip = Quaternion(angle: lies ? Double.pi / 2 : 0, axis: SIMD3(0, 1, 0))
      let height = lies ? geometry.grasps[0].width / 2 : geometry.height / 2
      return RigidTransform(rotation: turn * tip, translation: SIMD3(position, height))
    }
  }

  /// What came of a trial.
  struct Result {
    var isPlaced: Bool
    var attemptCount: Int
    var tickCount: Int
    var missDistance: Double
    var phase: PickAndPlaceExpert.Phase
    var actions: [[Double]]
  }

  /// Draws a table: an object, a place and three other things, in reach and 15 mm apart.
  init(seed: UInt64, object: ObjectShape, place: PlaceShape) {
    self.object = object
    self.place = place
    var stream = RandomStream(seed: seed, purpose: "trial")
    var taken: [(SIMD2<Double>, Double)] = []
    let pan = SIMD2(worldFromBase.translation.x + 0.0388, worldFromBase.translation.y)
    func spot(_ radius: Double, _ distances: ClosedRange<Double>) -> SIMD2<Double>? {
      for _ in 0..<1000 {
        let (distance, angle) = (stream.uniform(in: distances), stream.uniform(in: -1.0...1.0))
        let spot = pan + distance * SIMD2(cos(angle), sin(angle))
        let isFree = taken.allSatisfy { other, otherRadius in
          ((spot - other) * (spot - other)).sum().squareRoot() > radius + otherRadius + 0.015
        }
        if isFree {
          taken.append((spot, radius))
          return spot
        }
      }
      return nil
    }
    placePosition = spot(place.geometry.footprintRadius, 0.17...0.24) ?? .zero
    placeYaw = stream.uniform(in: -0.5...0.5)
    things = []
    let others = stream.shuffled(ObjectShape.allCases.filter { $0 != object }).prefix(3)
    for shape in [object] + others {
      guard let position = spot(shape.geometry.footprintRadius, 0.145...0.265) else { continue }
      things.append(Thing(shape: shape, position: position, yaw: stream.uniform(in: -3.14...3.14)))
    }
  }

  /// Turns the robot and all that is on the table about the world's origin.
  mutating func turnTable(by angle: Double) {
    let turn = RigidTransform(rotation: Quaternion(angle: angle, axis: SIMD3(0, 0, 1)))
    func turned(_ position: SIMD2<Double>) -> SIMD2<Double> {
      let point = turn * SIMD3(position, 0)
      return SIMD2(point.x, point.y)
    }
    worldFromBase = turn * worldFromBase
    placePosition = turned(placePosition)
    placeYaw += angle
    for index in things.indices {
      things[index].position = turned(things[index].position)
      things[index].yaw += angle
    }
  }

  /// The world, compiled.
  func model(robotFile: String) throws -> Model {
    var arm = try ModelSpec(file: robotFile)
    try SO101.fit(&arm)
    var world = ModelSpec()
    world.apply(
      PhysicsOptions(
        timestepNanoseconds: Int64(1_000_000_000 / Self.physicsRate), integrator: .implicitFast,
        cone: .elliptic, frictionImpedanceRatio: 10))
    var table = GeomSpec(.box(halfSizes: SIMD3(0.5, 0.5, 0.02)), named: "table")
    table.bodyFromGeom = RigidTransform(translation: SIMD3(0, 0, -0.02))
    try world.add(table, to: "world")
    try world.attach(
      arm, at: .body("world", bodyFromChild: worldFromBase),
      prefix: Self.robot.prefix)
    for (index, thing) in things.enumerated() {
      try world.add(
        thing.shape.geometry, named: "thing\(index)", worldFromObject: thing.worldFromThing,
        rgba: SIMD4(0.8, 0.2, 0.2, 1))
    }
    try world.add(
      place.geometry, named: "place",
      worldFromPlace: RigidTransform(
        rotation: Quaternion(angle: placeYaw, axis: SIMD3(0, 0, 1)),
        translation: SIMD3(placePosition, 0)),
      rgba: SIMD4(0.2, 0.4, 0.8, 1))
    return try world.compile()
  }

  /// Lets the expert do it, for `seconds` at most.
  func run(robotFile: String, seconds: Int = 16) throws -> Result {
    let model = try model(robotFile: robotFile)
    let joints = try Self.robot.joints(in: model)
    let servos = try Self.robot.servos(in: model)
    let bodies = try self.things.indices.map { try body("thing\($0)", in: model) }
    let placeBody = try body("place", in: model)
    let (things, goal) = (bodies.map(\.id), placeBody.id)
    var state = State(model)
    for (joint, angle) in zip(joints, Self.home) { state[.qpos, joint.positionAddress] = angle }
    for (servo, angle) in zip(servos, Self.home) { state[.ctrl, servo.controlAddress] = angle }
    state.refreshPoses()
    var expert = try PickAndPlaceExpert(
      model: model, robot: Self.robot, object: object.geometry, place: place.geometry,
      controlRate: Self.controlRate)
    var judge = PlacementJudge(
      model: model, object: (bodies[0], object.geometry), place: (placeBody, place.geometry),
      restTicks: 9)
    var actions: [[Double]] = []
    var tick = 0
    var isSnatched = false
    var isMisplaced = misplacement == nil
    while tick < seconds * Self.controlRate && !(expert.isDone && judge.isPlaced) {
      let action = expert.action(for: observation(state, joints, things, goal))
      if expert.phase == .close && expert.attemptCount == 1 && !isSnatched {
        isSnatched = true
        move(things[0], by: snatch, in: &state)
      }
      if let misplacement, expert.phase == .rise && !isMisplaced {
        isMisplaced = true
        move(things[0], to: state.worldFromBody(goal) * misplacement, in: &state)
      }
      for (servo, target) in zip(servos, action) { state[.ctrl, servo.controlAddress] = target }
      actions.append(action)
      tick += 1
      try state.step(tick * Self.physicsRate / Self.controlRate - state.stepCount)
      state.refreshPoses()
      judge.observe(state)
    }
    let miss =
      state.worldFromBody(things[0]).translation - state.worldFromBody(goal).translation
    return Result(
      isPlaced: expert.isDone && judge.isPlaced, attemptCount: expert.attemptCount,
      tickCount: tick, missDistance: length(SIMD3(miss.x, miss.y, 0)), phase: expert.phase,
      actions: actions)
  }

  private func observation(
    _ state: borrowing State, _ joints: [Joint], _ bodies: [Body.ID], _ goal: Body.ID
  ) -> PickAndPlaceExpert.Observation {
    var obstacles: [PickAndPlaceExpert.Obstacle] = []
    for (thing, body) in zip(things, bodies).dropFirst() {
      let centre = state.worldFromBody(body).translation
      obstacles.append(
        .init(
          centreInWorld: SIMD2(centre.x, centre.y),
          radius: thing.shape.geometry.footprintRadius))
    }
    if place != .plate {
      obstacles.append(
        .init(centreInWorld: placePosition, radius: place.geometry.footprintRadius))
    }
    return PickAndPlaceExpert.Observation(
      jointPositions: joints.map { state[.qpos, $0.positionAddress] },
      worldFromObject: state.worldFromBody(bodies[0]), worldFromPlace: state.worldFromBody(goal),
      obstacles: obstacles)
  }

  private func move(_ body: Body.ID, to worldFromBody: RigidTransform, in state: inout State) {
    guard let joint = state.model.freeJoint(of: body) else { return }
    let (p, q) = (worldFromBody.translation, worldFromBody.rotation)
    for (index, number) in [p.x, p.y, p.z, q.w, q.x, q.y, q.z].enumerated() {
      state[.qpos, joint.positionAddress + index] = number
    }
    for index in 0..<6 { state[.qvel, joint.velocityAddress + index] = 0 }
  }

  private func move(_ body: Body.ID, by shift: SIMD2<Double>, in state: inout State) {
    guard let joint = state.model.freeJoint(of: body) else { return }
    state[.qpos, joint.positionAddress] += shift.x
    state[.qpos, joint.positionAddress + 1] += shift.y
  }

  private func body(_ name: String, in model: Model) throws -> Body {
    guard let body = model.body(named: name) else {
      throw InputError(file: "trial", field: "body", found: "no \(name)", expected: "its body")
    }
    return body
  }
}
