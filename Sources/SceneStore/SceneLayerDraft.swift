// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Foundation
import GRDB
package import Geometry
package import Splats

/// Splats with the place of their origin in the scene.
package struct PlacedCloud: Sendable {
  /// The splats, positions from the origin, axes east, north, up, metres.
  package var cloud: SplatCloud
  /// Where the origin is in the scene's frame, metres.
  package var origin: SIMD3<Double>

  /// Places splats.
  package init(_ cloud: SplatCloud, at origin: SIMD3<Double> = .zero) {
    self.cloud = cloud
    self.origin = origin
  }
}

/// A layer that is to be added to a scene file.
package struct SceneLayerDraft: Sendable {
  /// When a layer is there.
  package enum Time: Equatable, Sendable {
    /// Each year, from one day of the year on until another, which is no longer in it: 1...366.
    case season(from: Int, until: Int)
    /// Once, until a moment that is no longer in it, or for good.
    case event(from: SceneMoment, until: SceneMoment?)
  }

  /// The name.
  package var name: String
  /// When it is there.
  package var when: Time
  /// What it changes in the layers below.
  package var edits: [SceneEdit]
  /// The things that it moves; `SceneFile.move` says what else belongs to a movement.
  package var movements: [SceneMovement] = []
  /// What it adds; may be empty.
  package var splats: [PlacedCloud]
  /// What the splats were made from.
  package var source: SplatSource
  /// What the added instances are, of those that the scene does not know.
  package var things: [SceneThing]
  /// Whether nothing of the layers below is seen in the squares of its leaves.
  package var replaces: Bool
  /// Whether a rule made it.
  package var isSynthetic: Bool

  /// Describes a layer.
  package init(
    name: String, when: Time, edits: [SceneEdit] = [],
    splats: [PlacedCloud] = [],
    source: SplatSource = SplatSource(
      name: "rule", licence: "CC0-1.0", sha256: "", method: .seeded),
    things: [SceneThing] = [], replaces: Bool = false, isSynthetic: Bool = false
  ) {
    self.name = name
    self.when = when
    self.edits = edits
    self.splats = splats
    self.source = source
    self.things = things
    self.replaces = replaces
    self.isSynthetic = isSynthetic
  }
}

extension SceneFile {
  /// Adds a layer to a scene file: all of it or nothing, whatever happens meanwhile.
  ///
  /// Who reads the file at the time goes on seeing it without the layer.
  ///
  /// - Throws: `InputError` where the scene has a layer of the name, its time cannot be, a splat
  ///   lies too far away, or the file cannot be written.
  package static func add(_ draft: SceneLayerDraft, to path: String) throws(InputError) {
    let (leaves, outsideCount) = draft.leaves
    let largest = leaves.map(\.cloud.count).max() ?? 0
    guard outsideCount == 0, largest <= SplatPage.largestCount else {
      throw InputError(
        file: path, field: "layer \(draft.name): splats",
        found: outsideCount > 0
          ? "\(outsideCount) too far away" : "\(largest) in a square metre",
        expected: "all within 134,000 km, \(SplatPage.largestCount) in a square metre")
    }
    let pages = CellPage.pyramid(over: leaves.map { CellPage(leaf: $0.leaf, $0.cloud) })
    try editing(path) { file throws(InputError) in
      let names = try file.layers.map(\.name)
      guard !names.contains(draft.name) else {
        throw InputError(
          file: path, field: "layer \(draft.name)", found: "one of that name",
          expected: "a new name")
      }
      try file.write { database in
        let number = try database.insert(draft, topLevel: pages.map(\.cell.id.level).max() ?? 0)
        let source = pages.isEmpty ? nil : try database.insert(draft.source)
        for page in pages { try database.insert(page, layer: number) }
        for leaf in leaves {
          try database.execute(
            sql: "INSERT INTO provenance VALUES (?, ?, ?)",
            arguments: [number, leaf.leaf.key, source])
        }
      }
      // What was written is held to what is read.
      _ = try file.layers
    }
  }

  /// Takes a layer with all that it added out of a scene file.
  ///
  /// The things that it named stay named.
  ///
  /// - Throws: `InputError` where there is no such layer, or the file cannot be written.
  package static func removeLayer(_ name: String, from path: String) throws(InputError) {
    try editing(path) { file throws(InputError) in
      let layers = try file.layers
      guard let layer = layers.first(where: { $0.name == name }), layer.kind != .base else {
        let others = layers.filter { $0.kind != .base }.map(\.name)
        throw InputError(
          file: path, field: "layer", found: name,
          expected: others.isEmpty ? "none, there are no layers" : others.joined(separator: ", "))
      }
      try file.write { database in
        let blobs = try Int64.fetchAll(
          database,
          sql: """
            SELECT hot FROM cell WHERE layer = ?1
            UNION SELECT cold FROM cell WHERE layer = ?1 AND cold IS NOT NULL
            """, arguments: [layer.id])
        for table in ["provenance", "cell", "edit", "movement"] {
          try database.execute(sql: "DELETE FROM \(table) WHERE layer = ?", arguments: [layer.id])
        }
        try database.execute(sql: "DELETE FROM layer WHERE id = ?", arguments: [layer.id])
        for blob in blobs {
          try database.execute(sql: "DELETE FROM blob WHERE id = ?", arguments: [blob])
        }
        try database.execute(
          sql: "DELETE FROM source WHERE id NOT IN (SELECT source FROM provenance)")
      }
    }
  }

