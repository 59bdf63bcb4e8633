// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Splats

/// Parses mkkellogg's `.ksplat`, version 0.1 and later ones of 0: sections of buckets of splats.
///
///     0      u8 major (0), u8 minor (1 and up), u32 at 4 sections there is room for,
///            u32 at 16 splats, u16 at 20 level, f32 at 36 and 40 range of level 2's harmonics
///     4096   1024 bytes a section: u32 splats, u32 room, u32 bucket size, u32 buckets,
///            f32 at 16 block's edge, u16 at 20 bytes of a bucket, u32 at 24 range of places,
///            u32 at 32 full buckets, u32 at 36 others, u16 at 40 SH degree
///     ...    for each section: u32 sizes of the buckets that are not full, f32 x 3 centres of
///            buckets, splats
///
/// A splat is position, standard deviations, rotation w x y z, red green blue opacity in bytes, and
/// harmonics band by band, channel-major in each. Level 0 has floats, level 1 halves and positions
/// of 16 bits from the bucket's centre, level 2 the same with harmonics of one byte. Source:
/// `splats.md` section 2.4.
func parseKSplat(
  _ bytes: [UInt8], file: String
) throws(InputError) -> (cloud: SplatCloud, report: SplatImportReport) {
  let content = try KSplatContent(bytes, file: file)
  let degree = content.sections.map(\.shDegree).max() ?? 0
  var sink = SplatRowSink(
    shDegree: degree, report: SplatImportReport(container: ".ksplat level \(content.level)"))
  let logits = byteLogits()
  for section in content.sections {
    unsafe sink.append(count: section.count) { index, row, rest in
      let position = content.position(index, in: section)
      let numbers = content.numbers(index, in: section)
      let colour = content.colour(index, in: section)
      for axis in 0..<3 {
        unsafe row[axis] = position[axis]
        // The logarithm of a negative length is NaN, and the sink drops it.
        unsafe row[7 + axis] = log(numbers[axis])
        unsafe row[3 + axis] = (Float(colour[axis]) / 255 - 0.5) / Float(SphericalHarmonics.c0)
      }
      unsafe row[SplatRowSink.opacityIndex] = logits[Int(colour[3])]
      for part in 0..<4 { unsafe row[10 + part] = numbers[3 + part] }
      for place in 0..<((degree + 1) * (degree + 1) - 1) * 3 { unsafe rest[place] = 0 }
      var first = 0
      for band in 0..<section.shDegree {
        let width = 2 * band + 3
        for channel in 0..<3 {
          for place in 0..<width {
            let value = content.harmonic(
              index, 3 * first + channel * width + place, in: section)
            unsafe rest[(first + place) * 3 + channel] = value
          }
        }
        first += width
      }
    }
  }
  return sink.finish()
}

/// The bytes of a `.ksplat`, checked: every splat that a section states is there.
private struct KSplatContent {
  struct Section {
    var count: Int
    var shDegree: Int
    var bytesPerSplat: Int
    /// Metres of one step of a position; of no meaning at level 0.
    var step: Float
    var range: Float
    /// The offset of the centres of buckets, and of the splats.
    var bucketStart: Int
    var splatStart: Int
    /// The index of the first splat behind each bucket.
    var bucketEnds: [Int]
  }

  let level: Int
  private(set) var sections: [Section] = []
  private let bytes: [UInt8]
  private let harmonicRange: ClosedRange<Float>

  private static let headerSize = 4096
  private static let sectionHeaderSize = 1024
  private static let mostSections = 1024

  init(_ bytes: [UInt8], file: String) throws(InputError) {
    self.bytes = bytes
    func fail(_ field: String, _ found: String, _ expected: String) -> InputError {
      InputError(file: file, field: field, found: found, expected: expected)
    }
    guard bytes.count >= Self.headerSize else {
      throw fail("size", "\(bytes.count) bytes", "a header of \(Self.headerSize)")
    }
    guard bytes[0] == 0, bytes[1] >= 1 else {
      throw fail("version", "\(bytes[0]).\(bytes[1])", "0.1 or a later one of 0")
    }
    let (room, total) = (Self.u32(bytes, 4), Self.u32(bytes, 16))
    level = Self.u16(bytes, 20)
    guard level <= 2 else { throw fail("compression level", "\(level)", "0, 1 or 2") }
    guard room <= Self.mostSections,
      Self.headerSize + room * Self.sectionHeaderSize <= bytes.count
    else { throw fail("sections", "\(room)", "as many as the file has bytes for") }
    guard total <= SplatFile.largestCount else {
      throw fail("splats", "\(total)", "at most \(SplatFile.largestCount)")
    }
    let (low, high) = (Self.f32(bytes, 36), Self.f32(bytes, 40))
    let isStated = low.isFinite && high.isFinite && low < high
    harmonicRange = isStated ? low...high : -1.5...1.5
    var start = Self.headerSize + room * Self.sectionHeaderSize
    for number in 0..<room {
      let at = Self.headerSize + number * Self.sectionHeaderSize
      let (section, end) = try Self.section(
        bytes, at: at, from: start, level: level,
        fail: { fail("section \(number): \($0)", $1, $2) })
      start = end
      sections.append(section)
    }
    let found = sections.reduce(0) { $0 + $1.count }
    guard found == total else {
      throw fail("splats", "\(found) in the sections", "\(total), which the header states")
    }
  }

