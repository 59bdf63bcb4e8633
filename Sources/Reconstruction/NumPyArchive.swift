// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files

/// The arrays of an `.npz` file: a zip archive of `.npy` files, as `numpy.savez` writes it.
///
/// Source: numpy `lib/format.py`, format versions 1.0 to 3.0. Arrays are in C order and their
/// numbers little-endian; names, sizes and checksums are those that `readZipArchive` allows.
package struct NumPyArchive {
  /// One array of the archive.
  struct Array {
    /// The type of an element in numpy's letters, such as `<f4`.
    let type: String
    /// The length along each axis; empty for a scalar.
    let shape: [Int]
    /// The elements in C order.
    let bytes: [UInt8]
  }

  private let file: String
  private let members: [String: [UInt8]]

  /// Opens an archive.
  ///
  /// - Throws: `InputError` when it is no zip archive, is damaged or cut, or passes a limit.
  package init(_ bytes: [UInt8], file: String) throws(InputError) {
    self.file = file
    var members: [String: [UInt8]] = [:]
    try readZipArchive(bytes, named: file, isWanted: { $0.hasSuffix(".npy") }) { name, content in
      members[name] = content
    }
    self.members = members
  }

  /// The names of the arrays, sorted.
  package var names: [String] { members.keys.sorted() }

  /// Returns an array of 32-bit floats and its shape, which must have `dimensionCount` axes.
  package func floats(
    _ name: String, dimensionCount: Int
  ) throws(InputError) -> (shape: [Int], values: [Float]) {
    let array = try array(name, type: "<f4", dimensionCount: dimensionCount)
    var reader = ByteReader(file: "\(file)/\(name)", bytes: array.bytes)
    var values: [Float] = []
    values.reserveCapacity(array.bytes.count / 4)
    while reader.remaining > 0 { values.append(try reader.float(field: "elements")) }
    return (array.shape, values)
  }

  /// Returns an array of bytes and its shape, which must have `dimensionCount` axes.
  package func unsignedBytes(
    _ name: String, dimensionCount: Int
  ) throws(InputError) -> (shape: [Int], values: [UInt8]) {
    let array = try array(name, type: "|u1", dimensionCount: dimensionCount)
    return (array.shape, array.bytes)
  }

  /// Returns a 64-bit integer.
  package func integer(_ name: String) throws(InputError) -> Int {
    let array = try array(name, type: "<i8", dimensionCount: 0)
    var reader = ByteReader(file: "\(file)/\(name)", bytes: array.bytes)
    return Int(try reader.littleEndian(Int64.self, field: "elements"))
  }

  private func array(
    _ name: String, type: String, dimensionCount: Int
  ) throws(InputError) -> Array {
    guard let bytes = members["\(name).npy"] else {
      throw InputError(
        file: file, field: name, found: "the arrays \(names.joined(separator: ", "))",
        expected: "an array of this name")
    }
    let array = try Self.parse(bytes, file: "\(file)/\(name)")
    guard array.type == type, array.shape.count == dimensionCount else {
      throw InputError(
        file: file, field: name, found: "\(array.type) \(array.shape)",
        expected: "\(type) with \(dimensionCount) axes")
    }
    return array
  }

  /// Reads one `.npy` file: magic, version, header length, a Python dictionary, elements.
  static func parse(_ bytes: [UInt8], file: String) throws(InputError) -> Array {
    var reader = ByteReader(file: file, bytes: bytes)
    guard try reader.take(6, field: "magic") == [0x93] + "NUMPY".utf8 else {
      throw InputError(file: file, field: "magic", found: "other bytes", expected: "NUMPY")
    }
    let major = try reader.littleEndian(UInt8.self, field: "version")
    try reader.skip(1, field: "version")
    let headerSize =
      major == 1
      ? Int(try reader.littleEndian(UInt16.self, field: "header length"))
      : Int(try reader.littleEndian(UInt32.self, field: "header length"))
    let header = String(decoding: try reader.take(headerSize, field: "header"), as: UTF8.self)
    let bad = InputError(
      file: file, field: "header", found: String(header.prefix(80)),
      expected: "descr, fortran_order False and shape")
    guard let type = header.firstMatch(of: #/'descr': '([<|>=][a-z][0-9]+)'/#)?.1,
      header.contains("'fortran_order': False"),
      let axes = header.firstMatch(of: #/'shape': \(([0-9, ]*)\)/#)?.1
    else { throw bad }
    let shape = axes.split(separator: ",").compactMap { Int($0.filter(\.isNumber)) }
    // The count is checked against the bytes there are before anything is multiplied out.
    guard var byteCount = Int(type.dropFirst(2)) else { throw bad }
    for axis in shape {
      let product = byteCount.multipliedReportingOverflow(by: axis)
      guard !product.overflow else { throw bad }
      byteCount = product.partialValue
    }
    let elements = try reader.take(byteCount, field: "elements")
    guard reader.remaining == 0 else {
      throw InputError(
        file: file, field: "elements", found: "\(reader.remaining) bytes after them",
        expected: "\(byteCount) bytes for \(type) \(shape)")
    }
    return Array(type: String(type), shape: shape, bytes: elements)
  }
}
