// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Foundation
import GRDB
import Geometry
package import Splats

extension SceneFile {
  /// The layers with what they change, the base first, the others by number.
  ///
  /// - Throws: `InputError` naming the layer where the file says what cannot be.
  package var layers: [SceneLayer] {
    get throws(InputError) {
      let (rows, edits, movements) = try read { database in
        (
          try Row.fetchAll(
            database,
            sql: "SELECT id, name, kind, begins, ends, replaces, synthetic FROM layer ORDER BY id"),
          try Row.fetchAll(
            database,
            sql: """
              SELECT layer, target, id, action, amount, red, green, blue FROM edit
              ORDER BY layer, number
              """),
          try Row.fetchAll(database, sql: "SELECT * FROM movement ORDER BY layer, instance")
        )
      }
      var layers: [SceneLayer] = []
      for row in rows { layers.append(try layer(row)) }
      for row in edits {
        let id = row[0] as Int64
        guard let place = layers.firstIndex(where: { $0.id == id }) else { continue }
        layers[place].edits.append(try edit(row, of: layers[place]))
      }
      for row in movements {
        let id = row[0] as Int64
        guard let place = layers.firstIndex(where: { $0.id == id }) else { continue }
        layers[place].movements.append(try movement(row, of: layers[place]))
      }
      guard layers.first?.id == SceneLayer.base, layers.filter({ $0.kind == .base }).count == 1
      else {
        throw InputError(
          file: path, field: "layers", found: "none that is the base", expected: "number 0")
      }
      return layers
    }
  }

  private func layer(_ row: Row) throws(InputError) -> SceneLayer {
    let name = row[1] as String
    func fail(_ field: String, _ found: String, _ expected: String) -> InputError {
      InputError(file: path, field: "layer \(name): \(field)", found: found, expected: expected)
    }
    guard let kind = SceneLayer.Kind(rawValue: row[2]) else {
      throw fail("kind", row[2], "base, season or event")
    }
    let (begins, ends) = (row[3] as Int64?, row[4] as Int64?)
    switch kind {
    case .base:
      guard begins == nil, ends == nil else { throw fail("time", "one", "none for the base") }
    case .season:
      guard let begins, let ends, (1...366).contains(begins), (1...366).contains(ends),
        begins != ends
      else { throw fail("time", "another", "two days of the year, 1 to 366") }
    case .event:
      guard let begins, begins < ends ?? .max else {
        throw fail("time", "another", "a beginning before its end")
      }
    }
    return SceneLayer(
      id: row[0], name: name, kind: kind, begins: begins, ends: ends,
      replaces: row[5] as Int64 != 0,
      isSynthetic: row[6] as Int64 != 0)
  }

  private func edit(_ row: Row, of layer: SceneLayer) throws(InputError) -> SceneEdit {
    func fail(_ field: String, _ found: String, _ expected: String) -> InputError {
      InputError(
        file: path, field: "layer \(layer.name): edit: \(field)", found: found, expected: expected)
    }
    let number = row[2] as Int64
    let target: SceneEdit.Target
    switch row[1] as String {
    case "class":
      guard let known = UInt32(exactly: number).flatMap(SemanticClass.init(rawValue:)) else {
        throw fail("class", "\(number)", "a class's number")
      }
      target = .semanticClass(known)
    case "instance":
      guard let id = UInt32(exactly: number), id < UInt32.max else {
        throw fail("instance", "\(number)", "0 to 4294967294")
      }
      target = .instance(id)
    default: throw fail("target", row[1], "class or instance")
    }
    guard let action = SceneEdit.Action(rawValue: row[3]) else {
      throw fail(
        "action", row[3], SceneEdit.Action.allCases.map(\.rawValue).joined(separator: ", "))
    }
    let (amount, colour) = (row[4] as Double, SIMD3<Double>(row[5], row[6], row[7]))
    guard (0...1).contains(amount) else { throw fail("amount", "\(amount)", "0 to 1") }
    guard (0...1).contains(colour.min()), (0...1).contains(colour.max()) else {
      throw fail("colour", "\(colour.x), \(colour.y), \(colour.z)", "three of 0 to 1")
    }
    return SceneEdit(target, action, amount: amount, colour: colour)
  }

  private func movement(_ row: Row, of layer: SceneLayer) throws(InputError) -> SceneMovement {
    let numbers = (2..<9).map { row[$0] as Double }
    let turn = Quaternion(w: numbers[0], x: numbers[1], y: numbers[2], z: numbers[3])
    let length2 = numbers[0..<4].reduce(0) { $0 + $1 * $1 }
    guard let instance = UInt32(exactly: row[1] as Int64), abs(length2 - 1) < 1e-6,
      numbers.allSatisfy({ $0.isFinite && abs($0) < 1e9 })
    else {
      throw InputError(
        file: path, field: "layer \(layer.name): movement", found: "\(numbers)",
        expected: "a unit quaternion and metres below 1e9")
    }
    return SceneMovement(
      instance: instance,
      sceneFromBefore: RigidTransform(
        rotation: turn, translation: SIMD3(numbers[4], numbers[5], numbers[6])))
  }

