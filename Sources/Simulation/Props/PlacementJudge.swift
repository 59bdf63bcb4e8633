// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
package import Physics

/// Whether an object has come to rest in a place, as physics sees it and not as a script believes.
///
/// Asked once a control tick. The object counts as placed when, for `restTicks` in a row, its
/// origin stands within the place's `restRadius`, it touches the place, nothing of the robot
/// touches it, and it neither moves nor turns.
package struct PlacementJudge: Sendable {
  /// The speed below which an object rests, metres per second.
  package static let restSpeed = 0.01
  /// The turning speed below which an object rests, radians per second: 5 mm/s at a ball's rim.
  package static let restTurningSpeed = 0.3

  private let object: Body.ID
  private let place: Body.ID
  private let restRadius: Double
  private let restTicks: Int
  /// What each geom of the world belongs to.
  private let owners: [Owner]
  private var restedTicks = 0

  private enum Owner: Sendable { case object, place, robot, other }

  /// Makes a judge for one episode.
  ///
  /// - Parameters:
  ///   - model: The world.
  ///   - object: The body to be placed.
  ///   - place: The body that it is to rest on.
  ///   - geometry: The place's extents.
  ///   - robotBase: The robot's first body; all that hangs on it is the robot.
  ///   - restTicks: How many ticks in a row it must rest, such as 9 for 0.3 s at 30 Hz.
  package init(
    model: Model, object: Body.ID, place: Body.ID, geometry: PlaceGeometry, robotBase: Body.ID,
    restTicks: Int
  ) {
    self.object = object
    self.place = place
    restRadius = geometry.restRadius
    self.restTicks = restTicks
    var isRobot = [Bool](repeating: false, count: model.bodies.count)
    // Parents come before their children in the table.
    for body in model.bodies where body.id.index > 0 {
      isRobot[body.id.index] = body.id == robotBase || isRobot[body.parent.index]
    }
    owners = model.geoms.map { geom in
      if geom.body == object { return .object }
      if geom.body == place { return .place }
      return isRobot[geom.body.index] ? .robot : .other
    }
  }

  /// True where the object rests in the place, as of the last tick.
  package var isPlaced: Bool { restedTicks >= restTicks }

  /// Takes notice of a control tick, after its physics steps.
  package mutating func observe(_ state: borrowing State) {
    restedTicks = rests(state) ? restedTicks + 1 : 0
  }

  private func rests(_ state: borrowing State) -> Bool {
    let offset =
      state.worldFromBody(object).translation - state.worldFromBody(place).translation
    guard length(SIMD3(offset.x, offset.y, 0)) < restRadius else { return false }
    let twist = state.velocity(of: object)
    guard length(twist.linear) < Self.restSpeed, length(twist.angular) < Self.restTurningSpeed
    else { return false }
    var touchesPlace = false
    for contact in state.contacts() {
      guard let first = contact.geoms.first, let second = contact.geoms.second else { continue }
      let pair = (owners[first.index], owners[second.index])
      switch pair {
      case (.object, .robot), (.robot, .object): return false
      case (.object, .place), (.place, .object): touchesPlace = true
      default: break
      }
    }
    return touchesPlace
  }
}
