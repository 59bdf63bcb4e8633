// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// Writes the files of a LeRobot v3.0 dataset into an empty folder, episode by episode.
///
/// One row group an episode; files follow each other at the limits. The bytes depend on the run,
/// its episodes and the limits only. One episode is in memory at a time, and of those before it the
/// numbers that the statistics need.
/// Source: huggingface/lerobot 0.4.4, `datasets/utils.py` and `datasets/lerobot_dataset.py`.
struct LeRobotWriter: ~Copyable {
  private let folder: String
  private let run: DatasetRun
  private let limits: DatasetFileLimits
  private var data: ParquetSeries
  private let videos: [(key: String, series: VideoSeries)]
  private var table = StatisticsTable()
  private var tasks: [String] = []
  private var taskIndices: [String: Int] = [:]
  private var frameCount = 0
  private var provenance: [JSONValue] = []
  private var pending: [EpisodeRow] = []
  private var episodes: EpisodeTable

  /// Starts a dataset.
  init(folder: String, run: DatasetRun, limits: DatasetFileLimits = DatasetFileLimits()) {
    self.folder = folder
    self.run = run
    self.limits = limits
    data = ParquetSeries(
      fields: run.schema.fields, keyValues: [("huggingface", run.schema.huggingFaceText)],
      byteLimit: limits.dataBytes
    ) { place in folder + "/" + DatasetPath.data(chunk: place.chunk, file: place.file) }
    videos = run.schema.features.filter(\.isVideo).map { feature in
      let series = VideoSeries(byteLimit: limits.videoBytes) { place in
        folder + "/" + DatasetPath.video(feature.name, chunk: place.chunk, file: place.file)
      }
      return (feature.name, series)
    }
    episodes = EpisodeTable(
      folder: folder, videoKeys: videos.map(\.key), byteLimit: limits.episodeTableBytes)
  }

  /// Appends the next episode.
  mutating func append(_ record: EpisodeRecord) throws(InputError) {
    let taskIndex = taskIndices[record.task] ?? tasks.count
    if taskIndex == tasks.count {
      tasks.append(record.task)
      taskIndices[record.task] = taskIndex
    }
    let episode = NumberedEpisode(
      record: record, firstFrame: frameCount, taskIndex: taskIndex, fps: run.schema.fps)
    let group = episode.rowGroup(run.schema)
    let place = try data.reserve(group.bytes.count)
    try data.append(group)

    var row = EpisodeRow(episode: episode, data: place)
    var streams = videos.makeIterator()
    for column in record.columns {
      guard case .video(let video, _) = column, let stream = streams.next() else { continue }
      row.videos.append(try stream.series.append(video))
    }
    row.statistics.add(episode, schema: run.schema)
    table.add(episode, schema: run.schema)
    frameCount += record.frameCount
    provenance.append([
      "episode_index": .integer(record.index), "seed": .string("\(record.seed)"),
      "attempts": .integer(record.attempt + 1), "success": .bool(record.isSuccess),
      "length": .integer(record.frameCount),
      "task": .string(record.task), "draw": record.draw,
    ])
    pending.append(row)
    if pending.count == limits.episodesInRowGroup {
      try episodes.append(pending)
      pending = []
    }
  }

  /// Ends every file and writes the metadata, `meta/info.json` last.
  consuming func finish() throws(InputError) {
    let (folder, run, limits, videos, table) = (folder, run, limits, videos, table)
    let (tasks, frameCount, provenance, pending) = (tasks, frameCount, provenance, pending)
    try data.finish()
    for video in videos { try video.series.finish() }
    if !pending.isEmpty { try episodes.append(pending) }
    try episodes.finish()

    try publishFile(folder + "/" + DatasetPath.tasks, Self.taskFile(tasks))
    try publishFile(
      folder + "/" + DatasetPath.statistics, Array(table.document.indentedText.utf8))
    let origin: JSONValue = [
      "format": .integer(DatasetPath.provenanceFormat), "run": run.document,
      "episodes": .array(provenance),
    ]
    try publishFile(folder + "/" + DatasetPath.provenance, Array(origin.indentedText.utf8))
    let information = Self.information(
      run.schema, limits,
      counts: (episodes: provenance.count, frames: frameCount, tasks: tasks.count))
    try publishFile(folder + "/" + DatasetPath.information, Array(information.indentedText.utf8))
  }

  /// The content of `meta/info.json`.
  private static func information(
    _ schema: DatasetSchema, _ limits: DatasetFileLimits,
    counts: (episodes: Int, frames: Int, tasks: Int)
  ) -> JSONValue {
    let hasVideo = schema.features.contains(where: \.isVideo)
    // LeRobot knows whole megabytes, at least one.
    func megabytes(_ byteCount: Int) -> JSONValue { .integer((byteCount + (1 << 20) - 1) >> 20) }
    return [
      "codebase_version": "v3.0", "robot_type": .string(schema.robotType),
      "total_episodes": .integer(counts.episodes), "total_frames": .integer(counts.frames),
      "total_tasks": .integer(counts.tasks), "chunks_size": .integer(SeriesPlace.chunkSize),
      "data_files_size_in_mb": megabytes(limits.dataBytes),
      "video_files_size_in_mb": megabytes(limits.videoBytes), "fps": .integer(schema.fps),
      "splits": ["train": .string("0:\(counts.episodes)")],
      "data_path": .string(DatasetPath.dataPattern),
      "video_path": hasVideo ? .string(DatasetPath.videoPattern) : .null,
      "features": schema.description,
    ]
  }

  /// The bytes of `meta/tasks.parquet`.
  ///
  /// LeRobot looks a task up by the table's index, so pandas must be told which column that is;
  /// without this metadata its reader returns numbers instead of text.
  private static func taskFile(_ tasks: [String]) -> [UInt8] {
    func column(_ name: String, _ pandasType: String, _ numpyType: String) -> JSONValue {
      [
        "name": .string(name), "field_name": .string(name), "pandas_type": .string(pandasType),
        "numpy_type": .string(numpyType), "metadata": .null,
      ]
    }
    let pandas: JSONValue = [
      "index_columns": ["task"],
      "columns": [column("task_index", "int64", "int64"), column("task", "unicode", "object")],
      "column_indexes": [], "pandas_version": "2.0.0",
    ]
    return ParquetWriter.file(
      fields: [ParquetField("task_index", .leaf(.int64)), ParquetField("task", .leaf(.string))],
      keyValues: [("pandas", pandas.compactText)],
      groups: [
        [
          ParquetColumn(.int64(tasks.indices.map { Int64($0) })),
          ParquetColumn(.string(tasks)),
        ]
      ])
  }
}
