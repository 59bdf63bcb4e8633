// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// Which colour each pixel of a mosaic measures, named by the image's first two rows.
package enum BayerPattern: String, CaseIterable, Sendable {
  /// R G, then G B.
  case rggb
  /// B G, then G R.
  case bggr
  /// G R, then B G.
  case grbg
  /// G B, then R G.
  case gbrg

  /// Returns the channel that a pixel measures: 0 red, 1 green, 2 blue.
  package func channel(x: Int, y: Int) -> Int {
    let red = redSite
    let (isRedColumn, isRedRow) = (x & 1 == red.x, y & 1 == red.y)
    if isRedColumn != isRedRow { return 1 }
    return isRedColumn ? 0 : 2
  }

  /// The first red pixel.
  private var redSite: (x: Int, y: Int) {
    switch self {
    case .rggb: (0, 0)
    case .bggr: (1, 1)
    case .grbg: (1, 0)
    case .gbrg: (0, 1)
    }
  }
}
