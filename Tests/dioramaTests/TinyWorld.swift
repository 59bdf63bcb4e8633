// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Splats
import Testing
import Worlds

/// The tabletop made small, in a folder of its own: two cameras of 32 x 32, a fifth of a second.
///
/// The arm has no time to succeed, so every episode uses up both of its attempts.
struct TinyWorld {
  static let attempts = 2
  static let framesPerEpisode = 6

  let folder: ScratchFolder

  /// Writes `scene.ply` and `world.yaml`, after `edit` changed its text.
  init(_ edit: (String) -> String = { $0 }) throws {
    folder = try ScratchFolder()
    try writeScene(brightness: 0.5)
    let text = try #require(BuiltInWorlds.text(named: "tabletop"))
      .replacing("  builtin: courtyard\n  seed: 1\n", with: "  file: scene.ply\n")
      .replacing(#/(width|height): \d+/#) { "\($0.output.1): 32" }
      .replacing(#/episode_seconds: \d+/#, with: "episode_seconds: 0.2")
      .replacing(#/attempts: \d+/#, with: "attempts: \(Self.attempts)")
    _ = try folder.file("world.yaml", Array(edit(text).utf8))
  }

  /// A path in the folder.
  func path(_ name: String) -> String { "\(folder.path)/\(name)" }

  /// The words that start a run of this world into a folder of that name.
  func job(_ out: String, episodes: Int, seed: Int = 5, _ more: String...) -> [String] {
    [
      "run", path("world.yaml"), "--seed", "\(seed)", "--episodes", "\(episodes)", "--out",
      path(out),
    ] + more
  }

  /// Makes the scene a brighter one.
  func changeScene() throws { try writeScene(brightness: 0.6) }

  /// A grey ball of 0.3 m under the table's middle.
  private func writeScene(brightness: Float) throws {
    var cloud = SplatCloud(shDegree: 0)
    var ball = TinyScene.ball(
      at: SIMD3(0, 0, -0.3), colourSRGB: SIMD3(repeating: brightness))
    ball.logScale = SIMD3(repeating: -1.2)
    cloud.append(ball)
    _ = try TinyScene.write(cloud, in: folder)
  }

  /// The paths of everything below a folder, hidden ones too.
  func files(_ name: String) throws -> [String] {
    let paths = FileManager.default.enumerator(atPath: path(name))?.compactMap { $0 as? String }
    return try #require(paths).sorted()
  }
}

/// Whether the SO-101 is on this machine.
enum FetchedRobot {
  static let reason = "no SO-101; fetch it with `diorama assets fetch so101`"

  /// True where the robot is there, or must be.
  static let isExpected: Bool = {
    if ProcessInfo.processInfo.environment["CI"] == "true" { return true }
    let list = try? Program.run(["assets", "list", "--json"]).json["assets"] as? [[String: Any]]
    let robot = list?.first { $0["name"] as? String == "so101" }
    return robot?["isFetched"] as? Bool == true
  }()
}
