// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import ImageFiles
import Images
import SceneStore
import SplatFormats
import Splats
import Testing

@Suite struct `Scene import` {
  @Test(arguments: [
    ("out.ply", [], "ply"), ("out.spz", [], "spz3"),
    ("out.spz", ["--spz-version", "4"], "spz4"),
  ])
  func `writes what its reader reads back`(
    name: String, options: [String], format: String
  ) throws {
    let folder = try ScratchFolder()
    let scene = try TinyScene.write(TinyScene.redAboveBlue, in: folder)
    let out = "\(folder.path)/\(name)"
    let outcome = try Program.run(["scene", "import", scene, "--out", out, "--json"] + options)
    #expect(outcome.code == 0, "\(outcome)")
    let written = try #require(try outcome.json["written"] as? [String: Any])
    #expect(written["format"] as? String == format)
    #expect(written["byteCount"] as? Int == (try folder.bytes(name).count))
    #expect(try SplatFile.read(out).positions == TinyScene.redAboveBlue.positions)
  }

  @Test func `drops and counts what is not finite`() throws {
    let folder = try ScratchFolder()
    let path = try TinyScene.write(TinyScene.redAboveBlue, in: folder)
    var bytes = try folder.bytes("scene.ply")
    // The last row's x, 17 floats from the end.
    let place = bytes.count - 17 * 4
    bytes.replaceSubrange(place..<place + 4, with: [0, 0, 0xC0, 0x7F])
    _ = try folder.file("scene.ply", bytes)
    let outcome = try Program.run(
      ["scene", "import", path, "--out", "\(folder.path)/out.ply", "--json"])
    let json = try outcome.json
    #expect(json["storedCount"] as? Int == 2)
    #expect(json["count"] as? Int == 1)
    #expect(json["droppedNonFinite"] as? Int == 1)
  }

  @Test func `replaces a file only when told to`() throws {
    let folder = try ScratchFolder()
    let scene = try TinyScene.write(TinyScene.redAboveBlue, in: folder)
    let out = try folder.file("out.ply", [1, 2, 3])
    try Program.expectFailure(
      ["scene", "import", scene, "--out", out], saying: out, "a file that exists", "--force")
    #expect(try folder.bytes("out.ply") == [1, 2, 3])
    #expect(try Program.run(["scene", "import", scene, "--out", out, "--force"]).code == 0)
    #expect(try folder.bytes("out.ply") == (try folder.bytes("scene.ply")))
  }

  @Test func `names what is wrong on one line and leaves nothing behind`() throws {
    let folder = try ScratchFolder()
    let whole = try SplatFile.encode(TinyScene.redAboveBlue, as: .ply, file: "whole")
    let cut = try folder.file("cut.ply", Array(whole.dropLast(5)))
    // SPZ: NGSP, version 3, 2^31 splats, then degree, fractional bits, flags and nothing.
    let huge = try folder.file(
      "huge.spz", Array("NGSP".utf8) + [3, 0, 0, 0, 0, 0, 0, 0x80, 0, 12, 0, 0])
    let odd = try folder.file("odd.ply", Array("hello".utf8))
    let out = "\(folder.path)/out.ply"
    try Program.expectFailure(
      ["scene", "import", "/no/such.ply", "--out", out], saying: "/no/such.ply")
    try Program.expectFailure(["scene", "import", cut, "--out", out], saying: cut)
    try Program.expectFailure(
      ["scene", "import", huge, "--out", out], saying: huge, "header.numPoints", "2147483648")
    try Program.expectFailure(["scene", "import", odd, "--out", out], saying: odd, "first bytes")
    try Program.expectFailure(
      ["scene", "import", "none.yaml", "--out", out], saying: "none.yaml", "a world file")
    #expect(try folder.names == ["cut.ply", "huge.spz", "odd.ply"])
  }

