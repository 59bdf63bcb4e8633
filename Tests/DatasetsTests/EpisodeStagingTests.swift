// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Testing

@testable import Datasets

@Suite struct `Staged episodes` {
  @Test func `read back as they were published`() throws {
    try withNewFolder { output in
      let staging = try EpisodeStaging.create(
        output: output, run: SampleRun.run(episodeCount: 3))
      let record = try SampleRun.episode(1)
      try staging.publish(record)
      #expect(try staging.load(1) == record)
    }
  }

  @Test func `are refused when any byte differs or is missing`() throws {
    let record = try SampleRun.episode(0)
    let bytes = EpisodeFile.encode(record, run: "r")
    #expect(try EpisodeFile.decode(file: "e", bytes: bytes, run: "r") == record)
    #expect(throws: InputError.self) {
      _ = try EpisodeFile.decode(file: "e", bytes: bytes, run: "another")
    }
    for index in stride(from: 0, to: bytes.count, by: 97) {
      var damaged = bytes
      damaged[index] ^= 1
      #expect(throws: InputError.self, "byte \(index)") {
        _ = try EpisodeFile.decode(file: "e", bytes: damaged, run: "r")
      }
      #expect(throws: InputError.self, "cut at \(index)") {
        _ = try EpisodeFile.decode(file: "e", bytes: Array(bytes.prefix(index)), run: "r")
      }
    }
  }

  @Test func `with numbers that are not finite are refused by name`() throws {
    try withNewFolder { output in
      let staging = try EpisodeStaging.create(
        output: output, run: SampleRun.run(episodeCount: 1))
      var record = try SampleRun.episode(0)
      record.columns[0] = .vectors([0, 0, 0, .nan, 0, 0])
      #expect(
        throws: InputError(
          file: "episode 0", field: "observation.state, frame 1", found: "nan in dimension 1",
          expected: "finite numbers")
      ) { try staging.publish(record) }
    }
  }
}

