// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite struct `The verb map` {
  /// A box of 4 x 4 x 4 m in the Dutch grid, its front with a picture that may be missing.
  private static let city = """
    {"type": "CityJSON", "version": "2.0",
     "metadata": {"referenceSystem": "urn:ogc:def:crs:EPSG::7415"},
     "transform": {"scale": [1, 1, 1], "translate": [85000, 447500, 0]},
     "CityObjects": {"house": {"type": "Building", "geometry": [{"type": "Solid", "lod": "1",
       "boundaries": [[[[0, 3, 2, 1]], [[4, 5, 6, 7]], [[0, 1, 5, 4]], [[1, 2, 6, 5]],
                       [[2, 3, 7, 6]], [[3, 0, 4, 7]]]],
       "texture": {"day": {"values": [[[[null]], [[null]], [[0, 0, 1, 2, 3]], [[null]], [[null]],
                                       [[null]]]]}}}]}},
     "vertices": [[0,0,0], [4,0,0], [4,4,0], [0,4,0], [0,0,4], [4,0,4], [4,4,4], [0,4,4]],
     "appearance": {"textures": [{"type": "PNG", "image": "wall.png"}],
       "vertices-texture": [[0, 0], [1, 0], [1, 1], [0, 1]]}}
    """

  private func write(_ text: String, _ name: String, in folder: ScratchFolder) throws -> String {
    try folder.file(name, Array(text.utf8))
  }

  /// A LAS 1.2 file of format 0 with the points of a flat field, steps of a centimetre.
  private static func survey(count: Int, statedCount: Int? = nil) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 227 + 20 * count)
    func put<Value: FixedWidthInteger>(_ value: Value, at place: Int) {
      for index in 0..<Value.bitWidth / 8 {
        bytes[place + index] = UInt8(truncatingIfNeeded: value >> Value(8 * index))
      }
    }
    bytes.replaceSubrange(0..<4, with: Array("LASF".utf8))
    (bytes[24], bytes[25]) = (1, 2)
    put(UInt16(227), at: 94)
    put(UInt32(227), at: 96)
    put(UInt16(20), at: 105)
    put(UInt32(statedCount ?? count), at: 107)
    let numbers = [0.01, 0.01, 0.01, 85_000, 447_500, 0, 85_010, 85_000, 447_510, 447_500, 0, 0]
    for (index, number) in numbers.enumerated() { put(number.bitPattern, at: 131 + 8 * index) }
    for index in 0..<count {
      put(Int32(100 * (index % 10)), at: 227 + 20 * index)
      put(Int32(100 * (index / 10)), at: 231 + 20 * index)
      (bytes[241 + 20 * index], bytes[242 + 20 * index]) = (0b1001, 2)
    }
    return bytes
  }

  @Test func `makes a scene that is right, the same for any number of threads`() throws {
    let folder = try ScratchFolder()
    let city = try write(Self.city, "city.json", in: folder)
    let survey = try folder.file("field.las", Self.survey(count: 100))
    for threads in ["1", "2"] {
      let outcome = try Program.run([
        "map", "build", city, survey, "--crs", "EPSG:7415", "--out",
        "\(folder.path)/\(threads).diorama", "--threads", threads, "--allow-missing-pictures",
        "--density", "3.9", "--json",
      ])
      #expect(outcome.code == 0, "\(outcome)")
      let json = try outcome.json
      // Six sides of 8 x 8 splats, since the ground is a little wider than the Dutch grid says, and
      // a hundred points.
      #expect(json["splatCount"] as? Int == 6 * 64 + 100)
      #expect(json["surfaceCount"] as? Int == 6 && json["thingCount"] as? Int == 1)
      #expect(json["missingPictures"] as? [String] == ["wall.png"])
      #expect(json["heights"] as? [String: Int] == ["stated": 6])
    }
    #expect(try folder.bytes("1.diorama") == folder.bytes("2.diorama"))
    #expect(try folder.names == ["1.diorama", "2.diorama", "city.json", "field.las"])
    #expect(try Program.run(["scene", "check", "\(folder.path)/1.diorama"]).code == 0)
    let scene = try Program.run(["scene", "info", "\(folder.path)/1.diorama", "--json"]).json
    let origin = try #require(scene["origin"] as? [String: Double])
    #expect(abs((origin["latitudeDegrees"] ?? 0) - 52.0117) < 0.01)
  }

  @Test func `describes what it is given`() throws {
    let folder = try ScratchFolder()
    let city = try write(Self.city, "city.json", in: folder)
    let survey = try folder.file("field.las", Self.survey(count: 100))
    let json = try Program.run(["map", "describe", city, survey, "--json"]).json
    let sources = try #require(json["sources"] as? [[String: Any]])
    #expect(sources[0]["surfaces"] as? [String: Int] == ["roof": 1, "wall": 4, "ground": 1])
    #expect(sources[1]["pointClasses"] as? [String: Int] == ["2": 100])
    #expect(sources[0]["coordinateSystem"] != nil && sources[1]["coordinateSystem"] == nil)
  }

  @Test func `names what is missing, and leaves nothing behind`() throws {
    let folder = try ScratchFolder()
    let city = try write(Self.city, "city.json", in: folder)
    let survey = try folder.file("field.las", Self.survey(count: 100))
    let out = "\(folder.path)/a.diorama"
    try Program.expectFailure(
      ["map", "build", city, "--out", out], saying: "wall.png", "--allow-missing-pictures")
    try Program.expectFailure(
      ["map", "build", survey, "--out", out], saying: "coordinate system", "--crs")
    try Program.expectFailure(
      ["map", "build", city, "--crs", "EPSG:0", "\(folder.path)/none.las", "--out", out],
      saying: "none.las", "no file")
    try Program.expectFailure(
      ["map", "describe", try write("", "a.shp", in: folder)], saying: "ending", "shp")
    try Program.expectFailure(["map", "heights", city], saying: "polygons")
    #expect(try Program.run(["map", "build", city, "--out", "a.ply"]).code == 2)
    #expect(try Program.run(["map", "build", city, "--out", out, "--density", "0"]).code == 2)
    #expect(try folder.names == ["a.shp", "city.json", "field.las"])
  }

  @Test func `refuses surveys that are cut off or lie, in one line`() throws {
    let folder = try ScratchFolder()
    let whole = Self.survey(count: 100)
    for length in [0, 3, 100, 226, 227, 1000, whole.count - 1] {
      let path = try folder.file("cut.las", Array(whole.prefix(length)))
      try Program.expectFailure(["map", "describe", path], saying: "cut.las")
    }
    let lie = try folder.file("lie.las", Self.survey(count: 100, statedCount: Int(UInt32.max)))
    try Program.expectFailure(["map", "describe", lie], saying: "points", "4294967295")
    let other = try folder.file("other.laz", Array("not a survey".utf8))
    try Program.expectFailure(["map", "describe", other], saying: "signature")
  }

  @Test func `survives compressed surveys whose bytes are damaged`() throws {
    let real =
      (ProcessInfo.processInfo.environment["DIORAMA_DATA"] ?? "../shared/data")
      + "/maps/autzen_lidar/autzen_trim.laz"
    guard let data = FileManager.default.contents(atPath: real) else {
      #expect(ProcessInfo.processInfo.environment["CI"] != "true", "\(real) is required")
      print("skipped: \(real) is not here; set DIORAMA_DATA to the folder of real data")
      return
    }
    let bytes = Array(data)
    let folder = try ScratchFolder()
    for (number, place) in stride(from: 2144, to: bytes.count, by: bytes.count / 6).enumerated() {
      var damaged = bytes
      for index in place..<min(place + 64, bytes.count) { damaged[index] = UInt8(41 * index & 255) }
      let path = try folder.file("\(number).laz", damaged)
      let outcome = try Program.run(["map", "describe", path])
      // What is damaged may still be points; else there is one line, and no crash of ours.
      #expect(outcome.code == 0 || outcome.code == 1, "\(number): \(outcome)")
      if outcome.code == 1 { outcome.expectFailure(saying: ["\(number).laz"]) }
      let cut = try folder.file("cut\(number).laz", Array(bytes.prefix(place)))
      try Program.expectFailure(["map", "describe", cut], saying: "cut\(number).laz")
    }
    // The place of the table of chunks, the first eight bytes of the points, leads nowhere.
    var lost = bytes
    for index in 2144..<2152 { lost[index] = 0x7F }
    let path = try folder.file("lost.laz", lost)
    let outcome = try Program.run(["map", "describe", path])
    #expect(outcome.code == 0 || outcome.code == 1, "\(outcome)")
  }
}
