// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// Polygons in OGC's well-known binary form (OGC 06-103r4, section 8), little or big-endian.
enum WellKnownBinary {
  /// Returns the rings of each polygon of a polygon or a multipolygon.
  ///
  /// The last corner is left out where it is the first; heights are passed over.
  ///
  /// - Throws: `InputError` for other geometries, counts that the bytes do not hold, and
  ///   coordinates that are not finite.
  static func polygons(
    _ bytes: [UInt8], file: String, field: String
  ) throws(InputError) -> [[[SIMD2<Double>]]] {
    var reader = ByteReader(file: file, bytes: bytes)
    let polygons = try geometry(&reader, field: field, isPart: false)
    guard reader.remaining == 0 else {
      throw InputError(
        file: file, field: field, found: "\(reader.remaining) bytes more", expected: "one geometry")
    }
    return polygons
  }

  private static func geometry(
    _ reader: inout ByteReader, field: String, isPart: Bool
  ) throws(InputError) -> [[[SIMD2<Double>]]] {
    let order = try reader.littleEndian(UInt8.self, field: field)
    guard order <= 1 else {
      throw InputError(
        file: reader.file, field: field, found: "byte order \(order)", expected: "0 or 1")
    }
    let isBig = order == 0
    let code = Int(try word(&reader, isBig, field: field))
    // Thousands, or OGC's older high bits, say that corners have heights or measures.
    let flags = (code >> 28) & 0xF
    let dimensions =
      2 + (flags & 8 != 0 ? 1 : 0) + (flags & 4 != 0 ? 1 : 0)
      + [0: 0, 1: 1, 2: 1, 3: 2][(code & 0xFFF_FFFF) / 1000, default: 0]
    switch ((code & 0xFFF_FFFF) % 1000, isPart) {
    case (3, _):
      return [try polygon(&reader, isBig, dimensions, field: field)]
    case (6, false):
      let count = Int(try word(&reader, isBig, field: field))
      try reader.require(count * 9, for: field)
      var polygons: [[[SIMD2<Double>]]] = []
      for _ in 0..<count { polygons += try geometry(&reader, field: field, isPart: true) }
      return polygons
    default:
      throw InputError(
        file: reader.file, field: field, found: "geometry \(code)",
        expected: "a polygon or multipolygon as WKB")
    }
  }

  private static func polygon(
    _ reader: inout ByteReader, _ isBig: Bool, _ dimensions: Int, field: String
  ) throws(InputError) -> [[SIMD2<Double>]] {
    let ringCount = Int(try word(&reader, isBig, field: field))
    try reader.require(ringCount * 4, for: field)
    var rings: [[SIMD2<Double>]] = []
    for _ in 0..<ringCount {
      let count = Int(try word(&reader, isBig, field: field))
      try reader.require(count * dimensions * 8, for: field)
      var ring: [SIMD2<Double>] = []
      for _ in 0..<count {
        var corner = SIMD2<Double>.zero
        for axis in 0..<dimensions {
          let bits = try reader.littleEndian(UInt64.self, field: field)
          if axis < 2 { corner[axis] = Double(bitPattern: isBig ? bits.byteSwapped : bits) }
        }
        guard abs(corner.x) < 1e12, abs(corner.y) < 1e12 else {
          throw InputError(
            file: reader.file, field: field, found: "\(corner.x), \(corner.y)",
            expected: "coordinates below 1e12")
        }
        if ring.last != corner { ring.append(corner) }
      }
      if ring.count > 1, ring.first == ring.last { ring.removeLast() }
      if ring.count >= 3 { rings.append(ring) } else if rings.isEmpty { return [] }
    }
    return rings
  }

  private static func word(
    _ reader: inout ByteReader, _ isBig: Bool, field: String
  ) throws(InputError) -> UInt32 {
    let word = try reader.littleEndian(UInt32.self, field: field)
    return isBig ? word.byteSwapped : word
  }
}
