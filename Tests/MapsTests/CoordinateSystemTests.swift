// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry
import Maps
import Testing

@Suite struct `Coordinate systems` {
  @Test func `take the Dutch grid's origin to its church tower`() throws {
    // Amersfoort, Our Lady's tower, as the Dutch cadastre gives it in ETRS89.
    for name in ["EPSG:28992", "EPSG:7415", "urn:ogc:def:crs:EPSG::7415"] {
      let system = try CoordinateSystem(name, file: "test")
      let place = try #require(system.geodetic(SIMD3(155_000, 463_000, 12)))
      #expect(abs(place.latitude.degreesFromRadians - 52.155174) < 1e-5)
      #expect(abs(place.longitude.degreesFromRadians - 5.387206) < 1e-5)
      #expect(place.height == 12)
    }
  }

  @Test func `bring feet to metres`() throws {
    let oregon = try CoordinateSystem("EPSG:2994", file: "test")
    #expect(oregon.metresPerHeightUnit == 0.3048)
    let stated = try CoordinateSystem("EPSG:2994", file: "test", metresPerHeightUnit: 1)
    #expect(stated.metresPerHeightUnit == 1)
    // The false origin lies 400 km west of 41.75 degrees north, 120.5 degrees west in NAD83, from
    // which WGS84 is up to two metres away.
    let place = try #require(oregon.geodetic(SIMD3(400_000 / 0.3048, 0, 100)))
    #expect(abs(place.longitude.degreesFromRadians + 120.5) < 3e-5)
    #expect(abs(place.latitude.degreesFromRadians - 41.75) < 3e-5)
    #expect(abs(place.height - 30.48) < 1e-9)
  }

  @Test func `take longitude before latitude where places are angles`() throws {
    let system = try CoordinateSystem("EPSG:4326", file: "test")
    let place = try #require(system.geodetic(SIMD3(5, 52, 3)))
    #expect(abs(place.latitude.degreesFromRadians - 52) < 1e-9 && place.height == 3)
    #expect(abs(place.longitude.degreesFromRadians - 5) < 1e-9)
  }

  @Test(arguments: ["", "EPSG:0", "EPSG:4978", "a\u{0}b", "+proj=nonsense", "EPSG:5709"])
  func `are refused unless they are of the ground`(_ name: String) {
    #expect(throws: InputError.self) { try CoordinateSystem(name, file: "test") }
  }

  @Test func `have no place for what is not finite`() throws {
    let system = try CoordinateSystem("EPSG:28992", file: "test")
    for bad in [Double.nan, .infinity, 1e300] {
      #expect(system.geodetic(SIMD3(bad, 463_000, 0)) == nil)
      #expect(system.geodetic(SIMD3(155_000, 463_000, bad)) == nil)
    }
  }

  @Test func `A frame has its origin at zero and north ahead`() {
    let origin = GeodeticPosition(latitude: 0.9, longitude: 0.1, height: 0)
    let frame = MapFrame(origin: origin)
    #expect(length(frame.point(origin)) < 1e-6)
    var north = origin
    north.latitude += 1e-6
    north.height = 5
    let point = frame.point(north)
    #expect(abs(point.x) < 1e-6 && abs(point.y - 6.38) < 0.02 && abs(point.z - 5) < 1e-3)
  }
}
