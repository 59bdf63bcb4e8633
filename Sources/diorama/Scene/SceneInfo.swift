// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Geometry
import SceneStore
import SplatFormats
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
    if let file = opened.file { return try describe(file, opened) }
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

  /// Says what a scene file holds, level by level.
  private func describe(_ file: SceneFile, _ opened: OpenedScene) throws {
    let levels = try file.levels
    let leafCount = try file.leafSplatCount
    let bounds = try file.roots().reduce(into: AxisAlignedBox()) { box, root in
      box.add(root.box.minimum)
      box.add(root.box.maximum)
    }
    let origin = try file.origin
    let layers = try file.layers.filter { $0.kind != .base }
    if json {
      var description: [String: Any] = [
        "scene": scene.name, "container": opened.report.container, "count": leafCount,
        "levels": levels.map {
          ["level": $0.level, "cellCount": $0.cellCount, "splatCount": $0.splatCount]
        },
      ]
      description["layers"] = layers.map(\.name)
      if !bounds.isEmpty {
        description["bounds"] = ["minimum": list(bounds.minimum), "maximum": list(bounds.maximum)]
      }
      if let origin {
        description["origin"] = [
          "latitudeDegrees": origin.latitude.degreesFromRadians,
          "longitudeDegrees": origin.longitude.degreesFromRadians, "height": origin.height,
        ]
      }
      printJSON(description)
      return
    }
    print("scene       \(scene.name)")
    print("splats      \(leafCount) in the leaves")
    if !bounds.isEmpty {
      print(
        "reaches     \(place(bounds.minimum)) to \(place(bounds.maximum)), metres east, north, up")
    }
    if !layers.isEmpty { print("layers      \(layers.map(\.name).joined(separator: ", "))") }
    for level in levels {
      let edge = decimal(CellID(level: level.level, column: 0, row: 0).edge, places: 0)
      print(
        "level \(level.level)     \(level.cellCount) cells of \(edge) m, \(level.splatCount) splats"
      )
    }
  }

  /// Three numbers for people.
  private func place(_ point: SIMD3<Double>) -> String {
    list(point).map { decimal($0, places: 1) }.joined(separator: " ")
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
