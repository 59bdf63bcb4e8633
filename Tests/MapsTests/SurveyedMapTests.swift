// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry
import Splats
import Testing

@testable import Maps

@Suite struct `Flat maps with a survey` {
  private let footprint: [[SIMD2<Double>]] = [
    [SIMD2(0, 0), SIMD2(10, 0), SIMD2(10, 10), SIMD2(0, 10)],
    [SIMD2(4, 4), SIMD2(6, 4), SIMD2(6, 6), SIMD2(4, 6)],
  ]

  private func measured(_ kind: MapPolygon.Kind, level: Int = 0) throws -> SurveyedMap {
    let feature = SurveyedMap.Feature(rings: footprint, kind: kind, level: level, thing: 3)
    var map = try #require(SurveyedMap([feature]))
    for x in -10..<20 {
      for y in -10..<20 {
        let place = SIMD2(Double(x) + 0.5, Double(y) + 0.5)
        let isInside =
          (0..<10).contains(x) && (0..<10).contains(y)
          && !((4..<6).contains(x) && (4..<6).contains(y))
        // The roof rises by a metre from west to east; the ground lies at 2 m, further out at 1 m.
        let isNear = (-3..<13).contains(x) && (-3..<13).contains(y)
        map.measure(
          SIMD3(place.x, place.y, isInside ? 8 + 0.1 * place.x : isNear ? 2 : 1),
          code: isInside ? 6 : 2)
      }
    }
    map.settle()
    return map
  }

  @Test func `raise a building to its roof's 90 percent, from the ground around it`() throws {
    let map = try measured(.building)
    let heights = try #require(map.heights(of: 0))
    // 96 points of 8.05, 8.15, ... 8.95; the hole's four are the ground's.
    #expect(heights.roofPointCount == 96)
    #expect(abs(heights.roof - 8.95) < 1e-5 && abs(heights.foot - 2) < 1e-5)
    #expect(heights.roofOrigin == .measured(rule: "roof-percentile-90"))
    let (surfaces, areOnGround) = map.surfaces(of: 0)
    // A roof with a hole, four outer walls, and four around the hole.
    #expect(surfaces.count == 9 && !areOnGround)
    #expect(surfaces[0].identifier == MapIdentifier(.roof, thing: 3))
    for (index, surface) in surfaces.enumerated() {
      let plane = try #require(SurfacePlane(of: surface.rings))
      if index == 0 {
        #expect(plane.normal.z > 0.99)
      } else {
        // Outer walls face away from the middle, those of the hole towards it.
        let outward = plane.origin - SIMD3(5, 5, plane.origin.z)
        #expect((dot(plane.normal, outward) > 0) == (index <= 4), "\(index)")
      }
    }
  }

  @Test func `fill what no point came back from by a rule that is named`() throws {
    let feature = SurveyedMap.Feature(rings: footprint, kind: .building, level: 0, thing: 1)
    var map = try #require(SurveyedMap([feature]))
    map.measure(SIMD3(-1, 5, 2), code: 2)
    map.settle()
    let heights = try #require(map.heights(of: 0))
    #expect(heights.roof == 5 && heights.roofOrigin == .filled(rule: "3-m-where-no-point"))
    var empty = try #require(SurveyedMap([feature]))
    empty.settle()
    #expect(empty.heights(of: 0) == nil && empty.surfaces(of: 0).surfaces.isEmpty)
  }

