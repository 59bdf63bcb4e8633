// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Randomness
import Splats

/// What lies along an edge of a lot.
enum LotSide: Sendable {
  case street
  /// Between neighbours: a gap, or a wall that both share.
  case neighbour
  /// Between the lots of two streets.
  case rear
}

/// What a block is used for.
enum CityUse: Int, Sendable {
  case towers
  case courtyards
  case rows
  case houses
  case halls
  case park
}

/// How the lots of a use are cut and built on.
struct LotRules: Sendable {
  /// The width of a lot along the street, and the depth above which a block has two rows, metres.
  var width: Double
  var depth: Double
  /// What stays free towards the street, neighbours and the rear, metres.
  var free: (street: Double, neighbour: Double, rear: Double)
  /// The least area of a building, square metres.
  var leastArea: Double
  /// How likely a place along the street has a tree or a parked car.
  var treeShare: Double
  var carShare: Double

  static func of(_ use: CityUse) -> LotRules {
    switch use {
    case .towers:
      LotRules(
        width: 44, depth: 64, free: (3, 4, 5), leastArea: 220, treeShare: 0.5, carShare: 0.3)
    case .courtyards:
      LotRules(
        width: 21, depth: 38, free: (0, 0, 12), leastArea: 90, treeShare: 0.5, carShare: 0.65)
    case .rows:
      LotRules(width: 8, depth: 30, free: (2.5, 0, 9), leastArea: 34, treeShare: 0.6, carShare: 0.6)
    case .houses:
      LotRules(
        width: 17, depth: 34, free: (5, 2.4, 10), leastArea: 45, treeShare: 0.65, carShare: 0.3)
    case .halls:
      LotRules(
        width: 62, depth: 95, free: (7, 6, 6), leastArea: 300, treeShare: 0.15, carShare: 0.25)
    case .park:
      LotRules(
        width: 1, depth: 1, free: (0, 0, 0), leastArea: .infinity, treeShare: 0.9, carShare: 0.3)
    }
  }
}

/// A tree.
struct CityTree: Sendable {
  var place: SIMD2<Double>
  /// Of the crown, metres.
  var radius: Double
  /// To the top of the crown, metres.
  var height: Double
  /// Of its crown.
  var instance = SemanticClass.leaves.stuffInstance
}

/// A lamp, or a parked car.
struct StreetObject: Sendable {
  var place: SIMD2<Double>
  /// Along the street.
  var direction: SIMD2<Double>
  /// Of a car.
  var instance = SemanticClass.vehicle.stuffInstance
}

/// The piece of ground between streets, to their middle lines, and all that stands on it.
struct CityBlock: Sendable {
  /// To the middle of the streets around.
  let polygon: ConvexPolygon<StreetSide>
  /// To the kerbs.
  let kerb: ConvexPolygon<StreetSide>
  /// To the inner sides of the sidewalks.
  let yard: ConvexPolygon<StreetSide>
  let use: CityUse
  var buildings: [CityBuilding] = []
  var trees: [CityTree] = []
  var lamps: [StreetObject] = []
  var cars: [StreetObject] = []
  let box: (low: SIMD2<Double>, high: SIMD2<Double>)

  /// Lays a block out.
  init(
    _ polygon: ConvexPolygon<StreetSide>, use: CityUse, density: Double, terrain: CityTerrain,
    random: inout RandomStream
  ) {
    self.polygon = polygon
    self.use = use
    kerb = polygon.inset { $0.halfWidth }
    yard = polygon.inset { $0.halfWidth + $0.sidewalk }
    box = polygon.box
    let rules = LotRules.of(use)
    if use != .park { build(rules, density, terrain, &random) }
    plant(rules, terrain, &random)
    furnish(rules, terrain, &random)
  }

  private mutating func build(
    _ rules: LotRules, _ density: Double, _ terrain: CityTerrain, _ random: inout RandomStream
  ) {
    for lot in Self.lots(of: yard, rules, &random) {
      let front = rules.free.street > 2 ? random.uniform(in: -1...1.5) : 0
      let footprint = lot.inset { side in
        switch side {
        case .street: rules.free.street + front
        case .neighbour: rules.free.neighbour
        case .rear: rules.free.rear
        }
      }
      let isEmptyLot = random.uniform() < 0.04
      guard !isEmptyLot, footprint.area > rules.leastArea, Self.isDry(footprint, terrain) else {
        continue
      }
      buildings.append(
        CityBuilding(footprint, use: use, density: density, terrain: terrain, random: &random))
    }
  }

  /// Cuts a block into lots: two rows back to back where it is deep, and each row across.
  static func lots(
    of block: ConvexPolygon<StreetSide>, _ rules: LotRules, _ random: inout RandomStream
  ) -> [ConvexPolygon<LotSide>] {
    let whole = ConvexPolygon(block.edges.map { (point: $0.start, mark: LotSide.street) })
    guard !whole.isEmpty else { return [] }
    let along = whole.axis
    let across = SIMD2(-along.y, along.x)
    let depth = whole.extent(along: across)
    var rows = [whole]
    if depth.upperBound - depth.lowerBound > rules.depth {
      let halves = whole.cut(
        across: across, at: (depth.lowerBound + depth.upperBound) / 2, mark: .rear)
      rows = [halves.before, halves.behind]
    }
    var lots: [ConvexPolygon<LotSide>] = []
    for row in rows where !row.isEmpty {
      var rest = row
      let range = row.extent(along: along)
      let count = max(1, Int(((range.upperBound - range.lowerBound) / rules.width).rounded()))
      let width = (range.upperBound - range.lowerBound) / Double(count)
      for place in 1..<max(count, 1) {
        let at = range.lowerBound + width * (Double(place) + random.uniform(in: -0.12...0.12))
        let halves = rest.cut(across: along, at: at, mark: .neighbour)
        lots.append(halves.before)
        rest = halves.behind
      }
      lots.append(rest)
    }
    return lots.filter { !$0.isEmpty }
  }

