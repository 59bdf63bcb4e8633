// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Testing

@testable import Maps

@Suite struct `Tiles of SRTM` {
  /// A tile whose heights are the rows from the north, with a void and a nonsense in it.
  private static let bytes: [UInt8] = {
    var bytes = [UInt8]()
    bytes.reserveCapacity(1201 * 1201 * 2)
    for row in 0..<1201 {
      for _ in 0..<1201 { bytes += [UInt8(row >> 8), UInt8(row & 255)] }
    }
    // -32768, and 20,000 m.
    bytes.replaceSubrange(0..<4, with: [0x80, 0, 0x4e, 0x20])
    return bytes
  }()

  @Test func `lie where their name says, rows from the north`() throws {
    let tile = try HeightRaster(srtm: Self.bytes, name: "N60E024.hgt", file: "test")
    #expect(tile.northWest == SIMD2(24, 61) && tile.columnCount == 1201)
    #expect(tile.voidCount == 2 && tile.range == 0...1200)
    #expect(tile.height(at: SIMD2(24.5, 60.5)) == 600 && tile.height(at: SIMD2(25, 60)) == 1200)
    // Halfway between rows; and past the edge by a third of a step and by more than half of one.
    let step = 1.0 / 1200
    #expect(abs((tile.height(at: SIMD2(24.5, 61 - 1.5 * step)) ?? 0) - 1.5) < 1e-6)
    #expect(tile.height(at: SIMD2(24.5, 61 + step / 3)) == 0)
    #expect(tile.height(at: SIMD2(24.5, 61 + step)) == nil)
    // All four around the corner, of which one is known; none around the very corner.
    #expect(tile.height(at: SIMD2(24 + step / 2, 61 - step / 2)) == 1)
    #expect(tile.height(at: SIMD2(24, 61)) == nil)
    let south = try HeightRaster(srtm: Self.bytes, name: "s01w180.SRTMGL3.hgt", file: "test")
    #expect(south.northWest == SIMD2(-180, 0))
  }

  @Test func `are refused under other names and in other sizes`() {
    for name in ["N60.hgt", "X60E024.hgt", "N91E024.hgt", "N60E181.hgt", "N-1E024.hgt", ""] {
      #expect(throws: InputError.self) {
        try HeightRaster(srtm: Self.bytes, name: name, file: "test")
      }
    }
    for count in [0, 1, 1201 * 1201 * 2 - 1] {
      #expect(throws: InputError.self) {
        try HeightRaster(srtm: Array(Self.bytes[..<count]), name: "N60E024.hgt", file: "test")
      }
    }
  }

  @Test(
    .enabled(if: MapExamples.has("srtm_osm2world/N04E034.SRTMGL3.hgt.zip"), "needs a real tile"))
  func `are read from a zip`() throws {
    let tile = try HeightRaster(
      readingSRTM: MapExamples.folder + "srtm_osm2world/N04E034.SRTMGL3.hgt.zip")
    #expect(tile.northWest == SIMD2(34, 5) && tile.range == 441...1999 && tile.voidCount == 0)
  }
}

@Suite struct `GeoTIFFs of heights` {
  /// A TIFF of 5 x 3 heights, 10 times the row and the column, one of them void, in ten metres of
  /// UTM zone 35; written by hand, unpacked.
  private struct Picture {
    var isTiled = false
    var isFloat = false
    var bands: UInt16 = 1
    var keys: [UInt16] = [1, 1, 0, 1, 3072, 0, 1, 32635]
    var matrix: [Double] = []

