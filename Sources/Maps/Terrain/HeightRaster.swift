// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
package import Geometry

/// Heights on a grid in a coordinate system of the file's own.
package struct HeightRaster: Equatable, Sendable {
  /// The number of samples from west to east.
  package let columnCount: Int
  /// The number of samples from north to south.
  package let rowCount: Int
  /// The coordinates of the north-western sample, east or longitude first, in the system's units.
  package let northWest: SIMD2<Double>
  /// The distances to the next column and row, in the system's units; rows most often go down.
  package let step: SIMD2<Double>
  /// The system, in words that `CoordinateSystem` understands.
  package let system: String
  /// The metres of a unit of height; nil where the system says it.
  package let metresPerHeightUnit: Double?
  /// The heights in the file's unit, row-major from the north-west on; NaN where nobody knows.
  package var heights: [Float]

  /// Makes a raster from its parts.
  package init(
    size: (columns: Int, rows: Int), northWest: SIMD2<Double>, step: SIMD2<Double>,
    system: (definition: String, metresPerHeightUnit: Double?), heights: [Float]
  ) {
    precondition(heights.count == size.columns * size.rows, "a height a sample")
    columnCount = size.columns
    rowCount = size.rows
    self.northWest = northWest
    self.step = step
    self.system = system.definition
    metresPerHeightUnit = system.metresPerHeightUnit
    self.heights = heights
  }

  /// The samples whose height nobody knows.
  package var voidCount: Int { heights.reduce(0) { $0 + ($1.isNaN ? 1 : 0) } }

  /// The least and the greatest height, in the file's unit; nil where there is none.
  package var range: ClosedRange<Float>? {
    var range: ClosedRange<Float>?
    for height in heights where !height.isNaN {
      range =
        range.map { min($0.lowerBound, height)...max($0.upperBound, height) } ?? height...height
    }
    return range
  }

  /// Returns the height at a place in the system's units, bilinear between samples.
  ///
  /// Where a sample is void the others' weights take its place; nil where all four are, and beyond
  /// the outermost samples by more than half a step.
  package func height(at place: SIMD2<Double>) -> Double? {
    heights.interpolated(
      at: (place - northWest) / step, columnCount: columnCount, rowCount: rowCount)
  }
}

extension HeightRaster {
  /// Looks a place's ground up.
  ///
  /// - Parameters:
  ///   - place: latitude and longitude; its height does not count.
  ///   - file: the raster's name in errors.
  /// - Returns: the height, metres above the raster's own zero; nil where it has none.
  /// - Throws: `InputError` for a system that PROJ does not know.
  package func groundHeight(
    under place: GeodeticPosition, file: String
  ) throws(InputError) -> Double? {
    let system = try CoordinateSystem(
      system, file: file, metresPerHeightUnit: metresPerHeightUnit)
    guard let coordinates = system.coordinates(place) else { return nil }
    return height(at: coordinates).map { $0 * system.metresPerHeightUnit }
  }
}

extension HeightField {
  /// Samples a raster in a map's frame; what the raster does not cover stays unknown.
  ///
  /// - Parameters:
  ///   - raster: the heights.
  ///   - frame: the map's frame.
  ///   - box: east and north of the field's corners, metres.
  ///   - spacing: the distance between the field's points, metres.
  ///   - file: the raster's name in errors.
  /// - Throws: `InputError` for a system that PROJ does not know, and for more than 100 million
  ///   points.
  package init(
    _ raster: HeightRaster, in frame: MapFrame,
    box: (low: SIMD2<Double>, high: SIMD2<Double>), spacing: Double, file: String
  ) throws(InputError) {
    let system = try CoordinateSystem(
      raster.system, file: file, metresPerHeightUnit: raster.metresPerHeightUnit)
    let size = ((box.high - box.low) / spacing).rounded(.up) + 1
    guard size.x * size.y <= Self.mostPoints else {
      throw InputError(
        file: file, field: "terrain", found: "\(Int(size.x)) x \(Int(size.y)) points",
        expected: "at most \(Int(Self.mostPoints))")
    }
    self.init(
      southWest: box.low, spacing: spacing, columnCount: Int(size.x), rowCount: Int(size.y))
    for row in 0..<rowCount {
      for column in 0..<columnCount {
        let place = box.low + SIMD2(Double(column), Double(row)) * spacing
        if let height = Self.height(at: place, raster, system, frame) {
          heights[row * columnCount + column] = Float(height)
        }
      }
    }
  }

  private static let mostPoints = 100_000_000.0

  /// The height in the frame over a place of its plane.
  private static func height(
    at place: SIMD2<Double>, _ raster: HeightRaster, _ system: CoordinateSystem, _ frame: MapFrame
  ) -> Double? {
    // The vertical leans against the frame's: a second look is made where the ground is.
    var up = -(place * place).sum() / (2 * WGS84.semiMajorAxis)
    for _ in 0..<2 {
      var there = frame.place(SIMD3(place.x, place.y, up))
      guard let coordinates = system.coordinates(there),
        let height = raster.height(at: coordinates)
      else { return nil }
      there.height = height * system.metresPerHeightUnit
      up = frame.point(there).z
    }
    return up
  }
}
