// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Images
import Testing

@Suite struct `sRGB transfer` {
  @Test func `has the standard's values`() {
    // The two branches meet at 0.0031308 with a slope of 12.92; half the light is 188 of 255.
    #expect(SRGB.exactEncode(0.002) == 12.92 * 0.002)
    #expect(abs(SRGB.exactEncode(0.0031308) - SRGB.exactEncode(0.0031309)) < 2e-6)
    #expect(SRGB.exactEncode(1) == 1.055 - 0.055)
    #expect(SRGB.encode(0.5) == 188)
    #expect(abs(SRGB.exactDecode(0.5) - 0.214_041_14) < 1e-8)
  }

  @Test func `undoes itself`() {
    for step in 0...1000 {
      let value = Double(step) / 500
      #expect(abs(SRGB.exactEncode(SRGB.exactDecode(value)) - value) < 1e-7)
    }
    for byte in 0...255 {
      #expect(SRGB.encode(SRGB.decode(Float(byte) / 255)) == UInt8(byte))
    }
  }

  @Test func `decodes quickly within its stated error`() {
    for step in 0...20_000 {
      let value = Float(step) / 10_000
      let exact = SRGB.exactDecode(Double(value))
      #expect(abs(Double(SRGB.decode(value)) - exact) < 5e-7 * max(1, exact))
    }
  }

  @Test func `encodes to the nearest byte`() {
    for step in 0..<20_000 {
      let light = Float(step) / 20_000
      let exact = SRGB.exactEncode(Double(light)) * 255
      // A float at the edge between two bytes may fall on either side.
      #expect(abs(Double(SRGB.encode(light)) - exact) <= 0.500_01)
    }
  }

  @Test func `clips what a display cannot show`() {
    #expect([-1, 0, .nan, -.infinity].map { SRGB.encode($0) } == [0, 0, 0, 0])
    #expect([1, 1.5, .infinity].map { SRGB.encode($0) } == [255, 255, 255])
    #expect(SRGB.encode(Float(1).nextDown) == 255)
    #expect([-1, .nan].map { SRGB.decode($0) } == [0, 0])
  }
}

@Suite struct `Linear image` {
  @Test func `shows its light`() {
    let image = LinearImage(width: 2, height: 1, values: [0, 0.5, 1, 2, -1, 0.214_041_14])
    #expect(image.displayed.bytes == [0, 188, 255, 255, 0, 128])
  }

  @Test func `takes the light of a display's values`() {
    let image = LinearImage(width: 1, height: 1, valuesSRGB: [0.5, 1, 0])
    #expect(abs(image.values[0] - 0.214_041_14) < 5e-7)
    #expect(image.values[1...] == [1, 0])
  }
}
