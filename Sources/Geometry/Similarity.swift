// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// A uniform scale, then a rotation, then a translation: `pInB = scale * rotation(pInA) +
/// translation`.
///
/// It joins frames whose units differ, such as a reconstruction's and metres. Named `bFromA`, like
/// `RigidTransform`.
package struct Similarity: Equatable, Sendable {
  /// The unit quaternion that turns directions of A into directions of B.
  package var rotation: Quaternion<Double>
  /// The origin of A in B, in B's unit.
  package var translation: SIMD3<Double>
  /// The length in B of one unit of A; positive.
  package var scale: Double

  /// Makes a similarity from its three parts.
  package init(
    rotation: Quaternion<Double> = .identity, translation: SIMD3<Double> = .zero, scale: Double = 1
  ) {
    precondition(scale > 0 && scale.isFinite, "a similarity's scale is positive, not \(scale)")
    self.rotation = rotation
    self.translation = translation
    self.scale = scale
  }

  /// Makes the similarity that is a rigid transform.
  package init(_ rigid: RigidTransform) {
    self.init(rotation: rigid.rotation, translation: rigid.translation)
  }

  /// The similarity that moves nothing.
  package static let identity = Similarity()

  /// The similarity from B back to A.
  package var inverse: Similarity {
    let back = rotation.conjugate
    return Similarity(
      rotation: back, translation: -back.rotate(translation) / scale, scale: 1 / scale)
  }

  /// Composes two similarities; the right one acts first.
  package static func * (cFromB: Similarity, bFromA: Similarity) -> Similarity {
    Similarity(
      rotation: cFromB.rotation * bFromA.rotation, translation: cFromB * bFromA.translation,
      scale: cFromB.scale * bFromA.scale)
  }

  /// Moves a point of A into B.
  package static func * (bFromA: Similarity, pointInA: SIMD3<Double>) -> SIMD3<Double> {
    bFromA.scale * bFromA.rotation.rotate(pointInA) + bFromA.translation
  }
}
