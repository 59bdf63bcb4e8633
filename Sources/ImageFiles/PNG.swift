// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import CPNG
package import Files
import Images

/// What the header of a PNG file says about its samples.
struct PNGLayout: Equatable {
  var width: Int
  var height: Int
  /// 8 or 16.
  var bitDepth: Int
  /// 1 for grey, 3 for RGB.
  var channelCount: Int

  /// The bytes of one row of samples.
  var rowByteCount: Int { width * channelCount * bitDepth / 8 }
  /// The bytes of all samples.
  var byteCount: Int { rowByteCount * height }

  fileprivate var shim: cpng_layout {
    cpng_layout(
      width: UInt32(width), height: UInt32(height), bit_depth: Int32(bitDepth),
      color_type: channelCount == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY)
  }
}

/// How a kind of image is compressed.
///
/// Chosen by measuring all filters, zlib's strategies and levels 1, 3 and 5 on 256 x 256 pixels
/// (libpng 1.6.39, one core): higher levels take two to four times as long for 5 to 15 % fewer
/// bytes.
struct PNGEffort {
  var level: Int32
  var strategy: Int32
  var filters: Int32

  /// Photographs: 2.5 ms, 81 kB.
  static let colour = PNGEffort(level: 1, strategy: defaultStrategy, filters: PNG_FILTER_UP)
  /// Surfaces in millimetres with a millimetre of noise: 1.4 ms, 33 kB.
  static let depth = PNGEffort(level: 1, strategy: runLengthStrategy, filters: PNG_FILTER_SUB)
  /// Flat areas of few values: 0.13 ms, 0.7 kB.
  static let labels = PNGEffort(level: 1, strategy: runLengthStrategy, filters: PNG_FILTER_NONE)

  // zlib.h: Z_DEFAULT_STRATEGY and Z_RLE.
  private static let defaultStrategy: Int32 = 0
  private static let runLengthStrategy: Int32 = 3
}

extension PNG {
  /// The version of libpng.
  package static var library: LibraryVersion {
    LibraryVersion(
      name: "libpng", header: PNG_LIBPNG_VER_STRING,
      loaded: unsafe String(cString: png_get_libpng_ver(nil)))
  }
}

/// The longest image edge that is read or written, pixels.
private let maximumEdge = 16_384

/// The most bytes that one compressed byte can stand for (zlib, "Technical details": 1032 to 1).
private let maximumExpansion = 1032

/// Encodes samples as a PNG file.
///
/// `samples` holds `layout.byteCount` bytes, 16-bit samples in the machine's order.
func encodePNG(_ samples: RawSpan, layout: PNGLayout, effort: PNGEffort) -> [UInt8] {
  precondition(samples.byteCount == layout.byteCount, "an image has all its samples")
  precondition(
    (1...maximumEdge).contains(layout.width) && (1...maximumEdge).contains(layout.height),
    "a PNG image has 1 to \(maximumEdge) pixels a side")
  // Deflate stores what it cannot shrink; every row adds a filter byte, and chunks add a little.
  let capacity = (layout.byteCount + layout.height) * 9 / 8 + 4096
  let shimEffort = cpng_effort(
    level: effort.level, strategy: effort.strategy, filters: effort.filters)
  return unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
    guard let bytes = buffer.baseAddress else { return }
    var stream = unsafe cpng_open(bytes, capacity)
    let done = unsafe samples.withUnsafeBytes { raw in
      guard let first = raw.baseAddress else { return false }
      return unsafe cpng_encode(
        &stream, layout.shim, shimEffort, first.assumingMemoryBound(to: UInt8.self)) == 1
    }
    precondition(done, "libpng refused an image of a size it supports")
    unsafe count = stream.offset
  }
}

/// Decodes the samples of a PNG file that must have the given bit depths and channel count.
///
/// - Returns: The layout found and `layout.byteCount` bytes, 16-bit samples in the machine's order.
/// - Throws: `InputError` naming what is wrong; no memory is taken for samples that the file is too
///   short to hold.
func decodePNG(
  _ bytes: [UInt8], file: String, bitDepths: ClosedRange<Int>, channelCount: Int
) throws(InputError) -> (layout: PNGLayout, samples: [UInt8]) {
  let layout = try readHeader(bytes, file: file)
  guard bitDepths.contains(layout.bitDepth), layout.channelCount == channelCount else {
    throw InputError(
      file: file, field: "IHDR",
      found: describe(layout.bitDepth...layout.bitDepth, layout.channelCount),
      expected: describe(bitDepths, channelCount))
  }
  guard layout.byteCount / maximumExpansion <= bytes.count else {
    throw InputError(
      file: file, field: "IHDR",
      found: "\(layout.width) x \(layout.height) pixels in \(bytes.count) bytes",
      expected: "at least \(layout.byteCount / maximumExpansion) bytes")
  }
  var input = bytes
  var message = ""
  let samples = unsafe [UInt8](unsafeUninitializedCapacity: layout.byteCount) { buffer, count in
    guard let first = buffer.baseAddress else { return }
    let done = unsafe input.withUnsafeMutableBufferPointer { source in
      guard let bytes = source.baseAddress else { return false }
      var stream = unsafe cpng_open(bytes, source.count)
      let done = unsafe cpng_decode(&stream, layout.shim, first) == 1
      if !done { message = unsafe String(cString: cpng_message(&stream)) }
      return done
    }
    count = done ? layout.byteCount : 0
  }
  guard samples.count == layout.byteCount else {
    throw InputError(file: file, field: "PNG", found: message, expected: "a whole PNG image")
  }
  return (layout, samples)
}

