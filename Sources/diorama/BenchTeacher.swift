// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Episodes
import Files
import Foundation
import Parallel
import Simulation
import Synchronization
import Worlds

/// How often the scripted teacher does what it is asked to, told by physics.
struct BenchTeacher: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "teacher", abstract: "Play first attempts without pictures and count successes.")
  @Option(help: "A world file, or the name of a built-in world.") var world = "tabletop"
  @Option(help: "The number of episodes, each with one attempt.") var episodes = 200
  @Option(help: "The seed.") var seed: UInt64 = 1
  @Option(help: "Attempts played at once; by default one for each core.") var threads: Int?
  @OptionGroup var cache: AssetsCommand.CacheOption
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws { try JobBounds.check(episodes: episodes, threads: threads) }

  func run() throws {
    var world = try openWorld(world)
    world.attempts = 1
    let job = try datasetJob(
      of: world, seed: seed, episodes: episodes, threads: threads, cache: cache.assetCache)
    let tally = Mutex<[String: (placed: Int, count: Int)]>([:])
    let failures = Mutex<[Int]>([])
    let progress = ProgressLine(
      unit: "attempts", total: episodes, isShown: !json)
    defer { progress.finish() }
    try job.rehearse { draw, rollout in
      let placed = rollout.isSuccess ? 1 : 0
      tally.withLock { counts in
        for name in [draw.objects[0].shape, draw.places[0].shape, "all"] {
          counts[name, default: (0, 0)].placed += placed
          counts[name, default: (0, 0)].count += 1
        }
      }
      if placed == 0 { failures.withLock { $0.append(draw.episode) } }
      progress.advance()
    }
    progress.finish()
    report(tally.withLock { $0 }, failures.withLock { $0.sorted() })
  }

  private func report(_ tally: [String: (placed: Int, count: Int)], _ failures: [Int]) {
    let all = tally["all"] ?? (0, 0)
    if json {
      printJSON([
        "world": world, "seed": "\(seed)", "attempts": all.count, "successes": all.placed,
        "failedEpisodes": failures,
        "byShape": tally.mapValues { ["attempts": $0.count, "successes": $0.placed] },
      ])
      return
    }
    for (name, counts) in tally.sorted(by: { $0.key < $1.key }) where name != "all" {
      print(
        name.padding(toLength: 8, withPad: " ", startingAt: 0)
          + "\(counts.placed) of \(counts.count)"
      )
    }
    print("all     \(all.placed) of \(all.count), failed episodes: \(failures)")
  }
}