  /// Whether a polygon keeps away from the river and its quays.
  private static func isDry<Mark>(_ polygon: ConvexPolygon<Mark>, _ terrain: CityTerrain) -> Bool {
    polygon.edges.allSatisfy { edge in
      let count = max(1, Int(edge.length / 8))
      return (0..<count).allSatisfy { step in
        let place = edge.start + edge.length * Double(step) / Double(count) * edge.direction
        return terrain.riverDistance(place) > CityTerrain.quay.end + 3
      }
    }
  }

  private mutating func plant(
    _ rules: LotRules, _ terrain: CityTerrain, _ random: inout RandomStream
  ) {
    for edge in kerb.edges {
      let count = Int((edge.length - 10) / 9)
      for index in 0..<max(count, 0) {
        let place = edge.start + (9.5 + 9 * Double(index)) * edge.direction + 1.1 * edge.inward
        let share = random.uniform()
        let size = random.uniform(in: 1.5...2.4)
        if share < rules.treeShare { plant(at: place, radius: size, terrain, &random) }
      }
    }
    guard !yard.isEmpty else { return }
    let (low, high) = yard.box
    let spacing = use == .park ? 8.0 : 11.0
    let share =
      switch use {
      case .park: 0.62
      case .houses: 0.5
      case .rows: 0.4
      case .courtyards: 0.35
      case .towers, .halls: 0.08
      }
    for row in 0...Int((high.y - low.y) / spacing) {
      for column in 0...Int((high.x - low.x) / spacing) {
        let place =
          low + spacing
          * SIMD2(Double(column) + random.uniform(), Double(row) + random.uniform())
        let size = random.uniform(in: use == .park ? 2.2...3.8 : 1.3...2.7)
        guard random.uniform() < share else { continue }
        // Paths of parks stay free.
        let depth = yard.depth(place)
        guard depth > 1, use != .park || !(4...10).contains(depth) else { continue }
        plant(at: place, radius: size, terrain, &random)
      }
    }
  }

  /// Plants a tree where there is room for its crown beside buildings.
  private mutating func plant(
    at place: SIMD2<Double>, radius: Double, _ terrain: CityTerrain,
    _ random: inout RandomStream
  ) {
    let stretch = random.uniform(in: 3...4)
    var room = radius
    for building in buildings { room = min(room, -building.footprint.depth(place) - 0.3) }
    guard room > 0.9, terrain.riverDistance(place) > CityTerrain.quay.end + 1 else { return }
    trees.append(CityTree(place: place, radius: room, height: room * stretch + 1.5))
  }

  private mutating func furnish(
    _ rules: LotRules, _ terrain: CityTerrain, _ random: inout RandomStream
  ) {
    func isDry(_ place: SIMD2<Double>) -> Bool {
      terrain.riverDistance(place) > CityTerrain.quay.end + 2
    }
    for edge in kerb.edges {
      for index in 0..<max(Int((edge.length - 8) / 28), 0) {
        let place = edge.start + (14 + 28 * Double(index)) * edge.direction + 0.5 * edge.inward
        if isDry(place) { lamps.append(StreetObject(place: place, direction: edge.direction)) }
      }
      let share = edge.mark.rank == .arterial ? rules.carShare / 3 : rules.carShare
      for index in 0..<max(Int((edge.length - 18) / 5.8), 0) {
        let slip = random.uniform(in: -0.4...0.4)
        let place =
          edge.start + (11.5 + 5.8 * Double(index) + slip) * edge.direction - 1.1 * edge.inward
        guard random.uniform() < share, isDry(place) else { continue }
        let turn = random.uniform() < 0.8 ? 1.0 : -1
        cars.append(StreetObject(place: place, direction: turn * edge.direction))
      }
    }
  }
}

// MARK: - Things

extension CityBlock {
  /// Takes away what does not stand where it may.
  mutating func keep(_ mayStand: (SIMD2<Double>) -> Bool) {
    buildings.removeAll { !mayStand($0.middle) }
    trees.removeAll { !mayStand($0.place) }
    lamps.removeAll { !mayStand($0.place) }
    cars.removeAll { !mayStand($0.place) }
  }

  /// Numbers what is counted, up to an end; things above it are not.
  mutating func number(from next: inout UInt32?, below end: UInt32) {
    func take(_ count: UInt32) -> UInt32? {
      guard let first = next, first + count <= end else { return nil }
      next = first + count
      return first
    }
    for index in buildings.indices {
      buildings[index].firstID = take(UInt32(CityBuilding.classes.count))
    }
    for index in trees.indices { trees[index].instance = take(1) ?? trees[index].instance }
    for index in cars.indices { cars[index].instance = take(1) ?? cars[index].instance }
  }

  /// The things that are counted and whose middle is in a place.
  func things(where isIn: (SIMD2<Double>) -> Bool) -> [CityThing] {
    var things: [CityThing] = []
    for building in buildings where isIn(building.middle) && building.firstID != nil {
      for semanticClass in CityBuilding.classes {
        things.append(
          CityThing(id: building.instance(semanticClass), semanticClass: semanticClass))
      }
    }
    for tree in trees where isIn(tree.place) && tree.instance >= SemanticClass.firstThing {
      things.append(CityThing(id: tree.instance, semanticClass: .leaves))
    }
    for car in cars where isIn(car.place) && car.instance >= SemanticClass.firstThing {
      things.append(CityThing(id: car.instance, semanticClass: .vehicle))
    }
    return things
  }
}
