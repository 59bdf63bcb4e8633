// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation

@testable import Maps

/// Maps as text, for tests, and real ones.
enum MapExamples {
  /// The folder of real maps.
  static let folder =
    (ProcessInfo.processInfo.environment["DIORAMA_DATA"] ?? "../shared/data") + "/maps/"

  static let helsinki = "helsinki_osm/Helsinki.osm.pbf"

  /// Whether a real map is there, with a printed reason where it is not; on the build server it
  /// has to be.
  static func has(_ name: String) -> Bool {
    if FileManager.default.fileExists(atPath: folder + name) { return true }
    print("skipped: \(folder + name) is not here; set DIORAMA_DATA to the folder of real data")
    return ProcessInfo.processInfo.environment["CI"] == "true"
  }

  /// Reads a map from text.
  static func map(_ xml: String) throws(InputError) -> OSMMap {
    try OSMMap(stream: OSMStream.parse(Array(xml.utf8), file: "test"), file: "test")
  }

  /// A map of nodes on a grid near the equator and what is made of them.
  ///
  /// Node `10 x + y + 100` stands `x` steps to the east and `y` to the north, ten metres each.
  static func town(_ objects: String) throws(InputError) -> OSMMap {
    var nodes = ""
    for x in 0..<10 {
      for y in 0..<10 {
        let (lon, lat) = (degrees(Double(x) * 10), degrees(Double(y) * 10, isNorth: true))
        nodes += "<node id='\(100 + 10 * x + y)' lat='\(lat)' lon='\(lon)'/>"
      }
    }
    return try map("<osm version='0.6'>\(nodes)\(objects)</osm>")
  }

  /// A way of nodes of the grid, each as two digits, with tags.
  static func way(_ id: Int, _ nodes: [Int], _ tags: [String: String] = [:]) -> String {
    let refs = nodes.map { "<nd ref='\(100 + $0)'/>" }.joined()
    let pairs = tags.sorted { $0.key < $1.key }.map { "<tag k='\($0.key)' v='\($0.value)'/>" }
    return "<way id='\(id)'>\(refs)\(pairs.joined())</way>"
  }

  /// The degrees of metres at the equator of WGS84: a degree of latitude is shorter there.
  private static func degrees(_ metres: Double, isNorth: Bool = false) -> String {
    String(format: "%.9f", metres / (isNorth ? 110_574.27 : 111_319.49))
  }
}
