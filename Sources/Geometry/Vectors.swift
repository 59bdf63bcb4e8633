// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The cross product, right-handed.
@inlinable public func cross<Scalar: FloatingPoint & SIMDScalar>(
  _ a: SIMD3<Scalar>, _ b: SIMD3<Scalar>
) -> SIMD3<Scalar> {
  SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

/// The dot product.
@inlinable public func dot<Scalar: FloatingPoint & SIMDScalar>(
  _ a: SIMD3<Scalar>, _ b: SIMD3<Scalar>
) -> Scalar {
  a.x * b.x + a.y * b.y + a.z * b.z
}

/// The Euclidean length.
@inlinable public func length<Scalar: FloatingPoint & SIMDScalar>(_ v: SIMD3<Scalar>) -> Scalar {
  dot(v, v).squareRoot()
}

/// The vector scaled to length one; zero stays zero.
@inlinable public func normalize<Scalar: FloatingPoint & SIMDScalar>(
  _ v: SIMD3<Scalar>
) -> SIMD3<Scalar> {
  let size = length(v)
  return size > 0 ? v / size : v
}

extension Double {
  /// The sine of this angle in radians.
  package var sine: Double { sin(self) }
  /// The cosine of this angle in radians.
  package var cosine: Double { cos(self) }
  /// Returns the angle of the point (x, y) with this number as its y, radians, -pi...pi.
  package func arcTangent(over x: Double) -> Double { atan2(self, x) }
  /// This angle, given in degrees, in radians.
  package var radiansFromDegrees: Double { self * .pi / 180 }
  /// This angle, given in radians, in degrees.
  package var degreesFromRadians: Double { self * 180 / .pi }
}
