// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// The types of Thrift's compact protocol, as numbered in its field headers.
enum ThriftType: UInt8 {
  case stop = 0
  case yes = 1
  case no = 2
  case byte = 3
  case int16 = 4
  case int32 = 5
  case int64 = 6
  case double = 7
  case binary = 8
  case list = 9
  case set = 10
  case map = 11
  case structure = 12
}

/// Writes Thrift's compact protocol, as far as Parquet's metadata needs it.
///
/// Source: apache/thrift, `doc/specs/thrift-compact-protocol.md`.
struct ThriftWriter {
  private(set) var bytes: [UInt8] = []
  /// The last field number of each open structure, for the deltas in field headers.
  private var lastFields = [0]

  mutating func int32(_ field: Int, _ value: Int) {
    header(field, .int32)
    zigzag(Int64(value))
  }

  mutating func int64(_ field: Int, _ value: Int) {
    header(field, .int64)
    zigzag(Int64(value))
  }

  mutating func bool(_ field: Int, _ value: Bool) {
    header(field, value ? .yes : .no)
  }

  mutating func string(_ field: Int, _ value: String) {
    header(field, .binary)
    string(value)
  }

  /// Writes a list of integers.
  mutating func list(_ field: Int, int32s values: [Int]) {
    listHeader(field, .int32, values.count)
    for value in values { zigzag(Int64(value)) }
  }

  /// Writes a list of texts.
  mutating func list(_ field: Int, strings values: [String]) {
    listHeader(field, .binary, values.count)
    for value in values { string(value) }
  }

  /// Writes a list of structures, each by `body`.
  mutating func list<Element>(
    _ field: Int, _ elements: [Element], _ body: (inout ThriftWriter, Element) -> Void
  ) {
    listHeader(field, .structure, elements.count)
    for element in elements {
      lastFields.append(0)
      body(&self, element)
      endStructure()
    }
  }

  /// Writes a nested structure by `body`.
  mutating func structure(_ field: Int, _ body: (inout ThriftWriter) -> Void) {
    header(field, .structure)
    lastFields.append(0)
    body(&self)
    endStructure()
  }

  /// Ends the outermost structure and returns its bytes.
  mutating func finish() -> [UInt8] {
    precondition(lastFields.count == 1, "every inner structure is closed")
    bytes.append(ThriftType.stop.rawValue)
    return bytes
  }

  private mutating func endStructure() {
    bytes.append(ThriftType.stop.rawValue)
    lastFields.removeLast()
  }

  private mutating func header(_ field: Int, _ type: ThriftType) {
    let delta = field - lastFields[lastFields.count - 1]
    if (1...15).contains(delta) {
      bytes.append(UInt8(delta) << 4 | type.rawValue)
    } else {
      bytes.append(type.rawValue)
      zigzag(Int64(field))
    }
    lastFields[lastFields.count - 1] = field
  }

  private mutating func listHeader(_ field: Int, _ type: ThriftType, _ count: Int) {
    header(field, .list)
    if count < 15 {
      bytes.append(UInt8(count) << 4 | type.rawValue)
    } else {
      bytes.append(0xF0 | type.rawValue)
      variable(UInt64(count))
    }
  }

  private mutating func string(_ value: String) {
    variable(UInt64(value.utf8.count))
    bytes += Array(value.utf8)
  }

