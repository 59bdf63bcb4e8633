// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Physics
import Testing

@testable import Simulation

/// A place in the middle of a table, an object to be judged, and what else a test wants.
private struct Scene {
  var object = ObjectShape.cube.geometry
  var worldFromObject = RigidTransform.identity
  var place = PlaceShape.tray.geometry
  var placeYaw = 0.0
  /// Other objects and where they start.
  var others: [(ObjectGeometry, RigidTransform)] = []
  /// MJCF elements in the world body, such as a robot's fingers.
  var extra = ""
  var gravity = -10.0

  /// Puts an object down upright, its lowest point `lift` metres over the place's floor.
  init(
    _ shape: ObjectShape = .cube, in place: PlaceGeometry = PlaceShape.tray.geometry,
    at position: SIMD2<Double> = .zero, lift: Double = 0
  ) {
    object = shape.geometry
    self.place = place
    worldFromObject.translation = SIMD3(
      position, place.floorHeight + shape.geometry.height / 2 + lift)
  }
}

/// A scene that physics and the judge follow.
private struct Trial: ~Copyable {
  let object: Body
  private let joint: Joint
  var state: State
  var judge: PlacementJudge

  init(_ scene: Scene, restTicks: Int = 9) throws {
    var world = try ModelSpec(
      xml: """
        <mujoco><option gravity="0 0 \(scene.gravity)"/>
        <worldbody><geom name="table" type="plane" size="1 1 1"/>\(scene.extra)</worldbody></mujoco>
        """)
    let rgba = SIMD4<Float>(1, 0, 0, 1)
    try world.add(
      scene.object, named: "object", worldFromObject: scene.worldFromObject, rgba: rgba)
    for (index, (other, worldFromOther)) in scene.others.enumerated() {
      try world.add(other, named: "other-\(index)", worldFromObject: worldFromOther, rgba: rgba)
    }
    let turn = Quaternion(angle: scene.placeYaw, axis: SIMD3<Double>(0, 0, 1))
    try world.add(
      scene.place, named: "place", worldFromPlace: RigidTransform(rotation: turn), rgba: rgba)
    let model = try world.compile()
    let object = try #require(model.body(named: "object"))
    let place = try #require(model.body(named: "place"))
    let joint = try #require(model.freeJoint(of: object.id))
    judge = PlacementJudge(
      model: model, object: (object, scene.object), place: (place, scene.place),
      restTicks: restTicks)
    self.object = object
    self.joint = joint
    state = State(model)
  }

  /// Lets physics run for a tick of 1/30 s, or as many, and asks the judge after each.
  mutating func run(ticks: Int = 1) throws {
    for _ in 0..<ticks {
      try state.step(16)
      state.refreshPoses()
      judge.observe(state)
    }
  }

  /// Makes one step at this velocity, linear then angular, and asks the judge about it.
  mutating func run(at velocity: [Double]) throws {
    for (index, value) in velocity.enumerated() {
      state[.qvel, joint.velocityAddress + index] = value
    }
    try state.step()
    state.refreshPoses()
    judge.observe(state)
  }

  /// The names of what touches the object: a geom's, or its body's where it has none.
  var touching: Set<String> {
    var names: Set<String> = []
    for contact in state.contacts() {
      guard let first = contact.geoms.first, let second = contact.geoms.second else { continue }
      let geoms = [first, second].map { state.model.geoms[$0.index] }
      for (geom, other) in [(geoms[0], geoms[1]), (geoms[1], geoms[0])]
      where geom.body == object.id {
        names.insert(other.name.isEmpty ? state.model.bodies[other.body.index].name : other.name)
      }
    }
    return names
  }

  var speed: Double { length(state.velocity(of: object.id).linear) }
}

/// A place of plates one on the other and walls, its floor first.
private func place(
  _ parts: [PropPart], floorHeight: Double, restArea: PlaceGeometry.RestArea
) -> PlaceGeometry {
  PlaceGeometry(
    parts: parts, floorHeight: floorHeight, restArea: restArea, footprintRadius: 0.1,
    rimHeight: floorHeight, releaseHeight: 0.001, yawPeriod: nil)
}

@Suite struct `A placement judge` {
  @Test(arguments: ObjectShape.allCases, PlaceShape.allCases)
  func `sees what was dropped into a place`(_ object: ObjectShape, _ shape: PlaceShape) throws {
    var scene = Scene(object, in: shape.geometry, at: SIMD2(0.005, 0.003), lift: 0.010)
    scene.placeYaw = 0.7
    var trial = try Trial(scene)
    try trial.run(ticks: 90)
    #expect(trial.judge.isPlaced)
  }

  @Test(arguments: PlaceShape.allCases)
  func `does not see what was dropped beside it`(_ shape: PlaceShape) throws {
    var trial = try Trial(Scene(.cube, in: shape.geometry, at: SIMD2(0.15, 0), lift: 0.010))
    try trial.run(ticks: 60)
    #expect(!trial.judge.isPlaced && trial.touching == ["table"])
  }

