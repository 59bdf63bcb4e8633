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
    ["dataset", "validate"],
    ["bench", "splats", "--count", "0"],
    ["bench", "splats", "--count", "9", "--scene", "a.ply"],
    ["bench", "splats", "--position", "0,0,0"],
    ["bench", "splats", "--position", "0,0,0", "--look-at", "0,0,1", "--fov-degrees", "180"],
    ["bench", "physics", "--seconds", "-1"],
    ["bench", "meshes", "--fov-degrees", "180"],
    ["bench", "meshes", "--position", "1,2,3"],
    ["bench", "meshes", "--position", "1,2,3", "--look-at", "1,2,3"],
    ["bench", "meshes", "--pictures", "0"],
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

  @Test(arguments: [
    "--width 0", "--height 16385", "--fov-degrees 180", "--fov-degrees 0", "--fov-degrees nan",
    "--position 1,2,3", "--position 1,2 --look-at 0,0,0", "--position 1,2,3 --look-at 1,2,3",
    "--position 1e300,0,0 --look-at 0,0,0", "--up 0,0,0", "--lens plenoptic", "--distortion 0.1",
    "--lens fisheye --distortion 1,2,3,4,5",
    "--lens fisheye --distortion 1,,2", "--lens fisheye --fov-degrees 360",
    "--lens brown-conrady --distortion=-3", "--lens brown-conrady --distortion 1e300",
    "--lens brown-conrady --distortion nan", "--lens equirectangular --fov-degrees 90",
    "--intrinsics 1,2,3", "--intrinsics 0,1,2,3", "--intrinsics 9,9,1e9,0",
    "--intrinsics 9,9,4,4 --fov-degrees 50", "--near 0", "--near 2 --far 1", "--far inf",
    "--camera c.json --width 9", "--camera c.json --lens fisheye",
    "--outputs colour", "--outputs rgb,rgb", "--outputs rgb,", "--outputs flow", "--outputs boxes",
    "--outputs rgb,depth", "--formats npy",
    "--path p.json --orbit 3", "--orbit 0", "--orbit 1e9", "--orbit 3 --fps 0",
    "--shutter-open-ms 0", "--shutter-samples 4", "--shutter-direction upwards",
    "--shutter-open-ms 1 --shutter-samples 257", "--shutter-readout-ms 1e9",
    "--exposure 0", "--gain nan", "--jpeg-quality 0", "--vignetting none", "--bayer rgb",
    "--noise-seed=-1", "--read-noise-electrons 3", "--noise-seed 1 --full-well-electrons 0",
    "--profile other", "--splat-budget=-1", "--background 0,0,nan", "--background 0,0,2",
    "--threads 0",
  ]) func `ends with 2 for pictures that cannot be taken`(options: String) throws {
    let outcome = try Program.run(
      ["scene", "render", "a.ply", "--out", "b.png"]
        + options.split(separator: " ").map(String.init))
    #expect(outcome.code == 2, "\(outcome)")
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("Error: "))
  }

  @Test(arguments: [
    "--out b.mp4 --outputs depth", "--out b.exr", "--out b.npy --outputs rgb,alpha",
    "--out b.mp4 --formats png", "--out b --formats gif",
  ]) func `ends with 2 where a name does not fit what it holds`(options: String) throws {
    let outcome = try Program.run(
      ["scene", "render", "a.ply"] + options.split(separator: " ").map(String.init))
    #expect(outcome.code == 2, "\(outcome)")
  }

  @Test(arguments: [["--help"], ["help", "scene"], ["scene", "render", "--help"], ["--version"]])
  func `is not asking for help`(arguments: [String]) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.code == 0, "\(outcome)")
    #expect(outcome.errors.isEmpty)
    #expect(!outcome.output.isEmpty)
  }
}