  /// Changes a scene file in place.
  private static func editing(
    _ path: String, _ body: (SceneFile) throws(InputError) -> Void
  ) throws(InputError) {
    // Refuses what is no scene before it is opened for writing.
    _ = try SceneFile(reading: path)
    let file = try SceneFile(path, readOnly: false)
    try file.execute("PRAGMA synchronous = FULL")
    try body(file)
    try file.close()
  }
}

extension SceneLayerDraft {
  /// The splats by the leaves that they lie in, and how many lie too far away.
  fileprivate var leaves: (leaves: [(leaf: CellID, cloud: SplatCloud)], outsideCount: Int) {
    let degree = splats.map(\.cloud.shDegree).max() ?? 0
    // One frame for all, so that leaves with much in them are cut.
    let origin = splats.first?.origin ?? .zero
    var all = SplatCloud(shDegree: degree)
    for part in splats {
      let offset = SIMD3<Float>(part.origin - origin)
      var cloud = part.cloud
      for index in cloud.positions.indices { cloud.positions[index] += offset }
      all.append(contentsOf: cloud)
    }
    return all.leaves(sceneOrigin: origin)
  }
}

extension SceneFile {
  /// Has a draft move a thing of the base: take it away, add it where it goes, and tell so.
  ///
  /// - Returns: the number of its splats, 0 where the base has none of it, and nothing is changed.
  /// - Complexity: O(size of the file): every leaf is looked at.
  package func move(
    _ movement: SceneMovement, in draft: inout SceneLayerDraft
  ) throws(InputError) -> Int {
    let transform = movement.sceneFromBefore
    var count = 0
    for leaf in try leaves(layer: SceneLayer.base).sorted() {
      guard let page = try page(leaf), page.instances.contains(movement.instance) else { continue }
      let cloud = page.cloud
      let members =
        cloud.instanceIDs.isEmpty
        ? Array(cloud.positions.indices)
        : cloud.positions.indices.filter { cloud.instanceIDs[$0] == movement.instance }
      let turned = cloud.subset(members).transformed(
        by: Similarity(rotation: transform.rotation))
      draft.splats.append(PlacedCloud(turned, at: transform * leaf.center))
      count += members.count
    }
    guard count > 0 else { return 0 }
    draft.edits.append(SceneEdit(.instance(movement.instance), .remove))
    draft.movements.append(movement)
    return count
  }
}

extension CellPage {
  /// Leaves and all cells above them, up to where few splats are left in the cells around the
  /// origin, or in one.
  static func pyramid(over leaves: [CellPage]) -> [CellPage] {
    var all = leaves
    var (level, cells) = (leaves.map(\.cell.id.level).min() ?? 0, [CellPage]())
    while level < CellID.highestLevel {
      cells = (leaves.filter { $0.cell.id.level == level } + cells)
        .sorted { $0.cell.id < $1.cell.id }
      let isHighest = leaves.allSatisfy { $0.cell.id.level <= level }
      if isHighest, cells.count <= 1 || cells.allSatisfy({ $0.cell.id.touchesOrigin }) { break }
      var parents: [CellPage] = []
      var rest = cells[...]
      while let first = rest.first {
        let family = rest.prefix { $0.cell.id.parent == first.cell.id.parent }
        parents.append(CellPage(parentOf: Array(family)))
        rest = rest.dropFirst(family.count)
      }
      all += parents
      cells = parents
      level += 1
    }
    return all
  }
}

extension Database {
  fileprivate func insert(_ draft: SceneLayerDraft, topLevel: Int) throws -> Int64 {
    let (kind, begins, ends): (SceneLayer.Kind, Int64?, Int64?) =
      switch draft.when {
      case .season(let from, let until): (.season, Int64(from), Int64(until))
      case .event(let from, let until): (.event, from.milliseconds, until?.milliseconds)
      }
    try execute(
      sql: """
        INSERT INTO layer VALUES ((SELECT MAX(id) + 1 FROM layer), ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        draft.name, kind.rawValue, begins, ends, draft.replaces, draft.isSynthetic, topLevel,
      ])
    let number = lastInsertedRowID
    for (place, edit) in draft.edits.enumerated() {
      let (target, id): (String, UInt32) =
        switch edit.target {
        case .semanticClass(let value): ("class", value.rawValue)
        case .instance(let id): ("instance", id)
        }
      try execute(
        sql: "INSERT INTO edit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          number, place, target, id, edit.action.rawValue, edit.amount, edit.colour.x,
          edit.colour.y, edit.colour.z,
        ])
    }
    for movement in draft.movements {
      let (turn, shift) = (movement.sceneFromBefore.rotation, movement.sceneFromBefore.translation)
      try execute(
        sql: "INSERT INTO movement VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          number, movement.instance, turn.w, turn.x, turn.y, turn.z, shift.x, shift.y, shift.z,
        ])
    }
    for thing in draft.things {
      try execute(
        sql: "INSERT OR IGNORE INTO instance VALUES (?, ?, ?)",
        arguments: [thing.id, thing.semanticClass.rawValue, thing.name])
    }
    return number
  }
}
