// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Testing

@Suite struct `Byte reader` {
  @Test func `reads little-endian numbers one after the other`() throws {
    var reader = ByteReader(
      file: "f", bytes: [1, 2, 1, 0xff, 0xff, 0xff, 0xff, 0, 0, 0x80, 0x3f, 9, 8, 7])
    #expect(try reader.littleEndian(UInt8.self, field: "a") == 1)
    #expect(try reader.littleEndian(UInt16.self, field: "b") == 0x0102)
    #expect(try reader.littleEndian(Int32.self, field: "c") == -1)
    #expect(try reader.float(field: "d") == 1)
    #expect(reader.offset == 11 && reader.remaining == 3)
    try reader.skip(1, field: "e")
    #expect(try reader.take(2, field: "f") == [8, 7])
    #expect(try reader.take(0, field: "g") == [])
  }

  @Test func `says what is missing and stays where it was`() {
    var reader = ByteReader(file: "scene.spz", bytes: [1, 2, 3])
    let expected = InputError(
      file: "scene.spz", field: "numPoints", found: "3 bytes left at offset 0",
      expected: "4 bytes")
    #expect(throws: expected) { try reader.littleEndian(UInt32.self, field: "numPoints") }
    #expect(throws: InputError.self) { try reader.take(4, field: "x") }
    #expect(throws: InputError.self) { try reader.skip(4, field: "x") }
    #expect(reader.offset == 0)
  }

  @Test func `refuses absurd counts without adding them up`() {
    let reader = ByteReader(file: "f", bytes: [1])
    #expect(throws: InputError.self) { try reader.require(.max, for: "x") }
    #expect(throws: InputError.self) { try reader.require(-1, for: "x") }
  }

  @Test func `prints one line with file, field, found and expected`() {
    let error = InputError(file: "a.ply", field: "line 3", found: "x", expected: "y")
    #expect("\(error)" == "a.ply: line 3: found x, expected y")
  }
}
