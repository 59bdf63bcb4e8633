// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

extension PLYHeader {
  /// Returns the offset of each element's first row in a file with a binary body.
  ///
  /// - Throws: `InputError` unless the rows of all elements end exactly where the file ends.
  func rowOffsets(in bytes: [UInt8], file: String) throws(InputError) -> [Int] {
    var offsets: [Int] = []
    var offset = byteCount
    for element in elements {
      offsets.append(offset)
      guard let end = self.end(of: element, from: offset, in: bytes) else {
        throw InputError(
          file: file, field: "element \(element.name)", found: "\(element.count) rows",
          expected: "what fits the \(bytes.count - offset) bytes that are left")
      }
      offset = end
    }
    guard offset == bytes.count else {
      throw InputError(
        file: file, field: "body", found: "\(bytes.count - offset) bytes after the last element",
        expected: "the end of the file")
    }
    return offsets
  }

  /// Returns the offset after an element's rows, or nil where the file is too short for them.
  private func end(of element: Element, from start: Int, in bytes: [UInt8]) -> Int? {
    guard element.hasList else {
      let (size, overflow) = element.count.multipliedReportingOverflow(by: element.rowByteCount)
      return !overflow && size <= bytes.count - start ? start + size : nil
    }
    var offset = start
    for _ in 0..<element.count {
      for property in element.properties {
        if let lengthScalar = property.lengthScalar {
          guard let length = integer(lengthScalar, at: offset, in: bytes) else { return nil }
          offset += lengthScalar.byteCount + length * property.scalar.byteCount
        } else {
          offset += property.scalar.byteCount
        }
      }
      guard offset <= bytes.count else { return nil }
    }
    return offset
  }

  /// Returns an integer of at most four bytes, or nil where it is negative or not all there.
  private func integer(_ scalar: Scalar, at offset: Int, in bytes: [UInt8]) -> Int? {
    guard offset <= bytes.count - scalar.byteCount else { return nil }
    let parts = bytes[offset..<offset + scalar.byteCount]
    let bigEndian = encoding == .bigEndian ? Array(parts) : parts.reversed()
    guard bigEndian[0] < 0x80 || scalar.isSigned != true else { return nil }
    return bigEndian.reduce(0) { $0 << 8 | Int($1) }
  }
}