  private mutating func zigzag(_ value: Int64) {
    variable(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  private mutating func variable(_ value: UInt64) {
    appendVariable(value, to: &bytes)
  }
}

/// Appends an unsigned integer in LEB128, seven bits a byte, lowest first.
func appendVariable(_ value: UInt64, to bytes: inout [UInt8]) {
  var rest = value
  while rest >= 0x80 {
    bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
    rest >>= 7
  }
  bytes.append(UInt8(rest))
}

/// Reads Thrift's compact protocol from bytes that came from outside.
struct ThriftReader {
  /// The deepest nesting that is followed; Parquet's own metadata has six levels.
  private static let depthLimit = 16

  let file: String
  let bytes: [UInt8]
  private(set) var offset: Int
  private let end: Int
  private var depth = 0

  /// Starts at a range of the bytes, which must lie within them.
  init(file: String, bytes: [UInt8], range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "range within bytes")
    self.file = file
    self.bytes = bytes
    offset = range.lowerBound
    end = range.upperBound
  }

  /// Reads one structure, calling `body` for each field, which must read or skip its value.
  mutating func structure(
    _ body: (inout ThriftReader, Int, ThriftType) throws(InputError) -> Void
  ) throws(InputError) {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit else { throw wrong("nesting over \(Self.depthLimit)") }
    var field = 0
    while true {
      let byte = try next()
      let type = try self.type(byte & 15)
      if type == .stop { return }
      let delta = Int(byte >> 4)
      field = delta > 0 ? field + delta : try int()
      guard (0...Int(Int16.max)).contains(field) else { throw wrong("field number \(field)") }
      try body(&self, field, type)
    }
  }

  /// Reads the header of a list and returns its element count, at most the bytes that are left.
  mutating func listCount(_ expected: ThriftType) throws(InputError) -> Int {
    let (type, count) = try listHeader()
    guard type == expected || count == 0 else { throw wrong("a list of type \(type)") }
    return count
  }

  /// Reads a list of structures, calling `body` once for each.
  mutating func structures(
    _ body: (inout ThriftReader) throws(InputError) -> Void
  ) throws(InputError) {
    let count = try listCount(.structure)
    for _ in 0..<count { try body(&self) }
  }

  /// Reads an integer of any width.
  mutating func int() throws(InputError) -> Int {
    let raw = try variable()
    return Int(Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1))
  }

  /// Reads text; bytes that are not UTF-8 are repaired.
  mutating func string() throws(InputError) -> String {
    let range = try binaryRange()
    return String(decoding: bytes[range], as: UTF8.self)
  }

  /// Reads and drops a value of a type.
  mutating func skip(_ type: ThriftType) throws(InputError) {
    switch type {
    case .stop, .yes, .no: return
    case .byte: _ = try next()
    case .int16, .int32, .int64: _ = try variable()
    case .double: try advance(8)
    case .binary: _ = try binaryRange()
    case .list, .set: try skipList()
    case .map: throw wrong("a map")
    case .structure:
      try structure { (reader, _, type) throws(InputError) in try reader.skip(type) }
    }
  }

  private mutating func skipList() throws(InputError) {
    let (type, count) = try listHeader()
    // In a list a boolean takes a byte of its own.
    let isBool = type == .yes || type == .no
    for _ in 0..<count { try skip(isBool ? .byte : type) }
  }

  private mutating func listHeader() throws(InputError) -> (ThriftType, Int) {
    let byte = try next()
    let type = try self.type(byte & 15)
    let count = byte >> 4 == 15 ? try variable() : UInt64(byte >> 4)
    guard count <= UInt64(end - offset) else { throw wrong("a list of \(count) elements") }
    return (type, Int(count))
  }

  private func type(_ code: UInt8) throws(InputError) -> ThriftType {
    guard let type = ThriftType(rawValue: code) else { throw wrong("type code \(code)") }
    return type
  }

  private mutating func binaryRange() throws(InputError) -> Range<Int> {
    let count = try variable()
    guard count <= UInt64(end - offset) else { throw wrong("a text of \(count) bytes") }
    let start = offset
    offset += Int(count)
    return start..<offset
  }

  private mutating func advance(_ count: Int) throws(InputError) {
    guard count <= end - offset else { throw wrong("the end of the bytes") }
    offset += count
  }

  private mutating func variable() throws(InputError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let byte = try next()
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw wrong("an integer over 64 bits")
  }

  private mutating func next() throws(InputError) -> UInt8 {
    guard offset < end else { throw wrong("the end of the bytes") }
    defer { offset += 1 }
    return bytes[offset]
  }

  private func wrong(_ found: String) -> InputError {
    InputError(
      file: file, field: "Parquet metadata at byte \(offset)", found: found,
      expected: "Thrift compact metadata")
  }
}
