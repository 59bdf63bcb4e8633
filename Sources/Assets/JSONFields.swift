// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation

/// A JSON object whose fields are taken one by one; what is left over at the end is refused.
struct JSONFields {
  private let file: String
  /// The place in the document, such as `assets[2].wheel`, or nothing at its root.
  private let path: String
  private var values: [String: Any]

  /// Reads a document whose root is an object.
  init(file: String, bytes: [UInt8]) throws(InputError) {
    let root: Any
    do {
      root = try JSONSerialization.jsonObject(with: Data(bytes))
    } catch {
      throw InputError(file: file, field: "document", found: "no JSON", expected: "a JSON object")
    }
    guard let values = root as? [String: Any] else {
      throw InputError(
        file: file, field: "document", found: "another JSON value", expected: "a JSON object")
    }
    self.init(file: file, path: "", values: values)
  }

  private init(file: String, path: String, values: [String: Any]) {
    self.file = file
    self.path = path
    self.values = values
  }

  /// Takes a text that is not empty and, if a test is given, passes it.
  mutating func string(
    _ key: String, _ expected: String = "a text that is not empty",
    _ isValid: (String) -> Bool = { _ in true }
  ) throws(InputError) -> String {
    let value = try take(key, expected)
    guard let text = value as? String, !text.isEmpty, isValid(text) else {
      throw failure(key, value, expected)
    }
    return text
  }

  /// Takes a list of texts, which may be empty.
  mutating func strings(_ key: String) throws(InputError) -> [String] {
    let value = try take(key, "a list of texts")
    guard let list = value as? [String] else { throw failure(key, value, "a list of texts") }
    return list
  }

  /// Takes a whole number of at least 1.
  mutating func count(_ key: String) throws(InputError) -> Int {
    let value = try take(key, "a whole number above 0")
    guard !(value is Bool), let number = value as? Int, number > 0 else {
      throw failure(key, value, "a whole number above 0")
    }
    return number
  }

  /// Takes an object.
  mutating func object(_ key: String) throws(InputError) -> JSONFields {
    let value = try take(key, "an object")
    guard let values = value as? [String: Any] else { throw failure(key, value, "an object") }
    return JSONFields(file: file, path: place(key), values: values)
  }

  /// Takes an object that may be absent.
  mutating func objectIfPresent(_ key: String) throws(InputError) -> JSONFields? {
    values[key] == nil ? nil : try object(key)
  }

  /// Takes a list of objects.
  mutating func objects(_ key: String) throws(InputError) -> [JSONFields] {
    let value = try take(key, "a list of objects")
    guard let list = value as? [[String: Any]] else {
      throw failure(key, value, "a list of objects")
    }
    return list.enumerated().map { index, values in
      JSONFields(file: file, path: place("\(key)[\(index)]"), values: values)
    }
  }

  /// Throws when a field is left that nobody took.
  func finish() throws(InputError) {
    guard let key = values.keys.sorted().first else { return }
    throw InputError(
      file: file, field: place(key), found: "an unknown key", expected: "no such key")
  }

  private mutating func take(_ key: String, _ expected: String) throws(InputError) -> Any {
    if let value = values.removeValue(forKey: key) { return value }
    throw InputError(file: file, field: place(key), found: "nothing", expected: expected)
  }

  private func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  private func failure(_ key: String, _ value: Any, _ expected: String) -> InputError {
    InputError(
      file: file, field: place(key), found: String(String(describing: value).prefix(80)),
      expected: expected)
  }
}
