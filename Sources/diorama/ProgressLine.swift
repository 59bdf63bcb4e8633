// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// One line on the error stream that says how far a job is; silent when that is no terminal.
final class ProgressLine: Sendable {
  private struct Count {
    var done: Int
    var doneBefore: Int
    let started: ContinuousClock.Instant
  }
  private let unit: String
  private let total: Int
  private let count: Mutex<Count>
  private let isShown: Bool

  /// Starts a line for `total` pieces of work, of which `doneBefore` were done in an earlier run.
  init(unit: String, total: Int, doneBefore: Int, isShown: Bool) {
    self.unit = unit
    self.total = total
    self.isShown = isShown && isatty(STDERR_FILENO) == 1
    count = Mutex(Count(done: doneBefore, doneBefore: doneBefore, started: .now))
    draw()
  }

  /// Counts one more piece of work as done and draws the line again.
  func advance() {
    count.withLock { $0.done += 1 }
    draw()
  }

  /// Ends the line.
  func finish() {
    if isShown { write("\n") }
  }

  private func draw() {
    guard isShown else { return }
    let now = count.withLock { $0 }
    let seconds = (ContinuousClock.now - now.started) / .seconds(1)
    let made = now.done - now.doneBefore
    let rate = seconds > 0 ? Double(made) / seconds : 0
    let filled = total > 0 ? 24 * now.done / total : 24
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 24 - filled)
    var text = "\r\u{1B}[2K\(bar) \(now.done)/\(total) \(unit)"
    if made > 0 {
      let left = Double(total - now.done) / rate
      text += "  \(format(rate))/s  \(Int(left.rounded(.up))) s left"
    }
    write(text)
  }

  private func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }

  private func format(_ value: Double) -> String {
    String(Int(value)) + "." + String(Int((value * 100).rounded(.down)) % 100 + 100).dropFirst()
  }
}
