// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// The start of an SPZ file of any version.
///
///     0   u32   magic, "NGSP"
///     4   u32   version, 1...4
///     8   u32   number of splats
///     12  u8    SH degree, 0...4
///     13  u8    fractional bits of a position
///     14  u8    flags: 1 antialiased, 2 extensions
///     15  u8    version 4: number of streams; before: zero
///     16  u32   version 4 only: offset of the table of streams
///     20  12 B  version 4 only: zero
///
/// Versions 1 to 3 are one gzip stream of header and sections (the bare stream is read too).
/// Version 4 is plain: header, extension records, table, one zstd stream a section.
/// Source: nianticlabs/spz, `load-spz.cc`; `splats.md` section 2.3. All little-endian.
struct SPZHeader {
  static let magic = Array("NGSP".utf8)
  /// A gzip member whose method is deflate, the only one there is.
  static let gzipMagic: [UInt8] = [0x1F, 0x8B, 8]
  /// The bytes of the header up to version 3.
  static let shortByteCount = 16
  /// The bytes of the header of version 4.
  static let longByteCount = 32
  static let antialiasedFlag: UInt8 = 1
  static let extensionsFlag: UInt8 = 2

  var version: Int
  var count: Int
  var shDegree: Int
  var fractionalBits: Int
  var flags: UInt8
  var streamCount: Int
  /// The offset of the table of streams; zero before version 4.
  var tableOffset = 0

  /// Reads and checks a header.
  init(_ reader: inout ByteReader) throws(InputError) {
    let file = reader.file
    let magic = try reader.take(4, field: "header.magic")
    guard magic == Self.magic else {
      throw InputError(
        file: file, field: "header.magic", found: "\(magic)", expected: "\(Self.magic) (NGSP)")
    }
    version = Int(try reader.littleEndian(UInt32.self, field: "header.version"))
    count = Int(try reader.littleEndian(UInt32.self, field: "header.numPoints"))
    shDegree = Int(try reader.littleEndian(UInt8.self, field: "header.shDegree"))
    fractionalBits = Int(try reader.littleEndian(UInt8.self, field: "header.fractionalBits"))
    flags = try reader.littleEndian(UInt8.self, field: "header.flags")
    streamCount = Int(try reader.littleEndian(UInt8.self, field: "header.numStreams"))
    if version == 4 {
      tableOffset = Int(try reader.littleEndian(UInt32.self, field: "header.tocByteOffset"))
      try reader.skip(Self.longByteCount - reader.offset, field: "header.reserved")
    }
    try Self.require(version, in: 1...4, "header.version", file)
    try Self.require(count, in: 0...SplatFile.largestCount, "header.numPoints", file)
    try Self.require(shDegree, in: 0...4, "header.shDegree", file)
    // A position has 24 bits.
    try Self.require(fractionalBits, in: 0...24, "header.fractionalBits", file)
  }

  /// The bytes of each section: positions, alphas, colours, scales, rotations, rest.
  var sectionByteCounts: [Int] {
    let restCount = (shDegree + 1) * (shDegree + 1) - 1
    let positionByteCount = version == 1 ? 6 : 9
    let rotationByteCount = version < 3 ? 3 : 4
    return [positionByteCount, 1, 3, 3, rotationByteCount, restCount * 3].map { $0 * count }
  }

  /// The bytes of all sections.
  var payloadByteCount: Int { sectionByteCounts.reduce(0, +) }

  private static func require(
    _ value: Int, in range: ClosedRange<Int>, _ field: String, _ file: String
  ) throws(InputError) {
    guard range.contains(value) else {
      throw InputError(
        file: file, field: field, found: "\(value)",
        expected: "\(range.lowerBound)...\(range.upperBound)")
    }
  }
}
