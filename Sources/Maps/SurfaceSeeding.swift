// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
package import Geometry

/// A splat that was made from a map, before it is cut into cells.
package struct MapSplat: Equatable, Sendable {
  /// The centre in the map's frame, metres.
  package var position: SIMD3<Double>
  /// The standard deviations along the axes of the ellipsoid, metres; the third is the thin one.
  package var deviations: SIMD3<Float>
  /// The orientation, frame from ellipsoid: its z axis is the surface's normal.
  package var rotation: Quaternion<Float>
  /// The opacity, 0...1.
  package var opacity: Float
  /// The colour, display-referred sRGB, 0...1.
  package var colourSRGB: SIMD3<Float>
  /// What it is part of.
  package var identifier: MapIdentifier
}

/// Turns surfaces into splats: flat ones in rows, so near each other that they make a closed skin.
///
/// Rows lie as far apart as the spacing or a little less, so that a whole number of them covers the
/// surface; along a row, splats lie evenly from edge to edge. So no edge is ragged along its rows,
/// and what is narrower than the spacing still has its splats. Nothing is drawn by chance.
package struct SurfaceSeeder: Sendable {
  /// The distance between neighbours at most, metres.
  package let spacing: Double

  /// The deviation as a share of the distance between neighbours: at 0.6 the skin is closed to 94 %
  /// of the light where four splats of opacity 0.95 meet.
  package static let deviationShare = 0.6
  /// The deviation across the surface as a share of that along it.
  static let thicknessShare = 0.1
  /// The opacity of every splat.
  package static let opacity: Float = 0.95
  /// The most splats of one surface.
  static let largestCount = 50_000_000.0

  /// Makes a seeder of so many splats a square metre.
  package init(splatsPerSquareMetre density: Double) {
    precondition(density > 0 && density.isFinite, "a density is positive")
    spacing = 1 / density.squareRoot()
  }

  /// Makes the splats of a flat surface.
  ///
  /// - Throws: `InputError` for coordinates that are not finite and for a surface of more than
  ///   50,000,000 splats; nothing is emitted then. A surface without area has no splats.
  /// - Complexity: O(rows x corners + splats).
  package func seed(
    _ surface: MapSurface, file: String, _ emit: (MapSplat) -> Void
  ) throws(InputError) {
    try check(surface.rings, file: file)
    guard let plane = SurfacePlane(of: surface.rings) else { return }
    let flat = surface.rings.map { $0.map(plane.project) }
    let texture = surface.texture.flatMap { FittedTexture($0, corners: flat[0]) }
    let rotation = Quaternion<Float>(plane.rotation)
    try rows(of: flat, file: file) { place, step in
      let deviations = step * Self.deviationShare
      emit(
        MapSplat(
          position: plane.point(place),
          deviations: SIMD3<Float>(
            SIMD3(deviations.x, deviations.y, deviations.min() * Self.thicknessShare)),
          rotation: rotation, opacity: Self.opacity,
          colourSRGB: texture?.colour(at: place, step: step) ?? surface.colourSRGB,
          identifier: surface.identifier))
    }
  }

  /// Makes the splats of a surface that lies on a field of heights, wherever its corners' heights
  /// are; there are none where the field has no height.
  ///
  /// - Throws: As the other does.
  package func seed(
    _ surface: MapSurface, over field: HeightField, file: String, _ emit: (MapSplat) -> Void
  ) throws(InputError) {
    try check(surface.rings, file: file)
    let flat = surface.rings.map { $0.map { SIMD2($0.x, $0.y) } }
    try rows(of: flat, file: file) { place, step in
      guard let height = field.height(at: place) else { return }
      let (slopeX, slopeY) = field.slope(at: place)
      let normal = normalize(SIMD3(-slopeX, -slopeY, 1))
      let along = normalize(SIMD3(1, 0, slopeX))
      let rotation = Quaternion(matrix: Matrix3(columns: along, cross(normal, along), normal))
      let deviations = step * Self.deviationShare
      emit(
        MapSplat(
          position: SIMD3(place.x, place.y, height),
          deviations: SIMD3<Float>(
            SIMD3(
              deviations.x / along.x, deviations.y * along.x / normal.z,
              deviations.min() * Self.thicknessShare)),
          rotation: Quaternion<Float>(rotation), opacity: Self.opacity,
          colourSRGB: surface.colourSRGB, identifier: surface.identifier))
    }
  }

  private func check(_ rings: [[SIMD3<Double>]], file: String) throws(InputError) {
    for corner in rings.joined()
    where !all(corner .> -Self.farthestCoordinate) || !all(corner .< Self.farthestCoordinate) {
      throw InputError(
        file: file, field: "corner of a surface", found: "\(corner.x), \(corner.y), \(corner.z)",
        expected: "coordinates within \(Int(Self.farthestCoordinate)) m of the origin")
    }
  }

  /// The farthest corner, metres: a third of the way around the earth.
  private static let farthestCoordinate = 1.3e7

  /// Calls `body` with the middle and the size of each piece of a polygon, row by row.
  private func rows(
    of rings: [[SIMD2<Double>]], file: String,
    _ body: (_ place: SIMD2<Double>, _ step: SIMD2<Double>) -> Void
  ) throws(InputError) {
    guard let first = rings.first?.first else { return }
    var (low, high) = (first, first)
    for corner in rings.joined() {
      (low, high) = (pointwiseMin(low, corner), pointwiseMax(high, corner))
    }
    let size = high - low
    let rowCount = max(1, (size.y / spacing - 1e-9).rounded(.up))
    guard rowCount * (size.x / spacing + 1) <= Self.largestCount else {
      throw InputError(
        file: file, field: "surface", found: "\(size.x) x \(size.y) m",
        expected: "at most \(Int(Self.largestCount)) splats \(spacing) m apart")
    }
    let rowHeight = size.y / rowCount
    guard rowHeight > 0 else { return }
    for row in 0..<Int(rowCount) {
      let y = low.y + (Double(row) + 0.5) * rowHeight
      let crossings = Self.crossings(of: rings, at: y)
      for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
        let (start, length) = (crossings[pair], crossings[pair + 1] - crossings[pair])
        guard length > 0 else { continue }
        let count = max(1, (length / spacing - 1e-9).rounded(.up))
        let step = SIMD2(length / count, rowHeight)
        for slot in 0..<Int(count) {
          body(SIMD2(start + (Double(slot) + 0.5) * step.x, y), step)
        }
      }
    }
  }

  /// Where a line along x meets the edges of the rings, from the least x on: an even number.
  private static func crossings(of rings: [[SIMD2<Double>]], at y: Double) -> [Double] {
    var crossings: [Double] = []
    for ring in rings {
      guard var from = ring.last else { continue }
      for to in ring {
        // An edge has its lower end but not its upper one: a corner is met once or twice, rightly.
        if (from.y <= y) != (to.y <= y) {
          crossings.append(from.x + (to.x - from.x) * ((y - from.y) / (to.y - from.y)))
        }
        from = to
      }
    }
    return crossings.sorted()
  }
}

