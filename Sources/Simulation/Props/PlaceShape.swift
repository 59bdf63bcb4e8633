// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Geometry

/// The kinds of place for an object, open from above; the raw value is the word in a world file.
package enum PlaceShape: String, CaseIterable, Sendable {
  /// A flat round plate.
  case plate
  /// A shallow rectangular tray with upright walls.
  case tray
  /// A round bowl with leaning walls.
  case bowl

  /// The parts and extents of the place.
  package var geometry: PlaceGeometry {
    switch self {
    case .plate: Self.makePlate()
    case .tray: Self.makeTray()
    case .bowl: Self.makeBowl()
    }
  }
}

/// What a `PlaceShape` is made of and where an object may rest in it.
///
/// Frame: origin on the table under the middle, z up.
package struct PlaceGeometry: Equatable, Sendable {
  /// The convex pieces, the floor that objects rest on first.
  package let parts: [PropPart]
  /// The height of the floor's surface, metres.
  package let floorHeight: Double
  /// Where over the floor an object's origin may rest to count as placed.
  package let restArea: RestArea
  /// The radius of the circle about the origin that holds the place, metres.
  package let footprintRadius: Double
  /// The height of the walls over the table, metres; the floor's where there are none.
  package let rimHeight: Double
  /// How far above the floor an object is let go, metres: more where fingers need room.
  package let releaseHeight: Double
  /// The angle about z after which the place looks the same, radians; nil where it is round.
  package let yawPeriod: Double?

  /// An area about the place's middle, metres.
  package enum RestArea: Equatable, Sendable {
    /// A disc.
    case disc(radius: Double)
    /// A rectangle along the place's axes.
    case rectangle(halfSizes: SIMD2<Double>)

    /// Whether a point of the place's plane lies inside.
    package func contains(_ point: SIMD2<Double>) -> Bool {
      switch self {
      case .disc(let radius): (point * point).sum() < radius * radius
      case .rectangle(let halfSizes): abs(point.x) < halfSizes.x && abs(point.y) < halfSizes.y
      }
    }
  }
}

extension PlaceGeometry {
  /// What soft contacts and a tilt by a grain may change of a height, metres.
  private static let heightTolerance = 0.002

  /// Whether an object's origin is over the rest area, and no higher than where it stands on the
  /// floor on one of its sides.
  package func surrounds(_ object: ObjectGeometry, placeFromObject: RigidTransform) -> Bool {
    let origin = placeFromObject.translation
    return restArea.contains(SIMD2(origin.x, origin.y))
      && origin.z < floorHeight + object.highestStand + Self.heightTolerance
  }

  /// Whether an object's lowest point is on the height of the floor.
  package func hasOnFloor(_ object: ObjectGeometry, placeFromObject: RigidTransform) -> Bool {
    let down = placeFromObject.rotation.conjugate.rotate(SIMD3(0, 0, -1))
    let lowest = placeFromObject.translation.z - object.reach(along: down)
    return abs(lowest - floorHeight) < Self.heightTolerance
  }
}

extension PlaceShape {
  private static func makePlate() -> PlaceGeometry {
    let (radius, thickness) = (0.050, 0.003)
    let disc = PropPart(
      .cylinder(radius: radius, halfLength: thickness / 2),
      propFromPart: RigidTransform(translation: SIMD3(0, 0, thickness / 2)))
    // A centimetre from the rim, nine tenths of the narrowest thing are still on the plate.
    return PlaceGeometry(
      parts: [disc], floorHeight: thickness, restArea: .disc(radius: radius - 0.010),
      footprintRadius: radius, rimHeight: thickness, releaseHeight: 0.001, yawPeriod: nil)
  }

  private static func makeTray() -> PlaceGeometry {
    let (halfX, halfY, thickness, rim) = (0.060, 0.050, 0.003, 0.018)
    var parts: [PropPart] = [
      .box(halfX, halfY, thickness / 2, at: SIMD3(0, 0, thickness / 2))
    ]
    for side in [-1.0, 1.0] {
      parts.append(
        .box(thickness / 2, halfY, rim / 2, at: SIMD3(side * (halfX - thickness / 2), 0, rim / 2)))
      parts.append(
        .box(halfX, thickness / 2, rim / 2, at: SIMD3(0, side * (halfY - thickness / 2), rim / 2)))
    }
    return PlaceGeometry(
      parts: parts, floorHeight: thickness,
      restArea: .rectangle(halfSizes: SIMD2(halfX - thickness, halfY - thickness)),
      footprintRadius: (halfX * halfX + halfY * halfY).squareRoot(), rimHeight: rim,
      releaseHeight: 0.003, yawPeriod: .pi)
  }

  private static func makeBowl() -> PlaceGeometry {
    let (floorRadius, rimRadius, wallHeight, thickness) = (0.040, 0.060, 0.028, 0.003)
    let count = 16
    var parts = [
      PropPart(
        .cylinder(radius: floorRadius + 0.002, halfLength: 0.002),
        propFromPart: RigidTransform(translation: SIMD3(0, 0, 0.002)))
    ]
    let flare = rimRadius - floorRadius
    let slant = (flare * flare + wallHeight * wallHeight).squareRoot()
    let lean = Quaternion(
      wxyz: SIMD4(
        (1 + wallHeight / slant).squareRoot(), 0, (1 - wallHeight / slant).squareRoot(), 0)
    ).normalized
    let half = Double.pi / Double(count)
    for index in 0..<count {
      let turn = 2 * half * Double(index)
      let middle = (floorRadius + rimRadius) / 2
      let stave = PropPart.Form.box(
        halfSizes: SIMD3(thickness / 2, rimRadius * tan(half), slant / 2))
      parts.append(
        PropPart(
          stave,
          propFromPart: RigidTransform(
            rotation: Quaternion(angle: turn, axis: SIMD3(0, 0, 1)) * lean,
            translation: SIMD3(middle * cos(turn), middle * sin(turn), wallHeight / 2 + 0.001))))
    }
    return PlaceGeometry(
      parts: parts, floorHeight: 0.004, restArea: .disc(radius: floorRadius),
      footprintRadius: rimRadius + 0.003, rimHeight: wallHeight + 0.002, releaseHeight: 0.010,
      yawPeriod: nil)
  }
}
