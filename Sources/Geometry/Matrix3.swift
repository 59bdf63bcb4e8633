// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// A 3 x 3 matrix of doubles, stored by columns.
package struct Matrix3: Equatable, Sendable {
  /// The first column: where the x axis goes.
  package var column0: SIMD3<Double>
  /// The second column: where the y axis goes.
  package var column1: SIMD3<Double>
  /// The third column: where the z axis goes.
  package var column2: SIMD3<Double>

  /// Makes a matrix from its columns.
  @inlinable package init(
    columns column0: SIMD3<Double>, _ column1: SIMD3<Double>, _ column2: SIMD3<Double>
  ) {
    self.column0 = column0
    self.column1 = column1
    self.column2 = column2
  }

  /// The identity.
  @inlinable package static var identity: Self {
    Self(columns: SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1))
  }

  /// The matrix with rows and columns exchanged; the inverse of a rotation.
  @inlinable package var transpose: Self {
    Self(
      columns: SIMD3(column0.x, column1.x, column2.x), SIMD3(column0.y, column1.y, column2.y),
      SIMD3(column0.z, column1.z, column2.z))
  }

  /// The determinant.
  @inlinable package var determinant: Double { dot(column0, cross(column1, column2)) }

  /// The product of a matrix and a column vector.
  @inlinable package static func * (matrix: Self, vector: SIMD3<Double>) -> SIMD3<Double> {
    matrix.column0 * vector.x + matrix.column1 * vector.y + matrix.column2 * vector.z
  }

  /// The product of two matrices; the right one acts first.
  @inlinable package static func * (left: Self, right: Self) -> Self {
    Self(columns: left * right.column0, left * right.column1, left * right.column2)
  }
}

extension Quaternion<Double> {
  /// Makes the unit quaternion of a rotation matrix, with `w >= 0`.
  ///
  /// Shepperd's method: the largest of the four parts is found first, so that no small number
  /// divides. The matrix is taken to be orthonormal with determinant one.
  package init(matrix m: Matrix3) {
    let (xx, yy, zz) = (m.column0.x, m.column1.y, m.column2.z)
    let q: Self
    if xx + yy + zz > 0 {
      let s = (1 + xx + yy + zz).squareRoot() * 2
      q = Self(
        w: s / 4, x: (m.column1.z - m.column2.y) / s, y: (m.column2.x - m.column0.z) / s,
        z: (m.column0.y - m.column1.x) / s)
    } else if xx >= yy && xx >= zz {
      let s = (1 + xx - yy - zz).squareRoot() * 2
      q = Self(
        w: (m.column1.z - m.column2.y) / s, x: s / 4, y: (m.column1.x + m.column0.y) / s,
        z: (m.column2.x + m.column0.z) / s)
    } else if yy >= zz {
      let s = (1 + yy - xx - zz).squareRoot() * 2
      q = Self(
        w: (m.column2.x - m.column0.z) / s, x: (m.column1.x + m.column0.y) / s, y: s / 4,
        z: (m.column2.y + m.column1.z) / s)
    } else {
      let s = (1 + zz - xx - yy).squareRoot() * 2
      q = Self(
        w: (m.column0.y - m.column1.x) / s, x: (m.column2.x + m.column0.z) / s,
        y: (m.column2.y + m.column1.z) / s, z: s / 4)
    }
    self = (q.w < 0 ? Self(w: -q.w, x: -q.x, y: -q.y, z: -q.z) : q).normalized
  }

  /// The rotation matrix of this unit quaternion.
  package var matrix: Matrix3 {
    Matrix3(
      columns: rotate(SIMD3(1, 0, 0)), rotate(SIMD3(0, 1, 0)), rotate(SIMD3(0, 0, 1)))
  }
}
