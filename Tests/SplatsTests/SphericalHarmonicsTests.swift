// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Randomness
import Splats
import Testing

private func randomDirection(_ stream: inout RandomStream) -> SIMD3<Double> {
  normalize(SIMD3(stream.normal(), stream.normal(), stream.normal()))
}

/// Legendre polynomials P_0...P_4 from the textbook.
private func legendre(_ l: Int, _ t: Double) -> Double {
  switch l {
  case 0: 1
  case 1: t
  case 2: (3 * t * t - 1) / 2
  case 3: (5 * t * t * t - 3 * t) / 2
  default: (35 * t * t * t * t - 30 * t * t + 3) / 8
  }
}

@Suite struct `Spherical harmonics` {
  @Test func `obey the addition theorem in every degree`() {
    // sum_m Y_lm(a) Y_lm(b) = (2l + 1) / (4 pi) P_l(a . b) holds for an orthonormal basis only.
    var stream = RandomStream(seed: 1, purpose: "addition theorem")
    for _ in 0..<50 {
      let (a, b) = (randomDirection(&stream), randomDirection(&stream))
      let basisA = SphericalHarmonics.basis(a, degree: 4)
      let basisB = SphericalHarmonics.basis(b, degree: 4)
      for l in 0...4 {
        let sum = (l * l..<(l + 1) * (l + 1)).reduce(0) { $0 + basisA[$1] * basisB[$1] }
        // 1e-14: two dozen roundings of numbers of size one.
        let expected = Double(2 * l + 1) / (4 * .pi) * legendre(l, dot(a, b))
        #expect(abs(sum - expected) < 1e-14)
      }
    }
  }

  @Test func `have the signs and order of the training code`() {
    // Computed by gsplat's `_eval_sh_bases_fast` formulas by hand at x = 0.6, y = 0, z = 0.8.
    let basis = SphericalHarmonics.basis(SIMD3(0.6, 0, 0.8), degree: 3)
    #expect(basis[1] == 0)
    #expect(abs(basis[2] - 0.390_882_009_522_336) < 1e-15)
    #expect(abs(basis[3] + 0.293_161_507_141_752) < 1e-15)
    #expect(abs(basis[7] + 0.524_423_246_684_198) < 1e-15)
    // -0.4570457994644658 * 0.6 * (4 * 0.64 - 0.36), m = 1 of degree 3.
    #expect(abs(basis[13] + 0.603_300_455_293_095) < 1e-15)
  }

  @Test(arguments: 0...4) func `turn like the function they stand for`(degree: Int) {
    var stream = RandomStream(seed: 2, purpose: "SH rotation")
    for _ in 0..<20 {
      let bFromA = Quaternion(
        w: stream.normal(), x: stream.normal(), y: stream.normal(), z: stream.normal()
      ).normalized
      var cloud = SplatCloud(shDegree: degree)
      let rest = (0..<cloud.restCoefficientCount * 3).map { _ in
        Float(stream.uniform(in: -0.1...0.1))
      }
      cloud.append(
        Splat(
          position: .zero, logScale: .zero, rotation: .identity, opacityLogit: 0,
          sh0: SIMD3(1, 0.5, 0.2)), rest: rest)
      let turned = cloud.transformed(by: Similarity(rotation: bFromA))
      let direction = randomDirection(&stream)
      let before = cloud.colour(of: 0, seenAlong: SIMD3<Float>(direction))
      let after = turned.colour(of: 0, seenAlong: SIMD3<Float>(bFromA.rotate(direction)))
      // 1e-6: 25 products in single precision of numbers below one, and the rounded directions.
      #expect(length(after - before) < 1e-6)
    }
  }

  @Test func `turn a quarter about z as the axes do`() {
    // f = -x becomes f = -y when x turns into y.
    var rest: [Float] = [0, 0, 0, 0, 0, 0, 1, 1, 1]
    SphericalHarmonicsRotation(
      degree: 1, rotation: Quaternion(angle: .pi / 2, axis: SIMD3(0, 0, 1))
    ).apply(to: &rest)
    let expected: [Float] = [1, 1, 1, 0, 0, 0, 0, 0, 0]
    for (found, wanted) in zip(rest, expected) { #expect(abs(found - wanted) < 1e-6) }
  }

  @Test func `clamp a negative colour to black`() {
    var cloud = SplatCloud(shDegree: 0)
    cloud.append(
      Splat(
        position: .zero, logScale: .zero, rotation: .identity, opacityLogit: 0,
        sh0: Splat.sh0(colourSRGB: SIMD3(-1, 0.25, 2))))
    let colour = cloud.colour(of: 0, seenAlong: SIMD3(0, 0, 1))
    #expect(length(colour - SIMD3(0, 0.25, 2)) < 1e-6)
  }
}
