// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Randomness
import Splats

extension CourtyardScene {
  /// A flower pot: a frustum with a rim, filled with earth.
  struct Pot {
    var base: SIMD3<Float>
    var radius: Float
    var height: Float
    var colourSRGB: SIMD3<Float>
    var gloss: Float = 0
  }

  /// The boards and posts of the shelf at the west wall.
  static let shelfBoards: [(center: SIMD3<Float>, size: SIMD3<Float>)] = {
    let (x, y) = (west + 0.19, Float(1.0))
    let boards = [-0.66, -0.36, -0.06].map { z in
      (center: SIMD3(x, y, Float(z)), size: SIMD3<Float>(0.32, 1.1, 0.025))
    }
    let posts = [(-0.14, -0.53), (0.14, -0.53), (-0.14, 0.53), (0.14, 0.53)].map { dx, dy in
      (
        center: SIMD3(x + Float(dx), y + Float(dy), floorLevel + 0.36),
        size: SIMD3<Float>(0.035, 0.035, 0.72)
      )
    }
    return boards + posts
  }()

  private static let terracotta = SIMD3<Float>(0.72, 0.40, 0.27)

  /// The pots on the paving and on the shelf.
  static let pots: [Pot] = [
    Pot(base: SIMD3(-2.05, 1.86, floorLevel), radius: 0.19, height: 0.36, colourSRGB: terracotta),
    Pot(
      base: SIMD3(-1.55, 1.92, floorLevel), radius: 0.15, height: 0.26,
      colourSRGB: SIMD3(0.23, 0.36, 0.47), gloss: 0.15),
    Pot(base: SIMD3(-1.1, 1.95, floorLevel), radius: 0.12, height: 0.2, colourSRGB: terracotta),
    Pot(base: SIMD3(2.2, 1.8, floorLevel), radius: 0.24, height: 0.45, colourSRGB: terracotta),
    Pot(base: SIMD3(2.25, -2.2, floorLevel), radius: 0.22, height: 0.4, colourSRGB: terracotta),
    Pot(
      base: SIMD3(-2.0, -2.2, floorLevel), radius: 0.2, height: 0.35,
      colourSRGB: SIMD3(0.75, 0.72, 0.66)),
    Pot(base: SIMD3(-2.2, 1.35, -0.0475), radius: 0.075, height: 0.13, colourSRGB: terracotta),
    Pot(
      base: SIMD3(-2.2, 1.1, -0.0475), radius: 0.06, height: 0.11,
      colourSRGB: SIMD3(0.86, 0.84, 0.78), gloss: 0.12),
    Pot(
      base: SIMD3(-2.2, 0.72, -0.0475), radius: 0.085, height: 0.12,
      colourSRGB: SIMD3(0.24, 0.42, 0.40), gloss: 0.15),
    Pot(base: SIMD3(-2.2, 0.66, -0.3475), radius: 0.08, height: 0.14, colourSRGB: terracotta),
  ]

  /// Paints the shelf with crates, bottles and a watering can on it.
  static func paintShelf(_ painter: inout SurfelPainter) {
    let noise = painter.noise
    for (index, board) in shelfBoards.enumerated() {
      painter.cover(box: board.center, size: board.size, spacing: 0.014) { p in
        let q = index < 3 ? SIMD3(p.y, p.x, p.z) : SIMD3(p.z, p.x, p.y)
        let look = wood(q + Float(index) * 3, grainScale: 1, noise, tone: 1)
        // Weathered to grey.
        return SurfaceLook(colourSRGB: mix(look.colourSRGB, SIMD3(0.55, 0.52, 0.48), 0.55))
      }
    }
    let x = west + 0.19
    for (center, size, colour) in [
      (SIMD3(x, 1.28, -0.25), SIMD3(0.24, 0.34, 0.19), SIMD3(0.63, 0.50, 0.33)),
      (SIMD3(x, 0.95, -0.27), SIMD3(0.22, 0.2, 0.15), SIMD3(0.28, 0.38, 0.44)),
      (SIMD3(x, 0.78, -0.57), SIMD3(0.26, 0.4, 0.15), SIMD3(0.55, 0.42, 0.28)),
    ] as [(SIMD3<Float>, SIMD3<Float>, SIMD3<Float>)] {
      painter.cover(box: center, size: size, spacing: 0.013, faces: 0b101111) { p in
        let gap = smoothStep(0.05, 0.35, abs(sin((p.z + 0.5) * 52)))
        return SurfaceLook(colourSRGB: colour * mix(0.45, 1, gap) * (0.8 + 0.4 * noise(p * 60)))
      }
    }
    let bottle: [SIMD2<Float>] = [
      SIMD2(0.034, 0), SIMD2(0.036, 0.02), SIMD2(0.036, 0.15), SIMD2(0.014, 0.2),
      SIMD2(0.013, 0.26), SIMD2(0.001, 0.262),
    ]
    for (y, colour) in [
      (1.2, SIMD3(0.20, 0.33, 0.16)), (1.31, SIMD3(0.40, 0.22, 0.10)),
      (1.1, SIMD3(0.62, 0.70, 0.70)),
    ] as [(Float, SIMD3<Float>)] {
      painter.revolve(bottle, base: SIMD3(x, y, -0.6475), spacing: 0.01) { _, height in
        let label = height > 0.05 && height < 0.12
        return SurfaceLook(
          colourSRGB: label ? SIMD3(0.85, 0.80, 0.66) : colour, gloss: label ? 0 : 0.3)
      }
    }
    paintWateringCan(&painter)
  }

