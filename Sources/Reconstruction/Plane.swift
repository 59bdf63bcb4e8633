// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
package import Randomness

/// A plane: the points p with `dot(normal, p) = offset`.
package struct Plane: Equatable, Sendable {
  /// The direction across the plane, of length one.
  package var normal: SIMD3<Double>
  /// The distance of the plane from the origin along the normal.
  package var offset: Double

  /// Makes a plane through a point.
  package init(normal: SIMD3<Double>, through point: SIMD3<Double>) {
    self.normal = normalize(normal)
    offset = dot(self.normal, point)
  }

  /// Returns how far a point lies on the normal's side; negative on the other.
  package func height(of point: SIMD3<Double>) -> Double { dot(normal, point) - offset }

  /// The same plane with its normal reversed.
  package var reversed: Plane { Plane(normal: -normal, through: normal * offset) }

  /// Returns the plane with the least sum of squared distances to the points.
  ///
  /// Its normal is the eigenvector of the points' covariance with the smallest eigenvalue. Nil for
  /// fewer than three points.
  package init?(fitting points: [SIMD3<Double>]) {
    guard points.count >= 3 else { return nil }
    let mean = points.reduce(SIMD3<Double>.zero, +) / Double(points.count)
    var covariance = Matrix3(columns: .zero, .zero, .zero)
    for point in points {
      let d = point - mean
      covariance.column0 += d * d.x
      covariance.column1 += d * d.y
      covariance.column2 += d * d.z
    }
    guard let eigen = symmetricEigen(covariance) else { return nil }
    self.init(normal: eigen.vectors.column0, through: mean)
  }

  /// Returns the root mean square distance of the points from the plane; 0 for none.
  package func residual(_ points: [SIMD3<Double>]) -> Double {
    guard !points.isEmpty else { return 0 }
    let sum = points.reduce(0) { $0 + height(of: $1) * height(of: $1) }
    return (sum / Double(points.count)).squareRoot()
  }

  /// Finds the plane that most points lie near, then fits it to them.
  ///
  /// RANSAC (Fischler and Bolles 1981): the best of `trialCount` planes through three random
  /// points, counted on at most 4,000 evenly picked points, then fitted twice by least squares.
  ///
  /// - Parameters:
  ///   - points: The points; fewer than three give nil.
  ///   - tolerance: How far a point that counts may lie from the plane.
  ///   - trialCount: The number of planes tried.
  ///   - stream: Where the choices come from.
  /// - Returns: The plane and the points within the tolerance of it.
  package static func dominant(
    in points: [SIMD3<Double>], tolerance: Double, trialCount: Int = 300,
    stream: inout RandomStream
  ) -> (plane: Plane, inliers: [SIMD3<Double>])? {
    guard points.count >= 3 else { return nil }
    let sampleStep = max(1, points.count / 4000)
    let sample = stride(from: 0, to: points.count, by: sampleStep).map { points[$0] }
    var best: (plane: Plane, count: Int)?
    for _ in 0..<trialCount {
      let corners = (0..<3).map { _ in points[stream.index(below: points.count)] }
      let normal = cross(corners[1] - corners[0], corners[2] - corners[0])
      guard length(normal) > 0 else { continue }
      let plane = Plane(normal: normal, through: corners[0])
      let count = sample.count { abs(plane.height(of: $0)) <= tolerance }
      if count > best?.count ?? 0 { best = (plane, count) }
    }
    guard var plane = best?.plane else { return nil }
    var inliers: [SIMD3<Double>] = []
    for _ in 0..<2 {
      inliers = points.filter { abs(plane.height(of: $0)) <= tolerance }
      guard let fitted = Plane(fitting: inliers) else { return nil }
      plane = dot(fitted.normal, plane.normal) < 0 ? fitted.reversed : fitted
    }
    return (plane, inliers)
  }
}
