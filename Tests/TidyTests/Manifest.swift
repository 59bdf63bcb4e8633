// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// What `Package.swift` declares, as far as the floors need it.
struct Manifest {
  struct Target: Equatable {
    var name: String
    /// The folder below the repository's root.
    var path: String
    var dependencies: [String]
    var isTest: Bool
    var isSystemLibrary: Bool
  }

  var targets: [Target] = []

  /// Reads the calls that this package's manifest is written in: `floor`, `tests`, `system`,
  /// `.target`, `.executableTarget`, `.testTarget` and `.systemLibrary`.
  init(text: String) {
    // Literals are needed here and comments are not, so only whole-line comments are dropped; the
    // functions above `let package` build targets too, and are not declarations.
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      .drop { !$0.hasPrefix("let package") }
      .filter { !$0.drop { $0 == " " }.hasPrefix("//") }
    let body = Array(lines.joined(separator: "\n"))
    let heads = [
      "floor", "tests", "system", ".target", ".executableTarget", ".testTarget", ".systemLibrary",
    ]
    var index = 0
    while index < body.count {
      guard body[index].isLetter || body[index] == "." else {
        index += 1
        continue
      }
      let word = String(body[index...].prefix { $0.isLetter || $0 == "." })
      index += word.count
      guard heads.contains(word), index < body.count, body[index] == "(" else { continue }
      let end = closing(index, in: body)
      if let target = target(word, String(body[index + 1..<end])) { targets.append(target) }
      index = end
    }
  }

  func target(named name: String) -> Target? { targets.first { $0.name == name } }

  /// The target that a file belongs to.
  func target(owning path: String) -> Target? {
    targets.first { path.hasPrefix($0.path + "/") }
  }

  private func target(_ head: String, _ arguments: String) -> Target? {
    guard let first = labelledLiterals(in: arguments).first?.literal else { return nil }
    switch head {
    case "floor":
      return Target(
        name: first, path: "Sources/\(first)",
        dependencies: dependencies(arguments, isLabelled: false), isTest: false,
        isSystemLibrary: false)
    case "tests":
      return Target(
        name: first + "Tests", path: "Tests/\(first)Tests",
        dependencies: [first] + dependencies(arguments, isLabelled: false), isTest: true,
        isSystemLibrary: false)
    case "system":
      return Target(
        name: first, path: "Shims/\(first)", dependencies: [], isTest: false,
        isSystemLibrary: true)
    default:
      let isTest = head == ".testTarget"
      let folder = (isTest ? "Tests/" : "Sources/") + first
      let path = labelled("path", arguments) ?? folder
      // A program that only tests run lives among them.
      return Target(
        name: first, path: path, dependencies: dependencies(arguments, isLabelled: true),
        isTest: path.hasPrefix("Tests/"),
        isSystemLibrary: head == ".systemLibrary")
    }
  }

  /// The names in the first list of a `floor` or `tests` call, or in the list labelled
  /// `dependencies:` of the others.
  private func dependencies(_ arguments: String, isLabelled: Bool) -> [String] {
    var list = arguments[...]
    if isLabelled {
      guard let label = arguments.firstRange(of: "dependencies:") else { return [] }
      list = arguments[label.upperBound...]
    }
    guard let open = list.firstIndex(of: "[") else { return [] }
    let text = Array(list[open...])
    // `.product(name: "Yams", package: "Yams")` and `.target(name: "Files")` name one module each.
    return labelledLiterals(in: String(text[..<closing(0, in: text)]))
      .filter { $0.label != "package" }.map(\.literal)
  }

  private func labelled(_ label: String, _ arguments: String) -> String? {
    labelledLiterals(in: arguments).first { $0.label == label }?.literal
  }

  private func labelledLiterals(in text: String) -> [(label: String, literal: String)] {
    let pieces = text.split(separator: "\"", omittingEmptySubsequences: false)
    var result: [(label: String, literal: String)] = []
    for index in stride(from: 1, to: pieces.count, by: 2) {
      let before = pieces[index - 1].reversed().drop { $0 == " " || $0 == "\n" }
      let label = before.first == ":" ? before.dropFirst().prefix { $0.isLetter } : []
      result.append((String(label.reversed()), String(pieces[index])))
    }
    return result
  }

  /// The index of the bracket that closes the one at `open`.
  private func closing(_ open: Int, in text: [Character]) -> Int {
    var depth = 0
    var isLiteral = false
    for index in open..<text.count {
      if text[index] == "\"" { isLiteral.toggle() }
      if isLiteral { continue }
      if "([".contains(text[index]) { depth += 1 }
      if ")]".contains(text[index]) { depth -= 1 }
      if depth == 0 { return index }
    }
    return text.count - 1
  }
}
