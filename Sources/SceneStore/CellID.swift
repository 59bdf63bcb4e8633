// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry

/// A square of the plane of the scene: one node of the quadtree over east and north.
///
/// A cell of level k is 2^k metres wide and has four children. Cell (0, 0) of each level lies
/// north-east of the scene's origin; columns grow to the east and rows to the north. Heights are
/// not cut: a cell reaches from the ground to the sky.
package struct CellID: Hashable, Sendable {
  /// The level, 0...27.
  package let level: Int
  /// The place along east, in cells of this level.
  package let column: Int
  /// The place along north, in cells of this level.
  package let row: Int

  /// The highest level: four cells of it, around the origin, are all that can be named.
  package static let highestLevel = 27
  /// The level of the leaves of a city: 64 m wide.
  package static let cityLevel = 6
  /// The metres from the origin to the edge of what can be named, each way: 134,000 km.
  static let reach = 1 << 27

  /// Makes the name of a cell.
  package init(level: Int, column: Int, row: Int) {
    precondition((0...Self.highestLevel).contains(level), "level \(level) is outside 0...27")
    let reach = Self.reach >> level
    precondition(
      (-reach..<reach).contains(column) && (-reach..<reach).contains(row),
      "a cell lies within 134,000 km of the origin")
    self.level = level
    self.column = column
    self.row = row
  }

  /// The cell of a level that holds a point of the scene, east and north in metres; nil where there
  /// is none.
  package init?(level: Int, holding point: SIMD2<Double>) {
    let reach = Double(Self.reach)
    let (column, row) = (point.x.rounded(.down), point.y.rounded(.down))
    guard column >= -reach, column < reach, row >= -reach, row < reach else { return nil }
    self.init(level: level, column: Int(column) >> level, row: Int(row) >> level)
  }

  /// The edge, metres.
  package var edge: Double { Double(1 << level) }

  /// The middle of the cell at height 0 in the scene's frame, metres: the origin of its page.
  package var center: SIMD3<Double> {
    SIMD3((Double(column) + 0.5) * edge, (Double(row) + 0.5) * edge, 0)
  }

  /// The cell one level up that holds this one; nil at the highest level.
  package var parent: CellID? {
    guard level < Self.highestLevel else { return nil }
    return CellID(level: level + 1, column: column >> 1, row: row >> 1)
  }

  /// Whether it is one of the four of its level around the scene's origin.
  var touchesOrigin: Bool { (-1...0).contains(column) && (-1...0).contains(row) }

  /// The four cells one level down: south-west, south-east, north-west, north-east.
  package var children: [CellID] {
    guard level > 0 else { return [] }
    return (0..<4).map {
      CellID(level: level - 1, column: 2 * column + ($0 & 1), row: 2 * row + ($0 >> 1))
    }
  }
}

// MARK: - Order

extension CellID: Comparable {
  /// The number of the cell in the scene file.
  ///
  /// Its level in bits 56 to 60, below it the bits of row and column in turn, so that cells that
  /// are near each other have near numbers.
  package var key: Int64 {
    Int64(level) << 56 | Int64(curvePlace >> (2 * level))
  }

  /// How far along a Morton curve through all cells of level 0 this cell's first one lies.
  var curvePlace: Int {
    let reach = Self.reach >> level
    return (spread(column + reach) | spread(row + reach) << 1) << (2 * level)
  }

  /// The place on the curve behind this cell's last one.
  var curveEnd: Int { curvePlace + 1 << (2 * level) }

  /// The cell of a number; nil when it names none.
  package init?(key: Int64) {
    let level = Int(key >> 56)
    guard key >= 0, level <= Self.highestLevel else { return nil }
    let place = Int(key & (1 << 56 - 1))
    let reach = Self.reach >> level
    let (column, row) = (gather(place), gather(place >> 1))
    guard column < 2 * reach, row < 2 * reach else { return nil }
    self.init(level: level, column: column - reach, row: row - reach)
  }

  /// The order of the numbers: by level, and along a Morton curve within one.
  package static func < (left: CellID, right: CellID) -> Bool { left.key < right.key }
}

extension CellID: CustomStringConvertible {
  /// The name for people: `level/column/row`.
  package var description: String { "\(level)/\(column)/\(row)" }
}

/// Puts a zero bit above each of the low 28 bits.
private func spread(_ value: Int) -> Int {
  var bits = value & 0x0FFF_FFFF
  bits = (bits | bits << 16) & 0x0000_FFFF_0000_FFFF
  bits = (bits | bits << 8) & 0x00FF_00FF_00FF_00FF
  bits = (bits | bits << 4) & 0x0F0F_0F0F_0F0F_0F0F
  bits = (bits | bits << 2) & 0x3333_3333_3333_3333
  return (bits | bits << 1) & 0x5555_5555_5555_5555
}

/// Takes every second bit from the lowest on.
private func gather(_ value: Int) -> Int {
  var bits = value & 0x5555_5555_5555_5555
  bits = (bits | bits >> 1) & 0x3333_3333_3333_3333
  bits = (bits | bits >> 2) & 0x0F0F_0F0F_0F0F_0F0F
  bits = (bits | bits >> 4) & 0x00FF_00FF_00FF_00FF
  bits = (bits | bits >> 8) & 0x0000_FFFF_0000_FFFF
  return (bits | bits >> 16) & 0x0FFF_FFFF
}
