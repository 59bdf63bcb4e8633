// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Splats
import Testing

@testable import SplatFormats

private let folder = RealFiles.folder + "/splats"

@Suite(.enabled(if: RealFiles.areExpected, "needs the real files of ../shared/data"))
struct `Real splat files` {
  @Test func `of one scene agree in SPZ 2 and in records`() throws {
    let spz = try SplatFile.readReporting("\(folder)/up_house/fourth_st.spz")
    let records = try SplatFile.readReporting("\(folder)/up_house/derived.splat")
    #expect(spz.cloud.count == 131_199 && records.cloud.count == 131_199)
    #expect(spz.cloud.shDegree == 3 && spz.report.container == "SPZ 2" && spz.report.antialiased)
    #expect(spz.report.repairs == SplatRepairs() && records.report.repairs == SplatRepairs())
    // Every 50th splat: debug builds are slow.
    for index in stride(from: 0, to: spz.cloud.count, by: 50) {
      // The records were derived without a change of axes, so they are in SPZ's.
      let position = records.cloud.positions[index] * AxisFlip.rdfFromRUB.axisSigns
      #expect(spz.cloud.positions[index] == position)
      // Both store the same opacity byte.
      #expect(spz.cloud.opacityLogits[index] == records.cloud.opacityLogits[index])
      // ln(exp(x)) in floats, for x in -10...6.
      #expect(length(spz.cloud.logScales[index] - records.cloud.logScales[index]) < 1e-5)
      // Colours to one byte of the records' 255 over [-1.77, 1.77], which clamps.
      let colour = spz.cloud.sh0[index].clamped(
        lowerBound: SIMD3(repeating: -1.7725), upperBound: SIMD3(repeating: 1.7725))
      #expect(length(colour - records.cloud.sh0[index]) < 1.7321 * 0.5 * 3.545 / 255 * 1.01)
      // Rotations to one byte each: 4 parts off by 1/128.
      let (a, b) = (spz.cloud.rotations[index], records.cloud.rotations[index])
      let cosine = a.w * b.w + a.x * b.x - a.y * b.y - a.z * b.z
      #expect(abs(cosine) > 1 - 0.5 * 4 / (128 * 128))
    }
  }

  @Test func `of SPZ 4 hold what their header says`() throws {
    let (cloud, report) = try SplatFile.readReporting("\(folder)/biker/biker.spz")
    #expect(cloud.count == 152_746 && cloud.shDegree == 0 && report.container == "SPZ 4")
    #expect(report.skipped.isEmpty && report.repairs == SplatRepairs())
    // The same model as a compressed PLY, which SPZ was made from.
    let packed = try SplatFile.readReporting("\(folder)/biker/biker.compressed.ply")
    #expect(packed.cloud.count == cloud.count && packed.report.container == "compressed PLY")
    #expect(packed.report.skipped.isEmpty && packed.report.repairs == SplatRepairs())
    for index in stride(from: 0, to: cloud.count, by: 50) {
      // Half a step of what SPZ keeps: 2^-12 m, 1/16, 1/38.25 of a coefficient.
      let moved = cloud.positions[index] - packed.cloud.positions[index]
      #expect(max(abs(moved.x), abs(moved.y), abs(moved.z)) < 1.02 / 8192)
      let scale = packed.cloud.logScales[index].clamped(
        lowerBound: SIMD3(repeating: -10), upperBound: SIMD3(repeating: 5.9375))
      #expect(length(cloud.logScales[index] - scale) < 1.7321 * 1.02 / 32)
      #expect(length(cloud.sh0[index] - packed.cloud.sh0[index]) < 1.7321 * 1.02 * 0.5 / 38.25)
      #expect(cloud.opacityLogits[index] == packed.cloud.opacityLogits[index])
      let (a, b) = (cloud.rotations[index], packed.cloud.rotations[index])
      #expect(abs(a.w * b.w + a.x * b.x + a.y * b.y + a.z * b.z) > 1 - 1e-5)
    }
  }

  @Test func `of four splats agree in ksplat and in records`() throws {
    let start = "\(folder)/format_fixtures/splat-transform/minimal"
    let (cloud, report) = try SplatFile.readReporting("\(start).ksplat")
    #expect(report.container == ".ksplat level 0" && cloud.count == 4)
    let records = try SplatFile.read("\(start).splat")
    #expect(cloud.positions == records.positions && cloud.sh0 == records.sh0)
    #expect(cloud.opacityLogits == records.opacityLogits)
    #expect(cloud.logScales == records.logScales)
  }

  @Test func `of SOG show a robot at each of its levels`() throws {
    for (level, count, degree) in [(3, 31_000, 2), (5, 3000, 2), (6, 1873, 2)] {
      let path = "\(folder)/playbot_lod/\(level)_0/meta.json"
      let (cloud, report) = try SplatFile.readReporting(path)
      #expect(cloud.count == count && report.container == "SOG 2")
      #expect(cloud.shDegree == degree && report.repairs == SplatRepairs())
      // What the tree says of its bounds, splats' own extent left out.
      #expect(cloud.bounds.minimum.min() > -1.1 && cloud.bounds.maximum.max() < 1.1)
    }
  }

