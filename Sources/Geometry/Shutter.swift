// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// When each line of an image is exposed.
///
/// A line is a row or, read sideways, a column. The first line that is read begins its exposure at
/// the frame's start, the last one `readoutNanoseconds` later, those between at equal steps; every
/// line is exposed for `exposureNanoseconds`.
package struct Shutter: Equatable, Sendable {
  /// The order in which lines are read.
  package enum Direction: String, CaseIterable, Sendable {
    /// Rows, the top one first.
    case downwards
    /// Rows, the bottom one first.
    case upwards
    /// Columns, the left one first.
    case rightwards
    /// Columns, the right one first.
    case leftwards
  }

  /// How long each line gathers light, nanoseconds; 0 is an instant.
  package var exposureNanoseconds: Int64
  /// From the first line's begin to the last line's, nanoseconds; 0 for a global shutter.
  package var readoutNanoseconds: Int64
  /// The order of the lines.
  package var direction: Direction

  /// Makes a shutter; the default is global and takes no time.
  package init(
    exposureNanoseconds: Int64 = 0, readoutNanoseconds: Int64 = 0,
    direction: Direction = .downwards
  ) {
    precondition(exposureNanoseconds >= 0 && readoutNanoseconds >= 0, "time passes forwards")
    self.exposureNanoseconds = exposureNanoseconds
    self.readoutNanoseconds = readoutNanoseconds
    self.direction = direction
  }

  /// Whether all lines are exposed together.
  package var isGlobal: Bool { readoutNanoseconds == 0 }

  /// Whether lines are rows, and not columns.
  package var readsRows: Bool { direction == .downwards || direction == .upwards }

  /// Returns the time at which a line begins its exposure, nanoseconds after the frame's start.
  ///
  /// `line` is the row or the column, counted from the top left, in 0..<lineCount.
  package func beginning(ofLine line: Int, of lineCount: Int) -> Int64 {
    precondition(line >= 0 && line < lineCount, "line \(line) of \(lineCount)")
    let isReversed = direction == .upwards || direction == .leftwards
    let order = isReversed ? lineCount - 1 - line : line
    let last = Int64(max(1, lineCount - 1))
    // Rounded to the nearest nanosecond.
    return (2 * readoutNanoseconds * Int64(order) + last) / (2 * last)
  }

  /// Returns the middle of one of the equal parts of a line's exposure, nanoseconds after the
  /// frame's start.
  ///
  /// A picture that is the mean of `partCount` sharp ones, each line of which is seen at these
  /// times, has the motion blur of the exposure: the midpoint rule.
  package func middle(
    ofPart part: Int, of partCount: Int, line: Int, of lineCount: Int
  ) -> Int64 {
    precondition(part >= 0 && part < partCount, "part \(part) of \(partCount)")
    let share = exposureNanoseconds * Int64(2 * part + 1) / Int64(2 * partCount)
    return beginning(ofLine: line, of: lineCount) + share
  }
}
