// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Foundation
import GRDB
package import Geometry
import Synchronization

/// A scene in one file: cells of splats in a quadtree, with levels of detail.
///
/// `SceneLayout` is the file's description. Any number of processes may read a file while one
/// writes; each reading sees the file as one transaction left it. The methods may be called from
/// any thread and take turns.
package final class SceneFile: Sendable {
  /// The path.
  package let path: String
  private let queue: DatabaseQueue
  private let readBytes = Atomic<Int>(0)
  /// The children of cells that were asked for; a file that is read does not change.
  private let families = Mutex<[CellName: [SceneCell]]>([:])
  /// The families that are remembered: 20 MB of cells.
  private static let mostFamilies = 1 << 16

  /// Opens a file for reading.
  ///
  /// - Throws: `InputError` when the file is missing or not a scene of this version.
  package convenience init(reading path: String) throws(InputError) {
    try self.init(path, readOnly: true)
    try checkLayout()
  }

  /// Opens a file, or makes one where there is none.
  init(_ path: String, readOnly: Bool) throws(InputError) {
    guard !readOnly || kind(ofPath: path) == .file else {
      throw InputError(file: path, field: "scene file", found: "no file", expected: "a scene file")
    }
    var configuration = Configuration()
    configuration.readonly = readOnly
    configuration.prepareDatabase { database in
      // Pages of a foreign file may lie about themselves.
      try database.execute(sql: "PRAGMA cell_size_check = ON")
      try database.execute(sql: "PRAGMA trusted_schema = OFF")
    }
    self.path = path
    queue = try wrapping(path) { try DatabaseQueue(path: path, configuration: configuration) }
  }

  /// Ends the work on the file.
  func close() throws(InputError) { try wrapping(path) { try queue.close() } }

  /// Runs statements on the file, all or none.
  func write<Result>(_ body: (Database) throws -> Result) throws(InputError) -> Result {
    try wrapping(path) { try queue.write(body) }
  }

  /// Runs statements on the file outside of a transaction.
  func execute(_ sql: String) throws(InputError) {
    try wrapping(path) { try queue.writeWithoutTransaction { try $0.execute(sql: sql) } }
  }

  /// Reads from the file.
  func read<Result>(_ body: (Database) throws -> Result) throws(InputError) -> Result {
    try wrapping(path) { try queue.read(body) }
  }

  func checkLayout() throws(InputError) {
    let (size, application, version, tables) = try read { database in
      (
        try Int.fetchOne(
          database,
          sql: "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()") ?? 0,
        try Int32.fetchOne(database, sql: "PRAGMA application_id"),
        try Int32.fetchOne(database, sql: "PRAGMA user_version"),
        try String.fetchAll(database, sql: "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")
      )
    }
    guard application == SceneLayout.applicationID else {
      throw InputError(
        file: path, field: "application id", found: "another kind of database",
        expected: "a Diorama scene")
    }
    guard version == SceneLayout.version else {
      throw InputError(
        file: path, field: "layout version", found: "\(version ?? 0)",
        expected: "\(SceneLayout.version)")
    }
    let found = try fileSize(path)
    guard found >= size else {
      throw InputError(
        file: path, field: "file size", found: "\(found) bytes",
        expected: "\(size), which the file says it has")
    }
    guard tables.sorted() == SceneLayout.tables.sorted() else {
      throw InputError(
        file: path, field: "tables", found: "others than a scene has",
        expected: "those of layout version \(SceneLayout.version)")
    }
  }
}

// MARK: - Reading

extension SceneFile {
  /// Where the scene's frame lies on the earth: the place of its origin; nil where it is unknown.
  package var origin: GeodeticPosition? {
    get throws(InputError) {
      let row = try read { try Row.fetchOne($0, sql: "SELECT * FROM scene") }
      guard let latitude: Double = row?["latitude"], let longitude: Double = row?["longitude"],
        let height: Double = row?["height"]
      else { return nil }
      return GeodeticPosition(latitude: latitude, longitude: longitude, height: height)
    }
  }

