// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// A path in which each `${NAME}` stands for a variable of the environment.
enum PathTemplate {
  /// Why a template has no value.
  struct Problem: Error {
    /// What stands in the template.
    var found: String
    /// What should.
    var expected: String
  }

  /// Replaces each `${NAME}` once, whatever stands in the values.
  static func expand(
    _ template: String, environment: [String: String]
  ) throws(Problem) -> String {
    var pieces = template.split(separator: "${", omittingEmptySubsequences: false)
    var path = String(pieces.removeFirst())
    for piece in pieces {
      guard let end = piece.firstIndex(of: "}") else {
        throw Problem(found: "${ without }", expected: "${NAME}")
      }
      let name = String(piece[..<end])
      guard let value = environment[name] else {
        throw Problem(
          found: "${\(name)}, which is not set", expected: "\(name) in the environment")
      }
      path += value + piece[piece.index(after: end)...]
    }
    return path
  }
}
