// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// The values of one Parquet column, in the order of its slots.
package enum ParquetValues: Equatable, Sendable {
  /// Values of a `bool` leaf.
  case bool([Bool])
  /// Values of an `int32` leaf.
  case int32([Int32])
  /// Values of an `int64` leaf.
  case int64([Int64])
  /// Values of a `float` leaf.
  case float([Float])
  /// Values of a `double` leaf.
  case double([Double])
  /// Values of a `binary` leaf.
  case binary([[UInt8]])
  /// Values of a `string` leaf.
  case string([String])

  /// Makes an empty store for a type.
  package init(_ type: ParquetType) {
    switch type {
    case .bool: self = .bool([])
    case .int32: self = .int32([])
    case .int64: self = .int64([])
    case .float: self = .float([])
    case .double: self = .double([])
    case .binary: self = .binary([])
    case .string: self = .string([])
    }
  }

  /// The type of leaf that the values belong to.
  package var type: ParquetType {
    switch self {
    case .bool: .bool
    case .int32: .int32
    case .int64: .int64
    case .float: .float
    case .double: .double
    case .binary: .binary
    case .string: .string
    }
  }

  /// The number of slots.
  package var count: Int {
    switch self {
    case .bool(let values): values.count
    case .int32(let values): values.count
    case .int64(let values): values.count
    case .float(let values): values.count
    case .double(let values): values.count
    case .binary(let values): values.count
    case .string(let values): values.count
    }
  }

  /// Appends the values of a store of the same type, in place.
  mutating func append(_ other: ParquetValues) {
    precondition(other.type == type, "columns of two types cannot be joined")
    // The store lets go of its array before it grows, so that nothing is copied.
    switch other {
    case .bool(let right):
      guard case .bool(var left) = self else { return }
      self = .bool([])
      left += right
      self = .bool(left)
    case .int32(let right):
      guard case .int32(var left) = self else { return }
      self = .int32([])
      left += right
      self = .int32(left)
    case .int64(let right):
      guard case .int64(var left) = self else { return }
      self = .int64([])
      left += right
      self = .int64(left)
    case .float(let right):
      guard case .float(var left) = self else { return }
      self = .float([])
      left += right
      self = .float(left)
    case .double(let right):
      guard case .double(var left) = self else { return }
      self = .double([])
      left += right
      self = .double(left)
    case .binary(let right):
      guard case .binary(var left) = self else { return }
      self = .binary([])
      left += right
      self = .binary(left)
    case .string(let right):
      guard case .string(var left) = self else { return }
      self = .string([])
      left += right
      self = .string(left)
    }
  }

  /// Returns the values at indices, with a type's empty value where an index is nil.
  ///
  /// A missing float is NaN, so that it cannot pass for a measurement.
  func gathered(_ indices: [Int?]) -> ParquetValues {
    func pick<Value>(_ values: [Value], _ missing: Value) -> [Value] {
      indices.map { index in index.map { values[$0] } ?? missing }
    }
    return switch self {
    case .bool(let values): .bool(pick(values, false))
    case .int32(let values): .int32(pick(values, 0))
    case .int64(let values): .int64(pick(values, 0))
    case .float(let values): .float(pick(values, .nan))
    case .double(let values): .double(pick(values, .nan))
    case .binary(let values): .binary(pick(values, []))
    case .string(let values): .string(pick(values, ""))
    }
  }
}

/// One leaf column of a row group, as values and the lengths of the lists around them.
///
/// A column of plain values has no lengths. For `list<list<T>>`, `listLengths[0]` has one entry a
/// row and `listLengths[1]` one entry for each inner list, in order; values follow the innermost.
package struct ParquetColumn: Equatable, Sendable {
  /// The values, one a slot; a slot that is null holds the type's empty value.
  package var values: ParquetValues
  /// The lengths of the lists, outermost first; a null list reads as an empty one.
  package var listLengths: [[Int]]
  /// Which slots are null; empty when none is.
  package var isNull: [Bool]

  /// Makes a column of plain values.
  package init(_ values: ParquetValues) {
    self.init(values, listLengths: [], isNull: [])
  }

  /// Makes a column from its parts.
  package init(_ values: ParquetValues, listLengths: [[Int]], isNull: [Bool] = []) {
    self.values = values
    self.listLengths = listLengths
    self.isNull = isNull
  }

  /// Makes a column in which every row is an array of one shape, such as `[3, 1, 1]`.
  package init(_ values: ParquetValues, rowShape: [Int]) {
    let width = rowShape.reduce(1, *)
    precondition(width > 0 && values.count % width == 0, "the values fill whole rows")
    var lists = values.count / width
    var lengths: [[Int]] = []
    for extent in rowShape {
      lengths.append(Array(repeating: extent, count: lists))
      lists *= extent
    }
    self.init(values, listLengths: lengths)
  }

  /// The number of rows.
  package var rowCount: Int { listLengths.first?.count ?? values.count }

  /// The number of slots that hold no value.
  package var nullCount: Int { isNull.count { $0 } }

  /// Returns some of the rows.
  package func rows(_ rows: Range<Int>) -> ParquetColumn {
    var slots = rows
    var lengths: [[Int]] = []
    for level in listLengths {
      lengths.append(Array(level[slots]))
      let start = level[..<slots.lowerBound].reduce(0, +)
      slots = start..<start + level[slots].reduce(0, +)
    }
    return ParquetColumn(
      values.gathered(slots.map { $0 }), listLengths: lengths,
      isNull: isNull.isEmpty ? [] : Array(isNull[slots]))
  }

  /// Appends the rows of another row group's column.
  mutating func append(_ other: ParquetColumn) {
    precondition(other.listLengths.count == listLengths.count, "both columns have one schema")
    if !isNull.isEmpty || !other.isNull.isEmpty {
      let left = isNull.isEmpty ? Array(repeating: false, count: values.count) : isNull
      let right =
        other.isNull.isEmpty ? Array(repeating: false, count: other.values.count) : other.isNull
      isNull = left + right
    }
    values.append(other.values)
    for depth in listLengths.indices { listLengths[depth] += other.listLengths[depth] }
  }
}
