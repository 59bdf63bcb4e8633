// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Agents
package import Files
package import Geometry
package import Physics
package import Simulation
package import Worlds

/// What happened in one attempt, control period by control period, before any picture is made.
///
/// Pictures are made afterwards from the poses, so an attempt that fails costs only its physics.
package struct Rollout: Sendable {
  /// One control period: what was seen at its start and what was done in it.
  package struct Period: Sendable {
    /// The joints in the order of `SO101.jointNames`, radians.
    package var jointPositions: [Double]
    /// The servo targets, radians.
    package var action: [Double]
    /// The object to be moved, in the world.
    package var worldFromObject: RigidTransform
    /// The place it is to go, in the world.
    package var worldFromPlace: RigidTransform
    /// Where each piece of `StageLooks` is.
    package var looks: [RigidTransform]
    /// Where each camera's carrier is, in the order of the world's cameras.
    package var carriers: [RigidTransform]
    /// Whether the object rests in its place at the period's end.
    package var isPlaced: Bool
  }
  /// The stage it happened on.
  package let stage: Stage
  /// What the stage looks like.
  package let looks: StageLooks
  /// The periods, at least one.
  package let periods: [Period]
  /// Whether the object rests in its place at the end, told by physics.
  package var isSuccess: Bool { periods.last?.isPlaced == true }
}

extension Rollout {
  /// Plays an attempt: physics and the scripted teacher, without pictures.
  ///
  /// - Parameters:
  ///   - draw: What was drawn for it.
  ///   - world: The rates, the robot and the cameras.
  ///   - robotSpec: The robot as `RobotFile.open` gives it.
  ///   - surroundings: What physics knows of the scene.
  ///   - wardrobe: The meshes shared by a run.
  /// - Returns: What happened, period by period.
  /// - Throws: `InputError` where the world cannot be built; physics that blows up ends the attempt
  ///   as a failure.
  /// - Complexity: a few thousand physics steps, about 0.1 s.
  package static func play(
    _ draw: EpisodeDraw, in world: World, robotSpec: borrowing ModelSpec,
    surroundings: Surroundings, wardrobe: MeshWardrobe
  ) throws(InputError) -> Rollout {
    let stage = try Stage(
      world: world, robotSpec: robotSpec, surroundings: surroundings, props: draw.placements)
    let looks = StageLooks(stage, wardrobe: wardrobe)
    var scene = try Rehearsal(draw, world, stage)
    var periods: [Period] = []
    for period in 0..<world.time.controlPeriodsPerEpisode {
      var record = scene.observe(looks)
      let hasActed = scene.act(&record, period)
      periods.append(record)
      if !hasActed || scene.isOver { break }
    }
    return Rollout(stage: stage, looks: looks, periods: periods)
  }
}

/// The moving parts of an attempt while it is played.
private struct Rehearsal: ~Copyable {
  let world: World
  let object: Body
  let place: Body
  let joints: [Joint]
  let servos: [Actuator]
  let carriers: [Body?]
  /// What the fingers should not stand on, and its radius, metres.
  let obstacles: [(body: Body, radius: Double)]
  var state: State
  var teacher: PickAndPlaceExpert
  var judge: PlacementJudge

