// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Yams

/// What scalars stand for: YAML 1.2.2's core schema (section 10.3.2), as editors read it.
///
/// So `1:30`, `1_000` and `yes`, numbers and a truth to older readers, are texts, and a text that
/// looks like a number needs quotes.
extension Resolver {
  /// Resolves plain scalars by the core schema.
  static let core: Resolver = {
    let rules: [(Tag.Name, String)] = [
      (.null, "^(?:null|Null|NULL|~|)$"),
      (.bool, "^(?:true|True|TRUE|false|False|FALSE)$"),
      (.int, "^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$"),
      (
        .float,
        #"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"#
          + #"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"#
      ),
    ]
    do {
      return try rules.reduce(.basic) { try $0.appending($1.0, $1.1) }
    } catch {
      preconditionFailure("the core schema's patterns are regular expressions: \(error)")
    }
  }()
}

extension Node {
  /// The text of a scalar that is one, or nil.
  var text: String? { has(.str) ? scalar?.string : nil }

  /// The value of a number, or nil; infinite where none so large can be held.
  var number: Double? {
    guard let digits = scalar?.string else { return nil }
    if has(.int) { return whole.map(Double.init) ?? Double(digits) }
    return has(.float) ? Double(digits) : nil
  }

  /// The value of a number without a fraction, such as `500` or `500.0`, or nil.
  var whole: Int? {
    guard let digits = scalar?.string else { return nil }
    if has(.float) { return Double(digits).flatMap { Int(exactly: $0) } }
    guard has(.int) else { return nil }
    if digits.hasPrefix("0x") { return Int(digits.dropFirst(2), radix: 16) }
    if digits.hasPrefix("0o") { return Int(digits.dropFirst(2), radix: 8) }
    return Int(digits)
  }

  /// Whether the node has a tag, its own or by the core schema.
  func has(_ name: Tag.Name) -> Bool { tag.rawValue == name.rawValue }
}
