// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Datasets
import Images
import Testing

@Suite struct ColourConversion {
  /// The published 8-bit BT.601 values of the full-strength colour bars (ITU-R BT.601, table 3).
  @Test(arguments: [
    ([0, 0, 0], [16, 128, 128]), ([255, 255, 255], [235, 128, 128]),
    ([255, 0, 0], [81, 90, 240]), ([0, 255, 0], [145, 54, 34]), ([0, 0, 255], [41, 240, 110]),
    ([255, 255, 0], [210, 16, 146]), ([0, 255, 255], [170, 166, 16]),
    ([255, 0, 255], [106, 202, 222]),
  ])
  func `Colour bars have their published values`(rgb: [UInt8], expected: [UInt8]) {
    let image = RGBImage(width: 2, height: 2, bytes: rgb + rgb + rgb + rgb)
    let luma = Array(repeating: expected[0], count: 4)
    #expect(planarYCbCr(image) == luma + expected[1...])
  }

  @Test func `Every grey keeps neutral chroma`() {
    for grey in UInt8.min...UInt8.max {
      let image = RGBImage(width: 2, height: 2, bytes: Array(repeating: grey, count: 12))
      #expect(planarYCbCr(image)[4...] == [128, 128])
    }
  }

  @Test func `A chroma sample is the mean of its own block`() {
    // Two blocks side by side: one half red, half black; one all grey.
    let top: [UInt8] = [255, 0, 0, 255, 0, 0, 9, 9, 9, 9, 9, 9]
    let bottom: [UInt8] = [0, 0, 0, 0, 0, 0, 9, 9, 9, 9, 9, 9]
    let planes = planarYCbCr(RGBImage(width: 4, height: 2, bytes: top + bottom))
    // Red has Cb 90.2 and Cr 240, black 128 and 128: their means are 109.1 and 184.
    #expect(Array(planes[8...]) == [109, 128, 184, 128])
    #expect(Array(planes[..<8]) == [81, 81, 24, 24, 16, 16, 24, 24])
  }
}
