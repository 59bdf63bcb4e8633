// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files

/// A LeRobot v3.0 dataset on the disk, Diorama's own or anybody's.
///
/// Opening reads the metadata only; the frames of an episode are read when asked for. What is read
/// is checked as far as reading it needs; whether the dataset is right is the validator's question.
package struct LeRobotDataset: Sendable {
  /// A feature as `meta/info.json` lists it.
  package struct Feature: Equatable, Sendable {
    /// The name.
    package let name: String
    /// The type: `float32`, `int64`, `bool`, `image`, `video` and others.
    package let type: String
    /// The shape of one frame.
    package let shape: [Int]
    /// The names of a vector's dimensions; empty when there are none.
    package let names: [String]
  }

  /// A row of `meta/episodes`.
  package struct Episode: Equatable, Sendable {
    /// The episode's index.
    package let index: Int
    /// The instructions, one as a rule.
    package let tasks: [String]
    /// The frames, as indices in the dataset.
    package let frames: Range<Int>
    /// The path of the data file, relative to the dataset.
    package let dataPath: String
    /// For each video feature, where its frames are.
    package let videos: [String: VideoSpan]
  }

  /// Where an episode stands in an MP4 file.
  package struct VideoSpan: Equatable, Sendable {
    /// The path of the file, relative to the dataset.
    package let path: String
    /// When the first frame is shown, seconds.
    package let start: Double
    /// When the last frame ends, seconds.
    package let end: Double
  }

  /// The folder.
  package let folder: String
  /// Frames a second.
  package let fps: Int
  /// The robot's name; nil where the dataset does not say.
  package let robotType: String?
  /// The features in the order of the file.
  package let features: [Feature]
  /// The instructions by their index.
  package let tasks: [String]
  /// The episodes in order.
  package let episodes: [Episode]

  /// Opens a dataset.
  ///
  /// - Throws: `InputError` when the folder is no LeRobot v3 dataset, or its metadata is damaged.
  package init(path: String) throws(InputError) {
    let information = try JSONFields(path: path + "/" + DatasetPath.information)
    let version = try information.string("codebase_version")
    guard version.hasPrefix("v3.") else {
      throw information.wrong("codebase_version", .string(version), "v3.0")
    }
    folder = path
    fps = try information.integer("fps", atLeast: 1)
    robotType = try information.optionalString("robot_type")
    features = try Self.features(try information.object("features"))
    tasks = try Self.tasks(path + "/" + DatasetPath.tasks)
    var episodes: [Episode] = []
    let videoKeys = features.filter { $0.type == "video" }.map(\.name)
    let patterns = (
      data: try information.string("data_path"),
      video: try information.optionalString("video_path") ?? ""
    )
    for file in try listFiles(under: path + "/meta/episodes") where file.hasSuffix(".parquet") {
      let reader = try ParquetReader(path: path + "/meta/episodes/" + file)
      episodes += try Self.episodes(reader, patterns: patterns, videoKeys: videoKeys)
    }
    self.episodes = episodes
  }

  /// The number of frames of all episodes.
  package var frameCount: Int { episodes.reduce(0) { $0 + $1.frames.count } }

  /// Reads `meta/stats.json`: an object of figures for each feature.
  ///
  /// - Returns: nil for a dataset without one, which LeRobot's readers accept.
  /// - Throws: `InputError` when the file is damaged.
  package func statistics() throws(InputError) -> JSONFields? {
    let path = folder + "/" + DatasetPath.statistics
    return kind(ofPath: path) == .absent ? nil : try JSONFields(path: path)
  }

  /// Reads one feature over one episode; video stands in files of its own.
  ///
  /// - Parameters:
  ///   - feature: the name of the feature.
  ///   - member: `bytes` for the PNG files of an image, nil for numbers.
  ///   - index: the position of the episode in `episodes`.
  /// - Returns: a column with one row a frame.
  /// - Throws: `InputError` when the file does not hold the episode or is damaged.
  package func column(
    _ feature: String, member: String? = nil, episode index: Int
  ) throws(InputError) -> ParquetColumn {
    let episode = episodes[index]
    let reader = try ParquetReader(path: folder + "/" + episode.dataPath)
    let path = [feature] + (member.map { [$0] } ?? [])
    guard
      let leaf = reader.leaves.firstIndex(where: { Array($0.path.prefix(path.count)) == path })
    else {
      throw InputError(
        file: reader.file, field: feature, found: "no such column", expected: "a column")
    }
    // Episodes follow each other, so a file's first row is its first episode's first frame.
    let fileStart = episodes.first { $0.dataPath == episode.dataPath }?.frames.lowerBound ?? 0
    let wanted =
      episode.frames.lowerBound - fileStart..<episode.frames.upperBound - fileStart
    guard wanted.lowerBound >= 0, wanted.upperBound <= reader.rowCount else {
      throw InputError(
        file: reader.file, field: "rows", found: "\(reader.rowCount)",
        expected: "rows \(wanted) of episode \(episode.index)")
    }
    var result: ParquetColumn?
    var start = 0
    for (group, count) in reader.rowGroupRowCounts.enumerated() {
      let overlap = wanted.clamped(to: start..<start + count)
      start += count
      guard !overlap.isEmpty else { continue }
      let base = start - count
      let column = try reader.column(leaf: leaf, rowGroup: group)
        .rows(overlap.lowerBound - base..<overlap.upperBound - base)
      if result == nil { result = column } else { result?.append(column) }
    }
    guard let result else {
      throw InputError(
        file: reader.file, field: feature, found: "no rows", expected: "\(wanted.count) frames")
    }
    return result
  }
}

