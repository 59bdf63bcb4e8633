// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite struct `World verbs` {
  @Test func `say which variable a world needs, and take it relative to the current folder`() throws
  {
    try Program.expectFailure(
      ["world", "validate", "garden"], environment: ["DIORAMA_DATA": nil],
      saying: "${DIORAMA_DATA}, which is not set, expected DIORAMA_DATA in the environment")
    // No file is read yet, so any folder will do.
    for data in ["/data", "data"] {
      let outcome = try Program.run(
        ["world", "validate", "garden"], environment: ["DIORAMA_DATA": data])
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
