// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import ImageFiles
import Images
import Splats
import Testing

@Suite struct `Scene render` {
  private static let tiny = ["--width", "32", "--height", "32", "--json"]

  @Test func `shows a capture upright when it is not told how`() throws {
    let folder = try ScratchFolder()
    let image = try picture(of: TinyScene.redAboveBlue, in: folder)
    // The balls stand a sixth from the middle or more; a column through both is looked at.
    let column = (0..<32).map { pixel(image, 16, $0) }
    let red = try #require(column.firstIndex { $0.x > 128 && $0.z < 64 })
    let blue = try #require(column.firstIndex { $0.z > 128 && $0.x < 64 })
    #expect(red < 16 && blue >= 16)
    #expect(pixel(image, 0, 0) == .zero)
  }

  @Test func `writes each output by its name, in whole numbers`() throws {
    let folder = try ScratchFolder()
    let scene = try TinyScene.write(greenBall, in: folder)
    let outcome = try Program.run(
      ["scene", "render", scene, "--out", "\(folder.path)/out"] + Self.tiny + Self.atBall + [
        "--background", "1,0,1", "--outputs",
        "rgb,linear,alpha,depth,median-depth,first-depth,normals,world-normals,instances,"
          + "semantics,coverage,owners,boxes",
      ])
    #expect(outcome.code == 0, "\(outcome)")
    #expect(
      try folder.names(in: "out") == [
        "alpha.png", "boxes.json", "coverage.png", "depth-valid.png", "depth.png",
        "first-depth-valid.png", "first-depth.png", "instances.png", "linear.png",
        "median-depth-valid.png", "median-depth.png", "normals.png", "owners.png", "rgb.png",
        "semantics.png", "world-normals.png",
      ])
    let image = try PNG.decodeRGB(try folder.bytes("out/rgb.png"), file: "rgb.png")
    // Half a pixel off the ball's centre, whose deviation is 1.8 pixels: 0.99 exp(-0.07) is left.
    #expect(pixel(image, 16, 16).y > 220 && pixel(image, 16, 16).x < 35)
    #expect(pixel(image, 0, 0) == SIMD3(255, 0, 255))
    for name in ["depth", "median-depth", "first-depth"] {
      let depth = try PNG.decodeDepth(try folder.bytes("out/\(name).png"), file: name)
      // The ball's centre is 3 m away; stored in millimetres.
      #expect(abs(depth.values[16 * 32 + 16] - 3) < 0.001, "\(name)")
      #expect(depth.values[0] == 0)
      let valid = try labels("out/\(name)-valid.png", in: folder)
      #expect(valid[16 * 32 + 16] == 255 && valid[0] == 0)
    }
    let alpha = try labels("out/alpha.png", in: folder)
    #expect(alpha[16 * 32 + 16] > 60_000 && alpha[0] == 0)
    #expect(try labels("out/owners.png", in: folder)[16 * 32 + 16] == 1)
    #expect(try labels("out/owners.png", in: folder)[0] == 0)
    #expect(try labels("out/instances.png", in: folder).allSatisfy { $0 == 0 })
    // The camera looks along the world's x with z up: towards it is -z in its frame, -x outside.
    let normals = try PNG.decodeRGB(try folder.bytes("out/normals.png"), file: "normals.png")
    #expect(pixel(normals, 16, 16) == SIMD3(128, 128, 0))
    let world = try PNG.decodeRGB(try folder.bytes("out/world-normals.png"), file: "world.png")
    #expect(pixel(world, 16, 16) == SIMD3(0, 128, 128))
    #expect(try folder.text("out/boxes.json") == "[]\n")
  }

  @Test func `writes the same numbers for NumPy without rounding`() throws {
    let folder = try ScratchFolder()
    let scene = try TinyScene.write(greenBall, in: folder)
    let out = "\(folder.path)/depth.npy"
    let outcome = try Program.run(
      ["scene", "render", scene, "--out", out, "--outputs", "depth"] + Self.tiny + Self.atBall)
    #expect(outcome.code == 0, "\(outcome)")
    let bytes = try folder.bytes("depth.npy")
    #expect(String(decoding: bytes[..<128], as: UTF8.self).contains("'<f4'"))
    #expect(String(decoding: bytes[..<128], as: UTF8.self).contains("(32, 32)"))
    let place = 128 + (16 * 32 + 16) * 4
    let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[place + $1]) << (8 * UInt32($1)) }
    // A ball's surface of equal weights bends towards its middle by less than a millimetre here.
    #expect(abs(Float(bitPattern: bits) - 3) < 0.001)
  }

  @Test func `sees through the lens of a camera file, and tells it in the same words`() throws {
    let folder = try ScratchFolder()
    let scene = try TinyScene.write(greenBall, in: folder)
    // The axis meets the image at column 8, where the ball then is.
    let camera = try folder.file(
      "camera.json",
      Array(
        """
        {"lens": "fisheye", "width": 32, "height": 32, "fx": 20, "cx": 8.5, "cy": 16.5, "k1": 0.1,
         "position": [-5, 0, 0], "look_at": [-2, 0, 0], "up": [0, 0, 1]}
        """.utf8))
    let first = try Program.run(
      ["scene", "render", scene, "--camera", camera, "--out", "\(folder.path)/a.png", "--json"])
    #expect(first.code == 0, "\(first)")
    let image = try PNG.decodeRGB(try folder.bytes("a.png"), file: "a.png")
    // As opaque as a splat can be: 0.99 of 255.
    #expect(pixel(image, 8, 16) == SIMD3(0, 252, 0))
    let json = try first.json
    var told = try #require(json["camera"] as? [String: Any])
    let pictures = try #require(json["pictures"] as? [[String: Any]])
    for key in ["position", "rotation_wxyz"] { told[key] = pictures[0][key] }
    _ = try folder.file(
      "told.json", Array(try JSONSerialization.data(withJSONObject: told)))
    let second = try Program.run([
      "scene", "render", scene, "--camera", "\(folder.path)/told.json", "--out",
      "\(folder.path)/b.png",
    ])
    #expect(second.code == 0, "\(second)")
    #expect(try folder.bytes("b.png") == folder.bytes("a.png"))
  }

  @Test(arguments: [
    "--lens brown-conrady --distortion 0.1,0.01", "--lens fisheye --fov-degrees 170",
    "--lens equirectangular", "--profile inria", "--profile gut", "--near 2 --far 4",
  ]) func `sees what is straight ahead through every lens, in every profile`(
    options: String
  ) throws {
    let folder = try ScratchFolder()
    let image = try picture(
      of: greenBall, in: folder, Self.atBall + options.split(separator: " ").map(String.init))
    // A panorama's pixel is 11 by 6 degrees: its centre lies more than a deviation from the ball's.
    #expect(pixel(image, 16, 16).y > 128, "\(pixel(image, 16, 16))")
  }

  @Test func `leaves out what the budget has no room for, and counts it`() throws {
    let folder = try ScratchFolder()
    let scene = try TinyScene.write(TinyScene.redAboveBlue, in: folder)
    let outcome = try Program.run(
      ["scene", "render", scene, "--out", "\(folder.path)/a.png", "--splat-budget", "1"] + Self.tiny
    )
    let pictures = try #require(try outcome.json["pictures"] as? [[String: Any]])
    #expect(pictures[0]["droppedSplatCount"] as? Int == 1)
  }

  @Test func `sees meshes among the splats, with labels and boxes`() throws {
    let folder = try ScratchFolder()
    let scene = try TinyScene.write(greenBall, in: folder)
    // A square of 2 m that faces the camera, a metre behind the ball.
    let square = "v 0 -1 -1\nv 0 1 -1\nv 0 1 1\nv 0 -1 1\nf 1 2 3\nf 1 3 4\n"
    let mesh = try folder.file("square.obj", Array(square.utf8))
    let outcome = try Program.run(
      ["scene", "render", scene, "--out", "\(folder.path)/out", "--mesh", "\(mesh)@-1,0,0"]
        + Self.tiny + Self.atBall + [
          "--outputs", "median-depth,instances,semantics,coverage,owners,boxes",
        ])
    #expect(outcome.code == 0, "\(outcome)")
    let (middle, side) = (16 * 32 + 16, 16 * 32 + 21)
    let depth = try PNG.decodeDepth(try folder.bytes("out/median-depth.png"), file: "depth.png")
    #expect(abs(depth.values[middle] - 3) < 0.001 && depth.values[side] == 4)
    #expect(try labels("out/owners.png", in: folder)[middle] == 1)
    #expect(try labels("out/owners.png", in: folder)[side] == 2)
    for name in ["instances", "semantics"] {
      #expect(try labels("out/\(name).png", in: folder)[side] == 1)
      #expect(try labels("out/\(name).png", in: folder)[middle] == 0)
    }
    let boxes = try #require(
      try JSONSerialization.jsonObject(with: Data(try folder.bytes("out/boxes.json")))
        as? [[String: Any]])
    // 16 / tan 30 degrees = 27.7 pixels a slope of one: a metre 4 m away is 6.9, from 9.1 to 22.9.
    #expect(boxes.count == 1 && boxes[0]["instance"] as? Int == 1)
    let loose = try #require(boxes[0]["loose"] as? [String: [Int]])
    #expect(loose == ["columns": [9, 22], "rows": [9, 22]])
    #expect((boxes[0]["occlusion"] as? Double ?? 0) > 0.05)
  }

  @Test func `says what is wrong with a mesh`() throws {
    let folder = try ScratchFolder()
    let scene = try TinyScene.write(greenBall, in: folder)
    let render = ["scene", "render", scene, "--out", "\(folder.path)/a.png", "--mesh"]
    let broken = try folder.file("broken.obj", Array("v 0 0 0\nf 1 2 3\n".utf8))
    try Program.expectFailure(render + [broken], saying: broken)
    try Program.expectFailure(render + ["/no/such.obj"], saying: "/no/such.obj")
    #expect(try Program.run(render + ["a.obj@1,2"]).code == 2)
    #expect(try folder.names == ["broken.obj", "scene.ply"])
  }

  @Test func `is the same for any number of threads`() throws {
    let folder = try ScratchFolder()
    _ = try picture(of: TinyScene.redAboveBlue, in: folder, ["--threads", "1"])
    let one = try folder.bytes("picture.png")
    _ = try picture(of: TinyScene.redAboveBlue, in: folder, ["--threads", "3", "--force"])
    #expect(try folder.bytes("picture.png") == one)
  }

  @Test func `says how long each stage took, where and on what`() throws {
    let folder = try ScratchFolder()
    let scene = try TinyScene.write(TinyScene.redAboveBlue, in: folder)
    let out = "\(folder.path)/picture.png"
    let json = try Program.run(
      ["scene", "render", scene, "--out", out, "--instruction-set", "SSE4"] + Self.tiny
    ).json
    let stages = try #require(json["stageMilliseconds"] as? [String: Double])
    let names = ["read", "pack", "project", "sort", "bin", "meshes", "tiles", "encode", "write"]
    #expect(Set(stages.keys) == Set(names))
    let pictures = try #require(json["pictures"] as? [[String: Any]])
    let own = try #require(pictures[0]["stageMilliseconds"] as? [String: Double])
    #expect(Set(own.keys) == Set(names).subtracting(["read", "pack"]))
    #expect(json["files"] as? [String] == [out])
    let machine = try #require(json["machine"] as? [String: Any])
    #expect(machine["instructionSet"] as? String == "SSE4")
  }

  private static let atBall = ["--position", "-5,0,0", "--look-at", "-2,0,0", "--up", "0,0,1"]

  private var greenBall: SplatCloud {
    var cloud = SplatCloud(shDegree: 0)
    cloud.append(TinyScene.ball(at: SIMD3(-2, 0, 0), colourSRGB: SIMD3(0, 1, 0)))
    return cloud
  }

  private func labels(_ name: String, in folder: ScratchFolder) throws -> [UInt32] {
    try PNG.decodeLabels(try folder.bytes(name), file: name).ids
  }

  private func picture(
    of cloud: SplatCloud, in folder: ScratchFolder, _ options: [String] = []
  ) throws -> RGBImage {
    let scene = try TinyScene.write(cloud, in: folder)
    let out = "\(folder.path)/picture.png"
    let outcome = try Program.run(
      ["scene", "render", scene, "--out", out] + Self.tiny + options)
    #expect(outcome.code == 0, "\(outcome)")
    return try PNG.decodeRGB(try folder.bytes("picture.png"), file: out)
  }

  private func pixel(_ image: RGBImage, _ column: Int, _ row: Int) -> SIMD3<Int> {
    let place = (row * image.width + column) * 3
    return SIMD3(
      Int(image.bytes[place]), Int(image.bytes[place + 1]), Int(image.bytes[place + 2]))
  }
}
