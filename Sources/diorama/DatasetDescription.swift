// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Datasets
import Files
import Foundation

/// What people and machines are told about a dataset; no frame is read for it.
struct DatasetDescription {
  /// A feature and what `meta/stats.json` says about it, a number a dimension.
  struct Feature {
    var feature: LeRobotDataset.Feature
    var figures: [(name: String, values: [Double])]
  }

  /// The figures that are asked for, of those that a dataset may hold.
  private static let figureNames = ["min", "max", "mean", "std"] + FeatureStatistics.quantileNames

  let dataset: LeRobotDataset
  let features: [Feature]
  /// The episodes of each instruction, most first, equals in the order of their text.
  let tasks: [(text: String, episodeCount: Int)]
  let byteCount: Int
  /// What became of the episodes; nil where the dataset is not Diorama's.
  let summary: DatasetSummary?
  /// False for a dataset without `meta/stats.json`, whose features then have no figures.
  let hasStatistics: Bool

  /// Reads the statistics and the files' sizes.
  init(of dataset: LeRobotDataset) throws(InputError) {
    self.dataset = dataset
    let statistics = try dataset.statistics()
    hasStatistics = statistics != nil
    var features: [Feature] = []
    for feature in dataset.features {
      let figures = try statistics.map { fields throws(InputError) in
        try Self.figures(fields, feature.name)
      }
      features.append(Feature(feature: feature, figures: figures ?? []))
    }
    self.features = features
    var counts: [String: Int] = [:]
    for task in dataset.episodes.flatMap(\.tasks) { counts[task, default: 0] += 1 }
    tasks = counts.map { ($0.key, $0.value) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    var byteCount = 0
    for file in try listFiles(under: dataset.folder) {
      byteCount += try fileSize(dataset.folder + "/" + file)
    }
    self.byteCount = byteCount
    let isOurs = kind(ofPath: dataset.folder + "/" + DatasetPath.provenance) == .file
    summary = isOurs ? try DatasetSummary(folder: dataset.folder) : nil
  }

  private static func figures(
    _ statistics: JSONFields, _ feature: String
  ) throws(InputError) -> [(name: String, values: [Double])] {
    guard statistics[feature] != nil else { return [] }
    let entry = try statistics.object(feature)
    var figures: [(name: String, values: [Double])] = []
    for name in figureNames where entry[name] != nil {
      figures.append((name, try entry.numbers(name)))
    }
    return figures
  }

  private var seconds: Double { Double(dataset.frameCount) / Double(dataset.fps) }
  private var lengths: [Int] { dataset.episodes.map(\.frames.count).sorted() }
}

// MARK: - Output

extension DatasetDescription {
  /// The instructions that people are shown.
  private static let shownTaskCount = 20

  /// For machines.
  var json: [String: Any] {
    [
      "dataset": dataset.folder, "robotType": dataset.robotType ?? NSNull(), "fps": dataset.fps,
      "episodeCount": dataset.episodes.count, "frameCount": dataset.frameCount,
      "seconds": seconds, "byteCount": byteCount,
      "successCount": summary?.successCount ?? NSNull(),
      "attemptCount": summary?.attemptCount ?? NSNull(),
      "firstAttemptSuccessCount": summary?.firstAttemptSuccessCount ?? NSNull(),
      "hasStatistics": hasStatistics,
      "episodeFrames": ["min": lengths.first ?? 0, "max": lengths.last ?? 0],
      "tasks": tasks.map { ["task": $0.text, "episodeCount": $0.episodeCount] },
      "features": features.map { entry in
        [
          "name": entry.feature.name, "type": entry.feature.type, "shape": entry.feature.shape,
          "names": entry.feature.names,
          "statistics": Dictionary(entry.figures.map { ($0.name, $0.values) }) { $1 },
        ] as [String: Any]
      },
    ]
  }

  /// For people.
  var lines: [String] {
    var lines = [
      "dataset     \(dataset.folder), \(decimal(Double(byteCount) / 1e6, places: 1)) MB",
      "robot       \(dataset.robotType ?? "not said"), \(dataset.fps) frames/s",
      "episodes    \(dataset.episodes.count), \(dataset.frameCount) frames, "
        + "\(decimal(seconds, places: 1)) s; \(lengths.first ?? 0) to \(lengths.last ?? 0) frames",
    ]
    if let summary {
      lines.append(
        "success     \(summary.successCount) of \(summary.episodeCount); "
          + "\(summary.firstAttemptSuccessCount) at the first attempt, "
          + "\(summary.attemptCount) attempts played")
    }
    for task in tasks.prefix(Self.shownTaskCount) {
      lines.append("task        \(task.episodeCount) x \(task.text)")
    }
    if tasks.count > Self.shownTaskCount {
      lines.append("task        and \(tasks.count - Self.shownTaskCount) more")
    }
    if !hasStatistics {
      lines.append("statistics  none: the dataset has no \(DatasetPath.statistics)")
    }
    for entry in features { lines += self.lines(of: entry) }
    return lines
  }

  /// A line for the feature, and one for each of its dimensions.
  private func lines(of entry: Feature) -> [String] {
    let feature = entry.feature
    let shape = feature.shape.map(String.init).joined(separator: " x ")
    var lines = ["feature     \(feature.name), \(feature.type) \(shape)"]
    let shown = entry.figures.filter { ["min", "max", "mean", "std"].contains($0.name) }
    let width = shown.map(\.values.count).max() ?? 0
    for dimension in 0..<width {
      let name = feature.names.count == width ? feature.names[dimension] : "[\(dimension)]"
      let figures = shown.filter { dimension < $0.values.count }.map { figure in
        "\(figure.name) \(decimal(figure.values[dimension], places: 4))"
      }
      let column = name.padding(toLength: max(24, name.count + 1), withPad: " ", startingAt: 0)
      lines.append("  " + column + figures.joined(separator: "  "))
    }
    return lines
  }
}
