// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry
import ImageFiles
import Maps
import SceneStore
import Splats

/// Maps on their way into a spool of splats: surface by surface, slice by slice.
final class MapSeeding {
  /// What splats were made from, as far as provenance tells them apart.
  struct Origin: Hashable {
    var path: String
    /// Nil for measured points.
    var height: HeightOrigin?

    var name: String {
      let file = path.split(separator: "/").last.map(String.init) ?? path
      return height.map { "\(file) (heights \($0.name))" } ?? file
    }
  }

  let spool: MapSpool
  private let sources: [MapSource]
  private let frame: MapFrame
  private let seeder: SurfaceSeeder
  private let allowsMissingPictures: Bool

  private(set) var origins: [Origin] = []
  private var originNumbers: [Origin: Int] = [:]
  private(set) var things: [SceneThing] = []
  private var thingNumbers: [String: UInt32] = [:]
  private var knownIDs: Set<UInt32> = []
  private(set) var surfaceCount = 0
  private(set) var pointCount = 0
  /// Geometries that are no surfaces, surfaces without area, and places outside of their system.
  private(set) var leftOutCount = 0
  private(set) var missingPictures: Set<String> = []
  /// The surfaces by how their height was got.
  private(set) var heightCounts: [String: Int] = [:]

  init(
    _ sources: [MapSource], frame: MapFrame, density: Double, allowsMissingPictures: Bool,
    spool: MapSpool
  ) throws(InputError) {
    self.sources = sources
    self.frame = frame
    self.spool = spool
    self.allowsMissingPictures = allowsMissingPictures
    seeder = SurfaceSeeder(splatsPerSquareMetre: density)
  }

  /// The number of things that are counted.
  var thingCount: Int { thingNumbers.count }

  func run() throws(InputError) {
    for source in sources {
      guard case .city(let model) = source.content else { continue }
      try seed(model, source)
    }
    guard let survey = try SurveyedPlace(sources, frame: frame, thing: number(of:)) else {
      for source in sources { try seedPoints(source, nil) }
      return
    }
    for (index, path) in survey.paths.enumerated() {
      let (surfaces, areOnGround) = survey.map.surfaces(of: index)
      for surface in surfaces {
        try seed(surface, path: path, over: areOnGround ? survey.map.ground : nil, name: nil)
      }
    }
    for source in sources { try seedPoints(source, survey.map) }
  }

  // MARK: - Surfaces

  private func seed(_ model: CityModel, _ source: MapSource) throws(InputError) {
    let system = try source.coordinateSystem()
    var pictures = NamedPictures(of: source.path)
    leftOutCount += try model.surfaces { (city) throws(InputError) in
      var rings: [[SIMD3<Double>]] = []
      for ring in city.rings {
        var corners: [SIMD3<Double>] = []
        for corner in ring {
          guard let place = system.geodetic(corner) else {
            throw InputError(
              file: source.path, field: city.thingName,
              found: "a corner at \(corner.x), \(corner.y), \(corner.z)",
              expected: "a place within \(system.name)")
          }
          corners.append(frame.point(place))
        }
        rings.append(corners)
      }
      let thing = city.isCounted ? try number(of: city.thingName) : 0
      var surface = MapSurface(
        rings: rings, identifier: MapIdentifier(city.semanticClass, thing: thing), height: .stated)
      if let colour = city.colourSRGB { surface.colourSRGB = colour }
      if let picture = city.picture {
        surface.texture = try texture(picture, from: &pictures)
      }
      try seed(surface, path: source.path, over: nil, name: city.thingName)
    }
  }

  private func texture(
    _ picture: (name: String, places: [SIMD2<Double>]), from folder: inout NamedPictures
  ) throws(InputError) -> SurfaceTexture? {
    if missingPictures.contains(picture.name) { return nil }
    do throws(InputError) {
      return SurfaceTexture(
        try folder.picture(named: picture.name).colour, coordinates: picture.places)
    } catch {
      guard allowsMissingPictures else {
        throw InputError(
          file: error.file, field: error.field, found: error.found,
          expected: "\(error.expected), or --allow-missing-pictures")
      }
      missingPictures.insert(picture.name)
      return nil
    }
  }

  private func seed(
    _ surface: MapSurface, path: String, over field: HeightField?, name: String?
  ) throws(InputError) {
    let number = number(of: Origin(path: path, height: surface.height))
    surfaceCount += 1
    heightCounts[surface.height.name, default: 0] += 1
    var failure: InputError?
    let keep: (MapSplat) -> Void = { splat in
      guard failure == nil else { return }
      do throws(InputError) { try self.spool.add(splat, source: number) } catch { failure = error }
    }
    if let field {
      try seeder.seed(surface, over: field, file: path, keep)
    } else {
      try seeder.seed(surface, file: path, keep)
    }
    if let failure { throw failure }
    if surface.identifier.thing > 0, knownIDs.insert(surface.identifier.rawValue).inserted {
      things.append(
        SceneThing(
          id: surface.identifier.rawValue, surface.identifier.semanticClass,
          name: name ?? names[Int(surface.identifier.thing)]))
    }
  }

