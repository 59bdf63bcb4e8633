// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry
import SceneStore
import Splats
import Testing

@Suite struct `World verbs` {
  @Test func `say which variable a world needs, and take it relative to the current folder`() throws
  {
    try Program.expectFailure(
      ["world", "validate", "garden"], environment: ["DIORAMA_DATA": nil],
      saying: "${DIORAMA_DATA}, which is not set, expected DIORAMA_DATA in the environment")
    // The file alone names nothing that is read, so any folder will do.
    for data in ["/data", "data"] {
      let outcome = try Program.run(
        ["world", "validate", "garden", "--file-only"], environment: ["DIORAMA_DATA": data])
      #expect(outcome.code == 0, "\(outcome)")
    }
    let folder = try ScratchFolder()
    let scene = try Program.run(
      ["scene", "info", "garden"], environment: ["DIORAMA_DATA": "data"], in: folder.path)
    scene.expectFailure(saying: ["/data/splats/", "no such file"])
    #expect(scene.errors.contains(folder.path), "\(scene)")
  }

  @Test func `list the worlds without any variable`() throws {
    let outcome = try Program.run(
      ["world", "list", "--json"], environment: ["DIORAMA_DATA": nil])
    let worlds = try #require(try outcome.json["worlds"] as? [[String: String]])
    #expect(worlds.map { $0["name"] } == ["tabletop", "garden"])
  }

  @Test func `print the schema as JSON with and without being asked`() throws {
    let asked = try Program.run(["world", "schema", "--json"])
    #expect(try asked.json["properties"] is [String: Any])
    #expect(try Program.run(["world", "schema"]).output == asked.output)
    #expect(try Program.run(["world", "schema", "--markdown"]).output.hasPrefix("###"))
  }
}

@Suite struct `Validating a world` {
  @Test func `of the executable takes its scene and says what it could not see`() throws {
    let folder = try ScratchFolder()
    let outcome = try Program.run(
      ["world", "validate", "tabletop", "--json"],
      environment: [
        "DIORAMA_CACHE": folder.path
      ])
    #expect(outcome.code == 0, "\(outcome)")
    let all = try outcome.json
    #expect(all["ok"] as? Bool == true)
    let json = try #require((all["worlds"] as? [[String: Any]])?.first)
    #expect(json["ok"] as? Bool == true && json["world"] as? String == "tabletop")
    let unchecked = try #require(json["unchecked"] as? [String])
    #expect(unchecked.count == 1)
    #expect(unchecked.first?.contains("diorama assets fetch so101") == true)
    let surface = try #require(json["surface"] as? [String: Any])
    let error = try #require(surface["medianErrorMillimetres"] as? Double)
    #expect(error < 1)
  }

  @Test func `reports the mistakes of a file, then those of what it names`() throws {
    let folder = try ScratchFolder()
    let text = try worldText().replacing("  builtin: courtyard\n  seed: 1", with: "  file: no.ply")
    let path = try folder.file("w.yaml", Array(text.utf8))
    let shallow = try Program.run(["world", "validate", path, "--file-only"])
    #expect(shallow.code == 0 && shallow.output.contains("not checked: scene, meshes and robot"))
    try Program.expectFailure(
      ["world", "validate", path], saying: "w.yaml: line 7: scene.file: found ", "no.ply")

    let worse = text.replacing("kind: put", with: "kind: pot").replacing("asset: ", with: "aset: ")
    _ = try folder.file("w.yaml", Array(worse.utf8))
    let outcome = try Program.run(["world", "validate", path])
    #expect(outcome.code == 1)
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.count == 3, "\(lines)")
    #expect(lines.allSatisfy { $0.hasPrefix("diorama: \(path): line ") })

    let both = try Program.run(
      ["world", "validate", path, "tabletop", "--file-only", "--json"])
    #expect(both.code == 1)
    let verdicts = try #require(try both.json["worlds"] as? [[String: Any]])
    #expect(verdicts.map { $0["ok"] as? Bool } == [false, true])
    #expect((verdicts[0]["mistakes"] as? [[String: String]])?.count == 3)
  }

  /// A flat splat of a metre two metres above the origin of a scene file.
  @Test func `tells how far a scene file's ground is from where things stand`() throws {
    let folder = try ScratchFolder()
    var cloud = SplatCloud(shDegree: 0)
    cloud.append(
      Splat(
        position: SIMD3(0, 0, 2), logScale: SIMD3(0, 0, -7), rotation: .identity, opacityLogit: 5,
        sh0: .zero))
    let builder = try SceneBuilder("\(folder.path)/a.diorama", origin: nil, threadCount: 1)
    let source = try builder.add(
      SplatSource(name: "test", licence: "none", sha256: "", method: .seeded))
    for (leaf, part) in cloud.leaves().leaves { try builder.add(leaf: leaf, part, source: source) }
    try builder.finish()
    for (height, isRight) in [(2.0, true), (1.8, false)] {
      let text = try worldText().replacing(
        "  builtin: courtyard\n  seed: 1",
        with: "  store: a.diorama\n  at: 2026-01-15T12:00\n  place: [0, 0, \(height)]")
      let path = try folder.file("w.yaml", Array(text.utf8))
      let outcome = try Program.run(["world", "validate", path])
      #expect(outcome.errors.contains("a surface 200 mm off z = 0") == !isRight, "\(outcome)")
      #expect(outcome.errors.contains("`place` moves them") == !isRight, "\(outcome)")
    }
  }

  private func worldText() throws -> String {
    let here = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return String(decoding: try readFile("/\(here)/Worlds/tabletop.yaml"), as: UTF8.self)
  }
}
