// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// Undoes raw Snappy compression, which real Parquet files use by default.
///
/// A block is the uncompressed length in LEB128 and then elements: a literal (tag bits 00) or a
/// copy of earlier output (01, 10, 11). Source: google/snappy, `format_description.txt`.
struct Snappy {
  /// The most bytes of output that one byte of input can make: a 3-byte copy gives 64 bytes.
  private static let greatestRatio = 22

  private let file: String
  private let bytes: [UInt8]
  private let end: Int
  private var cursor: Int
  private var output: [UInt8] = []

  /// Decompresses the range, which must lie within the bytes, into exactly `byteCount` bytes.
  ///
  /// - Throws: `InputError` when the data is damaged; memory is taken only for plausible lengths.
  static func decompress(
    _ bytes: [UInt8], in range: Range<Int>, byteCount: Int, file: String
  ) throws(InputError) -> [UInt8] {
    var block = Snappy(file: file, bytes: bytes, range: range)
    return try block.decompress(byteCount: byteCount)
  }

  private init(file: String, bytes: [UInt8], range: Range<Int>) {
    self.file = file
    self.bytes = bytes
    cursor = range.lowerBound
    end = range.upperBound
  }

  private mutating func decompress(byteCount: Int) throws(InputError) -> [UInt8] {
    let rangeCount = end - cursor
    var declared = 0
    for shift in stride(from: 0, to: 35, by: 7) {
      let byte = try littleEndian(1)
      declared |= (byte & 0x7F) << shift
      if byte < 0x80 { break }
    }
    guard declared == byteCount, byteCount <= rangeCount * Self.greatestRatio else {
      throw damaged("a length of \(declared) bytes")
    }
    output.reserveCapacity(byteCount)
    while cursor < end {
      let tag = try littleEndian(1)
      if tag & 3 == 0 { try appendLiteral(tag) } else { try appendCopy(tag) }
      guard output.count <= byteCount else { throw damaged("more bytes than declared") }
    }
    guard output.count == byteCount else { throw damaged("\(output.count) bytes") }
    return output
  }

  private mutating func appendLiteral(_ tag: Int) throws(InputError) {
    var length = tag >> 2
    // Lengths of 60 to 63 say that 1 to 4 bytes of length follow.
    if length >= 60 { length = try littleEndian(length - 59) }
    length += 1
    guard length <= end - cursor else { throw damaged("a literal of \(length) bytes") }
    output += bytes[cursor..<cursor + length]
    cursor += length
  }

  private mutating func appendCopy(_ tag: Int) throws(InputError) {
    let length: Int
    let distance: Int
    switch tag & 3 {
    case 1:
      length = (tag >> 2 & 7) + 4
      distance = (tag >> 5) << 8 | (try littleEndian(1))
    case 2:
      length = (tag >> 2) + 1
      distance = try littleEndian(2)
    default:
      length = (tag >> 2) + 1
      distance = try littleEndian(4)
    }
    guard distance > 0, distance <= output.count else {
      throw damaged("a copy from \(distance) bytes back")
    }
    // Source and target may overlap, which repeats the pattern, so bytes go one at a time.
    for _ in 0..<length { output.append(output[output.count - distance]) }
  }

  private mutating func littleEndian(_ count: Int) throws(InputError) -> Int {
    guard count <= end - cursor else { throw damaged("the end of the block") }
    var value = 0
    for index in 0..<count { value |= Int(bytes[cursor + index]) << (8 * index) }
    cursor += count
    return value
  }

  private func damaged(_ found: String) -> InputError {
    InputError(file: file, field: "Snappy block", found: found, expected: "a whole block")
  }
}