  @Test func `of a streamed SOG are those of the finest level that is named`() throws {
    let source = "\(folder)/playbot_lod"
    // Its finest level lies beside it nowhere.
    let missing = #expect(throws: InputError.self) {
      try SplatFile.read("\(source)/lod-meta.json")
    }
    #expect(missing?.file.hasSuffix("0_0/meta.json") == true)
    let scratch = "\(NSTemporaryDirectory())sog-\(UUID().uuidString)"
    try createFolder(scratch)
    defer { try? removeItem(scratch) }
    for level in ["5_0", "6_0"] {
      try FileManager.default.copyItem(atPath: "\(source)/\(level)", toPath: "\(scratch)/\(level)")
    }
    let tree = """
      {"filenames": ["6_0/meta.json", "5_0/meta.json"], "environment": null, "tree": {"children": [
        {"lods": {"6": {"file": 0, "offset": 0, "count": 951}}},
        {"lods": {"6": {"file": 0, "offset": 951, "count": 922},
                  "5": {"file": 1, "offset": 1499, "count": 1501}}}]}}
      """
    try publishFile("\(scratch)/lod-meta.json", Array(tree.utf8))
    let joined = try SplatFile.read("\(scratch)/lod-meta.json")
    let (five, six) = (
      try SplatFile.read("\(source)/5_0/meta.json"), try SplatFile.read("\(source)/6_0/meta.json")
    )
    #expect(joined.positions == Array(six.positions[..<951]) + Array(five.positions[1499...]))
    for (from, to) in [
      ("\"file\": 1", "\"file\": 2"), ("\"count\": 951", "\"count\": 5000"),
      ("6_0/meta", "../6_0/meta"),
      (
        "\"lods\": {\"6\": {\"file\": 0, \"offset\": 0",
        "\"lods\": {}, \"x\": {\"6\": {\"file\": 0, \"offset\": 0"
      ),
    ] {
      let bad = tree.replacing(from, with: to)
      #expect(bad != tree)
      try publishFile("\(scratch)/lod-meta.json", Array(bad.utf8))
      #expect(throws: InputError.self) { try SplatFile.read("\(scratch)/lod-meta.json") }
    }
  }

  @Test func `of SOG may lie in one zip, and are refused where one is damaged`() throws {
    let source = "\(folder)/playbot_lod/6_0"
    var members: [(String, [UInt8])] = []
    for name in try listFolder(source) { members.append((name, try readFile("\(source)/\(name)"))) }
    let cloud = try SplatFile.parse(storedZip(members), file: "a.sog").cloud
    #expect(cloud == (try SplatFile.read("\(source)/meta.json")))
    for place in members.indices {
      let without = members.enumerated().filter { $0.offset != place }.map(\.element)
      #expect(throws: InputError.self) { try SplatFile.parse(storedZip(without), file: "a.sog") }
      var cut = members
      cut[place].1 = Array(cut[place].1.prefix(cut[place].1.count / 2))
      #expect(throws: InputError.self) { try SplatFile.parse(storedZip(cut), file: "a.sog") }
    }
    let meta = try #require(members.firstIndex { $0.0 == "meta.json" })
    let text = String(decoding: members[meta].1, as: UTF8.self)
    for (from, to) in [
      ("\"version\":2", "\"version\":1"), ("\"count\":1873", "\"count\":187300000"),
      ("\"count\":1873", "\"count\":18730"), ("\"count\":1024", "\"count\":10"),
      ("\"bands\":2", "\"bands\":3"), ("\"scales.webp\"", "\"../scales.webp\""),
    ] {
      var bad = members
      let changed = text.replacing(from, with: to)
      #expect(changed != text, "\(from)")
      bad[meta].1 = Array(changed.utf8)
      #expect(throws: InputError.self, "\(to)") {
        try SplatFile.parse(storedZip(bad), file: "a.sog")
      }
    }
  }

  @Test func `of three splats agree in PLY, SPZ 3 and records`() throws {
    let start = "\(folder)/format_fixtures/MetalSplatter/test-splat.3-points-from-train"
    let ply = try SplatFile.read("\(start).ply")
    let spz = try SplatFile.read("\(start).spz")
    let records = try SplatFile.read("\(start).splat")
    #expect(ply.count == 3 && spz.count == 3 && records.count == 3)
    for index in 0..<3 {
      // Half a step of 2^-12 m, and one more: this writer truncates.
      #expect(length(ply.positions[index] - spz.positions[index]) < 1.7321 * 0x1p-12)
      #expect(ply.positions[index] == records.positions[index])
      #expect(length(ply.logScales[index] - spz.logScales[index]) < 1.7321 / 16)
      #expect(length(ply.logScales[index] - records.logScales[index]) < 1e-5)
      #expect(length(ply.sh0[index] - spz.sh0[index]) < 1.7321 / 38.25)
      // One byte of opacity, which this writer truncates too.
      #expect(abs(opacity(ply, index) - opacity(spz, index)) < 1 / 255)
      #expect(abs(opacity(ply, index) - opacity(records, index)) < 1 / 255)
      let (a, b) = (ply.rotations[index], spz.rotations[index])
      #expect(abs(a.w * b.w + a.x * b.x + a.y * b.y + a.z * b.z) > 1 - 1e-4)
    }
    // Buckets of 8/128 and 16/128.
    for (a, b) in zip(ply.shRest, spz.shRest) { #expect(abs(a - b) < 0.13) }
  }

  private func opacity(_ cloud: SplatCloud, _ index: Int) -> Double {
    1 / (1 + exp(-Double(cloud.opacityLogits[index])))
  }

  @Test(arguments: ["v3", "v4"])
  func `of four splats agree in SPZ and in records`(version: String) throws {
    let fixtures = "\(folder)/format_fixtures/splat-transform"
    let cloud = try SplatFile.read("\(fixtures)/minimal-\(version).spz")
    let records = try SplatFile.read("\(fixtures)/minimal.splat")
    #expect(cloud.positions == records.positions)
    #expect(cloud.positions == [SIMD3(-1, 0, -1), SIMD3(0, 0, -1), SIMD3(-1, 0, 0), .zero])
    #expect(cloud.opacityLogits == records.opacityLogits)
    // Half of SPZ's step of 1/38.25 and half a step of the records' byte, 1/255 over C0.
    let colourError = 0.5 / 38.25 + 0.5 / 255 / Float(SphericalHarmonics.c0)
    for index in 0..<4 {
      #expect(largest(cloud.sh0[index] - records.sh0[index]) <= colourError)
      #expect(largest(cloud.logScales[index] - records.logScales[index]) <= 1 / 32)
      // The records hold 128 128 128 255, a half turn about z; SPZ holds none. Not compared.
      #expect(cloud.rotations[index] == .identity)
    }
  }

  @Test(arguments: ["raw", "v2"])
  func `of four splats are as their writer left them in older SPZ`(version: String) throws {
    let fixtures = "\(folder)/format_fixtures/splat-transform"
    let cloud = try SplatFile.read("\(fixtures)/minimal-\(version).spz")
    let records = try SplatFile.read("\(fixtures)/minimal.splat")
    #expect(cloud.count == 4 && records.count == 4)
    for index in 0..<4 {
      // Written without the change of axes that SPZ asks for: turned by the reader all the same.
      #expect(
        cloud.positions[index] == records.positions[index] * AxisFlip.rdfFromRUB.axisSigns)
      // Colour bytes written as they stand in the records, though SPZ's mean 0.15 a coefficient.
      let c0 = Float(SphericalHarmonics.c0)
      // 1e-6: roundings of numbers below 1.
      #expect(largest(cloud.sh0[index] * 0.15 - records.sh0[index] * c0) < 1e-6)
      #expect(cloud.opacityLogits[index] == records.opacityLogits[index])
      #expect(largest(cloud.logScales[index] - records.logScales[index]) <= 1 / 32)
    }
  }

  private func largest(_ vector: SIMD3<Float>) -> Float {
    max(abs(vector.x), max(abs(vector.y), abs(vector.z)))
  }

  @Test(arguments: ["ascii", "binary"]) func `that are meshes are refused`(encoding: String) {
    let path = "\(folder)/format_fixtures/MetalSplatter/beetle.\(encoding).ply"
    let error = #expect(throws: InputError.self) { try SplatFile.read(path) }
    #expect(error?.field == "property f_dc_0")
  }
}

/// A zip whose members are not compressed.
private func storedZip(_ members: [(String, [UInt8])]) -> [UInt8] {
  func words(_ values: [(Int, Int)]) -> [UInt8] {
    values.flatMap { value, size in (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
  }
  var (zip, directory) = ([UInt8](), [UInt8]())
  for (name, bytes) in members {
    let fields = [
      (20, 2), (0, 2), (0, 2), (0, 2), (33, 2), (Int(crc32(of: bytes)), 4), (bytes.count, 4),
      (bytes.count, 4), (name.utf8.count, 2), (0, 2),
    ]
    directory += words([(0x0201_4B50, 4), (20, 2)] + fields + [(0, 2), (0, 2), (0, 2), (0, 4)])
    directory += words([(zip.count, 4)]) + name.utf8
    zip += words([(0x0403_4B50, 4)] + fields) + name.utf8 + bytes
  }
  let end = words([
    (0x0605_4B50, 4), (0, 4), (members.count, 2), (members.count, 2), (directory.count, 4),
    (zip.count, 4), (0, 2),
  ])
  return zip + directory + end
}
