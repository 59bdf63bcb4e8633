// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Files
import Foundation
import Geometry
import SceneStore
import SplatFormats
import Splats

/// Makes a scene file, with levels of detail, from whatever holds splats.
struct SceneBuild: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build", abstract: "Make a scene file with levels of detail from any scene.",
    discussion: """
      The scene's frame is east, north, up. Splats of captures, whose first photograph looks along \
      z with y down, are turned so that they stand upright and it looks north.

      A build that was killed leaves a file with .unfinished added to its name and none under its \
      own; --resume goes on with it, and what comes out is the same to the byte.
      """)
  @OptionGroup var scene: SceneArgument
  @OptionGroup var file: NewSceneFile
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Where the origin lies: latitude and longitude in degrees, metres above the ellipsoid.",
      valueName: "lat,lon,height"))
  var origin: OriginOption?
  @Option(help: "The licence of the splats, an SPDX expression or words.") var licence = "unknown"
  @Option(help: "How they came to be: captured, trained or seeded.") var method = Method.trained
  @OptionGroup var threads: ThreadOption
  @Flag(help: "Go on with a build of this file that was killed.") var resume = false
  @Flag(help: "Print one JSON object, with the time of each stage.") var json = false

  enum Method: String, ExpressibleByArgument, CaseIterable {
    case captured
    case trained
    case seeded
  }

  func run() throws {
    try file.requireWritable()
    let out = file.out
    let interruption = file.endsWhenInterrupted(isResumable: true)
    defer { withExtendedLifetime(interruption) {} }
    let clock = StageClock()
    let opened = try scene.openWhole()
    clock.end("read")
    let upright = upright(opened)
    let (leaves, outsideCount) = upright.leaves()
    let largest = leaves.map(\.cloud.count).max() ?? 0
    guard largest <= SplatPage.largestCount else {
      throw InputError(
        file: scene.name, field: "splats in one square metre", found: "\(largest)",
        expected: "at most \(SplatPage.largestCount)")
    }
    clock.end("cut")
    let builder = try SceneBuilder(
      out, origin: origin?.position, isAntialiased: opened.report.antialiased,
      threadCount: threads.count, isResuming: resume)
    let source = try builder.add(source())
    for (leaf, cloud) in leaves { try builder.add(leaf: leaf, cloud, source: source) }
    try builder.finish()
    clock.end("build")
    let size = try fileSize(out)
    let count = upright.count - outsideCount
    if json {
      printJSON([
        "scene": scene.name, "out": out, "splatCount": count, "outsideCount": outsideCount,
        "leafCount": leaves.count, "byteCount": size, "stageMilliseconds": clock.milliseconds,
      ])
      return
    }
    let outside = outsideCount > 0 ? "; left out, too far away: \(outsideCount)" : ""
    let megabytes = decimal(Double(size) / 1e6, places: 1)
    print("\(out): \(count) splats in \(leaves.count) leaves, \(megabytes) MB\(outside)")
  }

  private func source() throws(InputError) -> SplatSource {
    let isFile = kind(ofPath: scene.name) == .file
    return SplatSource(
      name: scene.name, licence: licence,
      sha256: isFile ? try SHA256.hexDigest(ofFile: scene.name) : "",
      method: SplatSource.Method(rawValue: method.rawValue) ?? .trained)
  }

  /// The splats with z up, and what was ahead in a capture to the north.
  private func upright(_ opened: OpenedScene) -> SplatCloud {
    let up = normalize(opened.up)
    guard up.z < 1 - 1e-9 else { return opened.cloud }
    let ahead = abs(up.z) < 0.7 ? SIMD3<Double>(0, 0, 1) : SIMD3(0, 1, 0)
    let north = normalize(ahead - up * dot(up, ahead))
    let rotation = Quaternion(matrix: Matrix3(columns: cross(north, up), north, up).transpose)
    return opened.cloud.transformed(
      by: Similarity(rotation: rotation))
  }
}

/// Proves a scene file right, or names what is wrong in it.
struct SceneCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Prove a scene file right, or name every fault in it.")
  @Argument(help: "The scene file, .diorama.") var file: String
  @Flag(help: "Print one JSON object.") var json = false

  func run() throws {
    let check = try SceneFile(reading: file).check()
    if json {
      printJSON([
        "file": file, "cellCount": check.cellCount, "splatCount": check.splatCount,
        "faults": check.faults,
      ])
    } else if check.faults.isEmpty {
      print("\(file): right: \(check.cellCount) cells, \(check.splatCount) splats in its leaves")
    } else {
      print(check.faults.map { "\(file): \($0)" }.joined(separator: "\n"))
    }
    guard check.faults.isEmpty else { throw ExitCode.failure }
  }
}
