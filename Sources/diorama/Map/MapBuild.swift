// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Files
import Foundation
import Geometry
import Maps
import SceneStore
import Splats

/// Makes a scene file of maps.
struct MapBuild: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build", abstract: "Make a scene file of surveys, city models and flat maps.",
    discussion: """
      Surfaces become flat splats, points become discs or balls; each knows its class and its \
      thing. Flat maps get their heights from the surveys that are given with them. The scene's \
      frame is east, north, up in metres around the origin; heights stay above the map's datum.
      """)
  @OptionGroup var maps: MapArguments
  @OptionGroup var file: NewSceneFile
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Where the origin lies; the middle of the first source unless given.", valueName: "lat,lon"))
  var origin: OriginOption?
  @Option(help: "Splats a square metre of surface.") var density = 16.0
  @Option(help: "The licence of the maps, an SPDX expression or words.") var licence = "unknown"
  @Flag(help: "Colour by class where a picture that a map names is not there.")
  var allowMissingPictures = false
  @OptionGroup var threads: ThreadOption
  @Flag(help: "Print one JSON object, with the time of each stage.") var json = false

  func validate() throws {
    guard density >= 0.01, density <= 10_000 else {
      throw ValidationError("--density: \(density) is not in 0.01 to 10000.")
    }
  }

  func run() throws {
    try file.requireWritable()
    let spool = try MapSpool(beside: file.out)
    let interruption = file.endsWhenInterrupted(isResumable: false, removing: [spool.folder])
    defer { withExtendedLifetime(interruption) {} }
    let clock = StageClock()
    let sources = try maps.open()
    let frame = try sources.frame(origin)
    clock.end("open")
    let seeding = try MapSeeding(
      sources, frame: frame, density: density, allowsMissingPictures: allowMissingPictures,
      spool: spool)
    try seeding.run()
    clock.end("seed")
    let leafCount = try build(seeding, frame)
    clock.end("build")
    try report(seeding, frame, leafCount: leafCount, clock)
  }

  private func build(_ seeding: MapSeeding, _ frame: MapFrame) throws(InputError) -> Int {
    let builder = try SceneBuilder(
      file.out, origin: frame.origin, threadCount: threads.count)
    var digests: [String: String] = [:]
    var numbers: [Int64] = []
    for origin in seeding.origins {
      if digests[origin.path] == nil {
        digests[origin.path] = try SHA256.hexDigest(ofFile: origin.path)
      }
      numbers.append(
        try builder.add(
          SplatSource(
            name: origin.name, licence: licence, sha256: digests[origin.path] ?? "",
            method: origin.height == nil ? .captured : .seeded)))
    }
    try builder.add(seeding.things)
    // Leaves with splats of several sources name them together.
    var together: [Set<Int>: Int64] = [:]
    var leafCount = 0
    try seeding.spool.leaves { (leaf, cloud, sources) throws(InputError) in
      guard cloud.count <= SplatPage.largestCount else {
        throw InputError(
          file: file.out, field: "splats in one square metre", found: "\(cloud.count)",
          expected: "at most \(SplatPage.largestCount): a lower --density")
      }
      let sorted = sources.sorted()
      let number: Int64
      if sorted.count == 1 {
        number = numbers[sorted[0]]
      } else if let known = together[sources] {
        number = known
      } else {
        number = try builder.add(
          SplatSource(
            name: sorted.map { seeding.origins[$0].name }.joined(separator: " + "),
            licence: licence, sha256: "", method: .seeded))
        together[sources] = number
      }
      try builder.add(leaf: leaf, cloud, source: number)
      leafCount += 1
    }
    try builder.finish()
    return leafCount
  }

  private func report(
    _ seeding: MapSeeding, _ frame: MapFrame, leafCount: Int, _ clock: StageClock
  ) throws {
    let (out, count) = (file.out, seeding.spool.count)
    let size = try fileSize(out)
    if json {
      printJSON([
        "out": out, "splatCount": count, "outsideCount": seeding.spool.outsideCount,
        "leafCount": leafCount, "byteCount": size, "thingCount": seeding.thingCount,
        "surfaceCount": seeding.surfaceCount, "pointCount": seeding.pointCount,
        "leftOutCount": seeding.leftOutCount, "missingPictures": seeding.missingPictures.sorted(),
        "heights": seeding.heightCounts,
        "origin": [
          "latitudeDegrees": frame.origin.latitude.degreesFromRadians,
          "longitudeDegrees": frame.origin.longitude.degreesFromRadians,
        ], "stageMilliseconds": clock.milliseconds,
      ])
      return
    }
    let megabytes = decimal(Double(size) / 1e6, places: 1)
    print("\(out): \(count) splats in \(leafCount) leaves, \(megabytes) MB")
    print(
      "  \(seeding.surfaceCount) surfaces of \(seeding.thingCount) things, "
        + "\(seeding.pointCount) points")
    for (name, count) in seeding.heightCounts.sorted(by: { $0.key < $1.key }) {
      print("  heights \(name): \(count) surfaces")
    }
    if !seeding.missingPictures.isEmpty {
      print("  pictures that are not there: \(seeding.missingPictures.count)")
    }
  }
}
