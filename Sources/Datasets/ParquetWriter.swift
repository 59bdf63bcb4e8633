// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// One row group in its file form, which does not depend on where in the file it will stand.
package struct ParquetRowGroup: Sendable {
  /// Where one column chunk stands in the row group.
  struct Chunk: Sendable {
    var offset: Int
    var byteCount: Int
    var uncompressedByteCount: Int
    var valueCount: Int
    var codec: ParquetCodec
  }

  /// The number of rows.
  package let rowCount: Int
  /// The column chunks, one after the other.
  package let bytes: [UInt8]
  let chunks: [Chunk]

  /// Encodes the columns of a schema, one for each leaf, in the order of the leaves.
  package init(fields: [ParquetField], columns: [ParquetColumn]) {
    let leaves = parquetLeaves(fields.flatMap(\.elements))
    precondition(columns.count == leaves.count, "one column for each leaf of the schema")
    let rowCount = columns.first?.rowCount ?? 0
    var bytes: [UInt8] = []
    var chunks: [Chunk] = []
    for (leaf, column) in zip(leaves, columns) {
      precondition(column.rowCount == rowCount, "every column has the same rows")
      precondition(column.values.type == leaf.type, "\(leaf.path) holds its schema's type")
      precondition(column.listLengths.count == leaf.listDepth, "\(leaf.path) has its lists")
      chunks.append(appendPage(leaf, column, to: &bytes))
    }
    self.rowCount = rowCount
    self.bytes = bytes
    self.chunks = chunks
  }
}

/// Makes the bytes of a Parquet file, piece by piece: `header`, row groups, `finish`.
///
/// Each column chunk is one data page (version 1), PLAIN, with Zstandard where that helps; levels
/// are run-length encoded. The bytes depend on the arguments and on libzstd's version only.
/// The caller writes what is returned.
/// Source: apache/parquet-format 2.10, `README.md`, `Encodings.md` and `parquet.thrift`.
package struct ParquetWriter {
  /// The first and the last four bytes of a file.
  static let magic: [UInt8] = Array("PAR1".utf8)

  private let fields: [ParquetField]
  private let keyValues: [(key: String, value: String)]
  private var groups: [(start: Int, group: ParquetRowGroup)] = []

  /// The number of bytes returned so far, the header included.
  package private(set) var byteCount = magic.count

  /// Starts a file.
  ///
  /// - Parameters:
  ///   - fields: the schema.
  ///   - keyValues: the footer's own metadata, such as `pandas`, in the order written.
  package init(fields: [ParquetField], keyValues: [(key: String, value: String)] = []) {
    self.fields = fields
    self.keyValues = keyValues
  }

  /// The bytes that begin the file.
  package var header: [UInt8] { Self.magic }

  /// Places a row group at the end of the file and returns its bytes.
  package mutating func append(_ group: ParquetRowGroup) -> [UInt8] {
    let bytes = group.bytes
    groups.append((byteCount, group.withoutBytes))
    byteCount += bytes.count
    return bytes
  }

  /// Returns the footer, which ends the file.
  package func finish() -> [UInt8] {
    let metadata = fileMetadata()
    let count = UInt32(metadata.count)
    let length = (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * UInt32($0))) }
    return metadata + length + Self.magic
  }

  /// Returns a whole file of the row groups.
  package static func file(
    fields: [ParquetField], keyValues: [(key: String, value: String)] = [],
    groups: [[ParquetColumn]]
  ) -> [UInt8] {
    var writer = ParquetWriter(fields: fields, keyValues: keyValues)
    var bytes = writer.header
    for columns in groups {
      bytes += writer.append(ParquetRowGroup(fields: fields, columns: columns))
    }
    return bytes + writer.finish()
  }
}

// Field numbers and enum codes are those of `parquet.thrift`.
extension ParquetWriter {
  private func fileMetadata() -> [UInt8] {
    let elements = fields.flatMap(\.elements)
    let root = ParquetElement(
      name: "schema", repetition: nil, physicalCode: nil, childCount: fields.count,
      isString: false, isList: false)
    let leaves = parquetLeaves(elements)
    var thrift = ThriftWriter()
    thrift.int32(1, 2)
    thrift.list(2, [root] + elements) { $0.writeFields($1) }
    thrift.int64(3, groups.reduce(0) { $0 + $1.group.rowCount })
    thrift.list(4, groups) { $0.writeFields($1.group, start: $1.start, leaves: leaves) }
    if !keyValues.isEmpty {
      thrift.list(5, keyValues) { thrift, pair in
        thrift.string(1, pair.key)
        thrift.string(2, pair.value)
      }
    }
    thrift.string(6, "diorama")
    return thrift.finish()
  }
}

extension ParquetRowGroup {
  /// The row group's places without its bytes, which the footer does not need.
  fileprivate var withoutBytes: ParquetRowGroup {
    ParquetRowGroup(rowCount: rowCount, bytes: [], chunks: chunks)
  }

  private init(rowCount: Int, bytes: [UInt8], chunks: [Chunk]) {
    self.rowCount = rowCount
    self.bytes = bytes
    self.chunks = chunks
  }
}

