// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Datasets
import Episodes
import Files
import Foundation
import Simulation
import Testing
import Worlds

@Suite(.enabled(if: FetchedRobot.isExpected, "\(FetchedRobot.reason)"))
struct `A recorded run` {
  private let tiny: TinyRun
  private let dataset: String

  init() throws {
    tiny = try TinyRun()
    dataset = try tiny.write("dataset", episodeCount: 2, threadCount: 1).path
  }

  private var file: String { dataset + "/" + DatasetPath.provenance }

  /// Changes the text of the provenance, and must change it.
  private func edit(_ old: String, _ new: String) throws {
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let changed = text.replacing(old, with: new, maxReplacements: 1)
    #expect(changed != text, "no \(old) in the provenance")
    try changed.write(toFile: file, atomically: true, encoding: .utf8)
  }

  @Test func `knows its world, its seed and its draws`() throws {
    let recorded = try RecordedRun(dataset: dataset)
    #expect(recorded.worldText == tiny.world.sourceText)
    #expect(recorded.seed == 5 && recorded.count == 2)
    #expect(try recorded.draws(of: [1], in: tiny.world, on: .ground) == [tiny.draw(episode: 1)])
    let error = #expect(throws: InputError.self) {
      _ = try recorded.draws(of: [0, 2], in: tiny.world, on: .ground)
    }
    #expect(error?.file == file && error?.found == "no episode 2")
  }

  @Test func `that is played again as a whole is the run that it was`() throws {
    let recorded = try RecordedRun(dataset: dataset)
    let draws = try recorded.draws(of: [0, 1], in: tiny.world, on: .ground)
    let run = tiny.run(episodeCount: 2)
    var replay = run
    try replay.mark(replaying: draws, in: tiny.world, on: .ground)
    #expect(replay == run)
    // Another choice or a changed draw is another run, and each its own.
    var runs = [run]
    var changed = draws
    changed[0].objects[0].yaw += 0.1
    for other in [[draws[1], draws[0]], [draws[1]], changed] {
      var run = tiny.run(episodeCount: other.count)
      try run.mark(replaying: other, in: tiny.world, on: .ground)
      #expect(run.provenance["replay"]?["episodes"] == .array(other.map { .integer($0.episode) }))
      #expect(!runs.contains(run))
      runs.append(run)
    }
  }

  @Test func `names the input that is another now`() throws {
    let recorded = try RecordedRun(dataset: dataset)
    try recorded.requireInputs(of: ["inputs": [["path": "place.ply", "sha256": "00"]]])
    let error = #expect(throws: InputError.self) {
      try recorded.requireInputs(of: ["inputs": [["path": "place.ply", "sha256": "11"]]])
    }
    #expect(
      error
        == InputError(
          file: file, field: "run.provenance.inputs[place.ply].sha256", found: "\"00\"",
          expected: "\"11\", which is here now"))
  }

  @Test func `names the version that is another now`() throws {
    try edit(#""test": true"#, #""diorama": "0.0.9", "libraries": {"zlib": "1"}"#)
    let recorded = try RecordedRun(dataset: dataset)
    let now: JSONValue = ["libraries": ["zlib": "2"], "diorama": "0.0.9"]
    let difference = try #require(recorded.versionDifference(from: now))
    #expect(difference.field == "run.provenance.libraries.zlib")
    #expect(difference.found == "\"1\"" && difference.expected == "\"2\", which is here now")
    #expect(recorded.versionDifference(from: recorded.provenance) == nil)
  }

  @Test(arguments: [
    (#""format": 1"#, #""format": 2"#, "format"),
    (#""seed": "5""#, #""seed": "five""#, "run.seed"),
    (#""seed": "5""#, #""seed": 5"#, "run.seed"),
    (#"name: tabletop"#, #"name: table"#, "run.world_sha256"),
    (#""world_text": "#, #""text": "#, "run.provenance.world_text"),
    (#""draw": {"#, #""drawn": {"#, "episodes[0].draw"),
  ])
  func `that was changed is refused by its key`(old: String, new: String, field: String) throws {
    try edit(old, new)
    let error = #expect(throws: InputError.self) { _ = try RecordedRun(dataset: dataset) }
    #expect(error?.file == file && error?.field == field, "\(String(describing: error))")
  }
}
