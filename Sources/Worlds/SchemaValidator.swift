// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry
import Yams

/// Checks a YAML tree against a `SchemaType` and collects every mistake, with its line.
struct SchemaValidator {
  /// The name used in errors.
  let file: String
  /// The values that `${NAME}` in paths may take.
  let environment: [String: String]
  /// What was found wrong.
  private(set) var mistakes: [InputError] = []

  init(file: String, environment: [String: String]) {
    self.file = file
    self.environment = environment
  }

  /// Records one mistake at a node.
  mutating func report(_ node: Node, _ path: String, found: String, expected: String) {
    let line = node.mark.map { "line \($0.line)" } ?? "line 1"
    let field = path.isEmpty ? line : "\(line): \(path)"
    mistakes.append(InputError(file: file, field: field, found: found, expected: expected))
  }

  /// Checks one node and everything below it.
  mutating func check(_ node: Node, _ type: SchemaType, _ path: String) {
    switch type {
    case .text, .line, .path, .moment, .name, .choice:
      checkText(node, type, path)
    case .integer, .number:
      checkNumber(node, type, path)
    case .vector(let count, let range):
      checkList(node, of: .number(range), count...count, path)
    case .interval(let range):
      checkPair(node, of: .number(range), path, expected: "[low, high]", \.number)
    case .countInterval(let range):
      checkPair(node, of: .integer(range), path, expected: "[fewest, most]", \.whole)
    case .list(let element, let count):
      checkList(node, of: element, count, path)
    case .set(let words):
      checkSet(node, of: words, path)
    case .mapping(let fields):
      checkMapping(node, fields, path)
    case .oneOf(let choices, let shared):
      checkMapping(node, choices + shared, path)
      checkChoice(node, choices, path)
    case .numbers(let range):
      guard let mapping = node.mapping, node.has(.map) else {
        return report(node, path, found: node.shape, expected: "a mapping from names to numbers")
      }
      for (key, value) in mapping {
        guard let name = checkKey(key, path) else { continue }
        check(value, .number(range), "\(path).\(name)")
      }
    }
  }

  private mutating func checkText(_ node: Node, _ type: SchemaType, _ path: String) {
    let text = node.text ?? ""
    // A plain number or truth needs no other words than marks around it.
    let marks = node.text == nil && node.scalar?.string.isEmpty == false ? ", in quotes" : ""
    func isLine() -> Bool { !text.isEmpty && !text.contains(where: \.isControl) }
    switch type {
    case .line where isLine(), .text where !text.isEmpty: return
    case .path where isLine():
      do throws(PathTemplate.Problem) {
        _ = try PathTemplate.expand(text, environment: environment)
      } catch {
        report(node, path, found: error.found, expected: error.expected)
      }
    case .line, .path:
      report(node, path, found: node.shape, expected: "one line of text\(marks)")
    case .moment:
      guard SceneMoment(text) != nil else {
        return report(
          node, path, found: node.shape,
          expected: "a moment of UTC such as 2026-01-15T12:00\(marks)")
      }
    case .text:
      report(node, path, found: node.shape, expected: "text\(marks)")
    case .name:
      let isName = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
      guard isName, (1...WorldSchema.longestName).contains(text.count) else {
        return report(
          node, path, found: node.shape,
          expected: "1 to \(WorldSchema.longestName) ASCII letters, digits and underscores\(marks)")
      }
    case .choice(let words):
      guard words.contains(text) else {
        return report(
          node, path, found: node.shape,
          expected: "one of \(words.joined(separator: ", "))\(nearest(text, words))")
      }
    default:
      preconditionFailure("not a type of text")
    }
  }

