// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Splats

/// The light on meshes, and the exposure of the picture.
///
/// Light is linear and counted by what it gives a white matt surface: under a sky of 1 all around
/// it shows 1. Meshes are shaded by `MeshMaterial` in linear light and encoded as sRGB, to meet the
/// splats' encoding. Splats carry the light of their capture; where a mesh keeps light from them
/// they are darkened, and they keep the sun from meshes (`RenderRequest.hasShadows`).
package struct Illumination: Equatable, Sendable {
  /// The light from all sides.
  package var sky: EnvironmentLight
  /// The direction towards the sun in the world; its length does not matter, zero means no sun.
  package var sunDirection: SIMD3<Float>
  /// What the sun gives a white matt surface that faces it, linear RGB.
  package var sun: SIMD3<Float>
  /// The factor on the final colour of splats, meshes and background, before rounding.
  package var exposure: Float

  /// Makes a light; the default is a soft sky with a sun high behind the viewer's left shoulder.
  package init(
    sky: EnvironmentLight = EnvironmentLight(uniform: SIMD3(repeating: 0.35)),
    sunDirection: SIMD3<Float> = SIMD3(-0.4, -0.3, 0.87),
    sun: SIMD3<Float> = SIMD3(repeating: 0.65), exposure: Float = 1
  ) {
    self.sky = sky
    self.sunDirection = sunDirection
    self.sun = sun
    self.exposure = exposure
  }
}

/// Light from all sides, smooth: spherical harmonics of degree 2.
///
/// The radiance from a unit direction d is the sum of the coefficients times
/// `SphericalHarmonics.basis(d)`, linear RGB; a radiance of 1 from everywhere makes a white matt
/// surface show 1.
package struct EnvironmentLight: Equatable, Sendable {
  /// The coefficients of degrees 0 to 2, linear RGB: (9).
  package let coefficients: [SIMD3<Float>]

  /// Makes a light from its nine coefficients.
  package init(coefficients: [SIMD3<Float>]) {
    precondition(coefficients.count == 9, "degree 2 has nine coefficients")
    self.coefficients = coefficients
  }

  /// Makes a light that is the same from all sides, linear RGB.
  package init(uniform radiance: SIMD3<Float>) {
    let first = radiance / Float(SphericalHarmonics.c0)
    self.init(coefficients: [first] + Array(repeating: .zero, count: 8))
  }

  /// The light with a mean radiance of the given luminance; the same where there is none.
  package func scaled(toMeanLuminance luminance: Float) -> EnvironmentLight {
    let first = coefficients[0] * Float(SphericalHarmonics.c0)
    let mean = 0.2126 * first.x + 0.7152 * first.y + 0.0722 * first.z
    guard mean > 0 else { return self }
    return EnvironmentLight(coefficients: coefficients.map { $0 * (luminance / mean) })
  }

  /// What a white matt surface gathers, as a share of the radiance, by degree: the cosine lobe's
  /// harmonics over pi (Ramamoorthi and Hanrahan, "An efficient representation for irradiance
  /// environment maps", 2001).
  static let gathered: [Double] = [1, 2.0 / 3, 0.25]

  /// The light that a white matt surface with a unit normal shows, linear RGB, not below 0.
  package func light(onNormal normal: SIMD3<Double>) -> SIMD3<Double> {
    sum(normal, shares: Self.gathered)
  }

  /// The light that a surface of some roughness mirrors from a unit direction: between the radiance
  /// there, at 0, and what a matt surface gathers around it, at 1.
  func mirrored(from direction: SIMD3<Double>, roughness: Double) -> SIMD3<Double> {
    sum(direction, shares: Self.shares(roughness: roughness))
  }

  static func shares(roughness: Double) -> [Double] {
    gathered.map { 1 + roughness * ($0 - 1) }
  }

  private func sum(_ direction: SIMD3<Double>, shares: [Double]) -> SIMD3<Double> {
    let basis = SphericalHarmonics.basis(direction, degree: 2)
    let total = (0..<9).reduce(SIMD3<Double>.zero) { total, index in
      let degree = index == 0 ? 0 : index < 4 ? 1 : 2
      return total + shares[degree] * basis[index] * SIMD3<Double>(coefficients[index])
    }
    return pointwiseMax(total, .zero)
  }

  /// The coefficients of 1, x, y, z, xy, yz, z^2 - 1/3, xz and x^2 - y^2, the shares of the degrees
  /// in them; RGB inner.
  func polynomial(shares: [Double]) -> [Float] {
    // What each polynomial has for a factor in the basis functions, and where it stands there.
    let c1 = 0.488_602_511_902_919_92
    let c2 = 1.092_548_430_592_079_2
    let terms = [
      (0, SphericalHarmonics.c0), (3, -c1), (1, -c1), (2, c1), (4, c2), (5, -c2),
      (6, 0.946_174_695_757_560_1), (7, -c2), (8, c2 / 2),
    ]
    return terms.flatMap { index, factor in
      let degree = index == 0 ? 0 : index < 4 ? 1 : 2
      let value = shares[degree] * factor * SIMD3<Double>(coefficients[index])
      return [Float(value.x), Float(value.y), Float(value.z)]
    }
  }
}
