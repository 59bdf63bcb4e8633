// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Splats
import Testing

@testable import SplatFormats

private func ply(_ header: String) -> [UInt8] { Array("ply\n\(header)end_header\n".utf8) }

private func spz(version: UInt32, count: UInt32, degree: UInt8 = 0, bits: UInt8 = 12) -> [UInt8] {
  var file = Bytes()
  file.text("NGSP")
  file.integers([version, count])
  file.bytes += [degree, bits, 0, 0]
  return file.bytes
}

private func gzip(_ bytes: [UInt8]) -> [UInt8] { Zlib.compress(bytes.span, container: .gzip) }

/// What is wrong, the bytes, the name, and the field that the message must name.
private let badFiles: [(String, [UInt8], String, String)] = [
  ("empty", [], "a.spz", "first bytes"),
  ("empty records", [], "a.splat", "first bytes"), ("empty buckets", [], "a.ksplat", "first bytes"),
  ("another format", Array("GIF89a".utf8), "a.ply", "first bytes"),
  ("half a record", [UInt8](repeating: 0, count: 40), "a.splat", "size"),
  ("no header end", Array("ply\nformat ascii 1.0\n".utf8), "a.ply", "header"),
  ("no format", ply("element vertex 1\n"), "a.ply", "header line 3"),
  ("an unknown format", ply("format binary_pdp_endian 1.0\n"), "a.ply", "header line 2"),
  ("an unknown word", ply("format ascii 1.0\nvertex 3\n"), "a.ply", "header line 3"),
  ("a property first", ply("format ascii 1.0\nproperty int x\n"), "a.ply", "header line 3"),
  (
    "an unknown type", ply("format ascii 1.0\nelement vertex 1\nproperty half x\n"), "a.ply",
    "header line 4"
  ),
  ("a negative count", ply("format ascii 1.0\nelement vertex -1\n"), "a.ply", "header line 3"),
  ("no vertices", ply("format ascii 1.0\nelement face 1\nproperty int x\n"), "a.ply", "header"),
  ("a mesh", ply("format ascii 1.0\nelement vertex 0\nproperty float x\n"), "a.ply", "property y"),
  (
    "a list", ply("format ascii 1.0\nelement vertex 0\nproperty list uchar int x\n"), "a.ply",
    "property x"
  ),
  (
    "a name twice", ply("format ascii 1.0\nelement vertex 0\nproperty int x\nproperty int x\n"),
    "a.ply", "property x"
  ),
  (
    "an element twice",
    ply("format ascii 1.0\nelement vertex 0\nelement vertex 0\n"), "a.ply", "header line 4"
  ),
  (
    "a list as long as a float", ply("format ascii 1.0\nelement a 0\nproperty list float int x\n"),
    "a.ply", "header line 4"
  ),
  (
    "ten rests", ply("format ascii 1.0\nelement vertex 0\nproperty float f_rest_0\n"), "a.ply",
    "properties f_rest_*"
  ),
  (
    "too many points for 100 bytes", gzip(spz(version: 2, count: 1 << 31)), "a.spz",
    "header.numPoints"
  ),
  (
    "more points than the ratio allows", gzip(spz(version: 2, count: 1 << 20)), "a.spz",
    "header.numPoints"
  ),
  ("an unknown version", gzip(spz(version: 9, count: 1)), "a.spz", "header.version"),
  (
    "version 4 in gzip", gzip(spz(version: 4, count: 1) + [UInt8](repeating: 0, count: 16)),
    "a.spz", "header.version"
  ),
  ("degree 5", gzip(spz(version: 3, count: 1, degree: 5)), "a.spz", "header.shDegree"),
  (
    "40 fractional bits", gzip(spz(version: 3, count: 1, bits: 40)), "a.spz",
    "header.fractionalBits"
  ),
  ("another gzip", gzip(Array("not a splat at all, sorry".utf8)), "a.spz", "header.magic"),
  ("a plain file cut", spz(version: 3, count: 1), "a.spz", "header.numPoints"),
]

@Suite struct `Bad splat file` {
  @Test(arguments: badFiles.indices) func `is named in one line`(index: Int) throws {
    let (what, bytes, name, field) = badFiles[index]
    let error = #expect(throws: InputError.self, "\(what)") {
      try SplatFile.parse(bytes, file: name)
    }
    #expect(error?.file == name && error?.field == field, "\(what): \(error?.description ?? "")")
    #expect(error?.description.contains("\n") == false)
  }

  @Test func `with more rows than bytes takes no memory`() {
    let names =
      ["x", "y", "z", "f_dc_0", "f_dc_1", "f_dc_2", "opacity", "scale_0", "scale_1"]
      + ["scale_2", "rot_0", "rot_1", "rot_2", "rot_3"]
    for count in ["4", "134217728", "9223372036854775807"] {
      for encoding in ["ascii", "binary_little_endian"] {
        let header =
          "format \(encoding) 1.0\nelement vertex \(count)\n"
          + names.map { "property float \($0)\n" }.joined()
        let error = #expect(throws: InputError.self) {
          try SplatFile.parse(ply(header) + [UInt8](repeating: 49, count: 100), file: "a.ply")
        }
        #expect(error?.field == "element vertex")
      }
    }
  }

  @Test(arguments: SplatFile.Format.allCases)
  func `cut anywhere is refused`(format: SplatFile.Format) throws {
    let whole = try SplatFile.encode(seededCloud(count: 2, shDegree: 1), as: format, file: "a")
    for count in 0..<whole.count {
      #expect(throws: InputError.self, "\(count) of \(whole.count) bytes") {
        try SplatFile.parse(Array(whole.prefix(count)), file: "a.bin")
      }
    }
  }

  @Test(arguments: SplatFile.Format.allCases)
  func `with any byte changed is read or refused`(format: SplatFile.Format) throws {
    let whole = try SplatFile.encode(seededCloud(count: 2, shDegree: 1), as: format, file: "a")
    var readCount = 0
    for index in whole.indices {
      for mask: UInt8 in [0x01, 0x80, 0xFF] {
        var damaged = whole
        damaged[index] ^= mask
        guard let (cloud, report) = try? SplatFile.parse(damaged, file: "a.bin") else { continue }
        #expect(cloud.count + report.repairs.droppedNonFinite == report.storedCount)
        readCount += 1
      }
    }
    // Gzip's checksum finds every change but those of its own header's time and flags.
    #expect(readCount < whole.count * 3)
  }

  @Test func `is named when it is missing`() {
    let error = #expect(throws: InputError.self) { try SplatFile.read("/nowhere/a.ply") }
    #expect(error?.file == "/nowhere/a.ply")
  }

  @Test func `is never left half-written`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "splats-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var cloud = seededCloud(count: 3, shDegree: 0)
    let path = folder.appending(path: "a.spz").path
    try SplatFile.write(cloud, to: path, as: .spz4)
    #expect(try SplatFile.read(path).count == 3)
    cloud.positions[0].x = .nan
    #expect(throws: InputError.self) { try SplatFile.write(cloud, to: path, as: .spz4) }
    #expect(try SplatFile.read(path).count == 3)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.spz"])
  }
}
