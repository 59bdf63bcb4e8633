// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry

/// A point of a survey in a map's frame.
package struct MapPoint: Equatable, Sendable {
  /// The place in the frame, metres.
  package var position: SIMD3<Double>
  /// The colour, display-referred sRGB, 0...1.
  package var colourSRGB: SIMD3<Float>
  /// What it is part of.
  package var identifier: MapIdentifier

  /// Makes a point.
  package init(position: SIMD3<Double>, colourSRGB: SIMD3<Float>, identifier: MapIdentifier) {
    self.position = position
    self.colourSRGB = colourSRGB
    self.identifier = identifier
  }
}

/// Turns points into splats: each a disc in the plane of its neighbours, as wide as they are far.
///
/// The neighbours are the eight nearest. The normal is the direction in which they spread least;
/// the distance to the fourth nearest, which on a grid is its spacing, sets the size, at most three
/// times the median. Where neighbours spread to all sides, as in a tree, the disc becomes a ball.
package enum PointSeeder {
  private static let neighbourCount = 8

  /// Calls `emit` with the splat of each point, in their order.
  ///
  /// - Complexity: O(n) for points that lie about evenly.
  package static func seed(_ points: [MapPoint], _ emit: (MapSplat) -> Void) {
    let grid = PointGrid(points.map(\.position))
    let shapes = points.indices.map { grid.shape(of: $0, neighbourCount: neighbourCount) }
    let spacings = shapes.compactMap { $0?.spacing }.sorted()
    let median = spacings.isEmpty ? 1 : spacings[spacings.count / 2]
    for (point, shape) in zip(points, shapes) {
      let spacing = min(shape?.spacing ?? median, 3 * median)
      let width = spacing * SurfaceSeeder.deviationShare
      let depth = max(
        width * SurfaceSeeder.thicknessShare, min(width, shape?.thickness ?? width))
      let normal = shape?.normal ?? SIMD3(0, 0, 1)
      let side = abs(normal.x) < 0.9 ? SIMD3<Double>(1, 0, 0) : SIMD3(0, 1, 0)
      let along = normalize(cross(side, normal))
      let rotation = Quaternion(matrix: Matrix3(columns: along, cross(normal, along), normal))
      emit(
        MapSplat(
          position: point.position,
          deviations: SIMD3(Float(width), Float(width), Float(depth)),
          rotation: Quaternion<Float>(rotation), opacity: SurfaceSeeder.opacity,
          colourSRGB: point.colourSRGB, identifier: point.identifier))
    }
  }
}

/// Points by the squares of a grid over east and north.
private struct PointGrid {
  private let points: [SIMD3<Double>]
  private let low: SIMD2<Double>
  private let edge: Double
  private let size: SIMD2<Int>
  /// Where the points of each square begin in `order`.
  private var starts: [Int32] = []
  private var order: [Int32] = []

  /// The plane of a point's neighbours, metres.
  struct Shape {
    var normal: SIMD3<Double>
    /// The distance to the fourth nearest neighbour.
    var spacing: Double
    /// The deviation of neighbours across the plane.
    var thickness: Double
  }

  /// The points of a square where they lie evenly.
  private static let pointsPerSquare = 4.0

  init(_ points: [SIMD3<Double>]) {
    self.points = points
    var (low, high) = (SIMD2<Double>.zero, SIMD2<Double>.zero)
    if let first = points.first { (low, high) = (SIMD2(first.x, first.y), SIMD2(first.x, first.y)) }
    for point in points {
      low = pointwiseMin(low, SIMD2(point.x, point.y))
      high = pointwiseMax(high, SIMD2(point.x, point.y))
    }
    let extent = high - low
    let count = Double(max(points.count, 1))
    // A line of points has no area: squares are then as wide as its length allows.
    edge = max(
      (extent.x * extent.y * Self.pointsPerSquare / count).squareRoot(),
      max(extent.x, extent.y) / count, 1e-3)
    self.low = low
    size = SIMD2(Int(extent.x / edge) + 1, Int(extent.y / edge) + 1)
    var counts = [Int32](repeating: 0, count: size.x * size.y + 1)
    let squares = points.map { point in
      let cell = square(SIMD2(point.x, point.y))
      return cell.y * size.x + cell.x
    }
    for square in squares { counts[square + 1] += 1 }
    for square in 1..<counts.count { counts[square] += counts[square - 1] }
    starts = counts
    order = [Int32](repeating: 0, count: points.count)
    for (index, square) in squares.enumerated() {
      order[Int(counts[square])] = Int32(index)
      counts[square] += 1
    }
  }

  private func square(_ place: SIMD2<Double>) -> SIMD2<Int> {
    let scaled = (place - low) / edge
    return SIMD2(min(size.x - 1, Int(scaled.x)), min(size.y - 1, Int(scaled.y)))
  }

