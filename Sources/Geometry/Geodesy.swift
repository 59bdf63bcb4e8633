// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The ellipsoid that GPS heights and latitudes refer to.
///
/// Source: NGA.STND.0036, "World Geodetic System 1984", table 3.1.
package enum WGS84 {
  /// The distance from the centre to the equator, metres.
  package static let semiMajorAxis = 6_378_137.0
  /// How much shorter the polar axis is, as a share of the semi-major axis.
  package static let flattening = 1 / 298.257_223_563
  /// The distance from the centre to a pole, metres.
  package static let semiMinorAxis = semiMajorAxis * (1 - flattening)
  /// The square of the first eccentricity.
  static let eccentricitySquared = flattening * (2 - flattening)
  /// The square of the second eccentricity.
  static let secondEccentricitySquared = eccentricitySquared / (1 - eccentricitySquared)
}

/// A place on or above the WGS84 ellipsoid.
package struct GeodeticPosition: Equatable, Sendable {
  /// The angle between the equator and the ellipsoid's normal, radians, -pi/2...pi/2, north
  /// positive.
  package var latitude: Double
  /// The angle from the Greenwich meridian, radians, east positive.
  package var longitude: Double
  /// The distance above the ellipsoid (not above sea level), metres.
  package var height: Double

  /// Makes a position from its three coordinates, radians and metres.
  package init(latitude: Double, longitude: Double, height: Double) {
    self.latitude = latitude
    self.longitude = longitude
    self.height = height
  }

  /// Makes the position of a point in the earth-centred, earth-fixed frame, metres.
  ///
  /// Bowring's iteration on the reduced latitude (Survey Review 23, 1976), repeated until the last
  /// bit is still. The result is within 1e-8 m for heights above -5000 km; nearer the centre many
  /// normals meet and no single answer exists. At a pole the longitude is 0.
  package init(ecef point: SIMD3<Double>) {
    let (a, b) = (WGS84.semiMajorAxis, WGS84.semiMinorAxis)
    let axisDistance = hypot(point.x, point.y)
    var reduced = atan2(point.z * a, axisDistance * b)
    var latitude = 0.0
    for _ in 0..<Self.bowringRounds {
      let (s, c) = (sin(reduced), cos(reduced))
      latitude = atan2(
        point.z + WGS84.secondEccentricitySquared * b * s * s * s,
        axisDistance - WGS84.eccentricitySquared * a * c * c * c)
      reduced = atan2(b * sin(latitude), a * cos(latitude))
    }
    let (s, c) = (sin(latitude), cos(latitude))
    self.init(
      latitude: latitude, longitude: atan2(point.y, point.x),
      height: axisDistance * c + point.z * s
        - a * (1 - WGS84.eccentricitySquared * s * s).squareRoot())
  }

  /// The rounds after which Bowring's iteration no longer moves, with one to spare.
  private static let bowringRounds = 6

  /// The point in the earth-centred, earth-fixed frame, metres: x to Greenwich, z to the north
  /// pole.
  package var ecef: SIMD3<Double> {
    let (sinLatitude, cosLatitude) = (sin(latitude), cos(latitude))
    let e2 = WGS84.eccentricitySquared
    let normalRadius = WGS84.semiMajorAxis / (1 - e2 * sinLatitude * sinLatitude).squareRoot()
    return SIMD3(
      (normalRadius + height) * cosLatitude * cos(longitude),
      (normalRadius + height) * cosLatitude * sin(longitude),
      (normalRadius * (1 - e2) + height) * sinLatitude)
  }

  /// The transform from the local east-north-up frame with this position as its origin to ECEF.
  package var ecefFromENU: RigidTransform {
    let (sinLatitude, cosLatitude) = (sin(latitude), cos(latitude))
    let (sinLongitude, cosLongitude) = (sin(longitude), cos(longitude))
    let east = SIMD3(-sinLongitude, cosLongitude, 0)
    let north = SIMD3(-sinLatitude * cosLongitude, -sinLatitude * sinLongitude, cosLatitude)
    let up = SIMD3(cosLatitude * cosLongitude, cosLatitude * sinLongitude, sinLatitude)
    return RigidTransform(
      rotation: Quaternion(matrix: Matrix3(columns: east, north, up)), translation: ecef)
  }
}
