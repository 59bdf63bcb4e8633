// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import ImageFiles
import Testing

@testable import Datasets

@Suite struct `A dataset that was written` {
  @Test func `opens with what it was made from`() throws {
    try withNewFolder { output in
      try SampleRun.write(output, episodeCount: 3)
      let dataset = try LeRobotDataset(path: output)
      #expect(dataset.fps == 10)
      #expect(dataset.robotType == "arm")
      #expect(dataset.frameCount == 12)
      #expect(dataset.tasks == ["lift it", "put it down"])
      #expect(dataset.episodes.map(\.tasks) == [["lift it"], ["put it down"], ["lift it"]])
      #expect(dataset.features.map(\.name).suffix(2) == ["index", "task_index"])
      #expect(dataset.features[0].names == ["shoulder", "elbow"])
      #expect(
        dataset.episodes[2].videos["observation.images.front"]
          == LeRobotDataset.VideoSpan(
            path: "videos/observation.images.front/chunk-000/file-000.mp4", start: 0.7, end: 1.2))
    }
  }

  @Test func `gives each episode its own frames`() throws {
    try withNewFolder { output in
      try SampleRun.write(output, episodeCount: 3)
      let dataset = try LeRobotDataset(path: output)
      for index in 0..<3 {
        let record = try SampleRun.episode(index)
        let state = try dataset.column("observation.state", episode: index)
        #expect(try #require(record.columns[0].numbers) == state.values)
        let images = try dataset.column(
          "observation.images.front_depth", member: "bytes", episode: index)
        #expect(try #require(record.columns[2].files) == images.values)
      }
    }
  }

  @Test func `opens without statistics, which it then has not`() throws {
    try withNewFolder { output in
      try SampleRun.write(output, episodeCount: 1)
      let dataset = try LeRobotDataset(path: output)
      #expect(try dataset.statistics()?.object("action").numbers("max") == [2])
      try publishFile(output + "/meta/stats.json", Array("[".utf8))
      #expect(throws: InputError.self) { _ = try dataset.statistics() }
      try removeItem(output + "/meta/stats.json")
      #expect(try LeRobotDataset(path: output).statistics()?.members == nil)
    }
  }

  @Test func `is refused when a file of it is missing`() throws {
    try withNewFolder { output in
      try SampleRun.write(output, episodeCount: 1)
      try removeItem(output + "/meta/tasks.parquet")
      #expect(throws: InputError.self) { _ = try LeRobotDataset(path: output) }
      #expect(throws: InputError.self) { _ = try LeRobotDataset(path: output + "/data") }
    }
  }
}

@Suite(
  .enabled(if: RealFiles.isPresent(RealFiles.reachy), "needs the Reachy 2 dataset of DIORAMA_DATA"))
struct `A dataset that LeRobot wrote` {
  @Test func `opens and gives frames of the middle of a row group`() throws {
    let dataset = try LeRobotDataset(path: RealFiles.reachy)
    #expect(dataset.fps == 30)
    #expect(dataset.tasks == ["place the apple in the plate"])
    #expect(dataset.episodes.map(\.frames) == [0..<299, 299..<599, 599..<899])
    #expect(dataset.episodes[0].videos["observation.image"]?.end == 9.966666666666667)
    let frames = try dataset.column("frame_index", episode: 1)
    #expect(frames.values == .int64((0..<300).map { Int64($0) }))
    let state = try dataset.column("observation.state", episode: 2)
    #expect(state.values.count == 300 * 19)
    #expect(state.listLengths == [Array(repeating: 19, count: 300)])
  }

  @Test func `has the statistics that we compute from its rows`() throws {
    let dataset = try LeRobotDataset(path: RealFiles.reachy)
    let episodes = try ParquetReader(
      path: RealFiles.reachy + "/meta/episodes/chunk-000/file-000.parquet")
    guard case .float(let rows) = try dataset.column("action", episode: 0).values,
      case .double(let means) = try episodes.column("stats/action/mean").values,
      case .double(let deviations) = try episodes.column("stats/action/std").values
    else { throw CocoaError(.coderInvalidValue) }
    let statistics = FeatureStatistics(rows: rows, width: 19)
    for dimension in 0..<19 {
      // They sum 299 singles below 3 in single precision: about 299 x 3 x 6e-8 / 2 at worst.
      #expect(abs(statistics.mean[dimension] - means[dimension]) < 3e-5)
      #expect(abs(statistics.deviation[dimension] - deviations[dimension]) < 3e-5)
    }
  }
}

extension EpisodeColumn {
  /// The values of a column of vectors.
  fileprivate var numbers: ParquetValues? {
    guard case .vectors(let values) = self else { return nil }
    return .float(values)
  }

  /// The files of a column of images.
  fileprivate var files: ParquetValues? {
    guard case .images(let files, _) = self else { return nil }
    return .binary(files)
  }
}
