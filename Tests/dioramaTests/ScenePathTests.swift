// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Datasets
import Foundation
import Geometry
import ImageFiles
import Images
import Splats
import Testing

@Suite struct `Scene render along a path` {
  private static let size = ["--width", "32", "--height", "32"]
  private static let lens = ["--intrinsics", "30,30,16,16"]

  @Test func `tells how the picture moves, there and back`() throws {
    let folder = try ScratchFolder()
    // 0.1 m to the right a picture, past a ball 3 m away: 30 * 0.1 / 3 = 1 pixel to the left.
    let path = try write(path: (0...3).map { SIMD3(Double($0) * 0.1, 0, -3) }, in: folder)
    let json = try render(
      ["--path", path, "--fps", "10", "--outputs", "flow", "--formats", "npy"], in: folder)
    let pictures = try #require(json["pictures"] as? [[String: Any]])
    #expect(pictures.map { $0["time_seconds"] as? Double } == [0, 0.1, 0.2, 0.3])
    #expect(pictures[2]["stageMilliseconds"] is [String: Double])
    let names = ["000000.npy", "000001.npy", "000002.npy"]
    #expect(try folder.names(in: "out/flow") == names)
    #expect(try folder.names(in: "out/flow-back") == ["000001.npy", "000002.npy", "000003.npy"])
    for (name, expected) in [("flow/000000", Float(-1)), ("flow-back/000001", 1)] {
      let motion = floats(try folder.bytes("out/\(name).npy"))
      let middle = 2 * (16 * 32 + 15)
      // The ball's depth at its middle, of half a pixel's slope.
      #expect(abs(motion[middle] - expected) < 0.01, "\(name): \(motion[middle])")
      #expect(abs(motion[middle + 1]) < 0.01)
      #expect(motion[0] == 0 && motion[1] == 0)
    }
    let fates = try folder.bytes("out/flow-fate/000000.npy").suffix(32 * 32)
    // Seen in the middle, nothing in the corner.
    #expect(Array(fates)[16 * 32 + 15] == 1 && Array(fates)[0] == 0)
  }

