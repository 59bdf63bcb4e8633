// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Geometry

@Suite struct `The sun` {
  private func sun(_ latitude: Double, _ longitude: Double, _ seconds: Int) -> SunPosition {
    SunPosition(
      at: GeodeticPosition(
        latitude: latitude.radiansFromDegrees, longitude: longitude.radiansFromDegrees, height: 0),
      SceneMoment(milliseconds: Int64(seconds) * 1000))
  }

  /// Reda and Andreas, "Solar position algorithm for solar radiation applications", table A5.1.
  ///
  /// 17 October 2003, 19:30:30 UT. Their zenith is seen from the ground, 0.0018 degrees lower than
  /// from the earth's middle, through thin air.
  @Test func `stands where NREL's example says`() {
    let sun = sun(39.742476, -105.1786, 1_066_419_030)
    #expect(abs(sun.azimuth.degreesFromRadians - 194.34024) < 0.01)
    // Without refraction theirs is 39.872046.
    #expect(abs(sun.elevation.degreesFromRadians - 39.872046) < 0.01)
    #expect(abs(sun.declination.degreesFromRadians - -9.31434) < 0.005)
    #expect(abs(sun.apparentElevation.degreesFromRadians - 39.88838) < 0.015)
  }

  /// Meeus, example 25.a: 1992-10-13, 0 h of dynamical time, which is 59 s ahead.
  @Test func `has the declination of Meeus's example`() {
    let sun = sun(0, 0, 718_934_400 - 59)
    #expect(abs(sun.declination.degreesFromRadians - -7.78507) < 0.001)
  }

  /// The instants of 2026 from the US Naval Observatory.
  ///
  /// Equinoxes on 20 March 14:46 and 23 September 00:05, solstices on 21 June 08:24 and 21 December
  /// 20:50.
  /// The tilt is then 23.4359 degrees in the mean, and 0.0023 more by nutation.
  @Test func `crosses the equator and turns when the almanac says`() {
    // 0.0165 degrees an hour at an equinox.
    #expect(abs(sun(0, 0, 1_774_017_960).declination.degreesFromRadians) < 0.004)
    #expect(abs(sun(0, 0, 1_790_121_900).declination.degreesFromRadians) < 0.004)
    #expect(abs(sun(0, 0, 1_782_030_240).declination.degreesFromRadians - 23.438) < 0.001)
    #expect(abs(sun(0, 0, 1_797_886_200).declination.degreesFromRadians + 23.438) < 0.001)
  }

  @Test func `rises in the east and stands in the south at noon of the north`() {
    // 2026-03-20, the equation of time is -7.5 minutes: noon at Greenwich is 12:07:30.
    let day = 1_773_964_800
    let rising = sun(51.48, 0, day + 6 * 3600 + 450)
    #expect(abs(rising.azimuth.degreesFromRadians - 90) < 0.5)
    #expect(abs(rising.elevation.degreesFromRadians) < 0.5)
    // At the horizon the air lifts it by 0.48 degrees (NOAA: 1735 seconds of arc).
    #expect((0.4...0.6).contains((rising.apparentElevation - rising.elevation).degreesFromRadians))
    let noon = sun(51.48, 0, day + 12 * 3600 + 450)
    #expect(abs(noon.azimuth.degreesFromRadians - 180) < 0.5)
    #expect(abs(noon.elevation.degreesFromRadians - 38.5) < 0.2)
    #expect(noon.direction.y < -0.7 && noon.direction.z > 0.6)
    let south = sun(-33.9, 0, day + 12 * 3600 + 450)
    #expect(min(south.azimuth, 2 * .pi - south.azimuth).degreesFromRadians < 0.5)
    #expect(sun(51.48, 0, day).elevation < 0)
  }

  @Test func `is above the pole all summer`() {
    for hour in 0..<24 {
      let elevation = sun(90, 0, 1_782_000_000 + hour * 3600).elevation.degreesFromRadians
      #expect(abs(elevation - 23.4) < 0.1)
    }
  }
}
