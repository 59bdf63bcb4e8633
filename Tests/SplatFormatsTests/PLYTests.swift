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
  // Degree 3 with normals (INRIA) and without (gsplat), and degree 0.
  @Test(
    arguments: [62, 59, 17], [PLYHeader.Encoding.ascii, .littleEndian, .bigEndian])
  func `reads every layout of one cloud`(
    columnCount: Int, encoding: PLYHeader.Encoding
  ) throws {
    var cloud = seededCloud(count: 20, shDegree: 3)
    if columnCount == 17 {
      let full = cloud
      cloud = SplatCloud(shDegree: 0)
      cloud.positions = full.positions
      cloud.logScales = full.logScales
      cloud.rotations = full.rotations
      cloud.opacityLogits = full.opacityLogits
      cloud.sh0 = full.sh0
    }
    let bytes = plyFile(of: cloud, encoding: encoding, hasNormals: columnCount != 59)
    let header = try PLYHeader(bytes, file: "a.ply")
    #expect(header.elements[0].properties.count == columnCount)
    var (copy, report) = try SplatFile.parse(bytes, file: "a.ply")
    for (rotation, copied) in zip(cloud.rotations, copy.rotations) {
      // The reader normalises again: two roundings of numbers up to 1.
      #expect(abs(rotation.w - copied.w) < 3e-7 && abs(rotation.x - copied.x) < 3e-7)
      #expect(abs(rotation.y - copied.y) < 3e-7 && abs(rotation.z - copied.z) < 3e-7)
    }
    copy.rotations = cloud.rotations
    #expect(copy == cloud)
    var expected = SplatImportReport(container: "\(encoding.rawValue) PLY")
    expected.storedCount = 20
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
    #expect(report.skipped == ["element camera", "red", "label"])
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
    var rows = [[Float]](repeating: plainValues, count: 7)
    rows[0][1] = .nan
    rows[1][3] = -.infinity
    rows[2][6] = .infinity
    rows[3][8] = -.infinity
    rows[4][10] = 0
    rows[4][11] = 0
    rows[5][12] = .nan
    var file = Bytes()
    file.text(header("binary_little_endian", count: 7, plainNames.map { "float \($0)" }))
    file.floats(rows.flatMap { $0 })
    let (cloud, report) = try SplatFile.parse(file.bytes, file: "a.ply")
    #expect(cloud.count == 5 && report.storedCount == 7)
    var repairs = SplatRepairs()
    repairs.droppedNonFinite = 2
    repairs.infiniteOpacities = 1
    repairs.flatSplats = 1
    repairs.undefinedRotations = 2
    #expect(report.repairs == repairs)
    #expect(cloud.opacityLogits[0] == SplatCloud.opaqueLogit)
    #expect(cloud.logScales[1] == SIMD3(-4, SplatCloud.flatLogScale, -6))
    #expect(cloud.rotations[2] == .identity && cloud.rotations[3] == .identity)
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

/// Rows of text, each one splat of `plainValues`.
private let plainLine = plainValues.map { "\($0)" }.joined(separator: " ")

private func text(_ lines: [String], _ elements: String = "", before: String = "") -> [UInt8] {
  let columns = plainNames.map { "property float \($0)\n" }.joined()
  return Array(
    ("ply\nformat ascii 1.0\n\(before)element vertex 2\n\(columns)\(elements)end_header\n"
      + lines.map { $0 + "\n" }.joined()).utf8)
}

@Suite struct `PLY text` {
  private let camera = "element camera 2\nproperty int id\nproperty float f\n"
  private let face = "element face 1\nproperty list uchar int corners\nproperty uchar red\n"

  @Test func `has a row on each line, with blanks where they do no harm`() throws {
    let cloud = try SplatFile.parse(
      text(["", "  " + plainLine + " \t", "", plainLine, "", " "]), file: "a.ply"
    ).cloud
    #expect(cloud.count == 2 && cloud.positions[1] == SIMD3(1, 2, 3))
    // The last line needs no end.
    #expect(
      try SplatFile.parse(
        Array(text([plainLine, plainLine]).dropLast()), file: "a.ply"
      ).cloud == cloud)
  }

  @Test func `passes over other elements before and after, lists too`() throws {
    let bytes = text(
      ["1 0.5", "2 0.5", plainLine, plainLine, "3 7 8 9 255", ""], face, before: camera)
    let (cloud, report) = try SplatFile.parse(bytes, file: "a.ply")
    #expect(cloud.count == 2 && cloud.positions[0] == SIMD3(1, 2, 3))
    #expect(report.skipped == ["element camera", "element face"])
  }

  // The header has 18 lines; `camera` adds 3 before it ends, `face` 3.
  @Test func `names the line that is wrong`() {
    let half = plainLine.split(separator: " ").prefix(7).joined(separator: " ")
    // As many bytes as two rows take at least, which are counted before anything is read.
    let blanks = String(repeating: " ", count: 56)
    let cases: [(String, [UInt8], Int)] = [
      ("a column too many", text([plainLine, plainLine + " 5"]), 20),
      ("a column too few", text([half + " 1", plainLine]), 19),
      ("a row on two lines", text([half, half, plainLine]), 19),
      ("two rows on one line", text([plainLine + " " + plainLine]), 19),
      ("a word", text([plainLine, plainLine.replacing("2", with: "two")]), 20),
      ("a row too few", text([plainLine]), 19),
      ("a row too many", text([plainLine, plainLine, plainLine]), 21),
      ("text after it", text([plainLine, plainLine, "", "end"]), 22),
      ("a camera too few", text(["1 0.5", blanks], before: camera), 23),
      ("a camera of one value", text(["1", "2 0.5", plainLine, plainLine], before: camera), 22),
      ("a camera too many", text(["1 0.5", "2 0.5", "3 0.5", plainLine], before: camera), 24),
      ("no face", text([plainLine, plainLine], face), 23),
      ("a list too short", text([plainLine, plainLine, "3 7 8 255"], face), 24),
      ("a list too long", text([plainLine, plainLine, "3 7 8 9 9 255"], face), 24),
      ("a list of -1", text([plainLine, plainLine, "-1 255"], face), 24),
      ("a list of four billion", text([plainLine, plainLine, "4294967295 255"], face), 24),
      ("two faces", text([plainLine, plainLine, "0 255", "0 255"], face), 25),
    ]
    for (what, bytes, line) in cases {
      let error = #expect(throws: InputError.self, "\(what)") {
        try SplatFile.parse(bytes, file: "a.ply")
      }
      #expect(error?.field == "line \(line)", "\(what): \(error?.description ?? "")")
    }
  }
}

