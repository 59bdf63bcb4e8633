// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

// Sketch of the limit: 65 bytes in and 252 out a splat at degree 3. Inflating (about 0.3 GB/s of
// output a core) takes most of the time; decoding is a table look-up or a multiply a value.

import Files
import Splats

/// Parses SPZ versions 1 to 4 and turns the cloud into PLY's axes; see `SPZHeader`.
func parseSPZ(
  _ bytes: [UInt8], file: String
) throws(InputError) -> (cloud: SplatCloud, report: SplatImportReport) {
  let content = try unpackSPZ(bytes, file: file)
  let header = content.header
  var report = SplatImportReport(container: "SPZ \(header.version)")
  report.antialiased = header.flags & SPZHeader.antialiasedFlag != 0
  report.skipped = content.extensions.skipped
  var sink = SplatRowSink(shDegree: header.shDegree, report: report)
  decode(content, into: &sink)
  return sink.finish()
}

/// A header and the six sections behind it, one after the other.
private struct SPZContent {
  var header: SPZHeader
  var extensions = SPZExtensions()
  var payload: ArraySlice<UInt8>
}

private func unpackSPZ(_ bytes: [UInt8], file: String) throws(InputError) -> SPZContent {
  guard bytes.starts(with: SPZHeader.gzipMagic) else { return try unpackPlain(bytes, file: file) }
  let packed = bytes.span
  let start = try Zlib.decompressPrefix(
    packed, container: .gzip, count: SPZHeader.longByteCount, file: file)
  var reader = ByteReader(file: file, bytes: start)
  let header = try SPZHeader(&reader)
  guard header.version < 4 else {
    throw InputError(
      file: file, field: "header.version", found: "4 inside gzip", expected: "1...3")
  }
  let expected = SPZHeader.shortByteCount + header.payloadByteCount
  try require(
    header.count, payload: expected, within: bytes.count * Zlib.largestRatio,
    of: bytes.count, file: file)
  // What follows the sections are extensions, which are small.
  let extensionLimit = 1 << 20
  let body = try Zlib.decompress(
    packed, container: .gzip, limit: expected + extensionLimit, file: file)
  return try contentOfShortHeader(header, body, file: file)
}

private func unpackPlain(_ bytes: [UInt8], file: String) throws(InputError) -> SPZContent {
  var reader = ByteReader(file: file, bytes: bytes)
  let header = try SPZHeader(&reader)
  return header.version < 4
    ? try contentOfShortHeader(header, bytes, file: file)
    : try unpackStreams(header, &reader)
}

private func contentOfShortHeader(
  _ header: SPZHeader, _ body: [UInt8], file: String
) throws(InputError) -> SPZContent {
  let end = SPZHeader.shortByteCount + header.payloadByteCount
  try require(header.count, payload: end, within: body.count, of: body.count, file: file)
  var reader = ByteReader(file: file, bytes: body)
  try reader.skip(end, field: "sections")
  try requireFlag(header, extensionByteCount: reader.remaining, file: file)
  return SPZContent(
    header: header, extensions: try SPZExtensions(&reader, end: body.count),
    payload: body[SPZHeader.shortByteCount..<end])
}

/// Throws when there are bytes where extensions stand, and the header says nothing of extensions.
private func requireFlag(
  _ header: SPZHeader, extensionByteCount: Int, file: String
) throws(InputError) {
  guard extensionByteCount == 0 || header.flags & SPZHeader.extensionsFlag != 0 else {
    throw InputError(
      file: file, field: "header.flags",
      found: "\(header.flags), and \(extensionByteCount) bytes where extensions stand",
      expected: "flag \(SPZHeader.extensionsFlag), or no bytes")
  }
}

/// Unpacks version 4: extension records up to the table, the table, the streams.
private func unpackStreams(
  _ header: SPZHeader, _ reader: inout ByteReader
) throws(InputError) -> SPZContent {
  let file = reader.file
  var content = SPZContent(header: header, payload: [])
  guard header.tableOffset >= SPZHeader.longByteCount else {
    throw InputError(
      file: file, field: "header.tocByteOffset", found: "\(header.tableOffset)",
      expected: "at least \(SPZHeader.longByteCount)")
  }
  try reader.require(header.tableOffset - reader.offset, for: "header.tocByteOffset")
  try requireFlag(
    header, extensionByteCount: header.tableOffset - reader.offset, file: file)
  content.extensions = try SPZExtensions(&reader, end: header.tableOffset)
  var streams: [(packed: Int, plain: Int)] = []
  for index in 0..<header.streamCount {
    let packed = try reader.littleEndian(UInt64.self, field: "toc[\(index)].compressed")
    let plain = try reader.littleEndian(UInt64.self, field: "toc[\(index)].uncompressed")
    // Sections that are empty may be listed or left out.
    if plain == 0 && packed == 0 { continue }
    streams.append((Int(clamping: packed), Int(clamping: plain)))
  }
  let sections = header.sectionByteCounts.filter { $0 > 0 }
  guard streams.map(\.plain) == sections else {
    throw InputError(
      file: file, field: "toc", found: "streams of \(streams.map(\.plain)) bytes",
      expected: "\(sections) for \(header.count) splats of degree \(header.shDegree)")
  }
  for (index, stream) in streams.enumerated() {
    let start = reader.offset
    try reader.skip(stream.packed, field: "stream \(index)")
    try require(
      header.count, payload: stream.plain, within: stream.packed * Zstandard.largestRatio,
      of: stream.packed, file: file)
    let plain = try Zstandard.decompress(
      reader.bytes.span.extracting(start..<reader.offset), limit: stream.plain, file: file,
      field: "stream \(index)")
    guard plain.count == stream.plain else {
      throw InputError(
        file: file, field: "stream \(index)", found: "\(plain.count) bytes inside",
        expected: "\(stream.plain)")
    }
    content.payload += plain
  }
  guard reader.remaining == 0 else {
    throw InputError(
      file: file, field: "streams", found: "\(reader.remaining) bytes after the last",
      expected: "the end of the file")
  }
  return content
}

