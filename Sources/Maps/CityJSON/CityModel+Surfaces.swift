// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Geometry
package import Splats

/// A surface of a city model in the file's coordinate system, before it is brought into a frame.
package struct CitySurface: Sendable {
  /// The rings, corners in the file's coordinate system.
  package var rings: [[SIMD3<Double>]]
  /// Its class.
  package var semanticClass: SemanticClass
  /// The id of the object, or of what that is a part of.
  package var thingName: String
  /// Whether its things are counted: buildings, bridges, trees and furniture are.
  package var isCounted: Bool
  /// The colour of its material.
  package var colourSRGB: SIMD3<Float>?
  /// The picture that it names, and where the corners of its outer ring lie on it, v downwards.
  package var picture: (name: String, places: [SIMD2<Double>])?
}

extension CityModel {
  /// Calls `body` with each surface, in the order of the file.
  ///
  /// Corners that repeat the one before are left out, and surfaces of fewer than three corners.
  ///
  /// - Returns: the number of geometries that are no surfaces (points, lines, templates).
  /// - Throws: `InputError` naming the geometry whose numbers are out of range or nested otherwise
  ///   than its type demands; and what `body` throws.
  package func surfaces(
    _ body: (CitySurface) throws(InputError) -> Void
  ) throws(InputError) -> Int {
    var leftOut = 0
    for object in objects {
      guard let geometry = try Self.finest(object.geometries) else { continue }
      guard let depth = Self.depths[try geometry.string("type")] else {
        leftOut += 1
        continue
      }
      try surfaces(of: geometry, object, depth: depth, body)
    }
    return leftOut
  }

  /// How many arrays stand around a surface's rings, by the type of the geometry.
  private static let depths = [
    "MultiSurface": 1, "CompositeSurface": 1, "Solid": 2, "MultiSolid": 3, "CompositeSolid": 3,
  ]

  private static func finest(_ geometries: [JSONFields]) throws(InputError) -> JSONFields? {
    var best: (detail: Double, geometry: JSONFields)?
    for geometry in geometries {
      // A number in version 1.0, text from 1.1 on.
      var detail = 0.0
      switch geometry["lod"] {
      case .string(let text)?: detail = Double(text) ?? 0
      case .integer(let integer)?: detail = Double(integer)
      case .number(let number)?: detail = number
      default: break
      }
      if best == nil || detail > best?.detail ?? 0 { best = (detail, geometry) }
    }
    return best?.geometry
  }

  private func surfaces(
    of geometry: JSONFields, _ object: CityObject, depth: Int,
    _ body: (CitySurface) throws(InputError) -> Void
  ) throws(InputError) {
    let boundaries = try Self.flat(.array(try geometry.array("boundaries")), depth, geometry)
    var semantics: [JSONValue] = []
    var kinds: [String] = []
    if geometry["semantics"] != nil, geometry["semantics"] != .null {
      let fields = try geometry.object("semantics")
      for value in try fields.array("surfaces") {
        kinds.append(try JSONFields(file: file, path: fields.path, value).string("type"))
      }
      semantics = try aligned(fields["values"], depth, boundaries.count, geometry)
    }
    let textures = try theme("texture", appearance.textureTheme, depth, boundaries.count, geometry)
    let materials = try theme(
      "material", appearance.materialTheme, depth, boundaries.count, geometry)
    for (index, boundary) in boundaries.enumerated() {
      let (rings, kept) = try rings(boundary, geometry)
      guard rings.first.map({ $0.count >= 3 }) == true else { continue }
      var kind: String?
      if index < semantics.count, case .integer(let number) = semantics[index] {
        guard kinds.indices.contains(number) else {
          throw geometry.wrong("semantics.values", semantics[index], "less than \(kinds.count)")
        }
        kind = kinds[number]
      }
      var surface = CitySurface(
        rings: rings, semanticClass: .unlabelled, thingName: object.parent ?? object.id,
        isCounted: Self.isCounted(object.type))
      guard let semanticClass = Self.semanticClass(object.type, kind, rings) else { continue }
      surface.semanticClass = semanticClass
      if index < materials.count, case .integer(let number) = materials[index] {
        guard appearance.colours.indices.contains(number) else {
          throw geometry.wrong(
            "material", materials[index], "less than \(appearance.colours.count)")
        }
        surface.colourSRGB = appearance.colours[number]
      }
      if index < textures.count {
        surface.picture = try picture(textures[index], kept: kept, geometry)
      }
      try body(surface)
    }
  }
}

// MARK: - Nested arrays

extension CityModel {
  /// The surfaces of boundaries, out of their shells and solids.
  private static func flat(
    _ value: JSONValue, _ depth: Int, _ geometry: JSONFields
  ) throws(InputError) -> [JSONValue] {
    guard case .array(let elements) = value else {
      throw geometry.wrong("boundaries", value, "arrays, as its type has them")
    }
    guard depth > 1 else { return elements }
    var all: [JSONValue] = []
    for element in elements { all += try flat(element, depth - 1, geometry) }
    return all
  }

