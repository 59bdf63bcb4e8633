// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Datasets
import Episodes
import Files
import Foundation
import Geometry
import Parallel
import Synchronization
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

  @Test func `records draws that replay to the same actions and states`() throws {
    let tiny = try TinyRun()
    let dataset = try LeRobotDataset(
      path: try tiny.write("recorded", episodeCount: 2, threadCount: 1).path)
    let provenance = try JSONFields(path: dataset.folder + "/meta/diorama.json")
    for (index, episode) in try provenance.array("episodes").enumerated() {
      let fields = try JSONFields(file: "diorama.json", path: "episodes[\(index)]", episode)
      let text = try #require(fields["draw"]).compactText
      let draw = try JSONDecoder().decode(EpisodeDraw.self, from: Data(text.utf8))
      #expect(try draw == tiny.draw(episode: index))
      let replay = try tiny.play(draw)
      let recorded = [
        ("action", replay.periods.flatMap(\.action)),
        ("observation.state", replay.periods.flatMap(\.jointPositions)),
      ]
      for (feature, numbers) in recorded {
        let column = try dataset.column(feature, episode: index)
        #expect(column.values == .float(numbers.map { Float($0) }), "\(feature) of \(index)")
      }
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
      let draw = EpisodeDraw.draw(world: tiny.world, seed: seed, episode: 0, attempt: attempt)
      let base = tiny.world.robot.worldFromBase.translation
      return draw.map { length(SIMD3($0.objects[0].position, 0) - base) } ?? 0
    }
    let seed = try #require(
      (0..<100).first { seed in
        distance(seed, attempt: 0) > 0.55
          && (0.2...0.27).contains(distance(seed, attempt: 1))
      })
    let first = try #require(
      EpisodeDraw.draw(world: tiny.world, seed: seed, episode: 0, attempt: 0))
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
    #expect {
      try job.play([0, 1, 2, 3], into: staging, cancellation: CancellationFlag()) { _ in }
    } throws: {
      "\($0)" == "tabletop: camera wrist: found no body “arm/hand”, expected a body of the robot"
    }
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
    let error = #expect(throws: InputError.self) {
      try job.play([0], into: staging, cancellation: CancellationFlag()) { _ in }
    }
    #expect(error?.found == "no free spots for all things")
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
