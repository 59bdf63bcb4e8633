// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Datasets
import Episodes
import Files
import Geometry
import Rasterizer
import Simulation
import Testing
import Worlds

@Suite(.enabled(if: FetchedRobot.isExpected, "\(FetchedRobot.reason)"))
struct `A rollout` {
  @Test func `starts at home with everything where it was drawn`() throws {
    let tiny = try TinyRun()
    let draw = try tiny.draw()
    let rollout = try tiny.play(draw)
    #expect(rollout.periods.count == TinyRun.periodCount)
    let first = try #require(rollout.periods.first)
    let home = Dictionary(
      uniqueKeysWithValues: tiny.world.robot.home.map { ($0.joint, $0.angle) })
    #expect(first.jointPositions == SO101.jointNames.map { home[$0] ?? 0 })
    let object = first.worldFromObject.translation
    #expect(SIMD2(object.x, object.y) == draw.objects[0].position)
    #expect(first.worldFromPlace.translation == SIMD3(draw.places[0].position, 0))
    #expect(first.carriers[0] == .identity && first.carriers[1] != .identity)
    #expect(rollout.periods.allSatisfy { $0.action.count == 6 && !$0.isPlaced })
    #expect(!rollout.isSuccess)
  }

  @Test(arguments: [
    ("shoulder_lift: -85", "shoulder_lft: -85", "shoulder_lft: found no such joint"),
    ("gripper: 20", "gripper: 200", "gripper: found 200"),
  ])
  func `refuses a home that the robot cannot take`(
    old: String, new: String, words: String
  ) throws {
    let tiny = try TinyRun { $0.replacing(old, with: new) }
    #expect {
      _ = try tiny.play(try tiny.draw())
    } throws: {
      "\($0)".contains("robots[0].home_degrees.\(words)")
    }
  }

  @Test func `becomes an episode with a column for each feature`() throws {
    let tiny = try TinyRun {
      $0.replacing(#/outputs: .*\n  - name: wrist/#, with: "outputs: [depth]\n  - name: wrist")
    }
    let draw = try tiny.draw()
    let recorder = EpisodeRecorder(
      world: tiny.world, splats: try tiny.splats()
    ) { false }
    let rollout = try tiny.play(draw)
    let record = try #require(try recorder.record(rollout, draw: draw, seed: 5))
    let schema = DatasetSchema(tiny.world)
    #expect(
      schema.features.dropFirst(6).map(\.name) == [
        "observation.depth.front", "observation.images.wrist", "observation.depth.wrist",
        "observation.instances.wrist",
      ])
    try record.check(schema)
    #expect(record.frameCount == TinyRun.periodCount && record.task == draw.instruction)
    guard case .images(_, let labels) = try #require(record.columns.last) else {
      Issue.record("the last feature is label images")
      return
    }
    // The wrist camera sees the fingers, which are the robot, in every frame.
    #expect(labels.counts[Int(Stage.robotInstance)] > TinyRun.periodCount)
  }

  @Test func `is not filmed to its end after a stop`() throws {
    let tiny = try TinyRun()
    let draw = try tiny.draw()
    let recorder = EpisodeRecorder(
      world: tiny.world, splats: try tiny.splats()
    ) { true }
    #expect(try recorder.record(tiny.play(draw), draw: draw, seed: 5) == nil)
  }
}
