// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Randomness
import Splats
import Testing

@testable import Cities

/// Squares of 64 m that cover a square of the city around a place.
private func squares(around place: SIMD2<Double>, count: Int) -> [CitySquare] {
  let (west, south) = ((place.x / 64).rounded(.down), (place.y / 64).rounded(.down))
  return (0..<count).flatMap { row in
    (0..<count).map {
      CitySquare(west: 64 * (west + Double($0)), south: 64 * (south + Double(row)), edge: 64)
    }
  }
}

/// A splat in the city's frame, in whole numbers that rounding does not touch.
private struct Mark: Hashable {
  var position: SIMD3<Int>
  var colour: SIMD3<Float>
  var instance: UInt32
}

private func marks(_ city: City, _ square: CitySquare) -> [Mark: Int] {
  let cloud = city.splats(in: square)
  var marks: [Mark: Int] = [:]
  for index in 0..<cloud.count {
    let p = cloud.positions[index]
    // 1 cm: positions are floats from the middles of different squares.
    let place = SIMD3(Double(p.x) + square.center.x, Double(p.y) + square.center.y, Double(p.z))
    let cell = SIMD3<Int>((place * 100).rounded(.toNearestOrEven))
    let id = cloud.instanceIDs[index]
    marks[Mark(position: cell, colour: cloud.sh0[index], instance: id), default: 0] += 1
  }
  return marks
}

@Suite struct `A city` {
  private static let city = City(seed: 7, edge: 4000)
  /// The whole of a district of towers, one of courtyards with the river, and one of houses.
  private static let places = [SIMD2(-100.0, 50), SIMD2(300, 250), SIMD2(-1700, 1500)]

  @Test func `is the same in whatever order its squares are asked for`() {
    let asked = Self.places.flatMap { squares(around: $0, count: 2) }
    let forwards = asked.map { City(seed: 7, edge: 4000).splats(in: $0) }
    let backwards = asked.reversed().map { Self.city.splats(in: $0) }
    #expect(forwards == Array(backwards.reversed()))
    #expect(forwards != asked.map { City(seed: 8, edge: 4000).splats(in: $0) })
  }

  @Test func `neighbours agree at their borders`() {
    for place in Self.places {
      let parts = squares(around: place, count: 2)
      let whole = CitySquare(west: parts[0].west, south: parts[0].south, edge: 128)
      let together = parts.reduce(into: [Mark: Int]()) { sum, part in
        sum.merge(marks(Self.city, part)) { $0 + $1 }
      }
      let found = marks(Self.city, whole)
      // A few lie between two whole numbers and are rounded either way.
      let differing = Set(found.keys).symmetricDifference(together.keys).count
      #expect(found.values.reduce(0, +) == together.values.reduce(0, +))
      #expect(differing < found.count / 50)
    }
  }

  @Test func `splats lie in their square, finite and labelled`() {
    for square in Self.places.flatMap({ squares(around: $0, count: 2) }) {
      let cloud = Self.city.splats(in: square)
      cloud.checkInvariants()
      #expect(cloud.count > 1500 && cloud.count < 65_536)
      #expect(cloud.firstInvalidIndex == nil)
      let things = Set(
        Self.city.blocks(near: square, margin: 10).flatMap { block in
          block.things { _ in true }.map(\.id)
        })
      for index in 0..<cloud.count {
        let p = cloud.positions[index]
        #expect(abs(p.x) <= 32.001 && abs(p.y) <= 32.001 && p.z > -2 && p.z < 250)
        let id = cloud.instanceIDs[index]
        #expect(SemanticClass(stuffInstance: id) != nil || things.contains(id))
      }
    }
  }

  @Test func `has a splat on each square metre, and as many more as are asked for`() {
    let place = SIMD2(-1700.0, 1500)
    func count(_ density: Double) -> Double {
      let city = City(seed: 7, edge: 4000, density: density)
      let all = squares(around: place, count: 2).map { city.splats(in: $0).count }
      return Double(all.reduce(0, +)) / (128 * 128)
    }
    let (one, four) = (count(1), count(4))
    #expect(one > 0.8 && one < 2, "\(one)")
    // Trees, cars and windows are as many.
    #expect(four / one > 2 && four / one < 4.2, "\(four / one)")
  }

  @Test func `a thousand square kilometres have a billion splats`() {
    let city = City(seed: 1, edge: 1e9.squareRoot())
    var random = RandomStream(seed: 1, purpose: "squares")
    let counts = (0..<150).map { _ in
      let place = SIMD2(
        Double(random.index(below: 490)) - 245, Double(random.index(below: 490)) - 245)
      return Double(
        city.splats(in: CitySquare(west: 64 * place.x, south: 64 * place.y, edge: 64)).count)
    }
    let mean = counts.reduce(0, +) / Double(counts.count) / 4096
    #expect(mean > 1 && mean < 1.15, "\(mean)")
  }

  @Test func `ends at its edge`() {
    let small = City(seed: 7, edge: 100)
    #expect(small.splats(in: CitySquare(west: 64, south: 0, edge: 64)).count == 0)
    let square = CitySquare(west: 0, south: 0, edge: 64)
    let cloud = small.splats(in: square)
    #expect(cloud.count > 500)
    // 50 m from the middle, 18 m east of the square's.
    #expect(cloud.positions.allSatisfy { $0.x <= 18.001 && $0.y <= 18.001 })
  }

  @Test func `a smaller city is a part of a larger one`() {
    let small = City(seed: 7, edge: 1500)
    for square in squares(around: SIMD2(-200, 100), count: 2) {
      let (part, whole) = (small.splats(in: square), Self.city.splats(in: square))
      #expect(part.count > 0 && part == whole)
      #expect(small.things(in: square) == Self.city.things(in: square))
    }
  }

