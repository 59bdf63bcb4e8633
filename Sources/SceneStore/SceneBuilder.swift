// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Foundation
import GRDB
package import Geometry
import Parallel
package import Splats

/// What splats were made from.
package struct SplatSource: Equatable, Sendable {
  /// How splats came to be.
  package enum Method: String, Sendable {
    /// Points that were measured.
    case captured
    /// An optimisation against photographs.
    case trained
    /// A rule, from maps or surfaces.
    case seeded
  }

  /// The file's name or what made it.
  package var name: String
  /// The licence, as an SPDX expression or in words.
  package var licence: String
  /// The digest of the file, 64 hexadecimal digits, empty where there is none.
  package var sha256: String
  /// How the splats came to be.
  package var method: Method

  /// Describes a source.
  package init(name: String, licence: String, sha256: String, method: Method) {
    self.name = name
    self.licence = licence
    self.sha256 = sha256
    self.method = method
  }
}

/// Writes a new scene file, leaf by leaf, and the levels of detail above them.
///
/// Leaves come along a Morton curve, as `SplatCloud.leaves` gives them, so that a cell can be
/// joined from its children as soon as the last of them is there: memory holds a few cells of each
/// level, whatever the scene's size. No leaf lies in another.
/// The file stands under its name only when `finish` has returned; until then, and after a kill, a
/// file of that name is as it was. The bytes do not depend on the number of threads.
package final class SceneBuilder {
  private let path: String
  private let file: SceneFile
  private let threadCount: Int
  private let isAntialiased: Bool
  /// The cells whose siblings are not all known yet, one list for each level.
  private var waiting: [[CellPage]] = []
  /// The place on the curve behind the last leaf.
  private var curveEnd = 0
  /// Leaves that are not joined yet, and the sources they come from.
  private var batch: [(leaf: CellID, cloud: SplatCloud, source: Int64)] = []
  private var isFinished = false

  /// The leaves that are worked on together.
  private static let batchSize = 64

  /// Starts a file.
  ///
  /// - Parameters:
  ///   - path: the file, replaced when it exists.
  ///   - origin: where the scene's frame lies on the earth, nil where nobody knows.
  ///   - isAntialiased: whether the splats were trained with Mip-Splatting's compensation.
  ///   - threadCount: the threads that join and compress.
  /// - Throws: `InputError` when no file can be made there.
  package init(
    _ path: String, origin: GeodeticPosition?, isAntialiased: Bool = false, threadCount: Int
  ) throws(InputError) {
    self.path = path
    self.threadCount = threadCount
    self.isAntialiased = isAntialiased
    try removeItem(path + Self.unfinished)
    file = try SceneFile(path + Self.unfinished, readOnly: false)
    // Nobody else sees the file until it is whole: it needs no journal.
    for pragma in [
      "page_size = \(SceneLayout.databasePageSize)", "journal_mode = OFF", "synchronous = OFF",
      "application_id = \(SceneLayout.applicationID)", "user_version = \(SceneLayout.version)",
    ] { try file.execute("PRAGMA \(pragma)") }
    for table in SceneLayout.tables { try file.execute(table) }
    try file.write {
      try $0.execute(
        sql: "INSERT INTO scene VALUES (1, ?, ?, ?, ?)",
        arguments: [origin?.latitude, origin?.longitude, origin?.height, isAntialiased])
      try $0.execute(
        sql: "INSERT INTO layer VALUES (0, 'base', 'base', NULL, NULL, 0, 0, 0)")
    }
  }

  deinit { if !isFinished { try? removeItem(path + Self.unfinished) } }

  /// What is added to the name of a file that is not whole yet.
  private static let unfinished = ".unfinished"

  /// Adds a source and returns its number.
  package func add(_ source: SplatSource) throws(InputError) -> Int64 {
    try file.write { try $0.insert(source) }
  }

  /// Says what things are, by the instance ids of their splats, each once.
  package func add(_ things: [SceneThing]) throws(InputError) {
    try file.write { database in
      let insert = try database.makeStatement(sql: "INSERT INTO instance VALUES (?, ?, ?)")
      for thing in things {
        try insert.execute(arguments: [thing.id, thing.semanticClass.rawValue, thing.name])
      }
    }
  }

  /// Adds a leaf with its splats, 1...`SplatPage.largestCount`, positions in metres from the leaf's
  /// centre.
  package func add(
    leaf: CellID, _ cloud: SplatCloud, source: Int64
  ) throws(InputError) {
    precondition(leaf.curvePlace >= curveEnd, "leaves come along the curve, each once")
    curveEnd = leaf.curveEnd
    batch.append((leaf, cloud, source))
    if batch.count == Self.batchSize { try joinBatch() }
  }

  /// Joins what is left up to the roots, and puts the file under its name.
  ///
  /// Nothing is added afterwards.
  package func finish() throws(InputError) {
    precondition(!isFinished, "a file is finished once")
    try joinBatch()
    let top = try joinAll()
    try file.write {
      try $0.execute(sql: "UPDATE layer SET topLevel = ?", arguments: [top])
    }
    try file.execute("PRAGMA synchronous = FULL")
    try file.close()
    try synchronizeFile(path + Self.unfinished)
    try moveItem(path + Self.unfinished, to: path)
    isFinished = true
    try synchronizeFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
  }
}

