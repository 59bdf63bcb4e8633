// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// Where the files of a LeRobot v3.0 dataset stand, relative to its folder.
package enum DatasetPath {
  /// The description of the dataset.
  package static let information = "meta/info.json"
  /// The statistics of the whole dataset.
  package static let statistics = "meta/stats.json"
  /// The instructions.
  package static let tasks = "meta/tasks.parquet"
  /// Where the dataset came from; Diorama's own, ignored by other readers.
  package static let provenance = "meta/diorama.json"
  /// The version of that file's layout.
  static let provenanceFormat = 1
  /// The SHA-256 of every other file, as `sha256sum -c` reads it.
  package static let manifest = "MANIFEST.sha256"

  /// The pattern of data files in `info.json`.
  static let dataPattern = "data/" + filePattern + ".parquet"
  /// The pattern of video files in `info.json`.
  static let videoPattern = "videos/{video_key}/" + filePattern + ".mp4"
  private static let filePattern = "chunk-{chunk_index:03d}/file-{file_index:03d}"

  /// The path of a data file.
  package static func data(chunk: Int, file: Int) -> String {
    "data/" + Self.file(chunk, file) + ".parquet"
  }

  /// The path of a file of `meta/episodes`.
  package static func episodes(chunk: Int, file: Int) -> String {
    "meta/episodes/" + Self.file(chunk, file) + ".parquet"
  }

  /// The path of a video file.
  package static func video(_ key: String, chunk: Int, file: Int) -> String {
    "videos/\(key)/" + Self.file(chunk, file) + ".mp4"
  }

  /// Fills in a pattern of `info.json`, such as `data/chunk-{chunk_index:03d}/…`.
  package static func expanded(
    _ pattern: String, chunk: Int, file: Int, videoKey: String = ""
  ) -> String {
    pattern.replacing("{video_key}", with: videoKey)
      .replacing("{chunk_index:03d}", with: padded(chunk, digits: 3))
      .replacing("{file_index:03d}", with: padded(file, digits: 3))
  }

  private static func file(_ chunk: Int, _ file: Int) -> String {
    "chunk-" + padded(chunk, digits: 3) + "/file-" + padded(file, digits: 3)
  }
}

/// Returns a number in decimal with zeros in front.
func padded(_ number: Int, digits: Int) -> String {
  let text = String(number)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}
