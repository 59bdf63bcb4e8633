// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ImageFiles
import Images
import Testing

@Suite struct `OpenEXR files` {
  @Test func `hold each channel of each line, in the order of the names`() throws {
    // Two columns, two rows, three components; the values say row, column, component.
    let values: [Float] = [0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112]
    let bytes = OpenEXR.encode(values, width: 2, names: ["R", "G", "B"])
    #expect(Array(bytes[..<8]) == [0x76, 0x2F, 0x31, 0x01, 2, 0, 0, 0])
    let header = String(decoding: bytes[8..<60], as: UTF8.self)
    #expect(header.hasPrefix("channels\0chlist\0"))
    // A line: y, the bytes of six floats, then B, G and R of both columns.
    let lineSize = 8 + 6 * 4
    let lines = (0..<2).map { bytes.count - (2 - $0) * lineSize }
    for (y, line) in lines.enumerated() {
      #expect(word(bytes, at: line) == UInt32(y))
      #expect(word(bytes, at: line + 4) == 24)
      let found = (0..<6).map { Float(bitPattern: word(bytes, at: line + 8 + 4 * $0)) }
      let first = Float(100 * y)
      #expect(found == [first + 2, first + 12, first + 1, first + 11, first, first + 10])
    }
    // The table of offsets ends where the lines begin.
    #expect(word(bytes, at: lines[0] - 16) == UInt32(lines[0]))
    #expect(word(bytes, at: lines[0] - 8) == UInt32(lines[1]))
  }

  @Test func `hold identifiers to the last bit`() {
    let image = LabelImage(width: 1, height: 1, ids: [0xFFFF_FFFE])
    let bytes = OpenEXR.encode(image, name: "id")
    #expect(word(bytes, at: bytes.count - 4) == 0xFFFF_FFFE)
    // The type UINT is 0, FLOAT would be 2.
    let name = Array("chlist".utf8).count
    #expect(bytes[8 + 9 + name + 1 + 4 + 3] == 0)
  }

  private func word(_ bytes: [UInt8], at place: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << (8 * UInt32($1)) }
  }
}
