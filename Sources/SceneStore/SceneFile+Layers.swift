// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Foundation
import GRDB
package import Splats

extension SceneFile {
  /// The layers with what they change, the base first, the others by number.
  ///
  /// - Throws: `InputError` naming the layer where the file says what cannot be.
  package var layers: [SceneLayer] {
    get throws(InputError) {
      let (rows, edits) = try read { database in
        (
          try Row.fetchAll(
            database,
            sql: "SELECT id, name, kind, begins, ends, replaces, synthetic FROM layer ORDER BY id"),
          try Row.fetchAll(
            database,
            sql: """
              SELECT layer, target, id, action, amount, red, green, blue FROM edit
              ORDER BY layer, number
              """)
        )
      }
      var layers: [SceneLayer] = []
      for row in rows { layers.append(try layer(row)) }
      for row in edits {
        let id = row[0] as Int64
        guard let place = layers.firstIndex(where: { $0.id == id }) else { continue }
        layers[place].edits.append(try edit(row, of: layers[place]))
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

  /// The things of the scene, by id.
  ///
  /// - Throws: `InputError` where one cannot be.
  package var things: [SceneThing] {
    get throws(InputError) {
      let rows = try read { try Row.fetchAll($0, sql: "SELECT id, class, name FROM instance") }
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
