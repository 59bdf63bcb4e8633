// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Geometry
package import Splats

/// What a scene file says of a cell without its splats.
package struct SceneCell: Equatable, Sendable {
  /// The layer that it belongs to; 0 is the base.
  package var layer = SceneLayer.base
  /// The cell.
  package var id: CellID
  /// The number of splats.
  package var count: Int
  /// How far the splats are from those of the leaves that they stand for, metres; 0 for a leaf.
  package var error: Double
  /// The least height that a splat reaches, metres.
  package var bottom: Double
  /// The largest height that a splat reaches, metres.
  package var top: Double
  /// How far splats reach beyond the sides of the cell, metres.
  package var margin: Double

  /// The box that holds the splats up to three deviations, scene frame, metres.
  package var box: AxisAlignedBox {
    let half = id.edge / 2 + margin
    var box = AxisAlignedBox()
    box.add(SIMD3(id.center.x - half, id.center.y - half, bottom))
    box.add(SIMD3(id.center.x + half, id.center.y + half, top))
    return box
  }

  /// The box that holds the bulk of the splats: what a few of them reach beyond is left out.
  ///
  /// Of a coarse cell the largest splat may reach farther than the cell is wide; an eye that is in
  /// the reach of that one is not near the others.
  var core: AxisAlignedBox {
    let half = id.edge / 2
    let low = min(bottom + margin, (bottom + top) / 2)
    let high = max(top - margin, (bottom + top) / 2)
    var box = AxisAlignedBox()
    box.add(SIMD3(id.center.x - half, id.center.y - half, low))
    box.add(SIMD3(id.center.x + half, id.center.y + half, high))
    return box
  }

  /// The first of the numbers that cannot be so, and what could; nil where all can.
  var fault: (field: String, found: String, expected: String)? {
    guard (1...SplatPage.largestCount).contains(count) else {
      return ("count", "\(count)", "1 to \(SplatPage.largestCount)")
    }
    for (field, length) in [("error", error), ("margin", margin)]
    where !(length >= 0 && length.isFinite) {
      return (field, "\(length)", "a length, metres")
    }
    // Neither holds for what is not a number.
    guard bottom.isFinite, top.isFinite, bottom <= top else {
      return ("bottom and top", "\(bottom) and \(top)", "two heights, metres")
    }
    return nil
  }
}

extension SceneCell {
  /// Describes a cell by its splats, whose positions are metres from the cell's centre.
  init(id: CellID, cloud: SplatCloud, error: Double) {
    var (bottom, top) = (Double.infinity, -Double.infinity)
    var margin = 0.0
    let half = id.edge / 2
    for (position, logScale) in zip(cloud.positions, cloud.logScales) {
      let extent = Self.reachDeviations * exp(Double(logScale.max()))
      bottom = min(bottom, Double(position.z) - extent)
      top = max(top, Double(position.z) + extent)
      let side = max(abs(Double(position.x)), abs(Double(position.y)))
      margin = max(margin, side + extent - half)
    }
    self.init(
      id: id, count: cloud.count, error: error, bottom: bottom, top: top, margin: margin)
  }

  /// Describes a cell by its page: the same, without making a cloud of it.
  init(id: CellID, page: SplatPage, error: Double) {
    let reach = page.reach(half: id.edge / 2)
    self.init(
      id: id, count: page.count, error: error, bottom: reach.bottom, top: reach.top,
      margin: reach.margin)
  }

  /// The deviations from a splat's centre to where little of it is left.
  static let reachDeviations = 3.0
}

/// A cell with its splats, on its way into a file.
package struct CellPage: Sendable {
  /// The cell and what is said of it.
  package var cell: SceneCell
  /// The splats.
  package var page: SplatPage

  /// Puts a cell and its page together.
  init(cell: SceneCell, page: SplatPage) { (self.cell, self.page) = (cell, page) }

  /// Makes the page of a leaf from its splats, positions in metres from the leaf's centre.
  package init(leaf: CellID, _ cloud: SplatCloud, isAntialiased: Bool = false) {
    page = SplatPage(cloud, isAntialiased: isAntialiased)
    cell = SceneCell(id: leaf, page: page, error: 0)
  }

  /// Makes the page of a cell from those of its children, in the children's order, at least one.
  ///
  /// A quarter of the children's splats is left, but no fewer than 2048 where they have as many.
  /// The error is the root of the squares of the children's largest and of what merging adds.
  package init(parentOf children: [CellPage]) {
    guard let id = children.first?.cell.id.parent else {
      preconditionFailure("a parent has children")
    }
    var all = SplatMoments(
      children.map { child in
        precondition(child.cell.id.parent == id, "the children have one parent")
        return (child.page, SIMD3<Float>(child.cell.id.center - id.center))
      })
    let rounds = all.count <= Self.fewSplats ? 0 : all.count <= 2 * Self.fewSplats ? 1 : 2
    for _ in 0..<rounds { all.joinNeighbours() }
    let before = children.map(\.cell.error).max() ?? 0
    let merged = all.error
    page = SplatPage(
      all.splats, isAntialiased: children.contains { $0.page.isAntialiased })
    cell = SceneCell(
      id: id, page: page, error: (before * before + merged * merged).squareRoot())
  }

  /// The splats below which joining them gains nothing.
  static let fewSplats = 2048
}
