// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import SceneStore
import Testing

@Suite struct `Cells` {
  @Test func `a key is the cell again`() {
    for (level, column, row) in [
      (0, 0, 0), (0, -1, -1), (0, 5, -9), (3, -7, 12), (0, 1 << 27 - 1, -(1 << 27)), (27, -1, 0),
    ] {
      let cell = CellID(level: level, column: column, row: row)
      #expect(CellID(key: cell.key) == cell)
    }
    #expect(CellID(key: -1) == nil)
    #expect(CellID(key: 28 << 56) == nil)
    #expect(CellID(key: 27 << 56 | 4) == nil)
  }

  @Test func `children follow each other`() {
    let cell = CellID(level: 2, column: -3, row: 4)
    let children = cell.children
    #expect(children.map(\.key) == (0..<4).map { children[0].key + $0 })
    for child in children { #expect(child.parent == cell) }
    #expect(children[1].center.x > children[0].center.x)
    #expect(children[2].center.y > children[0].center.y)
    #expect(CellID(level: 0, column: 1, row: 1).children.isEmpty)
    #expect(CellID(level: 27, column: 0, row: 0).parent == nil)
  }

  @Test func `a cell holds its points`() {
    #expect(CellID(level: 6, holding: SIMD2(0, 0)) == CellID(level: 6, column: 0, row: 0))
    #expect(CellID(level: 6, holding: SIMD2(-0.001, 63.9)) == CellID(level: 6, column: -1, row: 0))
    #expect(CellID(level: 6, holding: SIMD2(64, -64)) == CellID(level: 6, column: 1, row: -1))
    #expect(CellID(level: 0, holding: SIMD2(1e12, 0)) == nil)
    #expect(CellID(level: 0, holding: SIMD2(.nan, 0)) == nil)
    #expect(CellID(level: 6, column: -1, row: 0).center == SIMD3(-32, 32, 0))
    #expect(CellID(level: 7, column: 0, row: 0).edge == 128)
  }
}
