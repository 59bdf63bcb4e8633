// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Maps

@Suite struct `Values as mappers write them` {
  @Test(arguments: [
    ("12", 12.0), ("12.5 m", 12.5), ("7,5", 7.5), ("10'", 3.048), ("12'6\"", 3.81),
    ("40 ft", 12.192),
    ("1 km", 1000), ("250 cm", 2.5), ("3;4", 3), (" 4 ", 4), ("0", 0),
  ])
  func `Lengths are read in their units`(_ text: String, expected: Double) throws {
    #expect(abs(try #require(metres(fromTag: text)) - expected) < 1e-9)
  }

  @Test(arguments: ["", "high", "-3", "12 parsecs", "1e9", "nan", "inf", "99999", "'", "1'x", ";"])
  func `What is no length is none`(_ text: String) {
    #expect(metres(fromTag: text) == nil)
  }

  @Test func `Numbers of storeys may have halves, and end at 500`() {
    #expect(number(fromTag: "2.5") == 2.5 && number(fromTag: "3;4") == 3)
    #expect(number(fromTag: "-1") == nil && number(fromTag: "501") == nil)
    #expect(number(fromTag: "nan") == nil && number(fromTag: nil) == nil)
  }

  @Test func `Directions turn clockwise from north`() {
    #expect(bearing(fromTag: "N") == 0 && bearing(fromTag: "e") == .pi / 2)
    #expect(bearing(fromTag: "180") == .pi && bearing(fromTag: "NNW") == 15 * Double.pi / 8)
    #expect(bearing(fromTag: "up") == nil && bearing(fromTag: "9999") == nil)
  }

  @Test func `Colours are names of CSS or hexadecimal`() {
    #expect(colourSRGB(fromTag: "red") == SIMD3(1, 0, 0))
    #expect(colourSRGB(fromTag: "#0f8") == SIMD3(0, 1, Float(0x88) / 255))
    #expect(colourSRGB(fromTag: "#FFFFFF;red") == SIMD3(1, 1, 1))
    #expect(colourSRGB(fromTag: "light_grey") == colourSRGB(fromTag: "LightGrey"))
    #expect(colourSRGB(fromTag: "rebeccapurple") == SIMD3(0.4, 0.2, 0.6))
    for bad in ["#12", "#gggggg", "#1234567", "nocolour", "", ";", "#"] {
      #expect(colourSRGB(fromTag: bad) == nil)
    }
    #expect(colourSRGB(ofMaterial: "Brick") != nil && colourSRGB(ofMaterial: "cheese") == nil)
  }
}
