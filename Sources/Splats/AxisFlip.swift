// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// A change of frame that negates some axes, such as between the letters RDF (PLY) and RUB (SPZ).
///
/// It is its own inverse. Readers and writers multiply each column by its own factors while they
/// pass over it anyway. Source: `CoordinateConverter` in nianticlabs/spz, `splat-types.h`.
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

  /// The flip that changes nothing.
  package static let none = AxisFlip()
  /// Right-down-forward from right-up-back, and the way back: half a turn about x (PLY and SPZ).
  package static let rdfFromRUB = AxisFlip(y: true, z: true)

  /// The factor, 1 or -1, of each coordinate of a position.
  package var axisSigns: SIMD3<Float> { SIMD3(x ? -1 : 1, y ? -1 : 1, z ? -1 : 1) }

  /// The factor of a quaternion's x, y and z; w stays.
  ///
  /// The rotation matrix R becomes F R F for F = diag(sx, sy, sz), so the factors are sy sz, sx sz
  /// and sx sy.
  package var rotationSigns: SIMD3<Float> {
    let s = axisSigns
    return SIMD3(s.y * s.z, s.x * s.z, s.x * s.y)
  }

  /// Returns the factor of each SH coefficient of degrees 1...`degree`, in their order.
  ///
  /// A function of order m is odd in y when m < 0, odd in x when m > 0 is odd or m < 0 is even, and
  /// odd in z when l - |m| is odd.
  package func coefficientSigns(degree: Int) -> [Float] {
    var signs: [Float] = []
    for l in stride(from: 1, through: degree, by: 1) {
      for m in -l...l {
        let oddInX = m < 0 ? m % 2 == 0 : m % 2 == 1
        let oddInZ = (l - abs(m)) % 2 == 1
        var sign: Float = 1
        if oddInX && x { sign = -sign }
        if m < 0 && y { sign = -sign }
        if oddInZ && z { sign = -sign }
        signs.append(sign)
      }
    }
    return signs
  }
}
