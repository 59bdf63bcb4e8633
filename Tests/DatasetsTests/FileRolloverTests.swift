// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Testing

@testable import Datasets

/// Seven episodes whose data, video and `meta/episodes` files end at different episodes.
///
///     episode          0  1  2  3  4  5  6
///     data file        0  0  0  1  1  2  3
///     video file       0  0  1  2  3  4  5
///     meta/episodes    0  0  0  0  1  1  1
private enum ManyFiles {
  static let count = 7
  static let dataFiles = [0, 0, 0, 1, 1, 2, 3]
  static let videoFiles = [0, 0, 1, 2, 3, 4, 5]
  static let tableFiles = [0, 0, 0, 0, 1, 1, 1]
  static let camera = "observation.images.front"
  static let run = SampleRun.run(episodeCount: count)

  /// Writes the dataset with limits of some kB that its first episodes just fill.
  static func write(_ folder: String) throws {
    let records = try (0..<count).map { try SampleRun.episode($0) }
    // The magic number of the file, and the row groups of the episodes that fit.
    var dataBytes = 4
    var firstFrame = 0
    for record in records.prefix(3) {
      let episode = NumberedEpisode(
        record: record, firstFrame: firstFrame, taskIndex: record.index % 2, fps: SampleRun.fps)
      dataBytes += episode.rowGroup(run.schema).bytes.count
      firstFrame += record.frameCount
    }
    let videoBytes = try records.prefix(2).map { record in
      try #require(record.columns.compactMap(\.video).first).byteCount
    }.reduce(0, +)
    let limits = DatasetFileLimits(
      dataBytes: dataBytes, videoBytes: videoBytes, episodeTableBytes: 1,
      episodesInRowGroup: 4)
    try createFolder(folder + "/meta")
    var writer = LeRobotWriter(folder: folder, run: run, limits: limits)
    for record in records { try writer.append(record) }
    try writer.finish()
    try seal(folder)
  }
}

@Suite struct `A dataset of many files` {
  @Test func `begins each kind of file anew when the next episode would not fit`() throws {
    try withNewFolder { folder in
      try ManyFiles.write(folder)
      let tables = try (0...1).map {
        try ParquetReader(path: folder + "/" + DatasetPath.episodes(chunk: 0, file: $0))
      }
      func integers(_ field: String) throws -> [Int] {
        try tables.flatMap { table in
          guard case .int64(let values) = try table.column(field).values else { return [] as [Int] }
          return values.map { Int($0) }
        }
      }
      #expect(tables.map(\.rowCount) == [4, 3])
      #expect(try integers("episode_index") == Array(0..<ManyFiles.count))
      #expect(try integers("data/file_index") == ManyFiles.dataFiles)
      #expect(try integers("videos/\(ManyFiles.camera)/file_index") == ManyFiles.videoFiles)
      #expect(try integers("meta/episodes/file_index") == ManyFiles.tableFiles)
      for field in ["data", "videos/\(ManyFiles.camera)", "meta/episodes"] {
        #expect(try integers("\(field)/chunk_index") == Array(repeating: 0, count: 7))
      }
      // Every file with its rows and frames, and no other.
      let rows = try (0...3).map {
        try ParquetReader(path: folder + "/" + DatasetPath.data(chunk: 0, file: $0)).rowCount
      }
      #expect(rows == [3 + 4 + 5, 6 + 7, 8, 9])
      let frames = try (0...5).map {
        let file = DatasetPath.video(ManyFiles.camera, chunk: 0, file: $0)
        return try VideoReader(path: folder + "/" + file).frameCount
      }
      #expect(frames == [3 + 4, 5, 6, 7, 8, 9])
      #expect(try listFiles(under: folder).count == 2 + 4 + 6 + 5)
    }
  }

  @Test func `is right in every file, row and pixel`() throws {
    try withNewFolder { folder in
      try ManyFiles.write(folder)
      let result = DatasetValidator.validate(folder, decodingPixels: true)
      #expect(result.findings == [])
      #expect(result.episodeCount == 7 && result.frameCount == 42 && result.decodedCount == 126)
      // Each episode is found in its own files.
      let dataset = try LeRobotDataset(path: folder)
      for index in 0..<ManyFiles.count {
        let expected = try #require(try SampleRun.episode(index).columns.first)
        guard case .vectors(let state) = expected else {
          Issue.record("the first column holds vectors")
          return
        }
        #expect(
          try dataset.column("observation.state", episode: index).values == .float(state))
        let span = try #require(dataset.episodes[index].videos[ManyFiles.camera])
        // The second episode stands behind the first; all others have a file of their own.
        #expect(span.start == (index == 1 ? 0.3 : 0))
        #expect(span.path.hasSuffix("file-00\(ManyFiles.videoFiles[index]).mp4"))
      }
    }
  }

  @Test func `is written with the sizes that LeRobot states unless told otherwise`() throws {
    let limits = DatasetFileLimits()
    #expect((limits.dataBytes, limits.videoBytes) == (100 << 20, 200 << 20))
    try withNewFolder { folder in
      try ManyFiles.write(folder)
      let information = try JSONFields(path: folder + "/" + DatasetPath.information)
      #expect(try information.integer("data_files_size_in_mb") == 1)
      #expect(try information.integer("video_files_size_in_mb") == 1)
      try SampleRun.write(folder + "/usual", episodeCount: 1)
      let usual = try JSONFields(path: folder + "/usual/" + DatasetPath.information)
      #expect(try usual.integer("data_files_size_in_mb") == 100)
      #expect(try usual.integer("video_files_size_in_mb") == 200)
    }
  }

  @Test func `is found wrong when files are skipped or a chunk holds too many`() throws {
    try withNewFolder { folder in
      try ManyFiles.write(folder)
      // The last file gets a number too far; its rows in the table follow.
      let camera = ManyFiles.camera
      try moveItem(
        folder + "/" + DatasetPath.video(camera, chunk: 0, file: 5),
        to: folder + "/" + DatasetPath.video(camera, chunk: 0, file: 6))
      let table = DatasetPath.episodes(chunk: 0, file: 1)
      try setInteger("videos/\(camera)/file_index", row: 2, to: 6, in: folder + "/" + table)
      try seal(folder)
      let found = DatasetValidator.validate(folder).findings
      #expect(found.map(\.field) == ["videos/\(camera)/file_index, row 2"])
      #expect(found.map(\.file) == [table])

      // Others may skip numbers, but not past the size of a chunk that they state.
      try removeItem(folder + "/" + DatasetPath.provenance)
      try seal(folder)
      #expect(DatasetValidator.validate(folder).findings == [])
      try setJSON(["chunks_size"], to: 6, in: folder + "/" + DatasetPath.information)
      try seal(folder)
      #expect(DatasetValidator.validate(folder).findings.map(\.field) == found.map(\.field))
    }
  }

  /// `.ci/checks/30-lerobot-reader.sh` names a folder, for LeRobot's own reader to judge.
  @Test(.enabled(if: keptFolder != nil, "DIORAMA_KEEP_DATASET names no folder"))
  func `is left for another reader to judge`() throws {
    try ManyFiles.write(try #require(keptFolder))
  }
}

private let keptFolder = ProcessInfo.processInfo.environment["DIORAMA_KEEP_DATASET"]

extension EpisodeColumn {
  /// The frames of a camera.
  fileprivate var video: EncodedVideo? {
    guard case .video(let video, _) = self else { return nil }
    return video
  }
}
