// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
package import Splats

/// A flat map that gets its heights from a survey of the same place.
///
/// First every point is measured, then the heights are settled, then surfaces are asked for and
/// points sorted out. Buildings become boxes from their foot to their roof. Water and bridges lie
/// level at a height of their own, all else lies on the ground between the points of the ground.
package struct SurveyedMap: Sendable {
  /// A polygon in the map's frame.
  package struct Feature: Sendable {
    /// The outer ring, then the holes; east and north, metres.
    package var rings: [[SIMD2<Double>]]
    /// What it is.
    package var kind: MapPolygon.Kind
    /// The storey: 0 on the ground.
    package var level: Int
    /// The number of its thing, where it is counted.
    package var thing: UInt32

    /// Makes a polygon.
    package init(rings: [[SIMD2<Double>]], kind: MapPolygon.Kind, level: Int, thing: UInt32) {
      self.rings = rings
      self.kind = kind
      self.level = level
      self.thing = thing
    }

    fileprivate var rules: [LiftRule] {
      switch kind {
      case .building: [.roof, .foot]
      case .cover(.water): [.water]
      case .cover(.bridge): [.deck]
      case .cover: level > 0 ? [.deck] : []
      }
    }
  }

  /// The heights of a building.
  package struct BuildingHeights: Sendable {
    /// The height of the roof in the frame, metres, and how it was got.
    package var roof: Double
    /// How the roof's height was got.
    package var roofOrigin: HeightOrigin
    /// The height of the foot, metres.
    package var foot: Double
    /// How the foot's height was got.
    package var footOrigin: HeightOrigin
    /// The points that the roof's height is from.
    package var roofPointCount: Int
  }

  /// The polygons.
  package let features: [Feature]
  /// The ground between the points of the ground, metres in the frame.
  package private(set) var ground: HeightField
  private var counts: [Float]
  private var survey: FootprintSurvey

  /// The points of the ground's grid at most; a larger map has a wider grid.
  private static let mostGroundPoints = 64_000_000.0
  /// The codes of points that are the ground.
  private static let groundCodes: Set<UInt8> = [2, 9, 11]
  /// The height of a building of which no point came back, metres.
  private static let unseenHeight = 3.0

  /// Prepares to measure; nil where there is no polygon.
  package init?(_ features: [Feature]) {
    guard let first = features.first?.rings.first?.first else { return nil }
    self.features = features
    var (low, high) = (first, first)
    for corner in features.lazy.flatMap({ $0.rings.joined() }) {
      (low, high) = (pointwiseMin(low, corner), pointwiseMax(high, corner))
    }
    let size = high - low + 4
    let spacing = max(1, (size.x * size.y / Self.mostGroundPoints).squareRoot())
    guard size.x < 1e7, size.y < 1e7 else { return nil }
    ground = HeightField(
      southWest: low - 2, spacing: spacing, columnCount: Int(size.x / spacing) + 1,
      rowCount: Int(size.y / spacing) + 1)
    counts = Array(repeating: 0, count: ground.heights.count)
    ground.heights = counts
    survey = FootprintSurvey(features.map { ($0.rings, $0.rules) })
  }

  /// Adds a point to what the heights are from.
  package mutating func measure(_ position: SIMD3<Double>, code: UInt8) {
    let place = SIMD2(position.x, position.y)
    survey.add(place, height: position.z, code: code)
    guard Self.groundCodes.contains(code) else { return }
    let grid = ((place - ground.southWest) / ground.spacing).rounded(.toNearestOrAwayFromZero)
    guard grid.x >= 0, grid.y >= 0, grid.x < Double(ground.columnCount),
      grid.y < Double(ground.rowCount)
    else { return }
    let index = Int(grid.y) * ground.columnCount + Int(grid.x)
    ground.heights[index] += Float(position.z)
    counts[index] += 1
  }

  /// Ends the measuring: makes the ground's heights means, and fills where no point came back.
  package mutating func settle() {
    for index in counts.indices {
      ground.heights[index] = counts[index] > 0 ? ground.heights[index] / counts[index] : .nan
    }
    counts = []
    ground.fillHoles()
  }

  /// Returns the heights of a building; nil for what is none, and where nothing is known of the
  /// ground either.
  package func heights(of feature: Int) -> BuildingHeights? {
    guard features[feature].kind == .building, let ring = features[feature].rings.first else {
      return nil
    }
    let middle = ring.reduce(SIMD2<Double>.zero, +) / Double(max(1, ring.count))
    let measuredFoot = survey.height(of: feature, by: .foot)
    guard let foot = measuredFoot?.height ?? ground.height(at: middle) else { return nil }
    let roof = survey.height(of: feature, by: .roof)
    return BuildingHeights(
      roof: max(roof?.height ?? foot + Self.unseenHeight, foot + 0.1),
      roofOrigin: roof == nil
        ? .filled(rule: "3-m-where-no-point") : .measured(rule: LiftRule.roof.name),
      foot: foot,
      footOrigin: measuredFoot == nil
        ? .filled(rule: "ground-between-points") : .measured(rule: LiftRule.foot.name),
      roofPointCount: roof?.pointCount ?? 0)
  }

  /// Returns the surfaces of a polygon, and whether they lie on the ground's field.
  package func surfaces(of feature: Int) -> (surfaces: [MapSurface], areOnGround: Bool) {
    let polygon = features[feature]
    guard case .cover(let semanticClass) = polygon.kind else {
      return (heights(of: feature).map { Self.box(polygon, $0) } ?? [], false)
    }
    func lifted(_ height: Double, _ origin: HeightOrigin) -> MapSurface {
      MapSurface(
        rings: Self.upward(polygon.rings).map { $0.map { SIMD3($0.x, $0.y, height) } },
        identifier: MapIdentifier(semanticClass, thing: polygon.thing), height: origin)
    }
    for rule in polygon.rules {
      if let found = survey.height(of: feature, by: rule) {
        return ([lifted(found.height, .measured(rule: rule.name))], false)
      }
    }
    return ([lifted(0, .measured(rule: "mean-of-ground-points-in-grid"))], true)
  }

  /// The class of a point that surfaces do not stand for; nil for one that they do.
  ///
  /// The ground, water and buildings are surfaces. A point that nobody classified is a leaf where
  /// it is 2 m and more above the ground, and left out below 0.3 m, as a piece of the ground.
  package func semanticClass(of position: SIMD3<Double>, code: UInt8) -> SemanticClass? {
    guard let semanticClass = SemanticClass(surveyCode: code),
      !Self.groundCodes.contains(code), semanticClass != .bridge
    else { return nil }
    let place = SIMD2(position.x, position.y)
    guard let bottom = ground.height(at: place) else { return semanticClass }
    if survey.isInBuilding(place) { return nil }
    guard semanticClass == .unlabelled else { return semanticClass }
    let above = position.z - bottom
    return above >= 2 ? .leaves : above >= 0.3 ? .unlabelled : nil
  }

  private static func box(_ polygon: Feature, _ heights: BuildingHeights) -> [MapSurface] {
    let rings = upward(polygon.rings)
    var surfaces = [
      MapSurface(
        rings: rings.map { $0.map { SIMD3($0.x, $0.y, heights.roof) } },
        identifier: MapIdentifier(.roof, thing: polygon.thing), height: heights.roofOrigin)
    ]
    for ring in rings {
      for (from, to) in zip(ring, ring.dropFirst() + ring.prefix(1)) {
        let corners = [
          SIMD3(from.x, from.y, heights.foot), SIMD3(to.x, to.y, heights.foot),
          SIMD3(to.x, to.y, heights.roof), SIMD3(from.x, from.y, heights.roof),
        ]
        surfaces.append(
          MapSurface(
            rings: [corners], identifier: MapIdentifier(.wall, thing: polygon.thing),
            height: heights.roofOrigin))
      }
    }
    return surfaces
  }

  /// The rings with the outer one counter-clockwise and holes clockwise, seen from above.
  private static func upward(_ rings: [[SIMD2<Double>]]) -> [[SIMD2<Double>]] {
    rings.enumerated().map { number, ring in
      let area = zip(ring, ring.dropFirst() + ring.prefix(1)).reduce(0.0) {
        $0 + ($1.0.x * $1.1.y - $1.1.x * $1.0.y)
      }
      return (area > 0) == (number == 0) ? ring : ring.reversed()
    }
  }
}