  @Test func `lay water level, and grass on the ground`() throws {
    let water = try measured(.cover(.water)).surfaces(of: 0)
    // All points within have the roof's code but the four of the hole, which is no water.
    #expect(water.areOnGround && water.surfaces.count == 1)
    #expect(try measured(.cover(.grass)).surfaces(of: 0).areOnGround)
    var map = try #require(
      SurveyedMap([
        SurveyedMap.Feature(rings: [footprint[0]], kind: .cover(.water), level: 0, thing: 0)
      ]))
    for step in 0..<10 { map.measure(SIMD3(Double(step) + 0.5, 5, Double(step)), code: 9) }
    map.settle()
    let (surfaces, areOnGround) = map.surfaces(of: 0)
    #expect(!areOnGround && surfaces[0].rings[0].allSatisfy { $0.z == 1 })
    #expect(surfaces[0].height == .measured(rule: "water-percentile-10"))
  }

  @Test func `keep the points that no surface stands for`() throws {
    let map = try measured(.building)
    func kind(_ x: Double, _ z: Double, _ code: UInt8) -> SemanticClass? {
      map.semanticClass(of: SIMD3(x, 5, z), code: code)
    }
    #expect(kind(1, 8, 6) == nil && kind(1, 12, 1) == nil, "within a building")
    #expect(kind(11, 2, 2) == nil && kind(11, 2.1, 1) == nil, "the ground")
    #expect(kind(11, 3, 1) == .unlabelled && kind(11, 5, 1) == .leaves)
    #expect(kind(11, 5, 7) == nil, "noise")
    #expect(kind(11, 5, 6) == .roof, "a roof that is on no map")
  }

  @Test func `Places lie within polygons, beside them, and not in their holes`() {
    let index = PolygonIndex([footprint], reach: 3)
    #expect(index.distance(from: SIMD2(1, 1), to: 0) == 0)
    #expect(index.distance(from: SIMD2(-2, 5), to: 0) == 2)
    #expect(index.distance(from: SIMD2(5, 5), to: 0) == 1)
    #expect(index.candidates(at: SIMD2(12.9, 5)) == [0])
    #expect(index.candidates(at: SIMD2(1000, 5)).isEmpty)
  }

  @Test func `Polygons in binary are read in either order of bytes, and refused where they lie`()
    throws
  {
    func bytes(big: Bool, corners: [SIMD2<Double>], count: UInt32) -> [UInt8] {
      var bytes: [UInt8] = [big ? 0 : 1]
      func put<Value: FixedWidthInteger>(_ value: Value) {
        unsafe withUnsafeBytes(of: big ? value.bigEndian : value.littleEndian) {
          unsafe bytes += $0
        }
      }
      put(UInt32(3))
      put(UInt32(1))
      put(count)
      for corner in corners {
        put(corner.x.bitPattern)
        put(corner.y.bitPattern)
      }
      return bytes
    }
    let ring = footprint[0] + footprint[0].prefix(1)
    for big in [true, false] {
      let right = bytes(big: big, corners: ring, count: 5)
      #expect(
        try WellKnownBinary.polygons(right, file: "f", field: "row") == [[footprint[0]]])
      for length in 0..<right.count {
        #expect(throws: InputError.self) {
          try WellKnownBinary.polygons(Array(right.prefix(length)), file: "f", field: "row")
        }
      }
    }
    for (corners, count) in [(ring, UInt32.max), ([SIMD2(Double.nan, 0)], 1)] {
      let wrong = bytes(big: false, corners: corners, count: count)
      #expect(throws: InputError.self) {
        try WellKnownBinary.polygons(wrong, file: "f", field: "row")
      }
    }
  }

  @Test func `Real footprints are read from SQLite`() throws {
    guard RealFiles.isPresent(RealFiles.delft) else { return }
    let buildings = try PolygonFile(path: RealFiles.delft + "bgt/bgt_pand.sqlite")
    #expect(buildings.coordinateSystem == "EPSG:28992")
    #expect(buildings.polygons.count == 160)
    #expect(buildings.polygons.allSatisfy { $0.kind == .building && $0.level == 0 })
    let roads = try PolygonFile(path: RealFiles.delft + "bgt/bgt_wegdeel.sqlite").polygons
    #expect(roads.count { $0.kind == .cover(.pavement) } == 83)
    #expect(roads.count { $0.kind == .cover(.road) } == 68)
  }
}

@Suite struct `Seeding of points` {
  @Test func `makes discs on a plane, as wide as its grid`() {
    var points: [MapPoint] = []
    for x in 0..<20 {
      for y in 0..<20 {
        points.append(
          MapPoint(
            position: SIMD3(Double(x), Double(y), Double(x)), colourSRGB: SIMD3(1, 0, 0),
            identifier: MapIdentifier(.ground)))
      }
    }
    var splats: [MapSplat] = []
    PointSeeder.seed(points) { splats.append($0) }
    #expect(splats.map(\.position) == points.map(\.position))
    let middle = splats[10 * 20 + 10]
    let normal = middle.rotation.rotate(SIMD3(0, 0, 1))
    #expect(length(normal - SIMD3(-0.5, 0, 0.5) * Float(2).squareRoot()) < 1e-3, "\(normal)")
    // Neighbours lie 1, 1, sqrt(2) and sqrt(2) away.
    #expect(abs(middle.deviations.x - 0.6 * Float(2).squareRoot()) < 1e-3)
    #expect(middle.deviations.z < 0.1)
  }

  @Test(arguments: [0, 1, 3]) func `gives few points a ball each`(_ count: Int) {
    let points = (0..<count).map { index in
      MapPoint(
        position: SIMD3(Double(index), 0, 0), colourSRGB: .zero, identifier: MapIdentifier(.leaves))
    }
    var splats: [MapSplat] = []
    PointSeeder.seed(points) { splats.append($0) }
    #expect(splats.count == count)
    for splat in splats { #expect(splat.deviations.x == splat.deviations.z) }
  }

  @Test func `stands points on one place and on one line`() {
    for step in [0.0, 1] {
      let points = (0..<50).map { index in
        MapPoint(
          position: SIMD3(step * Double(index), 0, 0), colourSRGB: .zero,
          identifier: MapIdentifier(.leaves))
      }
      var splats: [MapSplat] = []
      PointSeeder.seed(points) { splats.append($0) }
      for splat in splats {
        let lengths = [splat.deviations.x, splat.deviations.y, splat.deviations.z]
        #expect(lengths.allSatisfy { $0.isFinite && $0 >= 0 })
        #expect(abs(splat.rotation.rotate(SIMD3<Float>(0, 0, 1)).z - 1) < 1e-4 || step == 0)
      }
    }
  }
}
