// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Geometry

/// A change of frame that negates some axes, such as between the letters RDF (PLY) and RUB (SPZ).
///
/// It is its own inverse. An odd number of flips changes handedness.
package struct AxisFlip: Equatable, Sendable {
  /// Whether x changes its sign.
  package let x: Bool
  /// Whether y changes its sign.
  package let y: Bool
  /// Whether z changes its sign.
  package let z: Bool

  /// Makes a flip of the axes that are true.
  package init(x: Bool = false, y: Bool = false, z: Bool = false) {
    self.x = x
    self.y = y
    self.z = z
  }

  /// Right-down-forward from right-up-back, and the way back: half a turn about x (PLY and SPZ).
  package static let rdfFromRUB = AxisFlip(y: true, z: true)
  /// Right-down-forward from left-up-forward, and the way back: half a turn about z (PLY and glTF).
  package static let rdfFromLUF = AxisFlip(x: true, y: true)

  /// One factor, 1 or -1, an axis.
  package var signs: SIMD3<Float> { SIMD3(x ? -1 : 1, y ? -1 : 1, z ? -1 : 1) }
}

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
      result.rotations[index] = (floatTurn * rotations[index]).normalized
    }
    SphericalHarmonicsRotation(degree: shDegree, rotation: turn).apply(to: &result.shRest)
    return result
  }

  /// Negates axes of the cloud's frame, with the ellipsoids and the colour, in place.
  ///
  /// The rotation matrix R becomes F R F for the flip F = diag(sx, sy, sz), and the quaternion's
  /// imaginary parts are multiplied by sy sz, sx sz and sx sy (SPZ, `splat-types.h`).
  package mutating func flip(_ flip: AxisFlip) {
    let s = flip.signs
    let imaginary = SIMD3(s.y * s.z, s.x * s.z, s.x * s.y)
    for index in 0..<count {
      positions[index] *= s
      let q = rotations[index]
      rotations[index] = Quaternion(
        w: q.w, x: q.x * imaginary.x, y: q.y * imaginary.y, z: q.z * imaginary.z)
    }
    let signs = SphericalHarmonics.flipSigns(flip, degree: shDegree)
    guard !signs.isEmpty else { return }
    for index in shRest.indices { shRest[index] *= signs[index / 3 % signs.count] }
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
