// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Files
import Foundation
import GRDB
import Geometry
import Splats
import Synchronization

/// A cell with its splats, and both as the file holds them.
struct StoredPage: Sendable {
  let cellPage: CellPage
  fileprivate let hot: StoredBytes
  fileprivate let cold: StoredBytes?

  init(_ cellPage: CellPage) {
    self.cellPage = cellPage
    hot = StoredBytes(cellPage.page.hotBytes)
    cold = cellPage.page.shDegree == 0 ? nil : StoredBytes(cellPage.page.coldBytes)
  }
}

/// Writes cells into a file that nobody reads yet, a stage at a time, while others are made.
///
/// A stage is one transaction: a program that is killed leaves whole stages, and SQLite takes back
/// what there is of the next when the file is opened again. (A machine that loses its power may
/// leave less: only a file that is finished is on the disk for certain.) Stages end where a batch
/// ends that fills them, so that they, and with them the bytes of the file, are the same however
/// long the disk took.
final class SceneWriter {
  private let file: SceneFile
  private let queue = DispatchQueue(label: "scene writer")
  private let failure = WriteFailure()
  private var stage = Stage()

  /// The compressed bytes that fill a stage: one is written while the next is filled.
  var stageSize = 4 << 20

  /// What is written together.
  private struct Stage: Sendable {
    var cells: [(cell: SceneCell, hot: StoredBytes, cold: StoredBytes?)] = []
    var leaves: [(leaf: CellID, source: Int64)] = []
    var things: [SceneThing] = []
    var size = 0
  }

  init(_ file: SceneFile) { self.file = file }

  /// Has SQLite write without waiting for the disk; a journal keeps each stage whole.
  func prepare() throws(InputError) {
    for pragma in [
      "page_size = \(SceneLayout.databasePageSize)", "journal_mode = DELETE",
      "synchronous = OFF", "locking_mode = EXCLUSIVE",
    ] { try file.execute("PRAGMA \(pragma)") }
  }

  /// Makes the tables, all or none.
  func begin(origin: GeodeticPosition?, isAntialiased: Bool) throws(InputError) {
    try file.write {
      try $0.execute(sql: "PRAGMA application_id = \(SceneLayout.applicationID)")
      try $0.execute(sql: "PRAGMA user_version = \(SceneLayout.version)")
      for table in SceneLayout.tables { try $0.execute(sql: table) }
      try $0.execute(
        sql: "INSERT INTO scene VALUES (1, ?, ?, ?, ?)",
        arguments: [origin?.latitude, origin?.longitude, origin?.height, isAntialiased])
      try $0.execute(
        sql: "INSERT INTO layer VALUES (0, 'base', 'base', NULL, NULL, 0, 0, 0)")
    }
  }

  func add(_ source: SplatSource) throws(InputError) -> Int64 {
    try file.write { try $0.insert(source) }
  }

  func add(_ pages: [StoredPage]) {
    for page in pages {
      stage.cells.append((page.cellPage.cell, page.hot, page.cold))
      stage.size += page.hot.bytes.count + (page.cold?.bytes.count ?? 0)
    }
  }

  func add(_ things: [SceneThing]) { stage.things += things }

  func add(leaf: CellID, source: Int64) { stage.leaves.append((leaf, source)) }

  /// Hands the stage over where it is full, and waits for the one before.
  func endBatch() throws(InputError) {
    guard stage.size >= stageSize else { return }
    try wait()
    let (full, file, failure) = (stage, file, failure)
    stage = Stage()
    queue.async {
      do throws(InputError) {
        try file.write { try Self.write(full, $0) }
      } catch {
        failure.store(error)
      }
    }
  }

  /// Waits until all that was handed over is written.
  func wait() throws(InputError) {
    queue.sync {}
    if let error = failure.error { throw error }
  }

  /// Lets go of what is not written.
  func drop() { queue.sync {} }

  /// Writes what is left, and the level of the roots.
  func finish(topLevel: Int) throws(InputError) {
    try wait()
    let last = stage
    stage = Stage()
    try file.write {
      try Self.write(last, $0)
      try $0.execute(sql: "UPDATE layer SET topLevel = ?", arguments: [topLevel])
    }
  }

