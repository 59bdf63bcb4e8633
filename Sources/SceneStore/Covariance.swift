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
    var matrix = [xx, xy, xz, xy, yy, yz, xz, yz, zz]
    var axes = [1.0, 0, 0, 0, 1, 0, 0, 0, 1]
    let small = 1e-30 * (xx + yy + zz) * (xx + yy + zz)
    for _ in 0..<Self.largestSweepCount {
      let off = matrix[1] * matrix[1] + matrix[2] * matrix[2] + matrix[5] * matrix[5]
      guard off > small else { break }
      for (p, q) in [(0, 1), (0, 2), (1, 2)] { Self.rotate(&matrix, &axes, p, q) }
    }
    func column(_ k: Int) -> SIMD3<Double> { SIMD3(axes[k], axes[3 + k], axes[6 + k]) }
    let last = cross(column(0), column(1))
    return (
      SIMD3(
        max(matrix[0], 0).squareRoot(), max(matrix[4], 0).squareRoot(),
        max(matrix[8], 0).squareRoot()),
      Quaternion(matrix: Matrix3(columns: column(0), column(1), last)).normalized
    )
  }

  /// Convergence is quadratic; five sweeps do for any matrix of 3 x 3.
  private static let largestSweepCount = 12

  private static func rotate(
    _ matrix: inout [Double], _ axes: inout [Double], _ p: Int, _ q: Int
  ) {
    let element = matrix[3 * p + q]
    guard element != 0 else { return }
    let half = (matrix[4 * q] - matrix[4 * p]) / (2 * element)
    let tangent = (half < 0 ? -1 : 1) / (abs(half) + (half * half + 1).squareRoot())
    let cosine = 1 / (tangent * tangent + 1).squareRoot()
    let sine = tangent * cosine
    for k in 0..<3 {
      let (a, b) = (matrix[3 * k + p], matrix[3 * k + q])
      matrix[3 * k + p] = cosine * a - sine * b
      matrix[3 * k + q] = sine * a + cosine * b
    }
    for k in 0..<3 {
      let (a, b) = (matrix[3 * p + k], matrix[3 * q + k])
      matrix[3 * p + k] = cosine * a - sine * b
      matrix[3 * q + k] = sine * a + cosine * b
      let (u, v) = (axes[3 * k + p], axes[3 * k + q])
      axes[3 * k + p] = cosine * u - sine * v
      axes[3 * k + q] = sine * u + cosine * v
    }
  }
}