    var bytes: [UInt8] {
      var data: [UInt8] = Array("II".utf8) + [42, 0, 0, 0, 0, 0]
      var entries: [(tag: UInt16, type: UInt16, count: Int, value: [UInt8])] = []
      func add<Value>(_ tag: UInt16, _ type: UInt16, _ values: [Value]) {
        entries.append(
          (tag, type, values.count, unsafe values.withUnsafeBytes { unsafe Array($0) }))
      }
      let (width, height) = isTiled ? (16, 16) : (5, 2)
      let tops = isTiled ? [0] : [0, 2]
      var offsets: [UInt32] = []
      var counts: [UInt32] = []
      for top in tops {
        offsets.append(UInt32(data.count))
        for row in top..<top + min(height, isTiled ? 16 : 3 - top) {
          for column in 0..<width { data += sample(row, column) }
        }
        counts.append(UInt32(data.count) - (offsets.last ?? 0))
      }
      add(256, 3, [UInt16(5)])
      add(257, 3, [UInt16(3)])
      add(258, 3, [UInt16(isFloat ? 32 : 16)])
      add(259, 3, [UInt16(1)])
      add(262, 3, [UInt16(1)])
      if !isTiled { add(273, 4, offsets) }
      add(277, 3, [bands])
      if !isTiled {
        add(278, 3, [UInt16(2)])
        add(279, 4, counts)
      } else {
        add(322, 3, [UInt16(16)])
        add(323, 3, [UInt16(16)])
        add(324, 4, offsets)
        add(325, 4, counts)
      }
      add(339, 3, [UInt16(isFloat ? 3 : 2)])
      if matrix.isEmpty {
        add(33_550, 12, [10.0, 10, 0])
        add(33_922, 12, [0.0, 0, 0, 385_000, 6_672_000, 0])
      } else {
        add(34_264, 12, matrix)
      }
      if !keys.isEmpty { add(34_735, 3, keys) }
      add(42_113, 2, Array("-9999\u{0}".utf8))
      return Self.finished(data, entries)
    }

    private func sample(_ row: Int, _ column: Int) -> [UInt8] {
      let value = row == 1 && column == 1 ? -9999 : 10 * (row + column)
      if isFloat { return unsafe withUnsafeBytes(of: Float(value)) { unsafe Array($0) } }
      return unsafe withUnsafeBytes(of: Int16(value)) { unsafe Array($0) }
    }

    /// Puts long values and the directory behind the data.
    private static func finished(
      _ start: [UInt8], _ entries: [(tag: UInt16, type: UInt16, count: Int, value: [UInt8])]
    ) -> [UInt8] {
      func bytes<Value>(_ value: Value) -> [UInt8] {
        unsafe withUnsafeBytes(of: value) { unsafe Array($0) }
      }
      var data = start
      var directory = bytes(UInt16(entries.count))
      for entry in entries {
        directory += bytes(entry.tag) + bytes(entry.type) + bytes(UInt32(entry.count))
        if entry.value.count > 4 {
          directory += bytes(UInt32(data.count))
          data += entry.value + [UInt8](repeating: 0, count: entry.value.count % 2)
        } else {
          directory += entry.value + [UInt8](repeating: 0, count: 4 - entry.value.count)
        }
      }
      data.replaceSubrange(4..<8, with: bytes(UInt32(data.count)))
      return data + directory + [0, 0, 0, 0]
    }
  }

  private func read(_ bytes: [UInt8]) throws -> HeightRaster {
    let path = NSTemporaryDirectory() + "terrain-\(UUID().uuidString).tif"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return try HeightRaster(readingGeoTIFF: path)
  }

  @Test(arguments: [false, true], [false, true])
  func `are read from strips and tiles, integers and floats`(_ isTiled: Bool, isFloat: Bool) throws
  {
    let raster = try read(Picture(isTiled: isTiled, isFloat: isFloat).bytes)
    #expect(raster.columnCount == 5 && raster.rowCount == 3 && raster.voidCount == 1)
    #expect(raster.heights[0...4] == [0, 10, 20, 30, 40] && raster.heights[14] == 60)
    // The tie point is the corner of the first sample.
    #expect(raster.northWest == SIMD2(385_005, 6_671_995) && raster.step == SIMD2(10, -10))
    #expect(raster.system == "EPSG:32635")
  }