  private mutating func checkNumber(_ node: Node, _ type: SchemaType, _ path: String) {
    switch type {
    case .integer(let range, let factor):
      guard let value = node.whole, range.contains(value), value.isMultiple(of: factor) else {
        let kind = factor == 2 ? "an even number" : "a whole number"
        let bounds = range.upperBound == .max ? "from \(range.lowerBound)" : "in \(range)"
        let wanted =
          range.lowerBound == range.upperBound ? "\(range.lowerBound)" : "\(kind) \(bounds)"
        return report(node, path, found: node.shape, expected: wanted)
      }
    case .number(let range):
      guard let value = node.number, range.contains(value) else {
        return report(node, path, found: node.shape, expected: "a number in \(range)")
      }
    default:
      preconditionFailure("not a type of number")
    }
  }

  private mutating func checkSet(_ node: Node, of words: [String], _ path: String) {
    checkList(node, of: .choice(words), 1...words.count, path)
    var seen: Set<String> = []
    for (index, item) in (node.sequence ?? []).prefix(words.count).enumerated() {
      guard let word = item.text, words.contains(word), !seen.insert(word).inserted else {
        continue
      }
      report(
        item, "\(path)[\(index)]", found: "“\(word)” a second time", expected: "each word once")
    }
  }

  private mutating func checkChoice(_ node: Node, _ choices: [SchemaField], _ path: String) {
    guard let mapping = node.mapping else { return }
    let present = choices.map(\.name).filter { mapping[$0] != nil }
    guard present.count != 1 else { return }
    report(
      node, path, found: present.isEmpty ? "none of them" : present.joined(separator: " and "),
      expected: "exactly one of " + choices.map(\.name).joined(separator: ", "))
  }

  private mutating func checkList(
    _ node: Node, of element: SchemaType, _ count: ClosedRange<Int>, _ path: String
  ) {
    guard let sequence = node.sequence, node.has(.seq) else {
      let wanted = node.sequence == nil ? "a list" : "a list without a tag"
      return report(node, path, found: node.shape, expected: wanted)
    }
    if !count.contains(sequence.count) {
      let wanted = count.count == 1 ? "\(count.lowerBound)" : "\(count)"
      report(node, path, found: "\(sequence.count) items", expected: "\(wanted) items")
    }
    // Aliases make long lists of long lists out of short files.
    for (index, item) in sequence.prefix(count.upperBound).enumerated() {
      check(item, element, "\(path)[\(index)]")
    }
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
    guard let mapping = node.mapping, node.has(.map) else {
      let wanted = node.mapping == nil ? "a mapping" : "a mapping without a tag"
      return report(node, path, found: node.shape, expected: wanted)
    }
    let prefix = path.isEmpty ? "" : "\(path)."
    var seen: Set<String> = []
    for (key, value) in mapping {
      guard let name = checkKey(key, path) else { continue }
      guard let field = fields.first(where: { $0.name == name }) else {
        let hint = nearest(name, fields.map(\.name))
        report(key, prefix + name, found: "an unknown key", expected: "a key of this format\(hint)")
        continue
      }
      seen.insert(name)
      check(value, field.type, prefix + name)
      if !field.onlyWith.isEmpty, field.onlyWith.allSatisfy({ mapping[$0] == nil }) {
        let owners = field.onlyWith.map { "`\($0)`" }.joined(separator: " or ")
        report(
          key, prefix + name, found: "a field of \(owners)", expected: "\(owners) beside it")
      }
    }
    for field in fields where field.isRequired && !seen.contains(field.name) {
      report(node, prefix + field.name, found: "nothing", expected: "this key")
    }
  }

  /// Returns a key's name after it was checked, or nil where it is no name at all.
  private mutating func checkKey(_ key: Node, _ path: String) -> String? {
    guard let text = key.text else {
      report(key, path, found: "the key \(key.shape)", expected: "a name for a key")
      return nil
    }
    let name = RepeatedKeys.original(text)
    if name != text {
      report(
        key, path.isEmpty ? name : "\(path).\(name)", found: "“\(name)” more than once",
        expected: "each key once")
    }
    return name
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
