// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry
import Images
import Maps
import Splats
import Testing

@Suite struct `Seeding of surfaces` {
  private func surface(_ rings: [[SIMD3<Double>]], _ kind: SemanticClass = .roof) -> MapSurface {
    MapSurface(rings: rings, identifier: MapIdentifier(kind, thing: 7), height: .stated)
  }

  private func square(_ low: Double, _ high: Double, height: Double = 0) -> [SIMD3<Double>] {
    [
      SIMD3(low, low, height), SIMD3(high, low, height), SIMD3(high, high, height),
      SIMD3(low, high, height),
    ]
  }

  private func seed(_ surface: MapSurface, density: Double) throws -> [MapSplat] {
    var splats: [MapSplat] = []
    try SurfaceSeeder(splatsPerSquareMetre: density).seed(surface, file: "test") {
      splats.append($0)
    }
    return splats
  }

  @Test func `covers a square of a metre with four splats`() throws {
    let splats = try seed(surface([square(0, 1, height: 3)]), density: 4)
    let places = Set(splats.map { [$0.position.x, $0.position.y] })
    #expect(places == [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]])
    for splat in splats {
      #expect(splat.position.z == 3)
      #expect(abs(splat.deviations.x - 0.3) < 1e-6 && abs(splat.deviations.y - 0.3) < 1e-6)
      #expect(splat.identifier == MapIdentifier(.roof, thing: 7))
      #expect(splat.identifier.rawValue == 256 + 6 * 32 + 12)
      #expect(splat.colourSRGB == SemanticClass.roof.mapColourSRGB)
    }
  }

  @Test func `leaves holes open`() throws {
    let splats = try seed(surface([square(0, 3), square(1, 2).reversed()]), density: 1)
    #expect(splats.count == 8)
    #expect(!splats.contains { $0.position.x == 1.5 && $0.position.y == 1.5 })
  }

  @Test func `covers the area of a slanted triangle, facing outwards`() throws {
    let corners = [SIMD3<Double>(1, 2, 0), SIMD3(7, 3, 1), SIMD3(2, 6, 4)]
    let area = cross(corners[1] - corners[0], corners[2] - corners[0])
    let splats = try seed(surface([corners]), density: 100)
    let covered = splats.reduce(0.0) {
      $0 + Double($1.deviations.x * $1.deviations.y)
        / (SurfaceSeeder.deviationShare * SurfaceSeeder.deviationShare)
    }
    #expect(abs(covered / (length(area) / 2) - 1) < 0.01)
    for splat in splats {
      let normal = splat.rotation.rotate(SIMD3(0, 0, 1))
      #expect(length(SIMD3<Double>(normal) - normalize(area)) < 1e-5)
      #expect(abs(dot(splat.position - corners[0], normalize(area))) < 1e-9)
    }
  }

  @Test func `lays the rows of a wall level, and gives a thin sliver its splats`() throws {
    let wall = [SIMD3<Double>(0, 0, 0), SIMD3(4, 0, 0), SIMD3(4, 0, 2), SIMD3(0, 0, 2)]
    let splats = try seed(surface([wall], .wall), density: 1)
    #expect(Set(splats.map(\.position.z)) == [0.5, 1.5] && splats.count == 8)
    let sliver = [SIMD3<Double>(0, 0, 0), SIMD3(9, 0, 0), SIMD3(9, 0.01, 0), SIMD3(0, 0.01, 0)]
    #expect(try seed(surface([sliver]), density: 1).count == 9)
  }

  @Test func `takes colours from a picture by its corners`() throws {
    // Left half red, right half blue; the picture's upper edge lies at the wall's top.
    var image = RGBImage(width: 4, height: 2)
    for pixel in 0..<8 { image.bytes[pixel * 3 + (pixel % 4 < 2 ? 0 : 2)] = 255 }
    var wall = surface([[SIMD3(0, 0, 0), SIMD3(4, 0, 0), SIMD3(4, 0, 2), SIMD3(0, 0, 2)]], .wall)
    wall.texture = SurfaceTexture(
      image, coordinates: [SIMD2(0, 1), SIMD2(1, 1), SIMD2(1, 0), SIMD2(0, 0)])
    for splat in try seed(wall, density: 4) {
      #expect(splat.colourSRGB == (splat.position.x < 2 ? SIMD3(1, 0, 0) : SIMD3(0, 0, 1)))
    }
  }

  @Test func `lies on a field of heights`() throws {
    var field = HeightField(southWest: .zero, spacing: 1, columnCount: 5, rowCount: 5)
    for index in 0..<25 { field.heights[index] = Float(index % 5) }
    var splats: [MapSplat] = []
    try SurfaceSeeder(splatsPerSquareMetre: 4).seed(
      surface([square(1, 3, height: 99)], .road), over: field, file: "test"
    ) { splats.append($0) }
    #expect(splats.count == 16)
    for splat in splats {
      #expect(abs(splat.position.z - splat.position.x) < 1e-6)
      let normal = splat.rotation.rotate(SIMD3(0, 0, 1))
      #expect(length(normal - SIMD3(-0.5, 0, 0.5) * Float(2).squareRoot()) < 1e-5)
    }
  }

  @Test(arguments: [Double.nan, .infinity, 1e30]) func `refuses absurd corners`(_ x: Double) {
    let bad = surface([[SIMD3(0, 0, 0), SIMD3(x, 0, 0), SIMD3(0, 1, 0)]])
    #expect(throws: InputError.self) { try seed(bad, density: 1) }
  }

  @Test func `refuses more splats than a surface can have, and makes none of no area`() throws {
    #expect(throws: InputError.self) { try seed(surface([square(0, 1e5)]), density: 1) }
    let line = surface([[SIMD3(0, 0, 0), SIMD3(1, 0, 0), SIMD3(2, 0, 0)]])
    #expect(try seed(line, density: 1).isEmpty && seed(surface([]), density: 1).isEmpty)
  }

  @Test func `Identifiers are taken apart as they were put together`() {
    for semanticClass in SemanticClass.allCases {
      for thing in [0, 1, 2, MapIdentifier.largestThing] {
        let identifier = MapIdentifier(semanticClass, thing: thing)
        #expect(MapIdentifier(rawValue: identifier.rawValue) == identifier)
        #expect((identifier.rawValue < 256) == (thing == 0))
      }
    }
    #expect(MapIdentifier(rawValue: 255) == nil && MapIdentifier(rawValue: 256 + 31) == nil)
  }

  @Test func `Heights are filled from the known ones inwards`() {
    var field = HeightField(southWest: .zero, spacing: 1, columnCount: 3, rowCount: 1)
    field.heights = [2, .nan, 4]
    #expect(field.height(at: SIMD2(0.5, 0)) == 2 && field.height(at: SIMD2(1, 0)) == nil)
    field.fillHoles()
    #expect(field.heights == [2, 3, 4] && field.height(at: SIMD2(9, 0)) == nil)
  }
}
