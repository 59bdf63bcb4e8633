// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImageFiles
import Images
import SplatFormats
import Testing

/// Pictures of a still life, beside those in `Tests/Examples/golden`.
///
/// Instruction sets round differently, and where a splat's share or a surface begins a rounding can
/// turn a pixel over. So a sample counts as different when it is more than a 255th of the whole
/// away, a millimetre of depth, or any other label, and of a picture one in two hundred may.
/// `make golden` makes the images anew.
@Suite struct `Golden images` {
  /// The share of a picture's samples that may differ.
  private static let share = 0.005

  /// One run of the program, by the name that its images begin with.
  struct Example: Sendable {
    var name: String
    var options: String
    /// The files that are kept, without their ending.
    var files: [String]
  }

  private static let examples = [
    Example(
      name: "pinhole",
      options: "--outputs rgb,alpha,depth,median-depth,first-depth,normals,world-normals,"
        + "instances,semantics,coverage,owners",
      files: [
        "rgb", "alpha", "depth", "depth-valid", "median-depth", "first-depth", "normals",
        "world-normals", "coverage", "owners", "instances", "semantics",
      ]),
    Example(
      name: "brown-conrady",
      options: "--lens brown-conrady --distortion=-0.3,0.08,0.01,-0.01 --outputs rgb,depth,normals",
      files: ["rgb", "depth", "normals"]),
    Example(
      name: "fisheye",
      options: "--lens fisheye --distortion=-0.02,0.003 --fov-degrees 170 "
        + "--outputs rgb,depth,normals", files: ["rgb", "depth", "normals"]),
    Example(
      name: "equirectangular", options: "--lens equirectangular --outputs rgb,depth,normals",
      files: ["rgb", "depth", "normals"]),
    Example(name: "inria", options: "--profile inria", files: ["rgb"]),
    Example(name: "gut", options: "--profile gut", files: ["rgb"]),
    Example(name: "budget", options: "--splat-budget 600", files: ["rgb"]),
    Example(
      name: "sensor",
      options: "--noise-seed 1 --full-well-electrons 400 --bayer rggb --vignetting cosine-fourth",
      files: ["rgb"]),
    Example(
      name: "path", options: "--path PATH --fps 25 --outputs rgb,flow",
      files: [
        "rgb/000000", "rgb/000005", "flow/000000", "flow-fate/000000", "flow-back/000005",
        "flow-back-fate/000005",
      ]),
    Example(
      name: "shutter",
      options: "--path PATH --fps 5 --shutter-open-ms 60 --shutter-readout-ms 100",
      files: ["rgb/000000"]),
  ]

  /// The best instruction set of this machine, and the best without a fused multiply-add.
  @Test(arguments: examples, [[], ["--instruction-set", "SSE4"]])
  func `are drawn again`(example: Example, pinned: [String]) throws {
    let remakes = ProcessInfo.processInfo.environment["DIORAMA_GOLDEN"] == "make"
    if remakes && !pinned.isEmpty { return }
    let folder = try ScratchFolder()
    let scene = try TinyScene.write(StillLife.cloud, in: folder)
    let path = try folder.file("path.json", Array(Self.path.utf8))
    let options = example.options.split(separator: " ").map { $0 == "PATH" ? path : String($0) }
    let outcome = try Program.run(
      ["scene", "render", scene, "--out", "\(folder.path)/out"] + Self.view + options + pinned)
    #expect(outcome.code == 0, "\(outcome)")
    for file in example.files {
      let bytes = try folder.bytes("out/\(file).png")
      let name = "\(example.name)-\(file.replacing("/", with: "-")).png"
      let golden = Self.golden.appending(path: name)
      if remakes {
        try Data(bytes).write(to: golden)
      } else {
        try compare(bytes, with: Array(Data(contentsOf: golden)), name: name)
      }
    }
  }

