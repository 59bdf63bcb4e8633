// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// What is wrong with something that came from outside, in one line.
///
/// Every reader throws this one type, so that every message names the file, the field, the value
/// found and the value expected.
package struct InputError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The path or name of the input.
  package var file: String
  /// The part of the input that is wrong, such as `header.numPoints` or `line 12`.
  package var field: String
  /// What stood there.
  package var found: String
  /// What should have stood there.
  package var expected: String

  /// Makes an error from its four parts.
  package init(file: String, field: String, found: String, expected: String) {
    self.file = file
    self.field = field
    self.found = found
    self.expected = expected
  }

  /// The message for people.
  package var description: String { "\(file): \(field): found \(found), expected \(expected)" }
}
