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

private func spz4(extensions: [UInt8] = []) -> [UInt8] {
  var file = shortHeader(version: 4)
  file.bytes[15] = 6
  file.integers([UInt32(32 + extensions.count)])
  file.bytes += [UInt8](repeating: 0, count: 12) + extensions
  let streams = sections(version: 4).map { Zstandard.compress($0.span) }
  for (stream, section) in zip(streams, sections(version: 4)) {
    file.integers([UInt64(stream.count), UInt64(section.count)])
  }
  return streams.reduce(file.bytes, +)
}

private func file(version: Int) -> [UInt8] {
  if version == 4 { return spz4() }
  let plain = sections(version: version).reduce(shortHeader(version: UInt32(version)).bytes, +)
  return Zlib.compress(plain.span, container: .gzip)
}

@Suite struct `SPZ reader` {
  @Test(arguments: 1...4) func `turns a splat into PLY's axes`(version: Int) throws {
    let (cloud, report) = try SplatFile.parse(file(version: version), file: "a.spz")
    #expect(cloud.count == 1 && cloud.shDegree == 1)
    // y and z change sign.
    #expect(cloud.positions == [SIMD3(1, 2, -0.5)])
    #expect(cloud.opacityLogits == [opaqueLogit])
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

  @Test func `names the extensions that it skips`() throws {
    var records = Bytes()
    records.integers([UInt32(0xADBE_0002), 3])
    records.bytes += [1, 2, 3]
    let (cloud, report) = try SplatFile.parse(spz4(extensions: records.bytes), file: "a.spz")
    #expect(cloud.positions == [SIMD3(1, 2, -0.5)])
    #expect(report.skipped == ["SPZ extension 0xadbe0002"])

    let plain = sections(version: 3).reduce(shortHeader(version: 3).bytes, +) + [1, 2, 3, 4]
    #expect(
      try SplatFile.parse(plain, file: "a.spz").report.skipped == ["SPZ extensions of 4 bytes"])
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
    #expect(basis.count == FrameFlip.coefficientSigns.count)
    let (x, y, z): (Float, Float, Float) = (0.3, 0.5, 0.8)
    for (function, sign) in zip(basis, FrameFlip.coefficientSigns) {
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
    cloud.opacityLogits = [opaqueLogit]
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
