// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// All values of one feature, in the order of the frames.
struct ListedColumn {
  /// The numbers, [frames x width]; empty for images and text.
  var numbers: [Double] = []
  /// The pixels; nil unless they are decoded.
  var pixels: PixelCounts?
}

/// The rows of one data file: its episodes and, for each row, its episode and frame.
struct FileRows {
  let file: String
  let episodes: Range<Int>
  let owners: [Int]
  let frames: [Int]
}

extension DatasetValidator {
  /// Reads the data files in the order of the episodes.
  mutating func readFrames() {
    var digests: [String: Int] = [:]
    var next = 0
    var read: Set<FilePlace> = []
    while next < episodes.count {
      let place = episodes[next].dataFile
      let end = episodes[next...].firstIndex { $0.dataFile != place } ?? episodes.count
      if !read.insert(place).inserted {
        report(
          episodes[next].place.file, "data/file_index, row \(episodes[next].place.row)",
          found: "\(place) again", expected: "episodes of one file in a row")
      }
      readFrames(of: next..<end, in: place.path(information.dataPattern), &digests)
      next = end
    }
    reportStrangers(
      in: "data", Set(episodes.map { $0.dataFile.path(information.dataPattern) }))
    if isOwn { reportIdleTasks() }
  }

  /// Records the instructions that no frame has, which other writers may keep after an edit.
  private mutating func reportIdleTasks() {
    let indices = columns[DefaultColumn.taskIndex.rawValue]?.numbers ?? []
    guard indices.count == frameCount else { return }
    for index in Set(tasks.indices).subtracting(indices.map { Int($0) }).sorted() {
      report(
        DatasetPath.tasks, "task_index \(index)", found: "an instruction without frames",
        expected: "only those of the episodes")
    }
  }

  /// Records the files of a folder that no episode refers to.
  mutating func reportStrangers(in folder: String, _ known: Set<String>) {
    let names = (try? listFiles(under: path(folder))) ?? []
    for name in names where !known.contains(folder + "/" + name) {
      report(folder + "/" + name, "file", found: "no episode in it", expected: "no such file")
    }
  }

  private mutating func readFrames(
    of range: Range<Int>, in file: String, _ digests: inout [String: Int]
  ) {
    let path = path(file)
    guard let reader = attempt({ () throws(InputError) in try ParquetReader(path: path) }) else {
      return
    }
    result.frameCount += reader.rowCount
    let rowCount = range.reduce(0) { $0 + episodes[$1].frames.count }
    guard reader.rowCount == rowCount else {
      report(
        file, "rows", found: "\(reader.rowCount)",
        expected: "\(rowCount) for episodes \(range.lowerBound) to \(range.upperBound - 1)")
      return
    }
    var owners: [Int] = []
    var frames: [Int] = []
    for episode in range {
      owners += Array(repeating: episode, count: episodes[episode].frames.count)
      frames += 0..<episodes[episode].frames.count
    }
    let rows = FileRows(file: file, episodes: range, owners: owners, frames: frames)
    checkIndices(reader, rows)
    var contents: [ParquetColumn] = []
    for feature in information.features where feature.type != "video" {
      guard let column = column(of: feature, reader, rows) else { continue }
      if DefaultColumn(rawValue: feature.name) == nil { contents.append(column) }
    }
    reportTwins(contents, rows, &digests)
    let known = Set(information.features.filter { $0.type != "video" }.map(\.name))
    for name in Set(reader.leaves.map { $0.path[0] }).subtracting(known).sorted() {
      report(file, name, found: "a column", expected: "no column that info.json does not name")
    }
  }

  /// Checks the columns that follow from the place of a row alone.
  private mutating func checkIndices(_ reader: ParquetReader, _ rows: FileRows) {
    let file = rows.file
    let first = episodes[rows.episodes.lowerBound].frames.lowerBound
    if let found = integers(reader, "index") {
      expectRows(file, "index", found) { first + $0 }
    }
    if let found = integers(reader, "episode_index") {
      expectRows(file, "episode_index", found) { rows.owners[$0] }
    }
    if let found = integers(reader, "frame_index") {
      expectRows(file, "frame_index", found) { rows.frames[$0] }
    }
    let times = attempt { () throws(InputError) in try reader.column("timestamp") }
    if case .float(let found)? = times?.values {
      // As every reader computes it: the quotient in double, rounded once.
      let fps = Double(information.fps)
      expectRows(file, "timestamp", found) { Float(Double(rows.frames[$0]) / fps) }
    }
    if let found = integers(reader, "task_index"), !tasks.isEmpty { checkTasks(found, rows) }
  }

