// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Foundation
import GRDB
package import Geometry
import Splats

/// What a scene consists of at a moment: the layers that are there, and what each changes below it.
package struct SceneComposition: Sendable {
  /// The layers that are there, from the base up: seasons, then events, each by number.
  package let layers: [SceneLayer]
  /// What happens to the splats of each of these layers.
  let rules: [LayerRules]

  /// The rules for the splats of a layer that is there.
  func rules(of layer: Int64) -> LayerRules? {
    layers.firstIndex { $0.id == layer }.map { rules[$0] }
  }
}

/// What the layers above do to the splats of one.
struct LayerRules: Sendable {
  /// The edits, from the lowest layer up.
  var edits: [SceneEdit] = []
  /// The leaves of the layers above that replace what is below.
  var replaced: Set<CellID> = []
  /// Tells these rules from others: 0 where nothing happens.
  var digest: UInt64 = 0

  /// The levels of the replaced cells, ascending.
  private(set) var replacedLevels: [Int] = []

  init(edits: [SceneEdit], replaced: Set<CellID>) {
    self.edits = edits
    self.replaced = replaced
    replacedLevels = Set(replaced.map(\.level)).sorted()
    guard !edits.isEmpty || !replaced.isEmpty else { return }
    // FNV-1a over all that matters.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func mix(_ word: UInt64) {
      for shift in stride(from: 0 as UInt64, to: 64, by: 8) {
        hash = (hash ^ (word >> shift & 255)) &* 0x100_0000_01B3
      }
    }
    for edit in edits {
      switch edit.target {
      case .semanticClass(let value): mix(UInt64(value.rawValue))
      case .instance(let id): mix(1 << 32 | UInt64(id))
      }
      for byte in edit.action.rawValue.utf8 { mix(UInt64(byte)) }
      for number in [edit.amount, edit.colour.x, edit.colour.y, edit.colour.z] {
        mix(number.bitPattern)
      }
    }
    for cell in replaced.sorted() { mix(UInt64(bitPattern: cell.key)) }
    digest = max(hash, 1)
  }

  /// Whether all of a cell is replaced.
  func replaces(_ cell: CellID) -> Bool {
    var next: CellID? = cell
    while let name = next {
      if replaced.contains(name) { return true }
      next = replacedLevels.last.map { name.level < $0 } == true ? name.parent : nil
    }
    return false
  }

  /// Whether a point of the scene is replaced.
  func replaces(_ point: SIMD2<Double>) -> Bool {
    replacedLevels.contains { level in
      CellID(level: level, holding: point).map(replaced.contains) == true
    }
  }

  /// Whether some of a cell may be replaced.
  func mayReplace(in cell: CellID) -> Bool {
    replaces(cell)
      || replaced.contains { $0.curvePlace >= cell.curvePlace && $0.curveEnd <= cell.curveEnd }
  }
}

extension SceneFile {
  /// What the scene consists of at a moment.
  ///
  /// - Parameter moment: nil for the base alone.
  /// - Returns: the layers that are there, with what they do to one another.
  /// - Throws: `InputError` where the file says of a layer what cannot be.
  package func composition(at moment: SceneMoment?) throws(InputError) -> SceneComposition {
    let all = try layers
    let order: [SceneLayer.Kind] = [.base, .season, .event]
    let there = order.flatMap { kind in
      all.filter { layer in
        layer.kind == kind && (kind == .base || moment.map(layer.isThere) == true)
      }
    }
    var rules: [LayerRules] = []
    var (edits, replaced) = ([SceneEdit](), Set<CellID>())
    // From the top down, each is subject to what came before.
    for layer in there.reversed() {
      rules.append(LayerRules(edits: edits, replaced: replaced))
      edits = layer.edits + edits
      if layer.replaces { replaced.formUnion(try leaves(layer: layer.id)) }
    }
    return SceneComposition(layers: there, rules: rules.reversed())
  }

  /// The leaves of a layer.
  func leaves(layer: Int64) throws(InputError) -> [CellID] {
    let keys = try read {
      try Int64.fetchAll(
        $0, sql: "SELECT DISTINCT key FROM provenance WHERE layer = ?", arguments: [layer])
    }
    var leaves: [CellID] = []
    for key in keys {
      guard let id = CellID(key: key) else {
        throw InputError(
          file: path, field: "provenance.key", found: "\(key)", expected: "a cell's number")
      }
      leaves.append(id)
    }
    return leaves
  }

  /// Reads a cell as it is in a composition: nil where nothing of it is left.
  ///
  /// - Throws: `InputError` as `page` does, and where the cell has no splats.
  package func page(
    _ cell: SceneCell, in composition: SceneComposition
  ) throws(InputError) -> SplatPage? {
    guard let page = try page(cell.id, layer: cell.layer) else {
      throw InputError(
        file: path, field: "\(cell.name)", found: "no splats", expected: "a page")
    }
    guard let rules = composition.rules(of: cell.layer), rules.digest != 0 else { return page }
    return page.edited(by: rules, in: cell.id, classes: try classes(of: page.instances))
  }
}
