// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// The header of a page, with the fields of whichever kind it is.
private struct PageHeader {
  var kind = -1
  var byteCount = -1
  var compressedByteCount = -1
  var valueCount = -1
  var encoding = -1
  var definitionEncoding = ParquetEncoding.hybrid
  var repetitionEncoding = ParquetEncoding.hybrid
  /// Version 2 stores the levels in front, uncompressed, and says how many bytes they take.
  var definitionByteCount = 0
  var repetitionByteCount = 0
  var isCompressed = true
}

/// Decodes the pages of one column chunk, one after the other.
struct ParquetPages {
  let file: String
  let bytes: [UInt8]
  let leaf: ParquetLeaf
  let type: ParquetType
  let chunk: ParquetChunk
  let codec: ParquetCodec

  private var dictionary: ParquetValues?
  private var present: ParquetValues
  private var levels = ParquetLevels()

  /// Starts at a chunk whose place in the file was checked.
  init(
    file: String, bytes: [UInt8], leaf: ParquetLeaf, type: ParquetType, chunk: ParquetChunk,
    codec: ParquetCodec
  ) {
    self.file = file
    self.bytes = bytes
    self.leaf = leaf
    self.type = type
    self.chunk = chunk
    self.codec = codec
    present = ParquetValues(type)
  }

  /// Reads every page and joins their values.
  mutating func read() throws(InputError) -> ParquetColumn {
    var offset = chunk.start
    let end = chunk.start + chunk.byteCount
    while levels.definitions.count < chunk.valueCount {
      let (header, bodyStart) = try pageHeader(at: offset, end: end)
      offset = bodyStart + header.compressedByteCount
      let body = bodyStart..<offset
      switch header.kind {
      case ParquetPageKind.dictionary: try readDictionary(header, body)
      case ParquetPageKind.dataV1, ParquetPageKind.dataV2: try readData(header, body)
      default: continue
      }
    }
    guard levels.definitions.count == chunk.valueCount else {
      throw wrong("\(levels.definitions.count) values", "\(chunk.valueCount)")
    }
    return try ParquetColumn(leaf: leaf, levels: levels, present: present, file: file)
  }

  private func pageHeader(at offset: Int, end: Int) throws(InputError) -> (PageHeader, Int) {
    var reader = ThriftReader(file: file, bytes: bytes, range: offset..<end)
    var header = PageHeader()
    try reader.structure { (reader, field, type) throws(InputError) in
      switch field {
      case 1: header.kind = try reader.int()
      case 2: header.byteCount = try reader.int()
      case 3: header.compressedByteCount = try reader.int()
      case 5: try Self.readVersion1(&reader, &header)
      case 7: try Self.readDictionaryHeader(&reader, &header)
      case 8: try Self.readVersion2(&reader, &header)
      default: try reader.skip(type)
      }
    }
    guard (0...(end - reader.offset)).contains(header.compressedByteCount) else {
      throw wrong("a page of \(header.compressedByteCount) bytes", "a page within its chunk")
    }
    guard (0...ParquetReader.pageByteLimit).contains(header.byteCount) else {
      throw wrong("\(header.byteCount) bytes in a page", "at most \(ParquetReader.pageByteLimit)")
    }
    return (header, reader.offset)
  }

  private static func readVersion1(
    _ reader: inout ThriftReader, _ header: inout PageHeader
  ) throws(InputError) {
    try reader.structure { (reader, field, type) throws(InputError) in
      switch field {
      case 1: header.valueCount = try reader.int()
      case 2: header.encoding = try reader.int()
      case 3: header.definitionEncoding = try reader.int()
      case 4: header.repetitionEncoding = try reader.int()
      default: try reader.skip(type)
      }
    }
  }

  private static func readDictionaryHeader(
    _ reader: inout ThriftReader, _ header: inout PageHeader
  ) throws(InputError) {
    try reader.structure { (reader, field, type) throws(InputError) in
      switch field {
      case 1: header.valueCount = try reader.int()
      case 2: header.encoding = try reader.int()
      default: try reader.skip(type)
      }
    }
  }

  private static func readVersion2(
    _ reader: inout ThriftReader, _ header: inout PageHeader
  ) throws(InputError) {
    try reader.structure { (reader, field, type) throws(InputError) in
      switch field {
      case 1: header.valueCount = try reader.int()
      case 4: header.encoding = try reader.int()
      case 5: header.definitionByteCount = try reader.int()
      case 6: header.repetitionByteCount = try reader.int()
      case 7: header.isCompressed = type == .yes
      default: try reader.skip(type)
      }
    }
  }