extension ThriftWriter {
  /// Writes a `SchemaElement`.
  fileprivate mutating func writeFields(_ element: ParquetElement) {
    if let code = element.physicalCode { int32(1, code) }
    if let repetition = element.repetition { int32(3, repetition.rawValue) }
    string(4, element.name)
    if element.physicalCode == nil { int32(5, element.childCount) }
    // ConvertedType UTF8 = 0 and LIST = 3; LogicalType STRING = 1 and LIST = 3.
    if element.isString {
      int32(6, 0)
      structure(10) { $0.structure(1) { _ in } }
    } else if element.isList {
      int32(6, 3)
      structure(10) { $0.structure(3) { _ in } }
    }
  }

  /// Writes a `RowGroup`.
  fileprivate mutating func writeFields(
    _ group: ParquetRowGroup, start: Int, leaves: [ParquetLeaf]
  ) {
    list(1, Array(zip(leaves, group.chunks))) { thrift, pair in
      let (leaf, chunk) = pair
      thrift.int64(2, start + chunk.offset)
      thrift.structure(3) { meta in
        meta.int32(1, leaf.type?.physicalCode ?? 0)
        meta.list(2, int32s: [ParquetEncoding.plain, ParquetEncoding.hybrid])
        meta.list(3, strings: leaf.path)
        meta.int32(4, chunk.codec.rawValue)
        meta.int64(5, chunk.valueCount)
        meta.int64(6, chunk.uncompressedByteCount)
        meta.int64(7, chunk.byteCount)
        meta.int64(9, start + chunk.offset)
      }
    }
    int64(2, group.chunks.reduce(0) { $0 + $1.uncompressedByteCount })
    int64(3, group.rowCount)
    int64(5, start)
    int64(6, group.chunks.reduce(0) { $0 + $1.byteCount })
  }
}

/// Appends one data page, which is the whole chunk.
private func appendPage(
  _ leaf: ParquetLeaf, _ column: ParquetColumn, to bytes: inout [UInt8]
) -> ParquetRowGroup.Chunk {
  var valueCount = column.values.count
  var body: [UInt8] = []
  if leaf.maximumDefinition > 0 || leaf.listDepth > 0 {
    let levels = column.levels(leaf)
    valueCount = levels.definitions.count
    if leaf.listDepth > 0 { appendLevels(levels.repetitions, leaf.listDepth, to: &body) }
    if leaf.maximumDefinition > 0 {
      appendLevels(levels.definitions, leaf.maximumDefinition, to: &body)
    }
  }
  column.presentValues.appendPlain(to: &body)
  let (codec, stored) = compressed(body, leaf.type)

  var header = ThriftWriter()
  header.int32(1, ParquetPageKind.dataV1)
  header.int32(2, body.count)
  header.int32(3, stored.count)
  header.structure(5) { page in
    page.int32(1, valueCount)
    page.int32(2, ParquetEncoding.plain)
    page.int32(3, ParquetEncoding.hybrid)
    page.int32(4, ParquetEncoding.hybrid)
  }
  let start = bytes.count
  let headerBytes = header.finish()
  bytes += headerBytes
  bytes += stored
  return ParquetRowGroup.Chunk(
    offset: start, byteCount: headerBytes.count + stored.count,
    uncompressedByteCount: headerBytes.count + body.count, valueCount: valueCount, codec: codec)
}

/// Returns a page as it is stored: compressed when that makes it smaller.
private func compressed(
  _ body: [UInt8], _ type: ParquetType?
) -> (codec: ParquetCodec, bytes: [UInt8]) {
  // Binary columns hold PNG files, which are compressed already.
  guard type != .binary else { return (.uncompressed, body) }
  let packed = Zstandard.compress(body.span, level: 1)
  return packed.count < body.count ? (.zstd, packed) : (.uncompressed, body)
}

private func appendLevels(_ levels: [UInt8], _ maximum: Int, to bytes: inout [UInt8]) {
  let encoded = ParquetHybrid.encode(
    levels, bitWidth: ParquetHybrid.bitWidth(maximum: maximum))
  appendRaw([UInt32(encoded.count)], to: &bytes)
  bytes += encoded
}

extension ParquetColumn {
  /// The values of the slots that are not null.
  fileprivate var presentValues: ParquetValues {
    isNull.isEmpty ? values : values.gathered(isNull.indices.filter { !isNull[$0] })
  }
}

extension ParquetValues {
  /// Appends the PLAIN encoding: little-endian numbers, bits from the lowest, length before bytes.
  fileprivate func appendPlain(to bytes: inout [UInt8]) {
    switch self {
    case .bool(let values):
      let start = bytes.count
      bytes += repeatElement(0, count: (values.count + 7) / 8)
      for (index, value) in values.enumerated() where value {
        bytes[start + index / 8] |= 1 << UInt8(index % 8)
      }
    case .int32(let values): appendRaw(values, to: &bytes)
    case .int64(let values): appendRaw(values, to: &bytes)
    case .float(let values): appendRaw(values, to: &bytes)
    case .double(let values): appendRaw(values, to: &bytes)
    case .binary(let values):
      for value in values {
        appendRaw([UInt32(value.count)], to: &bytes)
        bytes += value
      }
    case .string(let values):
      for value in values {
        appendRaw([UInt32(value.utf8.count)], to: &bytes)
        bytes += Array(value.utf8)
      }
    }
  }
}

/// Appends the memory of numbers, which on every machine Diorama builds for is little-endian.
func appendRaw<Value: BitwiseCopyable>(_ values: [Value], to bytes: inout [UInt8]) {
  unsafe values.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
}
