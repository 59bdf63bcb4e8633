// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry

/// The covariance of a splat: a symmetric matrix of 3 x 3, square metres.
struct Covariance: Equatable {
  var xx: Double
  var xy: Double
  var xz: Double
  var yy: Double
  var yz: Double
  var zz: Double

  static let zero = Covariance(xx: 0, xy: 0, xz: 0, yy: 0, yz: 0, zz: 0)

  /// The covariance of a Gaussian with the given deviations along its turned axes.
  init(rotation: Quaternion<Double>, deviations: SIMD3<Double>) {
    let turn = rotation.matrix
    let (a, b, c) = (
      turn.column0 * deviations.x, turn.column1 * deviations.y, turn.column2 * deviations.z
    )
    self.init(xx: 0, xy: 0, xz: 0, yy: 0, yz: 0, zz: 0)
    for axis in [a, b, c] { add(outerSquareOf: axis, weight: 1) }
  }

  init(xx: Double, xy: Double, xz: Double, yy: Double, yz: Double, zz: Double) {
    (self.xx, self.xy, self.xz) = (xx, xy, xz)
    (self.yy, self.yz, self.zz) = (yy, yz, zz)
  }

  mutating func add(outerSquareOf v: SIMD3<Double>, weight: Double) {
    xx += weight * v.x * v.x
    xy += weight * v.x * v.y
    xz += weight * v.x * v.z
    yy += weight * v.y * v.y
    yz += weight * v.y * v.z
    zz += weight * v.z * v.z
  }

  mutating func add(_ other: Covariance, weight: Double) {
    xx += weight * other.xx
    xy += weight * other.xy
    xz += weight * other.xz
    yy += weight * other.yy
    yz += weight * other.yz
    zz += weight * other.zz
  }

  static func + (left: Covariance, right: Covariance) -> Covariance {
    var sum = left
    sum.add(right, weight: 1)
    return sum
  }

  var determinant: Double {
    xx * (yy * zz - yz * yz) - xy * (xy * zz - yz * xz) + xz * (xy * yz - yy * xz)
  }

  /// The sum of the squared products of two deviations each: the square of an area.
  var secondInvariant: Double {
    xx * yy - xy * xy + xx * zz - xz * xz + yy * zz - yz * yz
  }

  /// `v` times the inverse times `v`; the determinant is not zero.
  func inverseForm(_ v: SIMD3<Double>, determinant: Double) -> Double {
    let first = (yy * zz - yz * yz) * v.x + (xz * yz - xy * zz) * v.y + (xy * yz - xz * yy) * v.z
    let second = (xz * yz - xy * zz) * v.x + (xx * zz - xz * xz) * v.y + (xy * xz - xx * yz) * v.z
    let third = (xy * yz - xz * yy) * v.x + (xy * xz - xx * yz) * v.y + (xx * yy - xy * xy) * v.z
    return (first * v.x + second * v.y + third * v.z) / determinant
  }

  /// The deviations along the principal axes, and the rotation that turns the axes there.
  ///
  /// Jacobi's method: each rotation makes one element off the diagonal zero.
  var principalAxes: (deviations: SIMD3<Double>, rotation: Quaternion<Double>) {
    var m = self
    var (x, y, z) = (SIMD3(1.0, 0, 0), SIMD3(0.0, 1, 0), SIMD3(0.0, 0, 1))
    let small = 1e-30 * (xx + yy + zz) * (xx + yy + zz)
    for _ in 0..<Self.largestSweepCount {
      guard m.xy * m.xy + m.xz * m.xz + m.yz * m.yz > small else { break }
      let xToY = Self.rotate(&m.xx, &m.yy, &m.xy, &m.xz, &m.yz)
      (x, y) = (xToY.cosine * x - xToY.sine * y, xToY.sine * x + xToY.cosine * y)
      let xToZ = Self.rotate(&m.xx, &m.zz, &m.xz, &m.xy, &m.yz)
      (x, z) = (xToZ.cosine * x - xToZ.sine * z, xToZ.sine * x + xToZ.cosine * z)
      let yToZ = Self.rotate(&m.yy, &m.zz, &m.yz, &m.xy, &m.xz)
      (y, z) = (yToZ.cosine * y - yToZ.sine * z, yToZ.sine * y + yToZ.cosine * z)
    }
    let variances = pointwiseMax(SIMD3(m.xx, m.yy, m.zz), .zero)
    return (
      variances.squareRoot(), Quaternion(matrix: Matrix3(columns: x, y, cross(x, y))).normalized
    )
  }

  /// Convergence is quadratic; five sweeps do for any matrix of 3 x 3.
  private static let largestSweepCount = 12

  /// Turns two axes so that the element between them, `between`, becomes zero; `u` and `v` are
  /// those between them and the third.
  private static func rotate(
    _ first: inout Double, _ second: inout Double, _ between: inout Double,
    _ u: inout Double, _ v: inout Double
  ) -> (sine: Double, cosine: Double) {
    guard between != 0 else { return (0, 1) }
    let half = (second - first) / (2 * between)
    let tangent = (half < 0 ? -1 : 1) / (abs(half) + (half * half + 1).squareRoot())
    let cosine = 1 / (tangent * tangent + 1).squareRoot()
    let sine = tangent * cosine
    first -= tangent * between
    second += tangent * between
    between = 0
    (u, v) = (cosine * u - sine * v, sine * u + cosine * v)
    return (sine, cosine)
  }
}
