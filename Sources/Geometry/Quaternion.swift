// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// A quaternion with named parts, used as a rotation when its length is one.
///
/// The product is Hamilton's, so `cFromB * bFromA` rotates first by `bFromA`. Foreign component
/// orders enter only through `init(wxyz:)` and `init(xyzw:)`.
///
/// Public, though no product exports it: only then does the compiler specialise generic code for
/// the other targets of this package, and unspecialised it is some hundred times slower.
public struct Quaternion<Scalar: BinaryFloatingPoint & SIMDScalar & Sendable>: Equatable, Sendable {
  /// The real part.
  public var w: Scalar
  /// The imaginary part along x.
  public var x: Scalar
  /// The imaginary part along y.
  public var y: Scalar
  /// The imaginary part along z.
  public var z: Scalar

  /// Makes a quaternion from its four parts, without normalising.
  @inlinable public init(w: Scalar, x: Scalar, y: Scalar, z: Scalar) {
    self.w = w
    self.x = x
    self.y = y
    self.z = z
  }

  /// Makes a quaternion from parts in the order w, x, y, z (PLY, MuJoCo, COLMAP).
  @inlinable public init(wxyz parts: SIMD4<Scalar>) {
    self.init(w: parts[0], x: parts[1], y: parts[2], z: parts[3])
  }

  /// Makes a quaternion from parts in the order x, y, z, w (SPZ, glTF, ROS).
  @inlinable public init(xyzw parts: SIMD4<Scalar>) {
    self.init(w: parts[3], x: parts[0], y: parts[1], z: parts[2])
  }

  /// Makes the rotation by `angle` radians about `axis`, which need not be a unit vector.
  ///
  /// A zero axis gives the identity.
  public init(angle: Scalar, axis: SIMD3<Scalar>) {
    let length = (axis * axis).sum().squareRoot()
    guard length > 0 else {
      self = .identity
      return
    }
    let half = Double(angle) / 2
    let sine = Scalar(half.sine) / length
    self.init(w: Scalar(half.cosine), x: axis.x * sine, y: axis.y * sine, z: axis.z * sine)
  }

  /// The rotation that moves nothing.
  @inlinable public static var identity: Self { Self(w: 1, x: 0, y: 0, z: 0) }

  /// The imaginary part.
  @inlinable public var vector: SIMD3<Scalar> { SIMD3(x, y, z) }

  /// The quaternion with its imaginary part negated; the inverse rotation of a unit quaternion.
  @inlinable public var conjugate: Self { Self(w: w, x: -x, y: -y, z: -z) }

  /// The squared length.
  @inlinable public var lengthSquared: Scalar { w * w + x * x + y * y + z * z }

  /// The same direction with length one; nil where all parts are zero or one is not finite.
  @inlinable public var direction: Self? {
    let squared = lengthSquared
    // Fast path: the square of the length neither overflows nor loses bits.
    return squared.isNormal ? divided(by: squared.squareRoot()) : scaledDirection
  }

  /// The direction of this quaternion, or the identity where it has none.
  ///
  /// This is the one rule for rotations from outside: zero or not finite counts as no rotation.
  @inlinable public var normalized: Self { direction ?? .identity }

  @inlinable func divided(by length: Scalar) -> Self {
    Self(w: w / length, x: x / length, y: y / length, z: z / length)
  }

  /// The direction of a quaternion whose squared length is not a normal number.
  @usableFromInline var scaledDirection: Self? {
    guard w.isFinite, x.isFinite, y.isFinite, z.isFinite else { return nil }
    let largest = Swift.max(Swift.max(abs(w), abs(x)), Swift.max(abs(y), abs(z)))
    guard largest > 0 else { return nil }
    let scaled = divided(by: largest)
    return scaled.divided(by: scaled.lengthSquared.squareRoot())
  }

  /// Composes two rotations; the right one acts first.
  @inlinable public static func * (cFromB: Self, bFromA: Self) -> Self {
    let (l, r) = (cFromB, bFromA)
    return Self(
      w: l.w * r.w - l.x * r.x - l.y * r.y - l.z * r.z,
      x: l.w * r.x + l.x * r.w + l.y * r.z - l.z * r.y,
      y: l.w * r.y - l.x * r.z + l.y * r.w + l.z * r.x,
      z: l.w * r.z + l.x * r.y - l.y * r.x + l.z * r.w)
  }

  /// Rotates a vector by this unit quaternion.
  @inlinable public func rotate(_ vector: SIMD3<Scalar>) -> SIMD3<Scalar> {
    // v + 2w (q x v) + 2 q x (q x v)
    let q = self.vector
    let t = 2 * cross(q, vector)
    return vector + w * t + cross(q, t)
  }
}
