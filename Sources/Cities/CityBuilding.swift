// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Randomness
import Splats

/// A building: prisms on top of each other, and how they look.
struct CityBuilding: Sendable {
  enum Roof: Sendable {
    case flat
    /// Falls to all sides.
    case hip
    /// Falls to the two long sides.
    case gable
  }

  /// A part with upright walls.
  struct Part: Sendable {
    var outline: ConvexPolygon<LotSide>
    /// Above the ground floor, metres.
    var bottom: Double
    var storeyCount: Int
    var storeyHeight: Double
    var roof: Roof

    var top: Double { bottom + Double(storeyCount) * storeyHeight }

    /// The height of the roof, or of the wall below it, above the ground floor, metres.
    func roofHeight(_ point: SIMD2<Double>) -> Double {
      top + CityBuilding.slope * fall(point).distance
    }

    /// How far a point is from where the roof begins to rise, and which edge that is.
    func fall(_ point: SIMD2<Double>) -> (distance: Double, edge: Int) {
      guard roof != .flat else { return (0, 0) }
      let axis = outline.axis
      var nearest = (distance: Double.infinity, edge: 0)
      for (index, edge) in outline.edges.enumerated() {
        if roof == .gable, abs((edge.direction * axis).sum()) < 0.7 { continue }
        let distance = max(edge.distance(point), 0)
        if distance < nearest.distance { nearest = (distance, index) }
      }
      return nearest
    }
  }

  enum Facade: Sendable {
    /// Windows in a wall.
    case punched
    /// Glass with bands between storeys.
    case curtain
    /// Hardly any window.
    case blank
  }

  let footprint: ConvexPolygon<LotSide>
  let parts: [Part]
  let facade: Facade
  let hasShops: Bool
  let wall: SIMD3<Double>
  let window: SIMD3<Double>
  let roofColour: SIMD3<Double>
  /// Whether neighbours stand wall to wall.
  let sharesWalls: Bool
  /// The instance id of its walls; those of roof and windows follow; nil where nobody counts.
  var firstID: UInt32?
  /// The height of the ground floor and of the lowest ground beside it, metres.
  let floor: Double
  let lowest: Double
  let box: (low: SIMD2<Double>, high: SIMD2<Double>)
  let middle: SIMD2<Double>
  /// From the middle to the farthest corner, metres.
  let radius: Double

  /// The rise of roofs over a metre.
  static let slope = 0.62

  /// The height of the highest part above the ground floor, metres.
  var height: Double { parts.reduce(0) { max($0, $1.top) } }

  init(
    _ footprint: ConvexPolygon<LotSide>, use: CityUse, density: Double, terrain: CityTerrain,
    random: inout RandomStream
  ) {
    self.footprint = footprint
    sharesWalls = use == .rows || use == .courtyards
    let heights = footprint.edges.map { terrain.height($0.start) }
    floor = (heights.max() ?? 0) + 0.15
    lowest = (heights.min() ?? 0) - 0.3
    box = footprint.box
    let middle = footprint.middle
    self.middle = middle
    radius = footprint.edges.reduce(0) { reach, edge in
      let apart = edge.start - middle
      return max(reach, (apart * apart).sum().squareRoot())
    }
    parts = Self.parts(footprint, use: use, density: density, &random)
    let isGlass = use == .towers && parts.count + parts[0].storeyCount > 8
    facade = use == .halls ? .blank : isGlass && random.uniform() < 0.6 ? .curtain : .punched
    hasShops = use == .towers || use == .courtyards && random.uniform() < 0.6
    wall = Self.wall(use, facade, &random)
    window =
      facade == .curtain
      ? SIMD3(0.24, 0.32, 0.38) + random.uniform(in: -0.07...0.07)
      : SIMD3(0.17, 0.21, 0.26) + random.uniform(in: -0.04...0.04)
    roofColour = Self.roofColour(parts[0].roof, &random)
  }

  /// The classes of its splats, in the order of their instance ids.
  static let classes: [SemanticClass] = [.wall, .roof, .window]

  /// The instance id of its splats of a class.
  func instance(_ semanticClass: SemanticClass) -> UInt32 {
    guard let firstID else { return semanticClass.stuffInstance }
    return firstID + (semanticClass.rawValue - SemanticClass.wall.rawValue)
  }

