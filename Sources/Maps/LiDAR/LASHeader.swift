// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files

/// What the head of a LAS or LAZ file says, checked against the file's size.
///
/// Source: ASPRS, "LAS Specification 1.4 - R15", tables 2 to 4; LAZ adds a record of its own.
package struct LASHeader: Equatable, Sendable {
  /// The number of points.
  package var pointCount = 0
  /// The format of a point, 0...10.
  package var pointFormat = 0
  /// Whether points have colours.
  package var hasColour: Bool { [2, 3, 5, 7, 8, 10].contains(pointFormat) }
  /// The coordinate system in PROJ's words; nil where the file does not say it.
  package var coordinateSystem: String?
  /// The metres of a unit of height, where the file says it apart from the system.
  package var metresPerHeightUnit: Double?
  /// The step of the coordinates.
  package var scale = SIMD3<Double>.zero
  /// Where coordinates count from.
  package var offset = SIMD3<Double>.zero
  /// The lowest coordinates of all points, as the file says.
  package var low = SIMD3<Double>.zero
  /// The highest coordinates of all points, as the file says.
  package var high = SIMD3<Double>.zero

  /// An empty survey without a place.
  init() {}

  /// The bytes of a point of each format.
  private static let pointSizes = [20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67]
  /// The smallest header, that of LAS 1.0 to 1.2.
  private static let leastSize = 227
  /// The most bytes before the first point that are read: records of a coordinate system are small.
  private static let headLimit = 1 << 24
  /// The most records; real files have a dozen.
  private static let recordLimit = 4096

  /// Reads the head.
  ///
  /// - Parameters:
  ///   - bytes: the file from its start on, up to the first point at least.
  ///   - fileSize: the size of the whole file, bytes.
  ///   - file: the name used in errors.
  /// - Throws: `InputError` for anything but LAS 1.0 to 1.4 and LAZ, and for a head that says more
  ///   than the file can hold.
  package init(_ bytes: [UInt8], fileSize: Int, file: String) throws(InputError) {
    func fail(_ field: String, _ found: String, _ expected: String) -> InputError {
      InputError(file: file, field: field, found: found, expected: expected)
    }
    var reader = ByteReader(file: file, bytes: bytes)
    let magic = try reader.take(4, field: "signature")
    guard magic == Array("LASF".utf8) else { throw fail("signature", "\(magic)", "\"LASF\"") }
    try reader.skip(20, field: "header")
    let major = try reader.littleEndian(UInt8.self, field: "version")
    let minor = try reader.littleEndian(UInt8.self, field: "version")
    guard major == 1, minor <= 4 else {
      throw fail("version", "\(major).\(minor)", "1.0 to 1.4")
    }
    try reader.skip(68, field: "header")
    let headerSize = Int(try reader.littleEndian(UInt16.self, field: "header size"))
    let pointOffset = Int(try reader.littleEndian(UInt32.self, field: "offset to points"))
    let recordCount = Int(try reader.littleEndian(UInt32.self, field: "records"))
    let format = try reader.littleEndian(UInt8.self, field: "point format")
    let pointSize = Int(try reader.littleEndian(UInt16.self, field: "point size"))
    pointCount = Int(try reader.littleEndian(UInt32.self, field: "points"))
    try reader.skip(20, field: "header")
    var numbers: [Double] = []
    for _ in 0..<12 {
      numbers.append(
        Double(bitPattern: try reader.littleEndian(UInt64.self, field: "scale and offset")))
    }
    scale = SIMD3(numbers[0], numbers[1], numbers[2])
    offset = SIMD3(numbers[3], numbers[4], numbers[5])
    low = SIMD3(numbers[7], numbers[9], numbers[11])
    high = SIMD3(numbers[6], numbers[8], numbers[10])
    guard headerSize >= (minor == 4 ? 375 : Self.leastSize), pointOffset >= headerSize,
      pointOffset <= min(fileSize, Self.headLimit)
    else {
      throw fail(
        "offset to points", "\(pointOffset) after a header of \(headerSize)",
        "a place in the file of \(fileSize) bytes")
    }
    guard all(scale .> 0), all(scale .< 1e6), all(offset .> -1e12), all(offset .< 1e12) else {
      throw fail("scale and offset", "\(scale), \(offset)", "positive steps and finite offsets")
    }
    guard all(low .> -1e13), all(high .< 1e13), pointCount == 0 || all(low .<= high) else {
      throw fail("bounds", "\(low) to \(high)", "finite ones, the lower first")
    }
    pointFormat = Int(format & 0x3F)
    guard pointFormat < Self.pointSizes.count, pointSize >= Self.pointSizes[pointFormat] else {
      throw fail(
        "point format", "\(pointFormat) of \(pointSize) bytes", "0 to 10 of their bytes or more")
    }
    if minor == 4 {
      // Counts past 32 bits have a field of their own; the old one is then zero.
      var tail = ByteReader(file: file, bytes: bytes)
      try tail.skip(247, field: "points")
      let count = try tail.littleEndian(UInt64.self, field: "points")
      guard count < UInt64(Int64.max) else { throw fail("points", "\(count)", "fewer") }
      pointCount = Int(count)
    }
    let records = try Self.records(
      bytes, from: headerSize, count: recordCount, end: pointOffset, file: file)
    readSystem(records)
    let isCompressed = format & 0x80 != 0
    try checkCount(
      isCompressed ? records.laszip : nil, pointSize: pointSize, room: fileSize - pointOffset,
      file: file)
  }

  /// Throws unless the file has room for its points.
  private func checkCount(
    _ laszip: [UInt8]?, pointSize: Int, room: Int, file: String
  ) throws(InputError) {
    var most = room / pointSize
    if let laszip {
      // Each chunk begins with a point that is not compressed.
      var chunk = 50_000
      if laszip.count >= 16 {
        let stated = laszip[12..<16].reversed().reduce(0) { $0 << 8 | Int($1) }
        chunk = stated == Int(UInt32.max) ? chunk : max(1, stated)
      }
      let (product, overflow) = most.multipliedReportingOverflow(by: chunk)
      most = overflow ? .max : product + chunk
    }
    guard pointCount <= most else {
      throw InputError(
        file: file, field: "points", found: "\(pointCount)",
        expected: "at most \(most), for which \(room) bytes have room")
    }
  }

  private mutating func readSystem(_ records: Records) {
    let keys = GeoKeys(directory: records.directory, doubles: records.doubles)
    coordinateSystem = records.wkt ?? keys.definition
    metresPerHeightUnit = keys.metresPerHeightUnit
  }
}

