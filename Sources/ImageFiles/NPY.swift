// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// Arrays as NPY files, NumPy's own format, byte for byte as `numpy.save` writes them.
///
///     offset   bytes   content
///     0        6       0x93, then "NUMPY"
///     6        2       the version: 1, 0
///     8        2       H, the bytes of the header, little-endian; 10 + H is a multiple of 64
///     10       H       a Python dict as text, spaces, a line feed
///     10 + H           the elements, little-endian, the last axis running fastest
///
/// The dict says the type of an element (`<f4`, `<u4`, `|u1`, `|b1`), that the order is C's, and
/// the shape. After it stand the spaces that NumPy leaves for a longer first axis, then its
/// padding.
///
/// Source: NumPy 2.4, `lib/_format_impl.py`.
package enum NPY {
  /// Encodes floats of a shape as `<f4`.
  package static func encode(_ values: [Float], shape: [Int]) -> [UInt8] {
    encode(values.map(\.bitPattern), shape: shape, type: "<f4")
  }

  /// Encodes whole numbers of a shape as `<u4`.
  package static func encode(_ values: [UInt32], shape: [Int]) -> [UInt8] {
    encode(values, shape: shape, type: "<u4")
  }

  /// Encodes bytes of a shape as `|u1`.
  package static func encode(_ values: [UInt8], shape: [Int]) -> [UInt8] {
    header(type: "|u1", shape: shape, count: values.count) + values
  }

  /// Encodes truth values of a shape as `|b1`.
  package static func encode(_ values: [Bool], shape: [Int]) -> [UInt8] {
    header(type: "|b1", shape: shape, count: values.count) + values.map { $0 ? 1 : 0 }
  }

  private static func encode(_ words: [UInt32], shape: [Int], type: String) -> [UInt8] {
    let bytes = words.map(\.littleEndian)
    return unsafe header(type: type, shape: shape, count: words.count)
      + bytes.withUnsafeBytes { unsafe Array($0) }
  }

  /// NumPy's room for the first axis to grow, digits.
  private static let growingDigits = 21
  /// What the elements' offset is a multiple of, bytes.
  private static let alignment = 64

  private static func header(type: String, shape: [Int], count: Int) -> [UInt8] {
    precondition(!shape.isEmpty && shape.allSatisfy { $0 >= 0 }, "an array has an axis at least")
    precondition(shape.reduce(1, *) == count, "\(count) values have not the shape \(shape)")
    // A Python tuple of one element ends in a comma.
    let axes = shape.count == 1 ? "\(shape[0])," : shape.map { "\($0)" }.joined(separator: ", ")
    var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(axes)), }"
    text += String(repeating: " ", count: growingDigits - "\(shape[0])".utf8.count)
    let start: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    let used = start.count + 2 + text.utf8.count + 1
    text += String(repeating: " ", count: alignment - used % alignment) + "\n"
    let size = UInt16(text.utf8.count)
    return start + [UInt8(size & 0xFF), UInt8(size >> 8)] + Array(text.utf8)
  }
}
