// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// Measures how long the stages of a job take, one after the other.
final class StageClock {
  private(set) var stages: [(name: String, duration: Duration)] = []
  private var last = ContinuousClock.now

  /// Ends the stage that has been running since the last one ended.
  func end(_ name: String) {
    let now = ContinuousClock.now
    stages.append((name, now - last))
    last = now
  }

  /// The milliseconds of each stage, rounded to microseconds.
  var milliseconds: [String: Double] {
    Dictionary(stages.map { ($0.name, ($0.duration / .milliseconds(1) * 1000).rounded() / 1000) }) {
      $0 + $1
    }
  }
}
