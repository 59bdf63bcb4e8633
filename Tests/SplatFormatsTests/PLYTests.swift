// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry
import Splats
import Testing

@testable import SplatFormats

private let plainNames = [
  "x", "y", "z", "f_dc_0", "f_dc_1", "f_dc_2", "opacity", "scale_0", "scale_1", "scale_2", "rot_0",
  "rot_1", "rot_2", "rot_3",
]
// A quarter turn about x, at twice its length.
private let plainValues: [Float] = [1, 2, 3, 0.1, 0.2, 0.3, -1.5, -4, -5, -6, 2, 2, 0, 0]

private func header(_ encoding: String, count: Int = 1, _ properties: [String]) -> String {
  "ply\nformat \(encoding) 1.0\nelement vertex \(count)\n"
    + properties.map { "property \($0)\n" }.joined() + "end_header\n"
}

private func isPlain(_ cloud: SplatCloud) -> Bool {
  let half = Float(0.5).squareRoot()
  // 1e-6: one rounding of the length.
  return cloud.count == 1 && cloud.positions == [SIMD3(1, 2, 3)]
    && cloud.sh0 == [SIMD3(0.1, 0.2, 0.3)] && cloud.opacityLogits == [-1.5]
    && cloud.logScales == [SIMD3(-4, -5, -6)] && abs(cloud.rotations[0].w - half) < 1e-6
    && abs(cloud.rotations[0].x - half) < 1e-6
}

@Suite struct `PLY reader` {
  @Test(arguments: [false, true])
  func `reads either byte order`(isBigEndian: Bool) throws {
    var file = Bytes()
    let encoding = isBigEndian ? "binary_big_endian" : "binary_little_endian"
    file.text(header(encoding, plainNames.map { "float \($0)" }))
    file.floats(plainValues, isBigEndian: isBigEndian)
    let (cloud, report) = try SplatFile.parse(file.bytes, file: "a.ply")
    #expect(isPlain(cloud))
    var expected = SplatImportReport(container: "\(encoding) PLY")
    expected.storedCount = 1
    #expect(report == expected)
  }

  @Test func `reads text, and lines that end in CR LF`() throws {
    let body = plainValues.map { "\($0)" }.joined(separator: " ")
    let text = header("ascii", plainNames.map { "float \($0)" }) + body + "\n"
    #expect(isPlain(try SplatFile.parse(Array(text.utf8), file: "a.ply").cloud))
    let windows = text.split(separator: "\n").joined(separator: "\r\n") + "\r\n"
    #expect(isPlain(try SplatFile.parse(Array(windows.utf8), file: "a.ply").cloud))
  }

  @Test func `finds properties by name, in any order and of any type`() throws {
    // Reversed, with a colour and a label nobody asked for, and positions as doubles and bytes.
    var properties = plainNames.reversed().map { "float \($0)" }
    properties[13] = "double x"
    properties[12] = "uchar y"
    properties[11] = "short z"
    var file = Bytes()
    file.text(
      "ply\nformat binary_big_endian 1.0\nelement camera 2\nproperty int id\n"
        + header("?", ["uchar red"] + properties + ["int label"]).split(separator: "\n")
        .dropFirst(2).joined(separator: "\n") + "\n")
    file.integers([Int32(5), 6], isBigEndian: true)
    file.bytes.append(200)
    file.floats(plainValues[3...].reversed(), isBigEndian: true)
    file.integers([Int16(3)], isBigEndian: true)
    file.bytes.append(2)
    file.integers([Double(1).bitPattern], isBigEndian: true)
    file.integers([Int32(9)], isBigEndian: true)
    let (cloud, report) = try SplatFile.parse(file.bytes, file: "a.ply")
    #expect(isPlain(cloud))
    #expect(report.skipped == ["red", "label"])
  }

  @Test func `turns the channel-major rest into RGB triples`() throws {
    var file = Bytes()
    let rest = (0..<9).map { "float f_rest_\($0)" }
    file.text(header("binary_little_endian", plainNames.map { "float \($0)" } + rest))
    // Red 1 2 3, green 4 5 6, blue 7 8 9.
    file.floats(plainValues + [1, 2, 3, 4, 5, 6, 7, 8, 9])
    let cloud = try SplatFile.parse(file.bytes, file: "a.ply").cloud
    #expect(cloud.shDegree == 1)
    #expect(cloud.shRest == [1, 4, 7, 2, 5, 8, 3, 6, 9])
  }

