// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import ImageFiles
import Images
import Splats
import Testing

@Suite struct `Pictures of a scene file` {
  private static let view = [
    "--width", "32", "--height", "32", "--position", "0,-5,0", "--look-at", "0,0,0",
  ]

  private func sceneFile(in folder: ScratchFolder) throws -> String {
    let scene = try TinyScene.write(TinyScene.redAboveBlue, in: folder)
    let out = "\(folder.path)/a.diorama"
    #expect(try Program.run(["scene", "build", scene, "--out", out]).code == 0)
    return out
  }

  @Test func `show its splats, and tell the cut`() throws {
    let folder = try ScratchFolder()
    let file = try sceneFile(in: folder)
    var pictures: [[UInt8]] = []
    for threads in ["1", "2"] {
      let outcome = try Program.run(
        ["scene", "render", file, "--out", "\(folder.path)/\(threads).png", "--threads", threads]
          + ["--json"] + Self.view)
      #expect(outcome.code == 0, "\(outcome)")
      let json = try outcome.json
      #expect(json["splatCount"] as? Int == 2 && json["errorPixels"] as? Double == 1)
      let first = try #require((json["pictures"] as? [[String: Any]])?.first)
      let cut = try #require(first["cut"] as? [String: Any])
      #expect((cut["cellCount"] as? Int ?? 0) > 0 && (cut["splatCount"] as? Int ?? 0) >= 2)
      let cache = try #require(json["cache"] as? [String: Any])
      #expect(cache["missCount"] as? Int == cut["cellCount"] as? Int)
      #expect((cache["readByteCount"] as? Int ?? 0) > 0)
      pictures.append(try folder.bytes("\(threads).png"))
    }
    #expect(pictures[0] == pictures[1])
    // Up is z: red above blue, where the file has them above each other in y.
    let image = try PNG.decodeRGB(pictures[0], file: "1.png")
    let column = (0..<32).map { row in
      let at = (row * 32 + 16) * 3
      return SIMD3(Int(image.bytes[at]), Int(image.bytes[at + 1]), Int(image.bytes[at + 2]))
    }
    let red = try #require(column.firstIndex { $0.x > 128 && $0.z < 64 })
    let blue = try #require(column.firstIndex { $0.z > 128 && $0.x < 64 })
    #expect(red < 16 && blue >= 16)
  }

  @Test func `come along a path, with every output`() throws {
    let folder = try ScratchFolder()
    let file = try sceneFile(in: folder)
    let outcome = try Program.run([
      "scene", "render", file, "--out", "\(folder.path)/out", "--orbit", "0.1", "--width", "32",
      "--height", "32", "--json", "--outputs", "rgb,depth,normals,instances,flow,boxes",
    ])
    #expect(outcome.code == 0, "\(outcome)")
    let pictures = try #require(try outcome.json["pictures"] as? [[String: Any]])
    #expect(pictures.count > 1 && pictures.allSatisfy { $0["cut"] != nil })
  }

  @Test func `need no more than the file, which is described and not imported`() throws {
    let folder = try ScratchFolder()
    let file = try sceneFile(in: folder)
    let json = try Program.run(["scene", "info", file, "--json"]).json
    #expect(json["count"] as? Int == 2 && (json["levels"] as? [[String: Any]])?.isEmpty == false)
    #expect(try Program.run(["scene", "info", file]).output.contains("2 in the leaves"))
    try Program.expectFailure(
      ["scene", "build", file, "--out", "\(folder.path)/b.diorama"], saying: file, "a scene file")
    let scene = try TinyScene.write(TinyScene.redAboveBlue, in: folder)
    let refused = try Program.run([
      "scene", "render", scene, "--out", "\(folder.path)/c.png", "--error-pixels", "2",
    ])
    #expect(refused.code != 0 && refused.errors.contains("--error-pixels"), "\(refused)")
  }
}
