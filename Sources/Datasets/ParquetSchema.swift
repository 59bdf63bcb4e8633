// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// A named node of a Parquet schema: a leaf, a list or a group of further nodes.
///
/// Lists are written in the three-level form that Arrow reads and writes:
/// `optional group NAME (LIST) { repeated group list { optional TYPE element } }`.
/// Source: apache/parquet-format, `LogicalTypes.md`, section "Lists".
package indirect enum ParquetNode: Equatable, Sendable {
  /// One value a slot.
  case leaf(ParquetType)
  /// A list whose elements are all of one node.
  case list(ParquetNode)
  /// A group of named fields, all present together.
  case group([ParquetField])
}

/// A field of a Parquet file or of a group within it.
package struct ParquetField: Equatable, Sendable {
  /// The name, which may contain dots and slashes.
  package let name: String
  /// What stands in the field.
  package let node: ParquetNode
  /// True when values may be absent; list elements and group members take the same answer.
  package let isOptional: Bool

  /// Makes a field; LeRobot's own files mark every field optional.
  package init(_ name: String, _ node: ParquetNode, isOptional: Bool = true) {
    self.name = name
    self.node = node
    self.isOptional = isOptional
  }
}

/// The type of a Parquet leaf that Diorama reads and writes.
package enum ParquetType: Equatable, Sendable {
  /// One bit a value.
  case bool
  /// A 32-bit signed integer.
  case int32
  /// A 64-bit signed integer.
  case int64
  /// An IEEE 754 single.
  case float
  /// An IEEE 754 double.
  case double
  /// Bytes of any length.
  case binary
  /// UTF-8 text of any length.
  case string

  /// The number that stands for the physical type in `parquet.thrift`, enum `Type`.
  var physicalCode: Int {
    switch self {
    case .bool: 0
    case .int32: 1
    case .int64: 2
    case .float: 4
    case .double: 5
    case .binary, .string: 6
    }
  }
}

/// How often a schema element occurs; raw values as in `parquet.thrift`.
enum ParquetRepetition: Int {
  case required = 0
  case optional = 1
  case repeated = 2
}

/// One entry of the schema as the footer stores it, depth first.
struct ParquetElement {
  var name: String
  /// Nil for the root, which has none.
  var repetition: ParquetRepetition?
  var physicalCode: Int?
  var childCount: Int
  var isString: Bool
  var isList: Bool
}

/// A column of the file: a leaf together with the levels on the way to it.
///
/// A definition level counts the optional and repeated ancestors that are present, a repetition
/// level tells which repeated ancestor a value continues (Melnik et al., Dremel, VLDB 2010).
package struct ParquetLeaf: Equatable, Sendable {
  /// The names from the top field down to the leaf.
  package let path: [String]
  /// The type of the values; nil when Diorama cannot read it.
  package let type: ParquetType?
  /// The definition level of a value that is present.
  let maximumDefinition: Int
  /// For each enclosing list, outermost first, the lowest level at which it has an element.
  let elementDefinitions: [Int]
  /// For each enclosing list, the level of a list that is present and empty.
  let emptyDefinitions: [Int]

  /// The number of lists around the leaf.
  package var listDepth: Int { elementDefinitions.count }
}

extension ParquetField {
  /// Returns the schema elements of the field, depth first.
  var elements: [ParquetElement] {
    let repetition: ParquetRepetition = isOptional ? .optional : .required
    var element = ParquetElement(
      name: name, repetition: repetition, physicalCode: nil, childCount: 0, isString: false,
      isList: false)
    switch node {
    case .leaf(let type):
      element.physicalCode = type.physicalCode
      element.isString = type == .string
      return [element]
    case .group(let fields):
      element.childCount = fields.count
      return [element] + fields.flatMap(\.elements)
    case .list(let inner):
      element.childCount = 1
      element.isList = true
      let repeated = ParquetElement(
        name: "list", repetition: .repeated, physicalCode: nil, childCount: 1, isString: false,
        isList: false)
      return [element, repeated]
        + ParquetField("element", inner, isOptional: isOptional).elements
    }
  }
}

/// Returns the leaves of a schema, whose elements stand depth first without the root.
func parquetLeaves(_ elements: [ParquetElement]) -> [ParquetLeaf] {
  var leaves: [ParquetLeaf] = []
  var open: [(remaining: Int, path: [String], definition: Int, lists: [Int], empties: [Int])] = []
  for element in elements {
    var path: [String] = []
    var definition = 0
    var lists: [Int] = []
    var empties: [Int] = []
    if let parent = open.last {
      (path, definition, lists, empties) =
        (parent.path, parent.definition, parent.lists, parent.empties)
      open[open.count - 1].remaining -= 1
    }
    path.append(element.name)
    if element.repetition == .repeated { empties.append(definition) }
    if element.repetition == .optional || element.repetition == .repeated { definition += 1 }
    if element.repetition == .repeated { lists.append(definition) }
    if let code = element.physicalCode {
      let type = parquetType(physicalCode: code, isString: element.isString)
      leaves.append(
        ParquetLeaf(
          path: path, type: type, maximumDefinition: definition, elementDefinitions: lists,
          emptyDefinitions: empties))
    } else {
      open.append((element.childCount, path, definition, lists, empties))
    }
    while let last = open.last, last.remaining == 0 { open.removeLast() }
  }
  return leaves
}

private func parquetType(physicalCode: Int, isString: Bool) -> ParquetType? {
  switch physicalCode {
  case 0: .bool
  case 1: .int32
  case 2: .int64
  case 4: .float
  case 5: .double
  case 6: isString ? .string : .binary
  default: nil
  }
}