  /// The cells of a layer without parents: at most four, all of one level.
  package func roots(layer: Int64 = SceneLayer.base) throws(InputError) -> [SceneCell] {
    try possible(
      statedCells(
        layer: layer,
        where: "key >= (SELECT topLevel FROM layer WHERE id = cell.layer) << 56", [], limit: 5))
  }

  /// The number of cells and of their splats on each level of the base that has some, from the
  /// lowest up.
  package var levels: [(level: Int, cellCount: Int, splatCount: Int)] {
    get throws(InputError) {
      let rows = try read {
        try Row.fetchAll(
          $0,
          sql: """
            SELECT key >> 56, COUNT(*), SUM(count) FROM cell WHERE layer = 0 GROUP BY 1 ORDER BY 1
            """)
      }
      return rows.map { (level: $0[0], cellCount: $0[1], splatCount: $0[2]) }
    }
  }

  /// The children of a cell that have splats, in the order of their keys.
  func children(of cell: SceneCell) throws(InputError) -> [SceneCell] {
    if let known = families.withLock({ $0[cell.name] }) { return known }
    let ids = cell.id.children
    let marks = ids.map { _ in "?" }.joined(separator: ", ")
    let children = try possible(
      statedCells(layer: cell.layer, where: "key IN (\(marks))", ids.map(\.key)))
    families.withLock { families in
      if families.count >= Self.mostFamilies { families.removeAll() }
      families[cell.name] = children
    }
    return children
  }

  /// The compressed bytes of pages that were read so far.
  package var readByteCount: Int { readBytes.load(ordering: .relaxed) }

  /// The number of splats of all leaves.
  package var leafSplatCount: Int {
    get throws(InputError) {
      try read {
        try Int.fetchOne(
          $0,
          sql: """
            SELECT SUM(count) FROM cell
            WHERE layer = 0 AND key IN (SELECT key FROM provenance WHERE layer = 0)
            """)
      } ?? 0
    }
  }

  /// The most bytes of a splat of this scene when it is ready to be drawn.
  ///
  /// A root has the highest degree of all cells below it.
  var bytesPerSplat: Int {
    get throws(InputError) {
      let coefficients = try read {
        try Double.fetchOne(
          $0,
          sql: """
            SELECT MAX(blob.size * 1.0 / cell.count) FROM cell JOIN blob ON blob.id = cell.cold
            WHERE key >= (SELECT topLevel FROM layer WHERE id = cell.layer) << 56
            """)
      }
      // Columns, instance and a share of the group's extent.
      return 70 + 4 * Int((coefficients ?? 0).rounded(.up))
    }
  }

  /// All cells of a level, in the order of their keys.
  package func cells(
    level: Int, layer: Int64 = SceneLayer.base
  ) throws(InputError) -> [SceneCell] {
    try possible(statedCells(level: level, layer: layer))
  }

  /// The same, with whatever the file says of them.
  func statedCells(level: Int, layer: Int64) throws(InputError) -> [SceneCell] {
    let first = Int64(level) << 56
    return try statedCells(
      layer: layer, where: "key >= ? AND key < ?", [first, first + 1 << 56])
  }

  /// The cells, if all that is said of them can be so.
  func possible(_ cells: [SceneCell]) throws(InputError) -> [SceneCell] {
    for cell in cells {
      guard let fault = cell.fault else { continue }
      throw InputError(
        file: path, field: "\(cell.name): \(fault.field)", found: fault.found,
        expected: fault.expected)
    }
    return cells
  }

