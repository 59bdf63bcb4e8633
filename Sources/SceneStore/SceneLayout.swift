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
  static let version: Int32 = 2
  /// Bytes of a page of the database: a page of splats takes a few of them.
  static let databasePageSize = 16_384

  static let tables = [
    // The one row that says where the scene lies: radians and metres on the WGS84 ellipsoid, null
    // where nobody knows.
    """
    CREATE TABLE scene (
      id INTEGER PRIMARY KEY CHECK (id = 1), latitude REAL, longitude REAL, height REAL,
      antialiased INTEGER NOT NULL) STRICT
    """,
    // What lies over one another: the base, which is number 0, seasons and events; `SceneLayer`
    // says what the columns mean. `topLevel` is the level of the cells without parents.
    """
    CREATE TABLE layer (
      id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, begins INTEGER,
      ends INTEGER, replaces INTEGER NOT NULL, synthetic INTEGER NOT NULL,
      topLevel INTEGER NOT NULL) STRICT
    """,
    // What a layer changes in those below it, in this order; `SceneEdit` says what columns mean.
    """
    CREATE TABLE edit (
      layer INTEGER NOT NULL REFERENCES layer, number INTEGER NOT NULL, target TEXT NOT NULL,
      id INTEGER NOT NULL, action TEXT NOT NULL, amount REAL NOT NULL, red REAL NOT NULL,
      green REAL NOT NULL, blue REAL NOT NULL, PRIMARY KEY (layer, number)) STRICT, WITHOUT ROWID
    """,
    // How a layer moves a thing: the rigid transform from where it was, which tells what became of
    // the splats that `edit` takes away and `cell` adds.
    """
    CREATE TABLE movement (
      layer INTEGER NOT NULL REFERENCES layer, instance INTEGER NOT NULL, w REAL NOT NULL,
      x REAL NOT NULL, y REAL NOT NULL, z REAL NOT NULL, east REAL NOT NULL, north REAL NOT NULL,
      up REAL NOT NULL, PRIMARY KEY (layer, instance)) STRICT, WITHOUT ROWID
    """,
    // The things that are counted one by one, and what they are, as in `SemanticClass`.
    """
    CREATE TABLE instance (
      id INTEGER PRIMARY KEY, class INTEGER NOT NULL, name TEXT NOT NULL) STRICT
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
      layer INTEGER NOT NULL REFERENCES layer, key INTEGER NOT NULL, count INTEGER NOT NULL,
      error REAL NOT NULL, bottom REAL NOT NULL, top REAL NOT NULL, margin REAL NOT NULL,
      hot INTEGER NOT NULL REFERENCES blob, cold INTEGER REFERENCES blob,
      PRIMARY KEY (layer, key)) STRICT, WITHOUT ROWID
    """,
    // Which sources the splats of a leaf come from.
    """
    CREATE TABLE provenance (
      layer INTEGER NOT NULL, key INTEGER NOT NULL, source INTEGER NOT NULL REFERENCES source,
      PRIMARY KEY (layer, key, source), FOREIGN KEY (layer, key) REFERENCES cell)
      STRICT, WITHOUT ROWID
    """,
  ]
}
