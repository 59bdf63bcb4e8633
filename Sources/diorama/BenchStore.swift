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
    commandName: "store", abstract: "Build a scene file with levels of detail, and read its pages.")
  @Option(help: "Leaves of 64 m along each side of the scene.") var edge = 32
  @Option(help: "Splats a leaf.") var splatsPerLeaf = 4096
  @Option(help: "The number of threads that build; all cores unless given.") var threads: Int?
  @Option(help: "The file, removed afterwards.") var file = "bench.diorama"
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
    try requireWritable(file, replacing: false)
    let threadCount = threads ?? ProcessInfo.processInfo.activeProcessorCount
    let leaves = (0..<edge).flatMap { row in
      (0..<edge).map { CellID(level: CellID.cityLevel, column: $0, row: row) }
    }.sorted()
    // A few kinds of leaf, so that seeding takes no part in the times.
    let kinds = (0..<8).map { Self.leaf(count: splatsPerLeaf, seed: UInt64($0)) }
    let clock = ContinuousClock()
    defer { try? removeItem(file) }
    let built = try clock.measure {
      let builder = try SceneBuilder(file, origin: nil, threadCount: threadCount)
      let source = try builder.add(
        SplatSource(name: "bench", licence: "Apache-2.0", sha256: "", method: .seeded))
      for (index, leaf) in leaves.enumerated() {
        try builder.add(leaf: leaf, kinds[index % kinds.count], source: source)
      }
      try builder.finish()
    }
    let scene = try SceneFile(reading: file)
    var pages: [SplatPage] = []
    let read = try clock.measure {
      for leaf in leaves.prefix(256) {
        if let page = try scene.page(leaf) { pages.append(page) }
      }
    }
    var checksum: Float = 0
    let decoded = clock.measure { for page in pages { checksum += page.cloud.positions[0].x } }
    let readCount = pages.reduce(0) { $0 + $1.count }
    report(
      built: built, byteCount: try fileSize(file), threadCount: threadCount,
      readRate: Double(readCount) / (read / .seconds(1)),
      decodeRate: Double(readCount) / (decoded / .seconds(1)))
  }

  private func report(
    built: Duration, byteCount: Int, threadCount: Int, readRate: Double, decodeRate: Double
  ) {
    let count = edge * edge * splatsPerLeaf
    let rate = Double(count) / (built / .seconds(1))
    let size = Double(byteCount) / Double(count)
    let machine = Machine()
    if json {
      printJSON([
        "machine": machine.json, "splatCount": count, "threadCount": threadCount,
        "buildSeconds": built / .seconds(1), "builtSplatsPerSecond": rate,
        "bytesPerSplat": size, "readSplatsPerSecond": readRate,
        "decodedSplatsPerSecond": decodeRate,
      ])
      return
    }
    print(machine.line)
    print(
      "\(count) splats in \(edge * edge) leaves: built in \(decimal(built / .seconds(1), places: 2)) s"
        + " on \(threadCount) threads, \(decimal(rate / 1e6, places: 2)) M splats/s, "
        + "\(decimal(size, places: 1)) bytes a splat with all levels")
    print(
      "one thread: pages read and checked at \(decimal(readRate / 1e6, places: 1)) M splats/s, "
        + "decoded at \(decimal(decodeRate / 1e6, places: 1)) M splats/s")
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
