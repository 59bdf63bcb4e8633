// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Testing

@testable import Datasets

/// The files of the sample dataset, written once by the writer.
private let sample = Result {
  try withNewFolder { folder in
    try SampleRun.write(folder, episodeCount: 3)
    return try contents(of: folder)
  }
}

/// Puts the sample dataset into a folder, plants a fault and validates it.
func findings(
  sealed: Bool = true, decodingPixels: Bool = false, _ plant: (String) throws -> Void
) throws -> [InputError] {
  try withNewFolder { folder in
    for (path, bytes) in try sample.get() {
      let folder = URL(fileURLWithPath: folder + "/" + path).deletingLastPathComponent()
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try put(bytes, at: folder.path + "/" + (path as NSString).lastPathComponent)
    }
    try plant(folder)
    // The checksums follow the fault, so that it is found for itself.
    if sealed { try seal(folder) }
    return DatasetValidator.validate(folder, decodingPixels: decodingPixels).findings
  }
}

/// A value to put into a JSON file, nil for removing one, and the field of the finding.
struct PlantedValue: Sendable {
  let keys: [String]
  let value: JSONValue?
  let field: String

  init(_ keys: [String], _ value: JSONValue?, finding field: String) {
    (self.keys, self.value, self.field) = (keys, value, field)
  }
}

/// Writes a file of a dataset that nobody will miss after a power cut.
func put(_ bytes: [UInt8], at path: String) throws {
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}

/// Writes the manifest anew.
func seal(_ folder: String) throws {
  var text = ""
  for file in try listFiles(under: folder) where file != DatasetPath.manifest {
    text += try SHA256.hexDigest(ofFile: folder + "/" + file) + "  " + file + "\n"
  }
  try put(Array(text.utf8), at: folder + "/" + DatasetPath.manifest)
}

/// Replaces a text in a file, which must hold it.
func replace(_ old: String, by new: String, in path: String) throws {
  let text = String(decoding: try readFile(path), as: UTF8.self)
  try #require(text.contains(old))
  try put(Array(text.replacing(old, with: new, maxReplacements: 1).utf8), at: path)
}

/// Writes a Parquet file again, in one row group, with some of its leaf columns changed.
func rewrite(
  _ path: String, keyValues: [(key: String, value: String)]? = nil,
  naming: (String) -> String = { $0 },
  _ change: (_ name: String, _ column: inout ParquetColumn) throws -> Void
) throws {
  let reader = try ParquetReader(path: path)
  var fields: [ParquetField] = []
  var columns: [ParquetColumn] = []
  for (index, leaf) in reader.leaves.enumerated() {
    var column = try reader.column(leaf: index)
    try change(leaf.path.joined(separator: "."), &column)
    columns.append(column)
    guard leaf.path.last != "path" else { continue }
    if leaf.path.last == "bytes" {
      let group = [
        ParquetField("bytes", .leaf(.binary)), ParquetField("path", .leaf(.string)),
      ]
      fields.append(ParquetField(leaf.path[0], .group(group)))
    } else {
      let node = (0..<column.listLengths.count).reduce(ParquetNode.leaf(column.values.type)) {
        node, _ in
        .list(node)
      }
      fields.append(ParquetField(naming(leaf.path[0]), node))
    }
  }
  let group = ParquetRowGroup(fields: fields, columns: columns)
  var writer = ParquetWriter(fields: fields, keyValues: keyValues ?? reader.keyValues)
  try put(writer.header + writer.append(group) + writer.finish(), at: path)
}

/// Changes one whole number of a Parquet column.
func setInteger(_ name: String, row: Int, to value: Int64, in path: String) throws {
  var isFound = false
  try rewrite(path) { found, column in
    guard found == name || found.hasPrefix(name + "."), case .int64(var values) = column.values
    else { return }
    isFound = true
    values[row] = value
    column.values = .int64(values)
  }
  try #require(isFound, "\(name) is a column of whole numbers")
}

/// Gives a top-level column of a Parquet file another name.
func rename(_ name: String, to other: String, in path: String) throws {
  try #require(try ParquetReader(path: path).leaves.contains { $0.path[0] == name })
  try rewrite(path, naming: { $0 == name ? other : $0 }) { _, _ in }
}

/// Changes the doubles of a Parquet column.
func changeDoubles(
  _ name: String, in path: String, _ change: (inout [Double]) -> Void
) throws {
  var isFound = false
  try rewrite(path) { found, column in
    guard found == name || found.hasPrefix(name + "."), case .double(var values) = column.values
    else { return }
    isFound = true
    change(&values)
    column.values = .double(values)
  }
  try #require(isFound, "\(name) is a column of doubles")
}

/// Replaces a value of a JSON file, which must hold its keys; nil removes the last of them.
func setJSON(_ keys: [String], to value: JSONValue?, in path: String) throws {
  var document = try JSONValue(file: path, bytes: try readFile(path))
  try document.set(keys, to: value)
  try put(Array(document.indentedText.utf8), at: path)
}

let dataFile = DatasetPath.data(chunk: 0, file: 0)
let episodeFile = DatasetPath.episodes(chunk: 0, file: 0)
let cameraFile = DatasetPath.video("observation.images.front", chunk: 0, file: 0)

extension JSONValue {
  /// Replaces or removes the value at the end of a path of keys and indices.
  fileprivate mutating func set(_ path: [String], to value: JSONValue?) throws {
    let key = try #require(path.first)
    let rest = Array(path.dropFirst())
    switch self {
    case .object(var members):
      let index = try #require(members.firstIndex { $0.key == key })
      if rest.isEmpty, let value {
        members[index].value = value
      } else if rest.isEmpty {
        members.remove(at: index)
      } else {
        try members[index].value.set(rest, to: value)
      }
      self = .object(members)
    case .array(var elements):
      let index = try #require(Int(key).flatMap { elements.indices.contains($0) ? $0 : nil })
      if rest.isEmpty, let value {
        elements[index] = value
      } else if rest.isEmpty {
        elements.remove(at: index)
      } else {
        try elements[index].set(rest, to: value)
      }
      self = .array(elements)
    default: throw CocoaError(.coderInvalidValue)
    }
  }
}
