// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Datasets
import Files
import Foundation

/// Datasets: whether one is right, and what is in it.
struct DatasetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dataset", abstract: "Validate and describe LeRobot v3.0 datasets.",
    subcommands: [DatasetValidate.self, DatasetStats.self])
}

/// Looks for everything that is wrong with a dataset.
struct DatasetValidate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check every statement that a dataset makes, and report all mistakes.")
  @Argument(help: "The dataset's folder.") var folder: String
  @Flag(help: "Decode every video frame and image, too.") var deep = false
  @Flag(help: "Print one JSON object.") var json = false

  func run() throws {
    guard kind(ofPath: folder) == .folder else {
      throw InputError(
        file: folder, field: "dataset", found: "no folder", expected: "the folder of a dataset")
    }
    let found = DatasetValidator.validate(folder, decodingPixels: deep)
    if json {
      printJSON([
        "dataset": folder, "ok": found.findings.isEmpty, "deep": deep,
        "episodeCount": found.episodeCount, "frameCount": found.frameCount,
        "videoFrameCount": found.videoFrameCount, "decodedCount": found.decodedCount,
        "findings": found.findings.map {
          ["file": $0.file, "field": $0.field, "found": $0.found, "expected": $0.expected]
        },
      ])
    } else if found.findings.isEmpty {
      print(
        "\(folder): correct; \(found.episodeCount) episodes, \(found.frameCount) frames, "
          + "\(found.videoFrameCount) video frames, \(found.decodedCount) of them decoded")
    } else {
      for finding in found.findings { Diorama.report(finding) }
    }
    if !found.findings.isEmpty { throw ExitCode(1) }
  }
}

/// Says what is in a dataset.
struct DatasetStats: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats", abstract: "Describe a dataset: episodes, instructions, features.")
  @Argument(help: "The dataset's folder.") var folder: String
  @Flag(help: "Print one JSON object.") var json = false

  func run() throws {
    let dataset = try LeRobotDataset(path: folder)
    let description = try DatasetDescription(of: dataset)
    json ? printJSON(description.json) : print(description.lines.joined(separator: "\n"))
  }
}
