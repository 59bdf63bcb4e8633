// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// The shape of a geom in its own frame, metres; every shape is centred on the origin.
package enum Shape: Equatable, Sendable {
  /// The half space below z = 0, drawn with these half sizes; zero means without end.
  case plane(halfX: Double, halfY: Double)
  /// A ball.
  case sphere(radius: Double)
  /// A cylinder along z with half balls on its ends; `halfLength` is of the cylinder alone.
  case capsule(radius: Double, halfLength: Double)
  /// A ball scaled along each axis.
  case ellipsoid(radii: SIMD3<Double>)
  /// A cylinder along z.
  case cylinder(radius: Double, halfLength: Double)
  /// A box.
  case box(halfSizes: SIMD3<Double>)
  /// The triangle mesh of this name. It is drawn as it is; contacts see its convex hull.
  case mesh(name: String)
  /// A height field or signed distance field, which this engine moves but cannot describe.
  case other
}
