// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// The rules about words: each returns every place that breaks it.
enum WordRules {
  /// What no Swift file of this repository says.
  static func banned(_ file: SourceText) -> [Violation] {
    var words = ["try!", "as!", "fatalError(", "unsafeFlags", "@_implementationOnly"]
    if file.path.hasPrefix("Tests/") { words.append(".disabled(") }
    return occurrences(of: words, in: file) + publicDeclarations(file)
  }

  /// Floors 1 to 3 say nothing, and get time, settings and chance from their caller.
  static func impure(_ file: SourceText) -> [Violation] {
    occurrences(
      of: [
        "print(", "debugPrint(", "dump(", "NSLog(",
        "Date()", "Date.now", "ContinuousClock", "SuspendingClock", "DispatchTime.now",
        "clock_gettime", "gettimeofday", "CFAbsoluteTimeGetCurrent",
        "processInfo.environment", "getenv(", "CommandLine.",
        "SystemRandomNumberGenerator", ".random(", ".randomElement(", ".shuffle()", ".shuffled()",
        "UUID()", "arc4random", "drand48",
      ], in: file)
  }

  /// `value!`, `call()!`, `list[0]!` and `Type!`, but neither `!flag` nor `a != b`.
  static func forceUnwrap(_ file: SourceText) -> [Violation] {
    file.code.indices.filter { index in
      guard file.code[index].contains("!") else { return false }
      let bytes = Array(file.code[index].utf8)
      return bytes.indices.dropFirst().contains { position in
        guard bytes[position] == UInt8(ascii: "!") else { return false }
        let isUnequal = position + 1 < bytes.count && bytes[position + 1] == UInt8(ascii: "=")
        return !isUnequal && endsOperand(bytes[..<position])
      }
    }.map { file.violation($0, "a force unwrap") }
  }

  /// What switches a compiler check off has its reason in the line above it and its attributes.
  static func excuses(_ file: SourceText) -> [Violation] {
    let words = ["@unchecked Sendable", "nonisolated(unsafe)", "@preconcurrency"]
    return occurrences(of: words, in: file).filter { violation in
      let above = file.lines[..<(violation.line - 1)].last { line in
        !line.drop { $0 == " " }.hasPrefix("@")
      }
      return above?.drop { $0 == " " }.hasPrefix("//") != true
    }.map { Violation(path: $0.path, line: $0.line, message: $0.message + " without its reason") }
  }

  /// What is left to do names its issue, as in `TODO(#12): …`; what is broken is not left.
  static func pending(_ file: SourceText) -> [Violation] {
    file.comments.indices.compactMap { index in
      let comment = file.comments[index]
      if comment.contains("FIXME") { return file.violation(index, "a FIXME") }
      guard comment.contains("TODO"), comment.firstMatch(of: #/TODO\(\#[0-9]+\): /#) == nil
      else { return nil }
      return file.violation(index, "a TODO without the number of its issue")
    }
  }

  /// Code that was commented out, as far as a line's look can tell it from a sentence.
  static func commentedOutCode(_ file: SourceText) -> [Violation] {
    file.comments.indices.filter { index in
      let line = file.comments[index].drop { $0 == " " }
      guard line.hasPrefix("//"), !line.hasPrefix("///"), file.path.hasSuffix(".swift")
      else { return false }
      return looksLikeCode(line.dropFirst(2).drop { $0 == " " })
    }.map { file.violation($0, "commented-out code") }
  }

  private static func looksLikeCode(_ text: Substring) -> Bool {
    if ["{", "}", "})", "} else {"].contains(text) { return true }
    let words = text.split(separator: " ")
    guard let first = words.first else { return false }
    let isStatement = ["let", "var"].contains(first) && words.contains("=")
    let isBlock =
      ["if", "for", "while", "guard", "func", "switch"].contains(first)
      && text.hasSuffix("{")
    let isImport = first == "import" && words.count == 2
    let isCall =
      words.count == 1 && text.hasSuffix(")") && !text.hasPrefix("(")
      && text.contains("(")
    return isStatement || isBlock || isImport || isCall
  }

  /// The files of generic code for hot loops, which the compiler specialises only when public.
  private static let publicFiles: Set<String> = [
    "Sources/Geometry/Quaternion.swift", "Sources/Geometry/Vectors.swift",
  ]

  /// Nothing else is `public`: this package is a program, and its targets share `package`
  /// declarations.
  private static func publicDeclarations(_ file: SourceText) -> [Violation] {
    guard file.path.hasPrefix("Sources/"), file.mentions("public"),
      !publicFiles.contains(file.path)
    else { return [] }
    return file.code.indices.filter { index in
      file.code[index].split(separator: " ").contains("public")
    }.map { file.violation($0, "a public declaration") }
  }

  private static func occurrences(of list: [String], in file: SourceText) -> [Violation] {
    let words = list.filter(file.mentions)
    if words.isEmpty { return [] }
    return file.code.indices.flatMap { index in
      words.filter { contains($0, in: file.code[index]) }.map { file.violation(index, "`\($0)`") }
    }
  }

  /// Whether a line contains a word that is not the tail of a longer name.
  private static func contains(_ word: String, in line: String) -> Bool {
    guard let first = word.first else { return false }
    return line.ranges(of: word).contains { range in
      guard first.isLetter, range.lowerBound > line.startIndex else { return true }
      let before = line[line.index(before: range.lowerBound)]
      return !(before.isLetter || before.isNumber || before == "_")
    }
  }

  /// Whether an expression or a type ends right before a mark; a keyword's `!` is told elsewhere.
  private static func endsOperand(_ before: ArraySlice<UInt8>) -> Bool {
    guard let last = before.last else { return false }
    if before.suffix(3).elementsEqual("try".utf8) || before.suffix(3).elementsEqual(" as".utf8) {
      return false
    }
    let character = Character(UnicodeScalar(last))
    return character.isLetter || character.isNumber || ")]}>\"`_".contains(character)
  }
}
