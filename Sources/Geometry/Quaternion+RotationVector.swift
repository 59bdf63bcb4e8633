// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

extension Quaternion<Double> {
  /// Makes the rotation by as many radians as the vector is long, about its direction.
  package init(rotationVector vector: SIMD3<Double>) {
    self.init(angle: length(vector), axis: vector)
  }

  /// The axis of this unit quaternion times its angle, the shorter way round: 0...pi radians.
  package var rotationVector: SIMD3<Double> {
    // A quaternion and its negative are the same rotation; the one with w >= 0 turns less.
    let sign = w < 0 ? -1.0 : 1.0
    let sine = length(vector)
    // Below 1e-8 the angle and twice its half's sine are the same number.
    guard sine > 1e-8 else { return 2 * sign * vector }
    return vector * (2 * sign * sine.arcTangent(over: sign * w) / sine)
  }
}
