// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// The sizes at which the files of a dataset end and the next ones begin; by default LeRobot's.
///
/// A file that would grow past its limit with an episode ends before it. An episode is never split,
/// so one that is larger than the limit has a file of its own.
/// Source: huggingface/lerobot 0.4.4, `datasets/utils.py`.
struct DatasetFileLimits {
  /// The bytes of a data file, its footer not counted.
  var dataBytes = 100 << 20
  /// The bytes of the packets of a video file.
  var videoBytes = 200 << 20
  /// The bytes of a file of `meta/episodes`, its footer not counted; LeRobot's data files' limit.
  var episodeTableBytes = 100 << 20
  /// The episodes in one row group of `meta/episodes`, which is never split either.
  var episodesInRowGroup = 64
}

/// Where an episode's rows or frames stand in a series of numbered files.
struct SeriesPlace: Equatable {
  var chunk = 0
  var file = 0

  /// Files in one chunk folder.
  static let chunkSize = 1000

  /// The place of the next file.
  var next: SeriesPlace {
    file + 1 < Self.chunkSize
      ? SeriesPlace(chunk: chunk, file: file + 1) : SeriesPlace(chunk: chunk + 1, file: 0)
  }
}

/// Parquet files of one schema that follow each other once they are large enough.
struct ParquetSeries: ~Copyable {
  private let fields: [ParquetField]
  private let keyValues: [(key: String, value: String)]
  private let byteLimit: Int
  private let path: (SeriesPlace) -> String
  private var place = SeriesPlace()
  private var writer: ParquetWriter?
  private var file: OutputFile?

  /// Names the files; nothing is written before the first row group.
  ///
  /// A row group goes to the next file when the current one would grow past `byteLimit` with it.
  init(
    fields: [ParquetField], keyValues: [(key: String, value: String)] = [], byteLimit: Int,
    path: @escaping (SeriesPlace) -> String
  ) {
    self.fields = fields
    self.keyValues = keyValues
    self.byteLimit = byteLimit
    self.path = path
  }

  /// Returns where a row group of a size will stand, and ends the current file if it must.
  mutating func reserve(_ byteCount: Int) throws(InputError) -> SeriesPlace {
    if let writer, writer.byteCount + byteCount > byteLimit {
      try finishFile()
      place = place.next
    }
    return place
  }

  /// Appends a row group at the place that `reserve` gave.
  mutating func append(_ group: ParquetRowGroup) throws(InputError) {
    if writer == nil {
      let path = path(place)
      try createFolder(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
      let new = ParquetWriter(fields: fields, keyValues: keyValues)
      file = try OutputFile(path: path)
      try file?.write(new.header)
      writer = new
    }
    if let bytes = writer?.append(group) { try file?.write(bytes) }
  }

  /// Ends the last file.
  consuming func finish() throws(InputError) {
    try finishFile()
  }

  private mutating func finishFile() throws(InputError) {
    guard let writer, var file = file.take() else { return }
    try file.write(writer.finish())
    try file.finish()
    self.writer = nil
  }
}

/// MP4 files of one camera that follow each other once they are large enough.
///
/// A class, because a muxer cannot be copied and an assembly holds one for each camera.
final class VideoSeries {
  private let byteLimit: Int
  private let path: (SeriesPlace) -> String
  private var place = SeriesPlace()
  private var muxer: VideoMuxer?

  /// Names the files; nothing is written before the first episode.
  init(byteLimit: Int, path: @escaping (SeriesPlace) -> String) {
    self.byteLimit = byteLimit
    self.path = path
  }

  /// Appends an episode and returns its file and its frames in that file.
  func append(_ video: EncodedVideo) throws(InputError) -> (place: SeriesPlace, frames: Range<Int>)
  {
    let byteCount = muxer?.byteCount ?? 0
    if byteCount > 0 && byteCount + video.byteCount > byteLimit {
      try finish()
      place = place.next
    }
    if muxer == nil {
      let path = path(place)
      try createFolder(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
      muxer = VideoMuxer(path: path)
    }
    let frames = try muxer?.append(video) ?? 0..<0
    return (place, frames)
  }

  /// Ends the last file.
  func finish() throws(InputError) {
    guard let last = muxer.take() else { return }
    try last.finish()
  }
}
