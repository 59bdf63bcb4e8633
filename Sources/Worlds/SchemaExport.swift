// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

extension WorldSchema {
  /// The schema as a JSON Schema document (draft 2020-12), ending in a newline.
  package static var jsonSchema: String {
    var document = json(root)
    document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    document["title"] = "Diorama world, format \(formatVersion)"
    let options: JSONSerialization.WritingOptions = [
      .prettyPrinted, .sortedKeys, .withoutEscapingSlashes,
    ]
    guard let bytes = try? JSONSerialization.data(withJSONObject: document, options: options) else {
      preconditionFailure("the schema is plain JSON")
    }
    return String(decoding: bytes, as: UTF8.self) + "\n"
  }

  /// The fields as Markdown tables, one a mapping, ending in a newline.
  package static var manual: String {
    var sections: [String] = []
    describe(root, "", into: &sections)
    return sections.joined(separator: "\n")
  }

  /// What no character of a line may be: the controls of ASCII and of Latin-1.
  private static let controls = "[\\u0000-\\u001f\\u007f-\\u009f]"

  private static func json(_ type: SchemaType) -> [String: Any] {
    switch type {
    case .text: return ["type": "string", "minLength": 1]
    // What must not occur, since `$` also matches before a last line feed in some languages.
    case .line, .path: return ["type": "string", "minLength": 1, "not": ["pattern": controls]]
    case .moment:
      return [
        "type": "string",
        "pattern":
          "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,3})?)?)?Z?$",
      ]
    case .name:
      return [
        "type": "string", "minLength": 1, "maxLength": longestName,
        "not": ["pattern": "[^A-Za-z0-9_]"],
      ]
    case .choice(let words): return ["enum": words]
    case .integer(let range, let factor):
      var result = bounds("integer", range)
      if factor != 1 { result["multipleOf"] = factor }
      return result
    case .number(let range): return bounds("number", range)
    case .vector(let count, let range):
      return json(.list(of: .number(range), count: count...count))
    case .interval(let range):
      return json(.list(of: .number(range), count: 2...2)).merging(rule("low <= high")) { $1 }
    case .countInterval(let range):
      return json(.list(of: .integer(range), count: 2...2)).merging(rule("fewest <= most")) { $1 }
    case .list(let element, let count):
      return [
        "type": "array", "items": json(element), "minItems": count.lowerBound,
        "maxItems": count.upperBound,
      ]
    case .set(let words):
      return json(.list(of: .choice(words), count: 1...words.count))
        .merging(["uniqueItems": true]) { $1 }
    case .mapping(let fields): return json(fields)
    case .oneOf(let choices, let shared):
      return json(choices + shared)
        .merging(["oneOf": choices.map { ["required": [$0.name]] }]) { $1 }
    case .numbers(let range):
      return ["type": "object", "additionalProperties": json(.number(range))]
    }
  }

  private static func bounds<Bound>(_ type: String, _ range: ClosedRange<Bound>) -> [String: Any] {
    ["type": type, "minimum": range.lowerBound, "maximum": range.upperBound]
  }

  /// A comment that says what JSON Schema cannot.
  private static func rule(_ text: String) -> [String: Any] { ["$comment": text] }

  private static func json(_ fields: [SchemaField]) -> [String: Any] {
    var properties: [String: Any] = [:]
    var companions: [String: Any] = [:]
    for field in fields {
      var property = json(field.type)
      property["description"] = field.meaning
      if let text = field.rule { property.merge(rule(text)) { $1 } }
      properties[field.name] = property
      if !field.onlyWith.isEmpty {
        companions[field.name] = ["anyOf": field.onlyWith.map { ["required": [$0]] }]
      }
    }
    var result: [String: Any] = [
      "type": "object", "additionalProperties": false, "properties": properties,
      "required": fields.filter(\.isRequired).map(\.name),
    ]
    if !companions.isEmpty { result["dependentSchemas"] = companions }
    return result
  }

  private static func describe(_ type: SchemaType, _ path: String, into sections: inout [String]) {
    let fields: [SchemaField]
    switch type {
    case .mapping(let own): fields = own
    case .oneOf(let choices, let shared): fields = choices + shared
    case .list(let element, _): return describe(element, path + "[]", into: &sections)
    default: return
    }
    var text = "### `\(path.isEmpty ? "the file" : path)`\n\n"
    text += "| field | holds | meaning |\n|---|---|---|\n"
    for field in fields {
      let name = field.isRequired ? "**`\(field.name)`**" : "`\(field.name)`"
      text += "| \(name) | \(words(field.type)) | \(field.meaning) |\n"
    }
    sections.append(text)
    for field in fields {
      describe(field.type, path.isEmpty ? field.name : "\(path).\(field.name)", into: &sections)
    }
  }

  private static func words(_ type: SchemaType) -> String {
    switch type {
    case .text: "text"
    case .line: "one line of text"
    case .path: "a path"
    case .moment: "a moment, `yyyy-mm-ddThh:mm`"
    case .name: "letters, digits, underscores"
    case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
    case .integer(let range, let factor):
      (factor == 2 ? "even integer" : "integer")
        + (range.upperBound == .max
          ? ", \(range.lowerBound) or more" : " \(words(range))")
    case .number(let range): "number \(words(range))"
    case .vector(let count, _): "\(count) numbers"
    case .interval(let range): "[low, high] \(words(range))"
    case .countInterval(let range): "[fewest, most] \(words(range))"
    case .list(let element, let count): "\(words(count)) of: \(words(element))"
    case .set(let words):
      "1 to \(words.count) different ones of: \(self.words(.choice(words)))"
    case .mapping: "mapping"
    case .oneOf: "mapping"
    case .numbers: "mapping from names to numbers"
    }
  }

  private static func words<Bound>(_ range: ClosedRange<Bound>) -> String {
    range.lowerBound == range.upperBound
      ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
  }
}
