// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry
import Splats
import Testing

@testable import Maps

@Suite struct `City models` {
  /// A house of 2 x 3 x 4 m as a solid with semantics, at (100, 200, 5).
  static let house = """
    {"type": "CityJSON", "version": "2.0",
     "transform": {"scale": [0.5, 0.5, 0.5], "translate": [100, 200, 5]},
     "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/7415"},
     "CityObjects": {
       "house": {"type": "Building", "geometry": []},
       "part": {"type": "BuildingPart", "parents": ["house"], "geometry": [
         {"type": "MultiSurface", "lod": "1", "boundaries": []},
         {"type": "Solid", "lod": "2.2",
          "boundaries": [[ [[0, 3, 2, 1]], [[4, 5, 6, 7]], [[0, 1, 5, 4]], [[2, 2, 3, 7, 6, 2]] ]],
          "semantics": {"surfaces": [{"type": "GroundSurface"}, {"type": "RoofSurface"},
                                     {"type": "WallSurface"}], "values": [[0, 1, 2, null]]},
          "material": {"day": {"values": [[null, 0, null, null]]}},
          "texture": {"day": {"values": [[ [[null]], [[null]], [[0, 0, 1, 2, 3]], [[null]] ]]}}
         }]},
       "road": {"type": "Road", "geometry": [
         {"type": "MultiSurface", "lod": 1, "boundaries": [[[0, 1, 2]]]}]},
       "tree": {"type": "SolitaryVegetationObject", "geometry": [
         {"type": "GeometryInstance", "template": 0, "boundaries": [0]}]}
     },
     "vertices": [[0,0,0], [4,0,0], [4,6,0], [0,6,0], [0,0,8], [4,0,8], [4,6,8], [0,6,8]],
     "appearance": {"materials": [{"name": "red", "diffuseColor": [1, 0, 0]}],
       "textures": [{"type": "PNG", "image": "wall.png"}],
       "vertices-texture": [[0, 0], [1, 0], [1, 1], [0, 1]]}}
    """

  private func model(_ text: String) throws -> CityModel {
    try CityModel(
      document: try JSONValue(file: "city.json", bytes: Array(text.utf8)), file: "city.json")
  }

  private func surfaces(_ text: String) throws -> [CitySurface] {
    var surfaces: [CitySurface] = []
    _ = try model(text).surfaces { surfaces.append($0) }
    return surfaces
  }

  @Test func `give surfaces with class, thing, colour and picture`() throws {
    let model = try model(Self.house)
    #expect(model.objectCount == 4 && model.version == "2.0")
    #expect(
      try CoordinateSystem(try #require(model.coordinateSystem), file: "").name.contains("RD"))
    var surfaces: [CitySurface] = []
    #expect(try model.surfaces { surfaces.append($0) } == 1, "the tree is no surface")
    #expect(surfaces.map(\.semanticClass) == [.ground, .roof, .wall, .wall, .road])
    #expect(surfaces.map(\.thingName) == ["house", "house", "house", "house", "road"])
    #expect(surfaces.map(\.isCounted) == [true, true, true, true, false])
    #expect(surfaces[1].colourSRGB == SIMD3(1, 0, 0) && surfaces[0].colourSRGB == nil)
    #expect(surfaces[1].rings[0][2] == SIMD3(102, 203, 9))
    // Corners that repeat are left out.
    #expect(surfaces[3].rings[0].count == 4)
    let picture = try #require(surfaces[2].picture)
    #expect(picture.name == "wall.png")
    #expect(picture.places == [SIMD2(0, 1), SIMD2(1, 1), SIMD2(1, 0), SIMD2(0, 0)])
  }

  @Test func `take what faces the sky for a roof where nothing is said`() throws {
    let plain = Self.house.replacing("\"semantics\"", with: "\"unused\"")
    let kinds = try surfaces(plain).map(\.semanticClass)
    #expect(kinds == [.ground, .roof, .wall, .wall, .road])
  }

  @Test(arguments: [
    ("\"CityJSON\"", "\"CityGML\"", "type"), ("\"2.0\"", "\"3.0\"", "version"),
    ("[0.5, 0.5, 0.5]", "[0.5, 0.5]", "transform.scale"),
    ("[0,0,0]", "[0,0,1e300]", "vertices[0]"), ("[0,0,0]", "[0,0]", "vertices[0]"),
    ("[[0, 3, 2, 1]]", "[[0, 3, 2, 8]]", "CityObjects.part.geometry[1].boundaries"),
    ("[[0, 3, 2, 1]]", "[[0, 3, 2, -1]]", "CityObjects.part.geometry[1].boundaries"),
    ("[[0, 3, 2, 1]]", "[0, 3]", "CityObjects.part.geometry[1].boundaries"),
    ("[[0, 1, 2, null]]", "[[0, 1, 2]]", "CityObjects.part.geometry[1].values"),
    ("[[0, 1, 2, null]]", "[[0, 1, 3, null]]", "CityObjects.part.geometry[1].semantics.values"),
    ("[[null, 0, null, null]]", "[[null, 7, null, null]]", "CityObjects.part.geometry[1].material"),
    ("[[0, 0, 1, 2, 3]]", "[[0, 0, 1, 2]]", "CityObjects.part.geometry[1].texture"),
    ("[[0, 0, 1, 2, 3]]", "[[0, 0, 1, 2, 9]]", "CityObjects.part.geometry[1].texture"),
    ("[[0, 0, 1, 2, 3]]", "[[4, 0, 1, 2, 3]]", "CityObjects.part.geometry[1].texture"),
    ("[1, 0, 0]", "[1, 0, 2]", "appearance.materials[0].diffuseColor"),
    ("[[0, 0], [1, 0]", "[[0, 0, 5], [1, 0]", "appearance.vertices-texture"),
  ])
  func `are refused where a number is out of range`(
    _ right: String, _ wrong: String, _ field: String
  ) {
    let text = Self.house.replacing(right, with: wrong)
    #expect(text != Self.house)
    let error = #expect(throws: InputError.self) { try surfaces(text) }
    #expect(error?.field == field, "\(String(describing: error))")
  }

  @Test func `are refused where they are cut off, and where they nest without end`() {
    let bytes = Array(Self.house.utf8)
    for length in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: InputError.self) {
        try surfaces(String(decoding: bytes.prefix(length), as: UTF8.self))
      }
    }
    let bomb = String(repeating: "[", count: 100_000)
    #expect(throws: InputError.self) { try surfaces(bomb) }
  }

  @Test func `Real ones are read in every version`() throws {
    guard RealFiles.isPresent(RealFiles.rotterdam) else { return }
    for (path, version, objects, counts) in [
      ("rotterdam_one.json", "1.1", 1, [SemanticClass.roof: 3, .ground: 1, .wall: 9]),
      ("rotterdam_subset.json", "2.0", 16, [:]),
      ("rotterdam_subset_cjio_test.json", "1.1", 16, [:]),
      ("delft.json", "2.0", 570, [:]), ("../delft_3dfier/output/testarea.json", "1.0", 570, [:]),
    ] {
      let model = try CityModel(path: RealFiles.rotterdam + path)
      #expect(model.version == version && model.objectCount == objects, "\(path)")
      var found: [SemanticClass: Int] = [:]
      let leftOut = try model.surfaces { found[$0.semanticClass, default: 0] += 1 }
      #expect(leftOut == 0 && (found[.roof] ?? 0) > 0, "\(path): \(found)")
      for (kind, count) in counts { #expect(found[kind] == count, "\(path): \(found)") }
    }
  }
}
