// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Datasets
import Episodes
import Files
import Foundation
import ImageFiles
import Parallel
import Worlds

/// The main job: episodes of a world, played, filmed and written as a LeRobot dataset.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Play episodes of a world and write them as a dataset.",
    discussion: """
      The same world, inputs, seed and versions give the same bytes for any number of threads, and \
      after any interruption. Ctrl-C leaves a valid dataset of the finished episodes; the same \
      command with --resume completes it.

      While a dataset is put together the disk holds every episode twice, and what an earlier stop \
      left of it as well: make room for two to three times its size. A full disk loses no finished \
      episode.

      --replay plays the recorded draws of a dataset instead of drawing: all of them, or those of \
      --episode. The world's text comes from the dataset; its scene and meshes must be what they \
      were, with relative paths beginning in the current folder. With the same versions, the \
      episodes have the same bytes again.
      """)

  @Argument(help: "A world file, or the name of a built-in world; none with --replay.")
  var world: String?
  @Option(help: "The number of episodes; 10 by default.") var episodes: Int?
  @Option(help: "The seed; every draw of every episode comes from it; 1 by default.")
  var seed: UInt64?
  @Option(help: ArgumentHelp("Play what this dataset recorded.", valueName: "dataset"))
  var replay: String?
  @Option(
    name: .customLong("episode"),
    help: ArgumentHelp(
      "An episode of --replay, counted from 0; may be given again.", valueName: "index"))
  var replayed: [Int] = []
  @Option(help: "Episodes played at once; by default one for each core.") var threads: Int?
  @Option(help: "The dataset's folder, new or empty.") var out: String
  @Flag(help: "Take up a run that was interrupted.") var resume = false
  @OptionGroup var cache: AssetsCommand.CacheOption
  @Flag(help: "Print one JSON object and no progress.") var json = false

  func validate() throws {
    try JobBounds.check(episodes: episodes, threads: threads)
    guard (world == nil) != (replay == nil) else {
      throw ValidationError("Give either a world or --replay.")
    }
    guard replay == nil || episodes == nil && seed == nil else {
      throw ValidationError("--episodes and --seed: --replay takes both from its dataset.")
    }
    guard replay != nil || replayed.isEmpty else {
      throw ValidationError("--episode: only --replay has episodes to choose from.")
    }
    guard replayed.allSatisfy({ $0 >= 0 }), Set(replayed).count == replayed.count else {
      throw ValidationError("--episode: an index counts from 0 and is given once.")
    }
  }

  func run() throws {
    let progress = ProgressLine(isShown: !json)
    let interruption = Interruption {
      progress.say("Stopping; what is finished becomes a dataset. Ctrl-C again ends at once.")
    }
    // It listens until the dataset is put together, not only while it is asked.
    try withExtendedLifetime(interruption) {
      try run(until: interruption.flag, progress)
    }
  }

  private func run(until flag: CancellationFlag, _ progress: ProgressLine) throws {
    let started = ContinuousClock.now
    // Everything is read before anything is written, so that a missing file leaves no folder.
    let job = try makeJob()
    let wanted = job.run.episodeCount
    let (staging, finished): (EpisodeStaging, [Int])
    switch try open(job.run) {
    case .complete(let summary):
      return report(summary, of: job, RunTally(), seconds: 0)
    case .open(let opened, let there, let damaged):
      for error in damaged { Diorama.report(error) }
      (staging, finished) = (opened, there)
    }
    let tally = RunTally()
    var failure: JobFailure?
    progress.begin(unit: "episodes", total: wanted, doneBefore: finished.count)
    do throws(JobFailure) {
      let missing = (0..<wanted).filter { !finished.contains($0) }
      try job.play(missing, into: staging, cancellation: flag) { record in
        tally.count(record, cameras: job.world.cameras.count)
        progress.advance()
      }
    } catch {
      failure = error
    }
    let seconds = (ContinuousClock.now - started) / .seconds(1)
    let outcome = RunOutcome(
      out: out, wanted: wanted, stored: tally.indices.union(finished), failure: failure)
    let summary = try assemble(staging, of: job.world, outcome, progress)
    report(summary, of: job, tally, seconds: seconds)
    if let error = outcome.shortfall {
      Diorama.report(error)
      throw ExitCode(1)
    }
  }

  private func makeJob() throws -> DatasetJob {
    if let replay {
      return try replayJob(
        of: replay, episodes: replayed, threads: threads, cache: cache.assetCache)
    }
    guard let world else { preconditionFailure("`validate` asks for a world or --replay") }
    return try datasetJob(
      of: try openWorld(world), seed: seed ?? 1, episodes: episodes ?? 10, threads: threads,
      cache: cache.assetCache)
  }

  /// Begins or takes up the output folder.
  private func open(_ run: DatasetRun) throws(InputError) -> EpisodeStaging.Resumption {
    guard resume else {
      return .open(try EpisodeStaging.create(output: out, run: run), finished: [], damaged: [])
    }
    return try EpisodeStaging.resume(output: out, run: run)
  }

  /// Puts the dataset together from the first episodes that are whole, and ends the progress.
  private func assemble(
    _ staging: EpisodeStaging, of world: World, _ outcome: RunOutcome, _ progress: ProgressLine
  ) throws -> DatasetSummary {
    defer { progress.finish() }
    if let error = outcome.obstacle {
      // The first error is the one to tell.
      try? staging.discardIfNothingIsFinished()
      throw error
    }
    progress.begin(unit: "episodes put together", total: outcome.whole)
    do throws(InputError) {
      return try staging.assemble(
        episodeCount: outcome.whole, progress: { _ in progress.advance() },
        decorate: { folder throws(InputError) in
          guard Self.hasColour(world) else { return }
          let image = try ContactSheet.image(of: try LeRobotDataset(path: folder))
          try publishFile("\(folder)/\(Self.contactSheet)", PNG.encode(image))
        })
    } catch {
      throw outcome.assured(error)
    }
  }

  private func report(
    _ summary: DatasetSummary, of job: DatasetJob, _ tally: RunTally, seconds: Double
  ) {
    let report = RunReport(
      summary: summary, wanted: job.run.episodeCount, tally: tally, seconds: seconds, out: out,
      contactSheet: Self.hasColour(job.world) ? "\(out)/\(Self.contactSheet)" : nil)
    json ? printJSON(report.json) : print(report.text)
  }

  private static let contactSheet = "contact-sheet.png"

  private static func hasColour(_ world: World) -> Bool {
    world.cameras.contains { $0.outputs.contains(.rgb) }
  }
}
