// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// The first place at which a document is not the one that was wanted.
package struct JSONDifference: Equatable, Sendable {
  /// The keys that lead there, as in `inputs[place.ply].sha256`.
  ///
  /// An element of a list goes by its `path` or its `name`, and by its index when it has neither.
  package var path: String
  /// What stands there; nil where nothing does.
  package var found: JSONValue?
  /// What was wanted there; nil where nothing was.
  package var wanted: JSONValue?
}

extension JSONValue {
  /// Returns the first place at which this document differs from another, or nil for none.
  ///
  /// The order is that of the document that is wanted; the order of keys makes no difference.
  package func firstDifference(from wanted: JSONValue) -> JSONDifference? {
    Self.difference(self, wanted, at: "")
  }

  private static func difference(
    _ found: JSONValue?, _ wanted: JSONValue?, at path: String
  ) -> JSONDifference? {
    switch (found, wanted) {
    case (.object(let foundMembers)?, .object(let wantedMembers)?):
      let keys = wantedMembers.map(\.key)
      let unwanted = foundMembers.map(\.key).filter { !keys.contains($0) }
      for key in keys + unwanted {
        let place = path.isEmpty ? key : "\(path).\(key)"
        if let first = difference(found?[key], wanted?[key], at: place) { return first }
      }
      return nil
    case (.array(let foundElements)?, .array(let wantedElements)?):
      for index in 0..<max(foundElements.count, wantedElements.count) {
        let pair = [foundElements, wantedElements].map { list in
          index < list.count ? list[index] : nil
        }
        let name = (pair[1] ?? pair[0])?.elementName ?? "\(index)"
        if let first = difference(pair[0], pair[1], at: "\(path)[\(name)]") { return first }
      }
      return nil
    default:
      return found == wanted ? nil : JSONDifference(path: path, found: found, wanted: wanted)
    }
  }

  private var elementName: String? {
    guard case .string(let name)? = self["path"] ?? self["name"] else { return nil }
    return name
  }
}
