// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Episodes
import Files

/// How far the playing of a run came, and what a user is told of it.
struct RunOutcome {
  /// The dataset's folder.
  let out: String
  /// The number of episodes of the whole run.
  let wanted: Int
  /// The indices of the episodes that are stored, of earlier executions too.
  let stored: Set<Int>
  /// What ended the playing; nil for its end or a wish to stop.
  let failure: JobFailure?

  /// The number of stored episodes from the first on without a gap: these can be a dataset.
  var whole: Int { (0..<wanted).prefix { stored.contains($0) }.count }

  /// Why not even a part of the dataset is put together; nil where one is.
  var obstacle: InputError? {
    switch failure?.stage {
    case .starting?, .storing?: return failure.map { assured($0.error) }
    case .playing? where whole == 0: return failure.map(located)
    default: break
    }
    guard whole == 0 else { return nil }
    return InputError(
      file: out, field: "finished episodes",
      found: stored.isEmpty
        ? "none before the stop" : "\(stored.count) before the stop, but not the first",
      expected: "the first and those after it; --resume goes on")
  }

  /// Why the dataset is only a part of the run; nil where it is whole.
  var shortfall: InputError? {
    if let failure {
      var error = located(failure)
      error.expected += "; the \(whole) before it are a dataset"
      return error
    }
    guard whole < wanted else { return nil }
    let later = stored.count - whole
    return InputError(
      file: out, field: "run",
      found: "a stop after \(whole) of \(wanted) episodes"
        + (later > 0 ? " (\(later) later ones are stored)" : ""),
      expected: "--resume to go on")
  }

  /// Adds to an error of the disk what it did not cost.
  func assured(_ error: InputError) -> InputError {
    guard !stored.isEmpty else { return error }
    var error = error
    error.expected += "; finished episodes are safe (\(stored.count)), and --resume goes on"
    return error
  }

  /// The error of an episode, with the episode.
  private func located(_ failure: JobFailure) -> InputError {
    var error = failure.error
    if case .playing(let episode) = failure.stage {
      error.field = "episode \(episode): \(error.field)"
    }
    return error
  }
}
