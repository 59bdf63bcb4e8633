// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry
import Splats
import Testing

@testable import Maps

@Suite struct `Heights of buildings` {
  private func height(
    _ tags: [String: String], shape: RoofShape = .flat, neighbours: Double? = nil
  ) -> BuildingHeight {
    BuildingHeight(
      OSMTags(tags.map { ($0.key, $0.value) }), shape: shape, halfWidth: 5, neighbours: neighbours)
  }

  @Test func `are what the map says, else storeys, else neighbours, else the kind's`() {
    let stated = height(["height": "20", "building:levels": "3"], neighbours: 9)
    #expect(stated.top == RuledHeight(metres: 20, origin: .stated))
    let levels = height(["building:levels": "4", "building": "yes"], neighbours: 9)
    #expect(levels.top == RuledHeight(metres: 12, origin: .filled(rule: "levels-times-3")))
    let neighbours = height(["building": "yes"], neighbours: 9)
    #expect(neighbours.top == RuledHeight(metres: 9, origin: .filled(rule: "neighbours-median")))
    let kind = height(["building": "yes"])
    #expect(kind.top == RuledHeight(metres: 6, origin: .filled(rule: "building-kind")))
    // A garage is as high as garages are, whatever stands around.
    #expect(height(["building": "garage"], neighbours: 20).top.metres == 3)
  }

  @Test func `have a roof on top of storeys and within a stated height`() {
    let levels = height(["building:levels": "2", "roof:levels": "1"], shape: .gabled)
    #expect(levels.top.metres == 9 && levels.roof.metres == 3)
    #expect(levels.roof.origin == .filled(rule: "roof-levels-times-3"))
    let stated = height(["height": "10", "roof:height": "4"], shape: .gabled)
    #expect(stated.top.metres == 10 && stated.roof == RuledHeight(metres: 4, origin: .stated))
    let angle = height(["height": "20", "roof:angle": "45"], shape: .gabled)
    #expect(abs(angle.roof.metres - 5) < 1e-9)
    // A roof higher than its building is all roof.
    #expect(height(["height": "3", "roof:height": "9"], shape: .gabled).roof.metres == 3)
    #expect(height(["height": "20"], shape: .gabled).roof.metres == 3)
  }

  @Test func `of parts begin where the map says`() {
    #expect(height(["height": "20", "min_height": "12"]).bottom.metres == 12)
    #expect(height(["building:levels": "5", "building:min_level": "2"]).bottom.metres == 6)
    // Nonsense: it begins above its top.
    let nonsense = height(["height": "5", "min_height": "12"])
    #expect(nonsense.bottom.metres == 2 && nonsense.top.metres == 5)
    #expect(height(["building": "roof", "height": "5"]).bottom.metres == 4.7)
  }
}

@Suite struct `A town from a map` {
  private let frame = MapFrame(origin: GeodeticPosition(latitude: 0, longitude: 0, height: 0))

  private func city(_ objects: String, ground: GroundHeights = GroundHeights()) throws -> OSMCity {
    try OSMCity(MapExamples.town(objects), frame: frame, ground: ground, file: "test")
  }

  /// The area of a surface with its holes taken off, square metres.
  private func area(_ surface: MapSurface) -> Double {
    let vectors = surface.rings.map { ring -> SIMD3<Double> in
      zip(ring, ring.dropFirst() + ring.prefix(1)).reduce(SIMD3()) { $0 + cross($1.0, $1.1) / 2 }
    }
    let normal = normalize(vectors[0])
    return vectors.reduce(0) { $0 + dot($1, normal) }
  }

  @Test func `A house has four walls outwards, a roof upwards and its height`() throws {
    let city = try city(
      MapExamples.way(1, [11, 31, 33, 13, 11], ["building": "garage", "height": "6", "name": "A"]))
    let walls = city.surfaces.filter { $0.identifier.semanticClass == .wall }
    #expect(walls.count == 4 && abs(walls.reduce(0) { $0 + area($1) } - 480) < 1)
    let middle = SIMD2(20.0, 20.0)
    for wall in walls {
      let ring = wall.rings[0]
      let normal = cross(ring[1] - ring[0], ring[2] - ring[1])
      #expect(dot(normal, SIMD3(ring[0].x - middle.x, ring[0].y - middle.y, 0)) > 0)
      #expect(wall.height == .stated && wall.identifier.thing == 1)
    }
    let roofs = city.surfaces.filter { $0.identifier.semanticClass == .roof }
    #expect(roofs.count == 1 && abs(area(roofs[0]) - 400) < 1)
    #expect(abs(roofs[0].rings[0][0].z - 6) < 0.01)
    let ring = roofs[0].rings[0]
    #expect(cross(ring[1] - ring[0], ring[2] - ring[1]).z > 0)
    #expect(city.things == [OSMCity.Thing(number: 1, what: .wall, name: "A")])
    #expect(city.report.counts["building height"] == ["stated": 1])
  }

  @Test func `Windows are cut out of walls and fill them`() throws {
    let city = try city(
      MapExamples.way(1, [11, 31, 33, 13, 11], ["building": "office", "height": "6"]))
    let faces = city.surfaces.filter { [.wall, .window].contains($0.identifier.semanticClass) }
    #expect(abs(faces.reduce(0) { $0 + area($1) } - 480) < 1)
    let windows = faces.filter { $0.identifier.semanticClass == .window }
    // Six in each of two storeys and four walls.
    #expect(windows.count == 48 && windows.allSatisfy { abs(area($0) - 1.8) < 1e-6 })
  }

