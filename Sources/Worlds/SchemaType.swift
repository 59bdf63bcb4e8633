// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// What a field of a world file may hold; validation, JSON Schema and the manual all read this.
package indirect enum SchemaType: Sendable {
  /// Free text of at least one character.
  case text
  /// Text of at least one character and no control characters.
  case line
  /// A name: 1 to 64 ASCII letters, digits and underscores.
  case name
  /// One of the listed words.
  case choice([String])
  /// A whole number in a range.
  case integer(ClosedRange<Int>)
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

  /// Makes a field that must be there.
  static func required(_ name: String, _ type: SchemaType, _ meaning: String) -> SchemaField {
    SchemaField(name: name, type: type, isRequired: true, meaning: meaning)
  }

  /// Makes a field that may be left out.
  static func optional(_ name: String, _ type: SchemaType, _ meaning: String) -> SchemaField {
    SchemaField(name: name, type: type, isRequired: false, meaning: meaning)
  }
}
