// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// What a splat or a surface belongs to, for labels, for physics and for the rules of seasons.
///
/// The raw values are the ids in scene files and in rendered class images, and never change. Things
/// that are counted (a building, a tree) have an instance of their own; the ground, the water and
/// the like have none, and instance ids below 256 stand for them: `SemanticClass.stuffInstance`.
package enum SemanticClass: UInt32, CaseIterable, Sendable {
  /// Nobody said.
  case unlabelled = 0
  /// Bare ground: soil, sand, rock, a field after the harvest.
  case ground = 1
  /// The carriageway of a road, with its markings.
  case road = 2
  /// Where people walk: pavements, squares, paths.
  case pavement = 3
  /// Rails with their bed.
  case railway = 4
  /// Grass and low plants.
  case grass = 5
  /// Bushes and hedges.
  case shrub = 6
  /// The leaves of trees that shed them in winter.
  case leaves = 7
  /// Trunks and branches.
  case wood = 8
  /// Trees that stay green.
  case evergreen = 9
  /// Rivers, lakes, the sea.
  case water = 10
  /// The walls of a building.
  case wall = 11
  /// The roof of a building.
  case roof = 12
  /// Windows and glass fronts.
  case window = 13
  /// Bridges, tunnels' mouths, piers.
  case bridge = 14
  /// Walls, fences and rails that part land from land.
  case barrier = 15
  /// Poles, lamps, signs, benches.
  case furniture = 16
  /// Cables and pylons.
  case powerLine = 17
  /// Cars, lorries, buses.
  case vehicle = 18
  /// People and animals.
  case creature = 19

  /// The instance id of what is not counted one by one: the class's own id, below 256.
  package var stuffInstance: UInt32 { rawValue }

  /// The least instance id of a thing that is counted.
  package static let firstThing: UInt32 = 256

  /// The class that an instance id below 256 stands for; nil for an id that no class has.
  ///
  /// Nil for a thing, too, whose class a scene file's table of instances tells.
  package init?(stuffInstance id: UInt32) {
    guard id < Self.firstThing else { return nil }
    self.init(rawValue: id)
  }
}