  /// The layers' numbers with the levels of their roots, whatever the file says of them.
  func statedLayers() throws(InputError) -> [(id: Int64, topLevel: Int)] {
    let rows = try read {
      try Row.fetchAll($0, sql: "SELECT id, topLevel FROM layer ORDER BY id")
    }
    return rows.map { ($0[0], $0[1]) }
  }
}

// MARK: - Things

extension SceneFile {
  /// What instances are: those below 256 by their number, things by what the file says of them.
  ///
  /// - Returns: the class of each, in the order asked for; `unlabelled` where nobody said.
  package func classes(of instances: [UInt32]) throws(InputError) -> [SemanticClass] {
    let things = instances.filter { $0 >= SemanticClass.firstThing }
    var known: [UInt32: SemanticClass] = [:]
    // As many as SQLite takes at once.
    for first in stride(from: 0, to: things.count, by: Self.mostArguments) {
      let part = things[first..<min(first + Self.mostArguments, things.count)]
      let marks = part.map { _ in "?" }.joined(separator: ", ")
      let rows = try read {
        try Row.fetchAll(
          $0, sql: "SELECT id, class FROM instance WHERE id IN (\(marks))",
          arguments: StatementArguments(part.map { Int64($0) }))
      }
      for row in rows {
        guard let id = UInt32(exactly: row[0] as Int64) else { continue }
        known[id] = UInt32(exactly: row[1] as Int64).flatMap(SemanticClass.init(rawValue:))
      }
    }
    return instances.map { SemanticClass(stuffInstance: $0) ?? known[$0] ?? .unlabelled }
  }

  private static let mostArguments = 512

  /// The instances in the leaves of a layer, each with the number of its splats.
  ///
  /// - Complexity: O(size of the layer).
  package func instances(ofLayer layer: Int64) throws(InputError) -> [UInt32: Int] {
    var counts: [UInt32: Int] = [:]
    for leaf in try leaves(layer: layer) {
      guard let page = try page(leaf, layer: layer, isWhole: false) else { continue }
      for slot in 0..<page.count {
        counts[page.instances[page.instancePlace(slot)], default: 0] += 1
      }
    }
    return counts
  }

  /// The classes of all instances from 0 on, as class images have them; what is beyond has none.
  ///
  /// - Complexity: four bytes for each id up to the largest, 256 MB at most.
  package var classTable: [UInt32] {
    get throws(InputError) {
      let things = try things
      var table = [UInt32](
        repeating: 0,
        count: Int(max(things.last?.id ?? 0, SemanticClass.firstThing - 1)) + 1)
      for value in SemanticClass.allCases { table[Int(value.stuffInstance)] = value.rawValue }
      for thing in things { table[Int(thing.id)] = thing.semanticClass.rawValue }
      return table
    }
  }

  /// The first id of a thing that is above all ids of things.
  package var firstFreeInstance: UInt32 {
    get throws(InputError) {
      let largest = try read { try Int64.fetchOne($0, sql: "SELECT MAX(id) FROM instance") } ?? 0
      guard largest < SceneThing.largestID else {
        throw InputError(
          file: path, field: "instance", found: "\(largest)",
          expected: "less than \(SceneThing.largestID)")
      }
      return max(UInt32(max(largest, 0)) + 1, SemanticClass.firstThing)
    }
  }

  /// The things of the scene, by id.
  ///
  /// - Throws: `InputError` where one cannot be.
  package var things: [SceneThing] {
    get throws(InputError) {
      let rows = try read {
        try Row.fetchAll($0, sql: "SELECT id, class, name FROM instance ORDER BY id")
      }
      var things: [SceneThing] = []
      things.reserveCapacity(rows.count)
      for row in rows {
        let (id, number) = (row[0] as Int64, row[1] as Int64)
        guard (Int64(SemanticClass.firstThing)...Int64(SceneThing.largestID)).contains(id),
          let semanticClass = UInt32(exactly: number).flatMap(SemanticClass.init(rawValue:))
        else {
          throw InputError(
            file: path, field: "instance \(id)", found: "class \(number)",
            expected: "an id from 256 on and a class's number")
        }
        things.append(SceneThing(id: UInt32(id), semanticClass, name: row[2]))
      }
      return things
    }
  }
}
