// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Splats

/// The ground as one layer of small squares, each of which is one thing: nothing lies in the way of
/// something else, so that roads neither flicker nor float.
struct GroundRaster: Sendable {
  /// What is painted: rings that are inside where they are crossed an odd number of times, or a
  /// line with a width.
  enum Shape: Sendable {
    case rings([[SIMD2<Double>]])
    case line([SIMD2<Double>], halfWidth: Double)
  }

  private var shapes: [(cover: GroundCover, shape: Shape)] = []
  /// The indices of shapes, by the tiles that they touch.
  private var tiles = PlanGrid(cellSize: GroundRaster.tileSize)
  private let box: (low: SIMD2<Double>, high: SIMD2<Double>)
  private let coast: Coastline

  /// The side of a square, metres.
  static let cellSize = 0.5
  /// The squares along a side of a tile.
  private static let tileCells = 256
  static let tileSize = cellSize * Double(tileCells)

  /// Starts the ground of a box in the frame.
  init(box: (low: SIMD2<Double>, high: SIMD2<Double>), coast: Coastline) {
    self.box = box
    self.coast = coast
  }

  /// Adds a shape; of equal orders the later lies on top.
  mutating func add(_ cover: GroundCover, _ shape: Shape) {
    shapes.append((cover, shape))
    let bounds: (low: SIMD2<Double>, high: SIMD2<Double>)
    switch shape {
    case .rings(let rings): bounds = boundingBox(rings.flatMap { $0 })
    case .line(let points, let halfWidth):
      let around = boundingBox(points)
      bounds = (around.low - halfWidth, around.high + halfWidth)
    }
    let inside = (pointwiseMax(bounds.low, box.low), pointwiseMin(bounds.high, box.high))
    guard inside.0.x <= inside.1.x, inside.0.y <= inside.1.y else { return }
    tiles.insert(shapes.count - 1, inside)
  }

  /// The number of squares along east and north, all tiles whole.
  var tileOrigins: [SIMD2<Double>] {
    tiles.cells((box.low, box.high)).map { SIMD2<Double>($0) * Self.tileSize }
  }

  /// Returns the flat pieces of one tile, on the ground.
  func surfaces(ofTileAt origin: SIMD2<Double>, _ ground: GroundHeights) -> [MapSurface] {
    let tile = painted(origin)
    let longest = max(1, Int(ground.longestSide / Self.cellSize))
    return tile.rectangles(longest: longest).flatMap { rectangle in
      let low = pointwiseMax(origin + SIMD2<Double>(rectangle.low) * Self.cellSize, box.low)
      let high = pointwiseMin(origin + SIMD2<Double>(rectangle.high) * Self.cellSize, box.high)
      guard low.x < high.x, low.y < high.y else { return [MapSurface]() }
      return pieces(low, high, tile.covers[rectangle.value], ground)
    }
  }

  private func pieces(
    _ low: SIMD2<Double>, _ high: SIMD2<Double>, _ cover: GroundCover, _ ground: GroundHeights
  ) -> [MapSurface] {
    let corners = [low, SIMD2(high.x, low.y), high, SIMD2(low.x, high.y)].map {
      SIMD3($0.x, $0.y, ground.height(at: $0))
    }
    let origin: HeightOrigin =
      ground.field == nil ? .filled(rule: "ellipsoid") : .measured(rule: "terrain-bilinear")
    // Four heights seldom lie in a plane: two triangles do.
    let bend = abs(corners[0].z + corners[2].z - corners[1].z - corners[3].z)
    let rings =
      bend < 0.02
      ? [corners] : [[corners[0], corners[1], corners[2]], [corners[0], corners[2], corners[3]]]
    return rings.map {
      MapSurface(
        [$0], cover.what, thing: 0, colourSRGB: colourSRGB(code: cover.colour),
        height: origin)
    }
  }

  /// Paints one tile, from the lowest order to the highest.
  private func painted(_ origin: SIMD2<Double>) -> GroundTile {
    var tile = GroundTile(origin: origin, count: Self.tileCells, cellSize: Self.cellSize)
    if !coast.isEmpty { tile.paintSea(coast) }
    let end = origin + SIMD2(repeating: Self.tileSize * (1 - 1e-9))
    let inside = Set(tiles.items(near: (origin + 1e-6, end))).sorted {
      (shapes[$0].cover.order, $0) < (shapes[$1].cover.order, $1)
    }
    for index in inside {
      switch shapes[index].shape {
      case .rings(let rings): tile.paint(rings, shapes[index].cover)
      case .line(let points, let halfWidth):
        for (a, b) in zip(points, points.dropFirst()) {
          tile.paint(from: a, to: b, halfWidth: halfWidth, shapes[index].cover)
        }
      }
    }
    return tile
  }
}

/// The squares of one tile.
private struct GroundTile {
  var covers = [GroundCover.bare]
  private var codes: [GroundCover: Int] = [.bare: 0]
  private var cells: [Int]
  private let origin: SIMD2<Double>
  private let count: Int
  private let cellSize: Double

  init(origin: SIMD2<Double>, count: Int, cellSize: Double) {
    self.origin = origin
    self.count = count
    self.cellSize = cellSize
    cells = Array(repeating: 0, count: count * count)
  }

  private mutating func code(_ cover: GroundCover) -> Int {
    if let code = codes[cover] { return code }
    codes[cover] = covers.count
    covers.append(cover)
    return covers.count - 1
  }

  private func centre(_ index: Int) -> Double { (Double(index) + 0.5) * cellSize }

  /// The indices whose centres lie in a range, metres from the tile's origin.
  private func indices(_ low: Double, _ high: Double) -> Range<Int> {
    let limit = Double(count)
    let first = min(max((low / cellSize - 0.5).rounded(.up), 0), limit)
    let end = min(max((high / cellSize - 0.5).rounded(.down) + 1, 0), limit)
    return Int(first)..<max(Int(first), Int(end))
  }

