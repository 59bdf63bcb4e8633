// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Splats

/// What the ground is at a place: its class and colour.
struct GroundCover: Hashable, Sendable {
  var what: SemanticClass
  /// The colour, sRGB, 0xrrggbb.
  var colour: UInt32
  /// What is painted over what: the higher later.
  var order: Int

  /// What the ground is where no object says anything.
  static let bare = GroundCover(what: .ground, colour: 0xa39c8e, order: 0)
  static let water = GroundCover(what: .water, colour: 0x45616f, order: 20)

  /// What an area of the map makes of the ground; nil where it says nothing of it.
  static func area(_ tags: OSMTags) -> GroundCover? {
    for (key, table, order) in areaTables {
      guard let value = tags[key], let (what, colour) = table[value] else { continue }
      // Areas of roads and squares lie over green, and green over land use.
      return GroundCover(what: what, colour: colour, order: order)
    }
    if tags["area:highway"] != nil {
      return GroundCover(what: .road, colour: 0x55565a, order: 50)
    }
    return nil
  }

  private typealias Table = [String: (SemanticClass, UInt32)]

  /// Keys in the order in which they are asked; what comes first says it more exactly.
  private static let areaTables: [(key: String, table: Table, order: Int)] = [
    ("highway", highways, 45), ("railway", railways, 45), ("amenity", amenities, 35),
    ("natural", natural, 20), ("waterway", waterways, 20), ("leisure", leisure, 30),
    ("landuse", landuses, 10), ("place", ["square": (.pavement, 0xa8a49c)], 12),
    ("man_made", ["pier": (.pavement, 0x98897a), "bridge": (.bridge, 0x8f8b84)], 40),
    ("landcover", ["grass": (.grass, 0x6d8a48), "trees": (.grass, 0x59753f)], 22),
    ("aeroway", ["runway": (.road, 0x5a5b5e), "taxiway": (.road, 0x606164)], 45),
  ]
  private static let highways: Table = [
    "pedestrian": (.pavement, 0xa8a49c), "footway": (.pavement, 0xa09c94),
    "platform": (.pavement, 0xa6a6a4), "service": (.road, 0x626366), "steps": (.pavement, 0x96928b),
    "living_street": (.road, 0x6a6a6c), "residential": (.road, 0x5a5b5e),
    "path": (.pavement, 0x9a9080), "cycleway": (.pavement, 0x8f7a72),
    "rest_area": (.road, 0x626366),
    "unclassified": (.road, 0x5a5b5e), "track": (.ground, 0x8c8069),
  ]
  private static let railways: Table = ["platform": (.pavement, 0xa6a6a4)]
  private static let amenities: Table = [
    "parking": (.road, 0x6b6c6f), "fountain": (.water, 0x5a7c8c),
    "marketplace": (.pavement, 0xaca496),
    "grave_yard": (.grass, 0x6a8450), "parking_space": (.road, 0x636468),
  ]
  private static let natural: Table = [
    "water": (.water, 0x45616f), "wood": (.grass, 0x526b3a), "scrub": (.shrub, 0x66793f),
    "heath": (.shrub, 0x85805a), "grassland": (.grass, 0x7d8f55), "beach": (.ground, 0xcdbf98),
    "sand": (.ground, 0xcdbf98), "bare_rock": (.ground, 0x98938b), "rock": (.ground, 0x98938b),
    "scree": (.ground, 0xa09a90), "shingle": (.ground, 0xa8a296), "wetland": (.grass, 0x6f7f5c),
    "mud": (.ground, 0x7f715c), "glacier": (.ground, 0xe4eaee), "bay": (.water, 0x45616f),
    "shrubbery": (.shrub, 0x5f7a42), "fell": (.grass, 0x848b62),
  ]
  private static let waterways: Table = [
    "riverbank": (.water, 0x45616f), "dock": (.water, 0x45616f), "boatyard": (.ground, 0x8f8b84),
  ]
  private static let leisure: Table = [
    "park": (.grass, 0x708f4c), "garden": (.grass, 0x6d8c4a), "pitch": (.grass, 0x6f9255),
    "playground": (.ground, 0xb3a585), "golf_course": (.grass, 0x76955a),
    "swimming_pool": (.water, 0x5fa3b8), "dog_park": (.grass, 0x8a8f60),
    "track": (.ground, 0xa4604a),
    "common": (.grass, 0x7a9155), "nature_reserve": (.grass, 0x6c8550),
  ]
  private static let landuses: Table = [
    "grass": (.grass, 0x6d8a48), "meadow": (.grass, 0x849a58), "forest": (.grass, 0x526b3a),
    "village_green": (.grass, 0x76934f), "recreation_ground": (.grass, 0x78954f),
    "cemetery": (.grass, 0x6a8450), "flowerbed": (.shrub, 0x7a7f4c),
    "allotments": (.grass, 0x7c8550),
    "farmland": (.ground, 0xa59468), "farmyard": (.ground, 0x9a8a6c), "orchard": (.grass, 0x77904c),
    "vineyard": (.shrub, 0x87904e), "plant_nursery": (.shrub, 0x7a8a4c),
    "residential": (.ground, 0xa49d91), "commercial": (.ground, 0x9f9b95),
    "retail": (.ground, 0xa09a94),
    "industrial": (.ground, 0x96928c), "railway": (.ground, 0x8a8178),
    "quarry": (.ground, 0x9f9788),
    "construction": (.ground, 0xa1937b), "brownfield": (.ground, 0x96876c),
    "greenfield": (.grass, 0x869258), "landfill": (.ground, 0x8a8070),
    "military": (.ground, 0x9a9484),
    "basin": (.water, 0x4a6a76), "reservoir": (.water, 0x45616f), "pond": (.water, 0x4a6a66),
    "salt_pond": (.water, 0x7f8f8f), "religious": (.ground, 0xa49d91),
    "education": (.ground, 0xa49d91),
    "garages": (.ground, 0x8f8c88), "civil": (.ground, 0xa49d91),
  ]
}

