// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Physics
import Testing

@testable import Simulation

@Suite struct `A prop part` {
  @Test func `has the volume of its form`() {
    #expect(abs(PropPart(.box(halfSizes: SIMD3(1, 2, 3))).volume - 48) < 1e-12)
    #expect(abs(PropPart(.cylinder(radius: 1, halfLength: 2)).volume - 4 * .pi) < 1e-12)
    #expect(abs(PropPart(.sphere(radius: 3)).volume - 36 * .pi) < 1e-12)
    let square = [SIMD2(0.0, 0), SIMD2(2, 0), SIMD2(2, 2), SIMD2(0, 2)]
    #expect(abs(PropPart(.prism(outline: square, halfLength: 0.5)).volume - 4) < 1e-12)
  }
}

/// How far a part reaches along a direction of the prop.
private func support(_ part: PropPart, along direction: SIMD3<Double>) -> Double {
  let local = part.propFromPart.rotation.conjugate.rotate(direction)
  let flat = (local.x * local.x + local.y * local.y).squareRoot()
  let reach: Double =
    switch part.form {
    case .box(let half): abs(local.x) * half.x + abs(local.y) * half.y + abs(local.z) * half.z
    case .cylinder(let radius, let half): flat * radius + abs(local.z) * half
    case .sphere(let radius): length(local) * radius
    case .prism(let outline, let half):
      (outline.map { $0.x * local.x + $0.y * local.y }.max() ?? 0) + abs(local.z) * half
    }
  return reach + dot(direction, part.propFromPart.translation)
}

private func extent(_ parts: [PropPart], along direction: SIMD3<Double>) -> Double {
  parts.map { support($0, along: direction) }.max() ?? 0
}

@Suite struct `An object` {
  @Test(arguments: ObjectShape.allCases)
  func `is as tall and as wide as it says`(_ shape: ObjectShape) {
    let object = shape.geometry
    #expect(abs(extent(object.parts, along: SIMD3(0, 0, 1)) - object.height / 2) < 1e-9)
    #expect(abs(extent(object.parts, along: SIMD3(0, 0, -1)) - object.height / 2) < 1e-9)
    for degree in 0..<360 {
      let angle = Double(degree).radiansFromDegrees
      let reach = extent(object.parts, along: SIMD3(cos(angle), sin(angle), 0))
      #expect(reach <= object.footprintRadius + 1e-4)
    }
  }

  @Test(arguments: ObjectShape.allCases)
  func `is as wide between the pads as each grasp says, and fits the jaw`(_ shape: ObjectShape) {
    let object = shape.geometry
    #expect(!object.grasps.isEmpty)
    for grasp in object.grasps {
      let yaw = grasp.jawYaw ?? 1.234
      let across = SIMD3(cos(yaw), sin(yaw), 0)
      let width = extent(object.parts, along: across) + extent(object.parts, along: -across)
      // Staves are flat where a tube is round; their edges stand out by under 0.1 mm.
      #expect(abs(width - grasp.width) < 2e-4)
      #expect((0.015...0.045).contains(grasp.width))
    }
  }

  @Test(arguments: ObjectShape.allCases)
  func `weighs what it says and stands where it is put`(_ shape: ObjectShape) throws {
    let object = shape.geometry
    var world = try ModelSpec(
      xml: "<mujoco><worldbody><geom type='plane' size='1 1 1'/></worldbody></mujoco>")
    let start = RigidTransform(translation: SIMD3(0.1, 0.2, object.height / 2))
    try world.add(object, named: "it", worldFromObject: start, rgba: SIMD4(1, 0, 0, 1))
    let model = try world.compile()
    let body = try #require(model.body(named: "it"))
    #expect(abs(body.mass - object.mass) < 1e-6)
    var state = State(model)
    try state.step(500)
    state.refreshPoses()
    let end = state.worldFromBody(body.id)
    // Contacts are soft: it sinks by less than 1 mm under its weight and stays upright.
    #expect(length(end.translation - start.translation) < 0.001)
    #expect(end.rotation.rotate(SIMD3(0, 0, 1)).z > 0.999)
  }
}

@Suite struct `A place` {
  @Test(arguments: PlaceShape.allCases)
  func `is as high and as wide as it says`(_ shape: PlaceShape) {
    let place = shape.geometry
    #expect(abs(extent(place.parts, along: SIMD3(0, 0, 1)) - place.rimHeight) < 0.001)
    // Nothing reaches below the table by more than the tilt of a bowl's stave.
    #expect(extent(place.parts, along: SIMD3(0, 0, -1)) < 0.001)
    for degree in 0..<360 {
      let angle = Double(degree).radiansFromDegrees
      let reach = extent(place.parts, along: SIMD3(cos(angle), sin(angle), 0))
      #expect(reach <= place.footprintRadius + 1e-3)
    }
    #expect(place.restRadius <= place.footprintRadius)
  }

  @Test(arguments: PlaceShape.allCases)
  func `keeps what is dropped into it, as the judge sees it`(_ shape: PlaceShape) throws {
    #expect(try isPlaced(.cube, shape, at: SIMD2(0.01, 0.005)))
    #expect(try !isPlaced(.cube, shape, at: SIMD2(0.15, 0)))
  }

  @Test func `holds a ball that rolls, once it lies still`() throws {
    #expect(try isPlaced(.ball, .bowl, at: SIMD2(0.02, 0)))
  }

  /// Drops an object 10 mm over a place's floor and asks the judge two seconds later.
  private func isPlaced(
    _ object: ObjectShape, _ place: PlaceShape, at position: SIMD2<Double>
  ) throws -> Bool {
    var world = try ModelSpec(
      xml: """
        <mujoco><worldbody><geom type='plane' size='1 1 1'/>
        <body name='robot' pos='0 0 5'><geom size='0.1'/></body></worldbody></mujoco>
        """)
    let geometry = place.geometry
    let height = geometry.floorHeight + 0.010 + object.geometry.height / 2
    try world.add(
      object.geometry, named: "object",
      worldFromObject: RigidTransform(translation: SIMD3(position, height)),
      rgba: SIMD4(1, 0, 0, 1))
    try world.add(
      geometry, named: "place", worldFromPlace: .identity, rgba: SIMD4(0, 0, 1, 1))
    let model = try world.compile()
    var judge = PlacementJudge(
      model: model, object: try #require(model.body(named: "object")).id,
      place: try #require(model.body(named: "place")).id, geometry: geometry,
      robotBase: try #require(model.body(named: "robot")).id, restTicks: 9)
    var state = State(model)
    for _ in 0..<60 {
      try state.step(16)
      judge.observe(state)
    }
    return judge.isPlaced
  }
}