  private var names = [""]

  /// The number of a thing by its name.
  private func number(of name: String) throws(InputError) -> UInt32 {
    if let known = thingNumbers[name] { return known }
    let number = UInt32(thingNumbers.count + 1)
    guard number <= MapIdentifier.largestThing else {
      throw InputError(
        file: sources.first?.path ?? "sources", field: "things",
        found: "more than \(MapIdentifier.largestThing)", expected: "fewer")
    }
    thingNumbers[name] = number
    names.append(name)
    return number
  }

  private func number(of origin: Origin) -> Int {
    if let known = originNumbers[origin] { return known }
    originNumbers[origin] = origins.count
    origins.append(origin)
    return origins.count - 1
  }

  // MARK: - Points

  /// Seeds the points of a survey: all of them, or those that a map's surfaces do not stand for.
  private func seedPoints(_ source: MapSource, _ map: SurveyedMap?) throws(InputError) {
    guard case .survey(let header) = source.content else { return }
    let system = try source.coordinateSystem()
    let number = number(of: Origin(path: source.path, height: nil))
    // Some writers put 8 bits into fields of 16: then no colour of the first slice is above 255.
    var colourRange: Float?
    try source.eachSlice { (slice) throws(InputError) in
      if colourRange == nil {
        colourRange = slice.records.allSatisfy { $0.colour.max() <= 255 } ? 255 : 65_535
      }
      var points: [MapPoint] = []
      for record in slice.records {
        guard let place = system.geodetic(slice.place(record)) else {
          leftOutCount += 1
          continue
        }
        let position = frame.point(place)
        guard
          let semanticClass = map?.semanticClass(of: position, code: record.code)
            ?? (map == nil ? SemanticClass(surveyCode: record.code) : nil)
        else { continue }
        let colour =
          header.hasColour
          ? SIMD3<Float>(record.colour) / (colourRange ?? 65_535) : semanticClass.mapColourSRGB
        points.append(
          MapPoint(
            position: position, colourSRGB: colour, identifier: MapIdentifier(semanticClass)))
      }
      pointCount += points.count
      var failure: InputError?
      PointSeeder.seed(points) { splat in
        guard failure == nil else { return }
        do throws(InputError) { try spool.add(splat, source: number) } catch { failure = error }
      }
      if let failure { throw failure }
    }
  }
}

/// Flat maps with the surveys that were given with them, measured.
struct SurveyedPlace {
  /// The map, its heights settled.
  let map: SurveyedMap
  /// The file of each of its polygons.
  let paths: [String]
  /// The id of each of its polygons.
  let ids: [String]

  /// Reads all surveys once; nil where there is no flat map among the sources.
  ///
  /// - Throws: `InputError` also where there are flat maps without a survey.
  init?(
    _ sources: [MapSource], frame: MapFrame, thing: (String) throws(InputError) -> UInt32
  ) throws(InputError) {
    var features: [SurveyedMap.Feature] = []
    var (paths, ids) = ([String](), [String]())
    for source in sources {
      guard case .polygons(let file) = source.content else { continue }
      let system = try source.coordinateSystem()
      for polygon in file.polygons {
        var rings: [[SIMD2<Double>]] = []
        for ring in polygon.rings {
          var corners: [SIMD2<Double>] = []
          for corner in ring {
            guard let place = system.geodetic(SIMD3(corner.x, corner.y, 0)) else {
              throw InputError(
                file: source.path, field: polygon.id, found: "a corner at \(corner.x), \(corner.y)",
                expected: "a place within \(system.name)")
            }
            let point = frame.point(place)
            corners.append(SIMD2(point.x, point.y))
          }
          rings.append(corners)
        }
        let number = polygon.kind == .building ? try thing(polygon.id) : 0
        features.append(
          SurveyedMap.Feature(
            rings: rings, kind: polygon.kind, level: polygon.level, thing: number))
        paths.append(source.path)
        ids.append(polygon.id)
      }
    }
    guard var map = SurveyedMap(features) else { return nil }
    var surveyCount = 0
    for source in sources {
      guard case .survey = source.content else { continue }
      surveyCount += 1
      let system = try source.coordinateSystem()
      try source.eachSlice { (slice) throws(InputError) in
        for record in slice.records {
          guard let place = system.geodetic(slice.place(record)) else { continue }
          map.measure(frame.point(place), code: record.code)
        }
      }
    }
    guard surveyCount > 0 else {
      throw InputError(
        file: paths.first ?? "sources", field: "heights", found: "a flat map without a survey",
        expected: "a survey of the place beside it")
    }
    map.settle()
    self.map = map
    self.paths = paths
    self.ids = ids
  }
}
