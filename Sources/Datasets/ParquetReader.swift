// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files

/// Reads the columns of a Parquet file that is held in memory.
///
/// Understands what Diorama writes and what Arrow writes by default: data pages of both versions,
/// PLAIN and dictionary encodings, uncompressed, Snappy and Zstandard. Checksums and column
/// statistics are not looked at.
package struct ParquetReader {
  /// The most values of one column in one row group that are read, so that a small damaged file
  /// cannot ask for all the memory; a LeRobot data file of 100 MB holds a fifth of it.
  static let valueLimit = 1 << 27
  /// The most bytes that one page may have once decompressed.
  static let pageByteLimit = 1 << 30

  /// The name used in errors.
  package let file: String
  private let bytes: [UInt8]
  private let footer: ParquetFooter

  /// Reads and checks the footer of a whole file.
  ///
  /// - Throws: `InputError` when the bytes are no Parquet file or the footer contradicts itself.
  package init(file: String, bytes: [UInt8]) throws(InputError) {
    self.file = file
    self.bytes = bytes
    footer = try ParquetFooter(file: file, bytes: bytes)
  }

  /// Reads a file from the disk.
  package init(path: String) throws(InputError) {
    try self.init(file: path, bytes: try readFile(path))
  }

  /// The number of rows of all row groups.
  package var rowCount: Int { footer.rowCount }

  /// The number of row groups.
  package var rowGroupCount: Int { footer.groups.count }

  /// The number of rows of each row group, in order.
  package var rowGroupRowCounts: [Int] { footer.groups.map(\.rowCount) }

  /// The columns, in the order of the file.
  package var leaves: [ParquetLeaf] { footer.leaves }

  /// The footer's own metadata, such as `pandas`.
  package var keyValues: [(key: String, value: String)] { footer.keyValues }

  /// The indices into `leaves` of the columns under a top-level field.
  package func leafIndices(field: String) -> [Int] {
    leaves.indices.filter { leaves[$0].path[0] == field }
  }

  /// Reads the only column under a top-level field, over all row groups.
  ///
  /// - Throws: `InputError` when the field is missing, is a group, or its pages are damaged.
  package func column(_ field: String) throws(InputError) -> ParquetColumn {
    let indices = leafIndices(field: field)
    guard indices.count == 1 else {
      throw InputError(
        file: file, field: field, found: "\(indices.count) columns", expected: "one column")
    }
    return try column(leaf: indices[0])
  }

  /// Reads a column over all row groups.
  package func column(leaf index: Int) throws(InputError) -> ParquetColumn {
    guard let type = leaves[index].type else { throw unsupported(leaves[index], "type") }
    let lists = leaves[index].listDepth
    guard rowGroupCount > 0 else {
      return ParquetColumn(
        ParquetValues(type), listLengths: Array(repeating: [], count: lists))
    }
    var column = try self.column(leaf: index, rowGroup: 0)
    for group in 1..<max(1, rowGroupCount) {
      column.append(try self.column(leaf: index, rowGroup: group))
    }
    return column
  }

  /// Reads a column of one row group.
  package func column(
    leaf index: Int, rowGroup group: Int
  ) throws(InputError) -> ParquetColumn {
    let leaf = leaves[index]
    let chunk = footer.groups[group].chunks[index]
    guard let type = leaf.type else { throw unsupported(leaf, "type") }
    guard let codec = ParquetCodec(rawValue: chunk.codec) else {
      throw unsupported(leaf, "compression \(chunk.codec)")
    }
    var pages = ParquetPages(
      file: file, bytes: bytes, leaf: leaf, type: type, chunk: chunk, codec: codec)
    let column = try pages.read()
    guard column.rowCount == footer.groups[group].rowCount else {
      throw InputError(
        file: file, field: "\(leaf.path.joined(separator: ".")), row group \(group)",
        found: "\(column.rowCount) rows", expected: "\(footer.groups[group].rowCount)")
    }
    return column
  }

  private func unsupported(_ leaf: ParquetLeaf, _ found: String) -> InputError {
    InputError(
      file: file, field: leaf.path.joined(separator: "."), found: "an unsupported \(found)",
      expected: "a type and compression that Diorama reads")
  }
}
