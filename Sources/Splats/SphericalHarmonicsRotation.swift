// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Geometry

/// The matrices that turn spherical-harmonic coefficients along with the thing they colour.
///
/// If `f` has the coefficients c and `g(d) = f(inverse(rotation)(d))`, then g has, degree by
/// degree, the coefficients D c with D[i][j] = integral over the sphere of Y_i(d)
/// Y_j(inverse(rotation)(d)). The integrand is a polynomial of degree 8 at most, which
/// Gauss-Legendre quadrature in z with five nodes times ten equal steps in longitude integrates
/// exactly; no recursion is needed.
package struct SphericalHarmonicsRotation: Sendable {
  /// The degree up to which coefficients are turned.
  package let degree: Int
  /// One row-major (2l+1) x (2l+1) matrix for each degree l = 1...degree.
  private let matrices: [[Float]]

  /// Nodes and weights of the five-point rule on -1...1 (Abramowitz and Stegun, table 25.4).
  private static let legendreRule: [(node: Double, weight: Double)] = [
    (-0.906_179_845_938_664, 0.236_926_885_056_189_08),
    (-0.538_469_310_105_683_1, 0.478_628_670_499_366_47),
    (0, 0.568_888_888_888_888_9),
    (0.538_469_310_105_683_1, 0.478_628_670_499_366_47),
    (0.906_179_845_938_664, 0.236_926_885_056_189_08),
  ]
  private static let longitudeCount = 10

  /// Computes the matrices of a rotation; about 10 microseconds.
  package init(degree: Int, rotation bFromA: Quaternion<Double>) {
    self.degree = degree
    let aFromB = bFromA.conjugate
    var matrices = (0...degree).dropFirst().map { l in
      [Double](repeating: 0, count: (2 * l + 1) * (2 * l + 1))
    }
    for (z, nodeWeight) in Self.legendreRule {
      let radius = (1 - z * z).squareRoot()
      let weight = nodeWeight * 2 * .pi / Double(Self.longitudeCount)
      for step in 0..<Self.longitudeCount {
        let longitude = 2 * .pi * Double(step) / Double(Self.longitudeCount)
        let inB = SIMD3(radius * longitude.cosine, radius * longitude.sine, z)
        let turned = SphericalHarmonics.basis(inB, degree: degree)
        let original = SphericalHarmonics.basis(aFromB.rotate(inB), degree: degree)
        for l in stride(from: 1, through: degree, by: 1) {
          let width = 2 * l + 1
          for i in 0..<width {
            for j in 0..<width {
              matrices[l - 1][i * width + j] += weight * turned[l * l + i] * original[l * l + j]
            }
          }
        }
      }
    }
    self.matrices = matrices.map { $0.map { Float($0) } }
  }

  /// Turns the coefficients of all splats in place.
  ///
  /// - Parameter shRest: [count x K x 3] coefficients of degrees 1...degree, RGB inner.
  package func apply(to shRest: inout [Float]) {
    let stride = ((degree + 1) * (degree + 1) - 1) * 3
    guard stride > 0 else { return }
    precondition(shRest.count % stride == 0, "whole splats of degree \(degree)")
    var band = [SIMD3<Float>](repeating: .zero, count: 2 * degree + 1)
    for splatStart in Swift.stride(from: 0, to: shRest.count, by: stride) {
      for l in 1...degree {
        let width = 2 * l + 1
        let start = splatStart + (l * l - 1) * 3
        for j in 0..<width {
          let at = start + j * 3
          band[j] = SIMD3(shRest[at], shRest[at + 1], shRest[at + 2])
        }
        for i in 0..<width {
          var sum = SIMD3<Float>.zero
          for j in 0..<width { sum += matrices[l - 1][i * width + j] * band[j] }
          for channel in 0..<3 { shRest[start + i * 3 + channel] = sum[channel] }
        }
      }
    }
  }
}
