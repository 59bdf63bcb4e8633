// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// Radial and tangential distortion of a pinhole: eight coefficients.
///
/// With the slopes `q = (x / z, y / z)`, `r = |q|` and `p = (p2, p1)` the place is
///
///     q (1 + k1 r^2 + k2 r^4 + k3 r^6) / (1 + k4 r^2 + k5 r^4 + k6 r^6) + 2 (p . q) q + r^2 p
///
/// Source: OpenCV, "Camera Calibration and 3D Reconstruction", the detailed description; its order
/// of the coefficients, and that of COLMAP's OPENCV (the first four) and FULL_OPENCV, is
/// k1 k2 p1 p2 k3 k4 k5 k6.
///
/// The domain is the largest disc of slopes, `r <= largestSlope`, where the derivative is positive
/// definite. The derivative is symmetric, so on that disc the place is the gradient of a convex
/// function, which takes no value twice; beyond it the image would fold back over itself. With d
/// the radial part, no eigenvalue on the circle of radius r is below
/// `min(d(r) / r, d'(r)) - 6 |p| r`, and one is just that where q points against p and d' is the
/// smaller. Where this is first 0, searched in steps of 0.02 degrees, the domain ends; at the
/// latest 89.98 degrees from the axis.
package struct BrownConradyLens: Equatable, Sendable {
  /// The numerator's coefficient of r^2.
  package let k1: Double
  /// The numerator's coefficient of r^4.
  package let k2: Double
  /// The numerator's coefficient of r^6.
  package let k3: Double
  /// The denominator's coefficient of r^2.
  package let k4: Double
  /// The denominator's coefficient of r^4.
  package let k5: Double
  /// The denominator's coefficient of r^6.
  package let k6: Double
  /// The tangential coefficient of y.
  package let p1: Double
  /// The tangential coefficient of x.
  package let p2: Double
  /// The tangent of the largest angle to the axis that is seen.
  package private(set) var largestSlope: Double

  /// Makes a lens from its coefficients, all finite; those left out are 0.
  package init(
    k1: Double = 0, k2: Double = 0, p1: Double = 0, p2: Double = 0, k3: Double = 0,
    k4: Double = 0, k5: Double = 0, k6: Double = 0
  ) {
    let all = [k1, k2, p1, p2, k3, k4, k5, k6]
    precondition(all.allSatisfy(\.isFinite), "the coefficients of a lens are finite, not \(all)")
    (self.k1, self.k2, self.k3) = (k1, k2, k3)
    (self.k4, self.k5, self.k6) = (k4, k5, k6)
    (self.p1, self.p2) = (p1, p2)
    largestSlope = 0
    // Steps of the angle, not of the slope, look as closely at the edge as at the middle.
    let (end, steps) = (89.98.radiansFromDegrees, 4499)
    let angle = lastPositive(of: leastEigenvalue, upTo: end, steps: steps)
    largestSlope = angle.sine / angle.cosine
  }

  /// Returns the place of the slopes (x / z, y / z), or nil beyond the domain.
  func distort(_ slope: SIMD2<Double>) -> SIMD2<Double>? {
    let squared = (slope * slope).sum()
    guard squared.squareRoot() <= largestSlope else { return nil }
    let p = SIMD2(p2, p1)
    return slope * (radial(squared).factor + 2 * (p * slope).sum()) + squared * p
  }

  /// Returns the slopes that are seen at a place, or nil where none is; exact to rounding.
  func undistort(_ place: SIMD2<Double>) -> SIMD2<Double>? {
    guard var slope = withoutTangential(place) else { return nil }
    guard var miss = distort(slope).map({ $0 - place }) else { return nil }
    // Newton's method, each step halved until it stays in the domain and comes closer.
    for _ in 0..<Self.mostIterations {
      let step = inverseDerivative(at: slope, times: miss)
      var share = 1.0
      var isCloser = false
      while !isCloser, share > Self.smallestShare {
        let candidate = slope - share * step
        share /= 2
        guard let next = distort(candidate).map({ $0 - place }) else { continue }
        guard squaredLength(next) < squaredLength(miss) else { continue }
        (slope, miss, isCloser) = (candidate, next, true)
      }
      // No closer place: rounding has been reached, or the edge of the domain.
      if !isCloser { break }
    }
    let tolerance = Self.tolerance * (1 + squaredLength(place).squareRoot())
    return squaredLength(miss).squareRoot() <= tolerance ? slope : nil
  }

  private static let mostIterations = 50
  private static let smallestShare = 1e-6
  /// What a hundred roundings may leave between a place and the place of its slopes.
  private static let tolerance = 1e-13

  /// The slopes of a place if there were no tangential part, a hair within the domain.
  private func withoutTangential(_ place: SIMD2<Double>) -> SIMD2<Double>? {
    let distance = squaredLength(place).squareRoot()
    guard distance.isFinite else { return nil }
    guard distance > 0 else { return .zero }
    let slope = increasingRoot(upTo: largestSlope * (1 - 1e-12)) { r in
      let (factor, stretch) = radial(r * r)
      return (r * factor - distance, stretch)
    }
    return place * (slope / distance)
  }

  /// The radial factor d / r and the stretch d' = factor + r factor', at r squared.
  private func radial(_ s: Double) -> (factor: Double, stretch: Double) {
    let numerator = 1 + s * (k1 + s * (k2 + s * k3))
    let denominator = 1 + s * (k4 + s * (k5 + s * k6))
    let numeratorSlope = k1 + s * (2 * k2 + s * 3 * k3)
    let denominatorSlope = k4 + s * (2 * k5 + s * 3 * k6)
    let factor = numerator / denominator
    // The derivative by s, of which the derivative by r is 2 r times as much.
    let change = (numeratorSlope - factor * denominatorSlope) / denominator
    return (factor, factor + 2 * s * change)
  }

  /// What no eigenvalue of the derivative is below, on the circle of an angle to the axis; negative
  /// where the denominator is not positive.
  private func leastEigenvalue(angle: Double) -> Double {
    let r = angle.sine / angle.cosine
    let s = r * r
    guard 1 + s * (k4 + s * (k5 + s * k6)) > 0 else { return -1 }
    let (factor, stretch) = radial(s)
    return min(factor, stretch) - 6 * (p1 * p1 + p2 * p2).squareRoot() * r
  }

  private func inverseDerivative(
    at slope: SIMD2<Double>, times vector: SIMD2<Double>
  ) -> SIMD2<Double> {
    let s = squaredLength(slope)
    let (factor, stretch) = radial(s)
    let change = s > 0 ? (stretch - factor) / s : 0
    let (x, y) = (slope.x, slope.y)
    let xx = factor + change * x * x + 2 * p1 * y + 6 * p2 * x
    let xy = change * x * y + 2 * p1 * x + 2 * p2 * y
    let yy = factor + change * y * y + 6 * p1 * y + 2 * p2 * x
    let determinant = xx * yy - xy * xy
    return SIMD2(yy * vector.x - xy * vector.y, xx * vector.y - xy * vector.x) / determinant
  }

  private func squaredLength(_ vector: SIMD2<Double>) -> Double { (vector * vector).sum() }
}