  /// The widest ring of squares that is searched: beyond it neighbours are none.
  private static let widestRing = 4
  /// The points of a square that are looked at; where more lie on one place, they say no more.
  private static let mostOfSquare = 256

  func shape(of index: Int, neighbourCount: Int) -> Shape? {
    let point = points[index]
    let home = square(SIMD2(point.x, point.y))
    var nearest: [(distance: Double, index: Int)] = []
    for ring in 0...Self.widestRing {
      visit(ring: ring, around: home) { other in
        guard other != index else { return }
        let offset = points[other] - point
        let distance = dot(offset, offset)
        if nearest.count == neighbourCount, distance >= nearest[neighbourCount - 1].distance {
          return
        }
        let slot = nearest.firstIndex { $0.distance > distance } ?? nearest.count
        nearest.insert((distance, other), at: slot)
        if nearest.count > neighbourCount { nearest.removeLast() }
      }
      // What lies in the next ring is at least so far away.
      let reach = Double(ring) * edge
      if nearest.count == neighbourCount,
        nearest[neighbourCount - 1].distance <= reach * reach
      {
        break
      }
    }
    guard nearest.count >= 4 else { return nil }
    let places = nearest.map { points[$0.index] - point }
    let middle = places.reduce(SIMD3<Double>.zero, +) / Double(places.count + 1)
    var spread = SymmetricMatrix()
    for place in places + [.zero] { spread.add(place - middle, weight: 1 / Double(places.count)) }
    let (variance, normal) = spread.leastDirection
    return Shape(
      normal: normal.z < 0 ? -normal : normal, spacing: nearest[3].distance.squareRoot(),
      thickness: max(0, variance).squareRoot())
  }

  private func visit(ring: Int, around home: SIMD2<Int>, _ body: (Int) -> Void) {
    for row in max(0, home.y - ring)...max(0, min(size.y - 1, home.y + ring)) {
      let isEdge = abs(row - home.y) == ring
      let step = isEdge ? 1 : max(1, 2 * ring)
      for column in stride(from: home.x - ring, through: home.x + ring, by: step)
      where (0..<size.x).contains(column) {
        let cell = row * size.x + column
        let first = Int(starts[cell])
        for slot in first..<min(Int(starts[cell + 1]), first + Self.mostOfSquare) {
          body(Int(order[slot]))
        }
      }
    }
  }
}

/// A symmetric matrix of 3 x 3: the spread of points.
struct SymmetricMatrix {
  private var xx = 0.0
  private var xy = 0.0
  private var xz = 0.0
  private var yy = 0.0
  private var yz = 0.0
  private var zz = 0.0

  mutating func add(_ v: SIMD3<Double>, weight: Double) {
    xx += weight * v.x * v.x
    xy += weight * v.x * v.y
    xz += weight * v.x * v.z
    yy += weight * v.y * v.y
    yz += weight * v.y * v.z
    zz += weight * v.z * v.z
  }

  /// The least eigenvalue and its unit vector; of a ball the vector is up.
  ///
  /// The eigenvalues are the roots of the characteristic polynomial, by angles (O. K. Smith,
  /// Communications of the ACM 4(4), 1961); the vector is orthogonal to the rows of what is left.
  var leastDirection: (value: Double, vector: SIMD3<Double>) {
    let mean = (xx + yy + zz) / 3
    let (a, b, c) = (xx - mean, yy - mean, zz - mean)
    let scale = ((a * a + b * b + c * c + 2 * (xy * xy + xz * xz + yz * yz)) / 6).squareRoot()
    guard scale > 1e-12 * max(mean, 1e-12) else { return (mean, SIMD3(0, 0, 1)) }
    let determinant =
      a * (b * c - yz * yz) - xy * (xy * c - yz * xz) + xz * (xy * yz - b * xz)
    let half = max(-1, min(1, determinant / (2 * scale * scale * scale)))
    let value = mean + 2 * scale * cos(acos(half) / 3 + 2 * .pi / 3)
    let rows = [
      SIMD3(xx - value, xy, xz), SIMD3(xy, yy - value, yz), SIMD3(xz, yz, zz - value),
    ]
    let crosses = [cross(rows[0], rows[1]), cross(rows[0], rows[2]), cross(rows[1], rows[2])]
    let longest = crosses.max { dot($0, $0) < dot($1, $1) } ?? .zero
    guard length(longest) > 1e-12 * scale * scale else {
      // Points on a line: any direction across it.
      let along = rows.max { dot($0, $0) < dot($1, $1) } ?? .zero
      let axis = normalize(along)
      let up = SIMD3<Double>(0, 0, 1) - axis * axis.z
      return (value, length(up) > 1e-3 ? normalize(up) : SIMD3(1, 0, 0))
    }
    return (value, normalize(longest))
  }
}
