// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Randomness
package import Splats
import Synchronization

/// A city that is made up, of any size: any part of it can be asked for alone.
///
/// Low hills and a river; arterial roads between districts, streets within them; blocks that are
/// towers in the middle, then courtyards, rows, houses, halls and parks; on them lots, buildings
/// with windows, trees; along streets lamps and parked cars. The frame is east, north, up, in
/// metres, the middle at the origin. The seed decides everything: the same square has the same
/// splats, whoever asks and in whatever order, and neighbours agree on what crosses their border.
package final class City: Sendable {
  /// What decides the city.
  package let seed: UInt64
  /// The length of the city's sides, metres; nothing lies beyond them.
  package let edge: Double
  /// How many splats there are, as a multiple of about one on a square metre.
  package let density: Double
  let terrain: CityTerrain
  private let plan: CityPlan
  /// Districts that were asked for lately: to make one again gives the same.
  private let districts = Mutex<[SIMD2<Int>: CityDistrict]>([:])

  /// The districts that are remembered, of about 200 kB.
  private static let mostDistricts = 256
  /// The instance ids of a district: more than its things.
  static let idsPerDistrict: UInt32 = 12_000
  /// The columns and rows of districts whose things are counted; others are 38 km apart and more.
  static let countedDistricts = 72

  /// Founds a city.
  ///
  /// - Parameters:
  ///   - seed: what decides it.
  ///   - edge: the length of its sides, metres.
  ///   - density: 1 for about a splat on a square metre, 4 for four.
  package init(seed: UInt64, edge: Double, density: Double = 1) {
    precondition(edge > 0 && density > 0, "a city has an area and splats")
    self.seed = seed
    self.edge = edge
    self.density = density
    terrain = CityTerrain(seed: seed)
    plan = CityPlan(seed: seed)
  }

  /// The height of dry land, metres; over the river that of its quays.
  package func groundHeight(at point: SIMD2<Double>) -> Double { terrain.height(point) }

  /// How much of a city a place is, 0...1: the middle is, and smaller ones around it, one in each
  /// square of 4.5 km, perhaps faint.
  func centrality(_ point: SIMD2<Double>) -> Double {
    func share(_ place: SIMD2<Double>, radius: Double) -> Double {
      let apart = point - place
      return exp(-(apart * apart).sum() / (radius * radius))
    }
    var most = share(.zero, radius: 1300)
    let nearest = SIMD2<Int>((point / Self.centerPitch).rounded(.toNearestOrEven))
    // Those farther away do not reach here.
    for row in nearest.y - 1...nearest.y + 1 {
      for column in nearest.x - 1...nearest.x + 1 where (column, row) != (0, 0) {
        var random = plan.stream(column, row, "city center")
        let slip = SIMD2(random.uniform(in: -0.3...0.3), random.uniform(in: -0.3...0.3))
        let place = Self.centerPitch * (SIMD2(Double(column), Double(row)) + slip)
        let strength = random.uniform(in: 0.1...0.75)
        most = max(most, strength * share(place, radius: random.uniform(in: 500...900)))
      }
    }
    return most
  }

  private static let centerPitch = 4500.0

  /// The district at a place of the lattice of arterial roads.
  func district(_ column: Int, _ row: Int) -> CityDistrict {
    let place = SIMD2(column, row)
    if let known = districts.withLock({ $0[place] }) { return known }
    let district = CityDistrict(self, plan, column, row)
    districts.withLock { districts in
      if districts.count >= Self.mostDistricts { districts.removeAll() }
      districts[place] = district
    }
    return district
  }

  /// The districts that come as near to a square as a margin.
  func districts(near square: CitySquare, margin: Double) -> [CityDistrict] {
    let wide = CitySquare(
      west: square.west - margin, south: square.south - margin, edge: square.edge + 2 * margin)
    let (columns, rows) = plan.districts(near: wide)
    return rows.flatMap { row in
      columns.compactMap { column in
        let district = district(column, row)
        return square.touches(district.box, margin: margin) ? district : nil
      }
    }
  }

  /// The blocks that come as near to a square as a margin.
  func blocks(near square: CitySquare, margin: Double) -> [CityBlock] {
    districts(near: square, margin: margin).flatMap { district in
      district.blocks.filter { square.touches($0.box, margin: margin) }
    }
  }

  /// Whether a place lies within the city.
  func holds(_ point: SIMD2<Double>) -> Bool {
    abs(point.x) < edge / 2 && abs(point.y) < edge / 2
  }

  /// The streets of the districts that touch a square.
  package func streets(near square: CitySquare) -> [CityStreet] {
    districts(near: square, margin: 0).flatMap(\.streets)
  }

  /// The corners of an arterial road that goes from the middle to the eastern edge.
  package var arterialWay: [SIMD2<Double>] {
    (0...max(1, Int(edge / 2 / CityPlan.pitch))).map { plan.corner($0, 0) }
  }

  /// The splats of a square, positions in metres from its middle, heights above the city's zero.
  ///
  /// - Complexity: 0.2 to 0.4 microseconds a splat.
  package func splats(in square: CitySquare) -> SplatCloud {
    var canvas = CityCanvas(self, square)
    canvas.paint()
    return canvas.brush.cloud
  }

  /// The things whose middle lies in a square: each is in exactly one.
  package func things(in square: CitySquare) -> [CityThing] {
    blocks(near: square, margin: 0).flatMap { block in
      block.things { square.contains($0) && holds($0) }
    }
  }
}

