// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Datasets
import Episodes
import Files
import Foundation
import Parallel
import Synchronization
import Testing

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

  @Test func `tells the first error and stores nothing`() throws {
    let tiny = try TinyRun { $0.replacing("body: arm/gripper", with: "body: arm/hand") }
    let run = tiny.run(episodeCount: 4)
    let output = tiny.folder.path + "/out"
    let staging = try EpisodeStaging.create(output: output, run: run)
    let job = try tiny.job(run, threadCount: 2)
    #expect {
      try job.play([0, 1, 2, 3], into: staging, cancellation: CancellationFlag()) { _ in }
    } throws: {
      "\($0)".contains(
        "/world.yaml: line 26: cameras[1].body: found no body “arm/hand”, expected one of arm/base, "
      )
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
