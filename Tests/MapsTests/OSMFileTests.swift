// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Testing

@testable import Maps

@Suite struct `Files of OpenStreetMap` {
  private let tree = """
    <osm version="0.6"><node id="1" lat="1" lon="2"><tag k="natural" v="tree"/></node></osm>
    """

  @Test func `give tagged nodes, ways and areas with holes`() throws {
    let map = try MapExamples.town(
      MapExamples.way(1, [0, 30, 33, 3, 0]) + MapExamples.way(2, [11, 21, 22, 12, 11])
        + MapExamples.way(3, [0, 44], ["highway": "path"])
          + """
          <relation id='9'><member type='way' ref='1' role='outer'/>
          <member type='way' ref='2' role='inner'/>
          <tag k='type' v='multipolygon'/><tag k='building' v='yes'/></relation>
          """)
    #expect(map.counts.nodes == 100 && map.counts.ways == 3 && map.counts.relations == 1)
    // Closed ways without tags are no areas of their own.
    #expect(map.counts.outerRings == 1 && map.counts.innerRings == 1)
    #expect(map.objects.map(\.kind) == [.way, .areaOfRelation])
    let path = try #require(map.objects.first)
    #expect(path.id == 3 && path.tags["highway"] == "path" && path.rings[0].points.count == 2)
    let house = try #require(map.objects.last)
    #expect(house.id == 9 && house.tags == OSMTags([("building", "yes")]))
    #expect(house.rings.map(\.isHole) == [false, true])
    #expect(house.rings.allSatisfy { $0.points.count == 5 && $0.points.first == $0.points.last })
  }

  @Test func `are read from gzip and bzip2, in several streams too`() throws {
    let plain = Array(tree.utf8)
    let gzip = Zlib.compress(plain.span, container: .gzip)
    // The same text and a line feed, by Python's bz2, as two streams.
    let bzip2 = try #require(
      Data(
        base64Encoded: "QlpoOTFBWSZTWX/QSJIAAA8ZgFAB8Qcmr58AIABA1TymmE2JMQ9TQoAAAyZCtvtiYxwoCIYS"
          + "aggEbYZu596y1LlJ709cJQo1d/iMgYkExZAiwhq1m5CyqcVH4u5IpwoSD/oJEkBCWmg5MUFZ"
          + "JlNZnn2WnQAAAEAAABAgACEYRoLuSKcKEhPPstOg"
      ))
    let expected = try MapExamples.map(tree)
    #expect(
      expected.objects.map(\.id) == [1]
        && expected.objects[0].rings[0].points == [[20_000_000, 10_000_000]])
    for bytes in [gzip, gzip + Zlib.compress([10].span, container: .gzip), Array(bzip2)] {
      #expect(try OSMMap(stream: OSMStream.parse(bytes, file: "t"), file: "t") == expected)
    }
    for bytes in [gzip, Array(bzip2)] {
      for count in [3, 20, bytes.count - 1] {
        #expect(throws: InputError.self) { try OSMStream.parse(Array(bytes[..<count]), file: "t") }
      }
    }
  }

  @Test func `leave out what was deleted, and older versions`() throws {
    let map = try MapExamples.map(
      """
      <osm version='0.6'>
      <node id='1' lat='0' lon='0' version='2'><tag k='natural' v='tree'/></node>
      <node id='1' lat='0' lon='0' version='1'><tag k='natural' v='stone'/></node>
      <node id='-2' action='delete' lat='0' lon='0'><tag k='natural' v='tree'/></node>
      <node id='3' visible='false'><tag k='natural' v='tree'/></node>
      </osm>
      """)
    #expect(map.objects.map { $0.tags["natural"] } == ["tree"] && map.counts.nodes == 1)
  }

  @Test func `count what is missing, broken or nowhere`() throws {
    let map = try MapExamples.town(
      MapExamples.way(1, [0, 30, 33, 700], ["highway": "path"])
        // A bow tie.
        + MapExamples.way(2, [0, 33, 30, 3, 0], ["building": "yes"])
          + """
          <node id='7' lat='91' lon='0'><tag k='natural' v='tree'/></node>
          <relation id='9'><member type='way' ref='77' role='outer'/>
          <tag k='type' v='multipolygon'/><tag k='building' v='yes'/></relation>
          """)
    #expect(map.counts.missingNodes == 1 && map.counts.brokenAreas == 1)
    #expect(map.counts.nodesOutsideOfEarth == 1 && map.counts.incompleteRelations == 1)
    #expect(map.objects.map(\.kind) == [.way, .way])
    #expect(map.objects[0].rings[0].points.count == 3)
  }

  @Test func `are refused when they are hostile`() throws {
    let laughs = """
      <!DOCTYPE osm [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
      <osm version="0.6"><node id="1" lat="1" lon="2"><tag k="a" v="&b;"/></node></osm>
      """
    let deep = "<osm version='0.6'>" + String(repeating: "<a>", count: 100_000)
    let long = tree.replacing("tree", with: String(repeating: "a", count: 5000))
    for (text, words) in [
      (laughs, "declaration of entities"), (deep, "no element"), (long, "too long"),
      ("", "nothing"),
      ("<osm version='0.5'/>", "version 0.5"), ("<osm/>", "without version"),
      ("<gpx/>", "root element gpx"),
      ("<osm version='0.6'><node id='x' lat='1' lon='1'/></osm>", "illegal id"),
      (
        "<osm version='0.6'><node id='1' lat='north' lon='1'/></osm>", "wrong format for coordinate"
      ),
      ("<osm version='0.6'><node id='1'/></osm>", "without lon"), ("name,height\n", "blob header"),
    ] {
      let error = #expect(throws: InputError.self) { try MapExamples.map(text) }
      #expect(error?.found.contains(words) == true, "\(error?.found ?? "")")
    }
  }

  @Test func `are refused when blocks have absurd sizes`() {
    // A header of 2 GiB, then one of 64 KiB that is not there, then a blob of 2 GiB and of less
    // than nothing: field 1 is the type, field 3 the size.
    let type = Array("\u{0a}\u{09}OSMHeader".utf8)
    let huge = type + [0x18, 0xff, 0xff, 0xff, 0xff, 0x07]
    let negative = type + [0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
    for bytes: [UInt8] in [
      [0x7f, 0xff, 0xff, 0xff], [0, 1, 0, 0], [0, 0, 0, UInt8(huge.count)] + huge,
      [0, 0, 0, UInt8(negative.count)] + negative, [0, 0, 0, 0], [0],
    ] {
      #expect(throws: InputError.self) { try OSMStream.parse(bytes, file: "test") }
    }
  }

  @Test func `A stream from a worker is believed in nothing`() throws {
    let bytes = try OSMStream.parse(Array(tree.utf8), file: "test")
    for count in 0..<bytes.count {
      #expect(throws: InputError.self) { try OSMMap(stream: Array(bytes[..<count]), file: "t") }
    }
    #expect(throws: InputError.self) { try OSMMap(stream: bytes + [0], file: "t") }
    // The last eight bytes are the place; before them are counts and the ring's role.
    for (place, value) in [(bytes.count - 1, 0x7f), (bytes.count - 13, 9), (0, 0), (76, 0xff)] {
      var changed = bytes
      changed[place] = UInt8(value)
      #expect(throws: InputError.self) { try OSMMap(stream: changed, file: "t") }
    }
  }
}

