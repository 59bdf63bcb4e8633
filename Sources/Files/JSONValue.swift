// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// A JSON document that keeps the order of its keys, so that equal values give equal text.
package indirect enum JSONValue: Equatable, Sendable {
  /// The word `null`.
  case null
  /// The word `true` or `false`.
  case bool(Bool)
  /// A number written without fraction or exponent.
  case integer(Int)
  /// Any other number; it must be finite, since JSON has no other.
  case number(Double)
  /// Text.
  case string(String)
  /// Values in order.
  case array([JSONValue])
  /// Keys with their values, in the order written; no key occurs twice.
  case object([JSONMember])

  /// The value of a key, or nil when this is no object or has no such key.
  package subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// Makes an array of numbers.
  package init(numbers: [Double]) {
    self = .array(numbers.map { .number($0) })
  }
}

/// A key of a JSON object and its value.
package struct JSONMember: Equatable, Sendable {
  /// The key.
  package var key: String
  /// The value.
  package var value: JSONValue

  /// Makes a member.
  package init(_ key: String, _ value: JSONValue) {
    self.key = key
    self.value = value
  }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral,
  ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
  /// Makes an object whose keys keep the literal's order.
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { JSONMember($0.0, $0.1) })
  }

  /// Makes an array.
  package init(arrayLiteral elements: JSONValue...) {
    self = .array(elements)
  }

  /// Makes text.
  package init(stringLiteral value: String) {
    self = .string(value)
  }

  /// Makes an integer.
  package init(integerLiteral value: Int) {
    self = .integer(value)
  }

  /// Makes a truth value.
  package init(booleanLiteral value: Bool) {
    self = .bool(value)
  }
}

// MARK: - Text

extension JSONValue {
  /// The document on one line, separated as Python's `json.dumps` does by default.
  package var compactText: String {
    var writer = JSONTextWriter(indent: nil)
    writer.append(self)
    return writer.text
  }

  /// The document over many lines, indented by four spaces, without a final newline.
  package var indentedText: String {
    var writer = JSONTextWriter(indent: 4)
    writer.append(self)
    return writer.text
  }
}

/// Writes a document as Python's `json` module lays it out.
private struct JSONTextWriter {
  /// Spaces for each level; nil for one line.
  let indent: Int?
  var text = ""
  private var depth = 0

  init(indent: Int?) {
    self.indent = indent
  }

  mutating func append(_ value: JSONValue) {
    switch value {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value):
      precondition(value.isFinite, "JSON has no word for \(value)")
      // Swift's own text is the shortest that reads back as the same number.
      text += value.description
    case .string(let value): appendQuoted(value)
    case .array(let elements):
      text += "["
      for (index, element) in elements.enumerated() {
        beginElement(index)
        append(element)
      }
      endBlock("]", count: elements.count)
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        beginElement(index)
        appendQuoted(member.key)
        text += ": "
        append(member.value)
      }
      endBlock("}", count: members.count)
    }
  }

  private mutating func beginElement(_ index: Int) {
    if index == 0 { depth += 1 } else { text += indent == nil ? ", " : "," }
    appendLineBreak()
  }

  private mutating func endBlock(_ bracket: String, count: Int) {
    if count > 0 {
      depth -= 1
      appendLineBreak()
    }
    text += bracket
  }

  private mutating func appendLineBreak() {
    guard let indent else { return }
    text += "\n" + String(repeating: " ", count: indent * depth)
  }

  /// Appends text in quotes; only what JSON forbids is escaped, the rest stays UTF-8.
  private mutating func appendQuoted(_ value: String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
