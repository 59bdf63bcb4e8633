// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Foundation
import Geometry
package import Simulation
package import Worlds

extension EpisodeDraw {
  /// The draw as it stands in the dataset's provenance.
  package var json: JSONValue {
    get throws(InputError) {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      guard let bytes = try? encoder.encode(self) else {
        preconditionFailure("a draw is plain numbers and words")
      }
      return try JSONValue(file: "draw", bytes: Array(bytes))
    }
  }

  /// Reads a draw that was recorded, and makes sure that it can be played in a world.
  ///
  /// Every key must be there and no other. Shapes and colours are those of the program, things lie
  /// on the table, numbers keep the limits of world files, there is a shift for each camera, and
  /// the instruction names the first object and the first place among all that is there.
  ///
  /// - Parameters:
  ///   - fields: The draw as `json` gives it.
  ///   - world: The world that it was drawn for.
  ///   - support: What things stand on in the world's scene.
  /// - Throws: `InputError` naming the first key that is wrong.
  package init(
    json fields: JSONFields, world: World, support: SupportSurface
  ) throws(InputError) {
    try fields.refuseKeys(
      except: ["episode", "attempt", "instruction", "objects", "places", "light", "cameras"])
    episode = try fields.integer("episode")
    attempt = try fields.integer("attempt")
    guard attempt < world.attempts else {
      throw fields.wrong("attempt", .integer(attempt), "less than the world's \(world.attempts)")
    }
    instruction = try fields.string("instruction")
    objects = try DrawnThing.list(
      fields, "objects", counts: 1...(1 + world.task.distractors.upperBound),
      shapes: ObjectShape.allCases.map(\.rawValue), on: support)
    places = try DrawnThing.list(
      fields, "places", counts: 1...(1 + world.task.decoyPlaces.upperBound),
      shapes: PlaceShape.allCases.map(\.rawValue), on: support)
    light = try DrawnLight(json: try fields.object("light"))
    cameras = []
    for camera in try fields.objects("cameras", count: world.cameras.count...world.cameras.count) {
      cameras.append(try CameraShift(json: camera))
    }
    guard isInstructionTrue else {
      throw fields.wrong(
        "instruction", .string(instruction),
        "a sentence of the grammar that names the first object and the first place alone")
    }
  }

  /// Whether the instruction, read back among the things that are there, is the goal.
  private var isInstructionTrue: Bool {
    guard let reading = Instruction.parse(instruction) else { return false }
    let things = (objects + places).map(\.name)
    return reading.object.resolve(among: things) == objects[0].name
      && reading.place.resolve(among: things) == places[0].name
  }
}

extension DrawnThing {
  fileprivate static func list(
    _ fields: JSONFields, _ key: String, counts: ClosedRange<Int>, shapes: [String],
    on support: SupportSurface
  ) throws(InputError) -> [DrawnThing] {
    var things: [DrawnThing] = []
    for thing in try fields.objects(key, count: counts) {
      things.append(try DrawnThing(json: thing, shapes: shapes, on: support))
    }
    return things
  }

  private init(
    json fields: JSONFields, shapes: [String], on support: SupportSurface
  ) throws(InputError) {
    try fields.refuseKeys(except: ["shape", "colour", "colourSRGB", "position", "yaw"])
    shape = try fields.word("shape", of: shapes)
    let colours = NamedColour.allCases.map(\.rawValue)
    let word = try fields.word("colour", of: colours)
    guard let named = NamedColour(rawValue: word) else {
      preconditionFailure("the word is one of the colours")
    }
    colour = named
    let channels = try fields.numbers("colourSRGB", 3, in: 0...1)
    colourSRGB = SIMD3(Float(channels[0]), Float(channels[1]), Float(channels[2]))
    let spot = try fields.numbers("position", 2, in: -Self.reachLimit...Self.reachLimit)
    position = SIMD2(spot[0], spot[1])
    yaw = try fields.number("yaw", in: -Double.fullTurn...Double.fullTurn)
    guard stands(on: support) else {
      throw fields.wrong("position", JSONValue(numbers: spot), "a spot with all of it on the table")
    }
  }

  /// No table is larger, metres.
  private static let reachLimit = 1000.0
}

extension DrawnLight {
  /// The limits are those of world files.
  fileprivate init(json fields: JSONFields) throws(InputError) {
    try fields.refuseKeys(except: ["ambient", "sun", "sunAzimuth", "sunElevation", "exposure"])
    self.init(
      ambient: try fields.number("ambient", in: 0...4), sun: try fields.number("sun", in: 0...4),
      sunAzimuth: try fields.number("sunAzimuth", in: -Double.fullTurn...Double.fullTurn),
      sunElevation: try fields.number("sunElevation", in: 0...90.0.radiansFromDegrees),
      exposure: try fields.number("exposure", in: 0.05...4))
  }
}

extension CameraShift {
  /// The limits are those of world files.
  fileprivate init(json fields: JSONFields) throws(InputError) {
    try fields.refuseKeys(except: ["position", "rotation"])
    let most = 45.0.radiansFromDegrees
    let (shift, turn) = (
      try fields.numbers("position", 3, in: -1...1),
      try fields.numbers("rotation", 3, in: -most...most)
    )
    self.init(
      position: SIMD3(shift[0], shift[1], shift[2]), rotation: SIMD3(turn[0], turn[1], turn[2]))
  }
}

extension Double {
  fileprivate static let fullTurn = 360.0.radiansFromDegrees
}

extension JSONFields {
  fileprivate func word(_ key: String, of words: [String]) throws(InputError) -> String {
    let word = try string(key)
    guard words.contains(word) else {
      throw wrong(key, .string(word), "one of \(words.joined(separator: ", "))")
    }
    return word
  }

  fileprivate func number(
    _ key: String, in range: ClosedRange<Double>
  ) throws(InputError) -> Double {
    guard let number = self[key]?.double, range.contains(number) else {
      throw wrong(key, self[key] ?? .null, "a number in \(range)")
    }
    return number
  }

  fileprivate func numbers(
    _ key: String, _ count: Int, in range: ClosedRange<Double>
  ) throws(InputError) -> [Double] {
    let numbers = try array(key).compactMap(\.double)
    guard try numbers.count == array(key).count, numbers.count == count,
      numbers.allSatisfy(range.contains)
    else { throw wrong(key, self[key] ?? .null, "\(count) numbers in \(range)") }
    return numbers
  }

  /// Returns the objects of an array whose length is within limits.
  fileprivate func objects(
    _ key: String, count: ClosedRange<Int>
  ) throws(InputError) -> [JSONFields] {
    let elements = try array(key)
    guard count.contains(elements.count) else {
      let wanted =
        count.lowerBound == count.upperBound
        ? "\(count.lowerBound)" : "\(count.lowerBound) to \(count.upperBound)"
      throw wrong(key, .string("\(elements.count) elements"), wanted)
    }
    let place = path.isEmpty ? key : "\(path).\(key)"
    var objects: [JSONFields] = []
    for (index, element) in elements.enumerated() {
      objects.append(try JSONFields(file: file, path: "\(place)[\(index)]", element))
    }
    return objects
  }
}

extension JSONValue {
  fileprivate var double: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }
}
