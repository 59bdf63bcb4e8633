// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// One line on the error stream that says how far a job is; silent when that is no terminal.
///
/// Everything that is written is written under one lock, so that threads never mix their lines.
final class ProgressLine: Sendable {
  /// A part of the job that is counted in one unit.
  private struct Stretch {
    let unit: String
    let total: Int
    /// What an earlier run did; it says nothing of this one's speed.
    let doneBefore: Int
    let started: ContinuousClock.Instant
    var done: Int

    var bar: String {
      let filled = total > 0 ? 24 * done / total : 24
      return String(repeating: "█", count: filled) + String(repeating: "░", count: 24 - filled)
    }

    var text: String {
      let made = done - doneBefore
      let seconds = (ContinuousClock.now - started) / .seconds(1)
      guard made > 0, seconds > 0 else { return "\(bar) \(done)/\(total) \(unit)" }
      let rate = Double(made) / seconds
      let left = Int((Double(total - done) / rate).rounded(.up))
      return "\(bar) \(done)/\(total) \(unit)  \(decimal(rate, places: 2))/s  \(left) s left"
    }
  }

  private let stretch = Mutex<Stretch?>(nil)
  private let isShown: Bool

  /// Makes a line that shows nothing yet.
  init(isShown: Bool) {
    self.isShown = isShown && isatty(STDERR_FILENO) == 1
  }

  /// Makes a line and begins its one stretch.
  convenience init(unit: String, total: Int, isShown: Bool) {
    self.init(isShown: isShown)
    begin(unit: unit, total: total)
  }

  /// Begins a stretch of `total` pieces, of which `doneBefore` were done in an earlier run.
  func begin(unit: String, total: Int, doneBefore: Int = 0) {
    stretch.withLock {
      if $0 != nil { write("\n") }
      $0 = Stretch(
        unit: unit, total: total, doneBefore: doneBefore, started: .now, done: doneBefore)
      draw($0)
    }
  }

  /// Counts one more piece of work as done and draws the line again.
  func advance(by count: Int = 1) {
    stretch.withLock {
      $0?.done += count
      draw($0)
    }
  }

  /// Says something on a line of its own; the progress goes on below it.
  func say(_ text: String) {
    stretch.withLock {
      write("\(Self.clear)\(text)\n")
      draw($0)
    }
  }

  /// Ends the line, once; what is printed next starts on a new one.
  func finish() {
    stretch.withLock {
      if $0 != nil { write("\n") }
      $0 = nil
    }
  }

  /// To the start of the line, which is emptied.
  private static let clear = "\r\u{1B}[2K"

  private func draw(_ stretch: Stretch?) {
    if let stretch { write(Self.clear + stretch.text) }
  }

  private func write(_ text: String) {
    if isShown { FileHandle.standardError.write(Data(text.utf8)) }
  }
}
