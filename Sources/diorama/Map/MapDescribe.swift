// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Geometry
import Maps

/// Describes maps: what they are, where they lie, and what is in them.
struct MapDescribe: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe", abstract: "Describe maps without making a scene of them.")
  @OptionGroup var maps: MapArguments
  @Flag(help: "Print one JSON object.") var json = false

  func run() throws {
    let descriptions = try maps.open().map(describe)
    if json {
      printJSON(["sources": descriptions])
      return
    }
    for description in descriptions {
      let words = description.sorted { $0.key < $1.key }.filter { $0.key != "file" }
      print("\(description["file"] ?? "")")
      for (key, value) in words {
        let counts = (value as? [String: Int])?.sorted { $0.key < $1.key }
          .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        print("  \(key): \(counts ?? "\(value)")")
      }
    }
  }

  private func describe(_ source: MapSource) throws -> [String: Any] {
    var words: [String: Any] = ["file": source.path]
    if source.system != nil {
      let system = try source.coordinateSystem()
      words["coordinateSystem"] = system.name
      words["metresPerHeightUnit"] = system.metresPerHeightUnit
      if let place = source.middle.flatMap(system.geodetic) {
        words["middleDegrees"] = [
          place.latitude.degreesFromRadians, place.longitude.degreesFromRadians,
        ]
      }
    }
    switch source.content {
    case .city(let model):
      words["kind"] = "CityJSON \(model.version)"
      words["objects"] = Dictionary(model.typeCounts.map { ($0.type, $0.count) }) { $1 }
      var surfaces: [String: Int] = [:]
      _ = try model.surfaces { surfaces["\($0.semanticClass)", default: 0] += 1 }
      words["surfaces"] = surfaces
    case .survey(let header):
      words["kind"] = "LAS point format \(header.pointFormat)"
      words["pointCount"] = header.pointCount
      words["hasColour"] = header.hasColour
      var codes: [String: Int] = [:]
      try source.eachSlice { slice in
        for record in slice.records { codes["\(record.code)", default: 0] += 1 }
      }
      words["pointClasses"] = codes
    case .polygons(let file):
      words["kind"] = "polygons in SQLite"
      words["polygons"] = Dictionary(grouping: file.polygons) { polygon in
        switch polygon.kind {
        case .building: "building"
        case .cover(let semanticClass): "\(semanticClass)"
        }
      }.mapValues(\.count)
    }
    return words
  }
}