  private static func section(
    _ bytes: [UInt8], at: Int, from start: Int, level: Int,
    fail: (_ field: String, _ found: String, _ expected: String) -> InputError
  ) throws(InputError) -> (Section, end: Int) {
    let (count, room) = (u32(bytes, at), u32(bytes, at + 4))
    let (bucketSize, bucketCount) = (u32(bytes, at + 8), u32(bytes, at + 12))
    let (full, partial) = (u32(bytes, at + 32), u32(bytes, at + 36))
    let (blockEdge, bucketBytes) = (f32(bytes, at + 16), u16(bytes, at + 20))
    let degree = u16(bytes, at + 40)
    guard degree <= 3 else { throw fail("SH degree", "\(degree)", "0 to 3") }
    let harmonics = ((degree + 1) * (degree + 1) - 1) * 3
    let size = level == 0 ? 44 + 4 * harmonics : 24 + (level == 1 ? 2 : 1) * harmonics
    // None of these products passes 2^62: each factor is below 2^32, and bytes below 2^16.
    let sizes = partial * 4
    let centres = bucketCount * bucketBytes
    let end = start + sizes + centres + room * size
    guard count <= room, end <= bytes.count else {
      throw fail("splats", "\(count) of \(size) bytes", "what fits the \(bytes.count) bytes")
    }
    guard level == 0 || (bucketBytes >= 12 && full + partial == bucketCount && blockEdge > 0)
    else {
      throw fail(
        "buckets", "\(full) full and \(partial) others of \(bucketBytes) bytes",
        "\(bucketCount) of 12 bytes")
    }
    var ends: [Int] = []
    if level > 0 {
      guard full * bucketSize <= count else {
        throw fail("buckets", "\(full) of \(bucketSize) splats", "\(count) splats")
      }
      ends = (0..<full).map { ($0 + 1) * bucketSize }
      for index in 0..<partial {
        ends.append((ends.last ?? 0) + u32(bytes, start + 4 * index))
      }
      guard (ends.last ?? 0) >= count else {
        throw fail("buckets", "\(ends.last ?? 0) splats", "\(count)")
      }
    }
    let stated = u32(bytes, at + 24)
    let range = Float(stated == 0 ? 32_767 : stated)
    return (
      Section(
        count: count, shDegree: degree, bytesPerSplat: size, step: blockEdge / 2 / range,
        range: range, bucketStart: start + sizes, splatStart: start + sizes + centres,
        bucketEnds: ends), end
    )
  }

  func position(_ index: Int, in section: Section) -> SIMD3<Float> {
    let at = section.splatStart + index * section.bytesPerSplat
    guard level > 0 else {
      return SIMD3(Self.f32(bytes, at), Self.f32(bytes, at + 4), Self.f32(bytes, at + 8))
    }
    // The first bucket that ends behind the splat.
    var (low, high) = (0, section.bucketEnds.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if section.bucketEnds[middle] > index { high = middle } else { low = middle + 1 }
    }
    let centre = section.bucketStart + low * 12
    var position = SIMD3<Float>()
    for axis in 0..<3 {
      let steps = Float(Self.u16(bytes, at + 2 * axis)) - section.range
      position[axis] = Self.f32(bytes, centre + 4 * axis) + steps * section.step
    }
    return position
  }

  /// Three deviations and four parts of a rotation.
  func numbers(_ index: Int, in section: Section) -> [Float] {
    let at = section.splatStart + index * section.bytesPerSplat
    return (0..<7).map {
      level == 0 ? Self.f32(bytes, at + 12 + 4 * $0) : Self.f16(bytes, at + 6 + 2 * $0)
    }
  }

  func colour(_ index: Int, in section: Section) -> ArraySlice<UInt8> {
    let at = section.splatStart + index * section.bytesPerSplat + (level == 0 ? 40 : 20)
    return ArraySlice(bytes[at..<at + 4].map { $0 })
  }

  func harmonic(_ index: Int, _ place: Int, in section: Section) -> Float {
    let at = section.splatStart + index * section.bytesPerSplat + (level == 0 ? 44 : 24)
    switch level {
    case 0: return Self.f32(bytes, at + 4 * place)
    case 1: return Self.f16(bytes, at + 2 * place)
    default:
      let share = Float(bytes[at + place]) / 255
      return harmonicRange.lowerBound
        + share * (harmonicRange.upperBound - harmonicRange.lowerBound)
    }
  }

  private static func u16(_ bytes: [UInt8], _ at: Int) -> Int {
    Int(bytes[at]) | Int(bytes[at + 1]) << 8
  }

  private static func u32(_ bytes: [UInt8], _ at: Int) -> Int {
    u16(bytes, at) | u16(bytes, at + 2) << 16
  }

  private static func f32(_ bytes: [UInt8], _ at: Int) -> Float {
    Float(bitPattern: UInt32(u32(bytes, at)))
  }

  private static func f16(_ bytes: [UInt8], _ at: Int) -> Float {
    Float(Float16(bitPattern: UInt16(u16(bytes, at))))
  }
}