  private mutating func readDictionary(
    _ header: PageHeader, _ body: Range<Int>
  ) throws(InputError) {
    guard dictionary == nil,
      [ParquetEncoding.plain, ParquetEncoding.plainDictionary].contains(header.encoding)
    else { throw wrong("a dictionary of encoding \(header.encoding)", "one plain dictionary") }
    let page = try uncompressed(body, byteCount: header.byteCount)
    dictionary = try decodePlain(page, from: 0, count: header.valueCount)
  }

  private mutating func readData(
    _ header: PageHeader, _ body: Range<Int>
  ) throws(InputError) {
    let count = header.valueCount
    guard (0...(chunk.valueCount - levels.definitions.count)).contains(count) else {
      throw wrong("a page of \(count) values", "\(chunk.valueCount) values in all pages")
    }
    var page: [UInt8]
    var offset = 0
    var repetitionRange = 0..<0
    var definitionRange = 0..<0
    if header.kind == ParquetPageKind.dataV2 {
      let repetitions = header.repetitionByteCount
      let definitions = header.definitionByteCount
      guard repetitions >= 0, definitions >= 0, repetitions <= body.count,
        definitions <= body.count - repetitions,
        header.byteCount >= repetitions + definitions
      else {
        throw wrong("levels of \(repetitions) and \(definitions) bytes", "levels in the page")
      }
      offset = repetitions + definitions
      repetitionRange = 0..<repetitions
      definitionRange = repetitions..<offset
      let split = body.lowerBound + offset
      let rest = split..<body.upperBound
      let values =
        header.isCompressed
        ? try uncompressed(rest, byteCount: header.byteCount - offset) : Array(bytes[rest])
      page = bytes[body.lowerBound..<split] + values
    } else {
      page = try uncompressed(body, byteCount: header.byteCount)
      guard header.definitionEncoding == ParquetEncoding.hybrid || leaf.maximumDefinition == 0,
        header.repetitionEncoding == ParquetEncoding.hybrid || leaf.listDepth == 0
      else { throw wrong("bit-packed levels", "run-length encoded levels") }
      if leaf.listDepth > 0 { repetitionRange = try levelRange(page, &offset) }
      if leaf.maximumDefinition > 0 { definitionRange = try levelRange(page, &offset) }
    }
    let repetitions = try readLevels(
      page, repetitionRange, maximum: leaf.listDepth, count: count)
    let definitions = try readLevels(
      page, definitionRange, maximum: leaf.maximumDefinition, count: count)
    levels.repetitions += repetitions
    levels.definitions += definitions
    let presentCount = definitions.count { Int($0) == leaf.maximumDefinition }
    present.append(try decode(page, from: offset, count: presentCount, header.encoding))
  }

  private func levelRange(_ page: [UInt8], _ offset: inout Int) throws(InputError) -> Range<Int> {
    guard page.count - offset >= 4 else { throw wrong("a short page", "levels and values") }
    let count = Int(loadRaw(page, at: offset, as: UInt32.self))
    offset += 4
    guard count <= page.count - offset else {
      throw wrong("levels of \(count) bytes", "levels within the page")
    }
    defer { offset += count }
    return offset..<offset + count
  }

  private func readLevels(
    _ page: [UInt8], _ range: Range<Int>, maximum: Int, count: Int
  ) throws(InputError) -> [UInt8] {
    guard maximum > 0 else { return Array(repeating: 0, count: count) }
    let decoded = try ParquetHybrid.decode(
      page, in: range, bitWidth: ParquetHybrid.bitWidth(maximum: maximum), count: count,
      file: file)
    guard decoded.allSatisfy({ $0 <= UInt32(maximum) }) else {
      throw wrong("a level over \(maximum)", "levels of the schema")
    }
    return decoded.map { UInt8($0) }
  }

  private func decode(
    _ page: [UInt8], from offset: Int, count: Int, _ encoding: Int
  ) throws(InputError) -> ParquetValues {
    switch encoding {
    case ParquetEncoding.plain:
      return try decodePlain(page, from: offset, count: count)
    case ParquetEncoding.plainDictionary, ParquetEncoding.hybridDictionary:
      return try decodeIndices(page, from: offset, count: count)
    case ParquetEncoding.hybrid where type == .bool:
      var offset = offset
      let range = try levelRange(page, &offset)
      let bits = try ParquetHybrid.decode(
        page, in: range, bitWidth: 1, count: count, file: file)
      return .bool(bits.map { $0 == 1 })
    default:
      throw wrong("encoding \(encoding)", "PLAIN or a dictionary")
    }
  }

