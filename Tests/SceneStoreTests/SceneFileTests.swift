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
  let path = NSTemporaryDirectory() + "scene-store-" + UUID().uuidString

  init() throws { try createFolder(path) }
  deinit { try? removeItem(path) }
}

private let source = SplatSource(
  name: "test", licence: "CC0-1.0", sha256: "", method: .seeded)

/// Builds a scene of square leaves, each with `count` splats.
private func build(
  _ path: String, leaves: [CellID], count: Int, threadCount: Int = 1, shDegree: Int = 0
) throws {
  let builder = try SceneBuilder(
    path, origin: GeodeticPosition(latitude: 1, longitude: 0.5, height: 40),
    threadCount: threadCount)
  let id = try builder.add(source)
  for (index, leaf) in leaves.sorted().enumerated() {
    let cloud = mixedSplats(count: count, shDegree: shDegree, seed: UInt64(index))
    try builder.add(leaf: leaf, cloud, source: id)
  }
  try builder.finish()
}

private func square(_ columns: Range<Int>, _ rows: Range<Int>) -> [CellID] {
  rows.flatMap { row in columns.map { CellID(level: 6, column: $0, row: row) } }
}

@Suite struct `Scene files` {
  @Test func `a scene is read as it was built`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.diorama"
    try build(path, leaves: square(0..<4, 0..<4), count: 600, shDegree: 1)
    let file = try SceneFile(reading: path)
    #expect(try file.origin == GeodeticPosition(latitude: 1, longitude: 0.5, height: 40))
    let check = try file.check()
    #expect(check.faults == [])
    // 16 leaves, 4 cells of level 1, 1 of level 2.
    #expect(check.cellCount == 21)
    #expect(check.splatCount == 16 * 600)
    let roots = try file.roots()
    #expect(roots.map(\.id) == [CellID(level: 8, column: 0, row: 0)])
    let leaf = CellID(level: 6, column: 3, row: 2)
    let page = try #require(try file.page(leaf))
    let index = try #require(square(0..<4, 0..<4).sorted().firstIndex(of: leaf))
    #expect(page == SplatPage(mixedSplats(count: 600, shDegree: 1, seed: UInt64(index))))
    #expect(try file.page(leaf, isWhole: false)?.shDegree == 0)
    #expect(try file.page(CellID(level: 6, column: 9, row: 9)) == nil)
    // 4 x 600 splats are halved; 4 x 1200 are halved twice.
    #expect(try file.cells(level: 7).map(\.count) == [1200, 1200, 1200, 1200])
    #expect(roots[0].count == 1200)
    #expect(roots[0].error > 0)
    #expect(try listFolder(folder.path) == ["a.diorama"])
  }

  @Test func `a scene around the origin has four roots`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.diorama"
    try build(path, leaves: square(-2..<2, -2..<2), count: 20)
    let file = try SceneFile(reading: path)
    #expect(try file.roots().map(\.id.level) == [7, 7, 7, 7])
    #expect(try file.check().faults == [])
  }

  @Test func `a scene far from the origin has one root`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.diorama"
    try build(path, leaves: [CellID(level: 6, column: 1000, row: -500)], count: 20)
    let file = try SceneFile(reading: path)
    // 1000 halves to 0 ten times over.
    #expect(try file.roots().map(\.id) == [CellID(level: 16, column: 0, row: -1)])
    #expect(try file.check().faults == [])
  }

  @Test func `an empty scene is a scene`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.diorama"
    try build(path, leaves: [], count: 0)
    let file = try SceneFile(reading: path)
    #expect(try file.roots() == [])
    let check = try file.check()
    #expect(check.faults == [] && check.cellCount == 0)
  }

  @Test func `the bytes do not depend on threads`() throws {
    let folder = try TemporaryFolder()
    let leaves = square(0..<10, 0..<9)
    try build(folder.path + "/one", leaves: leaves, count: 30, threadCount: 1)
    try build(folder.path + "/two", leaves: leaves, count: 30, threadCount: 2)
    #expect(try readFile(folder.path + "/one") == readFile(folder.path + "/two"))
  }

  @Test func `an unfinished scene leaves the old one`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.diorama"
    try build(path, leaves: square(0..<1, 0..<1), count: 20)
    let before = try readFile(path)
    do {
      let builder = try SceneBuilder(path, origin: nil, threadCount: 1)
      let id = try builder.add(source)
      try builder.add(leaf: CellID(level: 6, column: 0, row: 0), mixedSplats(count: 9), source: id)
    }
    #expect(try readFile(path) == before)
    #expect(try listFolder(folder.path) == ["a.diorama"])
  }

  @Test func `damage is found and named`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.diorama"
    try build(path, leaves: square(0..<2, 0..<2), count: 300)
    var bytes = try readFile(path)
    // Behind the magic of the last page's zstd frame.
    let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
    let place = try #require((0..<bytes.count - 4).last { Array(bytes[$0..<$0 + 4]) == frame })
    bytes[place + 9] ^= 0x10
    try publishFile(path, bytes)
    let check = try SceneFile(reading: path).check()
    #expect(check.faults.count == 1)
    #expect(check.faults.first?.contains("CRC-32") == true, "\(check.faults)")
  }

  @Test(arguments: [
    ("cell SET count = 4000000000", "count"), ("cell SET count = 0", "count"),
    ("cell SET count = count + 1", "splats"), ("cell SET error = 9e999", "error"),
    ("cell SET error = -1", "error"), ("cell SET margin = -1", "margin"),
    ("cell SET bottom = top + 1", "bottom and top"), ("cell SET top = 9e999", "bottom and top"),
    ("blob SET crc32 = -1", "CRC-32"), ("blob SET crc32 = 1 << 40", "CRC-32"),
    ("blob SET size = 1 << 60", "size"),
  ])
  func `what cannot be is named and never drawn`(change: String, field: String) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.diorama"
    try build(path, leaves: square(0..<2, 0..<2), count: 30)
    let writing = try SceneFile(path, readOnly: false)
    try writing.execute("UPDATE \(change)")
    try writing.close()
    let file = try SceneFile(reading: path)
    let error = #expect(throws: InputError.self) {
      for cell in try file.roots() { _ = try file.page(cell.id) }
    }
    #expect(error?.field.hasPrefix("cell ") == true)
    #expect(error?.field.hasSuffix(field) == true)
    let faults = try file.check().faults
    #expect(faults.filter { $0.contains(field) }.count >= 4, "\(faults)")
  }

  @Test func `a file without its last byte is refused`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.diorama"
    try build(path, leaves: square(0..<1, 0..<1), count: 20)
    let bytes = try readFile(path)
    try publishFile(path, Array(bytes.dropLast()))
    let error = #expect(throws: InputError.self) { try SceneFile(reading: path) }
    #expect(error?.field == "file size")
    #expect(error?.found == "\(bytes.count - 1) bytes")
  }

  @Test func `other files are refused`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.diorama"
    let missing = #expect(throws: InputError.self) { try SceneFile(reading: path) }
    #expect(missing?.found == "no file")
    try publishFile(path, Array("not a database, but long enough to be read as one".utf8))
    #expect(throws: InputError.self) { try SceneFile(reading: path) }
    try build(path, leaves: square(0..<1, 0..<1), count: 20)
    var bytes = try readFile(path)
    // SQLite keeps the user version at offset 60 and the application id at 68, big-endian.
    bytes[63] = 9
    try publishFile(path, bytes)
    let version = #expect(throws: InputError.self) { try SceneFile(reading: path) }
    #expect(version?.field == "layout version")
    bytes[63] = 2
    bytes[68] = 0
    try publishFile(path, bytes)
    let kind = #expect(throws: InputError.self) { try SceneFile(reading: path) }
    #expect(kind?.field == "application id")
    bytes[68] = 0x44
    try publishFile(path, Array(bytes.prefix(20_000)))
    let cut = try? SceneFile(reading: path).check()
    #expect(cut?.faults.isEmpty != true)
  }
}

