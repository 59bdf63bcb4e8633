// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Yams

/// Checks a YAML tree against a `SchemaType` and collects every mistake, with its line.
struct SchemaValidator {
  /// The most characters of a name; names become parts of file names.
  private let longestName = 64
  /// The name used in errors.
  let file: String
  /// What was found wrong, in the order of the file.
  private(set) var mistakes: [InputError] = []

  init(file: String) { self.file = file }

  /// Records one mistake at a node.
  mutating func report(_ node: Node, _ path: String, found: String, expected: String) {
    let line = node.mark.map { "line \($0.line)" } ?? "line 1"
    let field = path.isEmpty ? line : "\(line): \(path)"
    mistakes.append(InputError(file: file, field: field, found: found, expected: expected))
  }

  /// Checks one node and everything below it.
  mutating func check(_ node: Node, _ type: SchemaType, _ path: String) {
    switch type {
    case .text, .line, .name, .choice, .integer, .number:
      checkScalar(node, type, path)
    case .vector(let count, let range):
      checkList(node, of: .number(range), count...count, path)
    case .interval(let range):
      checkPair(node, of: .number(range), path, expected: "[low, high]", \.float)
    case .countInterval(let range):
      checkPair(node, of: .integer(range), path, expected: "[fewest, most]", \.int)
    case .list(let element, let count):
      checkList(node, of: element, count, path)
    case .mapping(let fields):
      checkMapping(node, fields, path)
    case .oneOf(let choices, let shared):
      checkMapping(node, choices + shared, path)
      guard let mapping = node.mapping else { return }
      let present = choices.map(\.name).filter { mapping[$0] != nil }
      guard present.count != 1 else { return }
      report(
        node, path, found: present.isEmpty ? "none of them" : present.joined(separator: " and "),
        expected: "exactly one of " + choices.map(\.name).joined(separator: ", "))
    case .numbers(let range):
      guard let mapping = node.mapping else {
        return report(node, path, found: node.shape, expected: "a mapping from names to numbers")
      }
      for (key, value) in mapping {
        guard let name = key.string else {
          report(key, path, found: key.shape, expected: "a name")
          continue
        }
        check(value, .number(range), "\(path).\(name)")
      }
    }
  }

  private mutating func checkScalar(_ node: Node, _ type: SchemaType, _ path: String) {
    switch type {
    case .text:
      guard let text = node.scalar?.string, !text.isEmpty else {
        return report(node, path, found: node.shape, expected: "text")
      }
    case .line:
      guard let text = node.scalar?.string, !text.isEmpty, !text.contains(where: \.isControl)
      else {
        return report(node, path, found: node.shape, expected: "one line of text")
      }
    case .name:
      guard let text = node.scalar?.string, (1...longestName).contains(text.count),
        text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
      else {
        return report(
          node, path, found: node.shape,
          expected: "1 to \(longestName) ASCII letters, digits and underscores")
      }
    case .choice(let words):
      guard let word = node.scalar?.string, words.contains(word) else {
        let hint = nearest(node.scalar?.string ?? "", words)
        return report(
          node, path, found: node.shape, expected: "one of \(words.joined(separator: ", "))\(hint)")
      }
    case .integer(let range):
      guard let value = node.int, range.contains(value) else {
        let bounds = range.upperBound == .max ? "from \(range.lowerBound)" : "in \(range)"
        let wanted = range.count == 1 ? "\(range.lowerBound)" : "a whole number \(bounds)"
        return report(node, path, found: node.shape, expected: wanted)
      }
    case .number(let range):
      guard let value = node.float, value.isFinite, range.contains(value) else {
        return report(node, path, found: node.shape, expected: "a number in \(range)")
      }
    default:
      preconditionFailure("not a scalar type")
    }
  }

  private mutating func checkList(
    _ node: Node, of element: SchemaType, _ count: ClosedRange<Int>, _ path: String
  ) {
    guard let sequence = node.sequence else {
      return report(node, path, found: node.shape, expected: "a list")
    }
    if !count.contains(sequence.count) {
      let wanted = count.count == 1 ? "\(count.lowerBound)" : "\(count)"
      report(node, path, found: "\(sequence.count) items", expected: "\(wanted) items")
    }
    for (index, item) in sequence.enumerated() { check(item, element, "\(path)[\(index)]") }
  }

  private mutating func checkPair<Number: Comparable>(
    _ node: Node, of element: SchemaType, _ path: String, expected: String,
    _ value: (Node) -> Number?
  ) {
    let before = mistakes.count
    checkList(node, of: element, 2...2, path)
    let bounds = node.sequence?.compactMap(value) ?? []
    if mistakes.count == before, bounds.count == 2, bounds[0] > bounds[1] {
      report(node, path, found: "\(bounds[0]) > \(bounds[1])", expected: expected)
    }
  }

  private mutating func checkMapping(_ node: Node, _ fields: [SchemaField], _ path: String) {
    guard let mapping = node.mapping else {
      return report(node, path, found: node.shape, expected: "a mapping")
    }
    let prefix = path.isEmpty ? "" : "\(path)."
    var seen: Set<String> = []
    for (key, value) in mapping {
      let name = key.string ?? "?"
      guard let field = fields.first(where: { $0.name == name }) else {
        let hint = nearest(name, fields.map(\.name))
        report(key, prefix + name, found: "an unknown key", expected: "a key of this format\(hint)")
        continue
      }
      seen.insert(name)
      check(value, field.type, prefix + name)
    }
    for field in fields where field.isRequired && !seen.contains(field.name) {
      report(node, prefix + field.name, found: "nothing", expected: "this key")
    }
  }
}

extension Node {
  /// What stands at this node, in words for an error.
  var shape: String {
    switch self {
    case .scalar(let scalar): scalar.shape
    case .sequence(let items): "a list of \(items.count)"
    case .mapping: "a mapping"
    case .alias: "an alias"
    }
  }
}

extension Node.Scalar {
  /// The text in marks, cut short, with what a terminal would act upon made visible.
  fileprivate var shape: String {
    guard !string.isEmpty else { return "nothing" }
    let shown = String(string.prefix(60).map { $0.isControl ? "␀" : $0 })
    let quoted = "“\(shown)\(string.count > 60 ? "…" : "")”"
    return [.singleQuoted, .doubleQuoted].contains(style) ? "the text \(quoted)" : quoted
  }
}

extension Character {
  /// Whether it moves a terminal's cursor instead of being seen.
  fileprivate var isControl: Bool {
    unicodeScalars.contains { $0.properties.generalCategory == .control }
  }
}

/// Suggests the word that a misspelling most likely meant, or nothing.
func nearest(_ word: String, _ words: [String]) -> String {
  let ranked = words.map { ($0, editDistance(word, $0)) }.sorted { ($0.1, $0.0) < ($1.1, $1.0) }
  guard let best = ranked.first, best.1 <= max(1, best.0.count / 2) else { return "" }
  return " (did you mean “\(best.0)”?)"
}

/// The number of insertions, deletions and replacements between two words (Levenshtein).
func editDistance(_ left: String, _ right: String) -> Int {
  let (a, b) = (Array(left.unicodeScalars), Array(right.unicodeScalars))
  var row = Array(0...b.count)
  for (i, letter) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in b.enumerated() {
      let replaced = diagonal + (letter == other ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
    }
  }
  return row[b.count]
}
