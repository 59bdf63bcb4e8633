// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Images
import Splats
import Testing

@testable import Rasterizer

/// A ball of splats 10 m around the origin, each shown in a colour that its direction decides.
private func dome(_ colour: (SIMD3<Float>) -> Float) -> SplatCloud {
  let count = 2000
  return cloud(
    (0..<count).map { index in
      // Points by the golden angle, evenly spread over the sphere.
      let z = 1 - (2 * Double(index) + 1) / Double(count)
      let radius = (1 - z * z).squareRoot()
      let angle = Double(index) * 2.399_963_229_728_653
      let direction = SIMD3<Float>(
        Float(radius * angle.cosine), Float(radius * angle.sine), Float(z))
      return PlainSplat(
        position: 10 * direction, deviations: SIMD3(repeating: 0.6), opacity: 0.98,
        colour: SIMD3(repeating: colour(direction)))
    })
}

@Suite struct `Light of the splats around` {
  @Test func `is even where they are all alike`() {
    let renderer = Renderer(splats: PackedSplats(dome { _ in 0.5 }))
    let light = renderer.light(at: .zero)
    let expected = SRGB.exactDecode(0.5)
    for normal in [SIMD3<Double>(0, 0, 1), SIMD3(1, 0, 0), SIMD3(0.6, -0.8, 0)] {
      let direction = normalize(SIMD3<Double>(light.sunDirection))
      let sun = SIMD3<Double>(light.sun) * max(0, dot(direction, normal))
      let shown = light.sky.light(onNormal: normal) + sun
      #expect(abs(shown.x - expected) < 0.02 * expected, "\(shown)")
    }
    #expect(light.sun.x < 0.02 * Float(expected))
  }

  @Test func `has its sun where they are bright`() {
    let direction = normalize(SIMD3<Float>(0.5, -0.3, 0.8))
    let renderer = Renderer(
      splats: PackedSplats(dome { length($0 - direction) < 0.5 ? 1 : 0.1 }))
    let light = renderer.light(at: .zero)
    let found = normalize(SIMD3<Double>(light.sunDirection))
    // Within 3 degrees: the cap's splats are coarse.
    #expect(length(found - SIMD3<Double>(direction)) < 0.052)
    #expect(light.sun.x > 3 * Float(light.sky.light(onNormal: found).x))
    // A surface that faces it gets what the cap of half angle 28.96 degrees gives: sin^2 of it,
    // beside the dark rest.
    let shown = light.sky.light(onNormal: found).x + Double(light.sun.x)
    let share = 0.5 * 0.5 * (1 - 0.25 * 0.25)
    let expected = share + (1 - share) * SRGB.exactDecode(0.1)
    #expect(abs(shown - expected) < 0.15 * expected, "\(shown), \(expected)")
  }

  @Test func `is none where there are none`() {
    let light = Renderer(splats: PackedSplats(cloud([]))).light(at: .zero)
    #expect(light.sun == .zero)
    #expect(light.sky == EnvironmentLight(uniform: .zero))
  }
}

@Suite struct `An environment` {
  @Test func `is the same polynomial as its harmonics`() {
    let coefficients = ([3, 1, -2, 0.5, 0.7, -0.4, 0.3, 0.2, -0.6] as [Float]).map {
      SIMD3(repeating: $0)
    }
    let light = EnvironmentLight(coefficients: coefficients)
    let p = light.polynomial(shares: EnvironmentLight.gathered).map { Double($0) }
    for normal in [SIMD3<Double>(0, 0, 1), SIMD3(0.48, 0.6, 0.64), SIMD3(-0.6, 0.8, 0)] {
      let (x, y, z) = (normal.x, normal.y, normal.z)
      let terms = [1, x, y, z, x * y, y * z, z * z - 1 / 3, x * z, x * x - y * y]
      let value = (0..<9).reduce(0) { $0 + p[3 * $1] * terms[$1] }
      #expect(abs(max(0, value) - light.light(onNormal: normal).x) < 1e-6)
    }
  }
}