/// Throws when a count asks for more bytes than its compressed bytes can hold.
private func require(
  _ count: Int, payload: Int, within limit: Int, of byteCount: Int, file: String
) throws(InputError) {
  guard payload <= limit else {
    throw InputError(
      file: file, field: "header.numPoints", found: "\(count)",
      expected: "what fits \(byteCount) bytes")
  }
}

/// Decodes the sections splat by splat.
private func decode(_ content: SPZContent, into sink: inout SplatRowSink) {
  let header = content.header
  precondition(content.payload.count == header.payloadByteCount, "the sections fill the payload")
  let sizes = header.sectionByteCounts
  let starts = sizes.indices.map { sizes[..<$0].reduce(0, +) }
  let restWidth = sink.cloud.restCoefficientCount * 3
  let flip = content.extensions.plyFromStored
  let (axisSigns, rotationSigns) = (flip.axisSigns, flip.rotationSigns)
  let coefficientSigns = flip.coefficientSigns(degree: header.shDegree)
  let restFactors = (0..<restWidth).map { coefficientSigns[$0 / 3] / 128 }
  let logits = byteLogits()
  let step = 1 / Float(1 << header.fractionalBits)
  unsafe content.payload.withUnsafeBufferPointer { bytes in
    unsafe sink.append(count: header.count) { index, row, rest in
      let position =
        unsafe header.version == 1
        ? halfPosition(bytes, starts[0] + index * 6)
        : fixedPosition(bytes, starts[0] + index * 9) * step
      for axis in 0..<3 {
        unsafe row[axis] = position[axis] * axisSigns[axis]
        let colour = unsafe Float(bytes[starts[2] + index * 3 + axis])
        unsafe row[3 + axis] = (colour / 255 - 0.5) / SPZColour.gain
        unsafe row[7 + axis] = Float(bytes[starts[3] + index * 3 + axis]) / 16 - 10
      }
      unsafe row[SplatRowSink.opacityIndex] = logits[Int(bytes[starts[1] + index])]
      let xyzw =
        unsafe header.version < 3
        ? xyzRotation(bytes, starts[4] + index * 3)
        : smallestThreeRotation(bytes, starts[4] + index * 4)
      unsafe row[10] = xyzw.w
      for axis in 0..<3 { unsafe row[11 + axis] = xyzw[axis] * rotationSigns[axis] }
      let restStart = starts[5] + index * restWidth
      for place in 0..<restWidth {
        unsafe rest[place] = (Float(bytes[restStart + place]) - 128) * restFactors[place]
      }
    }
  }
}

/// The factor between a degree-0 coefficient and its byte's share of 255.
enum SPZColour {
  static let gain: Float = 0.15
}

private func fixedPosition(
  _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int
) -> SIMD3<Float> {
  func axis(_ offset: Int) -> Float {
    let low = unsafe UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8
    let word = unsafe low | UInt32(bytes[offset + 2]) << 16
    // Move bit 23 to the sign and back.
    return Float(Int32(bitPattern: word << 8) >> 8)
  }
  return SIMD3(axis(start), axis(start + 3), axis(start + 6))
}

private func halfPosition(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> SIMD3<Float> {
  func axis(_ offset: Int) -> Float {
    let word = unsafe UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8
    return Float(Float16(bitPattern: word))
  }
  return SIMD3(axis(start), axis(start + 2), axis(start + 4))
}

/// Versions 1 and 2: x, y, z as 127.5 q + 127.5, w from the length.
private func xyzRotation(
  _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int
) -> SIMD4<Float> {
  let x = unsafe Float(bytes[start]) / 127.5 - 1
  let y = unsafe Float(bytes[start + 1]) / 127.5 - 1
  let z = unsafe Float(bytes[start + 2]) / 127.5 - 1
  return SIMD4(x, y, z, max(0, 1 - x * x - y * y - z * z).squareRoot())
}

/// Versions 3 and up: the index of the largest of x, y, z, w in two bits, then the other three.
private func smallestThreeRotation(
  _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int
) -> SIMD4<Float> {
  var word = unsafe UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8
  unsafe word |= UInt32(bytes[start + 2]) << 16 | UInt32(bytes[start + 3]) << 24
  let largest = Int(word >> 30)
  var xyzw = SIMD4<Float>.zero
  var remainder: Float = 1
  for index in (0..<4).reversed() where index != largest {
    let magnitude = Float(word & 511) / 511 * Float(0.5).squareRoot()
    xyzw[index] = word & 512 == 0 ? magnitude : -magnitude
    remainder -= magnitude * magnitude
    word >>= 10
  }
  xyzw[largest] = max(0, remainder).squareRoot()
  return xyzw
}
