// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
package import Physics

/// Whether an object has come to rest in a place, as physics sees it and not as a script believes.
///
/// Asked once a control tick. The object counts as placed when, for `restTicks` in a row,
///
/// - its origin is over the place's rest area, inside the walls or the rim, and no higher than
///   where the object can stand on the floor (`PlaceGeometry.surrounds`);
/// - the place's floor presses against it, and besides the place nothing touches it: no table, no
///   scenery, no other thing, no robot, so that the place carries it alone;
/// - it neither moves nor turns.
///
/// To lean on a wall is allowed as long as the floor carries too: things in a bowl do lean, and one
/// that hangs on the wall, or lies across the rim, does not press on the floor.
package struct PlacementJudge: Sendable {
  /// The speed below which an object rests, metres per second.
  package static let restSpeed = 0.01
  /// The turning speed below which an object rests, radians per second: 5 mm/s at a ball's rim.
  package static let restTurningSpeed = 0.3

  private let object: Body.ID
  private let objectGeometry: ObjectGeometry
  private let place: Body.ID
  private let placeGeometry: PlaceGeometry
  private let restTicks: Int
  /// What each geom of the world belongs to.
  private let owners: [Owner]
  private var restedTicks = 0

  private enum Owner: Sendable { case object, floor, wall, other }

  /// Makes a judge for one episode.
  ///
  /// - Parameters:
  ///   - model: The world.
  ///   - object: The body to be placed, as `ModelSpec.add` made it, and its extents.
  ///   - place: The body that it is to rest on, as `ModelSpec.add` made it, and its extents.
  ///   - restTicks: How many ticks in a row it must rest, such as 9 for 0.3 s at 30 Hz.
  package init(
    model: Model, object: (body: Body, geometry: ObjectGeometry),
    place: (body: Body, geometry: PlaceGeometry), restTicks: Int
  ) {
    (self.object, objectGeometry) = (object.body.id, object.geometry)
    (self.place, placeGeometry) = (place.body.id, place.geometry)
    self.restTicks = restTicks
    let floor = PropPart.geomName(0, of: place.body.name)
    owners = model.geoms.map { geom in
      if geom.body == object.body.id { return .object }
      guard geom.body == place.body.id else { return .other }
      return geom.name == floor ? .floor : .wall
    }
    precondition(owners.contains(.floor), "a place has a floor")
  }

  /// True where the object rests in the place, as of the last tick.
  package var isPlaced: Bool { restedTicks >= restTicks }

  /// Takes notice of a control tick, after its physics steps and with poses up to date.
  package mutating func observe(_ state: borrowing State) {
    restedTicks = isSeated(state) && isStill(state) && isCarriedByPlace(state) ? restedTicks + 1 : 0
  }

  private func isSeated(_ state: borrowing State) -> Bool {
    let placeFromObject = state.worldFromBody(place).inverse * state.worldFromBody(object)
    return placeGeometry.surrounds(objectGeometry, placeFromObject: placeFromObject)
  }

  private func isStill(_ state: borrowing State) -> Bool {
    let twist = state.velocity(of: object)
    return length(twist.linear) < Self.restSpeed && length(twist.angular) < Self.restTurningSpeed
  }

  /// Whether the floor presses against the object and nothing but the place touches it.
  private func isCarriedByPlace(_ state: borrowing State) -> Bool {
    var pressesOnFloor = false
    for contact in state.contacts() {
      let pair = (owner(of: contact.geoms.first), owner(of: contact.geoms.second))
      switch pair {
      case (.object, .floor), (.floor, .object):
        pressesOnFloor = pressesOnFloor || contact.forceInContact.x > 0
      case (.object, .other), (.other, .object): return false
      default: break
      }
    }
    return pressesOnFloor
  }

  /// A deformable body, which is no geom, is none of the place.
  private func owner(of geom: Geom.ID?) -> Owner { geom.map { owners[$0.index] } ?? .other }
}
