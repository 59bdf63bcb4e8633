// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Simulation

/// The numbers of the motion: heights in metres, times in seconds, speeds per second.
///
/// Heights keep the fingers clear of the tallest object (60 mm) where the arm still reaches with
/// its fingers down; speeds are those of a careful operator.
enum Motions {
  /// How far over the grasp it hovers.
  static let hoverHeight = 0.055
  /// How far the object is lifted.
  static let liftHeight = 0.075
  /// How far the hand rises after letting go.
  static let riseHeight = 0.06
  /// The fixed finger's distance from the object on the way down: servo error and sag fit in.
  static let clearance = 0.005
  /// How much wider than the object the jaw opens on the way down.
  static let openingMargin = 0.022
  /// How much wider than the object the jaw opens to let go, so that it pushes nothing.
  static let releaseMargin = 0.016
  /// How far inside the object the jaw's target lies, radians: it sets the squeezing force.
  static let squeeze = 0.12
  /// The lowest point between the pads: their ends stay off the table.
  static let lowestTool = SO101Jaw.tipX - SO101Jaw.padX + 0.0015
  /// The peak speed of a joint in free space, radians.
  static let jointSpeed = 1.8
  /// The peak speed of the hand with an object.
  static let carrySpeed = 0.30
  /// The peak speed of the hand near the table.
  static let carefulSpeed = 0.17
  /// The weight of the hand's direction near the table, metres per radian.
  static let strictRotation = 0.05
  /// The same aloft, where the wrist reaches its limit and must tilt.
  static let looseRotation = 0.02
  /// How far the object may move in the hand before it counts as lost.
  static let slipLimit = 0.03

  /// The time for a distance at a peak speed: a minimum-jerk profile peaks at 15/8 of its mean.
  static func seconds(_ distance: Double, peakSpeed: Double, atLeast least: Double) -> Double {
    max(least, 15 / 8 * distance / peakSpeed)
  }
}

/// What follows what.
extension PickAndPlaceExpert {
  /// Reaches for the object: the whole arm at once, to above it.
  mutating func startAttempt(_ observation: Observation) {
    attemptCount += 1
    toolFromObject = nil
    grasp = chooseGrasp(observation)
    hand = grasp.raised(by: Motions.hoverHeight)
    let above = ik.solve(
      goal(hand, Motions.looseRotation), from: armSeed(for: hand)
    ).jointPositions
    begin(
      .approach, .joints(from: arm, to: above),
      jaw: SO101Jaw.angle(forGap: grasp.width + Motions.openingMargin),
      seconds: jointSeconds(to: above))
  }

  /// Begins the segment after the present one.
  mutating func planNext(_ observation: Observation) {
    if hasDropped(observation) {
      letGo()
      return
    }
    switch phase {
    case .approach: moveHand(.descend, to: grasp, Motions.strictRotation, Motions.carefulSpeed)
    case .descend:
      begin(
        .close, .still, jaw: SO101Jaw.angle(forGap: grasp.width) - Motions.squeeze, seconds: 0.5)
    case .close:
      heightBeforeLift = observation.worldFromObject.translation.z
      moveHand(
        .lift, to: hand.raised(by: Motions.liftHeight), Motions.looseRotation,
        Motions.carefulSpeed)
    case .lift: planCarry(observation)
    case .carry:
      moveHand(
        .lower, to: handOverPlace(observation, height: place.releaseHeight),
        Motions.strictRotation, Motions.carefulSpeed)
    case .lower: letGo()
    case .release:
      moveHand(
        .rise, to: hand.raised(by: Motions.riseHeight), Motions.looseRotation,
        Motions.carefulSpeed)
    case .rise, .home, .done:
      if !isPlaced(observation) && attemptCount < Self.attemptLimit {
        startAttempt(observation)
      } else if phase == .rise {
        begin(
          .home, .joints(from: arm, to: Array(home.prefix(SO101.armJointCount))),
          jaw: home.last, seconds: jointSeconds(to: home))
      } else {
        begin(.done, .still, seconds: 0)
      }
    }
  }

  /// Looks whether the object came up with the hand, and carries it on or lets go.
  private mutating func planCarry(_ observation: Observation) {
    let objectInWorld = observation.worldFromObject
    guard objectInWorld.translation.z > heightBeforeLift + Motions.liftHeight / 2 else {
      letGo()
      return
    }
    let worldFromTool = ik.worldFromTool(
      at: Array(observation.jointPositions.prefix(SO101.armJointCount)),
      siteFromTool: hand.siteFromTool)
    toolFromObject = worldFromTool.inverse * objectInWorld
    var above = handOverPlace(observation, height: place.releaseHeight)
    above.positionInWorld.z = max(hand.positionInWorld.z, above.positionInWorld.z + 0.03)
    moveHand(.carry, to: above, Motions.looseRotation, Motions.carrySpeed)
  }

  /// Opens the jaw where it is; where nothing was placed, another attempt follows the rise.
  private mutating func letGo() {
    toolFromObject = nil
    begin(
      .release, .still, jaw: SO101Jaw.angle(forGap: grasp.width + Motions.releaseMargin),
      seconds: 0.5)
  }

  /// True where the object is in the place and on its floor, as far as poses show it.
  private func isPlaced(_ observation: Observation) -> Bool {
    let placeFromObject = observation.worldFromPlace.inverse * observation.worldFromObject
    return place.surrounds(object, placeFromObject: placeFromObject)
      && place.hasOnFloor(object, placeFromObject: placeFromObject)
  }

  /// True where the object was held and no longer is where the hand has it.
  func hasDropped(_ observation: Observation) -> Bool {
    guard let toolFromObject, phase == .carry || phase == .lower else { return false }
    // The servos lag behind their targets by a few millimetres when fast.
    let expected = hand.worldFromTool * toolFromObject.translation
    return length(observation.worldFromObject.translation - expected) > Motions.slipLimit
  }

  private mutating func moveHand(
    _ phase: Phase, to end: ToolPose, _ rotationWeight: Double, _ peakSpeed: Double
  ) {
    let path = ToolPath(start: hand, end: end, axis: panAxis)
    begin(
      phase, .hand(path, rotationWeight: rotationWeight),
      seconds: Motions.seconds(path.distance, peakSpeed: peakSpeed, atLeast: 0.5))
  }

  private func jointSeconds(to end: [Double]) -> Double {
    let farthest = zip(arm, end).map { abs($0 - $1) }.max() ?? 0
    return Motions.seconds(farthest, peakSpeed: Motions.jointSpeed, atLeast: 0.8)
  }
}
