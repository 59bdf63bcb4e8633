// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// One row of `meta/episodes`.
struct ListedEpisode {
  var tasks: [String]
  /// The file of `meta/episodes` that holds the row, and the row's index in it.
  var place: (file: String, row: Int)
  var dataFile: FilePlace
  /// The indices in the dataset of its frames.
  var frames: Range<Int>
  /// For each video feature in order: the file, and the seconds of begin and end in it.
  var videos: [(file: FilePlace, from: Double, to: Double)]
}

/// The chunk and the number of a file.
struct FilePlace: Hashable, CustomStringConvertible {
  var chunk = 0
  var file = 0

  /// The place of the next file as Diorama numbers them.
  var next: FilePlace {
    let next = SeriesPlace(chunk: chunk, file: file).next
    return FilePlace(chunk: next.chunk, file: next.file)
  }

  var description: String { "chunk \(chunk), file \(file)" }

  /// The path that a pattern of `info.json` gives.
  func path(_ pattern: String, videoKey: String = "") -> String {
    pattern.replacing("{video_key}", with: videoKey)
      .replacing("{chunk_index:03d}", with: padded(chunk, digits: 3))
      .replacing("{file_index:03d}", with: padded(file, digits: 3))
      .replacing("{chunk_index}", with: "\(chunk)").replacing("{file_index}", with: "\(file)")
  }
}

extension DatasetValidator {
  /// No index of a dataset passes it, so that sums and products of indices cannot overflow.
  private static let greatestIndex = 1 << 40
  /// The most frames of an episode: as many rows as the Parquet reader takes.
  private static let longestEpisode = ParquetReader.valueLimit

  /// Reads the instructions: row `i` holds index `i`, and the pandas footer names their column.
  mutating func readTasks() {
    let file = DatasetPath.tasks
    let path = path(file)
    guard let reader = attempt({ () throws(InputError) in try ParquetReader(path: path) }),
      let indices = integers(reader, "task_index")
    else { return }
    expectRows(file, "task_index", indices, equal: { $0 })
    expect(file, "rows", indices.count, equals: information.taskCount)
    // The reader takes the text from the index of a pandas table: without the footer it would
    // return a number in place of the instruction, silently.
    let names = reader.leaves.map { $0.path[0] }
    guard let footer = reader.keyValues.first(where: { $0.key == "pandas" })?.value,
      let document = attempt({ () throws(InputError) in
        try JSONFields(
          file: file, path: "pandas", try JSONValue(file: file, bytes: Array(footer.utf8)))
      }),
      case .string(let column)? = attempt({ () throws(InputError) in
        try document.array("index_columns").first
      }) ?? nil, names.contains(column)
    else {
      let found = reader.keyValues.contains { $0.key == "pandas" } ? "no column of text" : "none"
      report(file, "pandas footer", found: found, expected: "index_columns with a column of text")
      return
    }
    let texts = attempt { () throws(InputError) in try reader.column(column) }
    guard case .string(let texts)? = texts?.values, texts.count == indices.count else {
      report(file, column, found: "no text", expected: "the instructions")
      return
    }
    tasks = texts
    if Set(texts).count != texts.count || texts.contains("") {
      report(file, column, found: "an empty or repeated text", expected: "different instructions")
    }
  }

  /// Reads all files of `meta/episodes` in the order of their names.
  mutating func readEpisodes() {
    let folder = path("meta/episodes")
    guard let files = attempt({ () throws(InputError) in try listFiles(under: folder) }) else {
      return
    }
    for file in files where file.hasSuffix(".parquet") { readEpisodes("meta/episodes/" + file) }
    if episodes.isEmpty {
      report("meta/episodes", "rows", found: "0", expected: "\(information.episodeCount)")
    }
    result.episodeCount = episodes.count
  }

  private mutating func readEpisodes(_ file: String) {
    let path = path(file)
    guard let reader = attempt({ () throws(InputError) in try ParquetReader(path: path) }),
      let indices = integers(reader, "episode_index"), let lengths = integers(reader, "length"),
      let chunks = integers(reader, "data/chunk_index"),
      let files = integers(reader, "data/file_index"),
      let starts = integers(reader, "dataset_from_index"),
      let ends = integers(reader, "dataset_to_index"), let tasks = taskLists(reader)
    else { return }
    let firstRow = episodes.count
    let firstFrame = episodes.last?.frames.upperBound ?? 0
    expectRows(file, "episode_index", indices) { firstRow + $0 }
    expectRows(file, "dataset_from_index", starts) { $0 == 0 ? firstFrame : ends[$0 - 1] }
    expectRows(file, "length", lengths) { ends[$0] - starts[$0] }
    checkOwnPlace(reader, file)
    let videos = videoColumns(reader, file, rows: indices.count)
    for row in indices.indices {
      let isOrdered = (1...Self.longestEpisode).contains(ends[row] - starts[row])
      if !isOrdered {
        report(
          file, "dataset_to_index, row \(row)", found: "\(ends[row])",
          expected: "\(starts[row]) and 1 to \(Self.longestEpisode) more")
      }
      episodes.append(
        ListedEpisode(
          tasks: tasks[row], place: (file, row),
          dataFile: FilePlace(chunk: chunks[row], file: files[row]),
          frames: isOrdered ? starts[row]..<ends[row] : 0..<0, videos: videos.map { $0[row] }))
    }
  }

