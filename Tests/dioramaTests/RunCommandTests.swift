// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Datasets
import Files
import Foundation
import ImageFiles
import Images
import Testing

@Suite(.enabled(if: FetchedRobot.isExpected, "\(FetchedRobot.reason)"))
struct `The main job` {
  /// The keys of its JSON, whatever became of it.
  private static let keys: Set<String> = [
    "attempts", "bytes", "cameraFramesPerSecond", "cameraFramesThisRun", "complete",
    "contactSheet", "episodes", "episodesThisRun", "firstAttemptSuccesses", "frames",
    "manifestSHA256", "out", "seconds", "successes", "wantedEpisodes",
  ]

  /// The manifest of six episodes that nothing interrupted.
  private static let wholeManifest = Result { () throws -> [UInt8] in
    let tiny = try TinyWorld()
    let made = try Program.run(tiny.job("out", episodes: 6, "--threads", "2"))
    #expect(made.code == 0, "\(made)")
    return try tiny.folder.bytes("out/MANIFEST.sha256")
  }

  @Test func `writes a dataset that is right, and sums it up`() throws {
    let tiny = try TinyWorld()
    let made = try Program.run(tiny.job("out", episodes: 2))
    // No progress where there is no terminal.
    #expect(made.code == 0 && made.errors.isEmpty, "\(made)")
    let manifest = SHA256.hexDigest(of: try tiny.folder.bytes("out/MANIFEST.sha256"))
    let lines = made.output.split(separator: "\n").map(String.init)
    #expect(lines[0].hasPrefix("\(tiny.path("out")): 2 episodes, 12 frames, 0."))
    #expect(lines[1] == "  success        0 of 2 (0.0 %), told by physics")
    #expect(lines[2] == "  first attempt  0 of 2 (0.0 %); 4 attempts were played for them")
    #expect(lines[3].hasPrefix("  this run       2 episodes in "))
    #expect(lines[4] == "  contact sheet  \(tiny.path("out"))/contact-sheet.png")
    #expect(lines[5] == "  manifest       sha256 \(manifest)")
    #expect(lines.count == 6)
    let sheet = try tiny.folder.bytes("out/contact-sheet.png")
    #expect(try PNG.decodeRGB(sheet, file: "sheet").width > 32)
    try expectValid(tiny, episodes: 2)

    let again = try Program.run(tiny.job("out", episodes: 2, "--resume", "--json"))
    #expect(again.code == 0 && again.errors.isEmpty, "\(again)")
    let json = try again.json
    #expect(Set(json.keys) == Self.keys)
    #expect(json["complete"] as? Bool == true && json["episodesThisRun"] as? Int == 0)
    #expect(json["episodes"] as? Int == 2 && json["attempts"] as? Int == 4)
    #expect(json["manifestSHA256"] as? String == manifest)
  }

  @Test func `takes up no folder but its own run's`() throws {
    let tiny = try TinyWorld()
    #expect(try Program.run(tiny.job("out", episodes: 1)).code == 0)
    let files = try tiny.files("out")
    func refused(_ arguments: [String], _ words: String...) throws {
      try Program.run(arguments).expectFailure(saying: words)
      #expect(try tiny.files("out") == files)
    }
    try refused(tiny.job("out", episodes: 1), "a folder that is not empty", "--resume")
    try refused(tiny.job("out", episodes: 2, "--resume"), "run.episodes: found 1, expected 2")
    try refused(
      tiny.job("out", episodes: 1, seed: 6, "--resume"), "run.seed: found \"5\"")
    try refused(tiny.job("scene.ply", episodes: 1), "scene.ply", "a file")
    try tiny.changeScene()
    try refused(
      tiny.job("out", episodes: 1, "--resume"), "provenance.inputs[scene.ply].sha256: found")
  }

  @Test func `needs its robot before it makes a folder`() throws {
    let tiny = try TinyWorld()
    try Program.expectFailure(
      tiny.job("out", episodes: 1), environment: ["DIORAMA_CACHE": tiny.path("cache")],
      saying: "diorama assets fetch so101")
    #expect(try tiny.folder.names == ["scene.ply", "world.yaml"])
  }

  @Test func `leaves a dataset when it is told to end, and goes on from there`() throws {
    let tiny = try TinyWorld()
    let running = try Execution(
      Program.path, tiny.job("out", episodes: 6, "--threads", "2", "--json"))
    #expect(running.wait { hasStored(tiny) })
    running.send(SIGTERM)
    let stopped = try running.end()
    #expect(stopped.code == 1)
    let lines = stopped.errors.split(separator: "\n")
    #expect(lines.count == 1 && lines[0].contains("run: found a stop after "), "\(stopped)")
    let json = try stopped.json
    #expect(Set(json.keys) == Self.keys)
    #expect(json["complete"] as? Bool == false && json["wantedEpisodes"] as? Int == 6)
    let count = try #require(json["episodes"] as? Int)
    #expect((1...5).contains(count))
    try expectValid(tiny, episodes: count)

    // What was changed in between is another run, and nothing is lost by asking for it.
    let scene = try tiny.folder.bytes("scene.ply")
    try tiny.changeScene()
    try Program.expectFailure(
      tiny.job("out", episodes: 6, "--resume"),
      saying: ".staging/run.json: provenance.inputs[scene.ply].sha256: found")
    _ = try tiny.folder.file("scene.ply", scene)
    let resumed = try Program.run(tiny.job("out", episodes: 6, "--resume", "--json")).json
    #expect(resumed["complete"] as? Bool == true)
    #expect(resumed["episodesThisRun"] as? Int == 6 - count)
    #expect(try tiny.folder.bytes("out/MANIFEST.sha256") == Self.wholeManifest.get())
  }

