// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// A rotation followed by a translation, in metres: `pInB = rotation(pInA) + translation`.
///
/// Name every value after its two frames, `bFromA`, so that a wrong product looks wrong:
/// `cFromA = cFromB * bFromA`, `pInB = bFromA * pInA`, `aFromB = bFromA.inverse`.
package struct RigidTransform: Equatable, Sendable {
  /// The unit quaternion that turns directions of A into directions of B.
  package var rotation: Quaternion<Double>
  /// The origin of A in B, metres.
  package var translation: SIMD3<Double>

  /// Makes a transform from its two parts.
  package init(
    rotation: Quaternion<Double> = .identity, translation: SIMD3<Double> = .zero
  ) {
    self.rotation = rotation
    self.translation = translation
  }

  /// The transform that moves nothing.
  package static let identity = RigidTransform()

  /// The transform from B back to A.
  package var inverse: RigidTransform {
    let back = rotation.conjugate
    return RigidTransform(rotation: back, translation: -back.rotate(translation))
  }

  /// Composes two transforms; the right one acts first.
  package static func * (cFromB: RigidTransform, bFromA: RigidTransform) -> RigidTransform {
    RigidTransform(
      rotation: cFromB.rotation * bFromA.rotation,
      translation: cFromB.rotation.rotate(bFromA.translation) + cFromB.translation)
  }

  /// Moves a point of A into B.
  package static func * (bFromA: RigidTransform, pointInA: SIMD3<Double>) -> SIMD3<Double> {
    bFromA.rotation.rotate(pointInA) + bFromA.translation
  }
}
