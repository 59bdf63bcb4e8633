// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry

/// The colours that objects and places come in, far enough apart to be told apart by name.
package enum NamedColour: String, CaseIterable, Encodable, Sendable {
  case red, orange, yellow, green, blue, purple, white, black

  /// The display-referred sRGB value, 0...1.
  package var colourSRGB: SIMD3<Float> {
    switch self {
    case .red: SIMD3(0.80, 0.11, 0.10)
    case .orange: SIMD3(0.93, 0.46, 0.08)
    case .yellow: SIMD3(0.94, 0.80, 0.12)
    case .green: SIMD3(0.16, 0.58, 0.20)
    case .blue: SIMD3(0.12, 0.30, 0.78)
    case .purple: SIMD3(0.48, 0.18, 0.62)
    case .white: SIMD3(0.92, 0.92, 0.90)
    case .black: SIMD3(0.09, 0.09, 0.10)
    }
  }

  /// The largest change of a channel that a world may ask for.
  ///
  /// Half the least distance between two colours, rounded down to a hundredth: along one channel
  /// no colour then reaches the middle to another.
  package static let largestJitter = 0.17

  /// Returns the colour that is nearest in sRGB, the first of two that are as near.
  package static func nearest(to colourSRGB: SIMD3<Float>) -> NamedColour {
    var best = (colour: NamedColour.red, distance: Float.infinity)
    for colour in allCases {
      let distance = length(colour.colourSRGB - colourSRGB)
      if distance < best.distance { best = (colour, distance) }
    }
    return best.colour
  }
}