  private func decodeIndices(
    _ page: [UInt8], from offset: Int, count: Int
  ) throws(InputError) -> ParquetValues {
    guard let dictionary else { throw wrong("no dictionary page", "one before the data") }
    guard count > 0 else { return ParquetValues(type) }
    guard offset < page.count else { throw wrong("a short page", "dictionary indices") }
    let indices = try ParquetHybrid.decode(
      page, in: offset + 1..<page.count, bitWidth: Int(page[offset]), count: count, file: file)
    guard indices.allSatisfy({ Int($0) < dictionary.count }) else {
      throw wrong("an index past the dictionary", "indices below \(dictionary.count)")
    }
    return dictionary.gathered(indices.map { Int($0) })
  }

  private func decodePlain(
    _ page: [UInt8], from offset: Int, count: Int
  ) throws(InputError) -> ParquetValues {
    let left = page.count - offset
    // The fewest bits that a value takes; a text takes its four bytes of length.
    let bits: Int =
      switch type {
      case .bool: 1
      case .int32, .float, .binary, .string: 32
      case .int64, .double: 64
      }
    guard count >= 0, count <= left * 8 / bits else {
      throw wrong("\(left) bytes", "\(count) values")
    }
    switch type {
    case .bool:
      return .bool((0..<count).map { page[offset + $0 / 8] >> UInt8($0 % 8) & 1 == 1 })
    case .int32: return .int32(loadRaw(page, at: offset, count: count))
    case .int64: return .int64(loadRaw(page, at: offset, count: count))
    case .float: return .float(loadRaw(page, at: offset, count: count))
    case .double: return .double(loadRaw(page, at: offset, count: count))
    case .binary: return .binary(try decodeBinary(page, from: offset, count: count))
    case .string:
      let values = try decodeBinary(page, from: offset, count: count)
      return .string(values.map { String(decoding: $0, as: UTF8.self) })
    }
  }

  private func decodeBinary(
    _ page: [UInt8], from start: Int, count: Int
  ) throws(InputError) -> [[UInt8]] {
    var offset = start
    var values: [[UInt8]] = []
    values.reserveCapacity(count)
    for _ in 0..<count {
      let range = try levelRange(page, &offset)
      values.append(Array(page[range]))
    }
    return values
  }

  private func uncompressed(
    _ range: Range<Int>, byteCount: Int
  ) throws(InputError) -> [UInt8] {
    switch codec {
    case .uncompressed:
      guard range.count == byteCount else { throw wrong("\(range.count) bytes", "\(byteCount)") }
      return Array(bytes[range])
    case .snappy:
      return try Snappy.decompress(bytes, in: range, byteCount: byteCount, file: file)
    case .zstd:
      let page = try Zstandard.decompress(
        bytes.span.extracting(range), limit: byteCount, file: file,
        field: "column \(leaf.path.joined(separator: "."))")
      guard page.count == byteCount else { throw wrong("\(page.count) bytes", "\(byteCount)") }
      return page
    }
  }

  private func wrong(_ found: String, _ expected: String) -> InputError {
    InputError(
      file: file, field: "column \(leaf.path.joined(separator: "."))", found: found,
      expected: expected)
  }
}

/// Loads a little-endian number from any offset, which must leave room for it.
func loadRaw<Value: BitwiseCopyable>(_ bytes: [UInt8], at offset: Int, as: Value.Type) -> Value {
  precondition(offset >= 0 && offset + MemoryLayout<Value>.size <= bytes.count, "within bytes")
  return unsafe bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self)
}

/// Loads an array of little-endian numbers from any offset, which must leave room for them.
func loadRaw<Value: BitwiseCopyable>(_ bytes: [UInt8], at offset: Int, count: Int) -> [Value] {
  let byteCount = count * MemoryLayout<Value>.stride
  precondition(offset >= 0 && count >= 0 && offset + byteCount <= bytes.count, "within bytes")
  return unsafe [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
    unsafe bytes[offset..<offset + byteCount].withUnsafeBytes { source in
      unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: source)
    }
    initialized = count
  }
}
