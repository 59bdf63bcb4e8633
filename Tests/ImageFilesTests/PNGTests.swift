// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import ImageFiles
import Images
import Testing

/// An image with a smooth part, noise and flat areas.
private func colourSample(width: Int, height: Int) -> RGBImage {
  var image = RGBImage(width: width, height: height)
  var noise: UInt32 = 1
  for index in image.bytes.indices {
    noise = noise &* 1_664_525 &+ 1_013_904_223
    let column = index / 3 % width
    image.bytes[index] = column < width / 2 ? UInt8(column % 256) : UInt8(noise >> 24)
  }
  return image
}

/// Replaces the bytes at an offset.
private func patched(_ bytes: [UInt8], at offset: Int, _ new: [UInt8]) -> [UInt8] {
  var result = bytes
  result.replaceSubrange(offset..<offset + new.count, with: new)
  return result
}

@Suite struct `PNG files` {
  @Test(arguments: [(1, 1), (37, 19), (256, 64)]) func `give back colour`(
    width: Int, height: Int
  ) throws {
    let image = colourSample(width: width, height: height)
    let bytes = PNG.encode(image)
    #expect(try PNG.decodeRGB(bytes, file: "a.png") == image)
    #expect(PNG.encode(image) == bytes)
  }

  @Test func `give back depth to half a millimetre`() throws {
    let metres: [Float] = [0, 0.001, 0.0014, 0.0016, 0.75, 1.234567, 65.535, 12.3456]
    let image = ScalarImage(width: 4, height: 2, values: metres)
    let back = try PNG.decodeDepth(PNG.encode(depthMetres: image), file: "d.png")
    for (found, expected) in zip(back.values, metres) {
      // Half a step of rounding, and single precision at 65 m.
      #expect(abs(found - expected) <= 0.0005 + 4e-6)
    }
  }

  @Test func `keep far depths valid and mark what is no depth`() throws {
    let image = ScalarImage(
      width: 7, height: 1, values: [.nan, -.infinity, -1, 0, 1e-5, 70, .infinity])
    let back = try PNG.decodeDepth(PNG.encode(depthMetres: image), file: "d.png")
    let millimetres = back.values.map { ($0 * 1000).rounded() }
    #expect(millimetres == [0, 0, 0, 0, 1, 65_535, 65_535])
  }

  @Test func `hold shares, light and truths as whole numbers`() throws {
    let shares = ScalarImage(width: 5, height: 1, values: [0, 0.5, 1, 2, .nan])
    let words = try PNG.decodeLabels(PNG.encode(shares: shares), file: "s.png")
    #expect(words.ids == [0, 32_768, 65_535, 65_535, 0])
    let mask = try PNG.decodeLabels(
      PNG.encode(mask: [true, false, true, true], width: 2, height: 2), file: "m.png")
    #expect(mask.ids == [255, 0, 255, 255])
    // No reader of 16-bit colour stands here, so the header is asked: 16 bits, colour type 2.
    let light = PNG.encode(light: LinearImage(width: 1, height: 1, values: [0.25, 1, -1]))
    #expect(Array(light[24...25]) == [16, 2])
  }

  @Test func `give back labels of 8 and 16 bits`() throws {
    let small = LabelImage(width: 3, height: 2, ids: [0, 1, 2, 255, 7, 0])
    #expect(try PNG.decodeLabels(PNG.encode(small, bits: .eight), file: "l.png") == small)
    let large = LabelImage(width: 3, height: 2, ids: [0, 1, 256, 65_535, 7, 0])
    #expect(try PNG.decodeLabels(PNG.encode(large, bits: .sixteen), file: "l.png") == large)
  }

  @Test func `store 16-bit samples big-endian as the standard has it`() throws {
    // One pixel of 258 = 0x0102 mm. Uncompressed by hand: filter byte, then the two samples.
    let one = PNG.encode(depthMetres: ScalarImage(width: 1, height: 1, values: [0.258]))
    let labels = try PNG.decodeLabels(one, file: "d.png")
    #expect(labels.ids == [258])
    #expect(Array(one[16..<26]) == [0, 0, 0, 1, 0, 0, 0, 1, 16, 0])
  }
}

@Suite struct `Bad PNG files` {
  private let good = PNG.encode(colourSample(width: 64, height: 64))

  @Test func `are refused at any length but the whole`() {
    for length in stride(from: 0, to: good.count - 12, by: 97) {
      #expect(throws: InputError.self) {
        try PNG.decodeRGB(Array(good[..<length]), file: "cut.png")
      }
    }
  }

  @Test func `are refused when a byte of the samples is wrong`() {
    // Past the header (33 bytes) and the data chunk's length and name lies its checked content.
    let bad = patched(good, at: 60, [good[60] ^ 0x55])
    #expect(throws: InputError.self) { try PNG.decodeRGB(bad, file: "flip.png") }
  }

  @Test func `are refused before memory is taken for absurd sizes`() {
    let wide = patched(good, at: 16, [0x7F, 0xFF, 0xFF, 0xFF])
    #expect(
      throws: InputError(
        file: "wide.png", field: "IHDR", found: "2147483647 x 64 pixels",
        expected: "1 to 16384 pixels a side")
    ) { try PNG.decodeRGB(wide, file: "wide.png") }
    // 16,384 pixels a side pass the limit but cannot come from so few bytes.
    let large = patched(good, at: 16, [0, 0, 0x40, 0, 0, 0, 0x40, 0])
    let error = #expect(throws: InputError.self) { try PNG.decodeRGB(large, file: "large.png") }
    #expect(error?.found == "16384 x 16384 pixels in \(good.count) bytes")
    #expect(throws: InputError.self) {
      try PNG.decodeRGB(patched(good, at: 16, [0, 0, 0, 0]), file: "zero.png")
    }
  }

  @Test func `are refused when they are of another kind`() {
    let grey = PNG.encode(LabelImage(width: 2, height: 2), bits: .eight)
    #expect(
      throws: InputError(
        file: "grey.png", field: "IHDR", found: "8-bit grey", expected: "8-bit RGB")
    ) { try PNG.decodeRGB(grey, file: "grey.png") }
    #expect(throws: InputError.self) { try PNG.decodeDepth(grey, file: "grey.png") }
    #expect(throws: InputError.self) { try PNG.decodeLabels(good, file: "colour.png") }
    let palette = patched(good, at: 25, [3])
    #expect(throws: InputError.self) { try PNG.decodeRGB(palette, file: "palette.png") }
    #expect(throws: InputError.self) { try PNG.decodeRGB(Array("JFIF".utf8), file: "a.jpg") }
  }
}