/// A way that is painted on the ground in its width.
struct GroundLine: Sendable {
  var cover: GroundCover
  /// The whole width, metres, and how it was got.
  var width: RuledHeight
  /// The width of a pavement on either side, painted under it, metres.
  var pavement = 0.0

  /// What a way of the map makes of the ground; nil where it says nothing of it.
  init?(_ tags: OSMTags) {
    if let kind = tags["highway"], let road = Self.roads[kind] {
      cover = road.cover
      width = Self.width(tags, usual: road.width, lanes: road.isForWheels)
      let sides = tags["sidewalk"] ?? tags["sidewalk:both"] ?? "no"
      if road.isForWheels, ["both", "left", "right", "yes"].contains(sides) { pavement = 2 }
    } else if let kind = tags["railway"], let usual = Self.railways[kind] {
      cover = GroundCover(what: .railway, colour: kind == "tram" ? 0x6c6760 : 0x6e655c, order: 62)
      width = Self.width(tags, usual: usual, lanes: false)
    } else if let kind = tags["waterway"], let usual = Self.waterways[kind] {
      cover = GroundCover.water
      width = Self.width(tags, usual: usual, lanes: false)
    } else if tags["man_made"] == "pier" {
      cover = GroundCover(what: .pavement, colour: 0x98897a, order: 40)
      width = Self.width(tags, usual: 2, lanes: false)
    } else {
      return nil
    }
  }

  /// The names of the rules for widths.
  enum Rule {
    static let lanes = "lanes-times-3.25"
    static let kind = "usual-for-kind"
  }

  private static let metresPerLane = 3.25

  private static func width(_ tags: OSMTags, usual: Double, lanes: Bool) -> RuledHeight {
    if let width = metres(fromTag: tags["width"]), (0.3...100).contains(width) {
      return RuledHeight(metres: width, origin: .stated)
    }
    if lanes, let count = number(fromTag: tags["lanes"]), (1...16).contains(count) {
      return RuledHeight(metres: count * metresPerLane, origin: .filled(rule: Rule.lanes))
    }
    return RuledHeight(metres: usual, origin: .filled(rule: Rule.kind))
  }

  private struct Road {
    var width: Double
    var isForWheels: Bool
    var cover: GroundCover

    init(_ width: Double, _ colour: UInt32, order: Int) {
      (self.width, isForWheels) = (width, true)
      cover = GroundCover(what: .road, colour: colour, order: order)
    }

    init(feet width: Double, _ colour: UInt32, _ what: SemanticClass = .pavement, order: Int = 52) {
      (self.width, isForWheels) = (width, false)
      cover = GroundCover(what: what, colour: colour, order: order)
    }
  }

  private static let roads: [String: Road] = [
    "motorway": Road(9, 0x4e4f53, order: 60), "trunk": Road(8, 0x4e4f53, order: 60),
    "primary": Road(8, 0x4e4f53, order: 59), "secondary": Road(7.5, 0x515256, order: 58),
    "tertiary": Road(7, 0x535458, order: 57), "unclassified": Road(6, 0x57585b, order: 56),
    "residential": Road(6, 0x57585b, order: 56), "living_street": Road(5, 0x68686a, order: 55),
    "service": Road(3.5, 0x626366, order: 54), "road": Road(5, 0x57585b, order: 55),
    "motorway_link": Road(4.5, 0x4e4f53, order: 59), "trunk_link": Road(4.5, 0x4e4f53, order: 59),
    "primary_link": Road(4.5, 0x4e4f53, order: 58), "busway": Road(7, 0x5a5356, order: 57),
    "secondary_link": Road(4, 0x515256, order: 57), "tertiary_link": Road(4, 0x535458, order: 56),
    "track": Road(feet: 2.5, 0x8c8069, .ground), "path": Road(feet: 1.5, 0x9a9080),
    "footway": Road(feet: 2, 0xa09c94), "cycleway": Road(feet: 2.5, 0x8f7a72),
    "pedestrian": Road(feet: 5, 0xa8a49c), "steps": Road(feet: 2.5, 0x8a867f),
    "bridleway": Road(feet: 2, 0x948468, .ground), "platform": Road(feet: 3, 0xa6a6a4),
  ]
  private static let railways: [String: Double] = [
    "rail": 3.2, "light_rail": 3, "tram": 2.6, "narrow_gauge": 2.4, "subway": 3, "monorail": 1,
    "preserved": 3, "disused": 3,
  ]
  private static let waterways: [String: Double] = [
    "river": 12, "canal": 8, "stream": 2, "ditch": 1, "drain": 1,
  ]
}

extension OSMTags {
  /// Whether the object lies under the ground or inside of a building.
  var isBelowGround: Bool {
    if let level = self["layer"].flatMap(Int.init), level < 0, !isCovered { return true }
    if let tunnel = self["tunnel"], !["no", "building_passage"].contains(tunnel) { return true }
    if self["location"] == "underground" || has("indoor") { return true }
    return ["corridor", "elevator"].contains(self["highway"] ?? "")
  }

  /// Water under a bridge and the like has a layer below the ground's and still lies open.
  private var isCovered: Bool {
    self["natural"] == "water" || (self["waterway"] != nil && self["tunnel"] == nil)
  }
}
