// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files

/// A city model in CityJSON 1.0, 1.1 or 2.0.
///
/// The document is held whole, since its objects share the vertices at its end; surfaces come one
/// after the other. Of an object's geometries the one of the highest level of detail counts.
/// Source: CityJSON 2.0.1 and the versions before it, cityjson.org/specs.
package struct CityModel: Sendable {
  /// The file.
  package let file: String
  /// The version that the file names.
  package let version: String
  /// The coordinate system; nil where the file does not say it.
  package let coordinateSystem: String?
  /// The objects in the order of the file.
  let objects: [CityObject]
  /// The corners in the file's coordinate system.
  let vertices: [SIMD3<Double>]
  let appearance: CityAppearance

  /// The largest file that is read, bytes: its values take some twenty times as much memory.
  private static let sizeLimit = 256 << 20
  private static let versions = ["1.0", "1.1", "2.0"]

  /// Reads a file.
  ///
  /// - Throws: `InputError` naming the line of what is no JSON, and the key of what is no CityJSON.
  package init(path: String) throws(InputError) {
    guard kind(ofPath: path) == .file, try fileSize(path) <= Self.sizeLimit else {
      throw InputError(
        file: path, field: "file", found: "none, or a larger one",
        expected: "a CityJSON file of at most \(Self.sizeLimit >> 20) MiB")
    }
    try self.init(
      document: try JSONValue(file: path, bytes: try readFile(path)), file: path)
  }

  init(document: JSONValue, file: String) throws(InputError) {
    let fields = try JSONFields(file: file, document)
    let type = try fields.string("type")
    guard type == "CityJSON" else {
      throw InputError(file: file, field: "type", found: type, expected: "CityJSON")
    }
    version = try fields.string("version")
    guard Self.versions.contains(where: version.hasPrefix) else {
      throw InputError(file: file, field: "version", found: version, expected: "1.0, 1.1 or 2.0")
    }
    self.file = file
    coordinateSystem =
      fields["metadata"] == nil
      ? nil : try fields.object("metadata").optionalString("referenceSystem")
    vertices = try Self.vertices(fields)
    appearance = try CityAppearance(fields["appearance"], file: file)
    var objects: [CityObject] = []
    for member in try fields.object("CityObjects").members {
      objects.append(try CityObject(member, file: file))
    }
    self.objects = objects
  }

  /// The number of objects.
  package var objectCount: Int { objects.count }

  /// The types of the objects with their numbers, by name.
  package var typeCounts: [(type: String, count: Int)] {
    Dictionary(grouping: objects, by: \.type).map { ($0.key, $0.value.count) }
      .sorted { $0.type < $1.type }
  }

  /// The lowest and the highest coordinates; nil without vertices.
  package var bounds: (low: SIMD3<Double>, high: SIMD3<Double>)? {
    guard let first = vertices.first else { return nil }
    return vertices.reduce((first, first)) {
      (pointwiseMin($0.0, $1), pointwiseMax($0.1, $1))
    }
  }

  private static func vertices(_ fields: JSONFields) throws(InputError) -> [SIMD3<Double>] {
    var (scale, shift) = (SIMD3<Double>(repeating: 1), SIMD3<Double>.zero)
    if fields["transform"] != nil {
      let transform = try fields.object("transform")
      for (key, isScale) in [("scale", true), ("translate", false)] {
        let numbers = try transform.numbers(key)
        guard numbers.count == 3, numbers.allSatisfy({ abs($0) < 1e12 }) else {
          throw InputError(
            file: fields.file, field: "transform.\(key)", found: "\(numbers.count) numbers",
            expected: "three below 1e12")
        }
        let vector = SIMD3(numbers[0], numbers[1], numbers[2])
        if isScale { scale = vector } else { shift = vector }
      }
    }
    var vertices: [SIMD3<Double>] = []
    for (index, value) in try fields.array("vertices").enumerated() {
      guard let vertex = triple(value), all(vertex .> -1e13), all(vertex .< 1e13) else {
        throw InputError(
          file: fields.file, field: "vertices[\(index)]",
          found: String(value.compactText.prefix(40)), expected: "three numbers below 1e13")
      }
      vertices.append(vertex * scale + shift)
    }
    return vertices
  }

  private static func triple(_ value: JSONValue) -> SIMD3<Double>? {
    guard case .array(let elements) = value, elements.count == 3 else { return nil }
    var vector = SIMD3<Double>.zero
    for (axis, element) in elements.enumerated() {
      switch element {
      case .integer(let integer): vector[axis] = Double(integer)
      case .number(let number): vector[axis] = number
      default: return nil
      }
    }
    return vector
  }
}

