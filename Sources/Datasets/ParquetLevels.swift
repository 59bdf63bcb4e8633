// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// Parquet's hybrid of run-length and bit-packed integers, for levels and dictionary indices.
///
/// A run is a LEB128 header and its payload: an even header `2n` says one value repeated n times,
/// an odd header `2g + 1` says g groups of eight values, packed from the lowest bit up.
/// Source: apache/parquet-format, `Encodings.md`, section "RLE / Bit-Packing Hybrid".
enum ParquetHybrid {
  /// Values that repeat fewer times than this are packed; a packed group holds as many.
  private static let groupCount = 8

  /// Returns the bits that hold values from 0 to `maximum`.
  static func bitWidth(maximum: Int) -> Int {
    Int.bitWidth - maximum.leadingZeroBitCount
  }

  /// Encodes values of a width of 1 to 8 bits.
  static func encode(_ values: [UInt8], bitWidth: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var packed: [UInt8] = []
    var index = 0
    while index < values.count {
      var end = index + 1
      while end < values.count && values[end] == values[index] { end += 1 }
      var count = end - index
      // A packed run must be whole groups unless it is the last, so a run first fills the group.
      let missing = (groupCount - packed.count % groupCount) % groupCount
      if count >= groupCount + missing {
        packed += repeatElement(values[index], count: missing)
        count -= missing
        appendPacked(packed, bitWidth: bitWidth, to: &bytes)
        packed = []
        appendVariable(UInt64(count) << 1, to: &bytes)
        bytes.append(values[index])
      } else {
        packed += values[index..<end]
      }
      index = end
    }
    appendPacked(packed, bitWidth: bitWidth, to: &bytes)
    return bytes
  }

  private static func appendPacked(_ values: [UInt8], bitWidth: Int, to bytes: inout [UInt8]) {
    guard !values.isEmpty else { return }
    let groups = (values.count + groupCount - 1) / groupCount
    appendVariable(UInt64(groups) << 1 | 1, to: &bytes)
    let start = bytes.count
    bytes += repeatElement(0, count: groups * bitWidth)
    for (index, value) in values.enumerated() {
      for bit in 0..<bitWidth where value >> bit & 1 == 1 {
        let position = index * bitWidth + bit
        bytes[start + position / 8] |= 1 << UInt8(position % 8)
      }
    }
  }

  /// Decodes `count` values; the range must lie within the bytes, `count` be checked by the caller.
  static func decode(
    _ bytes: [UInt8], in range: Range<Int>, bitWidth: Int, count: Int, file: String
  ) throws(InputError) -> [UInt32] {
    guard (0...32).contains(bitWidth) else {
      throw InputError(
        file: file, field: "bit width", found: "\(bitWidth)", expected: "0 to 32")
    }
    var values: [UInt32] = []
    values.reserveCapacity(count)
    var offset = range.lowerBound
    while values.count < count {
      let header = try variable(bytes, &offset, end: range.upperBound, file: file)
      let left = count - values.count
      if header & 1 == 0 {
        let width = (bitWidth + 7) / 8
        guard width <= range.upperBound - offset, header > 0 else { throw short(file) }
        var value: UInt32 = 0
        for index in 0..<width { value |= UInt32(bytes[offset + index]) << (8 * UInt32(index)) }
        offset += width
        values += repeatElement(value, count: Int(min(header >> 1, UInt64(left))))
      } else {
        let packedCount = min(UInt64(left), (header >> 1).multipliedClamped(by: 8))
        let needed = (Int(packedCount) * bitWidth + 7) / 8
        guard header > 1, needed <= range.upperBound - offset else { throw short(file) }
        unpack(bytes, from: offset, bitWidth: bitWidth, count: Int(packedCount), into: &values)
        let whole = (header >> 1).multipliedClamped(by: UInt64(bitWidth))
        offset += Int(min(whole, UInt64(range.upperBound - offset)))
      }
    }
    return values
  }

  private static func unpack(
    _ bytes: [UInt8], from offset: Int, bitWidth: Int, count: Int, into values: inout [UInt32]
  ) {
    guard bitWidth > 0 else {
      values += repeatElement(0, count: count)
      return
    }
    let mask: UInt64 = (1 << UInt64(bitWidth)) - 1
    var buffer: UInt64 = 0
    var bufferedBits = 0
    var next = offset
    for _ in 0..<count {
      while bufferedBits < bitWidth {
        buffer |= UInt64(bytes[next]) << UInt64(bufferedBits)
        next += 1
        bufferedBits += 8
      }
      values.append(UInt32(buffer & mask))
      buffer >>= UInt64(bitWidth)
      bufferedBits -= bitWidth
    }
  }

