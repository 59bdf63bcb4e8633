// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// The bytes in which a worker hands points to the process that started it.
///
///     4 B   magic, "DLAS"
///     u64   points of the file
///     u32   point format
///     f64   scale, offset, lowest and highest coordinates (3 each)
///     f64   metres of a unit of height, 0 where it is not said
///     u32   bytes of the coordinate system (c), then they, UTF-8; 0 where it is not said
///     u32   points (n)
///     then for each point:
///     i32   coordinates (3)
///     u16   intensity, red, green, blue
///     u8    class, 1 for a last return
///
/// All little-endian. Never stored: both ends are the same executable.
enum SurveyStream {
  private static let magic = Array("DLAS".utf8)
  private static let recordSize = 22

  static func encode(_ slice: SurveySlice) -> [UInt8] {
    let header = slice.header
    var bytes = magic
    bytes.reserveCapacity(256 + slice.records.count * recordSize)
    append(UInt64(header.pointCount), to: &bytes)
    append(UInt32(header.pointFormat), to: &bytes)
    for vector in [header.scale, header.offset, header.low, header.high] {
      for axis in 0..<3 { append(vector[axis].bitPattern, to: &bytes) }
    }
    append((header.metresPerHeightUnit ?? 0).bitPattern, to: &bytes)
    let system = Array((header.coordinateSystem ?? "").utf8)
    append(UInt32(system.count), to: &bytes)
    bytes += system
    append(UInt32(slice.records.count), to: &bytes)
    for record in slice.records {
      for axis in 0..<3 { append(UInt32(bitPattern: record.steps[axis]), to: &bytes) }
      append(record.intensity, to: &bytes)
      for channel in 0..<3 { append(record.colour[channel], to: &bytes) }
      bytes.append(record.code)
      bytes.append(record.isLastReturn ? 1 : 0)
    }
    return bytes
  }

  /// Decodes bytes from a process that may have been taken over by a hostile survey.
  static func decode(_ bytes: [UInt8], file: String) throws(InputError) -> SurveySlice {
    var reader = ByteReader(file: file, bytes: bytes)
    guard try reader.take(4, field: "worker.magic") == magic else {
      throw InputError(
        file: file, field: "worker.magic", found: "other bytes", expected: "a stream of points")
    }
    var header = LASHeader()
    let pointCount = try reader.littleEndian(UInt64.self, field: "worker.points")
    header.pointFormat = Int(try reader.littleEndian(UInt32.self, field: "worker.format"))
    var numbers: [Double] = []
    for _ in 0..<13 {
      numbers.append(
        Double(bitPattern: try reader.littleEndian(UInt64.self, field: "worker.numbers")))
    }
    guard pointCount < 1 << 48, numbers.allSatisfy({ abs($0) < 1e13 }) else {
      throw InputError(
        file: file, field: "worker.numbers", found: "\(pointCount), \(numbers)",
        expected: "those of a survey")
    }
    header.pointCount = Int(pointCount)
    header.scale = SIMD3(numbers[0], numbers[1], numbers[2])
    header.offset = SIMD3(numbers[3], numbers[4], numbers[5])
    header.low = SIMD3(numbers[6], numbers[7], numbers[8])
    header.high = SIMD3(numbers[9], numbers[10], numbers[11])
    header.metresPerHeightUnit = numbers[12] > 0 ? numbers[12] : nil
    let systemSize = Int(try reader.littleEndian(UInt32.self, field: "worker.system"))
    if systemSize > 0 {
      header.coordinateSystem = String(
        decoding: try reader.take(systemSize, field: "worker.system"), as: UTF8.self)
    }
    let count = Int(try reader.littleEndian(UInt32.self, field: "worker.count"))
    guard reader.remaining == count * recordSize else {
      throw InputError(
        file: file, field: "worker.points", found: "\(reader.remaining) bytes",
        expected: "\(count * recordSize)")
    }
    var records: [SurveyRecord] = []
    records.reserveCapacity(count)
    let start = reader.offset
    for index in 0..<count {
      records.append(record(bytes, at: start + index * recordSize))
    }
    return SurveySlice(header: header, records: records)
  }

  private static func record(_ bytes: [UInt8], at place: Int) -> SurveyRecord {
    func word(_ offset: Int) -> UInt16 {
      UInt16(bytes[place + offset]) | UInt16(bytes[place + offset + 1]) << 8
    }
    func step(_ offset: Int) -> Int32 {
      Int32(bitPattern: UInt32(word(offset)) | UInt32(word(offset + 2)) << 16)
    }
    return SurveyRecord(
      steps: SIMD3(step(0), step(4), step(8)), code: bytes[place + 20],
      isLastReturn: bytes[place + 21] == 1, intensity: word(12),
      colour: SIMD3(word(14), word(16), word(18)))
  }

  private static func append<Value: FixedWidthInteger>(_ value: Value, to bytes: inout [UInt8]) {
    var rest = value
    for _ in 0..<Value.bitWidth / 8 {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest = rest >> 8
    }
  }
}
