// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Splats

extension CourtyardScene {
  /// Paints the paving of stone slabs with mossy joints.
  static func paintFloor(_ painter: inout SurfelPainter) {
    let noise = painter.noise
    let floor = Patch(
      corner: SIMD3(west, south, floorLevel), along: SIMD3(east - west, 0, 0),
      up: SIMD3(0, north - south, 0), spacing: 0.025)
    func world(_ place: SIMD2<Float>) -> SIMD3<Float> {
      floor.corner + SIMD3(place.x, place.y, 0)
    }
    painter.cover(
      floor,
      masonry: Masonry(
        cell: SIMD2(0.5, 0.4), joint: 0.014, surfelCount: SIMD2(17, 14), shift: 0.37)
    ) { place, column, row in
      let tone = 0.86 + 0.22 * noise.value(column, row, 5)
      let warm = noise.value(column, row, 6)
      let stain = noise.octaves(SIMD3(place.x * 3, place.y * 3, 8), 4)
      let speckle = noise(SIMD3(place.x * 70, place.y * 70, 2))
      var colour = mix(SIMD3(0.60, 0.58, 0.54), SIMD3(0.66, 0.58, 0.48), warm)
      colour *= tone * (0.74 + 0.36 * stain) * (0.93 + 0.14 * speckle)
      return SurfaceLook(
        colourSRGB: colour, gloss: 0.02, sunShare: dapple(world(place), noise))
    } joint: { place in
      let moss = smoothStep(0.42, 0.62, noise.octaves(SIMD3(place.x * 4, place.y * 4, 20)))
      return SurfaceLook(
        colourSRGB: mix(SIMD3(0.30, 0.27, 0.23), SIMD3(0.27, 0.34, 0.14), moss),
        sunShare: dapple(world(place), noise))
    }
  }

  /// Paints brick to the west and south, plaster to the north and east.
  static func paintWalls(_ painter: inout SurfelPainter) {
    let height = SIMD3<Float>(0, 0, wallTop - floorLevel)
    let (spanX, spanY) = (SIMD3<Float>(east - west, 0, 0), SIMD3<Float>(0, north - south, 0))
    paintBrick(
      &painter,
      Patch(corner: SIMD3(west, south, floorLevel), along: spanY, up: height, spacing: 0.03),
      surfelCount: SIMD2(6, 3))
    paintBrick(
      &painter,
      Patch(corner: SIMD3(east, south, floorLevel), along: -spanX, up: height, spacing: 0.05),
      surfelCount: SIMD2(4, 2))
    paintPlaster(
      &painter,
      Patch(corner: SIMD3(west, north, floorLevel), along: spanX, up: height, spacing: 0.033))
    paintPlaster(
      &painter,
      Patch(corner: SIMD3(east, north, floorLevel), along: -spanY, up: height, spacing: 0.05))
    // Coping stones close the walls at the top.
    let noise = painter.noise
    for (x, y, long) in [
      (west - 0.1, 0, false), (east + 0.1, 0, false), (0, south - 0.1, true),
      (0, north + 0.1, true),
    ] as [(Float, Float, Bool)] {
      painter.cover(
        box: SIMD3(x, y, wallTop + 0.03),
        size: long ? SIMD3(spanX.x + 0.4, 0.26, 0.06) : SIMD3(0.26, spanY.y + 0.4, 0.06),
        spacing: 0.06
      ) { p in
        SurfaceLook(colourSRGB: SIMD3(0.62, 0.6, 0.56) * (0.8 + 0.3 * noise.octaves(p * 9)))
      }
    }
  }

  private static func paintBrick(
    _ painter: inout SurfelPainter, _ patch: Patch, surfelCount: SIMD2<Int>
  ) {
    let noise = painter.noise
    let (x, y) = (normalize(patch.along), normalize(patch.up))
    painter.cover(
      patch,
      masonry: Masonry(
        cell: SIMD2(0.222, 0.075), joint: 0.012, surfelCount: surfelCount, shift: 0.5)
    ) { place, column, row in
      let tone = 0.72 + 0.45 * noise.value(column, row, 15)
      let hue = noise.value(column, row, 16)
      let rough = noise(SIMD3(place.x * 45, place.y * 45, 4))
      let damp = smoothStep(0.0, 0.5, place.y + 0.3 * noise.octaves(SIMD3(place.x * 2, 1, 9)))
      var colour = mix(SIMD3(0.62, 0.30, 0.21), SIMD3(0.68, 0.42, 0.29), hue)
      colour *= tone * (0.86 + 0.28 * rough) * mix(0.7, 1, damp)
      // One brick in twelve was burnt dark.
      if noise.value(column, row, 17) < 0.08 { colour = colour * 0.55 + 0.04 }
      return SurfaceLook(
        colourSRGB: colour, sunShare: dapple(patch.corner + x * place.x + y * place.y, noise))
    } joint: { place in
      SurfaceLook(
        colourSRGB: SIMD3(0.66, 0.62, 0.55) * (0.75 + 0.3 * noise(SIMD3(place.x, place.y, 1) * 20)),
        sunShare: dapple(patch.corner + x * place.x + y * place.y, noise))
    }
  }