/// A thing that is counted.
package struct CityThing: Equatable, Sendable {
  /// The instance id of its splats.
  package var id: UInt32
  /// What it is; of a building's wall, roof and windows each has an id.
  package var semanticClass: SemanticClass
}

/// A mesh of the lattice of arterial roads with all that stands in it.
struct CityDistrict: Sendable {
  let blocks: [CityBlock]
  let streets: [CityStreet]
  let box: (low: SIMD2<Double>, high: SIMD2<Double>)

  fileprivate init(_ city: City, _ plan: CityPlan, _ column: Int, _ row: Int) {
    let middle = (plan.corner(column, row) + plan.corner(column + 1, row + 1)) / 2
    let laidOut = plan.district(column, row, density: min(1, 1.3 * city.centrality(middle)))
    streets = laidOut.streets
    // Outside of the lattice of those that are counted, things have the numbers of what they are.
    let half = City.countedDistricts / 2
    let isCounted = (-half..<half).contains(column) && (-half..<half).contains(row)
    let number = UInt32(isCounted ? (row + half) * City.countedDistricts + column + half : 0)
    var next = isCounted ? SemanticClass.firstThing + number * City.idsPerDistrict : nil
    let end = (next ?? 0) + City.idsPerDistrict
    var blocks: [CityBlock] = []
    for (index, polygon) in laidOut.blocks.enumerated() {
      var random = plan.stream(column, row, "city block", index)
      let centrality = city.centrality(polygon.middle)
      let use = Self.use(centrality, &random)
      var block = CityBlock(
        polygon, use: use, density: centrality, terrain: city.terrain, random: &random)
      block.keep { city.holds($0) }
      block.number(from: &next, below: end)
      blocks.append(block)
    }
    self.blocks = blocks
    box = blocks.reduce(into: blocks.first?.box ?? (.zero, .zero)) { box, block in
      box = (pointwiseMin(box.low, block.box.low), pointwiseMax(box.high, block.box.high))
    }
  }

  private static func use(_ centrality: Double, _ random: inout RandomStream) -> CityUse {
    let (draw, other) = (random.uniform(), random.uniform())
    if draw < 0.055 { return .park }
    switch centrality {
    case 0.55...: return other < 0.62 ? .towers : .courtyards
    case 0.2...: return other < 0.06 ? .towers : other < 0.94 ? .courtyards : .rows
    case 0.07...: return other < 0.25 ? .courtyards : other < 0.9 ? .rows : .halls
    default: return other < 0.30 ? .rows : other < 0.9 ? .houses : other < 0.96 ? .halls : .park
    }
  }
}