  private static func variable(
    _ bytes: [UInt8], _ offset: inout Int, end: Int, file: String
  ) throws(InputError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard offset < end else { throw short(file) }
      let byte = bytes[offset]
      offset += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw short(file)
  }

  private static func short(_ file: String) -> InputError {
    InputError(
      file: file, field: "run of levels or indices", found: "a run that leaves the page",
      expected: "as many values as the page header says")
  }
}

extension UInt64 {
  /// Multiplies, staying at the greatest value instead of overflowing.
  fileprivate func multipliedClamped(by factor: UInt64) -> UInt64 {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    return overflow ? .max : product
  }
}

/// The repetition and definition levels of a column's slots and of its empty lists.
struct ParquetLevels: Equatable {
  var repetitions: [UInt8] = []
  var definitions: [UInt8] = []
}

extension ParquetColumn {
  /// Returns the levels that say the same as the list lengths and nulls.
  func levels(_ leaf: ParquetLeaf) -> ParquetLevels {
    var levels = ParquetLevels()
    var cursor = Array(repeating: 0, count: listLengths.count + 1)
    for _ in 0..<rowCount {
      appendLevels(leaf, depth: 0, repetition: 0, &cursor, to: &levels)
    }
    precondition(
      cursor == listLengths.map(\.count) + [values.count], "list lengths and values agree")
    return levels
  }

  /// Appends the levels of the next entry at a depth; the recursion is as deep as the lists.
  private func appendLevels(
    _ leaf: ParquetLeaf, depth: Int, repetition: UInt8, _ cursor: inout [Int],
    to levels: inout ParquetLevels
  ) {
    let index = cursor[depth]
    cursor[depth] += 1
    guard depth < listLengths.count else {
      let isAbsent = !isNull.isEmpty && isNull[index]
      precondition(!isAbsent || leaf.maximumDefinition > 0, "a required field has no nulls")
      levels.repetitions.append(repetition)
      levels.definitions.append(UInt8(leaf.maximumDefinition - (isAbsent ? 1 : 0)))
      return
    }
    let length = listLengths[depth][index]
    if length == 0 {
      levels.repetitions.append(repetition)
      levels.definitions.append(UInt8(leaf.emptyDefinitions[depth]))
    }
    for element in 0..<length {
      let inner = element == 0 ? repetition : UInt8(depth + 1)
      appendLevels(leaf, depth: depth + 1, repetition: inner, &cursor, to: &levels)
    }
  }

  /// Makes a column from levels and the values that are present.
  ///
  /// - Throws: `InputError` when the levels contradict each other or the number of values.
  init(
    leaf: ParquetLeaf, levels: ParquetLevels, present: ParquetValues, file: String
  ) throws(InputError) {
    let lists = leaf.listDepth
    var lengths: [[Int]] = Array(repeating: [], count: lists)
    var slots: [Int?] = []
    var presentCount = 0
    for (repetition, definition) in zip(levels.repetitions, levels.definitions) {
      let first = Int(repetition)
      if first > 0 {
        guard first <= lists, let last = lengths[first - 1].indices.last,
          Int(definition) >= leaf.elementDefinitions[first - 1]
        else { throw Self.contradiction(leaf, file) }
        lengths[first - 1][last] += 1
      }
      var reached = first
      while reached < lists {
        let hasElement = Int(definition) >= leaf.elementDefinitions[reached]
        lengths[reached].append(hasElement ? 1 : 0)
        guard hasElement else { break }
        reached += 1
      }
      guard reached == lists else { continue }
      let isPresent = Int(definition) == leaf.maximumDefinition
      slots.append(isPresent ? presentCount : nil)
      presentCount += isPresent ? 1 : 0
    }
    guard presentCount == present.count else { throw Self.contradiction(leaf, file) }
    let hasNulls = presentCount < slots.count
    self.init(
      hasNulls ? present.gathered(slots) : present, listLengths: lengths,
      isNull: hasNulls ? slots.map { $0 == nil } : [])
  }

  private static func contradiction(_ leaf: ParquetLeaf, _ file: String) -> InputError {
    InputError(
      file: file, field: leaf.path.joined(separator: "."), found: "levels that contradict",
      expected: "repetition and definition levels of the schema")
  }
}
