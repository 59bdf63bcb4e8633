// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Splats
import Testing

@testable import SplatFormats

/// One splat of degree 1 at (1, -2, 0.5) in SPZ's axes, a quarter turn about z, without a header.
private func sections(version: Int) -> [[UInt8]] {
  [
    version == 1
      ? [0x00, 0x3C, 0x00, 0xC0, 0x00, 0x38]  // half floats
      : [0x00, 0x10, 0x00, 0x00, 0xE0, 0xFF, 0x00, 0x08, 0x00],  // 4096, -8192, 2048
    [255],
    [255, 0, 128],
    [160, 176, 144],
    // z and w are sqrt(1/2): byte 127.5 z + 127.5 = 218, or w largest (3) and z's magnitude 511.
    version < 3 ? [128, 128, 218] : [0xFF, 0x01, 0x00, 0xC0],
    [136, 128, 128, 128, 144, 128, 128, 128, 120],
  ]
}

private func shortHeader(version: UInt32, count: UInt32 = 1, degree: UInt8 = 1) -> Bytes {
  var header = Bytes()
  header.text("NGSP")
  header.integers([version, count])
  header.bytes += [degree, 12, 1, 0]
  return header
}

private func spz4(extensions: [UInt8] = [], flags: UInt8? = nil) -> [UInt8] {
  var file = shortHeader(version: 4)
  file.bytes[14] = flags ?? (extensions.isEmpty ? 1 : 3)
  file.bytes[15] = 6
  file.integers([UInt32(32 + extensions.count)])
  file.bytes += [UInt8](repeating: 0, count: 12) + extensions
  let streams = sections(version: 4).map { Zstandard.compress($0.span) }
  for (stream, section) in zip(streams, sections(version: 4)) {
    file.integers([UInt64(stream.count), UInt64(section.count)])
  }
  return streams.reduce(file.bytes, +)
}

private func file(
  version: Int, extensions: [UInt8] = [], flags: UInt8? = nil
) -> [UInt8] {
  if version == 4 { return spz4(extensions: extensions, flags: flags) }
  var header = shortHeader(version: UInt32(version))
  header.bytes[14] = flags ?? (extensions.isEmpty ? 1 : 3)
  let plain = sections(version: version).reduce(header.bytes, +) + extensions
  return Zlib.compress(plain.span, container: .gzip)
}

/// One extension record.
private func record(_ type: UInt32, _ payload: [UInt8]) -> [UInt8] {
  var bytes = Bytes()
  bytes.integers([type, UInt32(payload.count)])
  return bytes.bytes + payload
}

/// Adobe's record of the axes that are stored, numbered as in nianticlabs/spz `splat-types.h`.
private func coordinateSystem(_ number: UInt32) -> [UInt8] {
  var payload = Bytes()
  payload.integers([number])
  return record(0xADBE_0003, payload.bytes)
}

@Suite struct `SPZ reader` {
  @Test(arguments: 1...4) func `turns a splat into PLY's axes`(version: Int) throws {
    let (cloud, report) = try SplatFile.parse(file(version: version), file: "a.spz")
    #expect(cloud.count == 1 && cloud.shDegree == 1)
    // y and z change sign.
    #expect(cloud.positions == [SIMD3(1, 2, -0.5)])
    #expect(cloud.opacityLogits == [SplatCloud.opaqueLogit])
    #expect(cloud.logScales == [SIMD3(0, 1, -1)])
    // 0.5 / 0.15 = 10/3; 128/255 - 0.5 = 1/510.
    #expect(length(cloud.sh0[0] - SIMD3(10.0 / 3, -10.0 / 3, 1 / 76.5)) < 1e-5)
    // About z forward a quarter turn runs the other way. 0.005: half a step of 1/127.5.
    let half = Float(0.5).squareRoot()
    #expect(abs(cloud.rotations[0].w - half) < 0.005 && abs(cloud.rotations[0].z + half) < 0.005)
    // Degree 1 is y, z, x: the first two change sign.
    #expect(cloud.shRest == [-0.0625, 0, 0, 0, -0.125, 0, 0, 0, -0.0625])
    var expected = SplatImportReport(container: "SPZ \(version)")
    expected.storedCount = 1
    expected.antialiased = true
    #expect(report == expected)
  }

