// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Datasets
import Files
import Geometry
import Rasterizer
import Simulation
import Testing
import Worlds

@testable import Episodes

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
      world: tiny.world, seed: 5, splats: try tiny.splats())
    let rollout = try tiny.play(draw)
    let record = try #require(try recorder.record(rollout, draw: draw, as: 0))
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

  @Test func `of a whole episode ends with the object in its place, and says so`() throws {
    let tiny = try TinyRun(TinyRun.wholeEpisode)
    let rollout = try tiny.play(try tiny.draw())
    #expect(rollout.isSuccess)
    let count = rollout.periods.count
    #expect(count < tiny.world.time.controlPeriodsPerEpisode)
    let columns = DatasetFeature.numbers(of: rollout)
    guard case .vectors(let rewards) = columns[3], case .flags(let isDone) = columns[4],
      case .flags(let isSuccess) = columns[5]
    else {
      Issue.record("reward, done and success are a vector and two flags")
      return
    }
    #expect(rewards.last == 1 && isSuccess.last == true)
    #expect(rewards == isSuccess.map { $0 ? 1 : 0 })
    #expect(isDone == (1...count).map { $0 == count })
    // Not before it has been at rest there for 9 periods, and it takes some seconds to get there.
    let first = try #require(isSuccess.firstIndex(of: true))
    #expect(first > 3 * tiny.world.time.controlRate)
    let places = rollout.periods[(first - 8)...].map { period in
      (period.worldFromPlace.inverse * period.worldFromObject).translation
    }
    #expect(places.allSatisfy { length($0 - places[0]) < 0.002 })
    let end = try #require(places.last)
    #expect((end.x * end.x + end.y * end.y).squareRoot() < 0.05)
  }

  @Test func `that times out says so to its last frame`() throws {
    let tiny = try TinyRun()
    let rollout = try tiny.play(try tiny.draw())
    let columns = DatasetFeature.numbers(of: rollout)
    let count = TinyRun.periodCount
    #expect(columns[3] == .vectors(Array(repeating: 0, count: count)))
    #expect(columns[4] == .flags((1...count).map { $0 == count }))
    #expect(columns[5] == .flags(Array(repeating: false, count: count)))
  }

  @Test func `knows places by their turn`() throws {
    let tiny = try TinyRun()
    var draw = try tiny.draw()
    draw.places[0].yaw = 0.4
    let rotation = try #require(tiny.play(draw).periods.first).worldFromPlace.rotation
    #expect(length(rotation.rotate(SIMD3(1, 0, 0)) - SIMD3(0.4.cosine, 0.4.sine, 0)) < 1e-12)
  }

  @Test func `is not filmed to its end after a stop`() throws {
    let tiny = try TinyRun()
    let draw = try tiny.draw()
    let recorder = EpisodeRecorder(
      world: tiny.world, seed: 5, splats: try tiny.splats())
    var picturesMade = 0
    let record = try recorder.record(tiny.play(draw), draw: draw, as: 0) {
      picturesMade += 1
      return picturesMade <= 2
    }
    #expect(record == nil && picturesMade == 3)
  }
}
