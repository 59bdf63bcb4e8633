// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// The rules about sizes, headers and file names: each returns every place that breaks it.
enum ShapeRules {
  static let longestLine = 100
  static let longestFile = 400
  /// What not even a reason allows.
  static let longestFileEver = 600
  static let longestFunction = 70
  static let mostParameters = 5

  /// A file has at most 400 lines; up to 600 when its first line says `Long because`.
  static func fileLength(_ file: SourceText) -> [Violation] {
    let count = file.lines.count
    let hasReason = file.lines.prefix(4).contains { $0.hasPrefix("// Long because ") }
    guard count > (hasReason ? longestFileEver : longestFile) else { return [] }
    return [file.violation(0, "\(count) lines; \(longestFile), or a `// Long because` line")]
  }

  static func lineLength(_ file: SourceText) -> [Violation] {
    file.lines.indices.filter { file.lines[$0].utf8.count > longestLine }
      .filter { file.lines[$0].count > longestLine }
      .map { file.violation($0, "\(file.lines[$0].count) columns; \(longestLine) at most") }
  }

  /// The first two lines are copyright and licence, after a tools version or a shebang.
  static func header(_ file: SourceText) -> [Violation] {
    let marker = file.lines.contains("# SPDX-License-Identifier: Apache-2.0") ? "#" : "//"
    let start = file.lines.prefix(1).contains { line in
      line.hasPrefix("#!") || line.hasPrefix("// swift-tools-version")
    }
    let expected = [
      "\(marker) Copyright 2026 The Diorama authors",
      "\(marker) SPDX-License-Identifier: Apache-2.0",
    ]
    guard Array(file.lines.dropFirst(start ? 1 : 0).prefix(2)) != expected else { return [] }
    return [file.violation(0, "the first two lines are not the copyright and licence lines")]
  }

  /// No file is a drawer for whatever does not fit elsewhere.
  static func fileName(_ file: SourceText) -> [Violation] {
    let drawers = [
      "Util", "Utils", "Utilities", "Helper", "Helpers", "Common", "Manager", "Misc",
    ]
    let words = camelCaseWords(file.name)
    return drawers.filter(words.contains).map { file.violation(0, "a file called \($0)") }
  }

  /// Functions, initialisers and subscripts have at most 70 lines, signature included.
  static func functionLength(_ file: SourceText) -> [Violation] {
    functions(of: file).compactMap { function in
      guard function.lineCount > longestFunction else { return nil }
      return file.violation(
        function.index, "a function of \(function.lineCount) lines; \(longestFunction) at most")
    }
  }

  /// Functions take at most 5 parameters; initialisers may mirror the stored properties.
  static func parameterCount(_ file: SourceText) -> [Violation] {
    functions(of: file).compactMap { function in
      guard !function.isInitializer, function.parameterCount > mostParameters else { return nil }
      return file.violation(
        function.index, "\(function.parameterCount) parameters; \(mostParameters) at most")
    }
  }

  struct Function: Equatable {
    /// The line of the keyword, counted from 0.
    var index: Int
    var lineCount: Int
    var parameterCount: Int
    var isInitializer: Bool
  }

  /// Finds the functions that have a body.
  static func functions(of file: SourceText) -> [Function] {
    let bytes = Array(file.code.joined(separator: "\n").utf8)
    var result: [Function] = []
    var line = 0
    for index in bytes.indices {
      if bytes[index] == UInt8(ascii: "\n") { line += 1 }
      guard let keyword = keyword(at: index, in: bytes) else { continue }
      var scan = SignatureScanner(bytes: bytes, index: index + keyword.utf8.count)
      guard let lineCount = scan.measure() else { continue }
      result.append(
        Function(
          index: line, lineCount: lineCount, parameterCount: scan.parameterCount,
          isInitializer: keyword == "init"))
    }
    return result
  }

  /// The declaring keyword that starts at an index, unless it is part of a name or a call.
  private static func keyword(at index: Int, in bytes: [UInt8]) -> String? {
    // Fast path: most bytes start none of the four words.
    guard firstLetters.contains(bytes[index]) else { return nil }
    let isStart = index == 0 || !(isNamePart(bytes[index - 1]) || bytes[index - 1] == dot)
    guard isStart else { return nil }
    return ["func", "init", "deinit", "subscript"].first { word in
      let end = index + word.utf8.count
      return end < bytes.count && bytes[index..<end].elementsEqual(word.utf8)
        && !isNamePart(bytes[end])
    }
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "`"):
      true
    default: false
    }
  }

  private static let dot = UInt8(ascii: ".")
  private static let firstLetters = Array("fids".utf8)

  private static func camelCaseWords(_ name: String) -> Set<String> {
    var words: [String] = []
    for character in name.prefix(while: { $0 != "." }) {
      if character.isUppercase || words.isEmpty || !character.isLetter { words.append("") }
      words[words.count - 1].append(character)
    }
    return Set(words)
  }
}

/// Walks from a function's keyword over its parameters to the end of its body.
private struct SignatureScanner {
  let bytes: [UInt8]
  var index: Int
  private(set) var parameterCount = 0

  init(bytes: [UInt8], index: Int) {
    self.bytes = bytes
    self.index = index
  }

  /// The number of lines from the keyword to the closing brace, or nil when there is no body.
  mutating func measure() -> Int? {
    var lineCount = 1
    var parentheses = 0
    var brackets = 0
    var braces = 0
    var hasParameters = false
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\n"):
        lineCount += 1
        // A protocol's requirement ends with its line: no comma, no open parenthesis, no brace.
        if parentheses == 0, braces == 0, !continues(after: index) { return nil }
      case UInt8(ascii: "("): parentheses += 1
      case UInt8(ascii: ")"):
        parentheses -= 1
        if parentheses == 0 { hasParameters = true }
      case UInt8(ascii: "["), UInt8(ascii: "<"): brackets += 1
      case UInt8(ascii: "]"): brackets -= 1
      case UInt8(ascii: ">") where bytes[index - 1] != UInt8(ascii: "-"): brackets -= 1
      case UInt8(ascii: ":") where !hasParameters && parentheses == 1 && brackets == 0:
        parameterCount += 1
      case UInt8(ascii: "{") where parentheses == 0: braces += 1
      case UInt8(ascii: "}") where parentheses == 0:
        braces -= 1
        if braces == 0 { return lineCount }
        if braces < 0 { return nil }
      default: break
      }
      index += 1
    }
    return nil
  }

  /// Whether the signature goes on after a line feed: the line before ends in `,` or `where`, or
  /// the next one starts with what only a signature has.
  private func continues(after lineFeed: Int) -> Bool {
    let before = bytes[..<lineFeed].reversed().drop { $0 == UInt8(ascii: " ") }
    let after = bytes[(lineFeed + 1)...].drop { $0 == UInt8(ascii: " ") }
    return before.starts(with: ",".utf8) || before.starts(with: "erehw".utf8)
      || ["{", "->", "throws", "where", "async", ")"].contains { after.starts(with: $0.utf8) }
  }
}