@Suite(.enabled(if: MapExamples.has(MapExamples.helsinki), "needs the map of Helsinki"))
struct `A real map of Helsinki` {
  private let path = MapExamples.folder + MapExamples.helsinki

  @Test func `holds what pyosmium 4.3.2 counts in it`() throws {
    let map = try OSMMap(readingInProcess: path)
    #expect(map.counts.nodes == 24_260 && map.counts.ways == 5130 && map.counts.relations == 620)
    #expect(map.counts.outerRings == 1152 && map.counts.innerRings == 128)
    #expect(map.counts.brokenAreas == 0)
    #expect(map.objects.filter { $0.isArea && $0.tags["building"] != nil }.count == 446)
    #expect(map.objects.filter { $0.isArea && $0.tags["building:part"] != nil }.count == 133)
    #expect(map.objects.filter { $0.kind == .node && $0.tags["natural"] == "tree" }.count == 649)
  }

  @Test func `is refused at any length but where a block ends`() throws {
    let bytes = try readFile(path)
    var refused = 0
    for count in stride(from: 1, to: bytes.count, by: 20_011) {
      do throws(InputError) {
        let map = try OSMMap(stream: OSMStream.parse(Array(bytes[..<count]), file: "t"), file: "t")
        #expect(map.counts.nodes < 24_260 || map.counts.relations < 620)
      } catch {
        refused += 1
      }
    }
    #expect(refused >= 30)
  }

  @Test func `does no harm when bits of it are wrong`() throws {
    let bytes = try readFile(path)
    for step in 0..<40 {
      var changed = bytes
      changed[(step * 17_231 + 37) % bytes.count] ^= 1 << UInt8(step % 8)
      // Either is right: a name may be spelt otherwise now.
      _ = try? OSMStream.parse(changed, file: "test")
    }
  }
}

@Suite(.enabled(if: MapExamples.has("srtm_osm2world/osm"), "needs the maps of OSM2World"))
struct `Maps made to be awkward` {
  @Test(arguments: [
    ("mp_two_holes", 1, 2, 0), ("mp_two_holes_touching_inners", 1, 2, 0),
    ("mp_two_outer_roof", 2, 3, 0),
    ("mp_broken", 0, 0, 1), ("self_intersection", 0, 0, 1), ("huge_areas", 3, 0, 0),
    ("sameCoordNodes", 0, 0, 0), ("issue-203", 5, 0, 0), ("validFile", 0, 0, 0),
  ])
  func `have the areas that pyosmium finds`(_ name: String, outer: Int, inner: Int, broken: Int)
    throws
  {
    let map = try OSMMap(
      readingInProcess: MapExamples.folder + "srtm_osm2world/osm/\(name).osm")
    #expect(map.counts.outerRings == outer && map.counts.innerRings == inner)
    #expect(map.counts.brokenAreas == broken)
  }
}
