// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Splats

/// Raises buildings: walls with windows, roofs, and floors under what hangs in the air.
struct BuildingRaiser {
  /// What is made, and what by.
  private(set) var surfaces: [MapSurface] = []
  private(set) var report = OSMReport()
  private let ground: GroundHeights

  /// The most corners of an outline that takes a roof other than flat.
  private static let mostCorners = 600

  init(ground: GroundHeights) { self.ground = ground }

  /// Raises a building or a part.
  mutating func raise(_ building: MappedBuilding, neighbours: NeighbourHeights) {
    let tags = building.object.tags
    for area in building.areas {
      let rectangle = PlanRectangle(around: area.outer)
      let shape = shape(tags, area)
      let height = BuildingHeight(
        tags, shape: shape, halfWidth: rectangle.halfWidth,
        neighbours: neighbours.median(around: area.centroid))
      report.count("building height", height.top.origin.name)
      let ridge = Self.ridge(tags, shape, rectangle)
      let roof = Roof(shape, height: height.roof.metres, over: area, ridge: ridge)
      if roof == nil { report.count("roof", "\(shape.rawValue) does not fit: flat") }
      report.count("roof", roof == nil ? "flat" : shape.rawValue)
      let flat = roof ?? Roof(.flat, height: 0, over: area, ridge: nil)
      guard let flat else { continue }
      var height2 = height
      if roof == nil { height2.roof.metres = 0 }
      raise(building, area, flat, height2)
    }
  }

  private mutating func raise(
    _ building: MappedBuilding, _ area: PlanArea, _ roof: Roof, _ height: BuildingHeight
  ) {
    let base = area.rings.joined().map { ground.height(at: $0) }.min() ?? 0
    let bottom = base + height.bottom.metres
    let eaves = base + height.top.metres - height.roof.metres
    let look = BuildingLook(building, isFlat: roof.planes.isEmpty && roof.profile.isEmpty)
    let hasWalls = !["roof", "carport"].contains(building.object.tags["building"] ?? "")
    for ring in area.rings {
      for index in ring.indices {
        let (start, end) = (ring[index], ring[(index + 1) % ring.count])
        let upper = [start] + roof.corners(from: start, to: end) + [end]
        let tops = upper.map { SIMD3($0.x, $0.y, eaves + roof.height(at: $0)) }
        guard hasWalls || eaves - bottom < 1 else { continue }
        addWall(from: bottom, to: tops, look, height.top.origin)
      }
    }
    let isFlat = roof.planes.isEmpty && roof.profile.isEmpty
    let pieces =
      isFlat
      ? [area.rings.map { ring in ring.map { SIMD3($0.x, $0.y, eaves) } }]
      : roof.pieces().map { [$0.map { SIMD3($0.x, $0.y, eaves + $0.z) }] }
    for rings in pieces {
      add(rings, .roof, look.thing, look.roofColour, height.top.origin)
    }
    if height.bottom.metres > 0.5 {
      let rings = area.rings.map { ring in ring.reversed().map { SIMD3($0.x, $0.y, bottom) } }
      add(rings, .wall, look.thing, look.wallColour, height.bottom.origin)
    }
  }

  /// Adds a wall between a level bottom and an upper edge, with windows where there is room.
  private mutating func addWall(
    from bottom: Double, to tops: [SIMD3<Double>], _ look: BuildingLook, _ origin: HeightOrigin
  ) {
    guard let first = tops.first, let last = tops.last,
      (tops.map(\.z).max() ?? bottom) > bottom + 0.05
    else { return }
    let start = SIMD3(first.x, first.y, bottom)
    let end = SIMD3(last.x, last.y, bottom)
    var corners = [start, end]
    for top in tops.reversed() where top.z > bottom + 0.01 { corners.append(top) }
    guard corners.count > 2 else { return }
    let windows = look.hasWindows ? WindowGrid(start, end, top: min(first.z, last.z)).windows : []
    add([corners] + windows.map { $0.reversed() }, .wall, look.thing, look.wallColour, origin)
    for window in windows { add([window], .window, look.thing, look.windowColour, origin) }
  }

  private mutating func add(
    _ rings: [[SIMD3<Double>]], _ what: SemanticClass, _ thing: UInt32, _ colour: SIMD3<Float>,
    _ origin: HeightOrigin
  ) {
    surfaces.append(
      MapSurface(rings, what, thing: thing, colourSRGB: colour, height: origin))
  }

