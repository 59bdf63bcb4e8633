// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// Encodings by their number in `parquet.thrift`, enum `Encoding`.
enum ParquetEncoding {
  static let plain = 0
  static let plainDictionary = 2
  static let hybrid = 3
  static let hybridDictionary = 8
}

/// Page kinds by their number in `parquet.thrift`, enum `PageType`.
enum ParquetPageKind {
  static let dataV1 = 0
  static let dictionary = 2
  static let dataV2 = 3
}

/// How a column chunk is compressed; raw values as in `parquet.thrift`, enum `CompressionCodec`.
enum ParquetCodec: Int {
  case uncompressed = 0
  case snappy = 1
  case zstd = 6
}

/// Where a column chunk stands in the file and how it is stored.
struct ParquetChunk {
  var path: [String] = []
  var codec = 0
  var valueCount = 0
  var byteCount = 0
  var dataOffset = 0
  var dictionaryOffset: Int?
  /// True when the chunk is said to live in another file.
  var isElsewhere = false

  /// The first byte of the chunk.
  var start: Int {
    // Some writers put a dictionary offset of 0 when there is no dictionary.
    if let offset = dictionaryOffset, offset > 0 { return min(offset, dataOffset) }
    return dataOffset
  }
}

/// What the end of a Parquet file says of the rest.
struct ParquetFooter {
  var leaves: [ParquetLeaf] = []
  var rowCount = 0
  var groups: [(rowCount: Int, chunks: [ParquetChunk])] = []
  var keyValues: [(key: String, value: String)] = []
  var createdBy = ""

  /// Parses and checks the footer of a whole file.
  ///
  /// - Throws: `InputError` for anything that is not a Parquet file, or whose parts leave the file.
  init(file: String, bytes: [UInt8]) throws(InputError) {
    let magic = ParquetWriter.magic
    // Two magics and the footer's length are the least that a file holds.
    guard bytes.count >= 12, Array(bytes.prefix(4)) == magic, Array(bytes.suffix(4)) == magic
    else {
      throw InputError(
        file: file, field: "first and last four bytes", found: "other bytes, or too few",
        expected: "PAR1")
    }
    var tail = ByteReader(file: file, bytes: Array(bytes.suffix(8)))
    let length = Int(try tail.littleEndian(UInt32.self, field: "footer length"))
    let end = bytes.count - 8
    guard length <= end - 4 else {
      throw InputError(
        file: file, field: "footer length", found: "\(length)", expected: "at most \(end - 4)")
    }
    var reader = ThriftReader(file: file, bytes: bytes, range: end - length..<end)
    try read(&reader)
    try check(file: file, dataEnd: end - length)
  }

  private mutating func read(_ reader: inout ThriftReader) throws(InputError) {
    var elements: [ParquetElement] = []
    try reader.structure { (reader, field, type) throws(InputError) in
      switch field {
      case 2:
        try reader.structures { (reader) throws(InputError) in
          elements.append(try Self.element(&reader))
        }
      case 3: rowCount = try reader.int()
      case 4:
        try reader.structures { (reader) throws(InputError) in
          groups.append(try Self.group(&reader))
        }
      case 5:
        try reader.structures { (reader) throws(InputError) in
          keyValues.append(try Self.keyValue(&reader))
        }
      case 6: createdBy = try reader.string()
      default: try reader.skip(type)
      }
    }
    try Self.checkTree(elements, file: reader.file)
    leaves = parquetLeaves(Array(elements.dropFirst()))
  }

  /// Throws unless the child counts describe exactly one tree of the elements.
  private static func checkTree(_ elements: [ParquetElement], file: String) throws(InputError) {
    // Levels are kept in bytes; real schemas nest less than ten deep.
    let depthLimit = 100
    var open: [Int] = []
    for (index, element) in elements.enumerated() {
      guard index == 0 || !open.isEmpty else { throw wrongSchema(file, "a second root") }
      if let last = open.indices.last { open[last] -= 1 }
      let isLeaf = element.physicalCode != nil
      guard isLeaf == (element.childCount == 0), element.childCount >= 0, !(isLeaf && index == 0)
      else { throw wrongSchema(file, "\(element.childCount) children of \(element.name)") }
      if !isLeaf { open.append(element.childCount) }
      guard open.count <= depthLimit else { throw wrongSchema(file, "\(open.count) levels") }
      while open.last == 0 { open.removeLast() }
    }
    guard open.isEmpty, !elements.isEmpty else { throw wrongSchema(file, "missing elements") }
  }

