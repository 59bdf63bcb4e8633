// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// What a field of a world file may hold; validation, JSON Schema and the manual all read this.
package indirect enum SchemaType: Sendable {
  /// Free text of at least one character.
  case text
  /// Text of at least one character and no control characters.
  case line
  /// A line that names a file; each `${NAME}` in it stands for a variable of the environment.
  case path
  /// A moment of UTC, as `SceneMoment` reads it.
  case moment
  /// A name: 1 to 64 ASCII letters, digits and underscores.
  case name
  /// One of the listed words.
  case choice([String])
  /// A whole number in a range that `multipleOf` divides.
  case integer(ClosedRange<Int>, multipleOf: Int = 1)
  /// A finite number in a range.
  case number(ClosedRange<Double>)
  /// A list of exactly `count` finite numbers, each in the range.
  case vector(count: Int, ClosedRange<Double>)
  /// A pair [low, high] of numbers in the range, low <= high.
  case interval(ClosedRange<Double>)
  /// A pair [fewest, most] of whole numbers in the range, fewest <= most.
  case countInterval(ClosedRange<Int>)
  /// A list whose length is in `count`.
  case list(of: SchemaType, count: ClosedRange<Int>)
  /// A list of different words out of those listed, at least one.
  case set(of: [String])
  /// A mapping with these fields and no others.
  case mapping([SchemaField])
  /// A mapping with exactly one of these fields, besides the fields of `shared`.
  case oneOf([SchemaField], shared: [SchemaField])
  /// A mapping from free names to numbers in the range.
  case numbers(ClosedRange<Double>)
}

/// One field of a mapping: its name, what it holds, and what it means.
package struct SchemaField: Sendable {
  /// The key in the file.
  package let name: String
  /// What the field may hold.
  package let type: SchemaType
  /// Whether a file without the field is wrong.
  package let isRequired: Bool
  /// What the field means, with its unit and frame, and its default where it is optional.
  package let meaning: String
  /// The fields of the same mapping one of which must stand beside it; none where it is empty.
  let onlyWith: [String]
  /// What the reader demands beyond what JSON Schema can say, or nil.
  let rule: String?

  /// Makes a field that must be there.
  static func required(
    _ name: String, _ type: SchemaType, _ meaning: String, rule: String? = nil
  ) -> SchemaField {
    SchemaField(
      name: name, type: type, isRequired: true, meaning: meaning, onlyWith: [], rule: rule)
  }

  /// Makes a field that may be left out.
  static func optional(
    _ name: String, _ type: SchemaType, _ meaning: String, onlyWith: [String] = [],
    rule: String? = nil
  ) -> SchemaField {
    SchemaField(
      name: name, type: type, isRequired: false, meaning: meaning, onlyWith: onlyWith, rule: rule)
  }
}
