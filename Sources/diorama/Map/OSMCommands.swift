// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Files
import Foundation
import Geometry
import Maps

/// Makes a scene file of a map of OpenStreetMap.
struct OSMImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Make a scene file of a map.",
    discussion: """
      OpenStreetMap as PBF or XML, plain or in gzip or bzip2, becomes buildings with their parts \
      and roofs, roads, green, water, trees and walls, on the ground of --terrain where that is \
      given. Every height that the map does not state is filled by a rule; the rules are counted.
      """)
  @Argument(help: ArgumentHelp("A map: .osm, .osm.gz, .osm.bz2 or .osm.pbf.", valueName: "map"))
  var map: String
  @OptionGroup var file: NewSceneFile
  @Option(
    help: ArgumentHelp(
      "Heights of the ground: an SRTM tile (.hgt, or a zip of one) or a GeoTIFF.",
      valueName: "file"))
  var terrain: String?
  @Option(help: ArgumentHelp("Splats on a square metre.", valueName: "number"))
  var density = 4.0
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Where the scene's origin lies: latitude and longitude in degrees, metres above the map's \
      zero; the middle of the map unless given, on the ground.
      """, valueName: "lat,lon,height"))
  var origin: OriginOption?
  @Option(help: "The licence of the map, an SPDX expression or words.") var licence = "ODbL-1.0"
  @OptionGroup var threads: ThreadOption
  @Flag(help: "Go on with an import of this file that was killed.") var resume = false
  @Flag(help: "Print one JSON object, with the rules and the time of each stage.") var json = false

  func validate() throws {
    guard (0.01...1000).contains(density) else {
      throw ValidationError("--density: \(density) is not in 0.01 to 1000.")
    }
  }

  func run() throws {
    try file.requireWritable()
    let out = file.out
    let interruption = file.endsWhenInterrupted(isResumable: true)
    defer { withExtendedLifetime(interruption) {} }
    let clock = StageClock()
    let content = try OSMMap(readingInProcess: map)
    clock.end("read")
    let place = try MapPlace(content, file: map, origin: origin?.position, terrain: terrain)
    clock.end("terrain")
    let city = try OSMCity(content, frame: place.frame, ground: place.ground, file: map)
    clock.end("raise")
    let sources = try MapSources(map: map, terrain: terrain, licence: licence)
    let build = SurfaceBuild(city.surfaces, density: density, file: map)
    let splatCount = try build.write(
      out, origin: place.frame.origin, sources: sources, things: city.sceneThings,
      options: (threads.count, resume))
    clock.end("build")
    let size = try fileSize(out)
    if json {
      printJSON([
        "map": map, "out": out, "surfaceCount": city.surfaces.count,
        "thingCount": city.things.count, "splatCount": splatCount, "byteCount": size,
        "rules": city.report.counts, "stageMilliseconds": clock.milliseconds,
        "origin": [
          "latitudeDegrees": place.frame.origin.latitude.degreesFromRadians,
          "longitudeDegrees": place.frame.origin.longitude.degreesFromRadians,
          "height": place.frame.origin.height,
        ],
      ])
      return
    }
    print(
      "\(out): \(splatCount) splats of \(city.surfaces.count) surfaces, "
        + "\(city.things.count) things, \(decimal(Double(size) / 1e6, places: 1)) MB")
    for line in city.report.lines { print(line) }
  }
}

/// Describes a map without making anything of it.
struct OSMInfo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Describe a map or a terrain.")
  @Argument(
    help: "OpenStreetMap (.osm, .pbf, packed or not), SRTM (.hgt, .hgt.zip) or a GeoTIFF (.tif).")
  var file: String
  @Flag(help: "Print one JSON object.") var json = false

  func run() throws {
    let figures =
      try MapPlace.isTerrain(file) ? terrain() : contents(try OSMMap(readingInProcess: file))
    if json {
      printJSON(figures.merging(["file": file]) { $1 })
      return
    }
    print("file        \(file)")
    for (name, value) in figures.sorted(by: { $0.key < $1.key }) {
      print(name.padding(toLength: 30, withPad: " ", startingAt: 0) + "\(value)")
    }
  }

  private func contents(_ map: OSMMap) -> [String: Any] {
    let areas = map.objects.filter(\.isArea)
    let buildings = areas.filter { $0.tags["building"] != nil }
    var figures: [String: Any] = [
      "nodeCount": map.counts.nodes, "wayCount": map.counts.ways,
      "relationCount": map.counts.relations, "outerRingCount": map.counts.outerRings,
      "innerRingCount": map.counts.innerRings, "brokenAreaCount": map.counts.brokenAreas,
      "incompleteRelationCount": map.counts.incompleteRelations,
      "missingNodeCount": map.counts.missingNodes,
      "nodeOutsideOfEarthCount": map.counts.nodesOutsideOfEarth,
      "taggedNodeCount": map.objects.filter { $0.kind == .node }.count,
      "taggedWayCount": map.objects.filter { $0.kind == .way }.count,
      "taggedAreaCount": areas.count, "buildingAreaCount": buildings.count,
      "buildingPartAreaCount": areas.filter { $0.tags["building:part"] != nil }.count,
      "treeCount": map.objects.filter { $0.kind == .node && $0.tags["natural"] == "tree" }.count,
    ]
    guard let bounds = map.bounds, let centre = map.centre else { return figures }
    figures["bounds"] = [bounds.low.x, bounds.low.y, bounds.high.x, bounds.high.y].map {
      Double($0) * 1e-7
    }
    let frame = MapFrame(origin: centre)
    figures["buildingSquareMetres"] = buildings.reduce(0) { $0 + $1.squareMetres(in: frame) }
    return figures
  }

  private func terrain() throws(InputError) -> [String: Any] {
    let raster = try MapPlace.terrain(file)
    var figures: [String: Any] = [
      "columnCount": raster.columnCount, "rowCount": raster.rowCount, "system": raster.system,
      "northWest": [raster.northWest.x, raster.northWest.y],
      "step": [raster.step.x, raster.step.y],
      "voidCount": raster.voidCount,
    ]
    let known = raster.heights.filter { !$0.isNaN }
    if let range = raster.range {
      figures["lowest"] = Double(range.lowerBound)
      figures["highest"] = Double(range.upperBound)
      figures["meanHeight"] = known.reduce(0) { $0 + Double($1) } / Double(known.count)
    }
    return figures
  }
}