/// Reads the signature and the IHDR chunk (PNG specification, third edition, sections 5.2, 11.2.1).
private func readHeader(_ bytes: [UInt8], file: String) throws(InputError) -> PNGLayout {
  var reader = ByteReader(file: file, bytes: bytes)
  let start = try reader.take(16, field: "signature")
  let expected: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]
  guard start.starts(with: expected + Array("IHDR".utf8)) else {
    throw InputError(
      file: file, field: "signature", found: "other bytes", expected: "a PNG signature and IHDR")
  }
  let width = Int(UInt32(bigEndian: try reader.littleEndian(field: "IHDR.width")))
  let height = Int(UInt32(bigEndian: try reader.littleEndian(field: "IHDR.height")))
  let bitDepth = Int(try reader.littleEndian(UInt8.self, field: "IHDR.bitDepth"))
  let colourType = try reader.littleEndian(UInt8.self, field: "IHDR.colourType")
  guard (1...maximumEdge).contains(width), (1...maximumEdge).contains(height) else {
    throw InputError(
      file: file, field: "IHDR", found: "\(width) x \(height) pixels",
      expected: "1 to \(maximumEdge) pixels a side")
  }
  // Colour types: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha.
  let channelCounts: [UInt8: Int] = [0: 1, 2: 3]
  guard let channelCount = channelCounts[colourType], bitDepth == 8 || bitDepth == 16 else {
    throw InputError(
      file: file, field: "IHDR", found: "colour type \(colourType) with \(bitDepth) bits",
      expected: "grey or RGB with 8 or 16 bits")
  }
  return PNGLayout(width: width, height: height, bitDepth: bitDepth, channelCount: channelCount)
}

private func describe(_ bitDepths: ClosedRange<Int>, _ channelCount: Int) -> String {
  let bits =
    bitDepths.count == 1
    ? "\(bitDepths.lowerBound)" : "\(bitDepths.lowerBound) or \(bitDepths.upperBound)"
  return "\(bits)-bit \(channelCount == 3 ? "RGB" : "grey")"
}

extension PNG {
  /// Decodes a PNG file of any colour type and depth to 8-bit RGB, sRGB, and alpha where some is
  /// not opaque.
  ///
  /// - Throws: `InputError` for a damaged file, or one over `edgeLimit` pixels a side.
  static func decodeAny(
    _ bytes: [UInt8], file: String, edgeLimit: Int
  ) throws(InputError) -> (colour: RGBImage, alpha: [UInt8]?) {
    try unsafe bytes.withUnsafeBufferPointer { source in
      unsafe decodeAny(source, file: file, edgeLimit: edgeLimit)
    }.get()
  }

  private static func decodeAny(
    _ source: UnsafeBufferPointer<UInt8>, file: String, edgeLimit: Int
  ) -> Result<(colour: RGBImage, alpha: [UInt8]?), InputError> {
    var image = unsafe png_image()
    unsafe image.version = UInt32(PNG_IMAGE_VERSION)
    defer { unsafe png_image_free(&image) }
    func refusal(
      _ found: String, _ expected: String
    ) -> Result<(colour: RGBImage, alpha: [UInt8]?), InputError> {
      .failure(InputError(file: file, field: "PNG", found: found, expected: expected))
    }
    func damage() -> Result<(colour: RGBImage, alpha: [UInt8]?), InputError> {
      let text = unsafe withUnsafeBytes(of: image.message) { unsafe Array($0.prefix { $0 != 0 }) }
      return refusal(String(decoding: text, as: UTF8.self), "a whole PNG image")
    }
    let opened = unsafe png_image_begin_read_from_memory(&image, source.baseAddress, source.count)
    guard opened != 0 else { return damage() }
    let (width, height) = unsafe (Int(image.width), Int(image.height))
    guard (1...edgeLimit).contains(width), (1...edgeLimit).contains(height) else {
      return refusal("\(width) x \(height) pixels", "1 to \(edgeLimit) pixels a side")
    }
    // A pixel has at least one bit.
    let leastByteCount = width * height / 8 / maximumExpansion
    guard leastByteCount <= source.count else {
      return refusal(
        "\(width) x \(height) pixels in \(source.count) bytes", "at least \(leastByteCount) bytes")
    }
    // With alpha, or libpng would lay the picture over what is in the buffer.
    unsafe image.format = UInt32(PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA)
    unsafe image.flags |= UInt32(PNG_IMAGE_FLAG_16BIT_sRGB)
    let byteCount = width * height * 4
    let samples = unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
      let done = unsafe png_image_finish_read(&image, nil, buffer.baseAddress, 0, nil) != 0
      count = done ? byteCount : 0
    }
    guard samples.count == byteCount else { return damage() }
    var picture = RGBImage(width: width, height: height)
    for pixel in 0..<width * height {
      for channel in 0..<3 { picture.bytes[3 * pixel + channel] = samples[4 * pixel + channel] }
    }
    let alpha = stride(from: 3, to: byteCount, by: 4).map { samples[$0] }
    return .success((picture, alpha.allSatisfy { $0 == 255 } ? nil : alpha))
  }
}