  /// Paints the squares whose centres lie in rings.
  mutating func paint(_ rings: [[SIMD2<Double>]], _ cover: GroundCover) {
    let code = code(cover)
    var crossings = [[Double]](repeating: [], count: count)
    for ring in rings {
      for (index, end) in ring.enumerated() {
        let start = ring[(index + ring.count - 1) % ring.count]
        let (a, b) = (start - origin, end - origin)
        guard a.y != b.y else { continue }
        let (low, high) = (min(a.y, b.y), max(a.y, b.y))
        for row in indices(low, high) where centre(row) > low {
          crossings[row].append(a.x + (centre(row) - a.y) / (b.y - a.y) * (b.x - a.x))
        }
      }
    }
    for (row, places) in crossings.enumerated() where places.count > 1 {
      let sorted = places.sorted()
      for pair in stride(from: 0, to: sorted.count - 1, by: 2) {
        for column in indices(sorted[pair], sorted[pair + 1]) { cells[row * count + column] = code }
      }
    }
  }

  /// Paints the squares whose centres lie within a distance of a segment.
  mutating func paint(
    from start: SIMD2<Double>, to end: SIMD2<Double>, halfWidth: Double, _ cover: GroundCover
  ) {
    let (a, b) = (start - origin, end - origin)
    let low = pointwiseMin(a, b) - halfWidth
    let high = pointwiseMax(a, b) + halfWidth
    let rows = indices(low.y, high.y)
    let columns = indices(low.x, high.x)
    guard !rows.isEmpty, !columns.isEmpty else { return }
    let code = code(cover)
    let along = b - a
    let lengthSquared = max(dot(along, along), 1e-12)
    for row in rows {
      for column in columns {
        let point = SIMD2(centre(column), centre(row)) - a
        let share = min(max(dot(point, along) / lengthSquared, 0), 1)
        if squaredDistance(point, along * share) <= halfWidth * halfWidth {
          cells[row * count + column] = code
        }
      }
    }
  }

  /// Paints the squares on the water's side of the coast.
  mutating func paintSea(_ coast: Coastline) {
    let code = code(.water)
    let half = Double(count) * cellSize / 2
    let near = coast.nearest(to: origin + half, reach: half * 2.0.squareRoot())
    for row in 0..<count {
      for column in 0..<count {
        let place = origin + SIMD2(centre(column), centre(row))
        if near.isSea(place) { cells[row * count + column] = code }
      }
    }
  }

  /// Joins squares of one kind to rectangles, none of them longer than asked.
  func rectangles(
    longest: Int
  ) -> [(low: SIMD2<Int32>, high: SIMD2<Int32>, value: Int)] {
    var isTaken = [Bool](repeating: false, count: cells.count)
    var found: [(low: SIMD2<Int32>, high: SIMD2<Int32>, value: Int)] = []
    for row in 0..<count {
      for column in 0..<count where !isTaken[row * count + column] {
        let value = cells[row * count + column]
        func isFree(_ x: Int, _ y: Int) -> Bool {
          cells[y * count + x] == value && !isTaken[y * count + x]
        }
        var right = column + 1
        while right < min(count, column + longest), isFree(right, row) { right += 1 }
        var top = row + 1
        while top < min(count, row + longest), (column..<right).allSatisfy({ isFree($0, top) }) {
          top += 1
        }
        for y in row..<top {
          for x in column..<right { isTaken[y * count + x] = true }
        }
        found.append(
          (SIMD2(Int32(column), Int32(row)), SIMD2(Int32(right), Int32(top)), value))
      }
    }
    return found
  }
}

/// Coastlines: land lies to their left, the sea to their right.
struct Coastline: Sendable {
  private var segments: [(start: SIMD2<Double>, end: SIMD2<Double>)] = []

  /// Makes a coast from lines in the map's direction.
  init(_ lines: [[SIMD2<Double>]] = []) {
    for line in lines {
      for (start, end) in zip(line, line.dropFirst()) where start != end {
        segments.append((start, end))
      }
    }
  }

  var isEmpty: Bool { segments.isEmpty }

  /// Keeps what can be the nearest to places within `reach` of a centre.
  func nearest(to centre: SIMD2<Double>, reach: Double) -> Coastline {
    let distances = segments.map { Self.offset(of: centre, from: $0).distance }
    let limit = (distances.min() ?? 0) + 2 * reach
    var near = Coastline()
    near.segments = zip(segments, distances).filter { $0.1 <= limit }.map(\.0)
    return near
  }

  /// Whether a place lies to the right of the nearest coastline.
  ///
  /// Where two of them meet at the nearest point, that one counts which the place is more beside.
  func isSea(_ place: SIMD2<Double>) -> Bool {
    var best: (distance: Double, side: Double) = (.infinity, 0)
    for segment in segments {
      let offset = Self.offset(of: place, from: segment)
      let isNearer = offset.distance < best.distance - 1e-9
      let isAsNear = offset.distance < best.distance + 1e-9 && abs(offset.side) > abs(best.side)
      if isNearer || isAsNear { best = offset }
    }
    return best.side < 0
  }

  /// How far a place is from a segment, and from its line: positive to the left.
  private static func offset(
    of place: SIMD2<Double>, from segment: (start: SIMD2<Double>, end: SIMD2<Double>)
  ) -> (distance: Double, side: Double) {
    let along = segment.end - segment.start
    let length = dot(along, along).squareRoot()
    let point = place - segment.start
    let share = min(max(dot(point, along) / (length * length), 0), 1)
    return (squaredDistance(point, along * share).squareRoot(), cross(along, point) / length)
  }
}
