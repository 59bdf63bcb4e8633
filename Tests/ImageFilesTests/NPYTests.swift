// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ImageFiles
import Testing

@Suite struct `NPY files` {
  @Test func `have the header that NumPy writes`() {
    let bytes = NPY.encode([1, -2.5] as [Float], shape: [1, 2])
    // What `numpy.save` wrote for the same array, version 2.4.6.
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }"
    #expect(bytes.count == 128 + 8)
    #expect(Array(bytes[..<10]) == [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0])
    #expect(
      String(decoding: bytes[10..<128], as: UTF8.self)
        == header + String(repeating: " ", count: 118 - header.utf8.count - 1) + "\n")
    #expect(Array(bytes[128...]) == [0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0])
  }

  @Test(arguments: [[0], [5], [480, 640], [1080, 1920, 3], [123_456_789, 0]])
  func `begin their elements at a multiple of 64`(shape: [Int]) {
    let count = shape.reduce(1, *)
    let bytes = NPY.encode([UInt8](repeating: 7, count: count), shape: shape)
    let header = Int(bytes[8]) | Int(bytes[9]) << 8
    #expect((10 + header) % 64 == 0)
    #expect(bytes.count == 10 + header + count)
    #expect(bytes[9 + header] == UInt8(ascii: "\n"))
  }

  @Test func `hold whole numbers, bytes and truth values`() {
    let words = NPY.encode([1, 0xFFFF_FFFE] as [UInt32], shape: [2])
    #expect(Array(words.suffix(8)) == [1, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF])
    #expect(String(decoding: words, as: UTF8.self).contains("'<u4', 'fortran_order': False"))
    #expect(String(decoding: words, as: UTF8.self).contains("'shape': (2,), }"))
    let truths = NPY.encode([true, false, true], shape: [3])
    #expect(Array(truths.suffix(3)) == [1, 0, 1])
    #expect(String(decoding: truths, as: UTF8.self).contains("'|b1'"))
  }
}
