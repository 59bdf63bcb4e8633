// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// What `meta/info.json` says, as far as it could be read.
struct ListedInformation {
  var fps = 0
  var robotType: String?
  var episodeCount = 0
  var frameCount = 0
  var taskCount = 0
  /// The most files of a chunk folder.
  var filesInChunk = 0
  var dataPattern = ""
  var videoPattern = ""
  var features: [ListedFeature] = []
  /// The value of `features` as it stands in the file.
  var description = JSONValue.null
  /// The names of the splits with their text.
  var splits: [JSONMember] = []
}

extension DatasetValidator {
  /// Frames a second of no camera, so that products of times cannot overflow.
  private static let greatestRate = 1_000_000

  /// Reads `meta/info.json`; false when nothing else can be checked without it.
  mutating func readInformation() -> Bool {
    let file = DatasetPath.information
    let path = path(file)
    guard let fields = attempt({ () throws(InputError) in try JSONFields(path: path) }) else {
      return false
    }
    let count = result.findings.count
    let version = attempt { () throws(InputError) in try fields.string("codebase_version") }
    if let version { expect(file, "codebase_version", version, equals: "v3.0") }
    information.fps = read(fields, "fps")
    if information.fps > Self.greatestRate {
      report(file, "fps", found: "\(information.fps)", expected: "at most \(Self.greatestRate)")
      return false
    }
    readRobot(fields)
    information.episodeCount = read(fields, "total_episodes")
    information.frameCount = read(fields, "total_frames")
    information.taskCount = read(fields, "total_tasks")
    // The sizes at which writers begin a new file; what is in the files need not be near them.
    _ = read(fields, "data_files_size_in_mb")
    _ = read(fields, "video_files_size_in_mb")
    information.filesInChunk = read(fields, "chunks_size")
    if isOwn, information.filesInChunk > 0 {
      expect(file, "chunks_size", information.filesInChunk, equals: SeriesPlace.chunkSize)
    }
    readFeatures(fields)
    readPaths(fields)
    information.splits =
      attempt { () throws(InputError) in try fields.object("splits").members } ?? []
    // Without a rate, paths or features the tables cannot be judged; wrong totals do no harm.
    return information.fps > 0 && !information.dataPattern.isEmpty
      && (result.findings.count == count || !information.features.isEmpty)
  }

  private mutating func read(_ fields: JSONFields, _ key: String) -> Int {
    attempt { () throws(InputError) in try fields.integer(key, atLeast: 1) } ?? 0
  }

  /// Reads the robot's name, which LeRobot lets be null but not missing.
  private mutating func readRobot(_ fields: JSONFields) {
    guard fields["robot_type"] != nil else {
      report(
        DatasetPath.information, "robot_type", found: "no such key", expected: "a name or null")
      return
    }
    information.robotType =
      attempt { () throws(InputError) in try fields.optionalString("robot_type") } ?? nil
  }

  private mutating func readPaths(_ fields: JSONFields) {
    information.dataPattern =
      attempt { () throws(InputError) in try fields.string("data_path") } ?? ""
    checkPattern("data_path", information.dataPattern, ["chunk_index", "file_index"])
    guard information.features.contains(where: { $0.type == "video" }) else { return }
    information.videoPattern =
      attempt { () throws(InputError) in try fields.string("video_path") } ?? ""
    let names = ["video_key", "chunk_index", "file_index"]
    checkPattern("video_path", information.videoPattern, names)
  }

  private mutating func checkPattern(_ key: String, _ pattern: String, _ names: [String]) {
    for name in names where !pattern.contains("{\(name)") {
      report(
        DatasetPath.information, key, found: pattern.isEmpty ? "nothing" : pattern,
        expected: "a pattern with {\(name)}")
    }
  }
}

// MARK: - Splits

extension DatasetValidator {
  /// Checks that every episode is in one split.
  mutating func checkSplits() {
    let file = DatasetPath.information
    let count = episodes.isEmpty ? information.episodeCount : episodes.count
    var ranges: [Range<Int>] = []
    for member in information.splits {
      guard case .string(let text) = member.value, let range = Self.range(text),
        range.upperBound <= count
      else {
        report(
          file, "splits.\(member.key)", found: member.value.compactText,
          expected: "a range within 0:\(count)")
        continue
      }
      ranges.append(range)
    }
    guard ranges.count == information.splits.count else { return }
    ranges = ranges.filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
    // In order, each begins where the one before it ends, and the last ends with the dataset.
    var next = 0
    for range in ranges + [count..<count] {
      if range.lowerBound != next {
        let found =
          range.lowerBound > next
          ? "episode \(next) in none" : "episode \(range.lowerBound) in two"
        report(file, "splits", found: found, expected: "each episode of 0:\(count) in one")
        return
      }
      next = range.upperBound
    }
  }

  /// Reads a range such as `0:10`, whose end is left out.
  private static func range(_ text: String) -> Range<Int>? {
    let ends = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard ends.count == 2, let first = ends[0], let end = ends[1], first >= 0, first <= end
    else { return nil }
    return first..<end
  }
}
