// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// The layout of a scene file: an SQLite database with these tables and no others.
///
/// A file of another version is refused, and one whose tables differ in a letter, so that no
/// trigger or view of a foreign file ever runs.
enum SceneLayout {
  /// "DIOS" in SQLite's application id, which `file` and `sqlite3` show.
  static let applicationID: Int32 = 0x4449_4F53
  /// Rises when a reader of the version before would read wrongly.
  static let version: Int32 = 1
  /// Bytes of a page of the database: a page of splats takes a few of them.
  static let databasePageSize = 16_384

  static let tables = [
    // The one row that says where the scene lies: radians and metres on the WGS84 ellipsoid, null
    // where nobody knows; and the level of the cells without parents.
    """
    CREATE TABLE scene (
      id INTEGER PRIMARY KEY CHECK (id = 1), latitude REAL, longitude REAL, height REAL,
      topLevel INTEGER NOT NULL, antialiased INTEGER NOT NULL) STRICT
    """,
    // What splats were made from; method: captured, trained or seeded.
    """
    CREATE TABLE source (
      id INTEGER PRIMARY KEY, name TEXT NOT NULL, licence TEXT NOT NULL, sha256 TEXT NOT NULL,
      method TEXT NOT NULL) STRICT
    """,
    // Bytes compressed with zstd, the CRC-32 of the compressed ones and the size of the plain ones.
    """
    CREATE TABLE blob (
      id INTEGER PRIMARY KEY, crc32 INTEGER NOT NULL, size INTEGER NOT NULL,
      bytes BLOB NOT NULL) STRICT
    """,
    // One row for each cell with splats; key as in `CellID.key`. `error` is how far its splats are
    // from those of the leaves, `bottom`, `top` and `margin` how far they reach: heights, and
    // beyond the cell's sides; all in metres.
    """
    CREATE TABLE cell (
      key INTEGER PRIMARY KEY, count INTEGER NOT NULL, error REAL NOT NULL, bottom REAL NOT NULL,
      top REAL NOT NULL, margin REAL NOT NULL, hot INTEGER NOT NULL REFERENCES blob,
      cold INTEGER REFERENCES blob) STRICT
    """,
    // Which sources the splats of a leaf come from.
    """
    CREATE TABLE provenance (
      key INTEGER NOT NULL REFERENCES cell, source INTEGER NOT NULL REFERENCES source,
      PRIMARY KEY (key, source)) STRICT, WITHOUT ROWID
    """,
  ]
}
