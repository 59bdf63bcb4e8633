// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Splats

/// Describes a scene: how many splats, where, how opaque and how large.
struct SceneInfo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Describe a scene without drawing it.")
  @OptionGroup var scene: SceneArgument
  @Flag(help: "Print one JSON object.") var json = false

  /// The shares of splats that lie below the figures that are printed.
  private static let shares = [0.01, 0.1, 0.5, 0.9, 0.99]
  private static let shareNames = ["q01", "q10", "q50", "q90", "q99"]

  func run() throws {
    let opened = try scene.open()
    let cloud = opened.cloud
    let summary = SceneSummary(of: opened, name: scene.name)
    let opacity = quantiles(cloud.opacityLogits.map { 1 / (1 + exp(-$0)) }, at: Self.shares)
    let scale = quantiles(cloud.logScales.map { exp($0.max()) }, at: Self.shares)
    if json {
      printJSON(
        summary.json.merging([
          "opacity": named(opacity), "largestDeviation": named(scale),
          "memoryByteCount": cloud.memoryByteCount,
        ]) { $1 })
      return
    }
    print(summary.lines.joined(separator: "\n"))
    print("opacity     \(line(opacity, places: 3))")
    print("size        \(line(scale, places: 5))  (largest standard deviation)")
    print("memory      \(decimal(Double(cloud.memoryByteCount) / 1e6, places: 1)) MB")
  }

  private func named(_ values: [Float]) -> [String: Double] {
    Dictionary(zip(Self.shareNames, values.map { Double($0) })) { $1 }
  }

  private func line(_ values: [Float], places: Int) -> String {
    zip(Self.shareNames, values).map { "\($0) \(decimal(Double($1), places: places))" }
      .joined(separator: "  ")
  }
}

extension SplatCloud {
  /// The bytes of all columns.
  fileprivate var memoryByteCount: Int {
    let vectorCount = positions.count + logScales.count + rotations.count + sh0.count
    return vectorCount * MemoryLayout<SIMD4<Float>>.stride
      + (opacityLogits.count + shRest.count + instanceIDs.count) * MemoryLayout<Float>.stride
  }
}
