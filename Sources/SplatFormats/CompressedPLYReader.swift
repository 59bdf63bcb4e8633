// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Splats

/// Parses PlayCanvas's compressed PLY: splats of four words each, in chunks of 256.
///
///     element chunk    min_ and max_ of x y z, of scale_x y z and, but in old files, of r g b
///     element vertex   packed_position 11-10-11, packed_rotation 2-10-10-10,
///                      packed_scale 11-10-11, packed_color 8-8-8-8 (r g b, opacity)
///     element sh       f_rest_ of one byte each, channel-major; may be absent
///
/// Positions, log scales and colours lie between a chunk's bounds. A rotation leaves its largest
/// part out, of w x y z. Source: `splats.md` section 2.5.
func parseCompressedPLY(
  _ bytes: [UInt8], _ header: PLYHeader, file: String
) throws(InputError) -> (cloud: SplatCloud, report: SplatImportReport) {
  let body = try CompressedPLYBody(bytes, header, file: file)
  var report = SplatImportReport(container: "compressed PLY")
  report.skipped = body.skippedNames
  var sink = SplatRowSink(shDegree: body.shDegree, report: report)
  let logits = byteLogits()
  let restCount = (body.shDegree + 1) * (body.shDegree + 1) - 1
  unsafe sink.append(count: body.count) { index, row, rest in
    let words = body.words(index)
    let bounds = body.bounds(index)
    let place = unpack111011(words[0])
    let scale = unpack111011(words[2])
    for axis in 0..<3 {
      unsafe row[axis] = bounds.position(axis, place[axis])
      // The writer clamps log scales to this range.
      unsafe row[7 + axis] = min(max(bounds.logScale(axis, scale[axis]), -20), 20)
      let byte = words[3] >> (24 - 8 * UInt32(axis)) & 255
      let colour = bounds.colour(axis, Float(byte) / 255)
      unsafe row[3 + axis] = (colour - 0.5) / Float(SphericalHarmonics.c0)
    }
    unsafe row[SplatRowSink.opacityIndex] = logits[Int(words[3] & 255)]
    let rotation = smallestThree(words[1])
    for part in 0..<4 { unsafe row[10 + part] = rotation[part] }
    for coefficient in 0..<restCount {
      for channel in 0..<3 {
        let byte = body.harmonic(index, channel * restCount + coefficient)
        unsafe rest[coefficient * 3 + channel] = byte
      }
    }
  }
  return sink.finish()
}

/// Three shares of 11, 10 and 11 bits, 0...1.
private func unpack111011(_ word: UInt32) -> SIMD3<Float> {
  SIMD3(
    Float(word >> 21) / 2047, Float(word >> 11 & 1023) / 1023, Float(word & 2047) / 2047)
}

/// A rotation w x y z whose largest part is missing, of 10 bits a part.
private func smallestThree(_ word: UInt32) -> SIMD4<Float> {
  let largest = Int(word >> 30)
  var parts = SIMD4<Float>()
  var shift: UInt32 = 20
  for part in 0..<4 where part != largest {
    parts[part] = (Float(word >> shift & 1023) / 1023 - 0.5) * Float(2).squareRoot()
    shift &-= 10
  }
  parts[largest] = max(0, 1 - (parts * parts).sum()).squareRoot()
  return parts
}

/// Where the numbers of a compressed PLY are; the rows of all elements are there.
private struct CompressedPLYBody {
  /// The chunk of a splat.
  struct Bounds {
    /// Least and largest of x y z, of the log scales and of r g b.
    var numbers: [Float]

    func position(_ axis: Int, _ share: Float) -> Float { between(axis, share) }
    func logScale(_ axis: Int, _ share: Float) -> Float { between(6 + axis, share) }
    func colour(_ channel: Int, _ share: Float) -> Float { between(12 + channel, share) }

    private func between(_ place: Int, _ share: Float) -> Float {
      numbers[place] + share * (numbers[place + 3] - numbers[place])
    }
  }

  let count: Int
  let shDegree: Int
  let skippedNames: [String]
  private let bytes: [UInt8]
  private let chunks: [Bounds]
  private let vertexStart: Int
  private let vertexByteCount: Int
  private let wordOffsets: [Int]
  private let harmonicStart: Int

  private static let chunkSize = 256
  private static let boundNames =
    ["min_x", "min_y", "min_z", "max_x", "max_y", "max_z"]
    + ["min_scale_x", "min_scale_y", "min_scale_z", "max_scale_x", "max_scale_y", "max_scale_z"]
  private static let colourNames = ["min_r", "min_g", "min_b", "max_r", "max_g", "max_b"]
  private static let wordNames = [
    "packed_position", "packed_rotation", "packed_scale", "packed_color",
  ]