  private static func paintPlaster(_ painter: inout SurfelPainter, _ patch: Patch) {
    let noise = painter.noise
    let (x, y) = (normalize(patch.along), normalize(patch.up))
    painter.cover(patch) { place in
      let p = patch.corner + x * place.x + y * place.y
      let trowel = noise.octaves(p * SIMD3(6, 6, 9), 4)
      let stain = noise.octaves(p * SIMD3(1.2, 1.2, 0.5) + 30, 3)
      var colour = mix(SIMD3(0.83, 0.74, 0.57), SIMD3(0.88, 0.82, 0.69), trowel)
      colour *= 0.84 + 0.26 * stain
      // A painted base, and rising damp above it.
      let base = SIMD3<Float>(0.46, 0.33, 0.27) * (0.8 + 0.4 * trowel)
      colour = mix(base, colour, smoothStep(0.41, 0.44, place.y))
      colour *= mix(0.72, 1, smoothStep(0, 0.35, place.y - 0.3 * (stain - 0.4)))
      return SurfaceLook(colourSRGB: colour, sunShare: dapple(p, noise))
    }
  }

  /// Paints a shuttered window in the north wall and a door in the east wall.
  static func paintWindowAndDoor(_ painter: inout SurfelPainter) {
    let noise = painter.noise
    let frame = SurfaceLook(colourSRGB: SIMD3(0.90, 0.89, 0.84), gloss: 0.05)
    let middle = SIMD3<Float>(-0.9, north - 0.02, 0.55)
    // Glass that shows the sky, in four panes.
    painter.cover(
      box: middle + SIMD3(0, 0.005, 0), size: SIMD3(0.9, 0.03, 1.0), spacing: 0.025, faces: 0b000100
    ) { p in
      SurfaceLook(
        colourSRGB: mix(SIMD3(0.16, 0.2, 0.24), SIMD3(0.36, 0.45, 0.52), 0.5 + p.z), gloss: 0.3)
    }
    for (offset, size) in [
      (SIMD3(-0.45, -0.01, 0), SIMD3(0.06, 0.05, 1.06)),
      (SIMD3(0.45, -0.01, 0), SIMD3(0.06, 0.05, 1.06)),
      (SIMD3(0, -0.01, 0), SIMD3(0.05, 0.05, 1.0)),
      (SIMD3(0, -0.01, 0.5), SIMD3(0.96, 0.05, 0.06)),
      (SIMD3(0, -0.01, -0.5), SIMD3(1.06, 0.12, 0.05)),
      (SIMD3(0, -0.01, 0.05), SIMD3(0.9, 0.05, 0.04)),
    ] as [(SIMD3<Float>, SIMD3<Float>)] {
      painter.cover(box: middle + offset, size: size, spacing: 0.02, faces: 0b110111) { _ in frame }
    }
    for side in [-1, 1] as [Float] {
      painter.cover(
        box: middle + SIMD3(side * 0.76, -0.005, 0), size: SIMD3(0.5, 0.04, 1.06), spacing: 0.02,
        faces: 0b110111
      ) { p in
        let slat = 0.72 + 0.28 * smoothStep(0.15, 0.5, abs(sin(p.z * 48)))
        return SurfaceLook(
          colourSRGB: SIMD3(0.26, 0.44, 0.42) * slat * (0.85 + 0.3 * noise.octaves(p * 14)))
      }
    }
    painter.cover(
      box: SIMD3(east - 0.03, -0.9, floorLevel + 1.0), size: SIMD3(0.06, 0.95, 2.0), spacing: 0.03,
      faces: 0b101101
    ) { p in
      let board = 0.7 + 0.3 * smoothStep(0.02, 0.2, abs(sin(p.y * 21)))
      let look = wood(SIMD3(p.z, p.y, p.x), grainScale: 1, noise, tone: board)
      return SurfaceLook(colourSRGB: look.colourSRGB * SIMD3(0.7, 0.78, 0.8))
    }
  }
}