/// The plane that fits a polygon best, with axes of its own.
struct SurfacePlane {
  let origin: SIMD3<Double>
  /// Along the plane: level where it is steep, else along the longest edge.
  let along: SIMD3<Double>
  let across: SIMD3<Double>
  let normal: SIMD3<Double>

  /// Nil for a polygon without area.
  ///
  /// The normal is Newell's: the mean of those of all corners by area (Sutherland et al., ACM
  /// Computing Surveys 6(1), 1974).
  init?(of rings: [[SIMD3<Double>]]) {
    guard let ring = rings.first, ring.count >= 3 else { return nil }
    let middle = ring.reduce(SIMD3<Double>.zero, +) / Double(ring.count)
    var area = SIMD3<Double>.zero
    var longest = SIMD3<Double>.zero
    for (from, to) in zip(ring, ring.dropFirst() + ring.prefix(1)) {
      area += cross(from - middle, to - middle)
      if dot(to - from, to - from) > dot(longest, longest) { longest = to - from }
    }
    guard length(area) > 1e-9 * max(1, dot(longest, longest)), length(area).isFinite else {
      return nil
    }
    let normal = normalize(area)
    let level = cross(SIMD3(0, 0, 1), normal)
    let isSteep = length(level) > 0.2
    let along = normalize(isSteep ? level : longest - normal * dot(longest, normal))
    origin = middle
    self.normal = normal
    self.along = along
    across = cross(normal, along)
  }

  var rotation: Quaternion<Double> { Quaternion(matrix: Matrix3(columns: along, across, normal)) }

  func project(_ point: SIMD3<Double>) -> SIMD2<Double> {
    SIMD2(dot(point - origin, along), dot(point - origin, across))
  }

  func point(_ place: SIMD2<Double>) -> SIMD3<Double> {
    origin + along * place.x + across * place.y
  }
}

extension HeightField {
  /// Returns how much heights rise a metre to the east and to the north.
  func slope(at place: SIMD2<Double>) -> (east: Double, north: Double) {
    func rise(_ offset: SIMD2<Double>) -> Double {
      guard let ahead = height(at: place + offset), let behind = height(at: place - offset) else {
        return 0
      }
      return (ahead - behind) / (2 * spacing)
    }
    return (rise(SIMD2(spacing, 0)), rise(SIMD2(0, spacing)))
  }
}

extension Quaternion<Float> {
  init(_ q: Quaternion<Double>) {
    self.init(w: Float(q.w), x: Float(q.x), y: Float(q.y), z: Float(q.z))
  }
}
