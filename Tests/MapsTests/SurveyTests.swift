// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Testing

@testable import Maps

@Suite struct `Surveys` {
  /// A LAS 1.2 file of format 2: two points, one of them red, of class 6 and 2.
  static let tiny = TinySurvey.bytes(points: [
    .init(steps: SIMD3(100, 200, 300), code: 6, colour: SIMD3(65_280, 0, 0)),
    .init(steps: SIMD3(-100, 0, 50), code: 2, colour: .zero),
  ])

  private func slice(_ bytes: [UInt8], first: Int = 0, count: Int = 10) throws -> SurveySlice {
    let path = FileManager.default.temporaryDirectory.path + "/\(UUID()).las"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try SurveyWorker.slice(path, first: first, count: count)
  }

  @Test func `have points with places, classes and colours`() throws {
    let slice = try slice(Self.tiny)
    #expect(slice.header.pointCount == 2 && slice.header.hasColour)
    #expect(slice.header.coordinateSystem == nil)
    #expect(slice.records.map(\.code) == [6, 2] && slice.records.allSatisfy(\.isLastReturn))
    #expect(slice.place(slice.records[0]) == SIMD3(1001, 2002, 3))
    #expect(slice.place(slice.records[1]) == SIMD3(999, 2000, 0.5))
    #expect(slice.records[0].colour == SIMD3(65_280, 0, 0))
    #expect(try SurveyStream.decode(SurveyStream.encode(slice), file: "tiny") == slice)
  }

  @Test func `are read in slices`() throws {
    #expect(try slice(Self.tiny, first: 1).records.map(\.code) == [2])
    #expect(try slice(Self.tiny, count: 1).records.map(\.code) == [6])
    #expect(try slice(Self.tiny, first: 5).records.isEmpty)
  }

  @Test func `are refused where they are cut off, at every length`() throws {
    for length in 0..<Self.tiny.count {
      #expect(throws: InputError.self, "\(length)") { try slice(Array(Self.tiny.prefix(length))) }
    }
  }

  @Test(arguments: [
    (0, UInt8(0x4D), "signature"), (25, 9, "version"), (94, 1, "offset to points"),
    (99, 0x7F, "offset to points"), (103, 0x7F, "records"), (104, 63, "point format"),
    (105, 3, "point format"), (110, 0x7F, "points"), (138, 0xFF, "scale and offset"),
  ])
  func `are refused where their head is wrong`(_ place: Int, _ byte: UInt8, _ field: String) {
    var bytes = Self.tiny
    bytes[place] = byte
    let error = #expect(throws: InputError.self) { try slice(bytes) }
    #expect(error?.field == field, "\(String(describing: error))")
  }

