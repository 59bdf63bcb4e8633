// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// A box along the axes of one frame, metres; empty until something is added.
package struct AxisAlignedBox: Equatable, Sendable {
  /// The smallest corner; +infinity while the box is empty.
  package private(set) var minimum = SIMD3<Double>(repeating: .infinity)
  /// The largest corner; -infinity while the box is empty.
  package private(set) var maximum = SIMD3<Double>(repeating: -.infinity)

  /// Makes a box that contains nothing.
  package init() {}

  /// Whether nothing has been added.
  package var isEmpty: Bool { minimum.x > maximum.x }
  /// The edge lengths, metres; zero for an empty box.
  package var size: SIMD3<Double> { isEmpty ? .zero : maximum - minimum }
  /// The middle of the box.
  package var center: SIMD3<Double> { (minimum + maximum) / 2 }

  /// Grows the box until it contains the point.
  package mutating func add(_ point: SIMD3<Double>) {
    minimum = pointwiseMin(minimum, point)
    maximum = pointwiseMax(maximum, point)
  }

  /// Whether the point lies in the box or on its surface.
  package func contains(_ point: SIMD3<Double>) -> Bool {
    all(point .>= minimum) && all(point .<= maximum)
  }
}
