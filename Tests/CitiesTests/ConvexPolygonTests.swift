// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Cities

@Suite struct `Convex polygons` {
  /// 4 m by 2 m, the marks count the edges from the south on.
  private let box = ConvexPolygon([
    (point: SIMD2(0.0, 0), mark: 0), (point: SIMD2(4, 0), mark: 1), (point: SIMD2(4, 2), mark: 2),
    (point: SIMD2(0, 2), mark: 3),
  ])

  @Test func `know their size and what is in them`() {
    #expect(box.area == 8 && box.middle == SIMD2(2, 1))
    #expect(box.contains(SIMD2(1, 1)) && !box.contains(SIMD2(1, -0.1)))
    #expect(box.depth(SIMD2(1, 0.5)) == 0.5 && box.depth(SIMD2(5, 1)) == -1)
    #expect(box.extent(along: SIMD2(1, 0)) == 0...4)
    #expect(abs(box.axis.x) == 1)
  }

  @Test func `are cut in two that are the whole`() {
    let (before, behind) = box.cut(across: SIMD2(1, 0), at: 1, mark: 9)
    #expect(before.area == 2 && behind.area == 6)
    #expect(before.edges.filter { $0.mark == 9 }.count == 1)
    #expect(behind.edges.filter { $0.mark == 9 }.count == 1)
    #expect(before.edges.map(\.mark).sorted() == [0, 2, 3, 9])
    let missed = box.cut(across: SIMD2(1, 0), at: 5, mark: 9)
    #expect(missed.before.area == 8 && missed.behind.isEmpty)
  }

  @Test func `move each edge inwards by its own distance`() {
    let inner = box.inset { $0 == 1 ? 1 : 0.5 }
    #expect(inner.area == 2.5)
    #expect(inner.edges.map(\.mark) == [0, 1, 2, 3] || Set(inner.edges.map(\.mark)).count == 4)
    #expect(box.inset { _ in 1.1 }.isEmpty)
  }
}
