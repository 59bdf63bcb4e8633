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

  @Test func `reaches as far as its farthest point`() {
    let shift = SIMD3(10.0, 0, 0)
    // A quarter turn about z brings y to -x, one about y brings z to x.
    let aboutZ = RigidTransform(
      rotation: Quaternion(angle: .pi / 2, axis: SIMD3(0, 0, 1)), translation: shift)
    let aboutY = RigidTransform(
      rotation: Quaternion(angle: .pi / 2, axis: SIMD3(0, 1, 0)), translation: shift)
    let triangle = [SIMD2(2.0, 0), SIMD2(0, 1), SIMD2(-1, 0)]
    let reaches: [(PropPart.Form, RigidTransform, ahead: Double, behind: Double)] = [
      (.box(halfSizes: SIMD3(1, 2, 3)), aboutZ, 12, -8), (.sphere(radius: 3), aboutY, 13, -7),
      (.box(halfSizes: SIMD3(1, 2, 3)), aboutY, 13, -7),
      (.cylinder(radius: 1, halfLength: 4), aboutZ, 11, -9),
      (.cylinder(radius: 1, halfLength: 4), aboutY, 14, -6),
      (.prism(outline: triangle, halfLength: 5), aboutZ, 10, -9),
      (.prism(outline: triangle, halfLength: 5), aboutY, 15, -5),
    ]
    for (form, propFromPart, ahead, behind) in reaches {
      let part = PropPart(form, propFromPart: propFromPart)
      #expect(abs(part.reach(along: SIMD3(1, 0, 0)) - ahead) < 1e-12, "\(form)")
      #expect(abs(part.reach(along: SIMD3(-1, 0, 0)) - behind) < 1e-12, "\(form)")
    }
    // A unit cube's corner.
    let corner = PropPart(.box(halfSizes: SIMD3(1, 1, 1)))
    #expect(abs(corner.reach(along: normalize(SIMD3(1, 1, 1))) - 3.0.squareRoot()) < 1e-12)
  }
}

private func extent(_ parts: [PropPart], along direction: SIMD3<Double>) -> Double {
  parts.map { $0.reach(along: direction) }.max() ?? 0
}

@Suite struct `An object` {
  @Test func `stands no higher than on its longest side`() {
    // Half a can's height, half a block's length; the mug lies on its handle.
    #expect(abs(ObjectShape.can.geometry.highestStand - 0.026) < 1e-12)
    #expect(abs(ObjectShape.block.geometry.highestStand - 0.033) < 1e-12)
    #expect(abs(ObjectShape.mug.geometry.highestStand - 0.0315) < 1e-12)
  }

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
  }

  @Test(arguments: [
    (PlaceShape.plate, SIMD2(0.040, 0.040)), (.tray, SIMD2(0.057, 0.047)),
    (.bowl, SIMD2(0.040, 0.040)),
  ])
  func `has a floor under its rest area, which ends where it should`(
    _ shape: PlaceShape, _ halfSizes: SIMD2<Double>
  ) throws {
    let place = shape.geometry
    let floor = try #require(place.parts.first)
    #expect(abs(floor.reach(along: SIMD3(0, 0, 1)) - place.floorHeight) < 1e-12)
    // A centimetre from the plate's rim, at the tray's inner faces, where the bowl's walls begin.
    for side in [-1.0, 1] {
      for (axis, half) in [(SIMD2(1.0, 0), halfSizes.x), (SIMD2(0, 1.0), halfSizes.y)] {
        #expect(place.restArea.contains(axis * side * (half - 1e-6)))
        #expect(!place.restArea.contains(axis * side * (half + 1e-6)))
        #expect(floor.reach(along: SIMD3(axis * side, 0)) > half)
      }
    }
  }

  @Test func `surrounds what is over its rest area and as low as it can stand`() {
    let (tray, can) = (PlaceShape.tray.geometry, ObjectShape.can.geometry)
    func surrounds(_ x: Double, _ y: Double, height: Double) -> Bool {
      tray.surrounds(
        can, placeFromObject: RigidTransform(translation: SIMD3(x, y, tray.floorHeight + height)))
    }
    // A can stands 26 mm high, and 2 mm are tolerated.
    #expect(surrounds(0, 0, height: 0.026))
    #expect(surrounds(0, 0, height: 0.0279))
    #expect(!surrounds(0, 0, height: 0.0281))
    #expect(surrounds(0.056, 0.046, height: 0.026))
    #expect(!surrounds(0.056, 0.048, height: 0.026))
    #expect(!surrounds(0.058, 0.046, height: 0.026))
  }

  @Test func `has on its floor what reaches down to it, whichever way it lies`() {
    let (tray, can) = (PlaceShape.tray.geometry, ObjectShape.can.geometry)
    let lying = Quaternion(angle: Double.pi / 2, axis: SIMD3(1, 1, 0))
    let stands = [(Quaternion<Double>.identity, 0.026), (lying, 0.017)]
    for (rotation, height) in stands {
      for (lift, isOnFloor) in [(0.0, true), (0.0019, true), (0.0021, false), (-0.0021, false)] {
        let pose = RigidTransform(
          rotation: rotation, translation: SIMD3(0, 0, tray.floorHeight + height + lift))
        #expect(tray.hasOnFloor(can, placeFromObject: pose) == isOnFloor, "\(height), \(lift)")
      }
    }
  }
}
