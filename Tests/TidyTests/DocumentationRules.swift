// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// The rule about doc comments.
enum DocumentationRules {
  /// The longest first sentence, in characters.
  static let longestAbstract = 150

  /// Every `package` and `public` declaration has a doc comment whose first sentence is short.
  static func documented(_ file: SourceText) -> [Violation] {
    file.code.indices.compactMap { index in
      guard declaresForOthers(file.code[index]) else { return nil }
      let comment = docComment(above: index, in: file)
      guard let first = comment.first, !first.isEmpty else {
        return file.violation(index, "no doc comment")
      }
      let count = abstract(of: comment).count
      guard count > longestAbstract else { return nil }
      return file.violation(index, "a first sentence of \(count) characters; \(longestAbstract)")
    }
  }

  /// Whether a line of code starts a declaration that other targets see.
  private static func declaresForOthers(_ line: String) -> Bool {
    let words = line.split(separator: " ").drop { $0.hasPrefix("@") || isModifier($0) }
    return ["package", "public"].contains(words.first)
      && words.dropFirst().first != "import"
  }

  private static func isModifier(_ word: Substring) -> Bool {
    ["static", "final", "indirect", "nonisolated", "mutating", "consuming"].contains(word)
  }

  /// The lines of the doc comment above a declaration and its attributes, without their marker.
  private static func docComment(above index: Int, in file: SourceText) -> [String] {
    var line = index - 1
    while line >= 0, file.code[line].drop(while: { $0 == " " }).hasPrefix("@") { line -= 1 }
    var result: [String] = []
    while line >= 0 {
      let text = file.comments[line].drop { $0 == " " }
      guard text.hasPrefix("///") else { break }
      result.insert(String(text.dropFirst(3).drop { $0 == " " }), at: 0)
      line -= 1
    }
    return result
  }

  /// The first sentence: up to the first full stop before a space, or the first blank line.
  private static func abstract(of comment: [String]) -> String {
    let paragraph = comment.prefix { !$0.isEmpty }.joined(separator: " ")
    guard let stop = paragraph.firstRange(of: ". ") else { return paragraph }
    return String(paragraph[..<stop.lowerBound]) + "."
  }
}
