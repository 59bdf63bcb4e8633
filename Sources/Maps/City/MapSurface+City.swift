// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Splats

extension MapSurface {
  /// Makes a surface of a thing, or of what is not counted, in a colour of its own.
  init(
    _ rings: [[SIMD3<Double>]], _ what: SemanticClass, thing: UInt32, colourSRGB: SIMD3<Float>,
    height: HeightOrigin
  ) {
    self.init(rings: rings, identifier: MapIdentifier(what, thing: thing), height: height)
    self.colourSRGB = colourSRGB
  }
}
