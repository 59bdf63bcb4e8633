// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// What stands on the map as a building, or as a part of one that has its own height and roof.
struct MappedBuilding: Sendable {
  /// The object of the map.
  var object: OSMObject
  /// Its outlines, most often one.
  var areas: [PlanArea]
  /// The number of the thing it belongs to.
  var thing: UInt32
  /// The tags of the building that a part belongs to, for colours that the part does not tell.
  var whole: OSMTags?

  /// What it or the building it belongs to says of a key.
  func inherited(_ key: String) -> String? { object.tags[key] ?? whole?[key] }
}

/// Which outlines and parts are raised, by the rule of Simple 3D Buildings: parts replace the
/// outline that they fill.
struct BuildingPlan: Sendable {
  /// What is raised: outlines, then parts, each by id.
  private(set) var raised: [MappedBuilding] = []
  /// The things: number and name.
  private(set) var things: [(number: UInt32, name: String)] = []
  /// The outlines that their parts replace.
  private(set) var replacedCount = 0

  /// The share of an outline that parts must fill to replace it: less leaves it there, since a
  /// tower alone is no reason to take away the house under it.
  static let replacingShare = 0.5
  /// An outline is asked at so many places along east and as many along north.
  private static let samplesPerSide = 24

  /// Sorts out the buildings among objects; `area` turns an object into outlines in the frame.
  init(
    _ objects: [OSMObject], firstThing: UInt32, areas: (OSMObject) -> [PlanArea]
  ) {
    var parts = objects.filter { $0.isArea && $0.tags.has("building:part") }.map {
      MappedBuilding(object: $0, areas: areas($0), thing: 0)
    }
    var grid = PlanGrid(cellSize: 64)
    for (index, part) in parts.enumerated() {
      for area in part.areas { grid.insert(index, area.box) }
    }
    var next = firstThing
    for object in objects where object.isArea && object.tags.has("building") {
      let outlines = areas(object)
      guard !outlines.isEmpty else { continue }
      things.append((next, Self.name(object)))
      let inside = Set(outlines.flatMap { grid.items(near: $0.box) }).sorted().filter { index in
        parts[index].areas.contains { part in
          outlines.contains { $0.contains(part.pointInside) }
        }
      }
      for index in inside where parts[index].thing == 0 {
        parts[index].thing = next
        parts[index].whole = object.tags
      }
      let filling = inside.flatMap { parts[$0].areas }
      if outlines.allSatisfy({ Self.share(of: $0, filledBy: filling) >= Self.replacingShare }) {
        replacedCount += 1
      } else if !object.tags.has("building:part") {
        raised.append(MappedBuilding(object: object, areas: outlines, thing: next))
      }
      next += 1
    }
    for var part in parts where !part.areas.isEmpty {
      if part.thing == 0 {
        things.append((next, Self.name(part.object)))
        part.thing = next
        next += 1
      }
      raised.append(part)
    }
  }

  /// The share of an area's places that lie in one of other areas.
  private static func share(of area: PlanArea, filledBy parts: [PlanArea]) -> Double {
    guard !parts.isEmpty else { return 0 }
    let box = area.box
    let step = (box.high - box.low) / Double(samplesPerSide)
    var (inside, filled) = (0, 0)
    for row in 0..<samplesPerSide {
      for column in 0..<samplesPerSide {
        let point = box.low + step * (SIMD2(Double(column), Double(row)) + 0.5)
        guard area.contains(point) else { continue }
        inside += 1
        if parts.contains(where: { $0.contains(point) }) { filled += 1 }
      }
    }
    return inside > 0 ? Double(filled) / Double(inside) : 0
  }

  static func name(_ object: OSMObject) -> String {
    if let name = object.tags["name"] { return name }
    if let street = object.tags["addr:street"], let number = object.tags["addr:housenumber"] {
      return "\(street) \(number)"
    }
    switch object.kind {
    case .node: return "node \(object.id)"
    case .way, .areaOfWay: return "way \(object.id)"
    case .areaOfRelation: return "relation \(object.id)"
    }
  }
}

extension PlanArea {
  /// A point inside of the area: the centre of mass where it lies inside.
  var pointInside: SIMD2<Double> {
    let centre = centroid
    if contains(centre) { return centre }
    let largest = triangles().max { signedArea($0) < signedArea($1) }
    return largest.map { ($0[0] + $0[1] + $0[2]) / 3 } ?? centre
  }
}

/// The medians of what neighbours are told to be high.
struct NeighbourHeights: Sendable {
  private var grid = PlanGrid(cellSize: BuildingHeight.neighbourDistance)
  private var told: [(place: SIMD2<Double>, height: Double)] = []

  /// Collects what buildings tell of themselves, by height or storeys.
  init(_ buildings: [MappedBuilding]) {
    for building in buildings where building.object.tags["building:part"] == nil {
      guard let height = BuildingHeight.told(building.object.tags, roof: 0),
        let place = building.areas.first?.centroid
      else { continue }
      grid.insert(told.count, (place, place))
      told.append((place, height.metres))
    }
  }

  /// The median of the told heights around a place; nil where there are too few.
  func median(around place: SIMD2<Double>) -> Double? {
    let reach = SIMD2(repeating: BuildingHeight.neighbourDistance)
    let near = Set(grid.items(near: (place - reach, place + reach))).filter {
      squaredDistance(told[$0].place, place) <= reach.x * reach.x
    }
    guard near.count >= BuildingHeight.leastNeighbours else { return nil }
    let heights = near.map { told[$0].height }.sorted()
    return (heights[(heights.count - 1) / 2] + heights[heights.count / 2]) / 2
  }
}

/// Things by the cells of a square grid that their boxes touch.
struct PlanGrid: Sendable {
  private let cellSize: Double
  private var items: [SIMD2<Int32>: [Int]] = [:]

  init(cellSize: Double) { self.cellSize = cellSize }

  mutating func insert(_ item: Int, _ box: (low: SIMD2<Double>, high: SIMD2<Double>)) {
    for cell in cells(box) { items[cell, default: []].append(item) }
  }

  /// The items whose cells a box touches, some of them several times.
  func items(near box: (low: SIMD2<Double>, high: SIMD2<Double>)) -> [Int] {
    cells(box).flatMap { items[$0] ?? [] }
  }

  /// The cells that a box touches.
  func cells(_ box: (low: SIMD2<Double>, high: SIMD2<Double>)) -> [SIMD2<Int32>] {
    let low = SIMD2<Int32>((box.low / cellSize).rounded(.down))
    let high = SIMD2<Int32>((box.high / cellSize).rounded(.down))
    return (low.y...high.y).flatMap { y in (low.x...high.x).map { SIMD2($0, y) } }
  }
}
