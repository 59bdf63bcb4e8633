// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite struct `Bad usage` {
  @Test(arguments: [
    ["nonsense"],
    ["scene", "info"],
    ["scene", "info", "a.ply", "--table-height-metres", "0.7"],
    ["scene", "info", "a.npz", "--table-height-metres", "-1"],
    ["scene", "import", "a.ply", "--out", "b.obj"],
    ["scene", "import", "a.ply", "--out", "b.ply", "--spz-version", "4"],
    ["scene", "import", "a.ply", "--out", "b.spz", "--spz-version", "5"],
    ["scene", "render", "a.ply", "--out", "b.png", "--width", "0"],
    ["scene", "render", "a.ply", "--out", "b.png", "--fov-degrees", "180"],
    ["scene", "render", "a.ply", "--out", "b.png", "--position", "1,2,3"],
    ["scene", "render", "a.ply", "--out", "b.png", "--position", "1,2", "--look-at", "0,0,0"],
    ["scene", "render", "a.ply", "--out", "b.png", "--up", "0,0,0"],
    ["scene", "render", "a.ply", "--out", "b.png", "--depth", "./b.png"],
    ["scene", "render", "a.ply", "--out", "b.png", "--profile", "other"],
    ["scene", "render", "a.ply", "--out", "b.png", "--background", "0,0,nan"],
    ["scene", "render", "a.ply", "--out", "b.png", "--threads", "0"],
    ["dataset", "validate"],
    ["bench", "splats", "--count", "0"],
    ["bench", "splats", "--count", "9", "--scene", "a.ply"],
    ["bench", "physics", "--seconds", "-1"],
    ["bench", "run", "--threads", "0"],
    ["bench", "run", "--episodes", "1000001"],
    ["bench", "teacher", "--threads", "1025"],
    ["bench", "teacher", "--episodes", "5000000000"],
    ["world", "schema", "--markdown", "--json"],
    ["run", "--out", "o"],
    ["run", "tabletop"],
    ["run", "tabletop", "--out", "o", "--episodes", "0"],
    ["run", "tabletop", "--out", "o", "--threads", "1025"],
    ["run", "tabletop", "--out", "o", "--replay", "d"],
    ["run", "tabletop", "--out", "o", "--episode", "1"],
    ["run", "--replay", "d", "--out", "o", "--episodes", "3"],
    ["run", "--replay", "d", "--out", "o", "--seed", "3"],
    ["run", "--replay", "d", "--out", "o", "--episode", "1", "--episode", "1"],
    ["run", "--replay", "d", "--out", "o", "--episode=-1"],
  ]) func `ends with 2 and prints nothing as output`(arguments: [String]) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.code == 2, "\(outcome)")
    #expect(outcome.output.isEmpty)
    #expect(!outcome.errors.isEmpty)
  }

  @Test(arguments: [["--help"], ["help", "scene"], ["scene", "render", "--help"], ["--version"]])
  func `is not asking for help`(arguments: [String]) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.code == 0, "\(outcome)")
    #expect(outcome.errors.isEmpty)
    #expect(!outcome.output.isEmpty)
  }
}
