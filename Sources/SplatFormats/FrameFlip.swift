// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry

/// The half turn about x between SPZ's axes (right, up, back) and PLY's (right, down, forward).
///
/// It is its own inverse: positions are multiplied by (1, -1, -1) and everything else follows.
/// Source: `CoordinateConverter` in nianticlabs/spz, `splats.md` section 2.3.
enum FrameFlip {
  /// The factor of each axis.
  static let axisSigns = SIMD3<Float>(1, -1, -1)

  /// The factor of a quaternion's x, y and z: the products of the two other axes' signs.
  static let rotationSigns = SIMD3<Float>(
    axisSigns.y * axisSigns.z, axisSigns.x * axisSigns.z, axisSigns.x * axisSigns.y)

  /// The factor of each SH coefficient of degrees 1 to 4, in order.
  ///
  /// A basis function is a polynomial in x, y, z, and its sign is that of its odd powers.
  static let coefficientSigns: [Float] = {
    let (x, y, z) = (axisSigns.x, axisSigns.y, axisSigns.z)
    let degree1 = [y, z, x]
    let degree2 = [x * y, y * z, 1, x * z, 1]
    let degree3 = [y, x * y * z, y, z, x, z, x]
    let degree4 = [x * y, y * z, x * y, y * z, 1, x * z, 1, x * z, 1]
    return degree1 + degree2 + degree3 + degree4
  }()
}
