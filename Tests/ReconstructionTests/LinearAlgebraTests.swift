// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Testing

@testable import Reconstruction

@Suite struct `Small linear algebra` {
  @Test func `finds the axes of a diagonal matrix, smallest first`() throws {
    let m = Matrix3(columns: SIMD3(3, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 2))
    let eigen = try #require(symmetricEigen(m))
    // 1e-14: the solver's last bits.
    #expect(length(eigen.values - SIMD3(1, 2, 3)) < 1e-14)
    #expect(length(eigen.vectors.column0 - SIMD3(0, 1, 0)) < 1e-14)
    #expect(length(eigen.vectors.column2 - SIMD3(1, 0, 0)) < 1e-14)
    #expect(symmetricEigen(Matrix3(columns: SIMD3(.nan, 0, 0), .zero, .zero)) == nil)
  }

  @Test func `puts a symmetric matrix together again from its parts`() throws {
    let m = Matrix3(columns: SIMD3(2, -1, 0.5), SIMD3(-1, 3, 0.2), SIMD3(0.5, 0.2, 1))
    let (values, vectors) = try #require(symmetricEigen(m))
    for (value, vector) in [
      (values.x, vectors.column0), (values.y, vectors.column1), (values.z, vectors.column2),
    ] { #expect(length(m * vector - value * vector) < 1e-14) }
  }

  @Test func `draws the line nearest to four points`() throws {
    // y = a + b x through (0, 0), (1, 1), (2, 1), (3, 2): b = 0.6, a = 0.1.
    let solution = try #require(
      leastSquares(rows: [[1, 0], [1, 1], [1, 2], [1, 3]], rightSide: [0, 1, 1, 2]))
    #expect(abs(solution[0] - 0.1) < 1e-14 && abs(solution[1] - 0.6) < 1e-14)
  }

  @Test func `gives the shortest answer where many fit`() throws {
    let solution = try #require(leastSquares(rows: [[1, 1]], rightSide: [2]))
    #expect(abs(solution[0] - 1) < 1e-14 && abs(solution[1] - 1) < 1e-14)
    #expect(leastSquares(rows: [[.infinity]], rightSide: [1]) == nil)
    #expect(leastSquares(rows: [], rightSide: []) == nil)
  }
}
