// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Datasets
import Foundation
import Testing

@Suite(.enabled(if: FetchedRobot.isExpected, "\(FetchedRobot.reason)"))
struct `A replay` {
  private let tiny: TinyWorld

  init() throws {
    tiny = try TinyWorld()
    let made = try Program.run(tiny.job("out", episodes: 3, "--threads", "2"))
    #expect(made.code == 0, "\(made)")
  }

  private func replay(_ more: String...) throws -> Program.Outcome {
    try Program.run(
      ["run", "--replay", tiny.path("out"), "--json", "--out"] + more, in: tiny.folder.path)
  }

  /// Changes the recorded provenance, and must change it.
  private func edit(_ old: some RegexComponent, _ new: String) throws {
    let text = try tiny.folder.text("out/meta/diorama.json")
    let changed = text.replacing(old, with: new, maxReplacements: 1)
    #expect(changed != text)
    _ = try tiny.folder.file("out/meta/diorama.json", Array(changed.utf8))
  }

  @Test func `of everything has the same bytes, without the world's file`() throws {
    try FileManager.default.removeItem(atPath: tiny.path("world.yaml"))
    let made = try replay(tiny.path("again"))
    #expect(made.code == 0 && made.errors.isEmpty, "\(made)")
    #expect(try made.json["complete"] as? Bool == true)
    let manifest = try tiny.folder.bytes("out/MANIFEST.sha256")
    #expect(try tiny.folder.bytes("again/MANIFEST.sha256") == manifest)
  }

  @Test func `of some episodes has theirs, and can be replayed itself`() throws {
    let made = try replay(tiny.path("two"), "--episode", "2", "--episode", "1")
    #expect(made.code == 0 && made.errors.isEmpty, "\(made)")
    let (all, two) = (
      try LeRobotDataset(path: tiny.path("out")), try LeRobotDataset(path: tiny.path("two"))
    )
    #expect(two.episodes.count == 2)
    let numbers = ["action", "observation.state"].map { ($0, String?.none) }
    let pictures = ["observation.depth.front", "observation.instances.wrist"].map { ($0, "bytes") }
    for (index, original) in [(0, 2), (1, 1)] {
      #expect(two.episodes[index].tasks == all.episodes[original].tasks)
      for (feature, member) in numbers + pictures {
        let (copy, first) = (
          try two.column(feature, member: member, episode: index),
          try all.column(feature, member: member, episode: original)
        )
        #expect(copy.values == first.values, "\(feature) of episode \(original)")
      }
    }
    #expect(try Program.run(["dataset", "validate", tiny.path("two"), "--deep"]).code == 0)

    let again = try Program.run(
      [
        "run", "--replay", tiny.path("two"), "--out", tiny.path("again"),
        "--resume",
      ], in: tiny.folder.path)
    #expect(again.code == 0, "\(again)")
    let manifest = try tiny.folder.bytes("two/MANIFEST.sha256")
    #expect(try tiny.folder.bytes("again/MANIFEST.sha256") == manifest)
  }

  @Test func `is refused when an input or a draw is not what it was`() throws {
    try replay(tiny.path("none"), "--episode", "3").expectFailure(saying: ["no episode 3"])
    let scene = try tiny.folder.bytes("scene.ply")
    try tiny.changeScene()
    try replay(tiny.path("none")).expectFailure(
      saying: ["out/meta/diorama.json: run.provenance.inputs[scene.ply].sha256: found"])
    _ = try tiny.folder.file("scene.ply", scene)
    try edit(#/"shape": "[a-z]+"/#, #""shape": "cone""#)
    try replay(tiny.path("none")).expectFailure(
      saying: ["episodes[0].draw.objects[0].shape: found \"cone\", expected one of cube"])
    #expect(try tiny.folder.names == ["out", "scene.ply", "world.yaml"])
  }

  @Test func `with other versions goes on and says so`() throws {
    try edit(#/"zlib": "[^"]+"/#, #""zlib": "0.9""#)
    let made = try replay(tiny.path("again"), "--episode", "0")
    #expect(made.code == 0, "\(made)")
    #expect(made.errors.split(separator: "\n").count == 1)
    #expect(made.errors.contains("run.provenance.libraries.zlib: found \"0.9\""), "\(made)")
  }
}
