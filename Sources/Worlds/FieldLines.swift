// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Yams

/// The line of each field of a world file, for mistakes that only show when the world is loaded.
package struct FieldLines: Equatable, Sendable {
  /// The name of the file.
  package let file: String
  /// Lines by paths such as `cameras[1].body`, from 1.
  private var lines: [String: Int] = [:]

  /// Finds the fields of a tree that passed the schema.
  init(file: String, root: Node) {
    self.file = file
    collect(root, "")
  }

  private mutating func collect(_ node: Node, _ path: String) {
    if let mapping = node.mapping {
      for (key, value) in mapping {
        let field = (path.isEmpty ? "" : "\(path).") + (key.text ?? "")
        lines[field] = key.mark?.line
        collect(value, field)
      }
    }
    for (index, item) in (node.sequence ?? []).enumerated() {
      lines["\(path)[\(index)]"] = item.mark?.line
      collect(item, "\(path)[\(index)]")
    }
  }

  /// Makes the error of a field: it names the file, and the line of the field or, where the file
  /// leaves it out, of the nearest one around it.
  package func mistake(_ field: String, found: String, expected: String) -> InputError {
    var place = field[...]
    while lines[String(place)] == nil, let cut = place.lastIndex(where: { ".[".contains($0) }) {
      place = place[..<cut]
    }
    return InputError(
      file: file, field: "line \(lines[String(place)] ?? 1): \(field)", found: found,
      expected: expected)
  }

  /// Makes the error of a field that names a file or a thing with an error of its own.
  package func mistake(_ field: String, because error: InputError) -> InputError {
    mistake(
      field, found: "\(error.file): \(error.field): \(error.found)", expected: error.expected)
  }

  /// Returns the line that an error of a world file names, or nil.
  static func line(of error: InputError) -> Int? {
    guard error.field.hasPrefix("line ") else { return nil }
    return Int(error.field.dropFirst("line ".count).prefix { $0.isNumber })
  }
}
