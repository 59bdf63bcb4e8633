// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Datasets
import Foundation
import Synchronization

/// What this execution of a run made, counted from any thread.
final class RunTally: Sendable {
  private struct Counts {
    var indices: Set<Int> = []
    var frames = 0
    var pictures = 0
  }
  private let counts = Mutex(Counts())

  /// Counts a finished episode.
  func count(_ record: EpisodeRecord, cameras: Int) {
    counts.withLock {
      $0.indices.insert(record.index)
      $0.frames += record.frameCount
      $0.pictures += record.frameCount * cameras
    }
  }

  /// The indices of the episodes made.
  var indices: Set<Int> { counts.withLock { $0.indices } }
  /// The pictures made: one a frame and camera.
  var pictures: Int { counts.withLock { $0.pictures } }
}

/// The one-screen summary of a run.
struct RunReport {
  let summary: DatasetSummary
  let tally: RunTally
  let seconds: Double
  let out: String
  /// The contact sheet's file; nil where no camera records colour.
  let contactSheet: String?

  /// For people.
  var text: String {
    let rate = percent(summary.successCount, of: summary.episodeCount)
    return """
      \(out): \(summary.episodeCount) episodes, \(summary.frameCount) frames, \
      \(megabytes(summary.byteCount)) MB
        success        \(summary.successCount) of \(summary.episodeCount) (\(rate) %), \
      told by physics
        this run       \(tally.indices.count) episodes in \(tenths(seconds)) s, \
      \(tenths(Double(tally.pictures) / seconds)) camera frames/s
        contact sheet  \(contactSheet ?? "none, as no camera records colour")
        manifest       sha256 \(summary.manifestDigest)
      """
  }

  /// For machines.
  var json: [String: Any] {
    [
      "out": out, "episodes": summary.episodeCount, "successes": summary.successCount,
      "frames": summary.frameCount, "bytes": summary.byteCount,
      "manifestSHA256": summary.manifestDigest,
      "contactSheet": contactSheet ?? NSNull(),
      "episodesThisRun": tally.indices.count, "cameraFramesThisRun": tally.pictures,
      "seconds": seconds, "cameraFramesPerSecond": Double(tally.pictures) / seconds,
    ]
  }

  private func percent(_ part: Int, of whole: Int) -> String {
    tenths(100 * Double(part) / Double(max(1, whole)))
  }

  private func megabytes(_ bytes: Int) -> String { tenths(Double(bytes) / 1e6) }

  /// One digit after the point, rounded down: a figure is never made better than it was.
  private func tenths(_ value: Double) -> String {
    let scaled = Int((value * 10).rounded(.down))
    return "\(scaled / 10).\(scaled % 10)"
  }
}
