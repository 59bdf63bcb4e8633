// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// Keys that stand more than once in one mapping.
///
/// The YAML library stops at the first such mapping. So that a file's other mistakes are found too,
/// all but the last of equal keys are marked with a character that no file needs, and the text is
/// read again; `original` tells a marked key from others.
enum RepeatedKeys {
  /// A character for private use, which YAML allows everywhere.
  private static let mark: Unicode.Scalar = "\u{E000}"

  /// Returns a key without its marks: itself, unless it was renamed.
  static func original(_ key: String) -> String {
    var scalars = key.unicodeScalars
    while scalars.last == mark { scalars.removeLast() }
    return String(scalars)
  }

  /// Returns the text with `count` marks behind the key that starts at a line and column, from 1.
  ///
  /// Nil where the key does not stand there as it reads, such as one with escapes in it.
  static func renaming(
    _ key: String, line: Int, column: Int, in text: String, count: Int
  ) -> String? {
    var scalars = text.unicodeScalars
    guard var place = start(ofLine: line, in: scalars),
      scalars.formIndex(&place, offsetBy: column - 1, limitedBy: scalars.endIndex)
    else { return nil }
    if scalars[place...].first.map({ "\"'".unicodeScalars.contains($0) }) == true {
      scalars.formIndex(after: &place)
    }
    guard scalars[place...].starts(with: key.unicodeScalars) else { return nil }
    scalars.formIndex(&place, offsetBy: key.unicodeScalars.count)
    scalars.insert(contentsOf: repeatElement(mark, count: count), at: place)
    return String(scalars)
  }

  /// Where a line starts, by the line breaks of YAML 1.1, which the library counts.
  private static func start(
    ofLine line: Int, in text: String.UnicodeScalarView
  ) -> String.UnicodeScalarView.Index? {
    let breaks: Set<Unicode.Scalar> = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"]
    var (current, place) = (1, text.startIndex)
    while current < line, place < text.endIndex {
      let scalar = text[place]
      text.formIndex(after: &place)
      if scalar == "\r", place < text.endIndex, text[place] == "\n" { continue }
      if breaks.contains(scalar) { current += 1 }
    }
    return current == line ? place : nil
  }
}
