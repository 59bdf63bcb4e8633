// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import ImageFiles
import Images

@testable import Datasets

/// A run of tiny episodes with every kind of feature, and folders to write it to.
enum SampleRun {
  static let width = 32
  static let height = 16
  static let fps = 10

  static let schema = DatasetSchema(
    fps: fps, robotType: "arm",
    features: [
      DatasetFeature("observation.state", .vector(names: ["shoulder", "elbow"])),
      DatasetFeature("observation.images.front", .video(height: height, width: width)),
      DatasetFeature("observation.images.front_depth", .depth(height: height, width: width)),
      DatasetFeature("observation.images.front_labels", .labels(height: height, width: width)),
      DatasetFeature("action", .vector(names: ["gripper"])),
      DatasetFeature("phase", .integer),
      DatasetFeature("next.success", .flag),
    ])

  static func run(episodeCount: Int, seed: UInt64 = 7) -> DatasetRun {
    DatasetRun(
      worldName: "sample", worldDigest: "00", seed: seed, episodeCount: episodeCount,
      schema: schema, provenance: ["diorama": "0.1.0"])
  }

  /// Episode k: 3 + k frames, the red of frame f is 20 f, its depth f + 1 metres, its label f; the
  /// odd ones took two attempts.
  static func episode(_ index: Int) throws -> EpisodeRecord {
    let frames = 3 + index
    var encoder = try VideoEncoder(width: width, height: height, fpsNumerator: fps)
    var colours = ImageHistogram(channelCount: 3, bitDepth: 8)
    var depths = ImageHistogram(channelCount: 1, bitDepth: 16)
    var labels = ImageHistogram(channelCount: 1, bitDepth: 8)
    var depthFiles: [[UInt8]] = []
    var labelFiles: [[UInt8]] = []
    let pixels = width * height
    for frame in 0..<frames {
      let colour: [UInt8] = (0..<pixels).flatMap { pixel -> [UInt8] in
        [UInt8(20 * frame), UInt8(pixel % 200), 40]
      }
      try encoder.append(RGBImage(width: width, height: height, bytes: colour))
      colours.add(samples: colour)
      let metres = ScalarImage(width: width, height: height, fill: Float(frame + 1))
      depthFiles.append(PNG.encode(depthMetres: metres))
      depths.add(samples: Array(repeating: UInt16(1000 * (frame + 1)), count: pixels))
      let ids = Array(repeating: UInt32(frame), count: pixels)
      labelFiles.append(
        PNG.encode(LabelImage(width: width, height: height, ids: ids), bits: .eight))
      labels.add(samples: Array(repeating: UInt8(frame), count: pixels))
    }
    return EpisodeRecord(
      index: index, seed: .max - UInt64(index), attempt: index % 2,
      task: index % 2 == 0 ? "lift it" : "put it down", isSuccess: index % 3 != 2,
      draw: ["light": .number(0.25 * Double(index))],
      frameCount: frames,
      columns: [
        .vectors((0..<frames * 2).map { Float($0) + 0.5 }),
        .video(try encoder.finish(), colours),
        .images(depthFiles, depths),
        .images(labelFiles, labels),
        .vectors((0..<frames).map { Float($0) }),
        .integers((0..<frames).map { Int64($0 / 2) }),
        .flags((0..<frames).map { $0 == frames - 1 && index % 3 != 2 }),
      ])
  }

  /// Begins a run, publishes some episodes and lets go of the folder, as a killed program does.
  @discardableResult
  static func stage(
    _ indices: [Int], of run: DatasetRun, in output: String, assembling count: Int? = nil
  ) throws -> DatasetSummary? {
    let staging = try EpisodeStaging.create(output: output, run: run)
    for index in indices { try staging.publish(try episode(index)) }
    return try count.map { try staging.assemble(episodeCount: $0) }
  }

  /// Writes a whole dataset and returns what was assembled.
  @discardableResult
  static func write(_ output: String, episodeCount: Int) throws -> DatasetSummary {
    let staging = try EpisodeStaging.create(output: output, run: run(episodeCount: episodeCount))
    for index in 0..<episodeCount { try staging.publish(try episode(index)) }
    return try staging.assemble(episodeCount: episodeCount)
  }
}

/// Runs a body with the path of a folder that does not exist yet, and removes it afterwards.
func withNewFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let path = FileManager.default.temporaryDirectory.path + "/diorama-" + UUID().uuidString
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try body(path)
}

/// Returns every file under a folder with its bytes.
func contents(of folder: String) throws -> [String: [UInt8]] {
  var contents: [String: [UInt8]] = [:]
  for path in try listFiles(under: folder) { contents[path] = try readFile(folder + "/" + path) }
  return contents
}