  private mutating func shape(_ tags: OSMTags, _ area: PlanArea) -> RoofShape {
    guard let tag = tags["roof:shape"] ?? tags["building:roof:shape"] else { return .flat }
    guard let shape = RoofShape(tag: tag.lowercased()) else {
      report.count("roof", "unknown shape: flat")
      return .flat
    }
    guard area.rings.joined().count <= Self.mostCorners else {
      report.count("roof", "more than \(Self.mostCorners) corners: flat")
      return .flat
    }
    return shape
  }

  /// Along the ridge, or downhill for one slope, as the tags say; nil for the usual.
  private static func ridge(
    _ tags: OSMTags, _ shape: RoofShape, _ rectangle: PlanRectangle
  ) -> SIMD2<Double>? {
    if let bearing = bearing(fromTag: tags["roof:direction"]) {
      // The direction is downhill: across the ridge, where there is one.
      let downhill = SIMD2(sin(bearing), cos(bearing))
      return shape == .skillion ? downhill : SIMD2(-downhill.y, downhill.x)
    }
    return tags["roof:orientation"] == "across" ? rectangle.across : nil
  }
}

/// How a building looks: by its tags, or else by rules that depend on its number alone.
struct BuildingLook {
  var thing: UInt32
  var wallColour: SIMD3<Float>
  var roofColour: SIMD3<Float>
  var windowColour: SIMD3<Float>
  var hasWindows: Bool

  init(_ building: MappedBuilding, isFlat: Bool) {
    thing = building.thing
    let number = Int(building.thing)
    wallColour =
      colourSRGB(fromTag: building.inherited("building:colour"))
      ?? colourSRGB(ofMaterial: building.inherited("building:material"))
      ?? colourSRGB(code: Self.plasters[number % Self.plasters.count])
    roofColour =
      colourSRGB(fromTag: building.inherited("roof:colour"))
      ?? colourSRGB(ofMaterial: building.inherited("roof:material"))
      ?? colourSRGB(code: (isFlat ? Self.flatRoofs : Self.tiles)[number % 4])
    windowColour = colourSRGB(code: 0x4a5b68)
    let kind = building.object.tags["building"] ?? building.whole?["building"] ?? "yes"
    hasWindows = !Self.blind.contains(kind) && building.object.tags["man_made"] == nil
  }

  /// Plasters of northern cities.
  private static let plasters: [UInt32] = [
    0xd9cbb0, 0xe3d9c4, 0xc9b79a, 0xd8b98f, 0xb9a58b, 0xcfc8ba, 0xc7a98b, 0xbfc0b6, 0xd9c19f,
    0xa98f7a, 0xe0d2c1,
  ]
  private static let flatRoofs: [UInt32] = [0x8b8d8f, 0x7c7f80, 0x9a9894, 0x6f7478]
  private static let tiles: [UInt32] = [0x8c4f3d, 0x6d6f70, 0x7a4337, 0x5d6468]
  /// Kinds that have no windows worth the name.
  private static let blind: Set<String> = [
    "garage", "garages", "carport", "roof", "shed", "hut", "greenhouse", "church", "cathedral",
    "chapel", "ruins", "service", "bunker", "barn", "silo", "storage_tank", "tank", "kiosk",
  ]
}

/// Windows in a wall, a row for each storey; a rule, since maps know none.
struct WindowGrid {
  /// The windows as rings that wind like the wall.
  private(set) var windows: [[SIMD3<Double>]] = []

  /// One window in so many metres of wall, and its size and height above the storey's floor.
  private static let pitch = 2.8
  private static let size = SIMD2(1.2, 1.5)
  private static let sill = 0.9

  /// Places windows between the ends of a wall's lower edge, below `top`.
  init(_ start: SIMD3<Double>, _ end: SIMD3<Double>, top: Double) {
    let along = end - start
    let length = (along * along).sum().squareRoot()
    let count = Int((length - 0.6) / Self.pitch)
    // The highest row, too, ends below the eaves.
    let room = top - start.z - Self.sill - Self.size.y - 0.2
    let levels = Int((room / BuildingHeight.metresPerLevel).rounded(.down)) + 1
    guard count > 0, levels > 0, length.isFinite, count < 1000, levels < 300 else { return }
    let step = along / Double(count)
    let half = along / length * (Self.size.x / 2)
    for level in 0..<levels {
      let low = Double(level) * BuildingHeight.metresPerLevel + Self.sill
      for column in 0..<count {
        let middle = start + step * (Double(column) + 0.5)
        let (left, right) = (middle - half, middle + half)
        let (lower, upper) = (SIMD3(0, 0, low), SIMD3(0, 0, low + Self.size.y))
        windows.append([left + lower, right + lower, right + upper, left + upper])
      }
    }
  }
}
