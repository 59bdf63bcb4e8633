// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Randomness
import Splats
import Testing

@testable import Simulation

/// Paints only what `body` paints, with a sun overhead and the given things in its way.
private func painted(
  occluders: [Occluder] = [], _ body: (inout SurfelPainter) -> Void
) -> SplatCloud {
  let light = SceneLight(
    toSun: SIMD3(0, 0, 1), sunColour: SIMD3(repeating: 0.5), skyColour: SIMD3(repeating: 0.3),
    occluders: occluders)
  var painter = SurfelPainter(light: light, noise: ValueNoise(seed: 1))
  body(&painter)
  painter.cloud.checkInvariants()
  return painter.cloud
}

@Suite struct `Courtyard scene` {
  /// A hundredth of the splats: without optimisation the whole would take half a minute.
  private static let detail = 0.01
  private static let coarse = CourtyardScene.build(seed: 1, detail: detail)

  @Test func `is whole, and empty above the table`() {
    let cloud = Self.coarse
    #expect(cloud.firstInvalidIndex == nil && cloud.count > 3000)
    #expect(cloud.rotations.allSatisfy { $0.direction != nil })
    for position in cloud.positions where position.z > 0 {
      #expect((position.x * position.x + position.y * position.y).squareRoot() > 0.7)
    }
  }

  @Test func `is the same for the same seed, with another grain for another`() {
    #expect(CourtyardScene.build(seed: 1, detail: Self.detail) == Self.coarse)
    #expect(CourtyardScene.build(seed: 2, detail: Self.detail).sh0 != Self.coarse.sh0)
  }

  @Test func `has the table's top closed, level and of its size`() {
    let cloud = Self.coarse
    let top = (0..<cloud.count).filter { index in
      let p = cloud.positions[index]
      return p.z == 0 && abs(p.x) < 0.6 && abs(p.y) < 0.4
    }
    #expect(top.count > 400)
    for index in top {
      #expect(cloud.rotations[index].rotate(SIMD3(0, 0, 1)).z > 0.9999)
    }
    // A spacing or more inside the edge, less than a tenth of the light passes anywhere.
    for x in stride(from: Float(-0.51), through: 0.51, by: 0.113) {
      for y in stride(from: Float(-0.33), through: 0.33, by: 0.0821) {
        let clear = top.reduce(Float(1)) { clear, index in
          let d = SIMD3(x, y, 0) - cloud.positions[index]
          let w = cloud.logScales[index]
          let q = (d.x / exp(w.x)) * (d.x / exp(w.x)) + (d.y / exp(w.y)) * (d.y / exp(w.y))
          return q > 16 ? clear : clear * (1 - 0.98 * exp(-0.5 * q))
        }
        #expect(clear < 0.1)
      }
    }
  }
}

@Suite struct `Baked light` {
  private let white = SurfaceLook(colourSRGB: SIMD3(repeating: 1))
  private let ground = Surfel(
    center: .zero, normal: SIMD3(0, 0, 1), along: SIMD3(1, 0, 0), widths: SIMD2(0.1, 0.1))

  private func brightness(_ occluders: [Occluder]) -> Float {
    painted(occluders: occluders) { $0.paint(ground, white) }
      .colour(of: 0, seenAlong: SIMD3(0, 0, -1)).x
  }

  @Test func `adds sun and sky in the open`() {
    // 0.5 + 0.3 of linear light; above 0.6 it rolls off: 0.6 + 0.4 (1 - e^-0.5), then ^(1 / 2.2).
    let expected = pow(0.6 + 0.4 * (1 - exp(Float(-0.5))), 1 / 2.2)
    #expect(abs(brightness([]) - expected) < 1e-5)
  }

  @Test func `loses the sun under a roof and the sky beside a wall`() {
    // A small roof 5 m up hides the sun only: it is beyond the reach of the sky's rays.
    let roof = Occluder(center: SIMD3(0, 0, 5), size: SIMD3(1, 1, 0.1))
    #expect(abs(brightness([roof]) - pow(0.3, 1 / 2.2)) < 1e-5)
    let wall = Occluder(center: SIMD3(0.15, 0, 0.5), size: SIMD3(0.1, 4, 1))
    #expect(brightness([wall]) < brightness([]) - 0.01)
    #expect(brightness([roof, wall]) < brightness([roof]) - 0.01)
  }