  @Test func `takes frames without times just where they are`() throws {
    let folder = try ScratchFolder()
    let places = [SIMD3(0.0, 0, -3), SIMD3(0.5, 0, -3), SIMD3(0, 0, -2)]
    let path = try write(path: places, times: nil, in: folder)
    _ = try render(["--path", path], in: folder)
    #expect(try folder.names(in: "out/rgb").count == 3)
    for (index, place) in places.enumerated() {
      let alone = "\(folder.path)/alone\(index).png"
      let outcome = try Program.run(
        ["scene", "render", "\(folder.path)/scene.ply", "--out", alone] + Self.size + Self.lens + [
          "--position", "\(place.x),\(place.y),\(place.z)", "--look-at",
          "\(place.x),\(place.y),9", "--up", "0,-1,0",
        ])
      #expect(outcome.code == 0, "\(outcome)")
      #expect(
        try folder.bytes("alone\(index).png") == folder.bytes("out/rgb/00000\(index).png"))
    }
    let failed = try Program.run(
      ["scene", "render", "\(folder.path)/scene.ply", "--out", "\(folder.path)/b", "--path", path]
        + Self.size + ["--shutter-open-ms", "3"])
    failed.expectFailure(saying: [path, "frames.0.time_seconds", "the shutter takes some"])
  }

  @Test func `goes around into a video that plays at its rate`() throws {
    let folder = try ScratchFolder()
    let scene = try TinyScene.write(TinyScene.redAboveBlue, in: folder)
    let out = "\(folder.path)/around.mp4"
    let outcome = try Program.run(
      ["scene", "render", scene, "--orbit", "0.8", "--fps", "10", "--out", out] + Self.size)
    #expect(outcome.code == 0, "\(outcome)")
    var video = try VideoReader(path: out)
    #expect(video.frameCount == 8)
    #expect(video.firstFrameOffTime(fpsNumerator: 10) == nil)
    // The balls lie on the axis of the turn: every picture shows red above blue.
    while let image = try video.nextImage() {
      let column = (0..<32).map { row in 3 * (row * 32 + 16) }
      let red = try #require(column.firstIndex { image.bytes[$0] > 128 })
      let blue = try #require(column.firstIndex { image.bytes[$0 + 2] > 128 })
      #expect(red < blue)
    }
    #expect(try folder.names == ["around.mp4", "scene.ply"])
  }

  @Test func `leans what a rolling shutter passes, and blurs what a long one does`() throws {
    let folder = try ScratchFolder()
    // 6 m/s to the right: in the 100 ms of the readout 0.6 m, at 3 m 6 pixels.
    let path = try write(path: [SIMD3(-0.3, 0, -3), SIMD3(0.3, 0, -3)], in: folder)
    let still = try middles(["--path", path, "--fps", "5"], in: folder, "still")
    let rolling = try middles(
      ["--path", path, "--fps", "5", "--shutter-readout-ms", "100"], in: folder, "rolling")
    // The red ball is above the blue one by a third of the picture and two thirds of 30 pixels:
    // exposed (20 / 31) * 100 ms earlier, so 20 / 31 * 6 pixels farther to the right.
    #expect(abs(still.red - still.blue) < 0.1)
    #expect(abs(rolling.red - rolling.blue - 20.0 / 31 * 6) < 0.4, "\(rolling)")
    let blurred = try middles(
      ["--path", path, "--fps", "5", "--shutter-open-ms", "100"], in: folder, "blurred")
    // Seen over 6 pixels, which the camera has half passed in the mean.
    #expect(abs(blurred.red - still.red + 3) < 0.1 && blurred.width > still.width, "\(blurred)")
  }

  @Test func `gives each picture noise of its own, the same for the same seed`() throws {
    let folder = try ScratchFolder()
    let path = try write(path: [SIMD3(0, 0, -3), SIMD3(0, 0, -3)], times: nil, in: folder)
    for (name, seed) in [("a", "7"), ("b", "7"), ("c", "8")] {
      _ = try render(
        [
          "--path", path, "--noise-seed", seed, "--full-well-electrons", "500", "--bayer", "grbg",
          "--vignetting", "cosine-fourth", "--jpeg-quality", "90", "--exposure", "0.9",
        ], in: folder, name)
    }
    func bytes(_ name: String) throws -> [UInt8] { try folder.bytes("\(name).png") }
    #expect(try bytes("a/rgb/000000") == bytes("b/rgb/000000"))
    #expect(try bytes("a/rgb/000000") != bytes("a/rgb/000001"))
    #expect(try bytes("a/rgb/000000") != bytes("c/rgb/000000"))
  }

  @Test func `leaves nothing when it is stopped`() throws {
    let folder = try ScratchFolder()
    let scene = try TinyScene.write(TinyScene.redAboveBlue, in: folder)
    let run = try Execution(
      Program.path,
      ["scene", "render", scene, "--orbit", "10000", "--out", "\(folder.path)/out"] + Self.size)
    #expect(
      run.wait {
        (try? folder.names.contains { $0.hasPrefix(".out") }) == true
          && (try? folder.names(in: folder.names[0]).isEmpty) == false
      })
    run.send(SIGINT)
    let outcome = try run.end()
    #expect(outcome.code == 130, "\(outcome)")
    #expect(outcome.errors.contains("nothing was written"))
    #expect(try folder.names == ["scene.ply"])
  }

  /// Renders the two balls into a folder.
  private func render(
    _ options: [String], in folder: ScratchFolder, _ name: String = "out"
  ) throws -> [String: Any] {
    var cloud = SplatCloud(shDegree: 0)
    cloud.append(TinyScene.ball(at: .zero, colourSRGB: SIMD3(0, 1, 0)))
    let scene = try TinyScene.write(cloud, in: folder)
    let outcome = try Program.run(
      ["scene", "render", scene, "--out", "\(folder.path)/\(name)", "--json"] + Self.size
        + Self.lens + options)
    #expect(outcome.code == 0, "\(outcome)")
    return try outcome.json
  }

  private struct Middles {
    /// The mean columns of red and of blue.
    var red: Double
    var blue: Double
    /// The columns of red.
    var width: Int
  }

  private func middles(
    _ options: [String], in folder: ScratchFolder, _ name: String
  ) throws -> Middles {
    let scene = try TinyScene.write(TinyScene.redAboveBlue, in: folder)
    let outcome = try Program.run(
      ["scene", "render", scene, "--out", "\(folder.path)/\(name)"] + Self.size + Self.lens
        + options)
    #expect(outcome.code == 0, "\(outcome)")
    let image = try PNG.decodeRGB(try folder.bytes("\(name)/rgb/000000.png"), file: name)
    func mean(_ channel: Int) -> Double {
      var (sum, weight) = (0.0, 0.0)
      for pixel in 0..<32 * 32 {
        let value = Double(image.bytes[3 * pixel + channel])
        sum += value * (Double(pixel % 32) + 0.5)
        weight += value
      }
      return sum / weight
    }
    let columns = Set((0..<32 * 32).filter { image.bytes[3 * $0] > 40 }.map { $0 % 32 })
    return Middles(red: mean(0), blue: mean(2), width: columns.count)
  }

  /// Writes a path of places that look along z, 0.1 s apart or without times.
  private func write(
    path: [SIMD3<Double>], times step: Double? = 0.1, in folder: ScratchFolder
  ) throws -> String {
    let frames: [[String: Any]] = path.enumerated().map { index, place in
      var frame: [String: Any] = [
        "position": [place.x, place.y, place.z], "look_at": [place.x, place.y, 9],
        "up": [0, -1, 0],
      ]
      if let step { frame["time_seconds"] = (Double(index) * step * 10).rounded() / 10 }
      return frame
    }
    let bytes = try JSONSerialization.data(withJSONObject: ["frames": frames])
    return try folder.file("path.json", Array(bytes))
  }

  /// The elements of an NPY file of floats with 128 bytes before them.
  private func floats(_ bytes: [UInt8]) -> [Float] {
    stride(from: 128, to: bytes.count, by: 4).map { place in
      Float(
        bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[place + $1]) << (8 * UInt32($1)) }
      )
    }
  }
}
