// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Files
import Foundation
import Geometry
import Randomness
import SceneStore
import Splats

/// Builds a scene file of seeded splats and reads it again.
struct BenchStore: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "store",
    abstract: "Build a scene file with levels of detail, read its pages and fly through it.",
    discussion: """
      The first image is drawn with the file dropped from the kernel's memory (posix_fadvise, \
      DONTNEED) and nothing read of it; the program itself is warm. Memory is the peak of the \
      process up to the end of the flights: with --scene that of drawing, else with the building.
      """)
  @Option(help: "Leaves of 64 m along each side of the scene.") var edge = 32
  @Option(help: "Splats a leaf.") var splatsPerLeaf = 4096
  @Option(help: "The number of threads that build; all cores unless given.") var threads: Int?
  @Option(help: "The file, removed afterwards.") var file = "bench.diorama"
  @Flag(help: "Keep the file.") var keep = false
  @Option(help: "A scene file that is there already, to be read only.") var scene: String?
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    for (name, value, range) in [
      ("--edge", edge, 1...4096), ("--splats-per-leaf", splatsPerLeaf, 1...1_000_000),
      ("--threads", threads ?? 1, 1...1024),
    ] where !range.contains(value) {
      throw ValidationError(
        "\(name): \(value) is not in \(range.lowerBound) to \(range.upperBound).")
    }
  }

  func run() throws {
    let threadCount = threads ?? ProcessInfo.processInfo.activeProcessorCount
    var figures: [String: Any] = ["machine": Machine().json, "threadCount": threadCount]
    if let scene {
      try measure(scene, threadCount: threadCount, &figures)
    } else {
      try requireWritable(file, replacing: false)
      defer { if !keep { try? removeItem(file) } }
      try build(threadCount: threadCount, &figures)
      try measure(file, threadCount: threadCount, &figures)
    }
    json ? printJSON(figures) : tell(figures)
  }

  private func build(threadCount: Int, _ figures: inout [String: Any]) throws {
    let leaves = (0..<edge).flatMap { row in
      (0..<edge).map { CellID(level: CellID.cityLevel, column: $0, row: row) }
    }.sorted()
    // A few kinds of leaf, so that seeding takes no part in the times.
    let kinds = (0..<8).map { Self.leaf(count: splatsPerLeaf, seed: UInt64($0)) }
    let built = try ContinuousClock().measure {
      let builder = try SceneBuilder(file, origin: nil, threadCount: threadCount)
      let source = try builder.add(
        SplatSource(name: "bench", licence: "Apache-2.0", sha256: "", method: .seeded))
      for (index, leaf) in leaves.enumerated() {
        try builder.add(leaf: leaf, kinds[index % kinds.count], source: source)
      }
      try builder.finish()
    }
    let count = edge * edge * splatsPerLeaf
    figures["buildSeconds"] = built / .seconds(1)
    figures["builtSplatsPerSecond"] = Double(count) / (built / .seconds(1))
    figures["bytesPerSplat"] = Double(try fileSize(file)) / Double(count)
  }

  private func measure(
    _ path: String, threadCount: Int, _ figures: inout [String: Any]
  ) throws {
    let bench = try SceneFileBenchmark(path, threadCount: threadCount)
    // First, so that the peak of memory is that of drawing alone where no file was built.
    let flights = bench.straightFlights
    let above = flights[1].way(0)
    figures["firstImageSeconds"] = try bench.firstImageSeconds(
      from: above.eye, towards: above.target)
    figures["flights"] = try flights.map { try bench.fly($0) }
    figures["peakResidentBytes"] = peakResidentBytes()
    figures["splatCount"] = try bench.file.leafSplatCount
    try bench.decode(&figures)
  }

  private func tell(_ figures: [String: Any]) {
    func millions(_ key: String) -> String {
      decimal((figures[key] as? Double ?? 0) / 1e6, places: 1)
    }
    func number(_ key: String, places: Int) -> String {
      decimal(figures[key] as? Double ?? 0, places: places)
    }
    print(Machine().line)
    if figures["buildSeconds"] != nil {
      print(
        "built in \(number("buildSeconds", places: 2)) s, \(millions("builtSplatsPerSecond")) M "
          + "splats/s, \(number("bytesPerSplat", places: 1)) bytes a splat with all levels")
    }
    print(
      "one thread, M splats/s: read, checked and decompressed \(millions("readSplatsPerSecond")), "
        + "of that zstd alone \(millions("decompressedSplatsPerSecond")), "
        + "unpacked \(millions("unpackedSplatsPerSecond"))")
    print(
      "first image, cold: \(decimal(1000 * (figures["firstImageSeconds"] as? Double ?? 0), places: 0)) ms"
    )
    for flight in figures["flights"] as? [[String: Any]] ?? [] {
      let (name, rate) = (flight["name"] ?? "", flight["framesPerSecond"] as? Double ?? 0)
      print("\(name): \(decimal(rate, places: 1)) frames/s of \(flight["meanSplats"] ?? 0) splats")
    }
    print("peak resident memory: \(decimal(Double(peakResidentBytes()) / 1e6, places: 0)) MB")
  }

  /// Flat splats on a hilly ground and on boxes, as seeding makes them.
  private static func leaf(count: Int, seed: UInt64) -> SplatCloud {
    var random = RandomStream(seed: seed, purpose: "bench store")
    var cloud = SplatCloud(shDegree: 0)
    cloud.reserveCapacity(count)
    let half = CellID(level: CellID.cityLevel, column: 0, row: 0).edge / 2
    let spacing = 2 * half / Double(count).squareRoot()
    for _ in 0..<count {
      let place = SIMD2(random.uniform(in: -half...half), random.uniform(in: -half...half))
      let isRoof = Int((place.x + half) / 16) % 2 == Int((place.y + half) / 16) % 2
      let height = isRoof ? 12 : 0.5 * (place.x / 9).sine + 0.5 * (place.y / 7).cosine
      let shade = random.uniform(in: -0.1...0.1)
      let colour = isRoof ? SIMD3(0.6 + shade, 0.3, 0.25) : SIMD3(0.35, 0.45 + shade, 0.3)
      cloud.append(
        Splat(
          position: SIMD3(Float(place.x), Float(place.y), Float(height)),
          logScale: SIMD3(
            Float(log(spacing * 0.7)), Float(log(spacing * 0.7)), Float(log(spacing * 0.1))),
          rotation: Quaternion(
            angle: Float(random.uniform(in: -0.1...0.1)),
            axis: SIMD3(Float(random.uniform(in: -1...1)), Float(random.uniform(in: -1...1)), 0)),
          opacityLogit: 4, sh0: Splat.sh0(colourSRGB: SIMD3<Float>(colour))))
    }
    return cloud
  }
}