  @Test(arguments: ["out.ply", "out.spz"])
  func `says that a disk is full and leaves what was there`(name: String) throws {
    let folder = try ScratchFolder()
    var cloud = SplatCloud(shDegree: 0)
    for index in 0..<1000 {
      let angle = Float(index)
      cloud.append(
        TinyScene.ball(
          at: SIMD3(angle, cos(angle), sin(angle)), colourSRGB: SIMD3(abs(cos(angle)), 1, 0)))
    }
    let scene = try TinyScene.write(cloud, in: folder)
    let out = "\(folder.path)/\(name)"
    let command = ["scene", "import", scene, "--out", out, "--force"]
    let words = [out, "write", "file too large"]
    try Program.run(command, writingAtMost: 2).expectFailure(saying: words)
    #expect(try folder.names == ["scene.ply"])
    _ = try folder.file(name, [1, 2, 3])
    try Program.run(command, writingAtMost: 2).expectFailure(saying: words)
    #expect(try folder.names == [name, "scene.ply"].sorted())
    #expect(try folder.bytes(name) == [1, 2, 3])
    #expect(try Program.run(command, writingAtMost: 100).code == 0)
  }

  @Test(arguments: ["/no/such/folder/out.ply", "/proc/out.ply"])
  func `says that a folder cannot be written`(out: String) throws {
    let folder = try ScratchFolder()
    let scene = try TinyScene.write(TinyScene.redAboveBlue, in: folder)
    try Program.expectFailure(["scene", "import", scene, "--out", out], saying: out)
  }
}

@Suite struct `Scene info` {
  @Test func `tells count, bounds, opacity and size`() throws {
    let folder = try ScratchFolder()
    let scene = try TinyScene.write(TinyScene.redAboveBlue, in: folder)
    let json = try Program.run(["scene", "info", scene, "--json"]).json
    #expect(json["count"] as? Int == 2)
    #expect(json["shDegree"] as? Int == 0)
    #expect(json["container"] as? String == "binary_little_endian PLY")
    let bounds = try #require(json["bounds"] as? [String: [Double]])
    #expect(bounds == ["minimum": [0, -1, 0], "maximum": [0, 1, 0]])
    let size = try #require(json["largestDeviation"] as? [String: Double])
    // A float's last bit.
    #expect(abs((size["q50"] ?? 0) - 0.2) < 1e-7)
    #expect(json["opacity"] != nil && json["memoryByteCount"] != nil)
    let text = try Program.run(["scene", "info", scene]).output
    #expect(text.contains("y -1.000 to 1.000"))
  }
}

@Suite struct `Scene build` {
  @Test func `makes a file that its check finds right`() throws {
    let folder = try ScratchFolder()
    let out = "\(folder.path)/a.diorama"
    let scene = try TinyScene.write(TinyScene.redAboveBlue, in: folder)
    let built = try Program.run([
      "scene", "build", scene, "--out", out, "--json", "--origin", "52,4.4,3",
      "--licence", "CC0-1.0",
    ])
    #expect(built.code == 0, "\(built)")
    #expect(try built.json["splatCount"] as? Int == 2)
    let check = try Program.run(["scene", "check", out, "--json"])
    #expect(check.code == 0, "\(check)")
    #expect(try check.json["splatCount"] as? Int == 2)
    // Red lies above blue: y is down in the file, up is z in the scene.
    let file = try SceneFile(reading: out)
    var heights: [Bool: Float] = [:]
    for root in try file.roots() {
      let cloud = try #require(try file.page(root.id)).cloud
      for index in 0..<cloud.count {
        heights[cloud.sh0[index].x > cloud.sh0[index].z] = cloud.positions[index].z
      }
    }
    let (red, blue) = (try #require(heights[true]), try #require(heights[false]))
    #expect(red > blue)
    try Program.expectFailure(["scene", "build", scene, "--out", out], saying: out, "--force")
  }

  @Test func `finds what is damaged`() throws {
    let folder = try ScratchFolder()
    let path = try folder.file("bad.diorama", Array("nothing of the kind".utf8))
    try Program.expectFailure(["scene", "check", path], saying: path, "not a database")
    let scene = try TinyScene.write(TinyScene.redAboveBlue, in: folder)
    #expect(try Program.run(["scene", "build", scene, "--out", path, "--force"]).code == 0)
    // The magic of the only page's zstd frame.
    var bytes = try folder.bytes("bad.diorama")
    let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
    let place = try #require(
      (0..<bytes.count - 4).last { Array(bytes[$0..<$0 + 4]) == frame })
    bytes[place + 6] ^= 1
    _ = try folder.file("bad.diorama", bytes)
    let check = try Program.run(["scene", "check", path, "--json"])
    #expect(check.code == 1)
    #expect((try check.json["faults"] as? [String])?.first?.contains("CRC-32") == true)
  }
}
