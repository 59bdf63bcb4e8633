// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Datasets
import Episodes
import Files
import Foundation
import Geometry
import Parallel
import Synchronization
import Simulation
import Testing
import Worlds

@Suite(.enabled(if: FetchedRobot.isExpected, "\(FetchedRobot.reason)"))
struct `A dataset job` {
  @Test func `writes the same bytes on two threads as on one`() throws {
    let tiny = try TinyRun()
    let one = try tiny.write("one", episodeCount: 3, threadCount: 1).summary
    let two = try tiny.write("two", episodeCount: 3, threadCount: 2).summary
    #expect(one == two)
    #expect(one.episodeCount == 3 && one.frameCount == 3 * TinyRun.periodCount)
  }

  @Test func `goes on after a stop as if there had been none`() throws {
    let tiny = try TinyRun()
    let whole = try tiny.write("whole", episodeCount: 3, threadCount: 1).summary

    let run = tiny.run(episodeCount: 3)
    let job = try tiny.job(run, threadCount: 1)
    let output = tiny.folder.path + "/stopped"
    do {
      let staging = try EpisodeStaging.create(output: output, run: run)
      let cancellation = CancellationFlag()
      try job.play([0, 1, 2], into: staging, cancellation: cancellation) { _ in
        cancellation.cancel()
      }
      // What is there is a dataset of its own.
      #expect(try staging.assemble(episodeCount: 1).episodeCount == 1)
    }
    guard
      case .open(let staging, let finished, let damaged) =
        try EpisodeStaging.resume(output: output, run: run)
    else {
      Issue.record("two episodes are missing")
      return
    }
    #expect(finished == [0] && damaged.isEmpty)
    try job.play([1, 2], into: staging, cancellation: CancellationFlag()) { _ in }
    #expect(try staging.assemble(episodeCount: 3) == whole)
  }

  @Test func `stores no episode with a gap before it after a stop`() throws {
    let tiny = try TinyRun()
    let run = tiny.run(episodeCount: 8)
    let staging = try EpisodeStaging.create(output: tiny.folder.path + "/stopped", run: run)
    let cancellation = CancellationFlag()
    let stored = Mutex<Set<Int>>([])
    try tiny.job(run, threadCount: 2).play(
      Array(0..<8), into: staging, cancellation: cancellation
    ) { record in
      stored.withLock { _ = $0.insert(record.index) }
      cancellation.cancel()
    }
    // Whichever thread was first, the other finished what lay before it and began nothing.
    let indices = stored.withLock { $0.sorted() }
    #expect(indices == Array(0..<indices.count) && (1...3).contains(indices.count))
  }

  @Test func `keeps every episode before one that cannot be drawn`() throws {
    // On an arc of 20 degrees there is room for the smallest things alone, if they are drawn.
    let tiny = try TinyRun {
      $0.replacing(#/bearing_degrees: .*/#, with: "bearing_degrees: [-10, 10]")
        .replacing(#/(distractors|decoy_places): .*/#) { "\($0.output.1): [0, 0]" }
        .replacing(#/(object|place)_reach_metres: .*/#) {
          "\($0.output.1)_reach_metres: [0.25, 0.25]"
        }
    }
    func firstFailure(seed: UInt64) -> Int? {
      (0..<6).first {
        EpisodeDraw.draw(world: tiny.world, support: .ground, seed: seed, episode: $0, attempt: 0)
          == nil
      }
    }
    let seed = try #require((1..<40).first { firstFailure(seed: $0).map { $0 >= 2 } == true })
    let failing = try #require(firstFailure(seed: seed))
    let run = tiny.run(episodeCount: failing + 4, seed: seed)
    let output = tiny.folder.path + "/out"
    let staging = try EpisodeStaging.create(output: output, run: run)
    let job = try tiny.job(run, threadCount: 2)
    let failure = #expect(throws: JobFailure.self) {
      try job.play(
        Array(0..<run.episodeCount), into: staging, cancellation: CancellationFlag()
      ) { _ in }
    }
    #expect(failure?.stage == .playing(episode: failing))
    #expect(failure?.error.found == "no free spots for all things")
    #expect(try staging.assemble(episodeCount: failing).episodeCount == failing)
  }

  @Test func `tells a disk that is full from an episode that fails`() throws {
    let tiny = try TinyRun()
    let run = tiny.run(episodeCount: 2)
    let output = tiny.folder.path + "/out"
    let staging = try EpisodeStaging.create(output: output, run: run)
    // Nothing can be stored in a folder that is gone.
    try removeItem(output)
    let failure = #expect(throws: JobFailure.self) {
      try tiny.job(run, threadCount: 1).play(
        [0, 1], into: staging, cancellation: CancellationFlag()
      ) { _ in }
    }
    #expect(failure?.stage == .storing(episode: 0))
    #expect(failure?.error.file == output + "/.staging/episode-000000.episode")
  }

