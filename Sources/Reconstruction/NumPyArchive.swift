// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files

/// The arrays of an `.npz` file: a zip archive of uncompressed `.npy` files.
///
/// Sources: numpy `lib/format.py` (format versions 1.0 to 3.0); PKWARE APPNOTE 6.3, sections 4.3.7,
/// 4.3.12 and 4.3.16. Only what `numpy.savez` writes is read: stored members, C order,
/// little-endian numbers.
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
  /// - Throws: `InputError` when it is no zip archive or a member is compressed or cut.
  package init(_ bytes: [UInt8], file: String) throws(InputError) {
    self.file = file
    members = try Self.storedMembers(bytes, file: file)
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
    return Array(type: String(type), shape: shape, bytes: elements)
  }

  /// Reads the members of a zip archive by its central directory; all must be stored.
  private static func storedMembers(
    _ bytes: [UInt8], file: String
  ) throws(InputError) -> [String: [UInt8]] {
    // The end record has 22 bytes when no comment follows it, which numpy never writes.
    var end = ByteReader(file: file, bytes: bytes)
    try end.skip(bytes.count - 22, field: "end of central directory")
    guard try end.littleEndian(UInt32.self, field: "end signature") == 0x0605_4B50 else {
      throw InputError(
        file: file, field: "end of central directory", found: "other bytes",
        expected: "a zip archive without a comment")
    }
    try end.skip(6, field: "disk numbers")
    let count = Int(try end.littleEndian(UInt16.self, field: "entry count"))
    try end.skip(4, field: "directory size")
    let start = Int(try end.littleEndian(UInt32.self, field: "directory offset"))
    var directory = ByteReader(file: file, bytes: bytes)
    try directory.skip(start, field: "directory offset")
    var members: [String: [UInt8]] = [:]
    for _ in 0..<count {
      let (name, content) = try storedMember(&directory, file: file)
      members[name] = content
    }
    return members
  }

  /// Reads one entry of the central directory and the bytes it points to.
  private static func storedMember(
    _ directory: inout ByteReader, file: String
  ) throws(InputError) -> (String, [UInt8]) {
    guard try directory.littleEndian(UInt32.self, field: "entry signature") == 0x0201_4B50 else {
      throw InputError(
        file: file, field: "entry signature", found: "other bytes", expected: "a zip entry")
    }
    try directory.skip(6, field: "entry versions")
    let method = try directory.littleEndian(UInt16.self, field: "entry method")
    try directory.skip(12, field: "entry times")
    let size = Int(try directory.littleEndian(UInt32.self, field: "entry size"))
    let nameSize = Int(try directory.littleEndian(UInt16.self, field: "entry name length"))
    let extraSize = Int(try directory.littleEndian(UInt16.self, field: "entry extra length"))
    let commentSize = Int(try directory.littleEndian(UInt16.self, field: "entry comment length"))
    try directory.skip(8, field: "entry attributes")
    let offset = Int(try directory.littleEndian(UInt32.self, field: "entry offset"))
    let name = String(decoding: try directory.take(nameSize, field: "entry name"), as: UTF8.self)
    try directory.skip(extraSize + commentSize, field: "entry extra")
    guard method == 0 else {
      throw InputError(
        file: file, field: name, found: "compression method \(method)",
        expected: "a stored member, as numpy.savez writes")
    }
    // The local header repeats the name, and its extra field has a length of its own.
    var local = ByteReader(file: file, bytes: directory.bytes)
    try local.skip(offset + 26, field: "\(name) local header")
    let localNameSize = Int(try local.littleEndian(UInt16.self, field: "\(name) local header"))
    let localExtraSize = Int(try local.littleEndian(UInt16.self, field: "\(name) local header"))
    try local.skip(localNameSize + localExtraSize, field: "\(name) local header")
    return (name, try local.take(size, field: name))
  }
}
