// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import CEigen
import Geometry

/// Returns the eigenvalues, ascending, and the unit eigenvectors, as columns, of a symmetric
/// matrix.
///
/// The eigenvectors form a rotation or a reflection; the component of largest magnitude of each is
/// positive. Nil when an entry is not finite.
func symmetricEigen(_ m: Matrix3) -> (values: SIMD3<Double>, vectors: Matrix3)? {
  let entries = [
    m.column0.x, m.column1.x, m.column2.x, m.column0.y, m.column1.y, m.column2.y,
    m.column0.z, m.column1.z, m.column2.z,
  ]
  var values = [Double](repeating: 0, count: 3)
  var vectors = [Double](repeating: 0, count: 9)
  guard unsafe ceigen_symmetric_eigen3(entries, &values, &vectors) == 1 else { return nil }
  let columns = stride(from: 0, to: 9, by: 3).map {
    SIMD3(vectors[$0], vectors[$0 + 1], vectors[$0 + 2])
  }
  return (
    SIMD3(values[0], values[1], values[2]), Matrix3(columns: columns[0], columns[1], columns[2])
  )
}

/// Returns the x that minimises |A x - b|, the shortest one where many do; nil for bad input.
///
/// `rows` are the rows of A, all of the same length; `rightSide` is b, one number a row.
func leastSquares(rows: [[Double]], rightSide: [Double]) -> [Double]? {
  precondition(rows.count == rightSide.count, "one right side a row")
  guard let columnCount = rows.first?.count else { return nil }
  precondition(rows.allSatisfy { $0.count == columnCount }, "rows of one length")
  var solution = [Double](repeating: 0, count: columnCount)
  let solved = unsafe ceigen_solve_damped_least_squares(
    rows.flatMap { $0 }, Int32(rows.count), Int32(columnCount), rightSide, 0, &solution)
  return solved == 1 ? solution : nil
}
