// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Splats

extension CourtyardScene {
  /// The thickness of the table top, metres.
  static let tableThickness: Float = 0.035
  /// The width of the square legs, metres.
  static let legWidth: Float = 0.07
  /// The legs' axes, metres.
  static let legCenters: [SIMD2<Float>] = [
    SIMD2(-0.54, -0.34), SIMD2(0.54, -0.34), SIMD2(-0.54, 0.34), SIMD2(0.54, 0.34),
  ]
  /// The distance between surfels where a wrist camera comes near, metres.
  private static let fineSpacing: Float = 0.0043
  /// The width of the top's boards, metres.
  private static let boardWidth: Float = 0.1

  /// Paints the top, its edges, the apron below it and the legs.
  static func paintTable(_ painter: inout SurfelPainter) {
    let noise = painter.noise
    let top = Patch(
      corner: SIMD3(-tableSize.x / 2, -tableSize.y / 2, 0), along: SIMD3(tableSize.x, 0, 0),
      up: SIMD3(0, tableSize.y, 0), spacing: fineSpacing, stretch: 1.7)
    painter.cover(top) { tableTopLook($0, noise) }
    painter.cover(
      box: SIMD3(0, 0, -tableThickness / 2),
      size: SIMD3(tableSize.x, tableSize.y, tableThickness), spacing: 0.008, faces: 0b001111
    ) { wood($0 * SIMD3(1, 1, 0.6) + 3, grainScale: 1, noise, tone: 0.9) }
    // The underside is seen by no camera of a robot that stands on the table.
    painter.cover(
      box: SIMD3(0, 0, -tableThickness / 2),
      size: SIMD3(tableSize.x, tableSize.y, tableThickness), spacing: 0.03, faces: 0b010000
    ) { wood($0, grainScale: 1, noise, tone: 0.8) }
    painter.cover(
      box: SIMD3(0, 0, -tableThickness - 0.04), size: SIMD3(1.08, 0.68, 0.08), spacing: 0.014,
      faces: 0b001111
    ) { wood($0 + 7, grainScale: 1, noise, tone: 0.8) }
    for leg in legCenters {
      let height = -floorLevel - tableThickness
      painter.cover(
        box: SIMD3(leg.x, leg.y, floorLevel + height / 2), size: SIMD3(legWidth, legWidth, height),
        spacing: 0.015, faces: 0b001111
      ) { wood(SIMD3($0.z, $0.x + leg.x * 9, $0.y), grainScale: 1, noise, tone: 0.82) }
    }
  }

  /// Oiled boards along x with dark seams between them and a few knots.
  private static func tableTopLook(_ place: SIMD2<Float>, _ noise: ValueNoise) -> SurfaceLook {
    let board = (place.y / boardWidth).rounded(.down)
    let hash = noise.value(Int32(board), 77)
    let inBoard = SIMD3(place.x + hash * 9, place.y, hash * 31)
    var look = wood(inBoard, grainScale: 1, noise, tone: 0.92 + 0.16 * hash)
    let toSeam = abs(place.y / boardWidth - (place.y / boardWidth).rounded()) * boardWidth
    let seam = board == 0 && place.y < boardWidth / 2 ? 1 : smoothStep(0.0008, 0.0034, toSeam)
    look.colourSRGB *= mix(0.5, 1, seam)
    // Use has worn the finish in patches.
    look.gloss = 0.10 * (0.6 + 0.8 * noise.octaves(SIMD3(place.x * 5, place.y * 5, 40)))
    return look
  }

  /// Wood whose grain runs along x; metres.
  static func wood(
    _ p: SIMD3<Float>, grainScale: Float, _ noise: ValueNoise, tone: Float
  ) -> SurfaceLook {
    let q = p * grainScale
    // Rings of a trunk, bent by slow noise and cut lengthwise.
    let bend = noise.octaves(SIMD3(q.x * 1.3, q.y * 6, q.z * 6), 2)
    let ring = 0.5 + 0.5 * sin((q.y * 55 + bend * 11 + q.z * 20) * 2)
    let fibre = noise.octaves(SIMD3(q.x * 14, q.y * 260, q.z * 260), 2)
    let pores = smoothStep(0.62, 0.8, noise(SIMD3(q.x * 30, q.y * 420, q.z * 420 + 7)))
    let knot = smoothStep(0.9, 0.97, noise(SIMD3(q.x * 9, q.y * 26, q.z * 26 + 90)))
    var colour = mix(SIMD3(0.66, 0.47, 0.30), SIMD3(0.50, 0.33, 0.19), ring * 0.75)
    colour *= (0.8 + 0.38 * fibre) * (1 - 0.22 * pores)
    colour = mix(colour, SIMD3(0.27, 0.16, 0.09), knot * 0.7)
    return SurfaceLook(colourSRGB: colour * tone)
  }
}
