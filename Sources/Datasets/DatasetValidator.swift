// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files

/// What a validation looked at and what it found wrong.
package struct DatasetValidation: Equatable, Sendable {
  /// Every mistake, in the order of the checks; empty for a dataset that is right.
  ///
  /// Files are named relative to the dataset. A mistake that many rows share is listed once, with
  /// its first row and their number.
  package var findings: [InputError] = []
  /// The number of rows read from `meta/episodes`.
  package var episodeCount = 0
  /// The number of rows read from the data files.
  package var frameCount = 0
  /// The number of video frames whose times were read, over all cameras.
  package var videoFrameCount = 0
  /// The number of video frames and images that were decoded.
  package var decodedCount = 0
}

/// Proves that a folder is a LeRobot v3.0 dataset whose statements about its files are true.
///
/// Where it came from, as its seed, draws and versions, no file can prove.
///
/// The files are read as they stand, not through the dataset reader, so that everything wrong is
/// found at once. A check that needs what an earlier one failed to read is left out. In order:
///
/// - `meta/info.json`: its keys, features, paths and totals, splits that hold each episode once;
/// - `meta/tasks.parquet`: indices without gaps, and the pandas footer that names the text column;
/// - `meta/episodes`: indices, lengths and frame ranges without gaps, files numbered as it says;
/// - the data files: one column a feature with its type and shape, finite numbers, exact indices
///   and times, the tasks that their episode names, images of the declared size, no episode twice;
/// - the videos: as many frames as rows, each at exactly its time, of the declared size and format;
/// - the statistics of the dataset and of each episode, in shape and number, against those computed
///   from all rows;
/// - `meta/diorama.json`: the same robot, features, lengths, tasks and successes as the tables;
/// - the manifest: every file with its checksum, and no file without.
///
/// With decoding, the statistics of images are computed from their pixels too. Video has lost some
/// of them, so its means, deviations and inner quantiles are held to a tolerance. What is left, and
/// all of it without decoding, is held to its range, to its order, and, for the dataset, to what
/// follows from the episodes.
///
/// The last two files are Diorama's own. A dataset with `meta/diorama.json` must have all that
/// Diorama writes; others may leave out what LeRobot lets them, such as `meta/stats.json`.
package struct DatasetValidator {
  let root: String
  let decodesPixels: Bool
  /// True for a dataset that Diorama wrote.
  let isOwn: Bool
  var result = DatasetValidation()
  var information = ListedInformation()
  var tasks: [String] = []
  var episodes: [ListedEpisode] = []
  var columns: [String: ListedColumn] = [:]

  private init(root: String, decodesPixels: Bool) {
    self.root = root
    self.decodesPixels = decodesPixels
    isOwn = kind(ofPath: root + "/" + DatasetPath.provenance) != .absent
  }

  /// Validates the dataset in a folder.
  ///
  /// Memory: one data file, and eight bytes for every number of every row. Time: a pass over all
  /// files; with `decodingPixels` also every frame of every video and image is decoded, and the
  /// statistics of images are recomputed.
  package static func validate(
    _ folder: String, decodingPixels: Bool = false
  ) -> DatasetValidation {
    var validator = DatasetValidator(root: folder, decodesPixels: decodingPixels)
    if validator.readInformation() {
      validator.readTasks()
      validator.readEpisodes()
      validator.checkSplits()
      validator.checkTotals()
      validator.checkPlaces()
      validator.readFrames()
      validator.checkVideos()
      validator.checkStatistics()
      validator.checkProvenance()
    }
    validator.checkManifest()
    return validator.result
  }
}

// MARK: - Findings

extension DatasetValidator {
  /// The path of a file of the dataset.
  func path(_ file: String) -> String { root + "/" + file }

  /// Records a mistake.
  mutating func report(_ file: String, _ field: String, found: String, expected: String) {
    report(InputError(file: file, field: field, found: found, expected: expected))
  }

  /// Records a mistake that a reader threw.
  mutating func report(_ error: InputError) {
    var error = error
    if error.file.hasPrefix(root + "/") { error.file.removeFirst(root.count + 1) }
    result.findings.append(error)
  }

  /// Returns what a reader returns, or records why it could not.
  mutating func attempt<Value: ~Copyable>(
    _ read: () throws(InputError) -> Value
  ) -> Value? {
    do {
      return try read()
    } catch {
      report(error)
      return nil
    }
  }

  /// Records a mistake unless two values are equal.
  mutating func expect<Value: Equatable>(
    _ file: String, _ field: String, _ found: Value, equals expected: Value
  ) {
    guard found != expected else { return }
    report(file, field, found: "\(found)", expected: "\(expected)")
  }

  /// Records the first of the rows that hold something else than expected, and their number.
  mutating func expectRows<Value: Equatable>(
    _ file: String, _ field: String, _ found: [Value], equal expected: (Int) -> Value
  ) {
    let wrong = found.indices.filter { found[$0] != expected($0) }
    guard let first = wrong.first else { return }
    let others = wrong.count > 1 ? " and \(wrong.count - 1) more" : ""
    report(
      file, "\(field), row \(first)\(others)", found: "\(found[first])",
      expected: "\(expected(first))")
  }
}
