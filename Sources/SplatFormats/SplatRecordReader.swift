// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Splats

/// Parses antimatter15's `.splat`: 32-byte little-endian records without a header.
///
///     0   f32 x 3   position
///     12  f32 x 3   standard deviations (linear)
///     24  u8 x 4    red, green, blue = 255 (0.5 + C0 dc), alpha = 255 opacity
///     28  u8 x 4    rotation w, x, y, z = 128 q + 128
///
/// Source: `splats.md` section 2.2.
func parseSplatRecords(
  _ bytes: [UInt8], file: String
) throws(InputError) -> (cloud: SplatCloud, report: SplatImportReport) {
  let recordByteCount = 32
  let count = bytes.count / recordByteCount
  guard bytes.count % recordByteCount == 0, count <= SplatFile.largestCount else {
    throw InputError(
      file: file, field: "size", found: "\(bytes.count) bytes",
      expected: "a multiple of \(recordByteCount), at most \(SplatFile.largestCount) records")
  }
  var sink = SplatRowSink(shDegree: 0, report: SplatImportReport(container: ".splat"))
  let logits = byteLogits()
  let c0 = Float(SphericalHarmonics.c0)
  unsafe bytes.withUnsafeBytes { file in
    unsafe sink.append(count: count) { index, row, _ in
      let start = index * recordByteCount
      func float(_ offset: Int) -> Float {
        let bits = unsafe file.loadUnaligned(fromByteOffset: start + offset, as: UInt32.self)
        return Float(bitPattern: UInt32(littleEndian: bits))
      }
      for axis in 0..<3 {
        unsafe row[axis] = float(axis * 4)
        // The logarithm of a negative length is NaN, and the sink drops it.
        unsafe row[7 + axis] = log(float(12 + axis * 4))
        unsafe row[3 + axis] = (Float(file[start + 24 + axis]) / 255 - 0.5) / c0
      }
      unsafe row[SplatRowSink.opacityIndex] = logits[Int(file[start + 27])]
      for part in 0..<4 {
        unsafe row[10 + part] = (Float(file[start + 28 + part]) - 128) / 128
      }
    }
  }
  return sink.finish()
}

/// The logits of the opacities 0/255...255/255, with the ends at `SplatCloud.opaqueLogit`.
func byteLogits() -> [Float] {
  (0...255).map { byte in
    switch byte {
    case 0: -SplatCloud.opaqueLogit
    case 255: SplatCloud.opaqueLogit
    default: Float(log(Double(byte) / Double(255 - byte)))
    }
  }
}
