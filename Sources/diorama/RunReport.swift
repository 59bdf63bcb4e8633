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

/// The one-screen summary of a run, in one shape whether it played anything or not.
struct RunReport {
  let summary: DatasetSummary
  /// The number of episodes of the whole run.
  let wanted: Int
  let tally: RunTally
  /// What loading and playing took; 0 where nothing was left to do.
  let seconds: Double
  let out: String
  /// The contact sheet's file; nil where no camera records colour.
  let contactSheet: String?

  private var isComplete: Bool { summary.episodeCount == wanted }

  private var picturesPerSecond: Double {
    tally.pictures == 0 ? 0 : Double(tally.pictures) / seconds
  }

  /// For people.
  var text: String {
    let size = "\(summary.frameCount) frames, \(tenths(Double(summary.byteCount) / 1e6)) MB"
    let made = tally.indices.count
    return """
      \(out): \(isComplete ? "" : "\(summary.episodeCount) of ")\(counted(wanted)), \(size)
        success        \(share(summary.successCount)), told by physics
        first attempt  \(share(summary.firstAttemptSuccessCount)); \
      \(summary.attemptCount) attempts were played for them
        this run       \(made == 0 ? "nothing: all were there" : "\(counted(made)) \(speed)")
        contact sheet  \(contactSheet ?? "none, as no camera records colour")
        manifest       sha256 \(summary.manifestDigest)
      """
  }

  /// For machines.
  var json: [String: Any] {
    [
      "out": out, "complete": isComplete, "wantedEpisodes": wanted,
      "episodes": summary.episodeCount, "successes": summary.successCount,
      "attempts": summary.attemptCount,
      "firstAttemptSuccesses": summary.firstAttemptSuccessCount,
      "frames": summary.frameCount, "bytes": summary.byteCount,
      "manifestSHA256": summary.manifestDigest, "contactSheet": contactSheet ?? NSNull(),
      "episodesThisRun": tally.indices.count, "cameraFramesThisRun": tally.pictures,
      "seconds": seconds, "cameraFramesPerSecond": picturesPerSecond,
    ]
  }

  private func counted(_ episodes: Int) -> String {
    episodes == 1 ? "1 episode" : "\(episodes) episodes"
  }

  private var speed: String {
    "in \(tenths(seconds)) s, \(tenths(picturesPerSecond)) camera frames/s"
  }

  private func share(_ part: Int) -> String {
    let percent = 100 * Double(part) / Double(max(1, summary.episodeCount))
    return "\(part) of \(summary.episodeCount) (\(tenths(percent)) %)"
  }

  /// One digit after the point, rounded down: a figure is never made better than it was.
  private func tenths(_ value: Double) -> String {
    let scaled = Int((value * 10).rounded(.down))
    return "\(scaled / 10).\(scaled % 10)"
  }
}
