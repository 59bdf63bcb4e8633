// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// A fisheye after Kannala and Brandt: the distance from the middle is a polynomial of the angle.
///
/// A direction at the angle t to the axis lies at the distance
/// `d(t) = t (1 + k1 t^2 + k2 t^4 + k3 t^6 + k4 t^8)` from (0, 0), towards (x, y).
///
/// Sources: Kannala and Brandt, "A generic camera model and calibration method for conventional,
/// wide-angle, and fish-eye lenses", PAMI 2006, eq. 6; OpenCV's `fisheye` and COLMAP's
/// OPENCV_FISHEYE, which take the angle from x / z and so end at 90 degrees, where this goes on.
///
/// The domain is the cone of angles up to `largestAngle`, where d first stops growing, searched in
/// steps of 0.04 degrees, or pi. Straight back has no place: there d is a circle.
package struct FisheyeLens: Equatable, Sendable {
  /// The coefficient of t^3.
  package let k1: Double
  /// The coefficient of t^5.
  package let k2: Double
  /// The coefficient of t^7.
  package let k3: Double
  /// The coefficient of t^9.
  package let k4: Double
  /// The largest angle to the axis that is seen, radians, at most pi.
  package private(set) var largestAngle: Double

  /// Makes a lens from its coefficients, all finite; without any it is equidistant.
  package init(k1: Double = 0, k2: Double = 0, k3: Double = 0, k4: Double = 0) {
    let all = [k1, k2, k3, k4]
    precondition(all.allSatisfy(\.isFinite), "the coefficients of a lens are finite, not \(all)")
    (self.k1, self.k2, self.k3, self.k4) = (k1, k2, k3, k4)
    largestAngle = .pi
    let steps = 4500
    largestAngle = lastPositive(of: { distance(at: $0).stretch }, upTo: .pi, steps: steps)
  }

  /// Returns the place of a direction, or nil beyond the domain.
  func place(of direction: SIMD3<Double>) -> SIMD2<Double>? {
    let aside = SIMD2(direction.x, direction.y)
    let radius = (aside * aside).sum().squareRoot()
    let angle = radius.arcTangent(over: direction.z)
    guard angle <= largestAngle, radius.isFinite else { return nil }
    guard radius > 0 else { return direction.z > 0 ? .zero : nil }
    return aside * (distance(at: angle).value / radius)
  }

  /// Returns the unit direction that is seen at a place, or nil where none is.
  func direction(at place: SIMD2<Double>) -> SIMD3<Double>? {
    let radius = (place * place).sum().squareRoot()
    guard radius <= distance(at: largestAngle).value else { return nil }
    guard radius > 0 else { return SIMD3(0, 0, 1) }
    let angle = increasingRoot(upTo: largestAngle) { angle in
      let (value, stretch) = distance(at: angle)
      return (value - radius, stretch)
    }
    let aside = place * (angle.sine / radius)
    return SIMD3(aside.x, aside.y, angle.cosine)
  }

  /// d and its derivative.
  private func distance(at t: Double) -> (value: Double, stretch: Double) {
    let s = t * t
    let value = t * (1 + s * (k1 + s * (k2 + s * (k3 + s * k4))))
    return (value, 1 + s * (3 * k1 + s * (5 * k2 + s * (7 * k3 + s * 9 * k4))))
  }
}
