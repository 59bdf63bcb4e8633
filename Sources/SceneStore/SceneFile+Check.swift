// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Foundation
import GRDB
import Splats

/// What `SceneFile.check` has looked at.
package struct SceneCheck: Equatable, Sendable {
  /// What is wrong, one line each, in the order of the cells; empty for a file that is right.
  package var faults: [String] = []
  /// The cells of all layers.
  package var cellCount = 0
  /// The splats of the leaves of all layers.
  package var splatCount = 0
}

extension SceneFile {
  /// Reads all of the file and says what does not fit together.
  ///
  /// SQLite's own check, then: every page's checksum and content, the count and the box that are
  /// stated of it, that every cell but the roots has its parent, that errors do not shrink upwards,
  /// and that every cell without children has a source and no error.
  ///
  /// - Complexity: O(size of the file).
  package func check() throws(InputError) -> SceneCheck {
    var result = SceneCheck()
    for line in try read({ try String.fetchAll($0, sql: "PRAGMA integrity_check(100)") })
    where line != "ok" { result.faults.append("database: \(line)") }
    for line in try read({ try Row.fetchAll($0, sql: "PRAGMA foreign_key_check") }) {
      result.faults.append(
        "reference: table \(line[0] as String? ?? ""), row \(line[1] as Int64? ?? 0)")
    }
    guard result.faults.isEmpty else { return result }
    for layer in try statedLayers() { try check(layer, &result) }
    try checkTables(&result)
    return result
  }

  /// Checks the cells of a layer.
  private func check(
    _ layer: (id: Int64, topLevel: Int), _ result: inout SceneCheck
  ) throws(InputError) {
    let top = layer.topLevel
    let name = layer.id == SceneLayer.base ? "scene" : "layer \(layer.id)"
    guard (0...CellID.highestLevel).contains(top) else {
      result.faults.append("\(name): top level \(top), expected 0 to \(CellID.highestLevel)")
      return
    }
    let sourced = Set(
      try read {
        try Int64.fetchAll(
          $0, sql: "SELECT DISTINCT key FROM provenance WHERE layer = ?", arguments: [layer.id])
      })
    var above: [CellID: SceneCell] = [:]
    for level in (0...top).reversed() {
      let cells = try statedCells(level: level, layer: layer.id)
      let parents = Set(cells.compactMap(\.id.parent))
      for cell in above.values.sorted(by: { $0.id < $1.id }) where !parents.contains(cell.id) {
        checkLeaf(cell, sourced, &result)
      }
      for cell in cells { try check(cell, below: level == top ? nil : above, &result) }
      result.cellCount += cells.count
      above = Dictionary(uniqueKeysWithValues: cells.map { ($0.id, $0) })
    }
    for cell in above.values.sorted(by: { $0.id < $1.id }) { checkLeaf(cell, sourced, &result) }
    let higher = try read {
      try Int.fetchOne(
        $0, sql: "SELECT count(*) FROM cell WHERE layer = ? AND key >= ?",
        arguments: [layer.id, Int64(top + 1) << 56]) ?? 0
    }
    if higher > 0 { result.faults.append("\(name): \(higher) cells above the top level \(top)") }
  }

  /// Checks what the tables say of layers, of what they change, and of things.
  private func checkTables(_ result: inout SceneCheck) throws(InputError) {
    do throws(InputError) {
      _ = try layers
    } catch {
      result.faults.append("\(error.field): found \(error.found), expected \(error.expected)")
    }
    let highest = SemanticClass.allCases.map(\.rawValue).max() ?? 0
    let odd = try read {
      try Int64.fetchAll(
        $0,
        sql: """
          SELECT id FROM instance WHERE class < 0 OR class > ? OR id < ? OR id > ?
          ORDER BY id LIMIT 100
          """, arguments: [highest, SemanticClass.firstThing, SceneThing.largestID])
    }
    for id in odd { result.faults.append("instance \(id): its class or its number cannot be") }
  }

  /// Checks a cell without children.
  private func checkLeaf(_ cell: SceneCell, _ sourced: Set<Int64>, _ result: inout SceneCheck) {
    result.splatCount += cell.count
    if !sourced.contains(cell.id.key) { result.faults.append("\(cell.name): no source") }
    if cell.error != 0 {
      result.faults.append("\(cell.name): an error of \(cell.error) m, but no children")
    }
  }

  private func check(
    _ cell: SceneCell, below parents: [CellID: SceneCell]?, _ result: inout SceneCheck
  ) throws(InputError) {
    func fault(_ text: String) { result.faults.append("\(cell.name): \(text)") }
    if let wrong = cell.fault {
      fault("\(wrong.field): found \(wrong.found), expected \(wrong.expected)")
    }
    if let parents {
      let parent = cell.id.parent.flatMap { parents[$0] }
      if let parent, parent.error < cell.error { fault("a larger error than its parent") }
      if parent == nil { fault("no parent") }
    }
    do throws(InputError) {
      guard let page = try page(cell.id, layer: cell.layer) else {
        fault("no page")
        return
      }
      let found = SceneCell(id: cell.id, cloud: page.cloud, error: cell.error)
      if found.box != cell.box { fault("its splats do not fill the stated box") }
    } catch {
      // The field names the cell.
      result.faults.append("\(error.field): found \(error.found), expected \(error.expected)")
    }
  }
}
