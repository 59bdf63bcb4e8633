// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import ImageFiles
import Images
import Splats
import Testing

/// What is wrong with a scene or a camera gives a picture that can be told beforehand, or one line.
@Suite struct `Pictures of what is wrong` {
  private static let view = [
    "--width", "32", "--height", "24", "--position", "0,0,-3", "--look-at", "0,0,0", "--background",
    "0,0,1",
  ]
  private static let blue = SIMD3<UInt8>(0, 0, 255)

  @Test func `show the background where there is no splat`() throws {
    #expect(try middle(of: SplatCloud(shDegree: 0)) == Self.blue)
  }

  @Test func `leave out splats with NaN, and say how many`() throws {
    // Of x, y, z, three of a normal, three of a colour, opacity, three of a size, four of a turn.
    for field in [0, 8, 9, 11] {
      #expect(
        try middle(of: cloud(of: ball), with: [field: .nan], saying: "1 dropped") == Self.blue)
      var two = cloud(of: ball)
      two.append(ball)
      #expect(try middle(of: two, with: [field: .nan], saying: "1 dropped").x > 200)
    }
  }

  @Test(arguments: [[0, 0, 0, 0], [.nan, 0, 0, 1], [300, 0, 0, 0], [1e-30, 0, 0, 0]])
  func `draw a splat whose rotation has no length as not turned`(rotation: [Float]) throws {
    let folder = try ScratchFolder()
    let level = try picture(of: cloud(of: long), in: folder)
    let parts = Dictionary(uniqueKeysWithValues: zip(13..., rotation))
    #expect(try picture(of: cloud(of: long), with: parts, in: folder) == level)
  }

  @Test(arguments: ["inria", "gsplat", "gut"])
  func `are taken from within a splat`(profile: String) throws {
    let folder = try ScratchFolder()
    for eye in ["0,0,0", "0,0,0.05", "0,0,-0.3"] {
      let bytes = try picture(
        of: cloud(of: ball), in: folder,
        ["--position", eye, "--look-at", "0,0,1", "--profile", profile])
      #expect(try PNG.decodeRGB(bytes, file: "a.png").width == 32)
    }
  }

  @Test func `hold splats as large and as far as floats go`() throws {
    var (large, far, bright) = (ball, ball, ball)
    large.logScale = SIMD3(repeating: 80)
    far.position.x = 1e30
    bright.sh0 = SIMD3(repeating: 1e30)
    for splat in [large, far, bright] {
      #expect(try middle(of: cloud(of: splat)) == Self.blue)
    }
  }

  @Test(arguments: [
    ["--lens", "fisheye", "--distortion=-10,0,0,0", "--fov-degrees", "10"],
    ["--lens", "fisheye", "--distortion=1e6,-1e6,1e6,-1e6", "--fov-degrees", "0.1"],
    ["--intrinsics", "0.001,1e7,16,12"], ["--near", "1e9", "--far", "1e10"],
    ["--up", "1e300,0,0"], ["--up", "0,0,1"], ["--splat-budget", "0"],
    ["--lens", "brown-conrady", "--distortion", "1e5,0,0,0", "--intrinsics", "9,9,16,12"],
  ]) func `end well with cameras that nobody has`(options: [String]) throws {
    let folder = try ScratchFolder()
    _ = try picture(of: cloud(of: ball), in: folder, options)
  }

  @Test func `name what is wrong with a camera file`() throws {
    let folder = try ScratchFolder()
    let scene = try TinyScene.write(cloud(of: ball), in: folder)
    let out = "\(folder.path)/a.png"
    for (text, words) in [
      ("{", ["line 1"]), (#"{"width": 4}"#, ["height", "no such key"]),
      (#"{"width": 4, "height": 4, "k1": "a"}"#, ["k1", "\"a\"", "a number"]),
      (#"{"width": 4, "height": 4, "fx": 1e999}"#, ["line 1", "1e999"]),
      (#"{"frames": [{"position": [0, 0, 0], "look_at": [0, 0, 1]}]}"#, ["width"]),
      (
        #"{"width": 4, "height": 4, "position": [0, 0, 0], "rotation_wxyz": [0, 0, 0, 0]}"#,
        ["rotation_wxyz", "[0, 0, 0, 0]", "length one"]
      ),
    ] {
      let camera = try folder.file("camera.json", Array(text.utf8))
      let outcome = try Program.run(["scene", "render", scene, "--out", out, "--camera", camera])
      outcome.expectFailure(saying: [camera] + words)
    }
    try Program.expectFailure(
      ["scene", "render", scene, "--out", out, "--camera", "/no/camera.json"],
      saying: "/no/camera.json")
    try Program.expectFailure(
      ["scene", "render", scene, "--out", "\(folder.path)/o", "--path", scene], saying: scene)
    #expect(try folder.names == ["camera.json", "scene.ply"])
  }

  @Test func `leave nothing behind where they cannot be written`() throws {
    let folder = try ScratchFolder()
    let scene = try TinyScene.write(cloud(of: ball), in: folder)
    let render = ["scene", "render", scene] + Self.view
    for out in ["/no/such/folder", "/proc/out", "\(scene)/out"] {
      try Program.expectFailure(render + ["--out", out], saying: out)
      try Program.expectFailure(render + ["--out", "\(out).npy"], saying: out)
    }
    try Program.expectFailure(
      render + ["--out", folder.path], saying: folder.path, "not empty", "--force")
    try Program.expectFailure(
      render + ["--out", "\(folder.path)/a.mp4", "--orbit", "1", "--height", "23"],
      saying: "a.mp4", "height", "23")
    try Program.expectFailure(
      render + [
        "--out", "\(folder.path)/out", "--orbit", "0.1", "--fps", "1", "--outputs", "flow",
      ],
      saying: "one picture", "flow")
    let full = try Program.run(
      render + ["--out", "\(folder.path)/out", "--outputs", "rgb,linear", "--formats", "npy"],
      writingAtMost: 4)
    full.expectFailure(saying: ["\(folder.path)/out/linear.npy", "file too large"])
    #expect(try folder.names == ["scene.ply"])
  }

  @Test func `say that there is nothing to see`() throws {
    let folder = try ScratchFolder()
    let scene = try TinyScene.write(SplatCloud(shDegree: 0), in: folder)
    let out = "\(folder.path)/picture.png"
    try Program.expectFailure(["scene", "render", scene, "--out", out], saying: scene, "splats")
    try Program.expectFailure(
      ["scene", "render", scene, "--out", out, "--instruction-set", "AVX9"], saying: "AVX9")
    #expect(try folder.names == ["scene.ply"])
  }

  private var ball: Splat { TinyScene.ball(at: .zero, colourSRGB: SIMD3(1, 0, 0)) }

  /// A splat whose turn can be seen.
  private var long: Splat {
    var splat = ball
    splat.logScale = SIMD3(0, -4, -2)
    return splat
  }

  private func cloud(of splat: Splat) -> SplatCloud {
    var cloud = SplatCloud(shDegree: 0)
    cloud.append(splat)
    return cloud
  }

  /// Takes a picture of a cloud after other numbers were put into its last splat in the file.
  private func picture(
    of cloud: SplatCloud, with fields: [Int: Float] = [:], in folder: ScratchFolder,
    _ options: [String] = [], saying words: String = ""
  ) throws -> [UInt8] {
    let scene = try TinyScene.write(cloud, in: folder)
    var bytes = try folder.bytes("scene.ply")
    for (field, value) in fields {
      let place = bytes.count - (17 - field) * 4
      for byte in 0..<4 {
        bytes[place + byte] = UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * byte))
      }
    }
    _ = try folder.file("scene.ply", bytes)
    // The later of two options counts.
    let outcome = try Program.run(
      ["scene", "render", scene, "--out", "\(folder.path)/a.png", "--force"] + Self.view + options)
    #expect(outcome.code == 0, "\(outcome)")
    #expect(words.isEmpty || outcome.errors.contains(words), "\(outcome)")
    return try folder.bytes("a.png")
  }

  private func middle(
    of cloud: SplatCloud, with fields: [Int: Float] = [:], saying words: String = ""
  ) throws -> SIMD3<UInt8> {
    let bytes = try picture(of: cloud, with: fields, in: try ScratchFolder(), saying: words)
    let image = try PNG.decodeRGB(bytes, file: "a.png")
    let place = 3 * (12 * 32 + 16)
    return SIMD3(image.bytes[place], image.bytes[place + 1], image.bytes[place + 2])
  }
}