  /// The values of surfaces, nested as their boundaries are; none where there are none.
  private func aligned(
    _ value: JSONValue?, _ depth: Int, _ count: Int, _ geometry: JSONFields
  ) throws(InputError) -> [JSONValue] {
    guard let value, value != .null else { return [] }
    let values = try Self.flat(value, depth, geometry)
    guard values.count == count else {
      throw geometry.wrong("values", .integer(values.count), "one for each of \(count) surfaces")
    }
    return values
  }

  /// The values of a theme: the one that the file prefers, else the first by name.
  private func theme(
    _ key: String, _ preferred: String?, _ depth: Int, _ count: Int, _ geometry: JSONFields
  ) throws(InputError) -> [JSONValue] {
    guard geometry[key] != nil, geometry[key] != .null else { return [] }
    let themes = try geometry.object(key)
    let names = themes.members.map(\.key).sorted()
    guard let name = names.first(where: { $0 == preferred }) ?? names.first else { return [] }
    let fields = try themes.object(name)
    if let single = fields["value"] { return Array(repeating: single, count: count) }
    return try aligned(fields["values"], depth, count, geometry)
  }

  /// The rings of a surface, and which corners of the outer one were kept.
  private func rings(
    _ boundary: JSONValue, _ geometry: JSONFields
  ) throws(InputError) -> ([[SIMD3<Double>]], kept: [Int]) {
    guard case .array(let lists) = boundary else {
      throw geometry.wrong("boundaries", boundary, "an array of rings")
    }
    var rings: [[SIMD3<Double>]] = []
    var kept: [Int] = []
    for list in lists {
      guard case .array(let elements) = list else {
        throw geometry.wrong("boundaries", list, "a ring of numbers")
      }
      var ring: [SIMD3<Double>] = []
      for (place, element) in elements.enumerated() {
        guard case .integer(let index) = element, vertices.indices.contains(index) else {
          throw geometry.wrong(
            "boundaries", element, "the number of one of \(vertices.count) vertices")
        }
        guard ring.last != vertices[index] else { continue }
        ring.append(vertices[index])
        if rings.isEmpty { kept.append(place) }
      }
      if ring.count > 1, ring.first == ring.last {
        ring.removeLast()
        if rings.isEmpty { kept.removeLast() }
      }
      if rings.isEmpty || ring.count >= 3 { rings.append(ring) }
    }
    return (rings, kept)
  }

  /// The picture of a surface by the values of its outer ring: the picture, then a place a corner.
  private func picture(
    _ value: JSONValue, kept: [Int], _ geometry: JSONFields
  ) throws(InputError) -> (name: String, places: [SIMD2<Double>])? {
    guard case .array(let rings) = value, case .array(let numbers)? = rings.first,
      case .integer(let texture)? = numbers.first
    else { return nil }
    guard appearance.pictures.indices.contains(texture) else {
      throw geometry.wrong(
        "texture", .integer(texture), "less than \(appearance.pictures.count)")
    }
    var places: [SIMD2<Double>] = []
    for corner in kept {
      guard corner + 1 < numbers.count, case .integer(let place) = numbers[corner + 1],
        appearance.places.indices.contains(place)
      else {
        throw geometry.wrong(
          "texture", rings[0], "a place below \(appearance.places.count) for each corner")
      }
      // The picture's v grows upwards in CityJSON.
      let spot = appearance.places[place]
      places.append(SIMD2(spot.x, 1 - spot.y))
    }
    return (appearance.pictures[texture], places)
  }
}

// MARK: - Classes

extension CityModel {
  private static func isCounted(_ type: String) -> Bool {
    ["Building", "Bridge", "Tunnel"].contains { type.hasPrefix($0) }
      || type == "SolitaryVegetationObject" || type == "CityFurniture"
  }

  /// The class by the meaning of a surface, else by the type of its object; nil for one that only
  /// closes a gap.
  private static func semanticClass(
    _ type: String, _ kind: String?, _ rings: [[SIMD3<Double>]]
  ) -> SemanticClass? {
    switch kind {
    case "RoofSurface"?, "OuterCeilingSurface"?: return .roof
    case "WallSurface"?, "OuterFloorSurface"?, "Door"?: return .wall
    case "Window"?: return .window
    case "GroundSurface"?, "FloorSurface"?: return .ground
    case "TrafficArea"?: return .road
    case "AuxiliaryTrafficArea"?: return .pavement
    case "WaterSurface"?, "WaterGroundSurface"?: return .water
    case "ClosureSurface"?, "WaterClosureSurface"?: return nil
    default: break
    }
    if type.hasPrefix("Building") || type.hasPrefix("OtherConstruction") {
      // Without a word for it, what faces the sky is a roof and what faces down is the ground.
      let up = SurfacePlane(of: rings)?.normal.z ?? 0
      return up > 0.5 ? .roof : up < -0.5 ? .ground : .wall
    }
    if type.hasPrefix("Bridge") || type.hasPrefix("Tunnel") { return .bridge }
    switch type {
    case "Road": return .road
    case "TransportSquare", "Square": return .pavement
    case "Railway": return .railway
    case "LandUse", "TINRelief": return .ground
    case "PlantCover": return .grass
    case "SolitaryVegetationObject": return .leaves
    case "WaterBody", "Waterway": return .water
    case "CityFurniture": return .furniture
    default: return .unlabelled
    }
  }
}
