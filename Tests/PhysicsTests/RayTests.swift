// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Testing

@testable import Physics

@Suite struct `A ray` {
  /// The name and the distance of what a ray meets, or nil.
  private func cast(
    in state: borrowing State, from origin: SIMD3<Double>, towards direction: SIMD3<Double>
  ) -> (name: String, distance: Double)? {
    state.firstSurface(from: origin, towards: direction).map {
      (state.model.geoms[$0.geom.index].name, $0.distance)
    }
  }
  private let down = SIMD3<Double>(0, 0, -1)

  @Test func `ends on the first surface in its way`() throws {
    // The box is 0.2 m high and stands on the floor z = 0.
    let state = State(try model(restingBox))
    let onBox = cast(in: state, from: SIMD3(0.05, 0, 2), towards: down)
    #expect(onBox?.name == "box" && abs((onBox?.distance ?? 0) - 1.8) < 1e-12)
    let onFloor = cast(in: state, from: SIMD3(0.5, 0, 2), towards: down)
    #expect(onFloor?.name == "floor" && onFloor?.distance == 2)
    let up = cast(in: state, from: SIMD3(0, 0, 2), towards: -down)
    #expect(up == nil)
  }

  @Test func `measures in metres, however long its direction is`() throws {
    let state = State(try model(restingBox))
    for factor in [1e-3, 1, 1e3] {
      // Down a slope of 3 in 4 from a height of 3: 5 m to the floor.
      let hit = cast(in: state, from: SIMD3(-3.5, 0, 3), towards: SIMD3(4, 0, -3) * factor)
      #expect(abs((hit?.distance ?? 0) - 5) < 1e-12)
    }
  }

  @Test func `sees bodies where they are now`() throws {
    var state = State(try model(restingBox))
    state[.qpos, 0] = 0.7
    let before = cast(in: state, from: SIMD3(0.7, 0, 2), towards: down)
    #expect(before?.distance == 2)
    state.refreshPoses()
    let after = cast(in: state, from: SIMD3(0.7, 0, 2), towards: down)
    #expect(after?.name == "box" && abs((after?.distance ?? 0) - 1.8) < 1e-12)
  }
}
