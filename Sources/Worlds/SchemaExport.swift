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

  private static func json(_ type: SchemaType) -> [String: Any] {
    switch type {
    case .text: return ["type": "string", "minLength": 1]
    case .line: return ["type": "string", "pattern": "^[^\\u0000-\\u001f\\u007f]+$"]
    case .name: return ["type": "string", "pattern": "^[A-Za-z0-9_]{1,64}$"]
    case .choice(let words): return ["enum": words]
    case .integer(let range):
      var result: [String: Any] = ["type": "integer", "minimum": range.lowerBound]
      if range.upperBound != .max { result["maximum"] = range.upperBound }
      return result
    case .number(let range):
      return ["type": "number", "minimum": range.lowerBound, "maximum": range.upperBound]
    case .vector(let count, let range):
      return json(.list(of: .number(range), count: count...count))
    case .interval(let range): return json(.list(of: .number(range), count: 2...2))
    case .countInterval(let range): return json(.list(of: .integer(range), count: 2...2))
    case .list(let element, let count):
      return [
        "type": "array", "items": json(element), "minItems": count.lowerBound,
        "maxItems": count.upperBound,
      ]
    case .mapping(let fields): return json(fields)
    case .oneOf(let choices, let shared):
      var result = json(choices + shared)
      result["oneOf"] = choices.map { ["required": [$0.name]] }
      return result
    case .numbers(let range):
      return ["type": "object", "additionalProperties": json(.number(range))]
    }
  }

  private static func json(_ fields: [SchemaField]) -> [String: Any] {
    var properties: [String: Any] = [:]
    for field in fields {
      var property = json(field.type)
      property["description"] = field.meaning
      properties[field.name] = property
    }
    return [
      "type": "object", "additionalProperties": false, "properties": properties,
      "required": fields.filter(\.isRequired).map(\.name),
    ]
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
    case .name: "letters, digits, underscores"
    case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
    case .integer(let range):
      range.upperBound == .max ? "integer, \(range.lowerBound) or more" : "integer \(words(range))"
    case .number(let range): "number \(words(range))"
    case .vector(let count, _): "\(count) numbers"
    case .interval(let range): "[low, high] \(words(range))"
    case .countInterval(let range): "[fewest, most] \(words(range))"
    case .list(let element, let count): "\(words(count)) of: \(words(element))"
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
