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
  /// The distances between the splats that close the top, its underside and the ground, metres.
  private static let (topSpacing, undersideSpacing, groundSpacing): (Float, Float, Float) =
    (0.007, 0.02, 0.05)
  /// The deviation of those splats as a share of their distance.
  ///
  /// Wider than what is painted, since their colours have no detail to lose: so a thousandth of the
  /// light passes between them instead of one or two hundredths, which would move the expected
  /// depth of a table by as much of its height.
  private static let coverage: Float = 0.8
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
  /// The brightness of the table's underside and edge as a share of the top's.
  private static let shade: Float = 0.7
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
    guard let colour = CapturedTopColours(world, radius: radius, spacing: spacing) else { return }
    for surfel in disc(radius: radius, level: 0, spacing: spacing) {
      cloud.append(surfel.splat(colourSRGB: colour(surfel.center)))
    }
    // The underside and the edge face away from the sky. Its grid is the same at any detail: wide
    // splats just below a surface are drawn before it where a camera looks along it.
    for surfel in disc(radius: radius, level: -rimMargin, spacing: undersideSpacing) {
      cloud.append(surfel.splat(colourSRGB: colour(surfel.center) * shade))
    }
    let count = Int(2 * .pi * radius / spacing)
    for step in 0..<count {
      let angle = 2 * Float.pi * Float(step) / Float(count)
      let outward = SIMD3(cos(angle), sin(angle), 0)
      let surfel = Surfel(
        center: outward * radius - SIMD3(0, 0, rimMargin / 2), normal: outward,
        along: SIMD3(0, 0, 1), widths: SIMD2(rimMargin / 3, spacing * coverage))
      cloud.append(surfel.splat(colourSRGB: colour(outward * radius) * shade))
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
    for surfel in disc(radius: groundRadius, level: level - 0.015, spacing: spacing) {
      let near = index.nearest(to: SIMD3(surfel.center.x, surfel.center.y, 0), count: 5)
      let sum = near.reduce(SIMD3<Float>.zero) { $0 + ground.coloursSRGB[$1.index] }
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
          widths: SIMD2(repeating: step * backdropRadius * coverage))
        cloud.append(surfel.splat(colourSRGB: colour))
      }
    }
  }

  /// Closes a level disc around the z axis: splats on a hexagonal grid, the outermost of which are
  /// seen to end at the radius.
  private static func disc(radius: Float, level: Float, spacing: Float) -> [Surfel] {
    let width = spacing * coverage
    let reach = max(radius - width, 0)
    let rowSpacing = spacing * 0.866
    let rows = Int(reach / rowSpacing)
    var surfels: [Surfel] = []
    for row in -rows...rows {
      let y = Float(row) * rowSpacing
      let half = (reach * reach - y * y).squareRoot()
      let shift: Float = row % 2 == 0 ? 0 : spacing / 2
      let columns = Int(half / spacing) + 1
      for column in -columns...columns {
        let x = Float(column) * spacing + shift
        guard abs(x) <= half else { continue }
        surfels.append(
          Surfel(
            center: SIMD3(x, y, level), normal: SIMD3(0, 0, 1), along: SIMD3(1, 0, 0),
            widths: SIMD2(repeating: width)))
      }
    }
    return surfels
  }
}
