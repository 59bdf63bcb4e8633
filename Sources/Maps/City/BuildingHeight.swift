// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A height and the rule it was got by.
struct RuledHeight: Equatable, Sendable {
  var metres: Double
  var origin: HeightOrigin
}

/// How high a building or a part of one is, by what its tags say or else by rules.
///
/// The keys are those of Simple 3D Buildings (wiki.openstreetmap.org/wiki/Simple_3D_buildings). In
/// this order: the height itself; storeys times three metres and the roof; the median of the
/// neighbours; what is usual for such a building.
struct BuildingHeight: Equatable, Sendable {
  /// The top of the roof above the ground.
  var top: RuledHeight
  /// The bottom above the ground: 0 but for parts that begin higher up.
  var bottom: RuledHeight
  /// The roof's share of the height.
  var roof: RuledHeight

  /// The height of a storey, metres.
  static let metresPerLevel = 3.0
  /// The neighbours' buildings within this distance are asked, metres.
  static let neighbourDistance = 150.0
  /// The neighbours it takes for a median.
  static let leastNeighbours = 3

  /// The names of the rules, as they stand in surfaces and in reports.
  enum Rule {
    static let levels = "levels-times-3"
    static let neighbours = "neighbours-median"
    static let kind = "building-kind"
    static let roofShape = "roof-shape"
    static let roofLevels = "roof-levels-times-3"
    static let roofAngle = "roof-angle"
    static let ground = "ground"
  }

  /// The height that the tags tell, by themselves or by storeys; nil where they say nothing.
  static func told(_ tags: OSMTags, roof: Double) -> RuledHeight? {
    if let height = metres(fromTag: tags["height"] ?? tags["building:height"]), height > 0 {
      return RuledHeight(metres: height, origin: .stated)
    }
    guard let levels = number(fromTag: tags["building:levels"] ?? tags["levels"]),
      levels > 0 || roof > 0
    else { return nil }
    return RuledHeight(
      metres: levels * metresPerLevel + roof, origin: .filled(rule: Rule.levels))
  }

  /// Fills what the tags do not say.
  ///
  /// - Parameters:
  ///   - tags: what is known of the building or part.
  ///   - shape: its roof.
  ///   - halfWidth: half the shorter side of its outline, metres.
  ///   - neighbours: the median of the told heights around, nil where too few are told.
  init(_ tags: OSMTags, shape: RoofShape, halfWidth: Double, neighbours: Double?) {
    let roof = Self.roofHeight(tags, shape, halfWidth)
    let top: RuledHeight
    if let told = Self.told(tags, roof: roof.metres) {
      top = told
    } else if let neighbours, Self.levelsByKind[tags["building"] ?? "yes"] == nil {
      top = RuledHeight(metres: neighbours, origin: .filled(rule: Rule.neighbours))
    } else {
      let levels = Self.levelsByKind[tags["building"] ?? "yes"] ?? Self.usualLevels
      top = RuledHeight(
        metres: levels * Self.metresPerLevel + roof.metres, origin: .filled(rule: Rule.kind))
    }
    var bottom = Self.bottom(tags)
    // A part that would begin above its own top begins a storey below it.
    if bottom.metres > top.metres - 0.1 {
      bottom.metres = max(0, top.metres - Self.metresPerLevel)
    }
    self.top = top
    self.bottom = bottom
    self.roof = RuledHeight(
      metres: min(roof.metres, top.metres - bottom.metres), origin: roof.origin)
  }

  private static func bottom(_ tags: OSMTags) -> RuledHeight {
    if let height = metres(fromTag: tags["min_height"] ?? tags["building:min_height"]) {
      return RuledHeight(metres: height, origin: .stated)
    }
    if let level = number(fromTag: tags["building:min_level"]), level > 0 {
      return RuledHeight(metres: level * metresPerLevel, origin: .filled(rule: Rule.levels))
    }
    // A roof on posts hangs just below its top.
    if ["roof", "carport"].contains(tags["building"] ?? tags["building:part"] ?? "") {
      let top = told(tags, roof: 0)?.metres ?? metresPerLevel + roofThickness
      return RuledHeight(
        metres: max(0, top - roofThickness), origin: .filled(rule: Rule.kind))
    }
    return RuledHeight(metres: 0, origin: .filled(rule: Rule.ground))
  }

  private static func roofHeight(
    _ tags: OSMTags, _ shape: RoofShape, _ halfWidth: Double
  ) -> RuledHeight {
    guard shape != .flat else {
      return RuledHeight(metres: 0, origin: .filled(rule: Rule.roofShape))
    }
    if let height = metres(fromTag: tags["roof:height"]) {
      return RuledHeight(metres: height, origin: .stated)
    }
    if let degrees = number(fromTag: tags["roof:angle"]), degrees > 0, degrees < 85 {
      let run = shape == .skillion ? 2 * halfWidth : halfWidth
      return RuledHeight(
        metres: min(run * tangent(degrees), 30), origin: .filled(rule: Rule.roofAngle))
    }
    if let levels = number(fromTag: tags["roof:levels"]), levels > 0 {
      return RuledHeight(
        metres: levels * metresPerLevel, origin: .filled(rule: Rule.roofLevels))
    }
    let usual: Double =
      switch shape {
      case .dome, .round: halfWidth
      case .onion, .cone: 2 * halfWidth
      default: min(metresPerLevel, halfWidth)
      }
    return RuledHeight(metres: usual, origin: .filled(rule: Rule.roofShape))
  }

  private static let roofThickness = 0.3
  private static let usualLevels = 2.0

  /// Storeys that are usual for a kind, where neither tags nor neighbours are asked.
  private static let levelsByKind: [String: Double] = [
    "bungalow": 1, "cabin": 1, "carport": 1, "garage": 1, "garages": 1, "greenhouse": 1, "hut": 1,
    "kiosk": 1, "roof": 1.1, "service": 1, "shed": 1, "stable": 1, "static_caravan": 1,
    "transformer_tower": 3, "utility": 1, "church": 5, "cathedral": 8, "chapel": 2, "mosque": 4,
    "detached": 2, "house": 2, "farm": 2, "semidetached_house": 2, "terrace": 2, "barn": 2,
    "warehouse": 2, "industrial": 2, "supermarket": 2, "toilets": 1, "bunker": 1,
  ]
}

private func tangent(_ degrees: Double) -> Double { tan(degrees * .pi / 180) }