  init(_ draw: EpisodeDraw, _ world: World, _ stage: Stage) throws(InputError) {
    guard let geometry = draw.objects[0].object, let goal = draw.places[0].place else {
      preconditionFailure("a draw names an object and a place of the catalogue")
    }
    // Everything that can throw comes before the first owner of memory is stored.
    let joints = try stage.robot.joints(in: stage.model)
    let servos = try stage.robot.servos(in: stage.model)
    let (carriers, strays) = world.carriers(in: stage.model)
    let (home, misfits) = world.home(of: joints)
    if let mistake = (strays + misfits).first { throw mistake }
    let teacher = try PickAndPlaceExpert(
      model: stage.model, robot: stage.robot, object: geometry, place: goal,
      controlRate: world.time.controlRate)
    self.world = world
    self.joints = joints
    self.servos = servos
    self.carriers = carriers
    self.teacher = teacher
    object = stage.props[0]
    place = stage.props[draw.objects.count]
    obstacles = zip(stage.props, draw.objects + draw.places).dropFirst().compactMap {
      // A flat place is no obstacle: fingers may stand on it.
      if let place = $1.place, place.rimHeight == place.floorHeight { return nil }
      return (body: $0, radius: $1.footprintRadius)
    }
    judge = PlacementJudge(
      model: stage.model, object: (object, geometry), place: (place, goal),
      restTicks: (Self.restNanoseconds * world.time.controlRate + 999_999_999) / 1_000_000_000)
    state = State(stage.model)
    settle(at: home)
  }

  /// How long an object must rest in its place.
  private static let restNanoseconds = 300_000_000

  /// Whether the teacher has gone home and the object rests in its place.
  var isOver: Bool { teacher.isDone && judge.isPlaced }

  /// Puts the arm at the angles, at rest.
  private mutating func settle(at home: [Double]) {
    for (index, angle) in home.enumerated() {
      state[.qpos, joints[index].positionAddress] = angle
      state[.ctrl, servos[index].controlAddress] = angle
    }
    state.refreshPoses()
  }

  /// Records what is seen at the start of a period.
  func observe(_ looks: StageLooks) -> Rollout.Period {
    Rollout.Period(
      jointPositions: joints.map { state[.qpos, $0.positionAddress] }, action: [],
      worldFromObject: state.worldFromBody(object.id),
      worldFromPlace: state.worldFromBody(place.id), looks: looks.poses(in: state),
      carriers: carriers.map { body in
        body.map { state.worldFromBody($0.id) } ?? .identity
      }, isPlaced: false)
  }

  /// Asks the teacher, moves the servos' targets and lets physics run to the next period.
  ///
  /// Returns false when physics failed; the period then counts as one without success.
  mutating func act(_ record: inout Rollout.Period, _ period: Int) -> Bool {
    record.action = teacher.action(
      for: PickAndPlaceExpert.Observation(
        jointPositions: record.jointPositions, worldFromObject: record.worldFromObject,
        worldFromPlace: record.worldFromPlace, obstacles: obstaclesNow()))
    for (servo, target) in zip(servos, record.action) {
      state[.ctrl, servo.controlAddress] = target
    }
    let (now, next) = (
      world.time.physicsStep(atControlPeriod: period),
      world.time.physicsStep(atControlPeriod: period + 1)
    )
    do throws(SimulationFailure) {
      try state.step(next - now)
    } catch {
      return false
    }
    state.refreshPoses()
    judge.observe(state)
    record.isPlaced = judge.isPlaced
    return true
  }

  private func obstaclesNow() -> [PickAndPlaceExpert.Obstacle] {
    obstacles.map { body, radius in
      let position = state.worldFromBody(body.id).translation
      return PickAndPlaceExpert.Obstacle(
        centreInWorld: SIMD2(position.x, position.y), radius: radius)
    }
  }
}

extension EpisodeDraw {
  /// The props in the order objects, then places; names are `object-N` and `place-N`.
  package var placements: [PropPlacement] {
    let objects = objects.enumerated().map { index, thing in
      guard let object = thing.object else {
        preconditionFailure("“\(thing.shape)” is no object")
      }
      return thing.placement(.object(object), named: "object-\(index)")
    }
    let places = places.enumerated().map { index, thing in
      guard let place = thing.place else { preconditionFailure("“\(thing.shape)” is no place") }
      return thing.placement(.place(place), named: "place-\(index)")
    }
    return objects + places
  }
}

extension DrawnThing {
  fileprivate func placement(_ prop: PropPlacement.Prop, named name: String) -> PropPlacement {
    PropPlacement(prop, named: name, at: position, yaw: yaw, colourSRGB: colourSRGB)
  }
}
