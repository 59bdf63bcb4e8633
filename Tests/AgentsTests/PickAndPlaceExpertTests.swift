// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Physics
import Simulation
import Testing

@testable import Agents

@Suite(.enabled(if: FetchedRobot.isExpected, "\(FetchedRobot.reason)"))
struct `The pick-and-place expert` {
  @Test(arguments: ObjectShape.allCases)
  func `puts every kind of object into every kind of place`(_ object: ObjectShape) throws {
    let file = try #require(FetchedRobot.file)
    let places = PlaceShape.allCases
    let index = ObjectShape.allCases.firstIndex(of: object) ?? 0
    // Each kind once; the kinds of place take turns.
    let trial = Trial(seed: UInt64(index), object: object, place: places[index % places.count])
    let result = try trial.run(robotFile: file)
    let joints = try Trial.robot.joints(in: trial.model(robotFile: file))
    for action in result.actions {
      for (joint, target) in zip(joints, action) {
        #expect(joint.range?.contains(target) == true, "\(joint.name)")
      }
    }
    #expect(result.isPlaced, "\(object) after \(result.attemptCount) attempts")
    #expect(result.attemptCount == 1)
  }

  @Test func `tries again when the object is taken from between its fingers`() throws {
    let file = try #require(FetchedRobot.file)
    var trial = Trial(seed: 5, object: .cube, place: .plate)
    trial.things = [trial.things[0]]
    trial.things[0].position = SIMD2(0.04, -0.08)
    trial.placePosition = SIMD2(0.0, 0.08)
    trial.snatch = SIMD2(-0.05, -0.01)
    let result = try trial.run(robotFile: file)
    #expect(result.attemptCount == 2)
    #expect(result.isPlaced)
  }

  @Test func `tries again when the object lies across the walls of the tray`() throws {
    let file = try #require(FetchedRobot.file)
    var trial = Trial(seed: 5, object: .block, place: .tray)
    trial.things = [trial.things[0]]
    trial.things[0].position = SIMD2(0.04, -0.08)
    trial.placePosition = SIMD2(0.0, 0.08)
    // Over a corner, its middle inside the walls and as low as it could stand on the floor.
    trial.misplacement = RigidTransform(
      rotation: Quaternion(angle: -Double.pi / 4, axis: SIMD3(0, 0, 1)),
      translation: SIMD3(0.037, 0.027, 0.018 + 0.0125))
    let result = try trial.run(robotFile: file)
    #expect(result.attemptCount >= 2)
    #expect(result.isPlaced)
  }

  @Test func `picks up a can that lies on its side, across its axis`() throws {
    let file = try #require(FetchedRobot.file)
    var trial = Trial(seed: 6, object: .can, place: .tray)
    trial.things = [Trial.Thing(shape: .can, position: SIMD2(0.02, -0.08), yaw: 0.4, lies: true)]
    trial.placePosition = SIMD2(0.0, 0.08)
    let result = try trial.run(robotFile: file)
    #expect(result.attemptCount == 1)
    #expect(result.isPlaced)
  }

  @Test(arguments: [180.0, 90, -135])
  func `does as well with its base turned`(degrees: Double) throws {
    let file = try #require(FetchedRobot.file)
    var trial = Trial(seed: 3, object: .block, place: .tray)
    let straight = try trial.run(robotFile: file)
    trial.turnTable(by: degrees.radiansFromDegrees)
    let turned = try trial.run(robotFile: file)
    #expect(straight.isPlaced && turned.isPlaced)
    #expect(turned.attemptCount == 1)
    // The arm's first move is planned from the same scene seen from the base: only rounding, and
    // what the contacts of the props make of it, may differ.
    for (turned, straight) in zip(turned.actions.prefix(30), straight.actions) {
      for (one, other) in zip(turned, straight) { #expect(abs(one - other) < 1e-6) }
    }
  }

  @Test(arguments: [0.0, 45, 90, 135, 180])
  func `fits a long block into a tray, however that is turned`(degrees: Double) throws {
    let file = try #require(FetchedRobot.file)
    var trial = Trial(seed: 3, object: .block, place: .tray)
    trial.placeYaw = degrees.radiansFromDegrees
    let result = try trial.run(robotFile: file)
    #expect(result.isPlaced && result.attemptCount == 1)
  }

  @Test func `does the same again, to the last bit`() throws {
    let file = try #require(FetchedRobot.file)
    let trial = Trial(seed: 11, object: .star, place: .bowl)
    let first = try trial.run(robotFile: file, seconds: 4)
    let second = try trial.run(robotFile: file, seconds: 4)
    #expect(first.actions.count == 120)
    #expect(first.actions == second.actions)
  }
}
