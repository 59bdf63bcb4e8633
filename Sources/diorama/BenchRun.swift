// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Datasets
import Episodes
import Files
import Foundation
import Parallel
import Rasterizer
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

  func validate() throws {
    guard episodes >= 1, threads ?? 1 >= 1 else {
      throw ValidationError("--episodes and --threads are at least 1")
    }
  }

  func run() throws {
    let world = try openWorld(world)
    let clock = ContinuousClock()
    var (job, splatCount) = (DatasetJob?.none, 0)
    let loading = try clock.measure {
      let made = try datasetJob(
        of: world, seed: seed, episodes: episodes, threads: threads, cache: cache.assetCache)
      (job, splatCount) = (made, made.splats.count)
    }
    guard let job else { preconditionFailure("the job was made or the error thrown") }
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "diorama-bench-\(ProcessInfo.processInfo.processIdentifier)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let staging = try EpisodeStaging.create(output: folder.path, run: job.run)
    let progress = ProgressLine(
      unit: "episodes", total: episodes, doneBefore: 0, isShown: !json)
    let tally = RunTally()
    let playing = try clock.measure {
      try job.play(Array(0..<episodes), into: staging, cancellation: CancellationFlag()) { record in
        tally.count(record, cameras: world.cameras.count)
        progress.advance()
      }
    }
    progress.finish()
    var summary: DatasetSummary?
    let assembling = try clock.measure { summary = try staging.assemble(episodeCount: episodes) }
    let seconds = playing / .seconds(1)
    let total = seconds + assembling / .seconds(1)
    let rate = Double(tally.pictures) / total
    if json {
      printJSON([
        "machine": Machine().json, "world": world.name, "episodes": episodes, "seed": "\(seed)",
        "threadCount": job.threadCount, "splatCount": splatCount,
        "cameraFrames": tally.pictures, "successes": summary?.successCount ?? 0,
        "bytes": summary?.byteCount ?? 0, "loadSeconds": loading / .seconds(1),
        "playSeconds": seconds, "assembleSeconds": assembling / .seconds(1),
        "cameraFramesPerSecond": rate,
      ])
      return
    }
    print(Machine().line)
    print(
      "\(world.name): \(splatCount) splats, \(world.cameras.count) cameras, \(episodes) episodes")
    print("load      \(milliseconds(loading)) ms, once")
    print("play      \(milliseconds(playing)) ms, \(tally.pictures) camera frames")
    print("assemble  \(milliseconds(assembling)) ms")
    print("\(Int(rate)) camera frames a second")
  }

  private func milliseconds(_ time: Duration) -> Int { Int(time / .milliseconds(1)) }
}
