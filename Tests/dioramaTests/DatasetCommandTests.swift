// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Datasets
import Files
import Foundation
import Testing

@Suite struct `Dataset verbs` {
  @Test func `find nothing wrong with a dataset of ours, and tell what is in it`() throws {
    let folder = try ScratchFolder()
    let dataset = try write(in: folder)
    let valid = try Program.run(["dataset", "validate", dataset, "--deep", "--json"])
    #expect(valid.code == 0, "\(valid)")
    #expect(try valid.json["ok"] as? Bool == true)
    #expect(try valid.json["frameCount"] as? Int == 6)

    let stats = try Program.run(["dataset", "stats", dataset, "--json"]).json
    #expect(stats["episodeCount"] as? Int == 2)
    #expect(stats["frameCount"] as? Int == 6)
    #expect(stats["successCount"] as? Int == 1)
    #expect(stats["firstAttemptSuccessCount"] as? Int == 1 && stats["attemptCount"] as? Int == 3)
    let tasks = try #require(stats["tasks"] as? [[String: Any]])
    #expect(tasks.map { $0["task"] as? String } == ["lift it"])
    #expect(tasks.map { $0["episodeCount"] as? Int } == [2])
    let features = try #require(stats["features"] as? [[String: Any]])
    let action = try #require(features.first { $0["name"] as? String == "action" })
    let figures = try #require(action["statistics"] as? [String: [Double]])
    // 0, 1, 2 in each of two episodes.
    #expect(figures["mean"] == [1] && figures["max"] == [2])
    let text = try Program.run(["dataset", "stats", dataset]).output
    #expect(text.contains("2 x lift it") && text.contains("gripper"))
  }

  @Test func `say that a dataset has no statistics, as LeRobot lets it`() throws {
    let folder = try ScratchFolder()
    let dataset = try write(in: folder)
    #expect(
      try Program.run(["dataset", "stats", dataset, "--json"]).json["hasStatistics"] as? Bool
        == true)
    try removeItem("\(dataset)/\(DatasetPath.statistics)")
    let outcome = try Program.run(["dataset", "stats", dataset])
    #expect(outcome.code == 0)
    #expect(
      outcome.output.contains("statistics  none") && outcome.output.contains("gripper") == false)
    let json = try Program.run(["dataset", "stats", dataset, "--json"]).json
    #expect(json["hasStatistics"] as? Bool == false && json["frameCount"] as? Int == 6)
  }

  @Test func `print a line for each thing that is wrong`() throws {
    let folder = try ScratchFolder()
    let dataset = try write(in: folder)
    let path = "\(dataset)/\(DatasetPath.information)"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try text.replacing("\"total_frames\": 6", with: "\"total_frames\": 7")
      .write(toFile: path, atomically: true, encoding: .utf8)
    let outcome = try Program.run(["dataset", "validate", dataset])
    #expect(outcome.code == 1 && outcome.output.isEmpty)
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.contains { $0.contains("total_frames") && $0.contains("7") })
    // The manifest knows the file's digest.
    #expect(lines.contains { $0.contains(DatasetPath.manifest) || $0.contains("sha256") })
    #expect(lines.allSatisfy { $0.hasPrefix("diorama: ") })
    let json = try Program.run(["dataset", "validate", dataset, "--json"])
    #expect(json.code == 1)
    let findings = try #require(try json.json["findings"] as? [[String: String]])
    #expect(findings.count == lines.count)
  }

  @Test func `refuse a folder that is no dataset`() throws {
    let folder = try ScratchFolder()
    try Program.expectFailure(["dataset", "stats", folder.path], saying: folder.path)
    try Program.expectFailure(["dataset", "stats", "/no/such"], saying: "/no/such")
    try Program.expectFailure(["dataset", "validate", "/no/such"], saying: "/no/such")
  }

  /// Two episodes of three frames with numbers alone; the first ends in success.
  private func write(in folder: ScratchFolder) throws -> String {
    let schema = DatasetSchema(
      fps: 10, robotType: "arm",
      features: [
        DatasetFeature("observation.state", .vector(names: ["shoulder", "elbow"])),
        DatasetFeature("action", .vector(names: ["gripper"])),
      ])
    let run = DatasetRun(
      worldName: "sample", worldDigest: "00", seed: 1, episodeCount: 2, schema: schema,
      provenance: ["diorama": "test"])
    let dataset = "\(folder.path)/dataset"
    let staging = try EpisodeStaging.create(output: dataset, run: run)
    for index in 0..<2 {
      try staging.publish(
        EpisodeRecord(
          index: index, seed: 1, attempt: index, task: "lift it", isSuccess: index == 0,
          draw: [:], frameCount: 3,
          columns: [.vectors([0, 1, 2, 3, 4, Float(index)]), .vectors([0, 1, 2])]))
    }
    _ = try staging.assemble(episodeCount: 2)
    return dataset
  }
}