@Suite struct `A run's folder` {
  @Test func `has a name, or the system's root would be meant`() throws {
    let run = SampleRun.run(episodeCount: 1)
    let error = #expect(throws: InputError.self) {
      _ = try EpisodeStaging.create(output: "", run: run)
    }
    #expect(error?.found == "an empty name")
    #expect(throws: InputError.self) { _ = try EpisodeStaging.resume(output: "", run: run) }
  }

  @Test func `is gone after a run in which nothing was finished`() throws {
    let run = SampleRun.run(episodeCount: 2)
    try withNewFolder { output in
      let staging = try EpisodeStaging.create(output: output, run: run)
      try staging.discardIfNothingIsFinished()
      #expect(kind(ofPath: output) == .absent)
    }
    try withNewFolder { output in
      let staging = try EpisodeStaging.create(output: output, run: run)
      try staging.publish(try SampleRun.episode(1))
      try staging.discardIfNothingIsFinished()
      #expect(try staging.load(1).index == 1)
    }
  }

  @Test func `must be new or empty`() throws {
    try withNewFolder { output in
      try createFolder(output)
      try publishFile(output + "/thesis.txt", [1])
      let run = SampleRun.run(episodeCount: 1)
      #expect(throws: InputError.self) {
        _ = try EpisodeStaging.create(output: output, run: run)
      }
      #expect(throws: InputError.self) {
        _ = try EpisodeStaging.resume(output: output, run: run)
      }
      #expect(try contents(of: output) == ["thesis.txt": [1]])
    }
  }

  @Test func `that belongs to another run is refused with what differs`() throws {
    try withNewFolder { output in
      try SampleRun.stage([], of: SampleRun.run(episodeCount: 2), in: output)
      do throws(InputError) {
        _ = try EpisodeStaging.resume(
          output: output, run: SampleRun.run(episodeCount: 2, seed: 8))
        Issue.record("another seed was accepted")
      } catch {
        #expect(error.field == "seed")
        #expect(error.found == "\"7\"")
        #expect(error.expected.hasPrefix("\"8\""))
      }
    }
  }

  @Test func `that was begun with another input is refused by the input's name`() throws {
    func run(_ digest: JSONValue) -> DatasetRun {
      var run = SampleRun.run(episodeCount: 2)
      run.provenance = ["diorama": "0.1.0", "inputs": [["path": "a.ply", "sha256": digest]]]
      return run
    }
    try withNewFolder { output in
      try SampleRun.stage([0], of: run("old"), in: output)
      let error = #expect(throws: InputError.self) {
        _ = try EpisodeStaging.resume(output: output, run: run("new"))
      }
      #expect(error?.file == output + "/.staging/run.json")
      #expect(error?.field == "provenance.inputs[a.ply].sha256")
      #expect(error?.found == "\"old\"" && error?.expected.hasPrefix("\"new\"") == true)
      // Nothing that was staged is lost by the refusal.
      guard
        case .open(_, let finished, _) =
          try EpisodeStaging.resume(output: output, run: run("old"))
      else {
        Issue.record("one episode is missing")
        return
      }
      #expect(finished == [0])
    }
  }

  @Test func `left by a killed run tells whole episodes from damaged ones`() throws {
    try withNewFolder { output in
      let run = SampleRun.run(episodeCount: 4)
      try SampleRun.stage([0, 1, 3], of: run, in: output)
      let damaged = output + "/.staging/episode-000001.episode"
      try publishFile(damaged, Array(try readFile(damaged).dropLast(10)))
      // What an episode and an assembly leave behind when they are cut off.
      try publishFile(output + "/.staging/.episode-000002.episode.tmp-1", [0])
      try createFolder(output + "/.staging/tree/meta")

      guard
        case .open(let resumed, let finished, let errors) = try EpisodeStaging.resume(
          output: output, run: run)
      else {
        Issue.record("nothing is assembled yet")
        return
      }
      #expect(finished == [0, 3])
      #expect(errors.map(\.file) == [damaged])
      #expect(
        try listFolder(output + "/.staging")
          == ["episode-000000.episode", "episode-000003.episode", "lock", "run.json"])
      #expect(resumed.run == run)
    }
  }

  @Test func `is worked in by one process at a time`() throws {
    try withNewFolder { output in
      let run = SampleRun.run(episodeCount: 1)
      let first = try EpisodeStaging.create(output: output, run: run)
      do throws(InputError) {
        _ = try EpisodeStaging.resume(output: output, run: run)
        Issue.record("the folder was taken twice")
      } catch {
        #expect(error.field == "lock")
      }
      try withExtendedLifetime(first) { try $0.publish(try SampleRun.episode(0)) }
    }
  }

  @Test func `that is complete has nothing to resume`() throws {
    try withNewFolder { output in
      let written = try SampleRun.write(output, episodeCount: 1)
      let run = SampleRun.run(episodeCount: 1)
      guard case .complete(let summary) = try EpisodeStaging.resume(output: output, run: run) else {
        Issue.record("the dataset is complete")
        return
      }
      #expect(summary == written)
      #expect(throws: InputError.self) {
        _ = try EpisodeStaging.resume(
          output: output, run: SampleRun.run(episodeCount: 2))
      }
    }
  }

  @Test func `that holds a part and nothing to go on from is not called complete`() throws {
    try withNewFolder { output in
      let run = SampleRun.run(episodeCount: 3)
      try SampleRun.stage([0, 1], of: run, in: output, assembling: 2)
      try removeItem(output + "/.staging")
      let before = try contents(of: output)
      let error = #expect(throws: InputError.self) {
        _ = try EpisodeStaging.resume(output: output, run: run)
      }
      #expect(error?.file == output && error?.field == "episodes")
      #expect(error?.found == "2 of 3, and no .staging to go on from")
      #expect(try contents(of: output) == before)
    }
  }

  @Test func `whose files count episodes differently is not called complete`() throws {
    try withNewFolder { output in
      try SampleRun.write(output, episodeCount: 2)
      let path = output + "/" + DatasetPath.information
      let text = String(decoding: try readFile(path), as: UTF8.self)
      try publishFile(
        path, Array(text.replacing("\"total_episodes\": 2", with: "\"total_episodes\": 3").utf8))
      let error = #expect(throws: InputError.self) {
        _ = try EpisodeStaging.resume(output: output, run: SampleRun.run(episodeCount: 2))
      }
      #expect(error?.file == path && error?.field == "total_episodes" && error?.found == "3")
    }
  }
}
