// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
package import Images

/// Images as PNG files, by libpng; the same image always gives the same bytes.
///
/// A file carries nothing but size and samples: no time, no colour profile, no text.
package enum PNG {
  /// The length that one step of a 16-bit depth image stands for, metres.
  package static let depthStep: Float = 0.001

  /// The bits a pixel of a label image takes in a file.
  package enum LabelBits: Int, Sendable {
    /// Identifiers up to 255.
    case eight = 8
    /// Identifiers up to 65,535.
    case sixteen = 16
  }

  /// Encodes colour as 8-bit RGB.
  package static func encode(_ image: RGBImage) -> [UInt8] {
    unsafe encodePNG(
      image.bytes.span.bytes,
      layout: PNGLayout(width: image.width, height: image.height, bitDepth: 8, channelCount: 3),
      effort: .colour)
  }

  /// Returns depth in metres as whole millimetres, rounded to the nearest; 0 is invalid.
  ///
  /// A depth that is zero, negative or not a number becomes 0. Every other depth stays valid: it is
  /// clamped to 1...65,535 mm, so what lies beyond 65.535 m reads as 65.535 m.
  package static func millimetres(of image: ScalarImage) -> [UInt16] {
    image.values.map { metres -> UInt16 in
      guard metres > 0 else { return 0 }
      return UInt16(min(max((metres / depthStep).rounded(), 1), 65_535))
    }
  }

  /// Encodes depth in metres as 16-bit grey, in the millimetres of `millimetres(of:)`.
  package static func encode(depthMetres image: ScalarImage) -> [UInt8] {
    encode(millimetres: millimetres(of: image), width: image.width, height: image.height)
  }

  /// Encodes millimetres, [height x width], as 16-bit grey.
  package static func encode(millimetres: [UInt16], width: Int, height: Int) -> [UInt8] {
    precondition(millimetres.count == width * height, "a depth image has one value a pixel")
    return unsafe encodePNG(
      millimetres.span.bytes,
      layout: PNGLayout(width: width, height: height, bitDepth: 16, channelCount: 1),
      effort: .depth)
  }

  /// Encodes shares as 16-bit grey: 65,535 stands for 1; NaN is 0.
  package static func encode(shares image: ScalarImage) -> [UInt8] {
    let samples = image.values.map(word)
    return unsafe encodePNG(
      samples.span.bytes,
      layout: PNGLayout(width: image.width, height: image.height, bitDepth: 16, channelCount: 1),
      effort: .depth)
  }

  /// Encodes light as 16-bit RGB, not as a display wants it: 65,535 stands for 1 and more.
  package static func encode(light image: LinearImage) -> [UInt8] {
    let samples = image.values.map(word)
    return unsafe encodePNG(
      samples.span.bytes,
      layout: PNGLayout(width: image.width, height: image.height, bitDepth: 16, channelCount: 3),
      effort: .colour)
  }

  /// Encodes truth values, [height x width], as 8-bit grey: 255 for true.
  package static func encode(mask: [Bool], width: Int, height: Int) -> [UInt8] {
    precondition(mask.count == width * height, "a mask has one value a pixel")
    return encode(
      LabelImage(width: width, height: height, ids: mask.map { $0 ? 255 : 0 }), bits: .eight)
  }

  /// A number of 0...1 as a 16-bit word, rounded to the nearest.
  private static func word(_ value: Float) -> UInt16 {
    value > 0 ? UInt16((min(value, 1) * 65_535).rounded()) : 0
  }

  /// Encodes identifiers as grey; traps when one does not fit the bits.
  package static func encode(_ image: LabelImage, bits: LabelBits) -> [UInt8] {
    let layout = PNGLayout(
      width: image.width, height: image.height, bitDepth: bits.rawValue, channelCount: 1)
    switch bits {
    case .eight:
      let samples = image.ids.map { UInt8($0) }
      return unsafe encodePNG(samples.span.bytes, layout: layout, effort: .labels)
    case .sixteen:
      let samples = image.ids.map { UInt16($0) }
      return unsafe encodePNG(samples.span.bytes, layout: layout, effort: .labels)
    }
  }

  /// Decodes an 8-bit RGB file.
  ///
  /// - Throws: `InputError` for any other kind of PNG, a damaged one, or one over 16,384 pixels a
  ///   side.
  package static func decodeRGB(_ bytes: [UInt8], file: String) throws(InputError) -> RGBImage {
    let (layout, samples) = try decodePNG(bytes, file: file, bitDepths: 8...8, channelCount: 3)
    return RGBImage(width: layout.width, height: layout.height, bytes: samples)
  }

  /// Decodes a 16-bit grey file of millimetres into metres; invalid pixels are 0.
  ///
  /// - Throws: As `decodeRGB`.
  package static func decodeDepth(
    _ bytes: [UInt8], file: String
  ) throws(InputError) -> ScalarImage {
    let (layout, samples) = try decodePNG(bytes, file: file, bitDepths: 16...16, channelCount: 1)
    return ScalarImage(
      width: layout.width, height: layout.height,
      values: words(samples).map { Float($0) * depthStep })
  }

  /// Decodes an 8- or 16-bit grey file of identifiers.
  ///
  /// - Throws: As `decodeRGB`.
  package static func decodeLabels(
    _ bytes: [UInt8], file: String
  ) throws(InputError) -> LabelImage {
    let (layout, samples) = try decodePNG(bytes, file: file, bitDepths: 8...16, channelCount: 1)
    let ids =
      layout.bitDepth == 8 ? samples.map { UInt32($0) } : words(samples).map { UInt32($0) }
    return LabelImage(width: layout.width, height: layout.height, ids: ids)
  }

  /// The bytes as 16-bit words in the machine's order.
  private static func words(_ bytes: [UInt8]) -> [UInt16] {
    (0..<bytes.count / 2).map { index in
      let (first, second) = (UInt16(bytes[2 * index]), UInt16(bytes[2 * index + 1]))
      return UInt16(littleEndian: second << 8 | first)
    }
  }
}
