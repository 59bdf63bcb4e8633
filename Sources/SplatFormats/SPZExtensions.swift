// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Splats

/// The extension records of an SPZ file, of which one changes what the sections mean.
///
///     0   u32   type: the vendor in the upper half, its extension in the lower
///     4   u32   bytes of the payload
///     8         payload
///
/// Records follow one another: after the sections up to version 3, between the header and the table
/// of streams in version 4. Type 0xadbe0003 is Adobe's coordinate system: one u32, the axes that
/// the splats are stored in. Source: nianticlabs/spz, `extensions/README.md`,
/// `coordinate-system-adobe.cc` and `CoordinateSystem` in `splat-types.h`. All little-endian.
struct SPZExtensions {
  /// The flip between the stored axes and PLY's.
  private(set) var plyFromStored = AxisFlip.rdfFromRUB
  /// The records that are not read, by type.
  private(set) var skipped: [String] = []

  private static let coordinateSystemType: UInt32 = 0xADBE_0003

  /// Makes the list of a file without records.
  init() {}

  /// Reads the records up to the offset `end`, which the last one must meet.
  init(_ reader: inout ByteReader, end: Int) throws(InputError) {
    var hasCoordinateSystem = false
    while reader.offset < end {
      let type = try reader.littleEndian(UInt32.self, field: "extension.type")
      let length = Int(try reader.littleEndian(UInt32.self, field: "extension.length"))
      let name = "extension 0x\(String(type, radix: 16))"
      guard length <= end - reader.offset else {
        throw InputError(
          file: reader.file, field: name, found: "a length of \(length) bytes",
          expected: "at most the \(max(0, end - reader.offset)) that are left")
      }
      guard type == Self.coordinateSystemType else {
        try reader.skip(length, field: name)
        skipped.append("SPZ \(name)")
        continue
      }
      guard !hasCoordinateSystem, length == 4 else {
        throw InputError(
          file: reader.file, field: name,
          found: hasCoordinateSystem ? "a second record" : "\(length) bytes",
          expected: "one record of 4 bytes")
      }
      hasCoordinateSystem = true
      plyFromStored = try Self.flip(from: try reader.littleEndian(field: name), name, reader.file)
    }
  }

  private static func flip(
    from coordinateSystem: UInt32, _ name: String, _ file: String
  ) throws(InputError) -> AxisFlip {
    switch coordinateSystem {
    // Unspecified, which stands for SPZ's own, and right-up-back.
    case 0, 4: return .rdfFromRUB
    // Right-down-forward, PLY's own.
    case 6: return .none
    default:
      throw InputError(
        file: file, field: name, found: "coordinate system \(coordinateSystem)",
        expected: "0 or 4 (right, up, back) or 6 (right, down, forward)")
    }
  }
}