  /// Checks that the rows of each episode have the tasks that it names: all of them, no other.
  private mutating func checkTasks(_ found: [Int], _ rows: FileRows) {
    let file = rows.file
    let wrong = found.indices.filter { row in
      !tasks.indices.contains(found[row])
        || !episodes[rows.owners[row]].tasks.contains(tasks[found[row]])
    }
    if let row = wrong.first {
      report(
        file, "task_index, row \(row)" + (wrong.count > 1 ? " and \(wrong.count - 1) more" : ""),
        found: "\(found[row])", expected: "the index of a task of episode \(rows.owners[row])")
    }
    var used: [Int: Set<Int>] = [:]
    for (row, index) in found.enumerated() { used[rows.owners[row], default: []].insert(index) }
    for episode in rows.episodes {
      let (place, named) = (episodes[episode].place, episodes[episode].tasks)
      let texts = used[episode, default: []].filter(tasks.indices.contains).map { tasks[$0] }
      let idle = named.filter { !texts.contains($0) }
      guard !idle.isEmpty || Set(named).count != named.count else { continue }
      report(
        place.file, "tasks, row \(place.row)", found: "\(named)",
        expected: "the tasks of the rows of episode \(episode), each once")
    }
  }

  /// Reads a feature's column, checks its type, shape and values, and keeps the values.
  private mutating func column(
    of feature: ListedFeature, _ reader: ParquetReader, _ rows: FileRows
  ) -> ParquetColumn? {
    let isImage = feature.type == "image"
    let leaf = reader.leaves.indices.first { index in
      let path = reader.leaves[index].path
      return path[0] == feature.name && (!isImage || path.last == "bytes")
    }
    guard let leaf else {
      report(rows.file, feature.name, found: "no column", expected: "one a feature")
      return nil
    }
    guard
      let column = attempt({ () throws(InputError) in try reader.column(leaf: leaf) })
    else { return nil }
    let type = isImage ? .binary : feature.columnType
    guard type == nil || type == column.values.type, column.nullCount == 0 else {
      report(
        rows.file, feature.name, found: "\(column.values.type), \(column.nullCount) missing",
        expected: "\(feature.type) in every row")
      return nil
    }
    guard !isImage else {
      checkImages(column, feature, rows)
      return column
    }
    let width = column.values.numbers == nil ? 1 : feature.width
    let lengths = column.listLengths.first
    let isSquare = lengths?.allSatisfy { $0 == feature.shape.first } ?? true
    guard isSquare, column.values.count == rows.owners.count * width else {
      report(
        rows.file, feature.name, found: "lists of another length",
        expected: "\(feature.shape) values in every row")
      return nil
    }
    keepNumbers(column, feature, rows)
    return column
  }

  private mutating func keepNumbers(
    _ column: ParquetColumn, _ feature: ListedFeature, _ rows: FileRows
  ) {
    guard let numbers = column.values.numbers else { return }
    let wrong = numbers.indices.filter { !numbers[$0].isFinite }
    if let first = wrong.first {
      report(
        rows.file,
        "\(feature.name)[\(first % feature.width)], row \(first / feature.width)"
          + (wrong.count > 1 ? " and \(wrong.count - 1) more" : ""),
        found: "\(numbers[first])", expected: "a finite number")
    }
    columns[feature.name, default: ListedColumn()].numbers += numbers
  }

  /// Records episodes whose frames are those of an earlier episode, bit for bit.
  private mutating func reportTwins(
    _ columns: [ParquetColumn], _ rows: FileRows, _ digests: inout [String: Int]
  ) {
    guard !columns.isEmpty else { return }
    let first = episodes[rows.episodes.lowerBound].frames.lowerBound
    for episode in rows.episodes {
      let frames = episodes[episode].frames
      let range = frames.lowerBound - first..<frames.upperBound - first
      guard range.lowerBound >= 0, range.upperBound <= rows.owners.count else { continue }
      let digest = contentDigest(columns, range, rowCount: rows.owners.count)
      if let twin = digests[digest] {
        report(
          rows.file, "episode \(episode)", found: "the frames of episode \(twin)",
          expected: "frames of its own")
      }
      digests[digest] = digests[digest] ?? episode
    }
  }
}

/// Returns the digest of a range of rows of columns.
private func contentDigest(
  _ columns: [ParquetColumn], _ rows: Range<Int>, rowCount: Int
) -> String {
  var digest = SHA256()
  for column in columns {
    let width = column.values.count / max(1, rowCount)
    column.values.withBytes(of: rows.lowerBound * width..<rows.upperBound * width) { bytes in
      digest.update(bytes)
    }
  }
  return digest.finish()
}

extension ParquetValues {
  /// Calls a body with the bytes of a range of values, in one piece or value by value.
  fileprivate func withBytes(of range: Range<Int>, _ body: (RawSpan) -> Void) {
    func pass<Value: BitwiseCopyable>(_ values: [Value]) {
      let piece = Array(values[range])
      unsafe body(piece.span.bytes)
    }
    switch self {
    case .bool(let values): pass(values)
    case .int32(let values): pass(values)
    case .int64(let values): pass(values)
    case .float(let values): pass(values)
    case .double(let values): pass(values)
    case .binary(let values): for value in values[range] { unsafe body(value.span.bytes) }
    case .string(let values):
      for value in values[range] {
        let text = Array(value.utf8)
        unsafe body(text.span.bytes)
      }
    }
  }
}
