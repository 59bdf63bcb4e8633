// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Testing

@testable import Datasets

/// A schema with every shape that a LeRobot dataset holds, and two row groups of it.
private enum Sample {
  static let image: ParquetNode = .group([
    ParquetField("bytes", .leaf(.binary)), ParquetField("path", .leaf(.string)),
  ])
  static let fields = [
    ParquetField("flag", .leaf(.bool)),
    ParquetField("small", .leaf(.int32), isOptional: false),
    ParquetField("index", .leaf(.int64)),
    ParquetField("timestamp", .leaf(.float)),
    ParquetField("seconds", .leaf(.double)),
    ParquetField("observation.state", .list(.leaf(.float))),
    ParquetField("tasks", .list(.leaf(.string))),
    ParquetField("stats/image/min", .list(.list(.list(.leaf(.double))))),
    ParquetField("depth", image),
    ParquetField("counts", .list(.leaf(.int64)), isOptional: false),
  ]

  static let first: [ParquetColumn] = [
    ParquetColumn(.bool([true, false, true])),
    ParquetColumn(.int32([1, -2, .max])),
    ParquetColumn(.int64([0, .min, 5]), listLengths: [], isNull: [false, false, false]),
    ParquetColumn(.float([0, 1.0 / 30, -1])),
    ParquetColumn(.double([0.1, 1e300, -0])),
    ParquetColumn(.float([1, 2, 3, 4, 5, 6]), rowShape: [2]),
    ParquetColumn(.string(["pick", "the cup", "gräbt"]), listLengths: [[2, 0, 1]]),
    ParquetColumn(.double([1, 2, 3, 4, 5, 6, 7, 8, 9]), rowShape: [3, 1, 1]),
    ParquetColumn(.binary([[1, 2], [], [3]])),
    ParquetColumn(.string(["a.png", "", "c.png"])),
    ParquetColumn(.int64([7, 8]), listLengths: [[0, 2, 0]]),
  ]

  static let second: [ParquetColumn] = [
    ParquetColumn(.bool([false])),
    ParquetColumn(.int32([0])),
    ParquetColumn(.int64([9])),
    ParquetColumn(.float([2])),
    ParquetColumn(.double([3])),
    ParquetColumn(.float([7, 8]), rowShape: [2]),
    ParquetColumn(.string(["x"]), rowShape: [1]),
    ParquetColumn(.double([1, 2, 3]), rowShape: [3, 1, 1]),
    ParquetColumn(.binary([[4]])),
    ParquetColumn(.string(["d.png"])),
    ParquetColumn(.int64([1]), rowShape: [1]),
  ]

  static let bytes = ParquetWriter.file(
    fields: fields, keyValues: [("pandas", "{}"), ("huggingface", "{\"info\": 1}")],
    groups: [first, second])
}

@Suite struct `Parquet files` {
  @Test func `read back as they were written`() throws {
    let reader = try ParquetReader(file: "sample", bytes: Sample.bytes)
    #expect(reader.rowCount == 4)
    #expect(reader.rowGroupRowCounts == [3, 1])
    #expect(reader.keyValues.map(\.key) == ["pandas", "huggingface"])
    #expect(reader.leaves[8].path == ["depth", "bytes"])
    for index in reader.leaves.indices {
      var expected = Sample.first[index]
      expected.isNull = []
      #expect(try reader.column(leaf: index, rowGroup: 0) == expected)
      #expect(try reader.column(leaf: index, rowGroup: 1) == Sample.second[index])
    }
    #expect(try reader.column("timestamp").values == .float([0, 1.0 / 30, -1, 2]))
  }

