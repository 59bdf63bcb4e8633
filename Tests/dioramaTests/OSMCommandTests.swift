// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import SceneStore
import Splats
import Testing

@Suite struct `Import of OpenStreetMap` {
  /// A house of two storeys, a road and a tree, some eighty metres across.
  private static let town = """
    <osm version='0.6'>
    <node id='1' lat='60.0000' lon='24.0000'/><node id='2' lat='60.0000' lon='24.0004'/>
    <node id='3' lat='60.0002' lon='24.0004'/><node id='4' lat='60.0002' lon='24.0000'/>
    <node id='5' lat='60.0004' lon='24.0000'/><node id='6' lat='60.0004' lon='24.0010'/>
    <node id='7' lat='60.0001' lon='24.0008'><tag k='natural' v='tree'/></node>
    <way id='8'><nd ref='1'/><nd ref='2'/><nd ref='3'/><nd ref='4'/><nd ref='1'/>
    <tag k='building' v='house'/><tag k='building:levels' v='2'/><tag k='name' v='Home'/></way>
    <way id='9'><nd ref='5'/><nd ref='6'/><tag k='highway' v='residential'/></way>
    </osm>
    """

  @Test func `makes a scene with its place, its things and the rules it was made by`() throws {
    let folder = try ScratchFolder()
    let map = try folder.file("town.osm", Array(Self.town.utf8))
    let out = "\(folder.path)/town.diorama"
    let outcome = try Program.run(
      ["map", "import", map, "--out", out, "--density", "1", "--threads", "1", "--json"])
    #expect(outcome.code == 0, "\(outcome)")
    let rules = try #require(try outcome.json["rules"] as? [String: [String: Int]])
    #expect(rules["building height"] == ["filled: levels-times-3": 1])
    #expect(rules["ground line width"] == ["filled: usual-for-kind": 1])
    let scene = try SceneFile(reading: out)
    #expect(try scene.check().faults.isEmpty)
    let origin = try #require(try scene.origin)
    #expect(abs(origin.latitude * 180 / .pi - 60.0002) < 1e-6)
    let splatCount = try scene.leafSplatCount
    #expect(try outcome.json["splatCount"] as? Int == splatCount)
    // The ground is 76 m by 64 m, and there are walls.
    #expect(splatCount > 4800)
    let things = try scene.things
    #expect(things.contains { $0.semanticClass == .roof && $0.name == "Home" })
    // The same bytes with two threads.
    let again = "\(folder.path)/again.diorama"
    _ = try Program.run(
      ["map", "import", map, "--out", again, "--density", "1", "--threads", "2"])
    #expect(try folder.bytes("again.diorama") == (try folder.bytes("town.diorama")))
  }

  @Test func `says what a map holds`() throws {
    let folder = try ScratchFolder()
    let map = try folder.file("town.osm", Array(Self.town.utf8))
    let json = try Program.run(["map", "info", map, "--json"]).json
    #expect(json["nodeCount"] as? Int == 7 && json["buildingAreaCount"] as? Int == 1)
    // 22.3 m by 22.3 m.
    let area = try #require(json["buildingSquareMetres"] as? Double)
    #expect(abs(area - 497) < 2)
  }

  @Test func `refuses what is no map, and leaves nothing behind`() throws {
    let folder = try ScratchFolder()
    let out = "\(folder.path)/out.diorama"
    let laughs = """
      <!DOCTYPE osm [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><osm version='0.6'/>
      """
    for (text, words) in [
      (laughs, "a declaration of entities"), ("", "nothing"),
      ("<osm version='0.6'/>", "with a tag"),
      ("<osm version='0.6'><node id='1' lat='0' lon='0'><tag k='a' v='b'/></node></osm>", "build"),
    ] {
      let map = try folder.file("bad.osm", Array(text.utf8))
      try Program.expectFailure(["map", "import", map, "--out", out], saying: map, words)
      #expect(!FileManager.default.fileExists(atPath: out))
    }
    let map = try folder.file("town.osm", Array(Self.town.utf8))
    let tile = try folder.file("N10E010.hgt", [1, 2, 3])
    try Program.expectFailure(
      ["map", "import", map, "--out", out, "--terrain", tile], saying: tile, "3 bytes")
    try Program.expectFailure(
      ["map", "import", map, "--out", out, "--terrain", map], saying: map, "another ending")
    #expect(!FileManager.default.fileExists(atPath: out))
  }
}
