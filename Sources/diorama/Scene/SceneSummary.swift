// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import SplatFormats
import Splats

/// What people and machines are told about a scene.
struct SceneSummary {
  let name: String
  let report: SplatImportReport
  let count: Int
  let shDegree: Int
  let bounds: AxisAlignedBox

  init(of scene: OpenedScene, name: String) {
    self.name = name
    report = scene.report
    count = scene.cloud.count
    shDegree = scene.cloud.shDegree
    bounds = scene.cloud.bounds
  }

  /// The lines for people.
  var lines: [String] {
    var lines = [
      "scene       \(name)", "container   \(report.container)",
      "splats      \(count), SH degree \(shDegree)",
    ]
    if !bounds.isEmpty { lines.append("bounds      \(boundsText)") }
    lines += report.findings.map { "found       \($0)" }
    return lines
  }

  /// The same for machines.
  var json: [String: Any] {
    var json: [String: Any] = [
      "scene": name, "container": report.container, "count": count, "shDegree": shDegree,
      "storedCount": report.storedCount, "droppedNonFinite": report.repairs.droppedNonFinite,
      "undefinedRotations": report.repairs.undefinedRotations,
      "infiniteOpacities": report.repairs.infiniteOpacities,
      "flatSplats": report.repairs.flatSplats, "farOutliers": report.farOutliers,
      "antialiased": report.antialiased, "skipped": report.skipped,
    ]
    if !bounds.isEmpty {
      json["bounds"] = ["minimum": list(bounds.minimum), "maximum": list(bounds.maximum)]
    }
    return json
  }

  private var boundsText: String {
    zip(["x", "y", "z"], 0..<3).map { axis, index in
      let (low, high) = (bounds.minimum[index], bounds.maximum[index])
      return "\(axis) \(decimal(low, places: 3)) to \(decimal(high, places: 3))"
    }.joined(separator: ", ")
  }
}

/// Returns the values at some ranks of an unsorted list, nearest rank; empty for an empty list.
func quantiles(_ values: [Float], at shares: [Double]) -> [Float] {
  let sorted = values.sorted()
  guard let last = sorted.indices.last else { return [] }
  return shares.map { sorted[Int(($0 * Double(last)).rounded())] }
}
