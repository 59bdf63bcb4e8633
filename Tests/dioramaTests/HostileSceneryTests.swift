// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite struct `A world with scenery that hangs the importer` {
  @Test func `is given up after its time, in one line, with nothing written`() throws {
    let folder = try ScratchFolder()
    _ = try TinyScene.write(TinyScene.redAboveBlue, in: folder)
    let mesh = try folder.file("comb.obj", Array(comb(teeth: 1250).utf8))
    let world = try folder.file("world.yaml", Array(world.utf8))
    let out = "\(folder.path)/dataset"
    let clock = ContinuousClock()
    let start = clock.now
    try Program.expectFailure(
      ["run", world, "--episodes", "1", "--out", out], saying: mesh, "no result after 20")
    #expect(clock.now - start < .seconds(60))
    #expect(try folder.names == ["comb.obj", "scene.ply", "world.yaml"])
  }

  /// One polygon in the shape of a comb, whose corners Assimp's triangulation tries by the cube of
  /// their number: more than a minute.
  private func comb(teeth: Int) -> String {
    let count = 2 * teeth
    let upper = (0..<count).map { "v \($0) \($0 % 2) 0" }
    let lower = (0..<count).reversed().map { "v \($0) \(Double($0 % 2) - 0.5) 0" }
    let face = "f " + (1...(2 * count)).map { "\($0)" }.joined(separator: " ")
    return (upper + lower + [face]).joined(separator: "\n") + "\n"
  }

  private let world = """
    format: 1
    name: hostile
    scene: {file: scene.ply}
    time: {control_rate_hz: 30, physics_rate_hz: 500, episode_seconds: 1}
    robots: [{name: arm, asset: so101, position: [0, 0, 0]}]
    cameras:
      - {name: front, position: [1, 0, 1], look_at: [0, 0, 0], width: 32, height: 32,
         vertical_fov_degrees: 50, outputs: [rgb]}
    scenery: [{mesh: comb.obj, position: [2, 0, 0]}]
    objects: [{shape: cube, colours: [red]}]
    places: [{shape: tray, colours: [black]}]
    task: {kind: put, object_reach_metres: [0.2, 0.3], place_reach_metres: [0.2, 0.3],
           bearing_degrees: [-50, 50], gap_metres: 0.01}
    """
}
