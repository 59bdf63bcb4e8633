// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// A cursor over bytes that came from outside; every read is checked against what is left.
package struct ByteReader {
  /// The name used in errors.
  package let file: String
  /// The bytes that are read.
  package let bytes: [UInt8]
  /// The index of the next byte.
  package private(set) var offset = 0

  /// Makes a cursor at the first byte.
  package init(file: String, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes
  }

  /// The number of bytes not yet read.
  package var remaining: Int { bytes.count - offset }

  /// Throws unless `count` more bytes are there; call it before memory is taken for them.
  package func require(_ count: Int, for field: String) throws(InputError) {
    guard count >= 0, count <= remaining else {
      throw InputError(
        file: file, field: field, found: "\(remaining) bytes left at offset \(offset)",
        expected: "\(count) bytes")
    }
  }

  /// Moves past bytes without reading them.
  package mutating func skip(_ count: Int, field: String) throws(InputError) {
    try require(count, for: field)
    offset += count
  }

  /// Reads a fixed-width little-endian integer.
  package mutating func littleEndian<Value: FixedWidthInteger>(
    _ type: Value.Type = Value.self, field: String
  ) throws(InputError) -> Value {
    let width = Value.bitWidth / 8
    try require(width, for: field)
    var value: Value = 0
    for index in (0..<width).reversed() {
      value = value << 8 | Value(truncatingIfNeeded: bytes[offset + index])
    }
    offset += width
    return value
  }

  /// Reads a little-endian 32-bit float.
  package mutating func float(field: String) throws(InputError) -> Float {
    Float(bitPattern: try littleEndian(UInt32.self, field: field))
  }

  /// Reads raw bytes.
  package mutating func take(_ count: Int, field: String) throws(InputError) -> [UInt8] {
    try require(count, for: field)
    defer { offset += count }
    return Array(bytes[offset..<offset + count])
  }
}
