// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Datasets
import Episodes
import Files
import Foundation
import Parallel
import Physics
import Rasterizer
import Simulation
import Splats
import Synchronization
import Testing
import Worlds

/// The tabletop made small: two cameras of 32 x 32, a fifth of a second, one splat for a place.
struct TinyRun {
  /// Control periods: 0.2 s at 30 Hz.
  static let periodCount = 6

  /// An edit for episodes that the teacher can finish, seen by colour alone.
  static func wholeEpisode(_ text: String) -> String {
    text.replacing("episode_seconds: 0.2", with: "episode_seconds: 16")
      .replacing(#/outputs: .*/#, with: "outputs: [rgb]")
  }

  let folder: ScratchFolder
  let world: World

  /// Writes the world's splat file and reads the world, after `edit` changed its text.
  init(_ edit: (String) -> String = { $0 }) throws {
    folder = try ScratchFolder()
    try folder.write(Self.splats, to: "place.ply")
    let tabletop = try #require(BuiltInWorlds.text(named: "tabletop"))
    let text = tabletop.replacing("  builtin: courtyard\n  seed: 1\n", with: "  file: place.ply\n")
      .replacing(#/(width|height): \d+/#) { "\($0.output.1): 32" }
      .replacing(#/episode_seconds: \d+/#, with: "episode_seconds: 0.2")
      .replacing(#/attempts: \d+/#, with: "attempts: 1")
    world = try WorldReader.world(
      from: edit(text), file: folder.path + "/world.yaml", environment: [:])
  }

  /// A grey splat of 0.3 m under the table's middle.
  private static let splats = """
    ply
    format ascii 1.0
    element vertex 1
    \((["x", "y", "z"] + (0..<3).map { "f_dc_\($0)" } + ["opacity"]
      + (0..<3).map { "scale_\($0)" } + (0..<4).map { "rot_\($0)" })
      .map { "property float \($0)" }.joined(separator: "\n"))
    end_header
    0 0 -0.3 0 0 0 5 -1.2 -1.2 -1.2 1 0 0 0

    """

  func run(episodeCount: Int, seed: UInt64 = 5) -> DatasetRun {
    DatasetRun(
      worldName: world.name, worldDigest: world.sourceDigest, seed: seed,
      episodeCount: episodeCount, schema: DatasetSchema(world),
      provenance: [
        "test": true, "inputs": [["path": "place.ply", "sha256": "00"]],
        RecordedRun.worldTextKey: .string(world.sourceText),
      ])
  }

  func job(_ run: DatasetRun, threadCount: Int) throws -> DatasetJob {
    var job = DatasetJob(
      world: world, splats: try splats(), surroundings: Surroundings(support: .ground),
      robotFile: try #require(FetchedRobot.file), run: run, threadCount: threadCount)
    job.wardrobe = Self.wardrobe
    return job
  }

  /// Plays all episodes and puts the dataset together.
  @discardableResult
  func write(
    _ name: String, episodeCount: Int, threadCount: Int
  ) throws -> (path: String, summary: DatasetSummary) {
    let run = run(episodeCount: episodeCount)
    let path = folder.path + "/" + name
    let staging = try EpisodeStaging.create(output: path, run: run)
    try job(run, threadCount: threadCount).play(
      Array(0..<episodeCount), into: staging, cancellation: CancellationFlag()
    ) { _ in }
    return (path, try staging.assemble(episodeCount: episodeCount))
  }

  func splats() throws -> PackedSplats { PackedSplats(try world.loadScene().cloud) }

  func draw(episode: Int = 0) throws -> EpisodeDraw {
    try #require(
      EpisodeDraw.draw(world: world, support: .ground, seed: 5, episode: episode, attempt: 0))
  }

  /// Plays one draw.
  func play(_ draw: EpisodeDraw) throws -> Rollout {
    let robot = try RobotFile.open(for: world, file: try #require(FetchedRobot.file))
    return try Rollout.play(
      draw, in: world, robotSpec: robot, surroundings: Surroundings(support: .ground),
      wardrobe: Self.wardrobe)
  }

  /// One for all tests, since thinning out the robot takes longer than a tiny episode.
  private static let wardrobe = MeshWardrobe()
}

/// A folder that is removed when the last reference to it goes.
final class ScratchFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "episodes-\(UUID())")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, to name: String) throws {
    try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
  }
}
