// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Datasets
import Episodes
import Files
import Foundation
import Parallel
import Rasterizer
import Splats
import Worlds

/// The main job as a whole: how many camera frames a second end up in a dataset.
struct BenchRun: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Play, film, encode and assemble episodes in a temporary folder.")
  @Option(help: "A world file, or the name of a built-in world.") var world = "tabletop"
  @Option(help: "The number of episodes.") var episodes = 6
  @Option(help: "The seed.") var seed: UInt64 = 1
  @Option(help: "Episodes played at once; by default one for each core.") var threads: Int?
  @OptionGroup var cache: AssetsCommand.CacheOption
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws { try JobBounds.check(episodes: episodes, threads: threads) }

  func run() throws {
    let world = try openWorld(world)
    let clock = ContinuousClock()
    var job: DatasetJob?
    let loading = try clock.measure {
      job = try datasetJob(
        of: world, seed: seed, episodes: episodes, threads: threads, cache: cache.assetCache)
    }
    guard let job else { preconditionFailure("the job was made or the error thrown") }
    let progress = ProgressLine(isShown: !json)
    let interruption = Interruption { progress.say("Stopping; nothing is kept.") }
    let figures = try withExtendedLifetime(interruption) {
      try measure(job, until: interruption.flag, progress)
    }
    report(job, loading, figures)
  }

  private struct Figures {
    var playing: Duration
    var assembling: Duration
    var pictureCount: Int
    var summary: DatasetSummary
  }

  /// Makes the dataset in a folder of its own, which is gone afterwards, also after a stop.
  private func measure(
    _ job: DatasetJob, until flag: CancellationFlag, _ progress: ProgressLine
  ) throws -> Figures {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "diorama-bench-\(ProcessInfo.processInfo.processIdentifier)")
    let staging = try EpisodeStaging.create(output: folder.path, run: job.run)
    defer {
      progress.finish()
      try? FileManager.default.removeItem(at: folder)
    }
    let clock = ContinuousClock()
    let tally = RunTally()
    progress.begin(unit: "episodes", total: episodes)
    let playing = try clock.measure {
      try job.play(Array(0..<episodes), into: staging, cancellation: flag) { record in
        tally.count(record, cameras: job.world.cameras.count)
        progress.advance()
      }
    }
    let made = tally.indices.count
    guard made == episodes else {
      throw InputError(
        file: "bench run", field: "episodes", found: "a stop after \(made) of \(episodes)",
        expected: "all of them, which are measured as one")
    }
    var summary: DatasetSummary?
    let assembling = try clock.measure { summary = try staging.assemble(episodeCount: episodes) }
    guard let summary else { preconditionFailure("it was put together or the error thrown") }
    return Figures(
      playing: playing, assembling: assembling, pictureCount: tally.pictures, summary: summary)
  }

  private func report(_ job: DatasetJob, _ loading: Duration, _ figures: Figures) {
    let world = job.world
    let total = (figures.playing + figures.assembling) / .seconds(1)
    let rate = Double(figures.pictureCount) / total
    if json {
      printJSON([
        "machine": Machine().json, "world": world.name, "episodes": episodes, "seed": "\(seed)",
        "threadCount": job.threadCount, "splatCount": job.splats.count,
        "cameraFrames": figures.pictureCount, "successes": figures.summary.successCount,
        "bytes": figures.summary.byteCount, "loadSeconds": loading / .seconds(1),
        "playSeconds": figures.playing / .seconds(1),
        "assembleSeconds": figures.assembling / .seconds(1), "cameraFramesPerSecond": rate,
      ])
      return
    }
    print(Machine().line)
    print(
      "\(world.name): \(job.splats.count) splats, \(world.cameras.count) cameras, "
        + "\(episodes) episodes")
    print("load      \(milliseconds(loading)) ms, once")
    print("play      \(milliseconds(figures.playing)) ms, \(figures.pictureCount) camera frames")
    print("assemble  \(milliseconds(figures.assembling)) ms")
    print("\(Int(rate)) camera frames a second")
  }

  private func milliseconds(_ time: Duration) -> Int { Int(time / .milliseconds(1)) }
}
