// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Randomness
import Splats

/// A cloud of leaves.
private struct Foliage {
  /// The middle in the world, metres.
  var center: SIMD3<Float>
  /// The half axes, metres.
  var radii: SIMD3<Float>
  var leafCount: Int
  /// The deviation along a leaf, metres.
  var leafWidth: Float
  var colourSRGB: SIMD3<Float>
  /// The colour and share of blossoms among the leaves.
  var blossomSRGB = SIMD3<Float>.zero
  var blossomShare = 0.0
}

extension CourtyardScene {
  /// Paints a plant in every pot, ivy on the walls and the tree tops behind them.
  static func paintPlants(_ painter: inout SurfelPainter, _ stream: inout RandomStream) {
    let greens: [SIMD3<Float>] = [
      SIMD3(0.30, 0.45, 0.16), SIMD3(0.22, 0.40, 0.18), SIMD3(0.40, 0.50, 0.20),
      SIMD3(0.35, 0.46, 0.28),
    ]
    let blossoms: [SIMD3<Float>] = [
      SIMD3(0.85, 0.20, 0.22), SIMD3(0.90, 0.75, 0.25), SIMD3(0.78, 0.45, 0.75),
    ]
    for (index, pot) in pots.enumerated() {
      let spread = pot.radius * Float(stream.uniform(in: 1.25...1.6))
      paint(
        Foliage(
          center: pot.base + SIMD3(0, 0, pot.height + spread * 0.75),
          radii: SIMD3(spread, spread, spread * 1.15), leafCount: pot.radius > 0.1 ? 1500 : 500,
          leafWidth: pot.radius > 0.1 ? 0.02 : 0.011, colourSRGB: greens[index % greens.count],
          blossomSRGB: blossoms[index % blossoms.count], blossomShare: index % 2 == 0 ? 0.09 : 0),
        &painter, &stream)
    }
    for (center, radii, count) in [
      (SIMD3(west + 0.06, 1.9, 0.55), SIMD3(0.07, 0.5, 0.9), 2200),
      (SIMD3(west + 0.05, -0.7, 0.9), SIMD3(0.06, 0.9, 0.5), 1500),
      (SIMD3(-0.4, south + 0.06, 0.5), SIMD3(1.3, 0.07, 0.8), 2400),
      (SIMD3(0.6, north - 0.06, 1.1), SIMD3(0.8, 0.07, 0.4), 1500),
    ] as [(SIMD3<Float>, SIMD3<Float>, Int)] {
      paint(
        Foliage(
          center: center, radii: radii, leafCount: count, leafWidth: 0.026,
          colourSRGB: SIMD3(0.20, 0.36, 0.15)), &painter, &stream)
    }
    for tree in 0..<10 {
      let angle = Double(tree) * 0.628 + stream.uniform(in: -0.2...0.2)
      let distance = stream.uniform(in: 6...8)
      let size = Float(stream.uniform(in: 1.2...2.1))
      paint(
        Foliage(
          center: SIMD3(Float(distance * angle.cosine), Float(distance * angle.sine), 1.4),
          radii: SIMD3(size * 1.2, size * 1.2, size), leafCount: 550, leafWidth: 0.11,
          colourSRGB: greens[tree % greens.count] * 0.9), &painter, &stream)
    }
  }

  /// Leaves near the surface of an ellipsoid: dark inside, lit from outside, turned every way.
  private static func paint(
    _ foliage: Foliage, _ painter: inout SurfelPainter, _ stream: inout RandomStream
  ) {
    let coarseness = painter.coarseness
    for leaf in 0..<Int(Float(foliage.leafCount) / (coarseness * coarseness)) {
      var direction = SIMD3<Float>(
        normalize(SIMD3(stream.normal(), stream.normal(), stream.normal())))
      // One leaf in five fills the inside with shade.
      let isInner = leaf % 5 == 0
      let depth = Float(stream.uniform()).squareRoot() * (isInner ? 0.7 : 1)
      let lump = painter.noise(direction * 2.5 + foliage.center * 3)
      let reach = depth * (0.65 + 0.6 * lump)
      let center = foliage.center + direction * foliage.radii * reach
      guard center.z > floorLevel + 0.01 else { continue }
      direction += SIMD3<Float>(SIMD3(stream.normal(), stream.normal(), stream.normal())) * 0.45
      let normal = normalize(direction + SIMD3(0, 0, 0.35))
      let along = normalize(
        cross(normal, SIMD3<Float>(SIMD3(stream.normal(), stream.normal(), stream.normal()))))
      let size =
        foliage.leafWidth * coarseness * Float(stream.uniform(in: 0.7...1.3)) * (isInner ? 1.8 : 1)
      let isBlossom = !isInner && stream.uniform() < foliage.blossomShare
      var colour = isBlossom ? foliage.blossomSRGB : foliage.colourSRGB
      colour *= Float(stream.uniform(in: 0.75...1.25)) * (isInner ? 0.45 : 0.45 + 0.6 * depth)
      let shade = smoothStep(0.2, 1, depth)
      painter.paint(
        Surfel(
          center: center, normal: normal, along: along,
          widths: SIMD2(size, size * (isBlossom ? 0.9 : 0.5))),
        SurfaceLook(colourSRGB: colour, gloss: isBlossom ? 0 : 0.03, sunShare: shade))
    }
  }
}