/// The records of a file that say something of use.
private struct Records {
  var wkt: String?
  var directory: [UInt16] = []
  var doubles: [Double] = []
  var laszip: [UInt8] = []
}

extension LASHeader {
  private static func records(
    _ bytes: [UInt8], from start: Int, count: Int, end: Int, file: String
  ) throws(InputError) -> Records {
    guard count <= recordLimit, count * 54 <= end - start else {
      throw InputError(
        file: file, field: "records", found: "\(count)",
        expected: "at most \(recordLimit), before the points at \(end)")
    }
    var reader = ByteReader(file: file, bytes: bytes)
    try reader.skip(start, field: "records")
    var records = Records()
    for _ in 0..<count {
      try reader.skip(2, field: "record")
      let owner = text(try reader.take(16, field: "record's owner"))
      let number = try reader.littleEndian(UInt16.self, field: "record's number")
      let size = Int(try reader.littleEndian(UInt16.self, field: "record's size"))
      try reader.skip(32, field: "record")
      let content = try reader.take(size, field: "record \(number)")
      switch (owner, number) {
      case ("LASF_Projection", 2112): records.wkt = text(content)
      // Older writers of libLAS put it under their own name, beside keys that are less exact.
      case ("liblas", 2112) where records.wkt == nil: records.wkt = text(content)
      case ("LASF_Projection", 34_735):
        records.directory = stride(from: 0, to: size - 1, by: 2).map {
          UInt16(content[$0]) | UInt16(content[$0 + 1]) << 8
        }
      case ("LASF_Projection", 34_736):
        records.doubles = stride(from: 0, to: size - 7, by: 8).map { place in
          Double(
            bitPattern: content[place..<place + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) })
        }
      case ("laszip encoded", 22_204): records.laszip = content
      default: break
      }
    }
    return records
  }

  /// Text up to its first zero byte.
  private static func text(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