  private static func parts(
    _ outline: ConvexPolygon<LotSide>, use: CityUse, density: Double,
    _ random: inout RandomStream
  ) -> [Part] {
    let draw = random.uniform()
    let isQuad = outline.edges.count == 4
    switch use {
    case .towers:
      let count = 7 + Int(draw * draw * (12 + 26 * density))
      guard count > 12 else {
        return [
          Part(outline: outline, bottom: 0, storeyCount: count, storeyHeight: 3.6, roof: .flat)
        ]
      }
      let podium = 3 + random.index(below: 3)
      let inner = outline.inset { _ in 3.5 }
      let base = Part(
        outline: outline, bottom: 0, storeyCount: podium, storeyHeight: 4, roof: .flat)
      guard inner.area > 160 else {
        return [
          Part(outline: outline, bottom: 0, storeyCount: count, storeyHeight: 3.6, roof: .flat)
        ]
      }
      return [
        base,
        Part(
          outline: inner, bottom: base.top, storeyCount: count - podium, storeyHeight: 3.5,
          roof: .flat),
      ]
    case .courtyards:
      let roof: Roof = isQuad && random.uniform() < 0.45 ? .gable : .flat
      return [
        Part(
          outline: outline, bottom: 0, storeyCount: 4 + Int(draw * 3.5), storeyHeight: 3.3,
          roof: roof)
      ]
    case .rows:
      return [
        Part(
          outline: outline, bottom: 0, storeyCount: 2 + Int(draw * 1.6), storeyHeight: 3,
          roof: isQuad ? .gable : .hip)
      ]
    case .houses:
      return [
        Part(
          outline: outline, bottom: 0, storeyCount: 1 + Int(draw * 1.7), storeyHeight: 2.9,
          roof: isQuad && random.uniform() < 0.6 ? .gable : .hip)
      ]
    case .halls, .park:
      return [
        Part(outline: outline, bottom: 0, storeyCount: 1, storeyHeight: 7 + 4 * draw, roof: .flat)
      ]
    }
  }

  private static func wall(
    _ use: CityUse, _ facade: Facade, _ random: inout RandomStream
  ) -> SIMD3<Double> {
    let palette: [SIMD3<Double>] =
      switch use {
      case .towers where facade == .curtain:
        [SIMD3(0.52, 0.55, 0.57), SIMD3(0.36, 0.39, 0.42), SIMD3(0.66, 0.66, 0.64)]
      case .towers:
        [
          SIMD3(0.70, 0.67, 0.62), SIMD3(0.60, 0.60, 0.60), SIMD3(0.58, 0.47, 0.40),
          SIMD3(0.74, 0.72, 0.68),
        ]
      case .halls:
        [SIMD3(0.66, 0.68, 0.70), SIMD3(0.55, 0.60, 0.66), SIMD3(0.74, 0.72, 0.66)]
      default:
        [
          SIMD3(0.56, 0.33, 0.26), SIMD3(0.62, 0.42, 0.33), SIMD3(0.82, 0.76, 0.64),
          SIMD3(0.86, 0.85, 0.80), SIMD3(0.76, 0.66, 0.52), SIMD3(0.80, 0.70, 0.60),
          SIMD3(0.66, 0.66, 0.62), SIMD3(0.84, 0.72, 0.52),
        ]
      }
    return palette[random.index(below: palette.count)] + random.uniform(in: -0.05...0.05)
  }

  private static func roofColour(_ roof: Roof, _ random: inout RandomStream) -> SIMD3<Double> {
    let flat: [SIMD3<Double>] = [
      SIMD3(0.46, 0.45, 0.44), SIMD3(0.58, 0.57, 0.55), SIMD3(0.38, 0.38, 0.39),
      SIMD3(0.52, 0.48, 0.42),
    ]
    let tiles: [SIMD3<Double>] = [
      SIMD3(0.55, 0.27, 0.19), SIMD3(0.46, 0.24, 0.18), SIMD3(0.34, 0.31, 0.30),
      SIMD3(0.60, 0.35, 0.24),
    ]
    let palette = roof == .flat ? flat : tiles
    return palette[random.index(below: palette.count)] + random.uniform(in: -0.04...0.04)
  }

  /// Whether the building keeps the sun from a point of the ground.
  ///
  /// The way to the sun goes `toSun` over the ground, of length 1, and rises by `rise` over a
  /// metre; it is followed for `reach` metres.
  func shades(
    _ point: SIMD2<Double>, toSun: SIMD2<Double>, rise: Double, reach: Double
  ) -> Bool {
    let apart = middle - point
    let along = (apart * toSun).sum()
    let across = apart.x * toSun.y - apart.y * toSun.x
    guard abs(across) < radius, along > -radius, along < reach + radius else { return false }
    return parts.contains { part in
      var (from, to) = (0.0, min(reach, part.top / rise))
      for edge in part.outline.edges {
        let (start, change) = (edge.distance(point), (edge.inward * toSun).sum())
        if abs(change) < 1e-12 {
          if start < 0 { return false }
        } else if change > 0 {
          from = max(from, -start / change)
        } else {
          to = min(to, -start / change)
        }
      }
      return from < to
    }
  }
}