  private static func paintWateringCan(_ painter: inout SurfelPainter) {
    let noise = painter.noise
    let base = SIMD3<Float>(-1.45, 1.45, floorLevel)
    let zinc = SIMD3<Float>(0.58, 0.61, 0.63)
    painter.revolve(
      [SIMD2(0.12, 0), SIMD2(0.12, 0.22), SIMD2(0.05, 0.25), SIMD2(0.002, 0.25)], base: base,
      spacing: 0.014
    ) { angle, height in
      let band = abs(height - 0.12) < 0.006 ? Float(0.8) : 1
      return SurfaceLook(
        colourSRGB: zinc * band * (0.85 + 0.25 * noise(SIMD3(angle * 3, height * 30, 0))),
        gloss: 0.18)
    }
    // The spout and the handle are rows of small rings.
    for step in 0..<24 {
      let t = Float(step) / 23
      let spout = base + SIMD3(0.12 + 0.2 * t, 0, 0.06 + 0.22 * t)
      let angle = Double(t) * .pi
      let handle = base + SIMD3(-0.1 - 0.09 * Float(angle.sine), 0, 0.05 + 0.19 * t)
      for (center, radius) in [(spout, 0.02 - 0.008 * t), (handle, Float(0.011))] {
        painter.revolve(
          [SIMD2(radius, -0.008), SIMD2(radius, 0.008)], base: center, spacing: 0.012
        ) { _, _ in SurfaceLook(colourSRGB: zinc * 0.92, gloss: 0.18) }
      }
    }
  }

  /// Paints the pots and the earth in them.
  static func paintPots(_ painter: inout SurfelPainter, _ stream: inout RandomStream) {
    let noise = painter.noise
    for pot in pots {
      let (r, h) = (pot.radius, pot.height)
      let spacing = max(0.008, r * 0.09)
      let streaks = Float(stream.uniform()) * 40
      painter.revolve(
        [
          SIMD2(r * 0.68, 0), SIMD2(r * 0.93, h * 0.82), SIMD2(r * 1.02, h * 0.82 + 0.001),
          SIMD2(r * 1.04, h), SIMD2(r * 0.92, h + 0.001), SIMD2(r * 0.9, h * 0.9),
        ], base: pot.base, spacing: spacing
      ) { angle, height in
        let lime = noise.octaves(SIMD3(angle * 1.5 + streaks, height * 5, streaks), 3)
        let colour = mix(pot.colourSRGB, SIMD3(0.82, 0.76, 0.68), smoothStep(0.55, 0.8, lime) * 0.5)
        return SurfaceLook(colourSRGB: colour * (0.85 + 0.25 * lime), gloss: pot.gloss)
      }
      painter.revolve(
        [SIMD2(r * 0.9, h * 0.9), SIMD2(0.002, h * 0.92)], base: pot.base, spacing: spacing * 1.3
      ) { _, _ in SurfaceLook(colourSRGB: SIMD3(0.22, 0.16, 0.11)) }
    }
  }
}
