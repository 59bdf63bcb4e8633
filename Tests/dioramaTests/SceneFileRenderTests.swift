// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import ImageFiles
import Images
import SplatFormats
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

@Suite struct `Layers on the command line` {
  private static let view = [
    "--width", "32", "--height", "32", "--position", "0,-5,0", "--look-at", "0,0,0",
  ]

  private func sceneFile(in folder: ScratchFolder) throws -> String {
    var cloud = TinyScene.redAboveBlue
    cloud.shRest = []
    let scene = try TinyScene.write(cloud, in: folder)
    let out = "\(folder.path)/a.diorama"
    let outcome = try Program.run([
      "scene", "build", scene, "--out", out, "--origin", "52,4.4,40",
    ])
    #expect(outcome.code == 0, "\(outcome)")
    return out
  }

  private func picture(
    _ file: String, _ folder: ScratchFolder, at moment: String?
  ) throws -> [UInt8] {
    let outcome = try Program.run(
      ["scene", "render", file, "--out", "\(folder.path)/p.png", "--force"] + Self.view
        + (moment.map { ["--at", $0] } ?? []))
    #expect(outcome.code == 0, "\(outcome)")
    return try folder.bytes("p.png")
  }

  @Test func `an event is seen while it lasts`() throws {
    let folder = try ScratchFolder()
    let file = try sceneFile(in: folder)
    let before = try picture(file, folder, at: nil)
    let green = "\(folder.path)/green.ply"
    var cloud = SplatCloud(shDegree: 0)
    cloud.append(TinyScene.ball(at: .zero, colourSRGB: SIMD3(0, 1, 0)))
    try SplatFile.write(cloud, to: green, as: .ply)
    let added = try Program.run([
      "scene", "layer", "event", file, "--name", "ball", "--from", "2026-05-01", "--until",
      "2026-06-01T12:00", "--add", "\(green)@0,-1,0", "--licence", "CC0-1.0",
    ])
    #expect(added.code == 0, "\(added)")
    #expect(try picture(file, folder, at: nil) == before)
    #expect(try picture(file, folder, at: "2026-06-01T12:00") == before)
    let during = try PNG.decodeRGB(
      try picture(file, folder, at: "2026-05-01T00:00"), file: "p.png")
    let middle = (16 * 32 + 16) * 3
    #expect(during.bytes[middle + 1] > 200 && during.bytes[middle] < 50)
    let json = try Program.run(["scene", "layer", "list", file, "--json"]).json
    let layers = try #require(json["layers"] as? [[String: Any]])
    let event = try #require(layers.last)
    #expect(event["from"] as? String == "2026-05-01T00:00:00Z")
    #expect(event["until"] as? String == "2026-06-01T12:00:00Z")
    let things = try #require(event["added"] as? [[String: Any]])
    #expect(things.map { $0["splatCount"] as? Int } == [1])
    #expect(try Program.run(["scene", "check", file]).code == 0)
    #expect(try Program.run(["scene", "layer", "remove", file, "ball"]).code == 0)
    #expect(try picture(file, folder, at: "2026-05-15") == before)
  }

  @Test func `seasons are added once and told`() throws {
    let folder = try ScratchFolder()
    let file = try sceneFile(in: folder)
    #expect(try Program.run(["scene", "layer", "seasons", file]).code == 0)
    let told = try Program.run(["scene", "layer", "list", file]).output
    #expect(told.contains("winter: season, days 335 to 59 of each year, by rules"), "\(told)")
    let info = try Program.run(["scene", "info", file, "--json"]).json
    #expect(info["layers"] as? [String] == ["spring", "summer", "autumn", "winter"])
    try Program.expectFailure(
      ["scene", "layer", "seasons", file], saying: "layer spring", "one of that name")
  }

  @Test func `what cannot be is refused in one line`() throws {
    let folder = try ScratchFolder()
    let file = try sceneFile(in: folder)
    let event = ["scene", "layer", "event", file, "--name", "x", "--from", "2026-05-01"]
    try Program.expectFailure(event + ["--move", "9@1,0,0"], saying: "--move", "instance 9")
    try Program.expectFailure(
      event + ["--add", "\(folder.path)/none.ply"], saying: "none.ply", "no such file")
    try Program.expectFailure(
      ["scene", "layer", "remove", file, "x"], saying: "layer", "there are no layers")
    for wrong in [
      event, event + ["--until", "2026-04-01", "--remove", "1"], event + ["--replace"],
      event + ["--recolour", "3=2,0,0"], event + ["--remove", "-1"],
      ["scene", "layer", "event", file, "--name", "x", "--from", "May", "--remove", "1"],
    ] {
      #expect(try Program.run(wrong).code == 2, "\(wrong)")
    }
    let scene = "\(folder.path)/scene.ply"
    let refused = try Program.run([
      "scene", "render", scene, "--out", "\(folder.path)/c.png", "--at", "2026-05-01",
    ])
    #expect(refused.code != 0 && refused.errors.contains("--at"), "\(refused)")
    #expect(try Program.run(["scene", "check", file]).code == 0)
  }
}