  @Test func `waits until a ball lies still`() throws {
    var trial = try Trial(Scene(.ball, in: PlaceShape.bowl.geometry, at: SIMD2(0.02, 0)))
    try trial.run(at: [0.3, 0, 0, 0, 0, 0])
    try trial.run(ticks: 9)
    #expect(!trial.judge.isPlaced)
    try trial.run(ticks: 90)
    #expect(trial.judge.isPlaced)
  }

  @Test func `takes leaning on the wall of a bowl for placed, since the floor carries too`() throws
  {
    var scene = Scene(.block, in: PlaceShape.bowl.geometry)
    // One end on the floor, the other up the wall.
    scene.worldFromObject = RigidTransform(
      rotation: Quaternion(angle: -0.5, axis: SIMD3(0, 1, 0)), translation: SIMD3(0.018, 0, 0.036))
    var trial = try Trial(scene)
    try trial.run(ticks: 60)
    let upright = trial.state.worldFromBody(trial.object.id).rotation.rotate(SIMD3(0, 0, 1)).z
    #expect(upright < 0.98)
    #expect(trial.touching.contains("place/0") && trial.touching.count > 1)
    #expect(trial.judge.isPlaced)
  }

  // Each of these is a case that one condition alone refuses.

  @Test(arguments: [(0.0001, false), (-0.001, true)])
  func `does not see what a robot holds`(squeeze: Double, isPlaced: Bool) throws {
    var scene = Scene(.cube)
    // Two fingers of 4 mm on both sides of a cube of 30 mm.
    let x = 0.015 + 0.002 - squeeze
    scene.extra = [x, -x].map { x in
      "<body name='finger' pos='\(x) 0 0.02'><geom type='box' size='0.002 0.005 0.01'/></body>"
        .replacing("finger", with: x > 0 ? "finger" : "thumb")
    }.joined()
    var trial = try Trial(scene)
    try trial.run(ticks: 30)
    #expect(trial.speed < PlacementJudge.restSpeed)
    #expect(trial.touching == (isPlaced ? ["place/0"] : ["place/0", "finger", "thumb"]))
    #expect(trial.judge.isPlaced == isPlaced)
  }

  @Test(arguments: [
    ([0.02, 0, 0, 0, 0, 0], false), ([0.005, 0, 0, 0, 0, 0], true),
    ([0, 0, 0, 0, 0, 0.6], false), ([0, 0, 0, 0, 0, 0.15], true),
  ])
  func `does not see what slides or spins in place`(
    velocity: [Double], isPlaced: Bool
  ) throws {
    var trial = try Trial(Scene(.cube))
    for _ in 0..<9 { try trial.run(at: velocity) }
    #expect(trial.touching == ["place/0"])
    #expect(trial.judge.isPlaced == isPlaced)
  }

  @Test func `does not see what stands on a wall`() throws {
    // The middle of the tray's wall, 18 mm high.
    var scene = Scene(.can)
    scene.worldFromObject.translation = SIMD3(0, 0.0485, 0.018 + 0.026)
    var trial = try Trial(scene)
    try trial.run(ticks: 12)
    #expect(trial.touching.isDisjoint(with: ["place/0", "table"]) && !trial.touching.isEmpty)
    #expect(trial.speed < PlacementJudge.restSpeed)
    #expect(!trial.judge.isPlaced)
  }

  @Test func `does not see what lies across the walls of the tray`() throws {
    // Over a corner, its middle 20 mm inside both walls.
    var scene = Scene(.block)
    scene.worldFromObject = RigidTransform(
      rotation: Quaternion(angle: -Double.pi / 4, axis: SIMD3(0, 0, 1)),
      translation: SIMD3(0.037, 0.027, 0.018 + 0.0125))
    #expect(scene.place.surrounds(scene.object, placeFromObject: scene.worldFromObject))
    var trial = try Trial(scene)
    try trial.run(ticks: 30)
    #expect(trial.touching.isDisjoint(with: ["place/0", "table"]) && trial.touching.count == 2)
    #expect(trial.speed < PlacementJudge.restSpeed)
    #expect(!trial.judge.isPlaced)
  }

  @Test(arguments: [(0.001, false), (-0.001, true)])
  func `does not see what walls keep off the floor`(height: Double, isPlaced: Bool) throws {
    // Two rails along y, a millimetre higher than the floor or lower.
    let rails = [-0.01, 0.01].map { x in
      PropPart.box(0.002, 0.05, 0.001, at: SIMD3(x, 0, 0.003 + height - 0.001))
    }
    let floor = PropPart.box(0.05, 0.05, 0.0015, at: SIMD3(0, 0, 0.0015))
    let place = place([floor] + rails, floorHeight: 0.003, restArea: .disc(radius: 0.04))
    var trial = try Trial(Scene(.cube, in: place, lift: max(0, height)))
    try trial.run(ticks: 12)
    #expect(trial.touching == (isPlaced ? ["place/0"] : ["place/1", "place/2"]))
    #expect(trial.judge.isPlaced == isPlaced)
  }

