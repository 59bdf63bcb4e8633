// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// Undoes raw Snappy compression, which real Parquet files use by default.
///
/// A block is the uncompressed length in LEB128 and then elements: a literal (tag bits 00) or a copy
/// of earlier output (01, 10, 11). Source: google/snappy, `format_description.txt`.
enum Snappy {
  /// The most bytes of output that one byte of input can make: a 3-byte copy gives 64 bytes.
  private static let greatestRatio = 22

  /// Decompresses the range, which must lie within the bytes, into exactly `byteCount` bytes.
  ///
  /// - Throws: `InputError` when the data is damaged; memory is taken only for plausible lengths.
  static func decompress(
    _ bytes: [UInt8], in range: Range<Int>, byteCount: Int, file: String
  ) throws(InputError) -> [UInt8] {
    var cursor = range.lowerBound
    let end = range.upperBound
    var declared: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 35, by: 7) {
      guard cursor < end else { throw damaged(file, "no length") }
      let byte = bytes[cursor]
      cursor += 1
      declared |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { break }
    }
    guard declared == UInt64(byteCount), byteCount <= range.count * greatestRatio else {
      throw damaged(file, "a length of \(declared) bytes")
    }
    var output: [UInt8] = []
    output.reserveCapacity(byteCount)
    while cursor < end {
      let tag = bytes[cursor]
      cursor += 1
      if tag & 3 == 0 {
        try appendLiteral(tag, bytes, &cursor, end, &output, file)
      } else {
        try appendCopy(tag, bytes, &cursor, end, &output, file)
      }
      guard output.count <= byteCount else { throw damaged(file, "more bytes than declared") }
    }
    guard output.count == byteCount else { throw damaged(file, "\(output.count) bytes") }
    return output
  }

  private static func appendLiteral(
    _ tag: UInt8, _ bytes: [UInt8], _ cursor: inout Int, _ end: Int, _ output: inout [UInt8],
    _ file: String
  ) throws(InputError) {
    var length = Int(tag >> 2)
    // Lengths of 60 to 63 say that 1 to 4 bytes of length follow.
    if length >= 60 {
      length = try littleEndian(length - 59, bytes, &cursor, end, file)
    }
    length += 1
    guard length <= end - cursor else { throw damaged(file, "a literal of \(length) bytes") }
    output += bytes[cursor..<cursor + length]
    cursor += length
  }

  private static func appendCopy(
    _ tag: UInt8, _ bytes: [UInt8], _ cursor: inout Int, _ end: Int, _ output: inout [UInt8],
    _ file: String
  ) throws(InputError) {
    let length: Int
    let distance: Int
    switch tag & 3 {
    case 1:
      length = Int(tag >> 2 & 7) + 4
      distance = Int(tag >> 5) << 8 | (try littleEndian(1, bytes, &cursor, end, file))
    case 2:
      length = Int(tag >> 2) + 1
      distance = try littleEndian(2, bytes, &cursor, end, file)
    default:
      length = Int(tag >> 2) + 1
      distance = try littleEndian(4, bytes, &cursor, end, file)
    }
    guard distance > 0, distance <= output.count else {
      throw damaged(file, "a copy from \(distance) bytes back")
    }
    // Source and target may overlap, which repeats the pattern, so bytes go one at a time.
    for _ in 0..<length { output.append(output[output.count - distance]) }
  }

  private static func littleEndian(
    _ count: Int, _ bytes: [UInt8], _ cursor: inout Int, _ end: Int, _ file: String
  ) throws(InputError) -> Int {
    guard count <= end - cursor else { throw damaged(file, "the end of the block") }
    var value = 0
    for index in 0..<count { value |= Int(bytes[cursor + index]) << (8 * index) }
    cursor += count
    return value
  }

  private static func damaged(_ file: String, _ found: String) -> InputError {
    InputError(file: file, field: "Snappy block", found: found, expected: "a whole block")
  }
}
