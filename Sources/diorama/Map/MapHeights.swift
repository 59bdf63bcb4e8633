// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Files
import Foundation
import Maps

/// Measures buildings: the heights of footprints from the points of surveys.
struct MapHeights: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "heights", abstract: "Measure the buildings of flat maps in surveys.",
    discussion: """
      A roof is as high as nine tenths of the points of class 6 within its outline lie lower; its \
      foot as a tenth of the points of classes 2 and 9 within 3 m of it. Metres above the datum of \
      the survey.
      """)
  @OptionGroup var maps: MapArguments
  @Flag(help: "Print one JSON object.") var json = false

  func run() throws {
    let sources = try maps.open()
    let frame = try sources.frame(nil)
    guard
      let place = try SurveyedPlace(sources, frame: frame, thing: { _ throws(InputError) in 0 })
    else {
      throw InputError(
        file: maps.sources.first ?? "sources", field: "polygons", found: "none",
        expected: "a flat map with buildings")
    }
    var buildings: [[String: Any]] = []
    var lines: [String] = []
    for index in place.map.features.indices {
      guard let heights = place.map.heights(of: index) else { continue }
      buildings.append([
        "id": place.ids[index], "roof": heights.roof, "foot": heights.foot,
        "roofOrigin": heights.roofOrigin.name, "footOrigin": heights.footOrigin.name,
        "roofPointCount": heights.roofPointCount,
      ])
      lines.append(
        "\(place.ids[index])  roof \(decimal(heights.roof, places: 2))  "
          + "foot \(decimal(heights.foot, places: 2))  \(heights.roofOrigin.name)")
    }
    if json {
      printJSON(["buildings": buildings])
    } else {
      print(lines.joined(separator: "\n"))
    }
  }
}
