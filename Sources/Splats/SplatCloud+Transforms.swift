// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Geometry

extension SplatCloud {
  /// Returns the cloud moved by a similarity: centres, ellipsoids and view-dependent colour.
  ///
  /// - Complexity: O(count * K^1.5) for K colour coefficients.
  package func transformed(by bFromA: Similarity) -> SplatCloud {
    var result = self
    let turn = bFromA.rotation.normalized
    let floatTurn = Quaternion<Float>(
      w: Float(turn.w), x: Float(turn.x), y: Float(turn.y), z: Float(turn.z))
    let logScale = SIMD3<Float>(repeating: Float(log(bFromA.scale)))
    for index in 0..<count {
      result.positions[index] = SIMD3<Float>(bFromA * SIMD3<Double>(positions[index]))
      result.logScales[index] = logScales[index] + logScale
      result.rotations[index] = (floatTurn * rotations[index].normalized).normalized
    }
    SphericalHarmonicsRotation(degree: shDegree, rotation: turn).apply(to: &result.shRest)
    return result
  }

  /// The box of the splats' centres (not of their extents); empty for an empty cloud.
  ///
  /// Centres that are not finite are left out.
  package var bounds: AxisAlignedBox {
    var box = AxisAlignedBox()
    for position in positions where isFinite(position) { box.add(SIMD3<Double>(position)) }
    return box
  }
}

/// Whether no part is infinite or not a number.
func isFinite(_ v: SIMD3<Float>) -> Bool { v.x.isFinite && v.y.isFinite && v.z.isFinite }