  @Test func `shows on a terminal how far it is, and what Ctrl-C does`() throws {
    let tiny = try TinyWorld()
    let terminal = try Terminal()
    var screen = ""
    func play(_ more: String..., seeing isThere: () -> Bool = { false }) throws -> Execution {
      screen = ""
      let running = try Execution(
        Program.path, tiny.job("out", episodes: 6, "--threads", "2") + more,
        terminal: terminal.screen)
      _ = running.wait {
        screen += terminal.read()
        return isThere()
      }
      return running
    }
    let running = try play { hasStored(tiny) }
    running.send(SIGINT)
    _ = running.wait {
      screen += terminal.read()
      return false
    }
    screen += terminal.read()
    #expect(try running.end().code == 1)
    try expectValid(tiny)
    #expect(screen.contains("0/6 episodes"))
    #expect(screen.contains("\u{1B}[2KStopping; what is finished becomes a dataset."))
    // What is printed afterwards is never glued to the bar.
    #expect(screen.contains("\n\(tiny.path("out")): "))
    #expect(screen.contains("\ndiorama: \(tiny.path("out")): run: found a stop after "))

    let resumed = try play("--resume")
    screen += terminal.read()
    #expect(try resumed.end().code == 0)
    #expect(screen.contains("6/6 episodes  "))
    #expect(screen.contains("6/6 episodes put together"))
    #expect(screen.contains("\n\(tiny.path("out")): 6 episodes, 36 frames"), "\(screen)")
    #expect(try tiny.folder.bytes("out/MANIFEST.sha256") == Self.wholeManifest.get())
  }

  @Test func `keeps what was made before an episode that fails`() throws {
    // On an arc of 20 degrees there is room for the smallest things alone, if they are drawn.
    let tiny = try TinyWorld {
      $0.replacing(#/bearing_degrees: .*/#, with: "bearing_degrees: [-10, 10]")
        .replacing(#/(distractors|decoy_places): .*/#) { "\($0.output.1): [0, 0]" }
        .replacing(#/(object|place)_reach_metres: .*/#) {
          "\($0.output.1)_reach_metres: [0.25, 0.25]"
        }
    }
    for seed in 1...20 {
      let made = try Program.run(
        tiny.job("out", episodes: 40, seed: seed, "--threads", "2", "--json"))
      #expect(made.code == 1)
      #expect(made.errors.split(separator: "\n").count == 1, "\(made)")
      #expect(made.errors.contains(": task: found no free spots for all things"), "\(made)")
      if made.output.isEmpty {
        // Nothing was made before the first.
        #expect(made.errors.contains("world.yaml: episode 0: "), "\(made)")
        #expect(try tiny.folder.names == ["scene.ply", "world.yaml"])
        continue
      }
      let count = try #require(try made.json["episodes"] as? Int)
      #expect(made.errors.contains("world.yaml: episode \(count): "), "\(made)")
      #expect(made.errors.contains("; the \(count) before it are a dataset"), "\(made)")
      try expectValid(tiny, episodes: count)
      return
    }
    Issue.record("no seed failed after its first episode")
  }

  /// Limits on the size of a file stand for a full disk: run.json has 9 kB, an episode 33, the
  /// table of eight episodes 108.
  @Test func `loses no finished episode to a full disk`() throws {
    let tiny = try TinyWorld()
    func run(kilobytes: Int) throws -> Program.Outcome {
      let words = [Program.path] + tiny.job("out", episodes: 8, "--threads", "1")
      return try Execution(
        "/bin/bash", ["-c", "ulimit -f \(kilobytes); exec \"$@\"", "bash"] + words
      ).end()
    }
    for kilobytes in [1, 20] {
      try run(kilobytes: kilobytes).expectFailure(saying: ["write: found file too large"])
      #expect(try tiny.folder.names == ["scene.ply", "world.yaml"])
    }
    try run(kilobytes: 64).expectFailure(
      saying: [
        "write: found file too large", "finished episodes are safe (8), and --resume goes on",
      ])
    let episodes = (0..<8).map { ".staging/episode-00000\($0).episode" }
    #expect(
      try tiny.files("out") == [".staging"] + episodes + [".staging/lock", ".staging/run.json"])
    let resumed = try Program.run(tiny.job("out", episodes: 8, "--resume", "--json")).json
    #expect(resumed["complete"] as? Bool == true && resumed["episodesThisRun"] as? Int == 0)
    try expectValid(tiny, episodes: 8)
  }

  @Test func `leaves nothing of a measurement that was stopped`() throws {
    let tiny = try TinyWorld()
    let temporary = tiny.path("temporary")
    try createFolder(temporary)
    let running = try Execution(
      Program.path, ["bench", "run", "--world", tiny.path("world.yaml"), "--episodes", "50"],
      environment: ["TMPDIR": temporary])
    #expect(running.wait { (try? listFolder(temporary).isEmpty) == false })
    running.send(SIGINT)
    try running.end().expectFailure(saying: ["bench run: episodes: found a stop after"])
    #expect(try listFolder(temporary).isEmpty)
  }

  private func hasStored(_ tiny: TinyWorld) -> Bool {
    let names = (try? listFolder(tiny.path("out/.staging"))) ?? []
    return names.contains { $0.hasSuffix(".episode") && !$0.hasPrefix(".") }
  }

  private func expectValid(
    _ tiny: TinyWorld, episodes: Int? = nil, at location: SourceLocation = #_sourceLocation
  ) throws {
    let judged = try Program.run(["dataset", "validate", tiny.path("out"), "--deep", "--json"])
    #expect(judged.code == 0, "\(judged)", sourceLocation: location)
    let count = try #require(try judged.json["episodeCount"] as? Int, sourceLocation: location)
    #expect(count == episodes ?? count && count > 0, sourceLocation: location)
  }
}