  private static func write(_ stage: Stage, _ database: Database) throws {
    for (cell, hot, cold) in stage.cells {
      try database.insert(cell, hot: hot, cold: cold, layer: SceneLayer.base)
    }
    for (leaf, source) in stage.leaves {
      try database.cachedStatement(sql: "INSERT INTO provenance VALUES (0, ?, ?)")
        .execute(arguments: [leaf.key, source])
    }
    for thing in stage.things { try database.insert(thing) }
  }
}

/// The first error of the thread that writes.
private final class WriteFailure: Sendable {
  private let stored = Mutex<InputError?>(nil)

  var error: InputError? { stored.withLock { $0 } }

  func store(_ error: InputError) { stored.withLock { $0 = $0 ?? error } }
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
    try database.cachedStatement(sql: "INSERT INTO blob (crc32, size, bytes) VALUES (?, ?, ?)")
      .execute(arguments: [crc, size, bytes])
    return database.lastInsertedRowID
  }
}

extension Database {
  /// Adds a cell with its page to a layer.
  func insert(_ page: CellPage, layer: Int64) throws {
    let stored = StoredPage(page)
    try insert(page.cell, hot: stored.hot, cold: stored.cold, layer: layer)
  }

  fileprivate func insert(
    _ cell: SceneCell, hot: StoredBytes, cold: StoredBytes?, layer: Int64
  ) throws {
    let (hot, cold) = (try hot.insert(into: self), try cold?.insert(into: self))
    try cachedStatement(sql: "INSERT INTO cell VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .execute(arguments: [
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

  /// Says what a thing is.
  func insert(_ thing: SceneThing) throws {
    try cachedStatement(sql: "INSERT INTO instance VALUES (?, ?, ?)")
      .execute(arguments: [thing.id, thing.semanticClass.rawValue, thing.name])
  }

  /// Whether the scene knows a thing.
  func holds(_ thing: SceneThing) throws -> Bool {
    let statement = try cachedStatement(sql: "SELECT 1 FROM instance WHERE id = ?")
    return try Int.fetchOne(statement, arguments: [thing.id]) != nil
  }
}

// MARK: - What was begun

extension SceneFile {
  /// Whether the tables are there: they are made together.
  var isBegun: Bool {
    get throws(InputError) {
      try read { try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_schema") ?? 0 } > 0
    }
  }

  /// Whether the splats were trained with Mip-Splatting's compensation.
  var isAntialiased: Bool {
    get throws(InputError) {
      try read { try Bool.fetchOne($0, sql: "SELECT antialiased FROM scene") ?? false }
    }
  }

  /// A source by its number; nil where there are fewer.
  func source(_ number: Int) throws(InputError) -> SplatSource? {
    let row = try read {
      try Row.fetchOne($0, sql: "SELECT * FROM source WHERE id = ?", arguments: [number])
    }
    guard let row, let method = SplatSource.Method(rawValue: row["method"]) else { return nil }
    return SplatSource(
      name: row["name"], licence: row["licence"], sha256: row["sha256"], method: method)
  }

  /// The numbers of the last leaves along the curve, one of each level.
  var lastLeaves: [Int64] {
    get throws(InputError) {
      try read {
        try Int64.fetchAll(
          $0, sql: "SELECT MAX(key) FROM provenance WHERE layer = 0 GROUP BY key >> 56")
      }
    }
  }

  /// The cells whose parent is not there, in the order of their keys.
  var cellsWithoutParents: [SceneCell] {
    get throws(InputError) {
      try possible(
        statedCells(
          layer: SceneLayer.base,
          where: """
            NOT EXISTS (
              SELECT 1 FROM cell AS parent WHERE parent.layer = cell.layer AND parent.key =
              (((cell.key >> 56) + 1) << 56) | ((cell.key & 72057594037927935) >> 2))
            """, []))
    }
  }
}

extension SplatSource {
  /// The source in a line, for errors.
  var line: String { sha256.isEmpty ? name : "\(name) (sha256 \(sha256))" }
}
