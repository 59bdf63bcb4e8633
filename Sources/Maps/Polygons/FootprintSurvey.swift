// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How a height is taken from the points of a survey at a polygon.
package struct LiftRule: Hashable, Sendable {
  /// The classes of points that count, as the ASPRS numbers them.
  package var codes: Set<UInt8>
  /// The share of the points that lie lower.
  package var share: Double
  /// How far from the polygon points may lie, metres; 0 for those within.
  package var reach: Double
  /// The name in provenance.
  package var name: String

  /// A roof: nine tenths of the building's own points lie lower.
  package static let roof = LiftRule(
    codes: [6], share: 0.9, reach: 0, name: "roof-percentile-90")
  /// The foot of a building: a tenth of the ground's and water's points around it lie lower.
  package static let foot = LiftRule(
    codes: [2, 9], share: 0.1, reach: 3, name: "ground-percentile-10-within-3-m")
  /// The surface of water: a tenth of the points lie lower, as banks and reeds lie higher.
  package static let water = LiftRule(
    codes: [2, 9], share: 0.1, reach: 0, name: "water-percentile-10")
  /// A bridge's deck: the median.
  package static let deck = LiftRule(
    codes: [17, 26], share: 0.5, reach: 0, name: "deck-percentile-50")
}

/// Gathers the heights of a survey's points at polygons.
///
/// Memory: four bytes for each point that counts.
package struct FootprintSurvey: Sendable {
  private let index: PolygonIndex
  private let rules: [[LiftRule]]
  /// The heights for each polygon and each of its rules, metres.
  private var heights: [[[Float]]]

  /// Prepares to gather, by the rules of each polygon.
  package init(_ polygons: [(rings: [[SIMD2<Double>]], rules: [LiftRule])]) {
    rules = polygons.map(\.rules)
    heights = polygons.map { $0.rules.map { _ in [] } }
    index = PolygonIndex(
      polygons.map(\.rings), reach: polygons.flatMap(\.rules).map(\.reach).max() ?? 0)
  }

  /// Adds a point.
  package mutating func add(_ place: SIMD2<Double>, height: Double, code: UInt8) {
    for polygon in index.candidates(at: place) {
      var distance: Double?
      for (slot, rule) in rules[polygon].enumerated() where rule.codes.contains(code) {
        let known = distance ?? index.distance(from: place, to: polygon)
        distance = known
        if known <= rule.reach { heights[polygon][slot].append(Float(height)) }
      }
    }
  }

  /// Whether a place lies in one of the polygons that are raised as buildings.
  package func isInBuilding(_ place: SIMD2<Double>) -> Bool {
    index.candidates(at: place).contains {
      rules[$0].contains(.roof) && index.distance(from: place, to: $0) == 0
    }
  }

  /// Returns the height by a rule of a polygon, and how many points it is from; nil where no point
  /// counts.
  package func height(
    of polygon: Int, by rule: LiftRule
  ) -> (height: Double, pointCount: Int)? {
    guard let slot = rules[polygon].firstIndex(of: rule) else { return nil }
    let sorted = heights[polygon][slot].sorted()
    guard !sorted.isEmpty else { return nil }
    let place = min(Int(Double(sorted.count) * rule.share), sorted.count - 1)
    return (Double(sorted[place]), sorted.count)
  }
}

/// Polygons by the squares of a grid that they lie in.
struct PolygonIndex: Sendable {
  private let polygons: [[[SIMD2<Double>]]]
  private var squares: [SIMD2<Int32>: [Int32]] = [:]
  private var wide: [Int] = []

  /// The edge of a square, metres.
  private static let edge = 16.0
  /// A polygon over more squares is looked at for every place.
  private static let mostSquares = 1 << 16

  /// Indexes polygons, which places up to `reach` metres away ask for.
  init(_ polygons: [[[SIMD2<Double>]]], reach: Double) {
    self.polygons = polygons
    for (number, rings) in polygons.enumerated() {
      guard let first = rings.first?.first else { continue }
      var (low, high) = (first, first)
      for corner in rings.joined() {
        (low, high) = (pointwiseMin(low, corner), pointwiseMax(high, corner))
      }
      let count = (high - low + 2 * reach) / Self.edge + 2
      guard count.x * count.y < Double(Self.mostSquares) else {
        wide.append(number)
        continue
      }
      let (from, to) = (Self.square(low - reach), Self.square(high + reach))
      for row in from.y...to.y {
        for column in from.x...to.x {
          squares[SIMD2(column, row), default: []].append(Int32(number))
        }
      }
    }
  }

  private static func square(_ place: SIMD2<Double>) -> SIMD2<Int32> {
    let scaled = (place / edge).rounded(.down)
    let limit = Double(Int32.max - 1)
    return SIMD2(
      Int32(max(-limit, min(limit, scaled.x))), Int32(max(-limit, min(limit, scaled.y))))
  }

  /// The polygons that may lie within the reach of a place, ascending but for wide ones.
  func candidates(at place: SIMD2<Double>) -> [Int] {
    (squares[Self.square(place)] ?? []).map { Int($0) } + wide
  }

  /// Returns how far a place lies from a polygon, metres; 0 within it.
  func distance(from place: SIMD2<Double>, to polygon: Int) -> Double {
    var isInside = false
    var least = Double.infinity
    for ring in polygons[polygon] {
      guard var from = ring.last else { continue }
      for to in ring {
        if (from.y <= place.y) != (to.y <= place.y) {
          let x = from.x + (to.x - from.x) * ((place.y - from.y) / (to.y - from.y))
          if x > place.x { isInside.toggle() }
        }
        let (edge, offset) = (to - from, place - from)
        let size = edge.x * edge.x + edge.y * edge.y
        let along = size > 0 ? (edge.x * offset.x + edge.y * offset.y) / size : 0
        let gap = offset - edge * max(0, min(1, along))
        least = min(least, gap.x * gap.x + gap.y * gap.y)
        from = to
      }
    }
    return isInside ? 0 : least.squareRoot()
  }
}