  @Test func `Parts that fill an outline replace it, and a tower alone does not`() throws {
    let house = MapExamples.way(1, [11, 51, 53, 13, 11], ["building": "yes", "height": "9"])
    let west = MapExamples.way(2, [11, 31, 33, 13, 11], ["building:part": "yes", "height": "20"])
    let east = MapExamples.way(3, [31, 51, 53, 33, 31], ["building:part": "yes", "height": "5"])
    let tower = MapExamples.way(4, [11, 21, 22, 12, 11], ["building:part": "yes", "height": "30"])
    func tops(_ objects: String) throws -> [Double] {
      try city(objects).surfaces.filter { $0.identifier.semanticClass == .roof }.map {
        ($0.rings[0][0].z * 10).rounded() / 10
      }
    }
    #expect(try tops(house + west + east) == [20, 5])
    #expect(try tops(house + tower) == [9, 30])
    #expect(try tops(house) == [9])
    let whole = try city(house + west + east)
    #expect(whole.things.count == 1)
    #expect(whole.report.counts["buildings"]?["outlines replaced by their parts"] == 1)
  }

  @Test func `The ground is one layer without gaps, and roads lie in the grass`() throws {
    let city = try city(
      MapExamples.way(1, [0, 90, 99, 9, 0], ["leisure": "park"])
        + MapExamples.way(2, [5, 95], ["highway": "service", "width": "5"]))
    var areas: [SemanticClass: Double] = [:]
    for surface in city.surfaces {
      areas[surface.identifier.semanticClass, default: 0] += area(surface)
    }
    // 90 m square; the road of 90 m has round ends beyond the grass, 19.6 square metres.
    let road: Double = areas[.road] ?? 0
    let grass: Double = areas[.grass] ?? 0
    #expect(abs(road - 469.6) < 5)
    #expect(abs(grass - 7650) < 5)
    // The box has ten metres around what is drawn.
    let total = areas.values.reduce(0, +)
    #expect(abs(total - 110 * 110) < 5)
    #expect(city.report.counts["ground line width"] == ["stated": 1])
  }

  @Test func `Buildings and trees stand on the ground that is measured`() throws {
    var field = HeightField(southWest: [-50, -50], spacing: 10, columnCount: 30, rowCount: 30)
    // The ground rises by a tenth to the east.
    for index in field.heights.indices { field.heights[index] = Float(index % 30) }
    let city = try city(
      MapExamples.way(1, [11, 31, 33, 13, 11], ["building": "garage", "height": "6"])
        + "<node id='7' lat='0.0005' lon='0.0005'><tag k='natural' v='tree'/></node>",
      ground: GroundHeights(field: field))
    // At x = 10 m the field has 5 + 1.
    let roof = city.surfaces.filter { $0.identifier.semanticClass == .roof }
    #expect(abs(roof[0].rings[0][0].z - 12) < 0.01)
    let trunk = city.surfaces.filter { $0.identifier.semanticClass == .wood }
    let lowest: Double = trunk.flatMap { $0.rings[0] }.map(\.z).min() ?? 0
    // 55.66 m to the east the ground has 5 + 5.57; the trunk begins 0.2 below.
    #expect(abs(lowest - 10.37) < 0.05)
    for surface in city.surfaces where surface.identifier.semanticClass == .ground {
      for corner in surface.rings[0] where corner.x > -45 {
        #expect(abs(corner.z - (corner.x + 50) / 10) < 0.01)
      }
    }
  }

  @Test func `What lies under the ground is left out`() throws {
    let city = try city(
      MapExamples.way(1, [0, 90], ["highway": "service", "tunnel": "yes"])
        + MapExamples.way(2, [0, 90], ["railway": "subway", "layer": "-2"])
        + MapExamples.way(3, [0, 9], ["highway": "path"]))
    #expect(city.report.counts["left out"] == ["below the ground": 2])
    #expect(!city.surfaces.contains { $0.identifier.semanticClass == .railway })
  }

  @Test func `A map of nothing and a map of a continent are refused`() throws {
    #expect(throws: InputError.self) { try city("") }
    let far = "<node id='7' lat='1' lon='1'><tag k='natural' v='tree'/></node>"
    let error = #expect(throws: InputError.self) {
      try city(far + MapExamples.way(3, [0, 9], ["highway": "path"]))
    }
    #expect(error?.expected.contains("20000 m") == true)
  }
}

@Suite struct `Coasts` {
  @Test func `have the sea to their right`() {
    // An island's coast runs counter-clockwise.
    let island = Coastline([[[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]])
    #expect(!island.isSea([5, 5]) && island.isSea([15, 5]))
    // Beyond a corner both sides are as near.
    #expect(island.isSea([11, 11.5]) && island.isSea([-3, -1]))
    #expect(!island.nearest(to: [5, 5], reach: 2).isSea([5, 6]))
  }

  @Test func `are kept where they can be the nearest`() {
    let coast = Coastline([[[0, 0], [10, 0]], [[1000, 5], [1000, -5]]])
    for x in stride(from: -20.0, through: 20, by: 5) {
      #expect(coast.nearest(to: [0, 0], reach: 30).isSea([x, -3]) == coast.isSea([x, -3]))
    }
  }
}