  @Test func `plays recorded draws again to the same bytes`() throws {
    let tiny = try TinyRun()
    let path = try tiny.write("recorded", episodeCount: 3, threadCount: 1).path
    let recorded = try RecordedRun(dataset: path)
    let draws = try recorded.draws(of: [2, 0], in: tiny.world, on: .ground)
    #expect(try draws == [tiny.draw(episode: 2), tiny.draw(episode: 0)])

    var run = tiny.run(episodeCount: 2)
    try run.mark(replaying: draws, in: tiny.world, on: .ground)
    let staging = try EpisodeStaging.create(output: tiny.folder.path + "/replay", run: run)
    var job = try tiny.job(run, threadCount: 2)
    job.recordedDraws = draws
    try job.play([0, 1], into: staging, cancellation: CancellationFlag()) { _ in }

    let all = tiny.run(episodeCount: 3)
    let again = try EpisodeStaging.create(output: tiny.folder.path + "/again", run: all)
    try tiny.job(all, threadCount: 2).play(
      [0, 1, 2], into: again, cancellation: CancellationFlag()
    ) { _ in }
    for (index, original) in [(0, 2), (1, 0)] {
      var record = try staging.load(index)
      #expect(record.index == index)
      record.index = original
      #expect(try record == again.load(original))
    }
  }

  /// Plays one episode and returns its record, with the attempt that was kept.
  private func episode(
    _ tiny: TinyRun, seed: UInt64
  ) throws -> (record: EpisodeRecord, attempt: Int) {
    let run = tiny.run(episodeCount: 1, seed: seed)
    let staging = try EpisodeStaging.create(output: tiny.folder.path + "/out", run: run)
    let records = Mutex<[EpisodeRecord]>([])
    try tiny.job(run, threadCount: 1).play(
      [0], into: staging, cancellation: CancellationFlag()
    ) { record in
      records.withLock { $0.append(record) }
    }
    let record = try #require(records.withLock { $0.first })
    let draw = try JSONFields(file: "draw", path: "", record.draw)
    return (record, try draw.integer("attempt"))
  }

  @Test func `draws an episode again when the teacher fails, and keeps what succeeds`() throws {
    // Objects stand up to 0.7 m away, and the arm reaches 0.45 m at most.
    let tiny = try TinyRun {
      TinyRun.wholeEpisode($0).replacing("attempts: 1", with: "attempts: 2")
        .replacing(#/object_reach_metres: .*/#, with: "object_reach_metres: [0.2, 0.7]")
    }
    func distance(_ seed: UInt64, attempt: Int) -> Double {
      let draw = EpisodeDraw.draw(
        world: tiny.world, support: .ground, seed: seed, episode: 0, attempt: attempt)
      let base = tiny.world.robot.worldFromBase.translation
      return draw.map { length(SIMD3($0.objects[0].position, 0) - base) } ?? 0
    }
    let seed = try #require(
      (0..<100).first { seed in
        distance(seed, attempt: 0) > 0.55
          && (0.2...0.27).contains(distance(seed, attempt: 1))
      })
    let first = try #require(
      EpisodeDraw.draw(world: tiny.world, support: .ground, seed: seed, episode: 0, attempt: 0))
    #expect(try !tiny.play(first).isSuccess)
    let (record, attempt) = try episode(tiny, seed: seed)
    #expect(attempt == 1 && record.isSuccess)
    #expect(record.columns[3].lastNumber == 1)
    #expect(record.columns[5].lastNumber == 1)
  }

  @Test func `keeps the last attempt where none succeeds`() throws {
    let tiny = try TinyRun { $0.replacing("attempts: 1", with: "attempts: 3") }
    let (record, attempt) = try episode(tiny, seed: 5)
    #expect(attempt == 2 && !record.isSuccess)
    #expect(record.columns[3].lastNumber == 0)
    #expect(record.columns[5].lastNumber == 0)
  }

  @Test func `tells the first error and stores nothing`() throws {
    let tiny = try TinyRun { $0.replacing("body: arm/gripper", with: "body: arm/hand") }
    let run = tiny.run(episodeCount: 4)
    let output = tiny.folder.path + "/out"
    let staging = try EpisodeStaging.create(output: output, run: run)
    let job = try tiny.job(run, threadCount: 2)
    let failure = #expect(throws: JobFailure.self) {
      try job.play([0, 1, 2, 3], into: staging, cancellation: CancellationFlag()) { _ in }
    }
    // All of them fail alike; it is always the first that is told.
    #expect(failure?.stage == .playing(episode: 0))
    #expect(failure?.error.field == "line 26: cameras[1].body")
    #expect(failure?.error.found == "no body “arm/hand”")
    try staging.discardIfNothingIsFinished()
    #expect(kind(ofPath: output) == .absent)
  }

  @Test func `says when the table is too small`() throws {
    let tiny = try TinyRun {
      $0.replacing(#/bearing_degrees: .*/#, with: "bearing_degrees: [0, 0]")
        .replacing(#/(object|place)_reach_metres: .*/#) {
          "\($0.output.1)_reach_metres: [0.2, 0.2]"
        }
    }
    let run = tiny.run(episodeCount: 1)
    let staging = try EpisodeStaging.create(output: tiny.folder.path + "/out", run: run)
    let job = try tiny.job(run, threadCount: 1)
    let failure = #expect(throws: JobFailure.self) {
      try job.play([0], into: staging, cancellation: CancellationFlag()) { _ in }
    }
    #expect(failure?.error.found == "no free spots for all things")
  }
}

extension EpisodeColumn {
  /// The last number, or 1 for a true flag; nil where there is none.
  fileprivate var lastNumber: Float? {
    switch self {
    case .vectors(let values): values.last
    case .flags(let values): values.last.map { $0 ? 1 : 0 }
    case .integers, .images, .video: nil
    }
  }
}