  @Test func `drops what cannot be drawn and repairs what has a meaning`() throws {
    var rows = [[Float]](repeating: plainValues, count: 6)
    rows[0][1] = .nan
    rows[1][3] = -.infinity
    rows[2][6] = .infinity
    rows[3][8] = -.infinity
    rows[4][10] = 0
    rows[4][11] = 0
    var file = Bytes()
    file.text(header("binary_little_endian", count: 6, plainNames.map { "float \($0)" }))
    file.floats(rows.flatMap { $0 })
    let (cloud, report) = try SplatFile.parse(file.bytes, file: "a.ply")
    #expect(cloud.count == 4 && report.storedCount == 6 && report.droppedNonFinite == 2)
    #expect(report.infiniteOpacities == 1 && cloud.opacityLogits[0] == opaqueLogit)
    #expect(report.flatSplats == 1 && cloud.logScales[1] == SIMD3(-4, flatLogScale, -6))
    #expect(report.zeroRotations == 1 && cloud.rotations[2] == .identity)
  }

  @Test func `counts splats that are far from the rest and keeps them`() throws {
    var rows = (0..<100).map { index in
      [Float(index % 10), Float(index / 10), 0] + plainValues.dropFirst(3)
    }
    rows[50][0] = 1e7
    var file = Bytes()
    file.text(header("binary_little_endian", count: 100, plainNames.map { "float \($0)" }))
    file.floats(rows.flatMap { $0 })
    let (cloud, report) = try SplatFile.parse(file.bytes, file: "a.ply")
    #expect(cloud.count == 100 && report.farOutliers == 1)
  }

  @Test(arguments: [
    (["SplatRenderMode: mip"], true), (["SplatRenderMode: default"], false),
    (["antialiased 1"], true), (["antialiased 1", "antialiased 0"], false), ([], false),
  ])
  func `believes the last comment about antialiasing`(comments: [String], expected: Bool) throws {
    let lines = comments.map { "comment \($0)\n" }.joined()
    let text = header("ascii", count: 0, plainNames.map { "float \($0)" })
      .replacing("element", with: lines + "element")
    #expect(try SplatFile.parse(Array(text.utf8), file: "a.ply").report.antialiased == expected)
  }
}

@Suite struct `PLY writer` {
  @Test func `writes INRIA's 62 floats`() throws {
    let bytes = try SplatFile.encode(seededCloud(count: 2, shDegree: 3), as: .ply, file: "a.ply")
    let header = try PLYHeader(bytes, file: "a.ply")
    #expect(header.elements[0].properties.count == 62)
    #expect(header.elements[0].properties[3...5].map(\.name) == ["nx", "ny", "nz"])
    #expect(bytes.count == header.byteCount + 2 * 248)
  }

  @Test(arguments: 0...4) func `loses nothing`(shDegree: Int) throws {
    let cloud = seededCloud(count: 20, shDegree: shDegree)
    let bytes = try SplatFile.encode(cloud, as: .ply, antialiased: true, file: "a.ply")
    var (copy, report) = try SplatFile.parse(bytes, file: "a.ply")
    #expect(report.antialiased)
    for (rotation, copied) in zip(cloud.rotations, copy.rotations) {
      // The reader normalises again: two roundings of numbers up to 1.
      #expect(abs(rotation.w - copied.w) < 3e-7 && abs(rotation.x - copied.x) < 3e-7)
      #expect(abs(rotation.y - copied.y) < 3e-7 && abs(rotation.z - copied.z) < 3e-7)
    }
    copy.rotations = cloud.rotations
    #expect(copy == cloud)
  }

  @Test(arguments: SplatFile.Format.allCases)
  func `refuses values that are not finite`(format: SplatFile.Format) {
    var cloud = seededCloud(count: 2, shDegree: 1)
    cloud.shRest[10] = .nan
    #expect(throws: InputError.self) { try SplatFile.encode(cloud, as: format, file: "a") }
    cloud.shRest[10] = 0
    cloud.positions[1].z = .infinity
    #expect(throws: InputError.self) { try SplatFile.encode(cloud, as: format, file: "a") }
  }
}
