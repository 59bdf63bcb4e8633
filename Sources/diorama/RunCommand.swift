// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Assets
import Datasets
import Episodes
import Files
import Foundation
import ImageFiles
import Physics
import Rasterizer
import Simulation
import Worlds

/// The main job: episodes of a world, played, filmed and written as a LeRobot dataset.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Play episodes of a world and write them as a dataset.",
    discussion: """
      The same world, seed and version give the same bytes for any number of threads, and after \
      any interruption. Ctrl-C leaves a valid dataset of the finished episodes; the same command \
      with --resume completes it.
      """)

  /// More would not fit the six digits that staged episodes are numbered with.
  private static let mostEpisodes = 1_000_000

  @Argument(help: "A world file, or the name of a built-in world.") var world: String
  @Option(help: "The number of episodes.") var episodes: Int = 10
  @Option(help: "The seed; every draw of every episode comes from it.") var seed: UInt64 = 1
  @Option(help: "Episodes played at once; by default one for each core.") var threads: Int?
  @Option(help: "The dataset's folder, new or empty.") var out: String
  @Flag(help: "Take up a run that was interrupted.") var resume = false
  @OptionGroup var cache: AssetsCommand.CacheOption
  @Flag(help: "Print one JSON object and no progress.") var json = false

  func validate() throws {
    guard (1...Self.mostEpisodes).contains(episodes) else {
      throw ValidationError("--episodes is 1 to \(Self.mostEpisodes)")
    }
    guard threads.map({ (1...1024).contains($0) }) != false else {
      throw ValidationError("--threads is 1 to 1024")
    }
  }

  func run() throws {
    let world = try openWorld(world)
    let started = ContinuousClock.now
    let interruption = Interruption()
    // Everything is read before anything is written, so that a missing file leaves no folder.
    let job = try datasetJob(
      of: world, seed: seed, episodes: episodes, threads: threads, cache: cache.assetCache)
    guard let (staging, finished) = try openStaging(job.run) else { return }
    let progress = ProgressLine(
      unit: "episodes", total: episodes, doneBefore: finished.count, isShown: !json)
    let tally = RunTally()
    defer { progress.finish() }
    do {
      try job.play(
        (0..<episodes).filter { !finished.contains($0) }, into: staging,
        cancellation: interruption.flag
      ) { record in
        tally.count(record, cameras: world.cameras.count)
        progress.advance()
      }
    } catch {
      // The first error is the one to tell.
      try? staging.discardIfNothingIsFinished()
      throw error
    }
    let seconds = (ContinuousClock.now - started) / .seconds(1)
    let done = finished.union(tally.indices)
    try conclude(
      staging, of: world, whole: (0..<episodes).prefix { done.contains($0) }.count, tally: tally,
      seconds: seconds)
  }

  /// Opens or takes up the output folder; nil where nothing is left to do.
  private func openStaging(_ run: DatasetRun) throws -> (EpisodeStaging, finished: Set<Int>)? {
    guard resume else { return (try EpisodeStaging.create(output: out, run: run), []) }
    switch try EpisodeStaging.resume(output: out, run: run) {
    case .complete:
      json ? printJSON(["complete": true, "out": out]) : print("\(out): complete already")
      return nil
    case .open(let staging, let finished, let damaged):
      for error in damaged { Diorama.report(error) }
      return (staging, Set(finished))
    }
  }

  /// Puts the dataset together from the first `whole` episodes, and sums up.
  private func conclude(
    _ staging: EpisodeStaging, of world: World, whole: Int, tally: RunTally, seconds: Double
  ) throws {
    guard whole > 0 else {
      try staging.discardIfNothingIsFinished()
      throw InputError(
        file: out, field: "finished episodes", found: "none before the stop",
        expected: "one or more; --resume goes on")
    }
    let hasSheet = world.cameras.contains { $0.outputs.contains(.rgb) }
    let sheet = "contact-sheet.png"
    let summary = try staging.assemble(
      episodeCount: whole,
      decorate: { folder throws(InputError) in
        guard hasSheet else { return }
        let image = try ContactSheet.image(of: try LeRobotDataset(path: folder))
        try publishFile("\(folder)/\(sheet)", PNG.encode(image))
      })
    let report = RunReport(
      summary: summary, tally: tally, seconds: seconds, out: out,
      contactSheet: hasSheet ? "\(out)/\(sheet)" : nil)
    json ? printJSON(report.json) : print(report.text)
    if whole < episodes {
      Diorama.report(
        InputError(
          file: out, field: "run", found: "a stop after \(whole) of \(episodes) episodes",
          expected: "--resume to go on"))
      throw ExitCode(1)
    }
  }
}

/// What decides the bytes of a world's dataset.
func datasetRun(of world: World, seed: UInt64, episodes: Int) throws -> DatasetRun {
  let asset = try AssetRegistry.builtIn().asset(named: world.robot.asset)
  let robot: JSONValue = [
    "asset": .string(asset.name), "package": .string(asset.wheel.packageName),
    "version": .string(asset.wheel.version), "sha256": .string(asset.wheel.sha256),
    "licence": .string(asset.licence),
  ]
  return DatasetRun(
    worldName: world.name, worldDigest: world.sourceDigest, seed: seed, episodeCount: episodes,
    schema: DatasetSchema(world),
    provenance: [
      "diorama": .string(dioramaVersion), "mujoco": .string(Model.library.loaded), "robot": robot,
    ])
}

/// Loads what a world's episodes need: its splats, its scenery and its robot.
func datasetJob(
  of world: World, seed: UInt64, episodes: Int, threads: Int?, cache: AssetCache
) throws -> DatasetJob {
  try RobotFile.requireTeacher(in: world)
  let asset = try AssetRegistry.builtIn().asset(named: world.robot.asset)
  let scene = try world.loadScene()
  let (scenery, mistakes) = Scenery.load(world, workerExecutable: ownExecutable())
  if !mistakes.isEmpty { throw WorldMistakes(mistakes: mistakes) }
  return DatasetJob(
    world: world, splats: PackedSplats(scene.splats),
    surroundings: Surroundings(support: scene.support, scenery: scenery),
    robotFile: try cache.entry(of: asset),
    run: try datasetRun(of: world, seed: seed, episodes: episodes),
    threadCount: threads ?? ProcessInfo.processInfo.activeProcessorCount)
}