  private static func wrongSchema(_ file: String, _ found: String) -> InputError {
    InputError(file: file, field: "schema", found: found, expected: "one tree of elements")
  }

  private func check(file: String, dataEnd: Int) throws(InputError) {
    func wrong(_ field: String, _ found: Int) -> InputError {
      InputError(
        file: file, field: field, found: "\(found)", expected: "a value that fits the file")
    }
    var rows = 0
    for (index, group) in groups.enumerated() {
      let name = "row group \(index)"
      guard group.rowCount >= 0 else { throw wrong("\(name).num_rows", group.rowCount) }
      let (sum, overflow) = rows.addingReportingOverflow(group.rowCount)
      guard !overflow else { throw wrong("\(name).num_rows", group.rowCount) }
      rows = sum
      guard group.chunks.count == leaves.count else {
        throw wrong("\(name).columns", group.chunks.count)
      }
      for (leaf, chunk) in zip(leaves, group.chunks) {
        let name = "\(name), \(leaf.path.joined(separator: "."))"
        guard chunk.path == leaf.path, !chunk.isElsewhere else {
          throw InputError(
            file: file, field: name, found: chunk.path.joined(separator: "."),
            expected: "the schema's columns in its order, in this file")
        }
        guard chunk.start >= 4, chunk.start <= dataEnd else { throw wrong(name, chunk.start) }
        guard chunk.byteCount >= 0, chunk.byteCount <= dataEnd - chunk.start else {
          throw wrong("\(name).total_compressed_size", chunk.byteCount)
        }
        guard (0...ParquetReader.valueLimit).contains(chunk.valueCount) else {
          throw wrong("\(name).num_values", chunk.valueCount)
        }
      }
    }
    guard rows == rowCount else { throw wrong("num_rows", rowCount) }
  }
}

// Field numbers are those of `parquet.thrift`.
extension ParquetFooter {
  private static func element(_ reader: inout ThriftReader) throws(InputError) -> ParquetElement {
    var element = ParquetElement(
      name: "", repetition: nil, physicalCode: nil, childCount: 0, isString: false,
      isList: false)
    try reader.structure { (reader, field, type) throws(InputError) in
      switch field {
      case 1: element.physicalCode = try reader.int()
      case 3: element.repetition = ParquetRepetition(rawValue: try reader.int())
      case 4: element.name = try reader.string()
      case 5: element.childCount = try reader.int()
      case 6: element.isString = try reader.int() == 0 || element.isString
      case 10:
        try reader.structure { (reader, kind, type) throws(InputError) in
          if kind == 1 { element.isString = true }
          try reader.skip(type)
        }
      default: try reader.skip(type)
      }
    }
    return element
  }

  private static func group(
    _ reader: inout ThriftReader
  ) throws(InputError) -> (rowCount: Int, chunks: [ParquetChunk]) {
    var rowCount = 0
    var chunks: [ParquetChunk] = []
    try reader.structure { (reader, field, type) throws(InputError) in
      switch field {
      case 1:
        try reader.structures { (reader) throws(InputError) in
          chunks.append(try chunk(&reader))
        }
      case 3: rowCount = try reader.int()
      default: try reader.skip(type)
      }
    }
    return (rowCount, chunks)
  }

  private static func chunk(_ reader: inout ThriftReader) throws(InputError) -> ParquetChunk {
    var chunk = ParquetChunk()
    try reader.structure { (reader, field, type) throws(InputError) in
      switch field {
      case 1:
        chunk.isElsewhere = true
        try reader.skip(type)
      case 3:
        try reader.structure { (reader, field, type) throws(InputError) in
          switch field {
          case 3:
            let count = try reader.listCount(.binary)
            for _ in 0..<count { chunk.path.append(try reader.string()) }
          case 4: chunk.codec = try reader.int()
          case 5: chunk.valueCount = try reader.int()
          case 7: chunk.byteCount = try reader.int()
          case 9: chunk.dataOffset = try reader.int()
          case 11: chunk.dictionaryOffset = try reader.int()
          default: try reader.skip(type)
          }
        }
      default: try reader.skip(type)
      }
    }
    return chunk
  }

  private static func keyValue(
    _ reader: inout ThriftReader
  ) throws(InputError) -> (key: String, value: String) {
    var pair = (key: "", value: "")
    try reader.structure { (reader, field, type) throws(InputError) in
      switch field {
      case 1: pair.key = try reader.string()
      case 2: pair.value = try reader.string()
      default: try reader.skip(type)
      }
    }
    return pair
  }
}
