// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry

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
  /// The convex pieces.
  package let parts: [PropPart]
  /// The height of the surface that objects rest on, metres.
  package let floorHeight: Double
  /// How far from the middle an object's origin may rest to count as placed, metres.
  package let restRadius: Double
  /// The radius of the circle about the origin that holds the place, metres.
  package let footprintRadius: Double
  /// The height of the walls over the table, metres; the floor's where there are none.
  package let rimHeight: Double
  /// How far above the floor an object is let go, metres: more where fingers need room.
  package let releaseHeight: Double
  /// The angle about z after which the place looks the same, radians; nil where it is round.
  package let yawPeriod: Double?
}

extension PlaceShape {
  private static func makePlate() -> PlaceGeometry {
    let (radius, thickness) = (0.050, 0.003)
    let disc = PropPart(
      .cylinder(radius: radius, halfLength: thickness / 2),
      propFromPart: RigidTransform(translation: SIMD3(0, 0, thickness / 2)))
    return PlaceGeometry(
      parts: [disc], floorHeight: thickness, restRadius: radius, footprintRadius: radius,
      rimHeight: thickness, releaseHeight: 0.001, yawPeriod: nil)
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
      parts: parts, floorHeight: thickness, restRadius: halfY,
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
      parts: parts, floorHeight: 0.004, restRadius: 0.045, footprintRadius: rimRadius + 0.003,
      rimHeight: wallHeight + 0.002, releaseHeight: 0.010, yawPeriod: nil)
  }
}
