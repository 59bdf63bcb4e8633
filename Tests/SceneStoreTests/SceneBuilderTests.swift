// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Splats
import Testing

@testable import SceneStore

/// A folder of its own for a test, removed with its owner.
private final class TemporaryFolder {
  let path = NSTemporaryDirectory() + "scene-builder-" + UUID().uuidString

  init() throws { try createFolder(path) }
  deinit { try? removeItem(path) }
}

private let source = SplatSource(
  name: "test", licence: "CC0-1.0", sha256: "", method: .seeded)

private func square(_ columns: Range<Int>, _ rows: Range<Int>) -> [CellID] {
  rows.flatMap { row in columns.map { CellID(level: 6, column: $0, row: row) } }
}

@Suite struct `Building scene files` {
  @Test func `a killed build goes on to the same bytes`() throws {
    let folder = try TemporaryFolder()
    let leaves = square(-5..<7, -4..<8).sorted()
    func add(to path: String, isResuming: Bool = false, stopBefore stop: Int? = nil) throws {
      let builder = try SceneBuilder(path, origin: nil, threadCount: 2, isResuming: isResuming)
      builder.writer.stageSize = 1
      let id = try builder.add(source)
      for (index, leaf) in leaves.enumerated() {
        if index == stop {
          // What a kill would leave: the file as it is now.
          try builder.writer.wait()
          for name in try listFolder(folder.path) where name.hasPrefix("b.diorama") {
            let left = name.replacingOccurrences(of: "b.", with: "c.")
            try publishFile(folder.path + "/" + left, readFile(folder.path + "/" + name))
          }
          return
        }
        try builder.add(
          leaf: leaf, mixedSplats(count: 30, seed: UInt64(index)), source: id)
      }
      try builder.finish()
    }
    try add(to: folder.path + "/a.diorama")
    let whole = try readFile(folder.path + "/a.diorama")
    for stop in [1, 64, 65, 100, 128, 140] {
      try add(to: folder.path + "/b.diorama", stopBefore: stop)
      #expect(try listFolder(folder.path).allSatisfy { !$0.hasPrefix("b.") })
      do {
        let begun = try SceneBuilder(
          folder.path + "/c.diorama", origin: nil, threadCount: 1, isResuming: true)
        #expect(leaves.prefix { begun.holds($0) }.count == stop / 64 * 64)
        begun.keep()
      }
      try add(to: folder.path + "/c.diorama", isResuming: true)
      #expect(try readFile(folder.path + "/c.diorama") == whole)
      try removeItem(folder.path + "/c.diorama")
    }
  }

  @Test func `another scene than the one begun is refused, and what was begun stays`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.diorama"
    try publishFile(path + ".unfinished", [])
    do {
      let builder = try SceneBuilder(path, origin: nil, threadCount: 1, isResuming: true)
      _ = try builder.add(source)
      try builder.add([SceneThing(id: 300, .leaves)])
      builder.keep()
    }
    do {
      let builder = try SceneBuilder(path, origin: nil, threadCount: 1, isResuming: true)
      #expect(try builder.add(source) == 1)
      try builder.add([SceneThing(id: 300, .leaves), SceneThing(id: 301, .wall)])
      builder.keep()
    }
    let other = SplatSource(name: "other", licence: "CC0-1.0", sha256: "", method: .seeded)
    do {
      let builder = try SceneBuilder(path, origin: nil, threadCount: 1, isResuming: true)
      let error = #expect(throws: InputError.self) { try builder.add(other) }
      #expect(error?.field == "source 1" && error?.found == "test")
    }
    #expect(throws: InputError.self) {
      try SceneBuilder(
        path, origin: GeodeticPosition(latitude: 0, longitude: 0, height: 0), threadCount: 1,
        isResuming: true)
    }
    #expect(try listFolder(folder.path) == ["a.diorama.unfinished"])
  }

  @Test func `leaves made on the builder's threads are those that are given`() throws {
    let folder = try TemporaryFolder()
    let leaves = square(-3..<7, 0..<9).sorted()
    @Sendable func splats(_ leaf: CellID) -> SplatCloud {
      mixedSplats(count: leaf.column == 2 ? 0 : 20, seed: UInt64(leaf.key))
    }
    for (name, isGiven) in [("given", true), ("made", false)] {
      let builder = try SceneBuilder(folder.path + "/" + name, origin: nil, threadCount: 2)
      let id = try builder.add(source)
      if isGiven {
        for leaf in leaves where leaf.column != 2 {
          try builder.add(leaf: leaf, splats(leaf), source: id)
        }
      } else {
        var done: [Int] = []
        try builder.add(
          leaves: leaves, source: id, progress: { done.append($0) },
          make: {
            (splats($0), [SceneThing(id: UInt32(1000 + $0.column * 10 + $0.row), .leaves)])
          })
        #expect(done == [64, 90])
      }
      try builder.finish()
    }
    let (given, made) = (
      try SceneFile(reading: folder.path + "/given"), try SceneFile(reading: folder.path + "/made")
    )
    #expect(try made.check().faults == [])
    // A leaf without splats has no things.
    #expect(try made.things.count == 81 && given.things.isEmpty)
    for level in 6...10 { #expect(try given.cells(level: level) == made.cells(level: level)) }
    for leaf in leaves { #expect(try given.page(leaf) == made.page(leaf)) }
  }
}