/// An object of a city model, as far as surfaces are made of it.
struct CityObject: Sendable {
  let id: String
  let type: String
  /// The id of the object that it is a part of.
  let parent: String?
  let geometries: [JSONFields]

  init(_ member: JSONMember, file: String) throws(InputError) {
    let fields = try JSONFields(file: file, path: "CityObjects.\(member.key)", member.value)
    id = member.key
    type = try fields.string("type")
    if case .string(let first)? = fields["parents"].flatMap({ value -> JSONValue? in
      guard case .array(let elements) = value else { return nil }
      return elements.first
    }) {
      parent = first
    } else {
      parent = nil
    }
    var geometries: [JSONFields] = []
    if fields["geometry"] != nil {
      for (index, value) in try fields.array("geometry").enumerated() {
        geometries.append(
          try JSONFields(file: file, path: "\(fields.path).geometry[\(index)]", value))
      }
    }
    self.geometries = geometries
  }
}

/// The pictures and colours of a city model.
struct CityAppearance: Sendable {
  /// The names of picture files.
  private(set) var pictures: [String] = []
  /// Places on pictures: u to the right, v upwards.
  private(set) var places: [SIMD2<Double>] = []
  /// Colours, display-referred sRGB; nil for a material without one.
  private(set) var colours: [SIMD3<Float>?] = []
  private(set) var textureTheme: String?
  private(set) var materialTheme: String?

  init(_ value: JSONValue?, file: String) throws(InputError) {
    guard let value, value != .null else { return }
    let fields = try JSONFields(file: file, path: "appearance", value)
    textureTheme = try fields.optionalString("default-theme-texture")
    materialTheme = try fields.optionalString("default-theme-material")
    if fields["textures"] != nil {
      for (index, value) in try fields.array("textures").enumerated() {
        let texture = try JSONFields(file: file, path: "appearance.textures[\(index)]", value)
        pictures.append(try texture.string("image"))
      }
    }
    if fields["vertices-texture"] != nil {
      let numbers = try fields.numbers("vertices-texture")
      guard numbers.count == 2 * (try fields.array("vertices-texture").count) else {
        throw InputError(
          file: file, field: "appearance.vertices-texture", found: "\(numbers.count) numbers",
          expected: "two for each place")
      }
      places = stride(from: 0, to: numbers.count - 1, by: 2).map {
        SIMD2(numbers[$0], numbers[$0 + 1])
      }
    }
    if fields["materials"] != nil {
      for (index, value) in try fields.array("materials").enumerated() {
        let material = try JSONFields(file: file, path: "appearance.materials[\(index)]", value)
        guard material["diffuseColor"] != nil else {
          colours.append(nil)
          continue
        }
        let numbers = try material.numbers("diffuseColor")
        guard numbers.count == 3, numbers.allSatisfy((0...1).contains) else {
          throw InputError(
            file: file, field: "appearance.materials[\(index)].diffuseColor", found: "\(numbers)",
            expected: "three numbers in 0...1")
        }
        colours.append(SIMD3(Float(numbers[0]), Float(numbers[1]), Float(numbers[2])))
      }
    }
  }
}
