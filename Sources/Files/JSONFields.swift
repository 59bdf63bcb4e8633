// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// A JSON object whose keys are asked for by type; every mistake names the file and the key.
package struct JSONFields {
  /// The name used in errors.
  package let file: String
  /// The keys from the document's root to this object, joined by dots; empty at the root.
  package let path: String
  /// The members in the order of the file.
  package let members: [JSONMember]

  /// Takes an object apart.
  ///
  /// - Throws: `InputError` when the value is not an object.
  package init(file: String, path: String = "", _ value: JSONValue) throws(InputError) {
    guard case .object(let members) = value else {
      throw InputError(
        file: file, field: path.isEmpty ? "document" : path, found: summary(value),
        expected: "an object")
    }
    self.file = file
    self.path = path
    self.members = members
  }

  /// Reads a file whose document is one object.
  package init(path: String) throws(InputError) {
    try self.init(file: path, try JSONValue(file: path, bytes: try readFile(path)))
  }

  /// Returns a whole number of at least a bound.
  package func integer(_ key: String, atLeast bound: Int = 0) throws(InputError) -> Int {
    let value = try required(key)
    guard case .integer(let integer) = value, integer >= bound else {
      throw wrong(key, value, "a whole number of at least \(bound)")
    }
    return integer
  }

  /// Returns a number.
  package func number(_ key: String) throws(InputError) -> Double {
    switch try required(key) {
    case .integer(let integer): return Double(integer)
    case .number(let number): return number
    case let value: throw wrong(key, value, "a number")
    }
  }

  /// Returns a truth value.
  package func bool(_ key: String) throws(InputError) -> Bool {
    let value = try required(key)
    guard case .bool(let bool) = value else { throw wrong(key, value, "true or false") }
    return bool
  }

  /// Returns text.
  package func string(_ key: String) throws(InputError) -> String {
    let value = try required(key)
    guard case .string(let string) = value else { throw wrong(key, value, "text") }
    return string
  }

  /// Returns text, or nil when the key is missing or null.
  package func optionalString(_ key: String) throws(InputError) -> String? {
    guard let value = self[key], value != .null else { return nil }
    return try string(key)
  }

  /// Returns an object.
  package func object(_ key: String) throws(InputError) -> JSONFields {
    try JSONFields(file: file, path: join(key), try required(key))
  }

  /// Returns the elements of an array.
  package func array(_ key: String) throws(InputError) -> [JSONValue] {
    let value = try required(key)
    guard case .array(let elements) = value else { throw wrong(key, value, "an array") }
    return elements
  }

  /// Returns an array of whole numbers of at least 0.
  package func integers(_ key: String) throws(InputError) -> [Int] {
    var integers: [Int] = []
    for element in try array(key) {
      guard case .integer(let integer) = element, integer >= 0 else {
        throw wrong(key, element, "whole numbers of at least 0")
      }
      integers.append(integer)
    }
    return integers
  }

  /// Returns the numbers of an array, however deeply nested; truth values count as 0 and 1.
  package func numbers(_ key: String) throws(InputError) -> [Double] {
    var numbers: [Double] = []
    var rest = [try required(key)]
    while let value = rest.popLast() {
      switch value {
      case .array(let elements): rest += elements.reversed()
      case .integer(let integer): numbers.append(Double(integer))
      case .number(let number): numbers.append(number)
      case .bool(let bool): numbers.append(bool ? 1 : 0)
      default: throw wrong(key, value, "numbers")
      }
    }
    return numbers
  }

  /// The value of a key, or nil when there is no such key.
  package subscript(key: String) -> JSONValue? {
    members.first { $0.key == key }?.value
  }

  /// Throws when there is a key that the caller does not know, the first of them in the file.
  package func refuseKeys(except known: Set<String>) throws(InputError) {
    guard let member = members.first(where: { !known.contains($0.key) }) else { return }
    throw InputError(
      file: file, field: join(member.key), found: "an unknown key",
      expected: "only \(known.sorted().joined(separator: ", "))")
  }

  /// Makes the error for a key that holds something else than was expected.
  package func wrong(_ key: String, _ value: JSONValue, _ expected: String) -> InputError {
    InputError(file: file, field: join(key), found: summary(value), expected: expected)
  }

  private func required(_ key: String) throws(InputError) -> JSONValue {
    guard let value = self[key] else {
      throw InputError(file: file, field: join(key), found: "no such key", expected: "a value")
    }
    return value
  }

  private func join(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}

/// Returns a value's text, cut to what fits in a message.
private func summary(_ value: JSONValue) -> String {
  let text = value.compactText
  return text.count > 60 ? text.prefix(57) + "..." : text
}