// MARK: - Metadata

extension LeRobotDataset {
  private static func features(_ fields: JSONFields) throws(InputError) -> [Feature] {
    var features: [Feature] = []
    for member in fields.members {
      let entry = try fields.object(member.key)
      var names: [String] = []
      if case .array(let elements) = entry["names"] {
        for case .string(let name) in elements { names.append(name) }
      }
      features.append(
        Feature(
          name: member.key, type: try entry.string("dtype"), shape: try entry.integers("shape"),
          names: names))
    }
    return features
  }

  /// Reads the instructions, whose column pandas names in its own ways.
  private static func tasks(_ path: String) throws(InputError) -> [String] {
    let reader = try ParquetReader(path: path)
    let indices = try reader.integers("task_index")
    guard let leaf = reader.leaves.firstIndex(where: { $0.type == .string }),
      case .string(let tasks) = try reader.column(leaf: leaf).values
    else {
      throw InputError(
        file: path, field: "columns", found: "no text", expected: "a column of instructions")
    }
    guard indices == Array(0..<tasks.count) else {
      throw InputError(
        file: path, field: "task_index", found: "\(indices.prefix(8))",
        expected: "0 to \(tasks.count - 1) in order")
    }
    return tasks
  }

  private static func episodes(
    _ reader: ParquetReader, patterns: (data: String, video: String), videoKeys: [String]
  ) throws(InputError) -> [Episode] {
    let indices = try reader.integers("episode_index")
    let starts = try reader.integers("dataset_from_index")
    let ends = try reader.integers("dataset_to_index")
    let chunks = try reader.integers("data/chunk_index")
    let files = try reader.integers("data/file_index")
    let tasks = try taskLists(reader)
    var spans: [[String: VideoSpan]] = Array(repeating: [:], count: indices.count)
    for key in videoKeys {
      let name = "videos/\(key)"
      let chunks = try reader.integers("\(name)/chunk_index")
      let files = try reader.integers("\(name)/file_index")
      let starts = try reader.doubles("\(name)/from_timestamp")
      let ends = try reader.doubles("\(name)/to_timestamp")
      for row in indices.indices {
        let path = DatasetPath.expanded(
          patterns.video, chunk: chunks[row], file: files[row], videoKey: key)
        spans[row][key] = VideoSpan(path: path, start: starts[row], end: ends[row])
      }
    }
    var episodes: [Episode] = []
    for row in indices.indices {
      guard starts[row] >= 0, starts[row] < ends[row] else {
        throw InputError(
          file: reader.file, field: "dataset_to_index of episode \(indices[row])",
          found: "\(ends[row])", expected: "more than \(starts[row])")
      }
      let path = DatasetPath.expanded(patterns.data, chunk: chunks[row], file: files[row])
      episodes.append(
        Episode(
          index: indices[row], tasks: tasks[row], frames: starts[row]..<ends[row],
          dataPath: path, videos: spans[row]))
    }
    return episodes
  }

  private static func taskLists(_ reader: ParquetReader) throws(InputError) -> [[String]] {
    let column = try reader.column("tasks")
    guard case .string(let texts) = column.values, let lengths = column.listLengths.first else {
      throw InputError(
        file: reader.file, field: "tasks", found: "another type", expected: "lists of text")
    }
    var start = 0
    return lengths.map { length in
      defer { start += length }
      return Array(texts[start..<start + length])
    }
  }
}

extension ParquetReader {
  /// Reads a column of whole numbers, of which none may be missing.
  fileprivate func integers(_ field: String) throws(InputError) -> [Int] {
    let column = try column(field)
    guard case .int64(let values) = column.values, column.isNull.isEmpty,
      column.listLengths.isEmpty
    else {
      throw InputError(
        file: file, field: field, found: "another type or missing values", expected: "int64")
    }
    return values.map { Int($0) }
  }

  /// Reads a column of seconds, of which none may be missing.
  fileprivate func doubles(_ field: String) throws(InputError) -> [Double] {
    let column = try column(field)
    guard case .double(let values) = column.values, values.allSatisfy(\.isFinite),
      column.listLengths.isEmpty
    else {
      throw InputError(
        file: file, field: field, found: "another type or missing values", expected: "double")
    }
    return values
  }
}