  private static let blocks: [CityBlock] = places.flatMap {
    city.blocks(near: CitySquare(west: $0.x, south: $0.y, edge: 900), margin: 0)
  }

  @Test func `no building stands on a street or in the water`() {
    let blocks = Self.blocks
    #expect(Set(blocks.map(\.use)).count >= 5)
    var count = 0
    for block in blocks {
      for building in block.buildings {
        count += 1
        for edge in building.footprint.edges {
          #expect(block.yard.depth(edge.start) > -1e-6)
          #expect(Self.city.terrain.riverDistance(edge.start) > CityTerrain.quay.end)
        }
      }
    }
    #expect(count > 500)
  }

  @Test func `buildings of a block do not overlap`() {
    for block in Self.blocks {
      for (index, one) in block.buildings.enumerated() {
        for other in block.buildings.dropFirst(index + 1) {
          // Convex: apart along the normal of an edge of one of them.
          let edges = one.footprint.edges + other.footprint.edges
          let isApart = edges.contains { edge in
            let inner = edge.inward
            func range(_ building: CityBuilding) -> ClosedRange<Double> {
              building.footprint.extent(along: inner)
            }
            return range(one).upperBound <= range(other).lowerBound + 1e-6
              || range(other).upperBound <= range(one).lowerBound + 1e-6
          }
          #expect(isApart)
        }
      }
    }
  }

  @Test func `no tree stands in a building or on a carriageway, no car on a sidewalk`() {
    let blocks = Self.blocks
    for block in blocks {
      for tree in block.trees {
        #expect(block.kerb.contains(tree.place))
        for building in block.buildings {
          #expect(-building.footprint.depth(tree.place) >= tree.radius)
        }
      }
      for car in block.cars {
        #expect(block.kerb.depth(car.place) < -0.9)
        #expect(block.polygon.contains(car.place))
      }
      for lamp in block.lamps { #expect(block.kerb.contains(lamp.place)) }
    }
    #expect(blocks.reduce(0) { $0 + $1.trees.count } > 2000)
    #expect(blocks.reduce(0) { $0 + $1.cars.count } > 1000)
    #expect(blocks.reduce(0) { $0 + $1.lamps.count } > 300)
  }

  @Test func `blocks cover a district once`() {
    let district = Self.city.district(0, 0)
    #expect(district.blocks.count > 10)
    let corners = [(0, 0), (1, 0), (1, 1), (0, 1)].map {
      CityPlan(seed: 7).corner($0.0, $0.1)
    }
    let whole = ConvexPolygon(corners.map { (point: $0, mark: 0) })
    let area = district.blocks.reduce(0) { $0 + $1.polygon.area }
    #expect(whole.edges.count == 4 && abs(area - whole.area) < 1e-3)
  }

  @Test func `all streets are connected`() {
    for place in Self.places {
      let streets = Self.city.streets(near: CitySquare(west: place.x, south: place.y, edge: 600))
      #expect(streets.contains(where: \.isArterial) && streets.count > 40)
      // Those that end on each other are joined; the lattice joins its own roads at its points.
      var reached: Set<Int> = [0]
      var open = [0]
      while let index = open.popLast() {
        for other in streets.indices where !reached.contains(other) {
          guard Self.touch(streets[index], streets[other]) else { continue }
          reached.insert(other)
          open.append(other)
        }
      }
      // An arterial road at the rim may be that of a district that is not in the list.
      #expect(streets.indices.filter { !streets[$0].isArterial && !reached.contains($0) } == [])
    }
  }

  /// Whether an end of one street lies on the other.
  private static func touch(_ one: CityStreet, _ other: CityStreet) -> Bool {
    func lies(_ point: SIMD2<Double>, on street: CityStreet) -> Bool {
      let line = street.end - street.start
      let length2 = (line * line).sum()
      let share = min(max(((point - street.start) * line).sum() / length2, 0), 1)
      let apart = point - street.start - share * line
      return (apart * apart).sum() < 0.01
    }
    return lies(one.start, on: other) || lies(one.end, on: other)
      || lies(other.start, on: one) || lies(other.end, on: one)
  }

  @Test func `each thing is in one square and has an id of its own`() {
    let whole = CitySquare(west: -256, south: -256, edge: 512)
    let things = Self.city.things(in: whole)
    let parts = squares(around: SIMD2(-256, -256), count: 8).flatMap { Self.city.things(in: $0) }
    #expect(things.count > 1000)
    #expect(Set(things.map(\.id)).count == things.count)
    #expect(parts.map(\.id).sorted() == things.map(\.id).sorted())
    #expect(things.allSatisfy { $0.id < 1 << 26 && $0.id >= SemanticClass.firstThing })
    #expect(Set(things.map(\.semanticClass)) == [.wall, .roof, .window, .leaves, .vehicle])
  }

  @Test func `shadows fall away from the sun`() throws {
    let building = try #require(Self.blocks.flatMap(\.buildings).first { $0.height > 20 })
    let behind = building.middle - (building.radius + 5) * CitySun.overGround
    let before = building.middle + (building.radius + 5) * CitySun.overGround
    func isShaded(_ place: SIMD2<Double>) -> Bool {
      building.shades(place, toSun: CitySun.overGround, rise: 1, reach: 60)
    }
    #expect(isShaded(behind) && !isShaded(before))
    #expect(!isShaded(behind - (building.height + 2 * building.radius) * CitySun.overGround))
  }
}