  init(_ bytes: [UInt8], _ header: PLYHeader, file: String) throws(InputError) {
    func fail(_ field: String, _ found: String, _ expected: String) -> InputError {
      InputError(file: file, field: field, found: found, expected: expected)
    }
    guard header.encoding == .littleEndian else {
      throw fail(
        "header", header.encoding.rawValue, "binary_little_endian, as compressed PLY is")
    }
    let starts = try header.rowOffsets(in: bytes, file: file)
    func element(_ name: String) -> (PLYHeader.Element, start: Int)? {
      header.elements.firstIndex { $0.name == name }.map { (header.elements[$0], starts[$0]) }
    }
    guard let (vertex, vertexStart) = element("vertex"), let (chunk, chunkStart) = element("chunk")
    else { throw fail("header", "no element chunk", "chunks and vertices") }
    guard vertex.count <= SplatFile.largestCount else {
      throw fail("element vertex", "\(vertex.count)", "at most \(SplatFile.largestCount)")
    }
    let needed = (vertex.count + Self.chunkSize - 1) / Self.chunkSize
    guard chunk.count == needed else {
      throw fail("element chunk", "\(chunk.count)", "\(needed), one for each 256 vertices")
    }
    count = vertex.count
    self.bytes = bytes
    self.vertexStart = vertexStart
    vertexByteCount = vertex.rowByteCount
    wordOffsets = try Self.offsets(Self.wordNames, .uint32, in: vertex, file: file)
    let hasColours = chunk.properties.contains { $0.name == Self.colourNames[0] }
    let offsets = try Self.offsets(
      Self.boundNames + (hasColours ? Self.colourNames : []), .float32, in: chunk, file: file)
    chunks = (0..<chunk.count).map { row in
      let start = chunkStart + row * chunk.rowByteCount
      let numbers = offsets.map { Float(bitPattern: word(bytes, start + $0)) }
      return Bounds(numbers: hasColours ? numbers : numbers + [0, 0, 0, 1, 1, 1])
    }
    (shDegree, harmonicStart) = try Self.harmonics(
      element("sh"), count: vertex.count, file: file)
    skippedNames = header.elements.map(\.name).filter { !["chunk", "vertex", "sh"].contains($0) }
      .map { "element \($0)" }
  }

  /// The degree and the first byte of the bytes of harmonics.
  private static func harmonics(
    _ element: (PLYHeader.Element, start: Int)?, count: Int, file: String
  ) throws(InputError) -> (degree: Int, start: Int) {
    guard let (sh, start) = element else { return (0, 0) }
    let names = (0..<sh.properties.count).map { "f_rest_\($0)" }
    guard let degree = [0, 9, 24, 45, 72].firstIndex(of: names.count), sh.count == count,
      sh.properties.map(\.name) == names,
      sh.properties.allSatisfy({ $0.scalar == .uint8 && !$0.isList })
    else {
      throw InputError(
        file: file, field: "element sh", found: "\(sh.count) rows of \(names.count) properties",
        expected: "\(count) rows of 9, 24, 45 or 72 bytes, f_rest_0 and on")
    }
    return (degree, start)
  }

  private static func offsets(
    _ names: [String], _ scalar: PLYHeader.Scalar, in element: PLYHeader.Element, file: String
  ) throws(InputError) -> [Int] {
    var offsets: [Int] = []
    for name in names {
      guard let property = element.properties.first(where: { $0.name == name }),
        property.scalar == scalar, !element.hasList
      else {
        throw InputError(
          file: file, field: "property \(name) of element \(element.name)",
          found: "none of its type", expected: "one, \(scalar)")
      }
      offsets.append(property.offset)
    }
    return offsets
  }

  /// The packed position, rotation, scale and colour of a splat.
  func words(_ index: Int) -> SIMD4<UInt32> {
    let start = vertexStart + index * vertexByteCount
    var words = SIMD4<UInt32>()
    for place in 0..<4 { words[place] = word(bytes, start + wordOffsets[place]) }
    return words
  }

  func bounds(_ index: Int) -> Bounds { chunks[index / Self.chunkSize] }

  /// A coefficient, of which the byte's ends stand for -4 and 4 exactly.
  func harmonic(_ index: Int, _ place: Int) -> Float {
    let restWidth = ((shDegree + 1) * (shDegree + 1) - 1) * 3
    let byte = bytes[harmonicStart + index * restWidth + place]
    let share: Float = byte == 0 ? 0 : byte == 255 ? 1 : (Float(byte) + 0.5) / 256
    return (share - 0.5) * 8
  }
}

/// Four bytes from an offset on, little-endian.
private func word(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
  UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8 | UInt32(bytes[offset + 2]) << 16
    | UInt32(bytes[offset + 3]) << 24
}