  @Test func `Streams that are cut or lie are refused`() throws {
    let whole = SurveyStream.encode(try slice(Self.tiny))
    for length in 0..<whole.count {
      #expect(throws: InputError.self) {
        try SurveyStream.decode(Array(whole.prefix(length)), file: "cut")
      }
    }
    var many = whole
    many[whole.count - 2 * 22 - 1] = 0x7F
    #expect(throws: InputError.self) { try SurveyStream.decode(many, file: "lie") }
  }

  @Test func `Keys give systems by code, and by parameters where there is none`() throws {
    let header: [UInt16] = [1, 1, 0, 2]
    let dutch = GeoKeys(directory: header + [3072, 0, 1, 28_992, 4096, 0, 1, 5709], doubles: [])
    #expect(dutch.definition == "EPSG:28992+5709")
    let feet = GeoKeys(directory: header + [4099, 0, 1, 9002, 2048, 0, 1, 4326], doubles: [])
    #expect(feet.metresPerHeightUnit == 0.3048 && feet.definition == "EPSG:4326")
    // The keys of the Autzen survey, in international feet.
    let oregon = GeoKeys(
      directory: header + [
        3072, 0, 1, 32_767, 3075, 0, 1, 8, 3076, 0, 1, 9002, 3078, 34_736, 1, 0, 3079, 34_736, 1, 1,
        3084, 34_736, 1, 2, 3085, 34_736, 1, 3, 3086, 34_736, 1, 4, 3087, 34_736, 1, 5,
      ], doubles: [43, 45.5, -120.5, 41.75, 1_312_335.958_005_249, 0])
    let system = try CoordinateSystem(try #require(oregon.definition), file: "keys")
    let same = try CoordinateSystem("EPSG:2994", file: "code")
    let point = SIMD3(637_000.0, 849_000, 430)
    let (left, right) = (try #require(system.geodetic(point)), try #require(same.geodetic(point)))
    #expect(abs(left.latitude - right.latitude) < 4e-7 && left.height == right.height)
    #expect(abs(left.longitude - right.longitude) < 4e-7)
    #expect(GeoKeys(directory: [1, 2, 3], doubles: []).definition == nil)
    #expect(GeoKeys(directory: header + [3072, 0, 1, 32_767], doubles: []).definition == nil)
  }

  @Test func `Real ones have as many points as PDAL counts in them`() throws {
    guard RealFiles.isPresent(RealFiles.autzen) else { return }
    for (name, count, code) in [
      ("autzen_trim.laz", 110_000, UInt8(2)), ("autzen-thin-srs.las", 10_653, 2),
      ("1.2-with-color.copc.laz", 1065, 2),
    ] {
      let slice = try SurveyWorker.slice(RealFiles.autzen + name, first: 0, count: 200_000)
      #expect(slice.records.count == count && slice.header.pointCount == count, "\(name)")
      #expect(slice.records.contains { $0.code == code } && slice.header.hasColour, "\(name)")
      let system = try CoordinateSystem(
        try #require(slice.header.coordinateSystem), file: name,
        metresPerHeightUnit: slice.header.metresPerHeightUnit)
      let place = try #require(system.geodetic(slice.place(slice.records[0])))
      #expect((115...190).contains(place.height), "\(name): \(place)")
      // This one's own system says metres of coordinates that are feet.
      if name.contains("copc") { continue }
      // Autzen Stadium lies at 44.058 degrees north, 123.069 west, some 130 m high.
      #expect(abs(place.latitude.degreesFromRadians - 44.058) < 0.03, "\(name): \(place)")
      #expect(abs(place.longitude.degreesFromRadians + 123.069) < 0.03, "\(name): \(place)")
    }
    // A slice from the middle is the middle of the whole.
    let path = RealFiles.autzen + "autzen_trim.laz"
    let whole = try SurveyWorker.slice(path, first: 0, count: 110_000)
    let middle = try SurveyWorker.slice(path, first: 77_777, count: 100)
    #expect(middle.records == Array(whole.records[77_777..<77_877]))
  }
}

/// LAS files written by hand.
enum TinySurvey {
  struct Point {
    var steps: SIMD3<Int32>
    var code: UInt8
    var colour: SIMD3<UInt16>
  }

  /// A LAS 1.2 file of format 2, steps of a centimetre from (1000, 2000, 0).
  static func bytes(points: [Point]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 227)
    func put<Value: FixedWidthInteger>(_ value: Value, at place: Int) {
      for index in 0..<Value.bitWidth / 8 {
        bytes[place + index] = UInt8(truncatingIfNeeded: value >> Value(8 * index))
      }
    }
    bytes.replaceSubrange(0..<4, with: Array("LASF".utf8))
    (bytes[24], bytes[25]) = (1, 2)
    put(UInt16(227), at: 94)
    put(UInt32(227), at: 96)
    bytes[104] = 2
    put(UInt16(26), at: 105)
    put(UInt32(points.count), at: 107)
    for (index, number) in [0.01, 0.01, 0.01, 1000, 2000, 0].enumerated() {
      put(number.bitPattern, at: 131 + 8 * index)
    }
    for point in points {
      let start = bytes.count
      bytes += [UInt8](repeating: 0, count: 26)
      for axis in 0..<3 {
        put(point.steps[axis], at: start + 4 * axis)
        put(point.colour[axis], at: start + 20 + 2 * axis)
      }
      bytes[start + 14] = 0b0000_1001
      bytes[start + 15] = point.code
    }
    return bytes
  }
}
