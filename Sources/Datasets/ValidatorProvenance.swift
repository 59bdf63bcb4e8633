// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

extension DatasetValidator {
  /// Compares `meta/diorama.json` with the tables, where there is such a file.
  mutating func checkProvenance() {
    guard isOwn else { return }
    let file = DatasetPath.provenance
    let path = path(file)
    guard let fields = attempt({ () throws(InputError) in try JSONFields(path: path) }) else {
      return
    }
    let format = attempt { () throws(InputError) in try fields.integer("format") }
    if let format { expect(file, "format", format, equals: DatasetPath.provenanceFormat) }
    if let run = attempt({ () throws(InputError) in try fields.object("run") }) { checkRun(run) }
    if let rows = attempt({ () throws(InputError) in try fields.array("episodes") }) {
      checkEpisodes(rows)
    }
  }

  /// Compares what was to be recorded with what `meta/info.json` says was.
  private mutating func checkRun(_ run: JSONFields) {
    let file = DatasetPath.information
    let rate = attempt { () throws(InputError) in try run.integer("fps") }
    if let rate { expect(file, "fps", information.fps, equals: rate) }
    let robot = attempt { () throws(InputError) in try run.string("robot_type") }
    if let robot { expect(file, "robot_type", information.robotType ?? "null", equals: robot) }
    let planned = attempt { () throws(InputError) in try run.integer("episodes") }
    // A run that was stopped leaves fewer.
    if let planned, planned < episodes.count {
      report(
        DatasetPath.provenance, "run.episodes", found: "\(planned)",
        expected: "at least \(episodes.count)")
    }
    let features = attempt { () throws(InputError) in try run.object("features") }
    guard let features, information.description != .object(features.members) else { return }
    let names = features.members.map(\.key)
    let wrong = names.first { features[$0] != information.description[$0] }
    report(
      file, "features" + (wrong.map { ".\($0)" } ?? ""),
      found: wrong.map { information.description[$0]?.compactText ?? "no such feature" }
        ?? "others or another order",
      expected: wrong.map { features[$0]?.compactText ?? "" } ?? "\(names)")
  }

  /// Compares what is said of each episode with its rows.
  private mutating func checkEpisodes(_ rows: [JSONValue]) {
    let file = DatasetPath.provenance
    guard rows.count == episodes.count else {
      report(file, "episodes", found: "\(rows.count)", expected: "\(episodes.count)")
      return
    }
    var said: [SaidEpisode] = []
    for (row, value) in rows.enumerated() {
      let episode = attempt { () throws(InputError) in
        try SaidEpisode(JSONFields(file: file, path: "episodes[\(row)]", value))
      }
      guard let episode else { return }
      said.append(episode)
    }
    expectRows(file, "episodes.episode_index", said.map(\.index)) { $0 }
    expectRows(file, "episodes.length", said.map(\.frameCount)) { [episodes] in
      episodes[$0].frames.count
    }
    expectRows(file, "episodes.task", said.map { [$0.task] }) { [episodes] in episodes[$0].tasks }
    // The last frame's flag says whether the task is done at the end.
    let flags = columns["next.success"]?.numbers ?? []
    guard flags.count == frameCount else { return }
    expectRows(file, "episodes.success", said.map(\.isSuccess)) { [episodes] in
      let last = episodes[$0].frames.upperBound - 1
      return flags.indices.contains(last) && flags[last] == 1
    }
  }
}

/// What `meta/diorama.json` says of an episode that the tables say too.
private struct SaidEpisode {
  let index: Int
  let frameCount: Int
  let task: String
  let isSuccess: Bool

  init(_ fields: JSONFields) throws(InputError) {
    index = try fields.integer("episode_index")
    frameCount = try fields.integer("length")
    task = try fields.string("task")
    isSuccess = try fields.bool("success")
    let seed = try fields.string("seed")
    guard UInt64(seed) != nil else {
      throw fields.wrong("seed", .string(seed), "a number of 64 bits")
    }
  }
}
