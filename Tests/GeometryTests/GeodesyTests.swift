// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Testing

private func radians(_ degrees: Double, _ minutes: Double, _ seconds: Double) -> Double {
  (degrees + minutes / 60 + seconds / 3600).radiansFromDegrees
}

@Suite struct Geodesy {
  /// IOGP Guidance Note 7-2, "Geographic/geocentric conversions" (EPSG 9602): a North Sea point.
  private let northSea = GeodeticPosition(
    latitude: radians(53, 48, 33.820), longitude: radians(2, 7, 46.380), height: 73)

  @Test func `agrees with the published North Sea point`() {
    // The note prints millimetres.
    let published = SIMD3<Double>(3_771_793.968, 140_253.342, 5_124_304.349)
    #expect(length(northSea.ecef - published) < 1.5e-3)
  }

  @Test func `finds the published North Sea point from its coordinates`() {
    let place = GeodeticPosition(ecef: SIMD3(3_771_793.968, 140_253.342, 5_124_304.349))
    // The note's millimetres, as arcs on the ground.
    let radius = WGS84.semiMajorAxis
    #expect(abs(place.latitude - northSea.latitude) * radius < 1.5e-3)
    #expect(abs(place.longitude - northSea.longitude) * radius < 1.5e-3)
    #expect(abs(place.height - northSea.height) < 1.5e-3)
  }

  @Test func `agrees with the published topocentric example`() {
    // IOGP Guidance Note 7-2, "Geographic/topocentric conversions" (EPSG 9837), in millimetres.
    let origin = GeodeticPosition(
      latitude: radians(55, 0, 0), longitude: radians(5, 0, 0), height: 200)
    let pointInENU = origin.ecefFromENU.inverse * northSea.ecef
    #expect(length(pointInENU - SIMD3(-189_013.869, -128_642.040, -4_220.171)) < 1.5e-3)
  }

  @Test func `puts the axes where the standard has them`() {
    let greenwich = GeodeticPosition(latitude: 0, longitude: 0, height: 0)
    #expect(greenwich.ecef == SIMD3(6_378_137, 0, 0))
    let pole = GeodeticPosition(latitude: .pi / 2, longitude: 0, height: 0)
    // NGA.STND.0036, table 3.3: the semi-minor axis, printed to 0.1 mm.
    #expect(length(pole.ecef - SIMD3(0, 0, 6_356_752.3142)) < 1e-4)
  }

  @Test func `goes to ECEF and back in every quadrant`() {
    let longitudes = stride(from: -180.0, through: 180, by: 22.5)
    for latitude in stride(from: -90.0, through: 90, by: 15) {
      for (longitude, height) in longitudes.flatMap({ angle in
        [-10_000.0, 0, 8_848, 400_000, 36_000_000].map { (angle, $0) }
      }) {
        let place = GeodeticPosition(
          latitude: latitude.radiansFromDegrees, longitude: longitude.radiansFromDegrees,
          height: height)
        let back = GeodeticPosition(ecef: place.ecef)
        // 2e-8 m: the last bits of 4e7 m; angles are compared as arcs on the ground.
        #expect(abs(back.height - height) < 2e-8)
        #expect(abs(back.latitude - place.latitude) * WGS84.semiMajorAxis < 2e-8)
        // All meridians meet at a pole, and -180 degrees is 180: compared as a chord there.
        let turn = back.longitude - place.longitude
        let chord = 2 * abs((turn / 2).sine) * place.latitude.cosine * WGS84.semiMajorAxis
        #expect(chord < 2e-8, "at \(latitude), \(longitude), \(height)")
      }
    }
  }

  @Test func `has its longitude grow to the east from Greenwich`() {
    let quarters: [(SIMD3<Double>, Double)] = [
      (SIMD3(1, 0, 0), 0), (SIMD3(0, 1, 0), .pi / 2), (SIMD3(0, -1, 0), -.pi / 2),
      (SIMD3(-1, 0, 0), .pi), (SIMD3(-1, 1, 0), 3 * .pi / 4), (SIMD3(-1, -1, 0), -3 * .pi / 4),
    ]
    for (direction, longitude) in quarters {
      #expect(GeodeticPosition(ecef: direction * 6e6).longitude == longitude)
    }
  }

  @Test func `has up along the ellipsoid's normal`() {
    let higher = GeodeticPosition(
      latitude: northSea.latitude, longitude: northSea.longitude, height: 173)
    let inENU = northSea.ecefFromENU.inverse * higher.ecef
    // 1e-8 m: the last bits of 6e6 m.
    #expect(length(inENU - SIMD3(0, 0, 100)) < 1e-8)
  }
}

@Suite struct `Axis-aligned box` {
  @Test func `is empty until a point is added`() {
    var box = AxisAlignedBox()
    #expect(box.isEmpty && box.size == .zero && !box.contains(.zero))
    box.add(SIMD3(1, 2, 3))
    #expect(!box.isEmpty && box.contains(SIMD3(1, 2, 3)) && box.size == .zero)
    box.add(SIMD3(-1, 4, 3))
    #expect(box.size == SIMD3(2, 2, 0) && box.center == SIMD3(0, 3, 3))
    #expect(box.contains(SIMD3(0, 3, 3)) && !box.contains(SIMD3(0, 3, 3.1)))
  }
}
