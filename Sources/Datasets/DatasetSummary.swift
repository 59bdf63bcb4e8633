// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files

/// What a dataset of Diorama's holds, in numbers.
package struct DatasetSummary: Equatable, Sendable {
  /// The number of episodes.
  package private(set) var episodeCount = 0
  /// The number of episodes whose task succeeded.
  package private(set) var successCount = 0
  /// The number of attempts that were played for the episodes, those that were discarded too.
  package private(set) var attemptCount = 0
  /// The number of episodes whose very first attempt succeeded.
  ///
  /// Of the episodes' first attempts this is the part that the teacher did as told; the successes
  /// themselves are a choice, since an attempt that fails is drawn anew while the world allows it.
  package private(set) var firstAttemptSuccessCount = 0
  /// The number of frames.
  package private(set) var frameCount = 0
  /// The bytes of all files.
  package internal(set) var byteCount = 0
  /// The SHA-256 of the manifest, which stands for every byte of the dataset.
  package internal(set) var manifestDigest = ""

  /// Counts one more episode.
  mutating func count(frames: Int, attempts: Int, isSuccess: Bool) {
    episodeCount += 1
    frameCount += frames
    attemptCount += attempts
    successCount += isSuccess ? 1 : 0
    firstAttemptSuccessCount += isSuccess && attempts == 1 ? 1 : 0
  }

  /// A summary of nothing, to be counted up.
  init() {}

  /// Sums up a dataset that is there, from its provenance; no frame is read.
  ///
  /// - Throws: `InputError` when the dataset is not Diorama's, or its files contradict each other.
  package init(folder: String) throws(InputError) {
    let provenance = try JSONFields(path: folder + "/" + DatasetPath.provenance)
    for (index, episode) in try provenance.array("episodes").enumerated() {
      let fields = try JSONFields(file: provenance.file, path: "episodes[\(index)]", episode)
      count(
        frames: try fields.integer("length", atLeast: 1),
        attempts: try fields.integer("attempts", atLeast: 1),
        isSuccess: try fields.bool("success"))
    }
    let information = try JSONFields(path: folder + "/" + DatasetPath.information)
    for (key, count) in [("total_episodes", episodeCount), ("total_frames", frameCount)] {
      let stated = try information.integer(key)
      guard stated == count else {
        throw information.wrong(key, .integer(stated), "\(count) as in \(provenance.file)")
      }
    }
    for path in try listFiles(under: folder) { byteCount += try fileSize(folder + "/" + path) }
    manifestDigest = try SHA256.hexDigest(ofFile: folder + "/" + DatasetPath.manifest)
  }
}
