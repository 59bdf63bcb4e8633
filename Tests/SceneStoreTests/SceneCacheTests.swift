// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Splats
import Testing

@testable import SceneStore

extension SceneCache {
  /// Cells of the base, with what a scene file says of them, or without where it says nothing.
  fileprivate func stated(_ ids: [CellID]) throws -> [SceneCell] {
    let known = try file.cells(level: 6)
    return ids.map { id in
      known.first { $0.id == id }
        ?? SceneCell(id: id, count: 1, error: 0, bottom: 0, top: 0, margin: 0)
    }
  }

  fileprivate func splats(of ids: [CellID], threadCount: Int = 1) throws -> [PackedSplats] {
    try splats(
      of: stated(ids), in: file.composition(at: nil), threadCount: threadCount)
  }

  fileprivate func prefetch(_ ids: [CellID]) throws {
    try prefetch(stated(ids), in: file.composition(at: nil))
  }
}

@Suite struct `Scene cache` {
  private static let leaves = (0..<4).map { CellID(level: 6, column: $0 % 2, row: $0 / 2) }

  /// A scene of four leaves with 320 splats each: 20,592 bytes a page when unpacked.
  private func withScene(_ body: (SceneFile) throws -> Void) throws {
    let path = "\(NSTemporaryDirectory())cache-\(UUID().uuidString).diorama"
    defer { try? removeItem(path) }
    let builder = try SceneBuilder(path, origin: nil, threadCount: 1)
    let source = try builder.add(
      SplatSource(name: "test", licence: "none", sha256: "", method: .seeded))
    for (index, leaf) in Self.leaves.enumerated() {
      try builder.add(leaf: leaf, mixedSplats(count: 320, seed: UInt64(index)), source: source)
    }
    try builder.finish()
    try body(try SceneFile(reading: path))
  }

  private func pageBytes(_ file: SceneFile) throws -> Int {
    try #require(try file.page(Self.leaves[0])).packed.byteCount
  }

  @Test func `hands out what it holds, and counts`() throws {
    try withScene { file in
      let cache = SceneCache(file, budgetBytes: 1 << 30)
      let first = try cache.splats(of: Self.leaves, threadCount: 2)
      let again = try cache.splats(of: Self.leaves)
      #expect(again == first)
      let statistics = cache.statistics
      #expect(statistics.missCount == 4 && statistics.hitCount == 4)
      #expect(statistics.heldBytes == first.reduce(0) { $0 + $1.byteCount })
      #expect(statistics.heldCount == 4 && statistics.evictionCount == 0)
    }
  }

  @Test func `what was not asked for the longest gives way`() throws {
    try withScene { file in
      let cache = SceneCache(file, budgetBytes: try 2 * pageBytes(file))
      for leaf in [0, 1, 0, 2] { _ = try cache.splats(of: [Self.leaves[leaf]]) }
      #expect(cache.statistics.evictionCount == 1)
      _ = try cache.splats(of: [Self.leaves[0]])
      #expect(cache.statistics.hitCount == 2)
      _ = try cache.splats(of: [Self.leaves[1]])
      #expect(cache.statistics.missCount == 4)
    }
  }

  @Test func `the budget is never passed, and nothing that is drawn gives way`() throws {
    try withScene { file in
      let budget = try 2 * pageBytes(file)
      let cache = SceneCache(file, budgetBytes: budget)
      let drawn = try cache.splats(of: Self.leaves)
      #expect(drawn.count == 4)
      #expect(cache.statistics.unheldCount == 2 && cache.statistics.evictionCount == 0)
      #expect(cache.statistics.largestHeldBytes == budget)
      let again = try cache.splats(of: [Self.leaves[0]])
      #expect(again.first === drawn[0])
    }
  }

  @Test func `holds nothing without a budget`() throws {
    try withScene { file in
      let cache = SceneCache(file, budgetBytes: 0)
      let counts = try cache.splats(of: Self.leaves).map(\.count)
      #expect(counts == [320, 320, 320, 320])
      #expect(cache.statistics.heldBytes == 0 && cache.statistics.unheldCount == 4)
    }
  }

  @Test func `what was read ahead is a hit`() throws {
    try withScene { file in
      let cache = SceneCache(file, budgetBytes: 1 << 30)
      try cache.prefetch(Self.leaves)
      _ = try cache.splats(of: Self.leaves)
      #expect(cache.statistics.prefetchCount == 4)
      #expect(cache.statistics.missCount == 0 && cache.statistics.hitCount == 4)
    }
  }

  @Test func `any number of threads get the same splats`() throws {
    try withScene { file in
      let alone = SceneCache(file, budgetBytes: 1 << 30)
      let expected = try alone.splats(of: Self.leaves).map { $0.geometry[17] }
      let cache = SceneCache(file, budgetBytes: try 2 * pageBytes(file))
      DispatchQueue.concurrentPerform(iterations: 16) { _ in
        let found = try? cache.splats(of: Self.leaves).map { $0.geometry[17] }
        #expect(found == expected)
      }
      #expect(cache.statistics.largestHeldBytes <= cache.budgetBytes)
      #expect(cache.statistics.hitCount + cache.statistics.missCount == 64)
    }
  }

  @Test func `a cell without splats is named`() throws {
    try withScene { file in
      let cache = SceneCache(file, budgetBytes: 1 << 30)
      let away = CellID(level: 6, column: 40, row: 40)
      let error = #expect(throws: InputError.self) { try cache.splats(of: [away]) }
      #expect(error?.field == "cell 6/40/40")
    }
  }
}
