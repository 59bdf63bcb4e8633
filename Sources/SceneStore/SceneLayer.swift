// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Geometry
package import Splats

/// What lies over the base of a scene for a time: a season, or an event.
package struct SceneLayer: Equatable, Sendable {
  /// Why a layer is there.
  package enum Kind: String, Sendable {
    /// The scene as it was captured or made; it is always there, under all others.
    case base
    /// A part of each year.
    case season
    /// Something that happens once: a building site, a fair, a street that is closed.
    case event
  }

  /// The number of the base.
  package static let base: Int64 = 0

  /// The number; higher ones lie over lower ones of the same kind, events over seasons.
  package var id: Int64
  /// The name, one of a kind in its scene.
  package var name: String
  /// Why it is there.
  package var kind: Kind
  /// From when on: of a season the day of the year, 1...366, of an event milliseconds since 1970
  /// UTC; nil of the base.
  package var begins: Int64?
  /// Until when, likewise, no longer included; nil for an event that has no end.
  ///
  /// A season that ends before it begins goes over the turn of the year.
  package var ends: Int64?
  /// Whether nothing of the layers below is seen where this one has leaves.
  package var replaces: Bool
  /// Whether a rule made it, and no camera saw it.
  package var isSynthetic: Bool
  /// What it changes in the layers below, in this order.
  package var edits: [SceneEdit] = []
  /// The things that it moves.
  package var movements: [SceneMovement] = []

  /// Whether it is there at a moment.
  func isThere(at moment: SceneMoment) -> Bool {
    switch kind {
    case .base: return true
    case .season:
      guard let begins, let ends else { return false }
      let day = Int64(moment.dayOfYear)
      return begins <= ends ? day >= begins && day < ends : day >= begins || day < ends
    case .event:
      guard let begins else { return false }
      return moment.milliseconds >= begins && moment.milliseconds < ends ?? .max
    }
  }
}

/// A change of what splats look like.
package struct SceneEdit: Equatable, Sendable {
  /// Which splats change.
  package enum Target: Equatable, Sendable {
    /// All of a class.
    case semanticClass(SemanticClass)
    /// All of an instance.
    case instance(UInt32)
  }

  /// What happens to them.
  package enum Action: String, Sendable, CaseIterable {
    /// They are left out.
    case remove
    /// The share `amount` of them is left out: the same ones at each time.
    case thin
    /// They go the share `amount` of the way to the colour.
    case paint
    /// The same, but to the colour with the splat's own brightness.
    case hue
    /// The same as `hue`, but each instance goes only a share of the way, which is its own.
    case mottle
    /// They go the way to the colour where they face up, the less the steeper they are.
    case cover
  }

  /// Which splats change.
  package var target: Target
  /// What happens to them.
  package var action: Action
  /// How much, 0...1.
  package var amount: Double
  /// The colour, display-referred sRGB; nothing to `remove` and `thin`.
  package var colour: SIMD3<Double>

  /// Makes a change.
  package init(
    _ target: Target, _ action: Action, amount: Double = 1, colour: SIMD3<Double> = .zero
  ) {
    self.target = target
    self.action = action
    self.amount = amount
    self.colour = colour
  }
}

/// How a layer moves a thing.
package struct SceneMovement: Equatable, Sendable {
  /// The thing.
  package var instance: UInt32
  /// Where each of its points is, from where it was, both in the scene's frame.
  package var sceneFromBefore: RigidTransform

  /// Describes a movement.
  package init(instance: UInt32, sceneFromBefore: RigidTransform) {
    self.instance = instance
    self.sceneFromBefore = sceneFromBefore
  }
}

/// A thing that is counted: a building, a tree, a car.
package struct SceneThing: Equatable, Sendable {
  /// The instance id, from `SemanticClass.firstThing` to `SceneThing.largestID`.
  package var id: UInt32
  /// What it is.
  package var semanticClass: SemanticClass
  /// Its name, such as the map's id of a building; may be empty.
  package var name: String

  /// The largest id: a table of classes by instance stays below 256 MB.
  package static let largestID: UInt32 = (1 << 26) - 1

  /// Makes a thing.
  package init(id: UInt32, _ semanticClass: SemanticClass, name: String = "") {
    precondition(
      (SemanticClass.firstThing...Self.largestID).contains(id), "an id of a thing, not of stuff")
    self.id = id
    self.semanticClass = semanticClass
    self.name = name
  }
}

/// The name of a cell within a file.
struct CellName: Hashable, Comparable, CustomStringConvertible {
  var layer: Int64
  var id: CellID

  var description: String { layer == SceneLayer.base ? "cell \(id)" : "layer \(layer), cell \(id)" }

  static func < (left: CellName, right: CellName) -> Bool {
    (left.layer, left.id) < (right.layer, right.id)
  }
}

extension SceneCell {
  var name: CellName { CellName(layer: layer, id: id) }
}
