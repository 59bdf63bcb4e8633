// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Testing

@testable import Datasets

private let front = "observation.images.front"

@Suite struct `A false description` {
  /// Replaces a value of `info.json`; nil removes it.
  private func findings(_ keys: [String], _ value: JSONValue?) throws -> [InputError] {
    try DatasetsTests.findings { folder in
      try setJSON(keys, to: value, in: folder + "/" + DatasetPath.information)
    }
  }

  private static let ofFeature = [
    PlantedValue(["observation.state", "names"], ["hip"], finding: "observation.state.names"),
    PlantedValue(
      ["observation.state", "names"], ["motors": ["hip"]], finding: "observation.state.names"),
    PlantedValue(["action", "names"], ["gripper", "wrist"], finding: "action.names"),
    PlantedValue([front, "names"], ["height", "width"], finding: "\(front).names"),
    PlantedValue([front, "info", "video.fps"], 30, finding: "\(front).info.video.fps"),
    PlantedValue([front, "info", "video.codec"], "av1", finding: "\(front).info.video.codec"),
    PlantedValue(
      [front, "info", "video.pix_fmt"], "yuv444p", finding: "\(front).info.video.pix_fmt"),
    PlantedValue([front, "info", "video.width"], 64, finding: "\(front).info.video.width"),
    PlantedValue([front, "info", "video.height"], 64, finding: "\(front).info.video.height"),
    PlantedValue([front, "info", "video.channels"], 1, finding: "\(front).info.video.channels"),
    PlantedValue([front, "info", "has_audio"], true, finding: "\(front).info.has_audio"),
    PlantedValue(
      ["\(front)_depth", "info", "depth_unit"], "m", finding: "\(front)_depth.info.depth_unit"),
  ]

  @Test(arguments: ofFeature)
  func `of a feature is found, though the provenance says the same`(
    _ planted: PlantedValue
  ) throws {
    let found = try plantTwice(planted.keys, planted.value)
    #expect(found.map(\.file) == [DatasetPath.information])
    #expect(found.map(\.field) == ["features." + planted.field])
  }

  /// Replaces a value of a feature in both files that describe it.
  private func plantTwice(_ keys: [String], _ value: JSONValue?) throws -> [InputError] {
    try DatasetsTests.findings { folder in
      try setJSON(["features"] + keys, to: value, in: folder + "/" + DatasetPath.information)
      try setJSON(
        ["run", "features"] + keys, to: value, in: folder + "/" + DatasetPath.provenance)
    }
  }

  @Test func `is not a number written in another way, or a group of names`() throws {
    #expect(try plantTwice([front, "info", "video.fps"], .number(10)) == [])
    let group: JSONValue = ["motors": ["shoulder", "elbow"]]
    #expect(try plantTwice(["observation.state", "names"], group) == [])
  }

  private static let ofKeys = [
    PlantedValue(
      ["features", "\(front)_depth", "info", "depth_unit"], nil,
      finding: "features.\(front)_depth"),
    PlantedValue(["features", front, "info"], nil, finding: "features.\(front)"),
    PlantedValue(
      ["features", "observation.state", "names", "0"], "hip",
      finding: "features.observation.state"),
    PlantedValue(["robot_type"], "leg", finding: "robot_type"),
    PlantedValue(["chunks_size"], 5, finding: "chunks_size"),
    PlantedValue(["data_files_size_in_mb"], nil, finding: "data_files_size_in_mb"),
    PlantedValue(["video_files_size_in_mb"], nil, finding: "video_files_size_in_mb"),
    PlantedValue(["video_files_size_in_mb"], 0, finding: "video_files_size_in_mb"),
  ]

  @Test(arguments: ofKeys)
  func `of anything else is found, and a key that is missing`(_ planted: PlantedValue) throws {
    let found = try findings(planted.keys, planted.value)
    #expect(found.map(\.file) == [DatasetPath.information])
    #expect(found.map(\.field) == [planted.field])
  }

  @Test func `without a robot is found, and one whose robot is not known is not`() throws {
    let found = try findings(["robot_type"], nil)
    #expect(Set(found.map(\.field)) == ["robot_type"])
    #expect(found.first?.found == "no such key")
    let foreign = try DatasetsTests.findings { folder in
      try removeItem(folder + "/" + DatasetPath.provenance)
      try setJSON(["robot_type"], to: .null, in: folder + "/" + DatasetPath.information)
    }
    #expect(foreign == [])
  }

  private static let ofSplits = [
    PlantedValue(["splits"], [:], finding: "splits"),
    PlantedValue(["splits"], ["train": "0:2"], finding: "splits"),
    PlantedValue(["splits"], ["train": "1:3"], finding: "splits"),
    PlantedValue(["splits"], ["train": "0:2", "test": "1:3"], finding: "splits"),
    PlantedValue(["splits"], ["a": "0:1", "b": "2:3"], finding: "splits"),
    PlantedValue(["splits", "train"], "0:5", finding: "splits.train"),
    PlantedValue(["splits", "train"], "3:0", finding: "splits.train"),
    PlantedValue(["splits", "train"], "-1:3", finding: "splits.train"),
    PlantedValue(["splits", "train"], "0:3:1", finding: "splits.train"),
    PlantedValue(["splits", "train"], "all", finding: "splits.train"),
    PlantedValue(["splits", "train"], 3, finding: "splits.train"),
  ]

  @Test(arguments: ofSplits) func `of the splits is found`(_ planted: PlantedValue) throws {
    let found = try findings(planted.keys, planted.value)
    #expect(found.map(\.field) == [planted.field])
  }

  @Test func `is not one of several splits in any order, be one empty`() throws {
    #expect(try findings(["splits"], ["test": "2:3", "train": "0:2", "val": "3:3"]) == [])
  }

  @Test func `of huge frames does no harm`() throws {
    let huge = JSONValue.array(Array(repeating: 65_536, count: 5))
    let found = try findings(["features", "phase", "shape"], huge)
    #expect(found.contains { $0.field == "features.phase.shape" }, "\(found)")
  }
}
