// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where the sun stands in the sky of a place.
///
/// The algorithm of NOAA's solar calculator, after Meeus, "Astronomical Algorithms" (1998), chapter
/// 25: within 0.01 degrees of the sun's true place from 1900 to 2100. Universal time counts as UTC.
package struct SunPosition: Equatable, Sendable {
  /// The angle from north over east, radians, 0..<2 pi.
  package let azimuth: Double
  /// The angle of the sun's middle above the horizon without the air, radians.
  package let elevation: Double
  /// The angle between the equator's plane and the sun, radians.
  let declination: Double

  /// Finds the sun.
  ///
  /// - Parameters:
  ///   - position: the place; its height does not matter.
  ///   - moment: the time.
  package init(at position: GeodeticPosition, _ moment: SceneMoment) {
    let days = Double(moment.milliseconds) / 86_400_000
    // Julian centuries since noon of 2000-01-01.
    let t = (days - 10_957.5) / 36_525
    let meanLongitude = (280.46646 + t * (36_000.76983 + t * 0.0003032)).inTurn
    let meanAnomaly = (357.52911 + t * (35_999.05029 - 0.0001537 * t)).radiansFromDegrees
    let centre =
      sin(meanAnomaly) * (1.914602 - t * (0.004817 + 0.000014 * t))
      + sin(2 * meanAnomaly) * (0.019993 - 0.000101 * t) + sin(3 * meanAnomaly) * 0.000289
    let node = (125.04 - 1934.136 * t).radiansFromDegrees
    let longitude = (meanLongitude + centre - 0.00569 - 0.00478 * sin(node)).radiansFromDegrees
    let meanObliquity =
      23 + (26 + (21.448 - t * (46.815 + t * (0.00059 - t * 0.001813))) / 60) / 60
    let obliquity = (meanObliquity + 0.00256 * cos(node)).radiansFromDegrees
    declination = asin(sin(obliquity) * sin(longitude))
    let rightAscension = atan2(cos(obliquity) * sin(longitude), cos(longitude))
    // The mean sidereal time at Greenwich, with the nutation that the apparent longitude has.
    let sidereal =
      280.46061837 + 360.98564736629 * (days - 10_957.5) + t * t * 0.000387933
      - 0.00478 * sin(node) * cos(obliquity)
    let hourAngle = sidereal.inTurn.radiansFromDegrees + position.longitude - rightAscension
    let (latitude, sine) = (position.latitude, sin(declination))
    let east = -cos(declination) * sin(hourAngle)
    let north =
      cos(latitude) * sine - sin(latitude) * cos(declination) * cos(hourAngle)
    let up = sin(latitude) * sine + cos(latitude) * cos(declination) * cos(hourAngle)
    elevation = atan2(up, hypot(east, north))
    let turn = atan2(east, north)
    azimuth = turn < 0 ? turn + 2 * .pi : turn
  }

  /// The angle at which the sun is seen: the air lifts it, by half a degree at the horizon.
  ///
  /// NOAA's approximation of the refraction, for air at sea level.
  package var apparentElevation: Double {
    let degrees = elevation * 180 / .pi
    guard degrees <= 85 else { return elevation }
    let t = tan(elevation)
    let seconds: Double
    if degrees > 5 {
      seconds = 58.1 / t - 0.07 / (t * t * t) + 0.000086 / (t * t * t * t * t)
    } else if degrees > -0.575 {
      seconds = 1735 + degrees * (-518.2 + degrees * (103.4 + degrees * (-12.79 + degrees * 0.711)))
    } else {
      seconds = -20.774 / t
    }
    return elevation + (seconds / 3600).radiansFromDegrees
  }

  /// The unit vector towards the sun, east, north, up.
  package var direction: SIMD3<Double> {
    SIMD3(
      sin(azimuth) * cos(elevation), cos(azimuth) * cos(elevation), sin(elevation))
  }
}

extension Double {
  /// An angle in degrees, brought to 0..<360.
  fileprivate var inTurn: Double {
    let rest = truncatingRemainder(dividingBy: 360)
    return rest < 0 ? rest + 360 : rest
  }
}
