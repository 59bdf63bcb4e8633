// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The transfer function of sRGB, between linear light and display-referred values.
///
/// Source: IEC 61966-2-1:1999, section 5.2: linear up to 0.0031308, from there the power 1 / 2.4.
package enum SRGB {
  /// Returns the light of a display-referred value; 0 for what is negative or NaN.
  ///
  /// Absolute error below 5e-7 up to 1, relative error below 5e-7 beyond.
  package static func decode(_ value: Float) -> Float {
    guard value > 0 else { return 0 }
    guard value < 1 else { return Float(exactDecode(Double(value))) }
    // Fast path: between 1024 steps a straight line is off by (1/1024)^2 / 8 of the curvature.
    let position = value * Float(stepCount)
    let step = Int(position)
    let low = decoded[step]
    return low + (position - Float(step)) * (decoded[step + 1] - low)
  }

  /// Returns the nearest of 256 display-referred steps: `floor(255 v + 0.5)`, clipped, NaN as 0.
  package static func encode(_ light: Float) -> UInt8 {
    guard light > 0 else { return 0 }
    guard light < 1 else { return 255 }
    // Fast path: a table of 4096 lights starts at the right step or one below.
    var byte = firstByte[Int(light * Float(firstByte.count))]
    while byte < 255, light >= threshold[Int(byte)] { byte += 1 }
    return byte
  }

  /// Returns the display-referred value of linear light >= 0, to the rounding of doubles.
  package static func exactEncode(_ light: Double) -> Double {
    light <= 0.003_130_8 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055
  }

  /// Returns the linear light of a display-referred value >= 0, to the rounding of doubles.
  package static func exactDecode(_ value: Double) -> Double {
    value <= 0.040_45 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
  }

  private static let stepCount = 1024
  private static let decoded = (0...stepCount).map {
    Float(exactDecode(Double($0) / Double(stepCount)))
  }
  /// The light at which each byte gives way to the next.
  private static let threshold = (0..<255).map { Float(exactDecode((Double($0) + 0.5) / 255)) }
  /// The byte of the least light of each of 4096 equal parts.
  private static let firstByte = (0..<4096).map { part in
    UInt8(exactEncode(Double(part) / 4096) * 255 + 0.5)
  }
}