@Suite struct `PLY in binary` {
  /// Two splats before `elements`, in the byte order asked for.
  private func binary(_ elements: String, isBigEndian: Bool) -> Bytes {
    var file = Bytes()
    let encoding = isBigEndian ? "binary_big_endian" : "binary_little_endian"
    let plain = header(encoding, count: 2, plainNames.map { "float \($0)" })
    file.text(plain.replacing("end_header", with: elements + "end_header"))
    file.floats(plainValues + plainValues, isBigEndian: isBigEndian)
    return file
  }

  @Test(arguments: [false, true]) func `ends with its last element`(isBigEndian: Bool) throws {
    let bytes = binary("", isBigEndian: isBigEndian).bytes
    #expect(try SplatFile.parse(bytes, file: "a.ply").cloud.count == 2)
    for rest in [[0], [UInt8](repeating: 0, count: 56)] as [[UInt8]] {
      let error = #expect(throws: InputError.self) {
        try SplatFile.parse(bytes + rest, file: "a.ply")
      }
      #expect(error?.field == "body")
      #expect(error?.found == "\(rest.count) bytes after the last element")
    }
  }

  @Test(arguments: [false, true])
  func `has its other elements measured, lists too`(isBigEndian: Bool) throws {
    let elements =
      "element face 2\nproperty uchar red\nproperty list ushort int corners\n"
      + "element camera 3\nproperty double f\n"
    var file = binary(elements, isBigEndian: isBigEndian)
    file.bytes.append(200)
    file.integers([UInt16(3)], isBigEndian: isBigEndian)
    file.integers([Int32(7), 8, 9], isBigEndian: isBigEndian)
    file.bytes.append(201)
    file.integers([UInt16(0)], isBigEndian: isBigEndian)
    let faceEnd = file.bytes.count
    file.bytes += [UInt8](repeating: 1, count: 24)
    let (cloud, report) = try SplatFile.parse(file.bytes, file: "a.ply")
    #expect(cloud.count == 2 && report.skipped == ["element face", "element camera"])
    let cases = [
      (Array(file.bytes.dropLast()), "element camera"), (file.bytes + [0], "body"),
      (Array(file.bytes[..<(faceEnd - 1)]), "element face"),
      (Array(file.bytes[..<(faceEnd - 4)]), "element face"),
    ]
    for (bytes, field) in cases {
      let error = #expect(throws: InputError.self) { try SplatFile.parse(bytes, file: "a.ply") }
      #expect(error?.field == field)
    }
  }

  @Test func `has no list of negative length, and none that ends behind the file`() {
    for length in [[0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0x7F]] as [[UInt8]] {
      var file = binary("element face 1\nproperty list int uchar corners\n", isBigEndian: false)
      file.bytes += length + [1, 2, 3]
      let error = #expect(throws: InputError.self) {
        try SplatFile.parse(file.bytes, file: "a.ply")
      }
      #expect(error?.field == "element face")
    }
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
  func `writes a rotation that is zero or not finite as none`(format: SplatFile.Format) throws {
    var cloud = seededCloud(count: 3, shDegree: 0)
    cloud.rotations[0] = Quaternion(w: 0, x: 0, y: 0, z: 0)
    cloud.rotations[1] = Quaternion(w: .nan, x: 0, y: 1, z: 0)
    cloud.rotations[2] = Quaternion(w: 1, x: 0, y: -.infinity, z: 0)
    let bytes = try SplatFile.encode(cloud, as: format, file: "a")
    let (copy, report) = try SplatFile.parse(bytes, file: "a")
    #expect(copy.rotations == [.identity, .identity, .identity])
    #expect(report.repairs == SplatRepairs())
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