  @Test func `may mean points, or have a matrix`() throws {
    var points = Picture()
    points.keys = [1, 1, 0, 2, 1025, 0, 1, 2, 3072, 0, 1, 32635]
    #expect(try read(points.bytes).northWest == SIMD2(385_000, 6_672_000))
    var matrix = Picture()
    matrix.matrix = [5, 0, 0, 100, 0, -5, 0, 200, 0, 0, 0, 0, 0, 0, 0, 1]
    let raster = try read(matrix.bytes)
    #expect(raster.northWest == SIMD2(102.5, 197.5) && raster.step == SIMD2(5, -5))
    matrix.matrix[1] = 1
    #expect(throws: InputError.self) { try read(matrix.bytes) }
  }

  @Test func `are refused without keys, in colour, and cut short`() throws {
    var picture = Picture()
    picture.keys = []
    #expect(throws: InputError.self) { try read(picture.bytes) }
    picture = Picture()
    picture.bands = 3
    #expect(throws: InputError.self) { try read(picture.bytes) }
    let bytes = Picture().bytes
    // The last four bytes only say that no other picture follows.
    for count in stride(from: 0, to: bytes.count - 4, by: 7) {
      #expect(throws: InputError.self) { try read(Array(bytes[..<count])) }
    }
    #expect(throws: InputError.self) { try HeightRaster(readingGeoTIFF: "/nowhere.tif") }
    #expect(throws: InputError.self) { try HeightRaster(readingGeoTIFF: "/") }
  }

  @Test(.enabled(if: MapExamples.has("autzen_lidar/autzen-height.tif"), "needs a real TIFF"))
  func `that only show heights in colour are refused by name`() throws {
    let error = #expect(throws: InputError.self) {
      try HeightRaster(readingGeoTIFF: MapExamples.folder + "autzen_lidar/autzen-height.tif")
    }
    #expect(error?.found == "3 of 8 bits, format 1")
  }
}

@Suite struct `Terrain in a map's frame` {
  @Test func `is as high as the raster says, the earth's curve taken off`() throws {
    let raster = HeightRaster(
      size: (3, 3), northWest: SIMD2(23, 61), step: SIMD2(1, -1), system: ("EPSG:4326", 1),
      heights: Array(repeating: 100, count: 9))
    let origin = GeodeticPosition(
      latitude: 60.2.radiansFromDegrees, longitude: 24.2.radiansFromDegrees, height: 100)
    #expect(try raster.groundHeight(under: origin, file: "test") == 100)
    let field = try HeightField(
      raster, in: MapFrame(origin: origin), box: ([-2000, -2000], [2000, 2000]), spacing: 1000,
      file: "test")
    #expect(field.columnCount == 5 && field.rowCount == 5)
    #expect(abs(field.height(at: .zero) ?? 9) < 1e-6)
    // 2 km away the earth has fallen by d^2 / 2 R.
    let fall = 4_000_000 / (2 * 6_380_000.0)
    #expect(abs((field.height(at: [2000, 0]) ?? 0) + fall) < 0.01)
    #expect(field.height(at: [2600, 0]) == nil)
  }

  @Test func `Systems bring a place there and back`() throws {
    for name in ["EPSG:28992", "EPSG:32635", "EPSG:4326"] {
      let system = try CoordinateSystem(name, file: "test")
      let start = name == "EPSG:4326" ? SIMD2(5.3, 52.1) : SIMD2(155_100, 463_200)
      let place = try #require(system.geodetic(SIMD3(start.x, start.y, 0)))
      let back = try #require(system.coordinates(place))
      #expect(abs(back.x - start.x) < 1e-3 && abs(back.y - start.y) < 1e-3, "\(name)")
    }
  }

  @Test func `A frame's points have their places`() {
    let frame = MapFrame(
      origin: GeodeticPosition(latitude: 0.9, longitude: 0.1, height: 40))
    let point = SIMD3(300.0, -200, 25)
    #expect(length(frame.point(frame.place(point)) - point) < 1e-6)
  }
}
