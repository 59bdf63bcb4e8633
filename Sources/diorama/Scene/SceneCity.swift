// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Cities
import Files
import Foundation
import SceneStore
import Splats

/// A city that is made up: what it is, and how it becomes a scene file.
struct CityOptions: ParsableArguments {
  @Option(name: .customLong("km2"), help: "The area of the city, a square, square kilometres.")
  var squareKilometres = 1.0
  @Option(help: "What decides the city.") var seed: UInt64 = 1
  @Option(help: "How many splats, as a multiple of about one on a square metre.")
  var density = 1.0
  @OptionGroup var threads: ThreadOption

  func validate() throws {
    for (name, value, range) in [
      ("--km2", squareKilometres, 0.01...1_000_000), ("--density", density, 0.1...64),
    ] where !range.contains(value) {
      throw ValidationError(
        "\(name): \(value) is not in \(range.lowerBound) to \(range.upperBound).")
    }
  }

  var city: City {
    City(seed: seed, edge: (squareKilometres * 1e6).squareRoot(), density: density)
  }

  /// The bytes that the scene file is going to have, about: 16 a splat, a tenth more of them.
  var expectedByteCount: Double { 17.6 * squareKilometres * 1e6 * density }

  /// Throws unless the disk has room for the scene file.
  func requireRoom(for path: String) throws(InputError) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder)
    guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.doubleValue else { return }
    guard free > expectedByteCount else {
      throw InputError(
        file: path, field: "free disk space", found: gigabytes(free),
        expected: "about \(gigabytes(expectedByteCount))")
    }
  }

  private func gigabytes(_ bytes: Double) -> String { "\(decimal(bytes / 1e9, places: 2)) GB" }

  /// The level of the leaves: smaller ones where there are more splats.
  private var leafLevel: Int { density <= 8 ? CellID.cityLevel : density <= 32 ? 5 : 4 }

  /// Builds the scene file of the city, or goes on with it.
  func build(_ path: String, isResuming: Bool, isShown: Bool) throws(InputError) {
    let city = city
    let level = leafLevel
    let width = Double(1 << level)
    let places =
      Int((-city.edge / 2 / width).rounded(.down))..<Int((city.edge / 2 / width).rounded(.up))
    let leaves = places.flatMap { row in
      places.map { CellID(level: level, column: $0, row: row) }
    }.sorted()
    let builder = try SceneBuilder(
      path, origin: nil, threadCount: threads.count, isResuming: isResuming)
    let source = try builder.add(
      SplatSource(
        name: "city of seed \(seed), \(squareKilometres) km2, density \(density)",
        licence: "CC0-1.0", sha256: "", method: .seeded))
    let line = ProgressLine(isShown: isShown)
    var done = leaves.prefix { builder.holds($0) }.count
    line.begin(unit: "cells", total: leaves.count, doneBefore: done)
    try builder.add(
      leaves: leaves, source: source,
      progress: { count in
        line.advance(by: count - done)
        done = count
      },
      make: { leaf in
        let square = CitySquare(
          west: Double(leaf.column) * width, south: Double(leaf.row) * width, edge: width)
        let things = city.things(in: square).map { SceneThing(id: $0.id, $0.semanticClass) }
        return (city.splats(in: square), things)
      })
    line.finish()
    try builder.finish()
  }
}

/// Makes the scene file of a city that is made up.
struct SceneCity: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "city", abstract: "Make up a city of any size as a scene file.",
    discussion: """
      Hills, a river, streets, blocks, buildings with windows, trees, lamps and parked cars, \
      around the origin; east, north, up. The same seed gives the same city, and a larger one \
      holds a smaller one but for what the edge cuts. A thousand square kilometres are a billion \
      splats and take less than 20 GB.

      A build that was killed leaves a file with .unfinished added to its name and none under its \
      own; --resume goes on with it, and what comes out is the same to the byte.
      """)
  @OptionGroup var options: CityOptions
  @OptionGroup var file: NewSceneFile
  @Flag(help: "Go on with a build of this file that was killed.") var resume = false
  @Flag(help: "Print one JSON object.") var json = false

  func run() throws {
    try file.requireWritable()
    let out = file.out
    let interruption = file.endsWhenInterrupted(isResumable: true)
    defer { withExtendedLifetime(interruption) {} }
    try options.requireRoom(for: out)
    let clock = StageClock()
    try options.build(out, isResuming: resume, isShown: !json)
    clock.end("build")
    let (count, size) = (try SceneFile(reading: out).leafSplatCount, try fileSize(out))
    if json {
      printJSON([
        "out": out, "splatCount": count, "byteCount": size,
        "peakResidentBytes": peakResidentBytes(), "stageMilliseconds": clock.milliseconds,
      ])
      return
    }
    let megabytes = decimal(Double(size) / 1e6, places: 1)
    print("\(out): \(count) splats, \(megabytes) MB")
  }
}