// MARK: - Levels

extension SceneBuilder {
  private func joinBatch() throws(InputError) {
    let (leaves, antialiased) = (batch, isAntialiased)
    let pages = parallelMap(count: leaves.count, threadCount: threadCount) { index in
      CellPage(leaf: leaves[index].leaf, leaves[index].cloud, isAntialiased: antialiased)
    }
    try write(pages)
    try file.write { database in
      for leaf in leaves {
        try database.execute(
          sql: "INSERT INTO provenance VALUES (0, ?, ?)", arguments: [leaf.leaf.key, leaf.source])
      }
    }
    batch.removeAll(keepingCapacity: true)
    try rise(pages)
  }

  /// Makes the parents that have all of their children, level by level, from new leaves and from
  /// the cells that wait.
  private func rise(_ leaves: [CellPage]) throws(InputError) {
    var parents: [CellPage] = []
    for level in 0..<CellID.highestLevel {
      let new = leaves.filter { $0.cell.id.level == level } + parents
      parents = []
      guard !new.isEmpty else { continue }
      while waiting.count <= level { waiting.append([]) }
      var (complete, open) = ([[CellPage]](), [CellPage]())
      for family in Self.families(waiting[level] + new) {
        // Those around the origin may be roots.
        let parent = family[0].cell.id.parent
        if let parent, parent.curveEnd <= curveEnd, !parent.touchesOrigin {
          complete.append(family)
        } else {
          open += family
        }
      }
      waiting[level] = open
      parents = try joined(complete)
    }
  }

  private func joined(_ families: [[CellPage]]) throws(InputError) -> [CellPage] {
    let parents = parallelMap(count: families.count, threadCount: threadCount) {
      CellPage(parentOf: families[$0])
    }
    try write(parents)
    return parents
  }

  /// Joins all that waits, up to the level of which only the four cells around the origin, which
  /// share no parent, are left with few splats; returns the level.
  private func joinAll() throws(InputError) -> Int {
    var (level, cells) = (0, [CellPage]())
    while true {
      if level < waiting.count { cells += waiting[level] }
      let isHighest = level + 1 >= waiting.count && cells.allSatisfy(Self.isSmallRoot)
      if isHighest || level == CellID.highestLevel { return level }
      cells = try joined(Self.families(cells))
      level += 1
    }
  }

  private static func isSmallRoot(_ page: CellPage) -> Bool {
    page.cell.id.touchesOrigin && page.cell.count <= CellPage.fewSplats
  }

  /// Cells of one level by parent, both in the order of their keys.
  private static func families(_ cells: [CellPage]) -> [[CellPage]] {
    var families: [[CellPage]] = []
    for cell in cells.sorted(by: { $0.cell.id < $1.cell.id }) {
      if let last = families.last?.first, last.cell.id.parent == cell.cell.id.parent {
        families[families.count - 1].append(cell)
      } else {
        families.append([cell])
      }
    }
    return families
  }

  private func write(_ pages: [CellPage]) throws(InputError) {
    let parts = parallelMap(count: pages.count, threadCount: threadCount) { index in
      (hot: StoredBytes(pages[index].page.hotBytes), cold: StoredBytes(pages[index].page.coldBytes))
    }
    try file.write { database in
      for (page, part) in zip(pages, parts) {
        try database.insert(page.cell, hot: part.hot, cold: part.cold, layer: SceneLayer.base)
      }
    }
  }
}

extension Database {
  /// Adds a cell with its page to a layer.
  func insert(_ page: CellPage, layer: Int64) throws {
    try insert(
      page.cell, hot: StoredBytes(page.page.hotBytes), cold: StoredBytes(page.page.coldBytes),
      layer: layer)
  }

  fileprivate func insert(
    _ cell: SceneCell, hot: StoredBytes, cold: StoredBytes, layer: Int64
  ) throws {
    let hot = try hot.insert(into: self)
    let cold = cold.size == 0 ? nil : try cold.insert(into: self)
    try execute(
      sql: "INSERT INTO cell VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      arguments: [
        layer, cell.id.key, cell.count, cell.error, cell.bottom, cell.top, cell.margin, hot, cold,
      ])
  }

  /// Adds a source and returns its number.
  func insert(_ source: SplatSource) throws -> Int64 {
    try execute(
      sql: "INSERT INTO source (name, licence, sha256, method) VALUES (?, ?, ?, ?)",
      arguments: [source.name, source.licence, source.sha256, source.method.rawValue])
    return lastInsertedRowID
  }
}

/// Bytes as the table of blobs holds them.
private struct StoredBytes: Sendable {
  let crc: UInt32
  let size: Int
  let bytes: Data

  init(_ plain: [UInt8]) {
    let compressed = Zstandard.compress(plain.span, level: 1)
    crc = crc32(of: compressed)
    size = plain.count
    bytes = Data(compressed)
  }

  func insert(into database: Database) throws -> Int64 {
    try database.execute(
      sql: "INSERT INTO blob (crc32, size, bytes) VALUES (?, ?, ?)", arguments: [crc, size, bytes])
    return database.lastInsertedRowID
  }
}