  @Test(arguments: [(-10.0, true), (0.0, false)])
  func `does not see what only grazes the floor`(gravity: Double, isPlaced: Bool) throws {
    // A hundredth of a millimetre deep and coming out slower than what counts as moving: without
    // gravity there is a contact without a force.
    var scene = Scene(.cube, lift: -0.00001)
    scene.gravity = gravity
    var trial = try Trial(scene)
    let start = trial.state.snapshot()
    for _ in 0..<9 {
      try trial.state.restore(start)
      try trial.run(at: [0, 0, 0.009, 0, 0, 0])
      #expect(trial.touching == ["place/0"])
    }
    #expect(trial.judge.isPlaced == isPlaced)
  }

  @Test func `does not see what lies half on the table`() throws {
    // A disc of 12 mm in the middle of a rest area of 30: what lies across its edge tilts down.
    let disc = PropPart(
      .cylinder(radius: 0.012, halfLength: 0.0015),
      propFromPart: RigidTransform(translation: SIMD3(0, 0, 0.0015)))
    let place = place([disc], floorHeight: 0.003, restArea: .disc(radius: 0.030))
    var flat = try Trial(Scene(.block, in: place))
    try flat.run(ticks: 30)
    #expect(flat.judge.isPlaced && flat.touching == ["place/0"])
    var tilted = try Trial(Scene(.block, in: place, at: SIMD2(0.02, 0)))
    try tilted.run(ticks: 30)
    #expect(tilted.touching == ["place/0", "table"])
    #expect(tilted.speed < PlacementJudge.restSpeed)
    #expect(!tilted.judge.isPlaced)
  }

  @Test(arguments: [(0.034, true), (0.045, false)])
  func `does not see what is about to leave the plate`(x: Double, isPlaced: Bool) throws {
    var trial = try Trial(Scene(.cube, in: PlaceShape.plate.geometry, at: SIMD2(x, 0)))
    try trial.run(ticks: 12)
    #expect(trial.touching == ["place/0"])
    #expect(trial.judge.isPlaced == isPlaced)
  }

  @Test(arguments: [(SIMD2(0.0, 0.06), true), (SIMD2(0.06, 0), false)])
  func `measures in the place's own frame`(position: SIMD2<Double>, isPlaced: Bool) throws {
    // A square board with a rest area that is long along the board's x, which points north.
    let board = PropPart.box(0.1, 0.1, 0.0015, at: SIMD3(0, 0, 0.0015))
    let area = PlaceGeometry.RestArea.rectangle(halfSizes: SIMD2(0.09, 0.03))
    var scene = Scene(
      .cube, in: place([board], floorHeight: 0.003, restArea: area), at: position)
    scene.placeYaw = .pi / 2
    var trial = try Trial(scene)
    try trial.run(ticks: 12)
    #expect(trial.judge.isPlaced == isPlaced)
  }

  @Test func `does not see what another thing carries`() throws {
    let tray = PlaceShape.tray.geometry
    let cube = ObjectShape.cube.geometry
    // A block with one end on the tray's floor and the other on a cube that stands there.
    var scene = Scene(.block)
    scene.worldFromObject = RigidTransform(
      rotation: Quaternion(angle: -0.55, axis: SIMD3(0, 1, 0)),
      translation: SIMD3(0, 0, tray.floorHeight + 0.031))
    scene.others = [
      (cube, RigidTransform(translation: SIMD3(0.036, 0, tray.floorHeight + cube.height / 2)))
    ]
    var trial = try Trial(scene)
    try trial.run(ticks: 60)
    #expect(trial.touching == ["place/0", "other-0/0"])
    #expect(trial.speed < PlacementJudge.restSpeed)
    #expect(!trial.judge.isPlaced)
  }

  @Test func `does not see what stands on another thing in the tray`() throws {
    let tray = PlaceShape.tray.geometry
    let block = ObjectShape.block.geometry
    var scene = Scene(.ring, lift: block.height)
    scene.others = [
      (block, RigidTransform(translation: SIMD3(0, 0, tray.floorHeight + block.height / 2)))
    ]
    var trial = try Trial(scene)
    try trial.run(ticks: 30)
    #expect(trial.touching == ["other-0/0"])
    #expect(!trial.judge.isPlaced)
  }

  @Test func `begins anew when the rest is interrupted`() throws {
    var trial = try Trial(Scene(.cube))
    let still = [Double](repeating: 0, count: 6)
    for _ in 0..<8 { try trial.run(at: still) }
    #expect(!trial.judge.isPlaced)
    try trial.run(at: [0.05, 0, 0, 0, 0, 0])
    for _ in 0..<8 { try trial.run(at: still) }
    #expect(!trial.judge.isPlaced)
    try trial.run(at: still)
    #expect(trial.judge.isPlaced)
    // And it is no longer placed as soon as it moves.
    try trial.run(at: [0.05, 0, 0, 0, 0, 0])
    #expect(!trial.judge.isPlaced)
  }
}
