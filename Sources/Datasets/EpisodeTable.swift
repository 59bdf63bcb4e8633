// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// One row of `meta/episodes`: where an episode stands, and its statistics.
struct EpisodeRow {
  let index: Int
  let task: String
  let frames: Range<Int>
  let fps: Int
  let data: SeriesPlace
  var videos: [(place: SeriesPlace, frames: Range<Int>)] = []
  var statistics = StatisticsTable()

  /// Starts a row; videos and statistics are added by the writer.
  init(episode: NumberedEpisode, data: SeriesPlace) {
    index = episode.record.index
    task = episode.record.task
    frames = episode.firstFrame..<episode.firstFrame + episode.record.frameCount
    fps = episode.fps
    self.data = data
  }
}

/// The files of `meta/episodes`, in the column order of LeRobot's writer.
struct EpisodeTable: ~Copyable {
  private let folder: String
  private let videoKeys: [String]
  private let byteLimit: Int
  private var series: ParquetSeries?

  /// Starts the table.
  init(folder: String, videoKeys: [String], byteLimit: Int) {
    self.folder = folder
    self.videoKeys = videoKeys
    self.byteLimit = byteLimit
  }

  /// Appends rows as one row group.
  mutating func append(_ rows: [EpisodeRow]) throws(InputError) {
    guard let first = rows.first else { return }
    let fields = fields(first)
    if series == nil {
      let folder = folder
      series = ParquetSeries(fields: fields, byteLimit: byteLimit) { place in
        folder + "/" + DatasetPath.episodes(chunk: place.chunk, file: place.file)
      }
    }
    // The rows name the file they stand in, which depends on their size but not on that name.
    let sized = ParquetRowGroup(fields: fields, columns: columns(rows, SeriesPlace()))
    let place = try series?.reserve(sized.bytes.count) ?? SeriesPlace()
    let group = ParquetRowGroup(fields: fields, columns: columns(rows, place))
    try series?.append(group)
  }

  /// Ends the last file.
  consuming func finish() throws(InputError) {
    try series.take()?.finish()
  }

  private func fields(_ row: EpisodeRow) -> [ParquetField] {
    func integer(_ name: String) -> ParquetField { ParquetField(name, .leaf(.int64)) }
    var fields = [
      integer("episode_index"), ParquetField("tasks", .list(.leaf(.string))), integer("length"),
      integer("data/chunk_index"), integer("data/file_index"), integer("dataset_from_index"),
      integer("dataset_to_index"),
    ]
    for key in videoKeys {
      fields += [
        integer("videos/\(key)/chunk_index"), integer("videos/\(key)/file_index"),
        ParquetField("videos/\(key)/from_timestamp", .leaf(.double)),
        ParquetField("videos/\(key)/to_timestamp", .leaf(.double)),
      ]
    }
    fields += row.statistics.fields
    return fields + [integer("meta/episodes/chunk_index"), integer("meta/episodes/file_index")]
  }

  private func columns(_ rows: [EpisodeRow], _ place: SeriesPlace) -> [ParquetColumn] {
    func integers(_ value: (EpisodeRow) -> Int) -> ParquetColumn {
      ParquetColumn(.int64(rows.map { Int64(value($0)) }))
    }
    func seconds(_ value: (EpisodeRow) -> Int) -> ParquetColumn {
      // Frame over rate in double keeps every query within the reader's tolerance of 1e-4 s, which
      // summed durations do not (huggingface/lerobot issue 3177).
      ParquetColumn(.double(rows.map { Double(value($0)) / Double($0.fps) }))
    }
    var columns = [
      integers(\.index), ParquetColumn(.string(rows.map(\.task)), rowShape: [1]),
      integers(\.frames.count), integers(\.data.chunk), integers(\.data.file),
      integers(\.frames.lowerBound), integers(\.frames.upperBound),
    ]
    for video in videoKeys.indices {
      columns += [
        integers(\.videos[video].place.chunk), integers(\.videos[video].place.file),
        seconds(\.videos[video].frames.lowerBound), seconds(\.videos[video].frames.upperBound),
      ]
    }
    var statistics: [ParquetColumn] = []
    for row in rows {
      let added = row.statistics.columns
      if statistics.isEmpty {
        statistics = added
      } else {
        for index in statistics.indices { statistics[index].append(added[index]) }
      }
    }
    return columns + statistics + [integers { _ in place.chunk }, integers { _ in place.file }]
  }
}
