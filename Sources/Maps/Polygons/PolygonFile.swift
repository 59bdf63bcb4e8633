// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Foundation
import GRDB
package import Splats

/// A polygon of a flat map: what it is, and no height.
package struct MapPolygon: Equatable, Sendable {
  /// What is made of a polygon.
  package enum Kind: Equatable, Sendable {
    /// The footprint of a building, which is to be raised.
    case building
    /// What covers the ground.
    case cover(SemanticClass)
  }

  /// The id in the file.
  package var id: String
  /// The outer ring, then the holes; corners in the file's coordinate system.
  package var rings: [[SIMD2<Double>]]
  /// What it is.
  package var kind: Kind
  /// The storey of the map: 0 on the ground, 1 and up above it, as bridges are.
  package var level: Int
}

/// The polygons of a SQLite file as GDAL writes them, with the words of the Dutch topographic map.
///
/// A table that `geometry_columns` lists with WKB is read; its name says what the polygons are, see
/// `kind`. Their ids are `gml_id`, else `ogc_fid`.
package struct PolygonFile: Sendable {
  /// The file.
  package let file: String
  /// The coordinate system, such as `EPSG:28992`; nil where the file does not say it.
  package let coordinateSystem: String?
  /// The polygons, by table and number.
  package let polygons: [MapPolygon]

  /// Reads a file.
  ///
  /// - Throws: `InputError` naming the table and the row that is wrong.
  package init(path: String) throws(InputError) {
    guard Files.kind(ofPath: path) == .file else {
      throw InputError(file: path, field: "file", found: "no file", expected: "a SQLite file")
    }
    file = path
    let (system, rows) = try Self.rows(path)
    coordinateSystem = system
    var polygons: [MapPolygon] = []
    for row in rows {
      let parts = try WellKnownBinary.polygons(
        row.bytes, file: path, field: "\(row.table) \(row.id)")
      for rings in parts where !rings.isEmpty {
        polygons.append(MapPolygon(id: row.id, rings: rings, kind: row.kind, level: row.level))
      }
    }
    self.polygons = polygons
  }

  private struct StoredRow {
    var table: String
    var id: String
    var kind: MapPolygon.Kind
    var level: Int
    var bytes: [UInt8]
  }

  private static func rows(
    _ path: String
  ) throws(InputError) -> (system: String?, rows: [StoredRow]) {
    do {
      var configuration = Configuration()
      configuration.readonly = true
      configuration.prepareDatabase { database in
        try database.execute(sql: "PRAGMA cell_size_check = ON")
        try database.execute(sql: "PRAGMA trusted_schema = OFF")
      }
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      return try queue.read { database in
        let tables = try Row.fetchAll(
          database,
          sql: """
            SELECT f_table_name, f_geometry_column, srid FROM geometry_columns
            WHERE geometry_format = 'WKB' ORDER BY 1
            """)
        var rows: [StoredRow] = []
        for table in tables { rows += try Self.rows(database, table: table[0], column: table[1]) }
        let system: Int? = tables.first?[2]
        return (system.map { "EPSG:\($0)" }, rows)
      }
    } catch let error as DatabaseError {
      throw InputError(
        file: path, field: "SQLite", found: error.message ?? "\(error.resultCode)",
        expected: "a database with geometry_columns, as GDAL writes it")
    } catch {
      throw InputError(
        file: path, field: "SQLite", found: "\(error)", expected: "a database of polygons")
    }
  }

  private static func rows(
    _ database: Database, table: String, column: String
  ) throws -> [StoredRow] {
    let name = "\"" + table.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    var rows: [StoredRow] = []
    let cursor = try Row.fetchCursor(database, sql: "SELECT * FROM \(name) ORDER BY 1")
    while let row = try cursor.next() {
      guard let data = row[column] as? Data ?? (row[column] as Data?) else { continue }
      func text(_ key: String) -> String {
        row.hasColumn(key) ? String.fromDatabaseValue(row[key]) ?? "" : ""
      }
      let id = text("gml_id")
      let level = Int.fromDatabaseValue(
        row.hasColumn("relatievehoogteligging") ? row["relatievehoogteligging"] : .null)
      rows.append(
        StoredRow(
          table: table, id: id.isEmpty ? "\(row[0] as DatabaseValue)" : id,
          kind: kind(
            table: table, words: text("function") + text("class") + text("bgt_fysiekvoorkomen")),
          level: level ?? 0, bytes: [UInt8](data)))
    }
    return rows
  }

  /// What the polygons of a table are, by the names of the Dutch BGT (imgeo 2.1).
  private static func kind(table: String, words: String) -> MapPolygon.Kind {
    switch table {
    case "buildingpart", "pand":
      return .building
    case "trafficarea", "wegdeel":
      if words.hasPrefix("voet") || words.hasPrefix("fiets") { return .cover(.pavement) }
      return .cover(words.contains("spoor") ? .railway : .road)
    case "auxiliarytrafficarea", "ondersteunendwegdeel":
      return .cover(.pavement)
    case "onbegroeidterreindeel":
      return .cover(words.contains("verharding") ? .pavement : .ground)
    case "plantcover", "begroeidterreindeel":
      return .cover(words.contains("bos") || words.contains("struiken") ? .shrub : .grass)
    case "waterdeel":
      return .cover(.water)
    case "ondersteunendwaterdeel":
      return .cover(.grass)
    case "bridgeconstructionelement", "overbruggingsdeel", "tunnelpart", "tunneldeel":
      return .cover(.bridge)
    case "scheiding", "kunstwerkdeel", "overigbouwwerk":
      return .cover(.barrier)
    default:
      return .cover(.unlabelled)
    }
  }
}
