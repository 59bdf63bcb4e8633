// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Meshes
import Physics
package import Worlds

/// What things stand on in a scene: a table whose level top lies in z = 0, or the ground alone.
///
/// It comes with the splats that show it, so that what a camera sees as the table is what physics
/// stands on; `SurfaceAgreement` measures how well.
package struct SupportSurface: Equatable, Sendable {
  /// The outline of the table's top; nil where there is no table and the ground is at z = 0.
  package var top: TableTop?
  /// How thick the top is, metres.
  package var thickness: Double
  /// The height of the level ground in the world, metres; negative under a table.
  package var groundLevel: Double

  /// Level ground at z = 0, without a table.
  package static let ground = SupportSurface(top: nil, thickness: 0, groundLevel: 0)

  /// Makes the table of a splat file from what its world file says.
  init(_ table: DeclaredTable) {
    self.init(
      top: table.top, thickness: min(Self.usualThickness, table.height / 2),
      groundLevel: -table.height)
  }

  /// Makes a support from its parts.
  package init(top: TableTop?, thickness: Double, groundLevel: Double) {
    precondition(top == nil ? groundLevel == 0 : groundLevel < -thickness, "the ground lies below")
    self.top = top
    self.thickness = thickness
    self.groundLevel = groundLevel
  }

  /// The thickness of a table of which only the top is known, metres.
  private static let usualThickness = 0.03

  /// Whether a disc in the plane z = 0 lies on the support whole; metres.
  package func holds(_ center: SIMD2<Double>, radius: Double) -> Bool {
    switch top {
    case .rectangle(let halfSizes):
      abs(center.x) + radius <= halfSizes.x && abs(center.y) + radius <= halfSizes.y
    case .disc(let tableRadius): length(SIMD3(center, 0)) + radius <= tableRadius
    case nil: true
    }
  }
}

/// What physics knows of a scene: what things stand on, and what else they touch.
package struct Surroundings: Equatable, Sendable {
  /// The table and the ground.
  package var support: SupportSurface
  /// The meshes that stand fixed.
  package var scenery: [Scenery]

  /// Makes surroundings from their parts.
  package init(support: SupportSurface, scenery: [Scenery] = []) {
    self.support = support
    self.scenery = scenery
  }
}

extension ModelSpec {
  /// What the names of all geoms of a table start with.
  static let tablePrefix = "table"
  /// The straight pieces in a quarter of a round table: half a millimetre off at a radius of 0.9 m.
  private static let rimPieceCount = 24

  /// Fixes the table and the ground to the world; they are touched but not drawn.
  ///
  /// A round top is a square with a slice on each side, all in one plane: boxes meet what stands
  /// on them in more points than other convex shapes do, and things stand in the middle.
  /// - Throws: `InputError` where a name is taken.
  mutating func add(_ support: SupportSurface) throws(InputError) {
    try add(hidden: .plane(halfX: 0, halfY: 0), named: "ground", level: support.groundLevel)
    let middle = -support.thickness / 2
    switch support.top {
    case .rectangle(let halfSizes):
      try add(
        hidden: .box(halfSizes: SIMD3(halfSizes, support.thickness / 2)), named: Self.tablePrefix,
        level: middle)
    case .disc(let radius):
      let half = radius / 2.0.squareRoot()
      try add(
        hidden: .box(halfSizes: SIMD3(half, half, support.thickness / 2)), named: Self.tablePrefix,
        level: middle)
      for side in 0..<4 {
        let outline = (0...Self.rimPieceCount).map { step in
          let turns = (Double(side) - 0.5 + Double(step) / Double(Self.rimPieceCount)) / 4
          return radius * SIMD2(cos(2 * .pi * turns), sin(2 * .pi * turns))
        }
        let name = "\(Self.tablePrefix)-rim-\(side)"
        try addMesh(prismMesh(outline, halfLength: support.thickness / 2), named: name)
        try add(hidden: .mesh(name: name), named: name, level: middle)
      }
    case nil: break
    }
  }

  private mutating func add(
    hidden shape: Shape, named name: String, level: Double
  ) throws(InputError) {
    var geom = GeomSpec(shape, named: name)
    geom.bodyFromGeom = RigidTransform(translation: SIMD3(0, 0, level))
    geom.group = Int32(Stage.hiddenGroup)
    try add(geom, to: "world")
  }
}
