// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
package import Reconstruction
package import Splats
import Worlds

/// A captured table made ready for work: its top cleared, and all surfaces closed.
///
/// Points leave gaps between them, and what stands on a captured table has no body in the physics.
/// So the points above the top go, and the top, the ground and the far surroundings get flat splats
/// whose colours come from the nearest captured points. World frame: as `TableAlignment` has it,
/// with the top in the plane z = 0.
package enum CapturedTableScene {
  /// The distances between the splats that close the top and the ground, metres.
  private static let (topSpacing, groundSpacing): (Float, Float) = (0.007, 0.05)
  /// The share of the radius inside which a centrepiece may hide the top's own colour.
  private static let centrepieceShare: Float = 0.38
  /// How far, as a share of the radius, a wedge of the middle is moved out to find its colour.
  private static let wedgeShift: Float = 0.45
  /// The share of that disc's radius from which the moved colours fade into those outside.
  private static let seamShare: Float = 0.8
  /// How high above the top captured points are removed, metres.
  private static let clearedHeight: Float = 1.5
  /// How far the rim's points are searched outside and below the top, metres.
  private static let rimMargin: Float = 0.03
  /// How far the ground is closed around the table, metres.
  private static let groundRadius: Float = 5
  /// How far from the ground's level points are looked at for specks, metres.
  private static let speckHeight: Float = 0.2
  /// How many points around one say how bright the ground is there, the one itself among them.
  private static let speckNeighbourCount = 16
  /// The share of the middle brightness around it below which a point is a speck.
  private static let speckShare: Float = 0.5
  /// How many captured points around a place on the top mix their colours there.
  private static let topNeighbourCount = 6
  /// The radius of the backdrop, metres.
  private static let backdropRadius: Float = 16
  /// The colour of the sky where the capture has no points, sRGB.
  private static let skySRGB = SIMD3<Float>(0.82, 0.87, 0.92)

  /// The table and the ground of a capture, for physics.
  package static func support(of table: TableAlignment) -> SupportSurface {
    SupportSurface(
      top: .disc(radius: table.tableRadius), thickness: Double(rimMargin),
      groundLevel: -table.tableHeight)
  }

  /// Builds the splats of a capture that is already in the world's frame.
  ///
  /// `detail` is the share of the splats that close surfaces, in (0, 1]; below 1 they are fewer
  /// and wider, for previews and for tests without optimisation.
  ///
  /// - Complexity: about 1 s on one core for the garden's 138,766 points.
  package static func build(
    world: CapturedPoints, table: TableAlignment, detail: Double = 1
  ) -> SplatCloud {
    precondition(detail > 0 && detail <= 1, "detail \(detail) is outside 0...1")
    let (radius, height) = (Float(table.tableRadius), Float(table.tableHeight))
    let coarseness = Float(1 / detail.squareRoot())
    let kept = world.filter { p in
      let isOverTop = distanceFromAxis(p) < radius + rimMargin
      return !(isOverTop && p.z > -rimMargin / 2 && p.z < clearedHeight)
    }
    var cloud = withoutFloaters(withoutSpecks(kept, groundLevel: -height).splats())
    closeTop(&cloud, world, radius: radius, spacing: topSpacing * coarseness)
    closeGround(&cloud, world, level: -height, spacing: groundSpacing * coarseness)
    closeHorizon(&cloud, world, coarseness: coarseness)
    return cloud
  }

  private static func distanceFromAxis(_ p: SIMD3<Float>) -> Float {
    (p.x * p.x + p.y * p.y).squareRoot()
  }

  /// Returns the splats that are no wider than the detail seen at their distance from the table.
  ///
  /// A point without neighbours would become a blot that hangs in the air; what it stood for is
  /// closed by the ground and the horizon.
  private static func withoutFloaters(_ cloud: SplatCloud) -> SplatCloud {
    cloud.subset(
      (0..<cloud.count).filter { index in
        exp(cloud.logScales[index].max()) < 0.012 + 0.012 * length(cloud.positions[index])
      })
  }

  /// Returns the points without those that are far darker than the ground around them.
  ///
  /// Structure from motion leaves such specks where it mistook a shadow for a thing; as splats they
  /// are holes in the lawn. What is higher than the ground keeps its dark gaps between the leaves.
  private static func withoutSpecks(_ points: CapturedPoints, groundLevel: Float) -> CapturedPoints
  {
    func isGround(_ p: SIMD3<Float>) -> Bool {
      abs(p.z - groundLevel) < speckHeight && distanceFromAxis(p) < groundRadius
    }
    let index = PointIndex(points.positions)
    var cleaned = CapturedPoints(positions: [], coloursSRGB: [], cameras: points.cameras)
    for (position, colour) in zip(points.positions, points.coloursSRGB) {
      if isGround(position) {
        let around = index.nearest(to: position, count: speckNeighbourCount)
          .map { points.coloursSRGB[$0.index].sum() }.sorted()
        if colour.sum() < speckShare * around[around.count / 2] { continue }
      }
      cleaned.positions.append(position)
      cleaned.coloursSRGB.append(colour)
    }
    return cleaned
  }

  /// Covers the disc z = 0 and its edge with the colours of the captured top.
  private static func closeTop(
    _ cloud: inout SplatCloud, _ world: CapturedPoints, radius: Float, spacing: Float
  ) {
    let innermost = centrepieceShare * radius
    let top = world.filter { p in
      let distance = distanceFromAxis(p)
      return abs(p.z) < 0.02 && distance > innermost && distance < 0.97 * radius
    }
    guard top.count > 0 else { return }
    let index = PointIndex(top.positions.map { SIMD3($0.x, $0.y, 0) })
    /// The nearest captured colours mixed; the nearest one alone would make a mosaic.
    func captured(_ p: SIMD3<Float>) -> SIMD3<Float> {
      var (sum, weights) = (SIMD3<Float>.zero, Float(0))
      for near in index.nearest(to: SIMD3(p.x, p.y, 0), count: topNeighbourCount) {
        let weight = 1 / (near.distanceSquared + spacing * spacing)
        sum += top.coloursSRGB[near.index] * weight
        weights += weight
      }
      return sum / weights
    }
    func colour(_ p: SIMD3<Float>) -> SIMD3<Float> {
      let distance = distanceFromAxis(p)
      guard distance < innermost else { return captured(p) }
      // Under the centrepiece, each sixth of the disc shows what lies further out in its direction.
      let sixth = Float.pi / 3
      let middle = ((atan2(p.y, p.x) / sixth).rounded(.down) + 0.5) * sixth
      let moved = p + SIMD3(cos(middle), sin(middle), 0) * (wedgeShift * radius)
      return mix(
        captured(moved), captured(p), smoothStep(seamShare * innermost, innermost, distance))
    }
    // A deviation inside the rim, where a splat's edge is seen.
    for p in hexagonalDisc(radius: radius - spacing * Surfel.coverage, spacing: spacing) {
      let surfel = Surfel(
        center: p, normal: SIMD3(0, 0, 1), along: SIMD3(1, 0, 0),
        widths: SIMD2(repeating: spacing * Surfel.coverage))
      cloud.append(surfel.splat(colourSRGB: colour(p)))
    }
    let count = Int(2 * .pi * radius / spacing)
    for step in 0..<count {
      let angle = 2 * Float.pi * Float(step) / Float(count)
      let outward = SIMD3(cos(angle), sin(angle), 0)
      let surfel = Surfel(
        center: outward * radius - SIMD3(0, 0, rimMargin / 2), normal: outward,
        along: SIMD3(0, 0, 1), widths: SIMD2(rimMargin / 3, spacing * Surfel.coverage))
      // The edge faces away from the sky.
      cloud.append(surfel.splat(colourSRGB: colour(outward * radius) * 0.7))
    }
  }

  /// Covers the ground with the mean colour of the captured points around each place.
  private static func closeGround(
    _ cloud: inout SplatCloud, _ world: CapturedPoints, level: Float, spacing: Float
  ) {
    let ground = world.filter { p in
      abs(p.z - level) < 0.06 && distanceFromAxis(p) < groundRadius * 1.5
    }
    guard ground.count > 0 else { return }
    let index = PointIndex(ground.positions.map { SIMD3($0.x, $0.y, 0) })
    // A little lower than the captured points, which are sharper.
    for p in hexagonalDisc(radius: groundRadius, spacing: spacing) {
      let near = index.nearest(to: p, count: 5)
      let sum = near.reduce(SIMD3<Float>.zero) { $0 + ground.coloursSRGB[$1.index] }
      let surfel = Surfel(
        center: SIMD3(p.x, p.y, level - 0.015), normal: SIMD3(0, 0, 1), along: SIMD3(1, 0, 0),
        widths: SIMD2(repeating: spacing * Surfel.coverage))
      cloud.append(surfel.splat(colourSRGB: sum / Float(near.count)))
    }
  }

  /// Covers a far ball with the mean colour of what was captured in each direction, or the sky's.
  private static func closeHorizon(
    _ cloud: inout SplatCloud, _ world: CapturedPoints, coarseness: Float
  ) {
    let far = world.filter { p in length(p) > 2.5 }
    let index = PointIndex(far.positions.map { normalize($0) })
    let rowCount = max(3, Int((60 / coarseness).rounded()))
    let step = Float.pi / Float(rowCount)
    for row in 0..<rowCount {
      let elevation = -Float.pi / 2 + (Float(row) + 0.5) * step
      let count = max(4, Int(2 * .pi * cos(elevation) / step))
      for column in 0..<count {
        let azimuth = 2 * Float.pi * (Float(column) + Float(row % 2) / 2) / Float(count)
        let outward = SIMD3(
          cos(elevation) * cos(azimuth), cos(elevation) * sin(azimuth), sin(elevation))
        let near = index.nearest(to: outward, count: 16)
        let sum = near.reduce(SIMD3<Float>.zero) { $0 + far.coloursSRGB[$1.index] }
        // Beyond 12 degrees from the last of the nearest points there is only sky.
        let gap = near.last?.distanceSquared.squareRoot() ?? 2
        let share = elevation > 0 ? smoothStep(0.08, 0.2, gap) : 0
        let colour = near.isEmpty ? skySRGB : mix(sum / Float(near.count), skySRGB, share)
        let surfel = Surfel(
          center: outward * backdropRadius, normal: -outward,
          along: SIMD3(-sin(azimuth), cos(azimuth), 0),
          widths: SIMD2(repeating: step * backdropRadius * Surfel.coverage * 1.1))
        cloud.append(surfel.splat(colourSRGB: colour))
      }
    }
  }

  /// The points of a hexagonal grid in the plane z = 0 within a circle around the origin.
  private static func hexagonalDisc(radius: Float, spacing: Float) -> [SIMD3<Float>] {
    let rowSpacing = spacing * 0.866
    let rows = Int(radius / rowSpacing)
    var points: [SIMD3<Float>] = []
    for row in -rows...rows {
      let y = Float(row) * rowSpacing
      let half = (radius * radius - y * y).squareRoot()
      let shift: Float = row % 2 == 0 ? 0 : spacing / 2
      let columns = Int(half / spacing) + 1
      for column in -columns...columns {
        let x = Float(column) * spacing + shift
        if abs(x) <= half { points.append(SIMD3(x, y, 0)) }
      }
    }
    return points
  }
}