@Suite struct `Leaves` {
  @Test func `are cut where splats are dense`() throws {
    // 70,000 splats in one square metre's quarter beside a few all over 64 m.
    var cloud = mixedSplats(count: 100)
    for index in 0..<70_000 {
      cloud.append(
        Splat(
          position: SIMD3(10.1 + 0.3 * Float(index % 2), 5.2 + Float(index) * 1e-5, 0),
          logScale: SIMD3(repeating: -5), rotation: .identity, opacityLogit: 1, sh0: .zero))
    }
    let (leaves, outside) = cloud.leaves(sceneOrigin: SIMD3(0, 0, 7))
    #expect(outside == 0)
    #expect(leaves.map(\.cloud.count).reduce(0, +) == cloud.count)
    #expect(leaves.map(\.leaf.level).min() == 0)
    let dense = try #require(leaves.first { $0.leaf.level == 0 && $0.cloud.count > 60_000 })
    #expect(dense.leaf == CellID(level: 0, column: 10, row: 5))
    // Positions count from the leaf's centre, (10.5, 5.5, 0).
    #expect(length(dense.cloud.positions[0] - SIMD3(-0.4, -0.3, 7)) < 1e-5)
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.diorama"
    let builder = try SceneBuilder(path, origin: nil, threadCount: 1)
    let id = try builder.add(source)
    for (leaf, part) in leaves where part.count < 1000 {
      try builder.add(leaf: leaf, part, source: id)
    }
    try builder.finish()
    let check = try SceneFile(reading: path).check()
    #expect(check.faults == [])
    #expect(check.splatCount == cloud.count - dense.cloud.count)
  }
}

