// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Parallel
import Synchronization

/// Why a job ended before all of its episodes were stored.
package struct JobFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// What the job was at.
  package enum Stage: Equatable, Sendable {
    /// Getting ready, as with a robot whose file is broken.
    case starting
    /// Drawing, playing or filming an episode; the same run fails there every time.
    case playing(episode: Int)
    /// Storing an episode, as on a full disk; the same run may succeed later.
    case storing(episode: Int)
  }

  /// What the job was at.
  package let stage: Stage
  /// What was wrong.
  package let error: InputError

  /// Makes a failure.
  package init(_ stage: Stage, _ error: InputError) {
    self.stage = stage
    self.error = error
  }

  /// The message for people.
  package var description: String { error.description }

  /// The first episode that is not worth finishing after this failure.
  fileprivate var firstLostEpisode: Int {
    if case .playing(let episode) = stage { episode } else { 0 }
  }
}

/// What the threads of a job know of each other: which episodes go on, and what failed.
///
/// A dataset holds the first episodes of a run without a gap. So a wish to stop lets an episode go
/// on while a later one is stored already, and a failure lets those before it go on. Whatever a job
/// stores is then part of the dataset, unless a kill or the failure itself left a gap before it.
final class JobWatch: Sendable {
  private struct State {
    var lastStored = -1
    var failure: JobFailure?
  }
  private let state = Mutex(State())
  private let cancellation: CancellationFlag

  /// Watches over a job that stops when asked to.
  init(_ cancellation: CancellationFlag) { self.cancellation = cancellation }

  /// Whether one more episode may be begun.
  var mayBegin: Bool {
    !cancellation.isCancelled && state.withLock { $0.failure == nil }
  }

  /// What failed at the lowest episode, or nil.
  var failure: JobFailure? { state.withLock { $0.failure } }

  /// Whether an episode that was begun is to be finished.
  func goesOn(_ episode: Int) -> Bool {
    state.withLock { isWanted(episode, $0) }
  }

  /// Whether an episode that was finished is to be stored; if so, those before it go on.
  func mayStore(_ episode: Int) -> Bool {
    state.withLock { state in
      guard isWanted(episode, state) else { return false }
      state.lastStored = max(state.lastStored, episode)
      return true
    }
  }

  /// Records a failure, unless one at an episode before it is known.
  func fail(_ failure: JobFailure) {
    state.withLock { state in
      if let known = state.failure, known.firstLostEpisode <= failure.firstLostEpisode { return }
      state.failure = failure
    }
  }

  private func isWanted(_ episode: Int, _ state: State) -> Bool {
    if let failure = state.failure, episode >= failure.firstLostEpisode { return false }
    return !cancellation.isCancelled || episode < state.lastStored
  }
}