  @Test(arguments: 1...4) func `names the extensions that it skips`(version: Int) throws {
    let records = record(0xADBE_0002, [1, 2, 3]) + record(7, [])
    let bytes = file(version: version, extensions: records)
    let (cloud, report) = try SplatFile.parse(bytes, file: "a.spz")
    #expect(cloud.positions == [SIMD3(1, 2, -0.5)])
    #expect(report.skipped == ["SPZ extension 0xadbe0002", "SPZ extension 0x7"])
  }

  // 0 is unspecified, which means SPZ's own; 4 is right-up-back, SPZ's own.
  @Test(arguments: 1...4, [0, 4] as [UInt32])
  func `turns what an extension says is in SPZ's axes`(version: Int, number: UInt32) throws {
    let bytes = file(version: version, extensions: coordinateSystem(number))
    let (cloud, report) = try SplatFile.parse(bytes, file: "a.spz")
    #expect(try cloud == SplatFile.parse(file(version: version), file: "a.spz").cloud)
    #expect(report.skipped.isEmpty)
  }

  @Test(arguments: 1...4) func `takes what an extension says is in PLY's axes as it is`(
    version: Int
  ) throws {
    // 6 is right-down-forward; a record before it is skipped.
    let records = record(0xADBE_0002, [1]) + coordinateSystem(6)
    let bytes = file(version: version, extensions: records)
    let (cloud, report) = try SplatFile.parse(bytes, file: "a.spz")
    #expect(cloud.positions == [SIMD3(1, -2, 0.5)])
    let half = Float(0.5).squareRoot()
    #expect(abs(cloud.rotations[0].w - half) < 0.005 && abs(cloud.rotations[0].z - half) < 0.005)
    #expect(cloud.shRest == [0.0625, 0, 0, 0, 0.125, 0, 0, 0, -0.0625])
    // What has no axes is as ever.
    #expect(cloud.opacityLogits == [SplatCloud.opaqueLogit])
    #expect(cloud.logScales == [SIMD3(0, 1, -1)])
    #expect(report.skipped == ["SPZ extension 0xadbe0002"])
  }

  // 7 is glTF's left-up-forward; 16 is right-back-up, in another order of axes; 17 is nothing.
  @Test(arguments: 1...4, [1, 5, 7, 16, 17, 0xFFFF_FFFF] as [UInt32])
  func `refuses axes that it cannot turn`(version: Int, number: UInt32) {
    let bytes = file(version: version, extensions: coordinateSystem(number))
    let error = #expect(throws: InputError.self) { try SplatFile.parse(bytes, file: "a.spz") }
    #expect(error?.field == "extension 0xadbe0003")
    #expect(error?.found == "coordinate system \(number)")
  }

