// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Geometry

/// A cloud of 3-D Gaussians, stored by columns.
///
/// Encodings are those of the training code (Kerbl et al. 2023), and each name says its own:
///
///     positions          in the cloud's frame, metres                       (count)
///     logScales          natural logarithm of the standard deviations, m    (count)
///     rotations          unit quaternions, cloud from ellipsoid             (count)
///     opacityLogits      opacity = 1 / (1 + exp(-logit))                    (count)
///     sh0                degree-0 SH coefficients, RGB                      (count)
///     shRest             degrees 1...shDegree, [count x K x 3], RGB inner   (count * K * 3)
///     instanceIDs        0 for background; empty means 0 for all            (count or 0)
///
/// with K = (shDegree + 1)^2 - 1. Display colour (sRGB, not linear) in direction d is
/// `max(0, 0.5 + C0 * sh0 + sum_k basis_k(d) * shRest[k])`, see `SphericalHarmonics`.
package struct SplatCloud: Equatable, Sendable {
  /// The highest degree of the colour's spherical harmonics, 0...4.
  package let shDegree: Int
  /// The centres in the cloud's frame, metres.
  package var positions: [SIMD3<Float>] = []
  /// The logarithms of the standard deviations along the ellipsoid's axes, ln metres.
  package var logScales: [SIMD3<Float>] = []
  /// The ellipsoids' orientations, cloud from ellipsoid.
  package var rotations: [Quaternion<Float>] = []
  /// The opacities before the logistic function.
  package var opacityLogits: [Float] = []
  /// The degree-0 colour coefficients, RGB.
  package var sh0: [SIMD3<Float>] = []
  /// The colour coefficients of degrees 1 and up: [count x K x 3], coefficient-major, RGB inner.
  package var shRest: [Float] = []
  /// The instance of each splat, 0 for background; empty when all are background.
  package var instanceIDs: [UInt32] = []

  /// Makes an empty cloud.
  package init(shDegree: Int) {
    precondition((0...4).contains(shDegree), "SH degree \(shDegree) is outside 0...4")
    self.shDegree = shDegree
  }

  /// The number of splats.
  package var count: Int { positions.count }

  /// The number of colour coefficients per channel above degree 0.
  package var restCoefficientCount: Int { (shDegree + 1) * (shDegree + 1) - 1 }

  /// Reserves room for `capacity` splats in every column.
  package mutating func reserveCapacity(_ capacity: Int) {
    positions.reserveCapacity(capacity)
    logScales.reserveCapacity(capacity)
    rotations.reserveCapacity(capacity)
    opacityLogits.reserveCapacity(capacity)
    sh0.reserveCapacity(capacity)
    shRest.reserveCapacity(capacity * restCoefficientCount * 3)
  }

  /// Traps unless every column has the length the others ask for.
  package func checkInvariants() {
    precondition(logScales.count == count && rotations.count == count)
    precondition(opacityLogits.count == count && sh0.count == count)
    precondition(shRest.count == count * restCoefficientCount * 3)
    precondition(instanceIDs.isEmpty || instanceIDs.count == count)
  }
}