  @Test func `shines where a glossy surface mirrors the sun`() {
    let glossy = SurfaceLook(colourSRGB: SIMD3(repeating: 0.3), gloss: 0.2)
    let cloud = painted { $0.paint(ground, glossy) }
    let mirrored = cloud.colour(of: 0, seenAlong: SIMD3(0, 0, -1)).x
    let grazing = cloud.colour(of: 0, seenAlong: SIMD3(1, 0, 0)).x
    // The gloss is 0.2 in the mirrored direction and half of that at a right angle to it.
    #expect(abs(mirrored - grazing - 0.1) < 1e-5)
  }
}

@Suite struct `Surfel painter` {
  @Test func `keeps surfels on the outer faces of a box`() {
    let cloud = painted { painter in
      painter.cover(box: SIMD3(1, 2, 3), size: SIMD3(0.2, 0.4, 0.6), spacing: 0.05) { _ in
        SurfaceLook(colourSRGB: SIMD3(repeating: 0.5))
      }
    }
    #expect(cloud.count > 6 * 20)
    for index in 0..<cloud.count {
      let d = cloud.positions[index] - SIMD3(1, 2, 3)
      let share = SIMD3(abs(d.x) / 0.1, abs(d.y) / 0.2, abs(d.z) / 0.3)
      // 1e-5: single precision at 3 m over a half width of 0.1 m.
      #expect(abs(share.max() - 1) < 1e-5)
      #expect(dot(cloud.rotations[index].rotate(SIMD3(0, 0, 1)), d) > 0)
    }
  }

  @Test func `turns a profile's outside away from its axis`() {
    let cloud = painted { painter in
      painter.revolve(
        [SIMD2(0.1, 0), SIMD2(0.1, 0.2), SIMD2(0.01, 0.2)], base: SIMD3(0, 0, 1), spacing: 0.03
      ) { _, _ in SurfaceLook(colourSRGB: SIMD3(repeating: 0.5)) }
    }
    for index in 0..<cloud.count {
      let p = cloud.positions[index]
      let normal = cloud.rotations[index].rotate(SIMD3(0, 0, 1))
      if p.z < 1.199 {
        #expect(dot(normal, SIMD3(p.x, p.y, 0)) > 0.09)
      } else {
        #expect(normal.z > 0.999)
      }
    }
  }

  @Test func `lays stones and joints without leaving the patch`() {
    let patch = Patch(
      corner: .zero, along: SIMD3(1, 0, 0), up: SIMD3(0, 0.5, 0), spacing: 0.1)
    var stones = 0
    let cloud = painted { painter in
      painter.cover(
        patch,
        masonry: Masonry(
          cell: SIMD2(0.3, 0.2), joint: 0.02, surfelCount: SIMD2(4, 2), shift: 0.5)
      ) { _, _, _ in
        stones += 1
        return SurfaceLook(colourSRGB: SIMD3(repeating: 0.5))
      } joint: { _ in
        SurfaceLook(colourSRGB: SIMD3(repeating: 0.2))
      }
    }
    #expect(stones > 50 && cloud.count > stones)
    for p in cloud.positions { #expect(p.x > 0 && p.x < 1 && p.y > 0 && p.y < 0.5 && p.z == 0) }
  }
}

@Suite struct `Value noise` {
  private let noise = ValueNoise(seed: 5)

  @Test func `takes the lattice's values at the lattice and blends between`() {
    #expect(noise(SIMD3(3, -2, 7)) == noise.value(3, -2, 7))
    let middle = noise(SIMD3(3.5, -2, 7))
    #expect(abs(middle - (noise.value(3, -2, 7) + noise.value(4, -2, 7)) / 2) < 1e-6)
    #expect(noise.value(3, -2, 7) != ValueNoise(seed: 6).value(3, -2, 7))
  }

  @Test func `spreads over its whole range`() {
    let values = (0..<1000).map { noise.value(Int32($0), 0) }
    let mean = values.reduce(0, +) / 1000
    // The mean of 1000 uniform numbers is within 0.009 of 0.5, three times over 0.03.
    #expect(abs(mean - 0.5) < 0.03 && values.allSatisfy { $0 >= 0 && $0 < 1 })
    let octaves = (0..<200).map { noise.octaves(SIMD3(Float($0) * 0.37, 1.2, 3.4), 4) }
    #expect(octaves.allSatisfy { $0 >= 0 && $0 <= 1 })
  }
}