  @Test(arguments: 1...4) func `refuses extensions that contradict themselves`(version: Int) {
    let records: [([UInt8], UInt8?, String)] = [
      // Two systems, and systems of the wrong size.
      (coordinateSystem(4) + coordinateSystem(6), nil, "extension 0xadbe0003"),
      (record(0xADBE_0003, [6, 0]), nil, "extension 0xadbe0003"),
      (record(0xADBE_0003, [6, 0, 0, 0, 0]), nil, "extension 0xadbe0003"),
      // A payload that ends early: what is left has one byte too few for its length.
      (Array(record(7, [1, 2]).dropLast()), nil, "extension 0x7"),
      // Records that the header says nothing of.
      (coordinateSystem(6), 1, "header.flags"),
    ]
    for (bytes, flags, field) in records {
      let whole = file(version: version, extensions: bytes, flags: flags)
      let error = #expect(throws: InputError.self) { try SplatFile.parse(whole, file: "a.spz") }
      #expect(error?.field == field, "\(error?.description ?? "read")")
    }
    // Half a record of which not even the length is there.
    #expect(throws: InputError.self) {
      try SplatFile.parse(file(version: version, extensions: [1, 2, 3, 4, 5]), file: "a.spz")
    }
  }

  @Test func `refuses a table of streams that lies behind the file`() {
    var bytes = spz4()
    bytes.replaceSubrange(16..<20, with: [0xFF, 0xFF, 0xFF, 0x7F])
    let error = #expect(throws: InputError.self) { try SplatFile.parse(bytes, file: "a.spz") }
    #expect(error?.field == "header.tocByteOffset")
  }

  @Test(arguments: 1...4) func `refuses bytes that follow the file`(version: Int) {
    let error = #expect(throws: InputError.self) {
      try SplatFile.parse(file(version: version) + [0], file: "a.spz")
    }
    #expect(error?.field == (version < 4 ? "compressed stream" : "streams"))
  }

  @Test func `refuses bytes that follow the sections of a plain file`() throws {
    let plain = sections(version: 3).reduce(shortHeader(version: 3).bytes, +)
    #expect(try SplatFile.parse(plain, file: "a.spz").cloud.count == 1)
    let error = #expect(throws: InputError.self) {
      try SplatFile.parse(plain + [0], file: "a.spz")
    }
    #expect(error?.field == "header.flags")
  }

  @Test func `flips coefficients as their basis functions flip`() {
    // The polynomials of 3DGS's SH basis without their constants, degrees 1 to 4.
    let basis: [(Float, Float, Float) -> Float] = [
      { _, y, _ in y }, { _, _, z in z }, { x, _, _ in x },
      { x, y, _ in x * y }, { _, y, z in y * z }, { x, y, z in 2 * z * z - x * x - y * y },
      { x, _, z in x * z }, { x, y, _ in x * x - y * y },
      { x, y, _ in y * (3 * x * x - y * y) }, { x, y, z in x * y * z },
      { x, y, z in y * (4 * z * z - x * x - y * y) },
      { x, y, z in z * (2 * z * z - 3 * x * x - 3 * y * y) },
      { x, y, z in x * (4 * z * z - x * x - y * y) }, { x, y, z in z * (x * x - y * y) },
      { x, y, _ in x * (x * x - 3 * y * y) },
      { x, y, _ in x * y * (x * x - y * y) }, { x, y, z in y * z * (3 * x * x - y * y) },
      { x, y, z in x * y * (7 * z * z - 1) }, { _, y, z in y * z * (7 * z * z - 3) },
      { _, _, z in 35 * z * z * z * z - 30 * z * z + 3 }, { x, _, z in x * z * (7 * z * z - 3) },
      { x, y, z in (x * x - y * y) * (7 * z * z - 1) },
      { x, y, z in x * z * (x * x - 3 * y * y) },
      { x, y, _ in x * x * (x * x - 3 * y * y) - y * y * (3 * x * x - y * y) },
    ]
    let signs = AxisFlip.rdfFromRUB.coefficientSigns(degree: 4)
    #expect(basis.count == signs.count)
    let (x, y, z): (Float, Float, Float) = (0.3, 0.5, 0.8)
    for (function, sign) in zip(basis, signs) {
      #expect(function(x, -y, -z) == sign * function(x, y, z))
    }
  }
}