  @Test func `keep which values are missing`() throws {
    let fields = [ParquetField("a", .leaf(.int64)), ParquetField("b", .list(.leaf(.float)))]
    let columns = [
      ParquetColumn(.int64([1, 0, 3]), listLengths: [], isNull: [false, true, false]),
      ParquetColumn(.float([0, 2]), listLengths: [[1, 0, 1]], isNull: [true, false]),
    ]
    let reader = try ParquetReader(
      file: "nulls", bytes: ParquetWriter.file(fields: fields, groups: [columns]))
    #expect(try reader.column("a") == columns[0])
    let list = try reader.column("b")
    #expect(list.isNull == [true, false])
    #expect(list.listLengths == [[1, 0, 1]])
  }

  @Test func `without rows have columns without values`() throws {
    let bytes = ParquetWriter.file(fields: Sample.fields, groups: [])
    let reader = try ParquetReader(file: "empty", bytes: bytes)
    #expect(reader.rowCount == 0)
    #expect(try reader.column("observation.state").values == .float([]))
  }

  @Test func `are refused wherever they are cut`() {
    for count in stride(from: 0, to: Sample.bytes.count, by: 7) {
      #expect(throws: InputError.self, "cut at \(count)") {
        _ = try ParquetReader(file: "cut", bytes: Array(Sample.bytes.prefix(count)))
      }
    }
  }

  @Test func `with a damaged byte give values or an error and never a crash`() {
    for index in stride(from: 4, to: Sample.bytes.count, by: 7) {
      for flip: UInt8 in [0x01, 0x80, 0xFF] {
        var bytes = Sample.bytes
        bytes[index] ^= flip
        guard let reader = try? ParquetReader(file: "damaged", bytes: bytes) else { continue }
        for leaf in reader.leaves.indices {
          let column = try? reader.column(leaf: leaf)
          #expect(column == nil || column?.rowCount == reader.rowCount)
        }
      }
    }
  }
}

@Suite struct `Parquet level runs` {
  @Test func `decode to what was encoded`() throws {
    // Runs of every length around the group of eight, then a ragged tail.
    var values: [UInt8] = []
    for length in 1...20 { values += Array(repeating: UInt8(length % 4), count: length) }
    values += [3, 1, 2]
    for count in 0...values.count {
      let head = Array(values.prefix(count))
      let bytes = ParquetHybrid.encode(head, bitWidth: 2)
      let decoded = try ParquetHybrid.decode(
        bytes, in: 0..<bytes.count, bitWidth: 2, count: count, file: "runs")
      #expect(decoded.map { UInt8($0) } == head)
    }
  }

  @Test func `match the example of the format's own document`() throws {
    // Encodings.md: the numbers 0 to 7 in three bits are packed as 88 C6 FA.
    let values: [UInt8] = [0, 1, 2, 3, 4, 5, 6, 7]
    #expect(ParquetHybrid.encode(values, bitWidth: 3) == [0x03, 0x88, 0xC6, 0xFA])
  }
}

@Suite struct `Snappy blocks` {
  private func decompress(_ bytes: [UInt8], _ count: Int) throws(InputError) -> String {
    let output = try Snappy.decompress(
      bytes, in: 0..<bytes.count, byteCount: count, file: "block")
    return String(decoding: output, as: UTF8.self)
  }

  @Test func `hold literals and overlapping copies`() throws {
    // Length 9, literal "ab" (tag (2 - 1) << 2), copy of 7 from 2 back (tag (7 - 4) << 2 | 1).
    #expect(try decompress([9, 0x04, 0x61, 0x62, 0x0D, 0x02], 9) == "ababababa")
  }

  @Test func `that reach outside are refused`() {
    // A copy from before the start, a literal past the end, a wrong length, and a length that the
    // few bytes could never fill.
    for (bytes, count): ([UInt8], Int) in [
      ([4, 0x01, 0x05], 4), ([4, 0x0C, 0x61], 4), ([3, 0x00, 0x61], 3),
      ([0xFF, 0xFF, 0xFF, 0x7F, 0x00], 0xFFF_FFFF), ([], 0),
    ] {
      #expect(throws: InputError.self) { _ = try decompress(bytes, count) }
    }
  }
}