  /// Compares the columns that name the file they stand in, which other writers may leave out.
  private mutating func checkOwnPlace(_ reader: ParquetReader, _ file: String) {
    let (chunkField, fileField) = ("meta/episodes/chunk_index", "meta/episodes/file_index")
    guard isOwn || !reader.leafIndices(field: fileField).isEmpty,
      let chunks = integers(reader, chunkField), let files = integers(reader, fileField)
    else { return }
    let paths = zip(chunks, files).map { DatasetPath.episodes(chunk: $0, file: $1) }
    expectRows(file, fileField, paths) { _ in file }
  }

  /// Returns for each video feature its place in every row; a missing column gives none.
  private mutating func videoColumns(
    _ reader: ParquetReader, _ file: String, rows: Int
  ) -> [[(file: FilePlace, from: Double, to: Double)]] {
    information.features.filter { $0.type == "video" }.map { feature in
      let prefix = "videos/\(feature.name)/"
      guard let chunks = integers(reader, prefix + "chunk_index"),
        let files = integers(reader, prefix + "file_index"),
        let starts = numbers(reader, prefix + "from_timestamp"),
        let ends = numbers(reader, prefix + "to_timestamp")
      else {
        return Array(repeating: (FilePlace(chunk: -1, file: -1), 0, 0), count: rows)
      }
      return (0..<rows).map {
        (FilePlace(chunk: chunks[$0], file: files[$0]), starts[$0], ends[$0])
      }
    }
  }

  private mutating func taskLists(_ reader: ParquetReader) -> [[String]]? {
    guard let column = attempt({ () throws(InputError) in try reader.column("tasks") }) else {
      return nil
    }
    guard case .string(let texts) = column.values, column.listLengths.count == 1 else {
      report(reader.file, "tasks", found: "another type", expected: "lists of text")
      return nil
    }
    var next = 0
    return column.listLengths[0].map { count in
      defer { next += count }
      return Array(texts[next..<next + count])
    }
  }

  /// Returns a column of whole numbers, or records that it is none.
  mutating func integers(_ reader: ParquetReader, _ field: String) -> [Int]? {
    guard let column = attempt({ () throws(InputError) in try reader.column(field) }) else {
      return nil
    }
    guard case .int64(let values) = column.values, column.listLengths.isEmpty,
      column.nullCount == 0, values.allSatisfy({ (0...Int64(Self.greatestIndex)).contains($0) })
    else {
      report(
        relative(reader.file), field, found: "another type, a missing or an impossible value",
        expected: "int64 in 0...\(Self.greatestIndex)")
      return nil
    }
    return values.map { Int($0) }
  }

  private mutating func numbers(_ reader: ParquetReader, _ field: String) -> [Double]? {
    guard let column = attempt({ () throws(InputError) in try reader.column(field) }) else {
      return nil
    }
    guard let values = column.values.numbers, column.listLengths.isEmpty, column.nullCount == 0
    else {
      report(
        relative(reader.file), field, found: "another type or a missing value", expected: "double")
      return nil
    }
    return values
  }

  /// The name of a file relative to the dataset.
  func relative(_ file: String) -> String {
    file.hasPrefix(root + "/") ? String(file.dropFirst(root.count + 1)) : file
  }

  /// Compares the totals of `info.json` with the rows of the episodes.
  mutating func checkTotals() {
    guard !episodes.isEmpty else { return }
    let file = DatasetPath.information
    expect(file, "total_episodes", information.episodeCount, equals: episodes.count)
    expect(file, "total_frames", information.frameCount, equals: frameCount)
  }

  /// The number of frames of all episodes.
  var frameCount: Int { episodes.reduce(0) { $0 + $1.frames.count } }

  /// Checks the numbers of the files that the episodes stand in.
  ///
  /// No chunk has more files than `info.json` says. Diorama's own files follow each other.
  mutating func checkPlaces() {
    checkPlaces("data", episodes.map(\.dataFile))
    let videos = information.features.filter { $0.type == "video" }
    for (index, feature) in videos.enumerated() {
      checkPlaces("videos/\(feature.name)", episodes.map { $0.videos[index].file })
    }
  }

  private mutating func checkPlaces(_ field: String, _ places: [FilePlace]) {
    guard information.filesInChunk > 0 else { return }
    for (episode, place) in places.enumerated() where place.chunk >= 0 {
      let last = episode > 0 ? places[episode - 1] : nil
      let isRight =
        place.file < information.filesInChunk
        && (!isOwn || place == last || place == last.map { $0.next } ?? FilePlace())
      guard !isRight else { continue }
      let row = episodes[episode].place
      report(
        row.file, "\(field)/file_index, row \(row.row)", found: "\(place)",
        expected: isOwn
          ? "the file of the episode before or the next one"
          : "fewer than \(information.filesInChunk) files a chunk")
      return
    }
  }
}

extension ParquetValues {
  /// The values as doubles; nil for text and bytes.
  var numbers: [Double]? {
    switch self {
    case .bool(let values): values.map { $0 ? 1 : 0 }
    case .int32(let values): values.map { Double($0) }
    case .int64(let values): values.map { Double($0) }
    case .float(let values): values.map { Double($0) }
    case .double(let values): values
    case .binary, .string: nil
    }
  }
}