@Suite struct `SPZ writer` {
  @Test(arguments: [SplatFile.Format.spz3, .spz4], 0...4)
  func `keeps every value within half a step`(format: SplatFile.Format, shDegree: Int) throws {
    let cloud = seededCloud(count: 30, shDegree: shDegree)
    let bytes = try SplatFile.encode(cloud, as: format, antialiased: true, file: "a.spz")
    let (copy, report) = try SplatFile.parse(bytes, file: "a.spz")
    #expect(copy.count == cloud.count && copy.shDegree == shDegree && report.antialiased)
    func opacity(_ logit: Float) -> Double { 1 / (1 + exp(-Double(logit))) }
    for index in 0..<cloud.count {
      // Steps: 2^-12 m, 1/255, 1/38.25, 1/16; 1 % more for float rounding.
      #expect(largest(copy.positions[index] - cloud.positions[index]) < 0x1p-13 * 1.01)
      let opacityError = opacity(copy.opacityLogits[index]) - opacity(cloud.opacityLogits[index])
      #expect(abs(opacityError) < 0.5 / 255 * 1.01)
      #expect(largest(copy.sh0[index] - cloud.sh0[index]) < 0.5 / 38.25 * 1.01)
      #expect(largest(copy.logScales[index] - cloud.logScales[index]) < 1 / 32 * 1.01)
      // Three parts off by half of sqrt(1/2)/511 and the fourth by at most their sum: 0.0014
      // radians of half angle, whose cosine is 1 - 1e-6.
      let (a, b) = (cloud.rotations[index], copy.rotations[index])
      #expect(abs(a.w * b.w + a.x * b.x + a.y * b.y + a.z * b.z) > 1 - 3e-6)
    }
    let width = max(1, cloud.restCoefficientCount * 3)
    for (place, pair) in zip(cloud.shRest, copy.shRest).enumerated() {
      // Half a bucket of 8/128 or 16/128, and half a step of 1/128 from the first rounding.
      let bound: Float = place % width < 9 ? 4.5 / 128 : 8.5 / 128
      #expect(abs(pair.0 - pair.1) < bound * 1.01)
    }
  }

  @Test(arguments: [SplatFile.Format.spz3, .spz4])
  func `writes what it read to the same bytes`(format: SplatFile.Format) throws {
    let first = try SplatFile.encode(seededCloud(count: 50, shDegree: 3), as: format, file: "a")
    let cloud = try SplatFile.parse(first, file: "a.spz").cloud
    #expect(try SplatFile.encode(cloud, as: format, file: "a") == first)
  }

  @Test func `writes the bytes of the format`() throws {
    var cloud = SplatCloud(shDegree: 1)
    cloud.positions = [SIMD3(1, 2, -0.5)]
    cloud.opacityLogits = [SplatCloud.opaqueLogit]
    cloud.sh0 = [SIMD3(10.0 / 3, -10.0 / 3, 1 / 76.5)]
    cloud.logScales = [SIMD3(0, 1, -1)]
    let half = Float(0.5).squareRoot()
    cloud.rotations = [Quaternion(w: half, x: 0, y: 0, z: -half)]
    cloud.shRest = [-0.0625, 0, 0, 0, -0.125, 0, 0, 0, -0.0625]
    let packed = try SplatFile.encode(cloud, as: .spz3, antialiased: true, file: "a.spz")
    let plain = try Zlib.decompress(packed.span, container: .gzip, limit: 1000, file: "a.spz")
    var parts = sections(version: 3)
    // z and w are equally large: the first of x, y, z, w is taken (2), so w's magnitude is stored.
    // z is positive in SPZ's axes, and so is w.
    parts[4] = [0xFF, 0x01, 0x00, 0x80]
    #expect(plain == parts.reduce(shortHeader(version: 3).bytes, +))
  }

  @Test func `takes fewer fractional bits in large scenes and refuses larger ones`() throws {
    var cloud = seededCloud(count: 1, shDegree: 0)
    cloud.positions[0] = SIMD3(5000, 0, 0)
    let bytes = try SplatFile.encode(cloud, as: .spz4, file: "a.spz")
    #expect(bytes[13] == 10)  // 5000 * 2^10 < 2^23 <= 5000 * 2^11
    #expect(try SplatFile.parse(bytes, file: "a.spz").cloud.positions[0].x == 5000)
    cloud.positions[0] = SIMD3(0, -40_000, 0)
    #expect(throws: InputError.self) { try SplatFile.encode(cloud, as: .spz4, file: "a.spz") }
  }
}

private func largest(_ vector: SIMD3<Float>) -> Float {
  max(abs(vector.x), max(abs(vector.y), abs(vector.z)))
}
