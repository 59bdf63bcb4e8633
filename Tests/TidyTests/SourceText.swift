// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One place where a rule is broken.
struct Violation: Equatable, CustomStringConvertible {
  let path: String
  let line: Int
  let message: String

  var description: String { "\(path):\(line): \(message)" }
}

/// A file of the repository, line by line, with code and comments told apart.
///
/// The three views have the same number of lines, so an index into one is an index into the others.
struct SourceText {
  /// The path below the repository's root, with `/` between folders.
  let path: String
  /// The lines as they stand in the file.
  let lines: [String]
  /// The lines without comments, and with string literals and raw identifiers blanked inside.
  let code: [String]
  /// The text of the comments alone, markers included.
  let comments: [String]
  private let codeBytes: Data

  init(path: String, text: String) {
    self.path = path
    var views = CommentSplitter(text: text)
    views.split()
    lines = SourceText.lines(of: Array(text.utf8))
    code = SourceText.lines(of: views.code)
    comments = SourceText.lines(of: views.comments)
    codeBytes = Data(views.code)
  }

  /// Whether the code holds a word anywhere; quick, so that most files need no look at their lines.
  func mentions(_ word: String) -> Bool { codeBytes.range(of: Data(word.utf8)) != nil }

  /// The file's name without folders.
  var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// A violation at a line counted from 0.
  func violation(_ index: Int, _ message: String) -> Violation {
    Violation(path: path, line: index + 1, message: message)
  }

  /// Cuts at line feeds; a line feed at the end starts no further line.
  private static func lines(of bytes: [UInt8]) -> [String] {
    var result = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    if result.last == "" { result.removeLast() }
    return result
  }
}

/// A scanner that copies a Swift (or C) text twice: code without comments, comments without code.
///
/// What belongs to the other view becomes a space, so columns stay where they were. Code inside a
/// string interpolation is blanked like the rest of its literal.
private struct CommentSplitter {
  private let text: [UInt8]
  private(set) var code: [UInt8] = []
  private(set) var comments: [UInt8] = []
  private var index = 0

  init(text: String) {
    self.text = Array(text.utf8)
    code.reserveCapacity(self.text.count)
    comments.reserveCapacity(self.text.count)
  }

  mutating func split() {
    while index < text.count {
      if starts("//") {
        while index < text.count, text[index] != newline { emit(toComments: true) }
      } else if starts("/*") {
        blockComment()
      } else if text[index] == quote || hashesBeforeQuote > 0 {
        stringLiteral()
      } else if text[index] == backtick {
        rawIdentifier()
      } else {
        emit(toComments: false)
      }
    }
  }

  private mutating func blockComment() {
    var depth = 0
    repeat {
      if starts("/*") {
        depth += 1
        emit(toComments: true)
      } else if starts("*/") {
        depth -= 1
        emit(toComments: true)
      }
      emit(toComments: true)
    } while depth > 0 && index < text.count
  }

  private mutating func stringLiteral() {
    let hashes = hashesBeforeQuote
    let guardText = String(repeating: "#", count: hashes)
    for _ in 0..<hashes { emit(toComments: false) }
    let delimiter = starts("\"\"\"") ? "\"\"\"" : "\""
    for _ in delimiter.utf8 { emit(toComments: false) }
    while index < text.count, !starts(delimiter + guardText) {
      // A line feed ends a single-line literal that the compiler would refuse anyway.
      if delimiter.utf8.count == 1, text[index] == newline { return }
      if starts("\\" + guardText) { for _ in 0...hashes { blank() } }
      blank()
    }
    for _ in 0..<delimiter.utf8.count + hashes { emit(toComments: false) }
  }

  private mutating func rawIdentifier() {
    emit(toComments: false)
    while index < text.count, text[index] != backtick, text[index] != newline {
      code.append(UInt8(ascii: "x"))
      comments.append(space)
      index += 1
    }
    emit(toComments: false)
  }

  /// The number of `#` that open a raw string literal here, or 0.
  private var hashesBeforeQuote: Int {
    var end = index
    while end < text.count, text[end] == UInt8(ascii: "#") { end += 1 }
    return end < text.count && text[end] == quote ? end - index : 0
  }

  private func starts(_ prefix: String) -> Bool {
    var position = index
    for byte in prefix.utf8 {
      guard position < text.count, text[position] == byte else { return false }
      position += 1
    }
    return true
  }

  private mutating func emit(toComments: Bool) {
    guard index < text.count else { return }
    let byte = text[index]
    let other = byte == newline ? newline : space
    code.append(toComments ? other : byte)
    comments.append(toComments ? byte : other)
    index += 1
  }

  private mutating func blank() {
    guard index < text.count else { return }
    let byte = text[index] == newline ? newline : space
    code.append(byte)
    comments.append(byte)
    index += 1
  }

  private var newline: UInt8 { UInt8(ascii: "\n") }
  private var space: UInt8 { UInt8(ascii: " ") }
  private var quote: UInt8 { UInt8(ascii: "\"") }
  private var backtick: UInt8 { UInt8(ascii: "`") }
}