  func statedCells(
    layer: Int64, where condition: String, _ keys: [Int64], limit: Int = -1
  ) throws(InputError) -> [SceneCell] {
    let rows = try read {
      try Row.fetchAll(
        $0,
        sql: """
          SELECT key, count, error, bottom, top, margin FROM cell
          WHERE layer = ? AND \(condition) ORDER BY key LIMIT \(limit)
          """,
        arguments: StatementArguments([layer] + keys))
    }
    var cells: [SceneCell] = []
    for row in rows {
      guard let id = CellID(key: row[0]) else {
        throw InputError(
          file: path, field: "cell.key", found: "\(row[0] as Int64)", expected: "a cell's number")
      }
      cells.append(
        SceneCell(
          layer: layer, id: id, count: row[1], error: row[2], bottom: row[3], top: row[4],
          margin: row[5]))
    }
    return cells
  }

  /// Reads the splats of a cell; nil where it has none.
  ///
  /// - Parameters:
  ///   - id: the cell.
  ///   - layer: the layer that it belongs to.
  ///   - isWhole: whether the colour that depends on the direction of view is read too.
  /// - Returns: the page, positions from the cell's centre.
  /// - Throws: `InputError` naming the cell when its bytes are damaged or not as many splats as it
  ///   says.
  package func page(
    _ id: CellID, layer: Int64 = SceneLayer.base, isWhole: Bool = true
  ) throws(InputError) -> SplatPage? {
    let row = try read {
      try Row.fetchOne(
        $0,
        sql: """
          SELECT hot.crc32, hot.size, hot.bytes, cold.crc32, cold.size, cold.bytes, cell.count
          FROM cell JOIN blob AS hot ON hot.id = cell.hot
          LEFT JOIN blob AS cold ON cold.id = cell.cold AND ? WHERE layer = ? AND key = ?
          """, arguments: [isWhole, layer, id.key])
    }
    guard let row else { return nil }
    let field = CellName(layer: layer, id: id).description
    readBytes.add((row[2] as Data).count + ((row[5] as Data?)?.count ?? 0), ordering: .relaxed)
    let hot = try plain(row[2], crc32: row[0], size: row[1], field: field)
    var cold: [UInt8]?
    if let bytes: Data = row[5] {
      cold = try plain(bytes, crc32: row[3], size: row[4], field: "\(field), cold part")
    }
    let page = try SplatPage(hot: hot, cold: cold, file: path, field: field)
    guard page.count == row[6] as Int else {
      throw InputError(
        file: path, field: "\(field): splats", found: "\(page.count)",
        expected: "\(row[6] as Int), which are stated")
    }
    return page
  }

  /// Checks and decompresses bytes.
  private func plain(
    _ bytes: Data, crc32 expected: Int64, size: Int, field: String
  ) throws(InputError) -> [UInt8] {
    let stored = [UInt8](bytes)
    let found = crc32(of: stored)
    guard Int64(found) == expected else {
      throw InputError(
        file: path, field: "\(field): CRC-32", found: "\(found)", expected: "\(expected)")
    }
    guard (1...Self.largestPageSize).contains(size) else {
      throw InputError(
        file: path, field: "\(field): size", found: "\(size)",
        expected: "1 to \(Self.largestPageSize)")
    }
    let plain = try Zstandard.decompress(
      stored.span, limit: size, file: path, field: field)
    guard plain.count == size else {
      throw InputError(
        file: path, field: "\(field): size", found: "\(plain.count) bytes", expected: "\(size)")
    }
    return plain
  }

  /// The most plain bytes of a part of a page.
  private static let largestPageSize = SplatPage.largestCount * 72 + 1 << 20
}

/// Runs a piece of work on a database and puts its error into one line.
private func wrapping<Result>(
  _ path: String, _ body: () throws -> Result
) throws(InputError) -> Result {
  do {
    return try body()
  } catch let error as InputError {
    throw error
  } catch let error as DatabaseError {
    if error.resultCode == .SQLITE_FULL {
      throw InputError(
        file: path, field: "write", found: "no space left on device",
        expected: "the file to be written")
    }
    let reason = error.message ?? "\(error.resultCode)"
    throw InputError(
      file: path, field: "scene file", found: reason, expected: "a database that can be read")
  } catch {
    throw InputError(
      file: path, field: "scene file", found: "\(error)", expected: "a database that can be read")
  }
}