@Suite struct `Cuts through a scene` {
  @Test func `measure from where most of a cell is, not from what one splat reaches`() {
    var cell = SceneCell(
      id: CellID(level: 6, column: 1, row: 0), count: 9, error: 1, bottom: -100, top: 120,
      margin: 90)
    #expect(cell.core.minimum == SIMD3(64, 0, -10) && cell.core.maximum == SIMD3(128, 64, 30))
    #expect(cell.box.minimum == SIMD3(-26, -90, -100))
    // What reaches farther than the cell is high leaves its middle.
    cell.margin = 500
    #expect(cell.core.minimum.z == 10 && cell.core.maximum.z == 10)
  }

  private let camera = Camera(
    width: 640, height: 480, focalLengthPixels: SIMD2(500, 500), principalPoint: SIMD2(320, 240),
    near: 0.05)

  /// Looks straight down from a height over a point.
  private func down(over point: SIMD2<Double>, height: Double) -> RigidTransform {
    let sceneFromCamera = RigidTransform(
      rotation: Quaternion(angle: .pi, axis: SIMD3(1, 0, 0)),
      translation: SIMD3(point.x, point.y, height))
    return sceneFromCamera.inverse
  }

  @Test func `near is fine and far is coarse`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.diorama"
    try build(path, leaves: square(0..<4, 0..<4), count: 600)
    let file = try SceneFile(reading: path)
    var rules = CutRules()
    rules.fadeBand = 0
    let low = try file.cut(
      camera: camera, cameraFromScene: [down(over: SIMD2(32, 32), height: 60)], rules: rules,
      in: try file.composition(at: nil))
    #expect(low.parts.allSatisfy { $0.share == 1 && $0.cell.id.level == 6 })
    #expect(low.errorPixels == 0)
    #expect(low.parts.contains { $0.cell.id == CellID(level: 6, column: 0, row: 0) })
    #expect(low.parts.count < 10)
    let high = try file.cut(
      camera: camera, cameraFromScene: [down(over: SIMD2(128, 128), height: 20_000)], rules: rules,
      in: try file.composition(at: nil))
    #expect(high.parts.map(\.cell.id.level) == [8])
    #expect(high.errorPixels <= 1)
    // Looking up there is nothing.
    let up = RigidTransform(
      rotation: .identity, translation: -SIMD3(32, 32, 400))
    #expect(
      try file.cut(
        camera: camera, cameraFromScene: [up], rules: rules,
        in: try file.composition(at: nil)
      ).parts.isEmpty)
  }

  @Test func `a budget is kept and its price told`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.diorama"
    try build(path, leaves: square(0..<4, 0..<4), count: 600)
    let file = try SceneFile(reading: path)
    var rules = CutRules()
    var before = Double.infinity
    for budget in [1_200, 3_000, 5_000, 9_000] {
      rules.splatBudget = budget
      let cut = try file.cut(
        camera: camera, cameraFromScene: [down(over: SIMD2(128, 128), height: 200)], rules: rules,
        in: try file.composition(at: nil))
      #expect(cut.splatCount <= budget)
      #expect(cut.errorPixels > 1)
      #expect(cut.errorPixels <= before)
      before = cut.errorPixels
    }
  }

  @Test func `shares of a cell and its children add up to one`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.diorama"
    try build(path, leaves: square(0..<4, 0..<4), count: 600)
    let file = try SceneFile(reading: path)
    var isFading = false
    for height in stride(from: 100.0, to: 6000, by: 150) {
      let cut = try file.cut(
        camera: camera, cameraFromScene: [down(over: SIMD2(100, 100), height: height)],
        rules: CutRules(),
        in: try file.composition(at: nil))
      // Below the point that is looked at, every leaf's ancestors share it.
      var leaf = CellID(level: 6, holding: SIMD2(100, 100))
      var sum = 0.0
      while let cell = leaf {
        sum += cut.parts.filter { $0.cell.id == cell }.reduce(0) { $0 + $1.share }
        leaf = cell.parent
      }
      #expect(abs(sum - 1) < 1e-12)
      isFading = isFading || cut.parts.contains { $0.share < 1 }
    }
    #expect(isFading)
  }
}
