// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import SplatFormats
import Splats
import Testing

/// Whether the SO-101 was fetched, or must have been.
private let hasRobot =
  ProcessInfo.processInfo.environment["CI"] == "true"
  || (try? Program.run(["assets", "verify", "so101"]))?.code == 0

@Suite(.enabled(if: hasRobot, "no SO-101; fetch it with `diorama assets fetch so101`"))
struct `A run of a file` {
  /// The tabletop in a place that is a file: two pictures of 32 x 32, a fifth of a second.
  private func world(in folder: ScratchFolder) throws -> String {
    let tabletop = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/Worlds/tabletop.yaml")
    let text = try String(contentsOf: tabletop, encoding: .utf8)
      .replacing("  builtin: courtyard\n  seed: 1\n", with: "  file: place.ply\n")
      .replacing(#/(width|height): \d+/#) { "\($0.output.1): 32" }
      .replacing(#/episode_seconds: \d+/#, with: "episode_seconds: 0.2")
      .replacing(#/attempts: \d+/#, with: "attempts: 1")
    return try folder.file("world.yaml", Array(text.utf8))
  }

  private func run(_ cloud: SplatCloud, damage: Bool) throws -> Program.Outcome {
    let folder = try ScratchFolder()
    var bytes = try SplatFile.encode(
      cloud, as: .ply, antialiased: damage, file: "place.ply")
    if damage {
      // The last row's x, 17 floats from the end, becomes a NaN; an unread column changes a name.
      let place = bytes.count - 17 * 4
      bytes.replaceSubrange(place..<place + 4, with: [0, 0, 0xC0, 0x7F])
      let name = try #require(bytes.firstRange(of: Array("float nz".utf8)))
      bytes.replaceSubrange(name, with: Array("float label".utf8))
    }
    _ = try folder.file("place.ply", bytes)
    return try Program.run([
      "run", try world(in: folder), "--episodes", "1", "--threads", "1", "--json",
      "--out", "\(folder.path)/out",
    ])
  }

  @Test func `says what was dropped, left unread or asks for another renderer`() throws {
    let outcome = try run(TinyScene.redAboveBlue, damage: true)
    #expect(outcome.code == 0, "\(outcome)")
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.count == 3, "\(outcome.errors)")
    #expect(lines.allSatisfy { $0.hasPrefix("diorama: ") && $0.contains("place.ply: ") })
    #expect(lines.contains { $0.hasSuffix("1 dropped: a value was NaN or infinite") })
    #expect(lines.contains { $0.hasSuffix("trained with antialiasing, and drawn so") })
    #expect(lines.contains { $0.hasSuffix("not read: label") })
    #expect(try outcome.json.isEmpty == false)
  }

  @Test func `has nothing to say of a scene that is as it should be`() throws {
    let outcome = try run(TinyScene.redAboveBlue, damage: false)
    #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome)")
  }
}
