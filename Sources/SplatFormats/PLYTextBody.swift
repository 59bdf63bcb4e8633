// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// The body of a PLY in text: a line for each row, a word for each value; blank lines are no rows.
///
/// Turk's own reader takes a value from wherever the next word stands. A row with a value too many
/// or too few would shift every value after it, so here each line must hold its own row.
struct PLYTextBody {
  private let bytes: [UInt8]
  private let file: String
  private var offset: Int
  private var lineNumber: Int

  /// Starts behind the header.
  init(_ bytes: [UInt8], after header: PLYHeader, file: String) {
    self.bytes = bytes
    self.file = file
    offset = header.byteCount
    lineNumber = header.lineCount
  }

  /// Reads the next row of an element without lists.
  mutating func readRow(
    of element: PLYHeader.Element, into values: inout [Float]
  ) throws(InputError) {
    let words = try nextWords(of: element)
    guard words.count == values.count else {
      throw columnError(words.count, "\(values.count)", element)
    }
    for (place, word) in words.enumerated() {
      let text = String(decoding: word, as: UTF8.self)
      guard let number = Double(text) else {
        throw fault("\"\(text.prefix(40))\"", "a number")
      }
      values[place] = Float(number)
    }
  }

  /// Passes over all rows of an element, lists or not.
  mutating func skipRows(of element: PLYHeader.Element) throws(InputError) {
    // A row of no properties has no words, and takes no line.
    guard !element.properties.isEmpty else { return }
    for _ in 0..<element.count {
      let words = try nextWords(of: element)
      var wordCount = 0
      for property in element.properties {
        wordCount += 1
        guard property.isList, wordCount <= words.count else { continue }
        let text = String(decoding: words[wordCount - 1], as: UTF8.self)
        guard let length = UInt32(text) else {
          throw fault("\"\(text.prefix(40))\"", "the length of the list \(property.name)")
        }
        wordCount += Int(length)
      }
      guard wordCount == words.count else {
        throw columnError(words.count, "\(wordCount)", element)
      }
    }
  }

  /// Throws unless only blanks are left.
  mutating func finish() throws(InputError) {
    guard let words = nextWords() else { return }
    throw fault(
      "\"\(String(decoding: words[0].prefix(40), as: UTF8.self))\" after the last element",
      "the end of the file")
  }

  private mutating func nextWords(
    of element: PLYHeader.Element
  ) throws(InputError) -> [ArraySlice<UInt8>] {
    guard let words = nextWords() else {
      throw fault("the end of the file", "\(element.count) rows of element \(element.name)")
    }
    return words
  }

  /// Returns the words of the next line that has any, or nil at the end of the file.
  private mutating func nextWords() -> [ArraySlice<UInt8>]? {
    while offset < bytes.count {
      let end = bytes[offset...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      let words = bytes[offset..<end].split { $0 <= UInt8(ascii: " ") }
      offset = end + 1
      lineNumber += 1
      if !words.isEmpty { return words }
    }
    return nil
  }

  private func columnError(
    _ found: Int, _ expected: String, _ element: PLYHeader.Element
  ) -> InputError {
    fault("\(found) values", "the \(expected) of a row of element \(element.name)")
  }

  private func fault(_ found: String, _ expected: String) -> InputError {
    InputError(file: file, field: "line \(lineNumber)", found: found, expected: expected)
  }
}
