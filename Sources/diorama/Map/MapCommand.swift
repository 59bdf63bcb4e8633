// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Files
import Foundation
import Geometry
import Maps

/// Maps of real places: into scenes, and what they hold.
struct MapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "map", abstract: "Make scenes of maps of real places, and describe maps.",
    subcommands: [
      OSMImport.self, OSMInfo.self, MapBuild.self, MapDescribe.self, MapHeights.self,
    ])
}

/// The maps that a verb works on.
struct MapArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      """
      City models (CityJSON, .json), surveys (.las, .laz, COPC), flat maps (polygons in SQLite, \
      .sqlite).
      """,
      valueName: "source"))
  var sources: [String]

  @Option(
    help: ArgumentHelp(
      "The coordinate system of sources that do not say theirs: EPSG:28992, WKT, PROJ.",
      valueName: "system"))
  var crs: String?

  /// Opens all sources, in their order.
  func open() throws(InputError) -> [MapSource] {
    var opened: [MapSource] = []
    for path in sources { opened.append(try MapSource(path: path, statedSystem: crs)) }
    return opened
  }
}

/// A map that was opened.
struct MapSource {
  enum Content {
    case city(CityModel)
    case survey(LASHeader)
    case polygons(PolygonFile)
  }

  var path: String
  var content: Content
  /// The coordinate system as the file or the user says it; nil where nobody does.
  var system: String?
  /// The metres of a unit of height, where the file says it apart from its system.
  var metresPerHeightUnit: Double?

  init(path: String, statedSystem: String?) throws(InputError) {
    self.path = path
    switch path.split(separator: ".").last?.lowercased() ?? "" {
    case "json":
      let model = try CityModel(path: path)
      content = .city(model)
      system = model.coordinateSystem
    case "las", "laz":
      let header = try SurveyImporter(workerExecutable: ownExecutable()).read(path, count: 0).header
      content = .survey(header)
      system = header.coordinateSystem
      metresPerHeightUnit = header.metresPerHeightUnit
    case "sqlite":
      let polygons = try PolygonFile(path: path)
      content = .polygons(polygons)
      system = polygons.coordinateSystem
    case let ending:
      throw InputError(
        file: path, field: "name", found: "the ending \"\(ending)\"",
        expected: "one of json, las, laz, sqlite")
    }
    system = system ?? statedSystem
  }

  /// Opens the source's coordinate system.
  ///
  /// - Throws: `InputError` also where nobody says which it is.
  func coordinateSystem() throws(InputError) -> CoordinateSystem {
    guard let system else {
      throw InputError(
        file: path, field: "coordinate system", found: "none in the file",
        expected: "one, or --crs")
    }
    return try CoordinateSystem(system, file: path, metresPerHeightUnit: metresPerHeightUnit)
  }

  /// A place in the middle of the source, in its coordinate system; nil for an empty one.
  var middle: SIMD3<Double>? {
    switch content {
    case .city(let model): return model.bounds.map { ($0.low + $0.high) / 2 }
    case .survey(let header): return header.pointCount > 0 ? (header.low + header.high) / 2 : nil
    case .polygons(let polygons):
      let corners = polygons.polygons.lazy.flatMap { $0.rings.joined() }
      guard let first = corners.first else { return nil }
      let (low, high) = corners.reduce((first, first)) {
        (pointwiseMin($0.0, $1), pointwiseMax($0.1, $1))
      }
      return SIMD3((low.x + high.x) / 2, (low.y + high.y) / 2, 0)
    }
  }

  /// Reads a survey slice by slice.
  func eachSlice(_ body: (SurveySlice) throws(InputError) -> Void) throws(InputError) {
    guard case .survey(let header) = content else { return }
    let importer = SurveyImporter(workerExecutable: ownExecutable())
    for first in stride(from: 0, to: header.pointCount, by: SurveyImporter.sliceSize) {
      try body(importer.read(path, first: first))
    }
  }
}

extension [MapSource] {
  /// The frame around an origin, or around the middle of the first source that has one.
  func frame(_ origin: OriginOption?) throws(InputError) -> MapFrame {
    if let origin { return MapFrame(origin: origin.position) }
    for source in self {
      guard let middle = source.middle else { continue }
      let system = try source.coordinateSystem()
      guard var position = system.geodetic(middle) else {
        throw InputError(
          file: source.path, field: "coordinates",
          found: "\(middle.x), \(middle.y) in \(system.name)", expected: "a place on the earth")
      }
      // A millionth of a degree is a tenth of a metre, and can be typed.
      func rounded(_ angle: Double) -> Double {
        ((angle.degreesFromRadians * 1e6).rounded() / 1e6).radiansFromDegrees
      }
      position.latitude = rounded(position.latitude)
      position.longitude = rounded(position.longitude)
      position.height = 0
      return MapFrame(origin: position)
    }
    throw InputError(
      file: first?.path ?? "sources", field: "content", found: "nothing", expected: "a map")
  }
}
