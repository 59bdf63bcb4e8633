// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// Heights at the points of a grid over east and north, metres in a map's frame.
package struct HeightField: Equatable, Sendable {
  /// The south-western point, east and north, metres.
  package let southWest: SIMD2<Double>
  /// The distance between neighbours, metres.
  package let spacing: Double
  /// The number of points along east.
  package let columnCount: Int
  /// The number of points along north.
  package let rowCount: Int
  /// The heights, row-major from the south-west on; NaN where nobody knows.
  package var heights: [Float]

  /// Makes a field whose heights nobody knows yet.
  package init(southWest: SIMD2<Double>, spacing: Double, columnCount: Int, rowCount: Int) {
    precondition(spacing > 0 && columnCount > 0 && rowCount > 0, "a field has a point")
    self.southWest = southWest
    self.spacing = spacing
    self.columnCount = columnCount
    self.rowCount = rowCount
    heights = Array(repeating: .nan, count: columnCount * rowCount)
  }

  /// Returns the height at a place, bilinear between the grid's points.
  ///
  /// Of points that nobody knows the others' weights take the place; nil where all four are so, and
  /// beyond the grid by more than half its spacing.
  package func height(at place: SIMD2<Double>) -> Double? {
    heights.interpolated(
      at: (place - southWest) / spacing, columnCount: columnCount, rowCount: rowCount)
  }

  /// Fills what nobody knows with the mean of known neighbours, ring by ring inwards.
  ///
  /// A field without any height stays as it is.
  /// - Complexity: O(n) for each ring of the widest hole.
  package mutating func fillHoles() {
    var open = heights.indices.filter { heights[$0].isNaN }
    while !open.isEmpty, open.count < heights.count {
      let known = heights
      open = open.filter { index in
        let (column, row) = (index % columnCount, index / columnCount)
        var (sum, count) = (Float(0), Float(0))
        for y in max(0, row - 1)...min(rowCount - 1, row + 1) {
          for x in max(0, column - 1)...min(columnCount - 1, column + 1) {
            let height = known[y * columnCount + x]
            if !height.isNaN { (sum, count) = (sum + height, count + 1) }
          }
        }
        if count > 0 { heights[index] = sum / count }
        return count == 0
      }
    }
  }
}

extension [Float] {
  /// The value between the samples of a grid, rows after one another, bilinear.
  ///
  /// Of samples that are no numbers the others' weights take the place; nil where all four are so,
  /// and beyond the outermost samples by more than half a step.
  ///
  /// - Parameters:
  ///   - grid: the place, in steps from the first sample.
  ///   - columnCount: the samples of a row.
  ///   - rowCount: the rows.
  /// - Returns: the value, nil where nobody knows it.
  func interpolated(
    at grid: SIMD2<Double>, columnCount: Int, rowCount: Int
  ) -> Double? {
    guard grid.x >= -0.5, grid.y >= -0.5, grid.x <= Double(columnCount) - 0.5,
      grid.y <= Double(rowCount) - 0.5
    else { return nil }
    let column = Swift.min(Swift.max(Int(grid.x.rounded(.down)), 0), Swift.max(columnCount - 2, 0))
    let row = Swift.min(Swift.max(Int(grid.y.rounded(.down)), 0), Swift.max(rowCount - 2, 0))
    let u = Swift.min(Swift.max(grid.x - Double(column), 0), 1)
    let v = Swift.min(Swift.max(grid.y - Double(row), 0), 1)
    var (sum, weights) = (0.0, 0.0)
    for (dx, dy, weight) in [
      (0, 0, (1 - u) * (1 - v)), (1, 0, u * (1 - v)), (0, 1, (1 - u) * v), (1, 1, u * v),
    ] where weight > 0 {
      let value = self[(row + dy) * columnCount + column + dx]
      if value.isNaN { continue }
      sum += weight * Double(value)
      weights += weight
    }
    return weights > 0 ? sum / weights : nil
  }
}