  @Test func `are all made by an example`() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.golden.path)
    let made = Self.examples.flatMap { example in
      example.files.map { "\(example.name)-\($0.replacing("/", with: "-")).png" }
    }
    #expect(names.sorted() == made.sorted())
  }

  @Test func `show where they differ`() throws {
    var image = RGBImage(width: 20, height: 20)
    let golden = PNG.encode(image)
    // Three of 1200 samples are fewer than one in two hundred, nine are more.
    for index in 0..<3 { image.bytes[3 * index] = 200 }
    #expect(try Self.difference(PNG.encode(image), golden, name: "a") == nil)
    for index in 0..<9 { image.bytes[3 * index] = 200 }
    let found = try #require(try Self.difference(PNG.encode(image), golden, name: "golden-test"))
    #expect(found.count == 9 && found.largest == 200)
    // Beside each other: what was expected, what was found, and how they differ.
    let picture = try PNG.decodeRGB(
      Array(try Data(contentsOf: URL(fileURLWithPath: found.picture))), file: found.picture)
    #expect(picture.width == 60 && picture.height == 20)
    #expect(picture.bytes[0] == 0 && picture.bytes[60] == 200 && picture.bytes[120] == 255)
    try FileManager.default.removeItem(atPath: found.picture)
  }

  private static let view = [
    "--width", "96", "--height", "72", "--position", "0,-0.3,0", "--look-at", "0,0.1,4", "--up",
    "0,-1,0", "--background", "0.1,0.15,0.3",
  ]

  /// To the right past the balls, a metre a second.
  private static let path = """
    {"frames": [
      {"time": 0, "position": [-0.1, -0.3, 0], "look_at": [-0.1, 0.1, 4], "up": [0, -1, 0]},
      {"time": 0.2, "position": [0.1, -0.3, 0], "look_at": [0.1, 0.1, 4], "up": [0, -1, 0]}]}
    """

  private static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Examples/golden")

  private func compare(_ bytes: [UInt8], with golden: [UInt8], name: String) throws {
    guard let found = try Self.difference(bytes, golden, name: name) else { return }
    Issue.record(
      """
      \(name): \(found.count) samples differ, by up to \(found.largest); expected, found and \
      difference stand in \(found.picture)
      """)
  }

  struct Difference {
    /// The samples that differ.
    var count: Int
    /// By how much, in the file's steps.
    var largest: Int
    /// The picture that shows it.
    var picture: String
  }

  /// Returns how two PNG files differ, or nil when they do so no more than instruction sets do.
  static func difference(
    _ bytes: [UInt8], _ golden: [UInt8], name: String
  ) throws -> Difference? {
    let (found, expected) = (try Samples(bytes, name), try Samples(golden, name))
    let hasSize = found.width == expected.width && found.values.count == expected.values.count
    try #require(hasSize, "\(name) has another size or kind")
    let steps = zip(found.values, expected.values).map { abs($0 - $1) }
    let count = steps.count { $0 > expected.tolerance }
    guard Double(count) > share * Double(steps.count) else { return nil }
    let folder = FileManager.default.temporaryDirectory.appending(path: "diorama-golden")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appending(path: name)
    let contrast = steps.map { $0 > expected.tolerance ? expected.white : 0 }
    let picture = expected.picture(beside: [expected.values, found.values, contrast])
    try Data(PNG.encode(picture)).write(to: file)
    return Difference(count: count, largest: steps.max() ?? 0, picture: file.path)
  }
}

/// The samples of a PNG file, of whatever kind.
private struct Samples {
  var width: Int
  var channelCount: Int
  var values: [Int]
  /// The value that is shown as white.
  var white: Int
  /// The most steps between two samples that count as equal.
  var tolerance: Int

  init(_ bytes: [UInt8], _ name: String) throws {
    // The header's last bytes: the bits of a sample, and 2 for colour.
    let (bits, isColour) = (bytes[24], bytes[25] == 2)
    channelCount = isColour ? 3 : 1
    if isColour, bits == 8 {
      let image = try PNG.decodeRGB(bytes, file: name)
      (width, values) = (image.width, image.bytes.map { Int($0) })
    } else {
      let image = try PNG.decodeLabels(bytes, file: name)
      (width, values) = (image.width, image.ids.map { Int($0) })
    }
    let isLabel = ["owners", "instances", "semantics", "fate", "valid"].contains(
      where: name.contains)
    let isShare = ["alpha", "coverage"].contains(where: name.contains)
    // A 255th of the largest sample, a label, or a millimetre.
    tolerance = isLabel ? 0 : isShare ? 257 : 1
    white = max(1, bits == 8 && !isLabel ? 255 : values.max() ?? 1)
  }

  /// Several pictures of this size beside each other.
  func picture(beside pictures: [[Int]]) -> RGBImage {
    let height = values.count / (width * channelCount)
    var image = RGBImage(width: width * pictures.count, height: height)
    for (place, picture) in pictures.enumerated() {
      for y in 0..<height {
        for x in 0..<width {
          for channel in 0..<3 {
            let sample = picture[(y * width + x) * channelCount + min(channel, channelCount - 1)]
            let index = 3 * (y * image.width + place * width + x) + channel
            image.bytes[index] = UInt8(min(255, max(0, sample * 255 / white)))
          }
        }
      }
    }
    return image
  }
}
