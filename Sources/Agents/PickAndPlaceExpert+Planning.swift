// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Simulation

/// Where to hold the object and where to let it go.
extension PickAndPlaceExpert {
  /// The best way to hold the object as it lies.
  ///
  /// Every grasp of the object in both directions is tried; the cost adds up what the arm misses,
  /// at the object and above it, how far the wrist turns, and neighbours under a finger.
  mutating func chooseGrasp(_ observation: Observation) -> ToolPose {
    var best = (cost: Double.infinity, pose: grasp)
    for pose in graspPoses(observation.worldFromObject) {
      let low = ik.solve(goal(pose, Motions.strictRotation), from: armSeed(for: pose))
      let high = ik.solve(
        goal(pose.raised(by: Motions.hoverHeight), Motions.looseRotation),
        from: low.jointPositions)
      // Weights: 1 mm at the object counts like 0.1 rad, 10 mm above it, or 3 rad of wrist.
      let cost =
        low.positionError * 1000 + low.rotationError * 10 + high.positionError * 100
        + 0.3 * abs(low.jointPositions[SO101.armJointCount - 1])
        + overlap(of: pose, with: observation.obstacles)
      if cost < best.cost { best = (cost, pose) }
    }
    return best.pose
  }

  /// Every way to hold the object as it lies, in both directions of the jaw.
  private func graspPoses(_ worldFromObject: RigidTransform) -> [ToolPose] {
    let upright = worldFromObject.rotation.rotate(SIMD3(0, 0, 1))
    // More than 45 degrees off, it has toppled: it is then held across its axis.
    let hasToppled = abs(upright.z) < 0.5.squareRoot()
    let objectYaw = yaw(of: worldFromObject.rotation)
    return object.grasps.flatMap { hint in
      let centre = worldFromObject * (hasToppled ? .zero : hint.centre)
      var pose = ToolPose(
        positionInWorld: SIMD3(centre.x, centre.y, max(centre.z, Motions.lowestTool)), yaw: 0,
        width: hint.width, clearance: Motions.clearance)
      return jawYaws(hint, objectYaw, hasToppled ? atan2(upright.y, upright.x) : nil).map {
        pose.yaw = $0
        return pose
      }
    }
  }

  private func jawYaws(
    _ hint: GraspHint, _ objectYaw: Double, _ toppledAxisYaw: Double?
  ) -> [Double] {
    if let toppledAxisYaw { return [toppledAxisYaw - .pi / 2, toppledAxisYaw + .pi / 2] }
    if let jawYaw = hint.jawYaw { return [objectYaw + jawYaw, objectYaw + jawYaw + .pi] }
    return (0..<16).map { Double($0) * .pi / 8 }
  }

  /// How much the open fingers stand on neighbours; 0 where they do not.
  private func overlap(of pose: ToolPose, with obstacles: [Obstacle]) -> Double {
    let across = SIMD2(cos(pose.yaw), sin(pose.yaw))
    let centre = SIMD2(pose.positionInWorld.x, pose.positionInWorld.y)
    // Each finger as a disc around the strip from the object's face to the finger's back.
    let fingerThickness = 0.012
    let fingerHalfWidth = 0.006
    let reaches = [
      (side: -1.0, depth: Motions.clearance + fingerThickness),
      (side: 1.0, depth: Motions.openingMargin + fingerThickness),
    ]
    var cost = 0.0
    for (side, depth) in reaches {
      let finger = centre + across * side * (pose.width + depth) / 2
      for obstacle in obstacles {
        let offset = finger - obstacle.centreInWorld
        let gap =
          (offset * offset).sum().squareRoot() - obstacle.radius - depth / 2 - fingerHalfWidth
        // Any overlap is worse than a missed millimetre; deeper is worse still.
        if gap < 0 { cost += 5 - gap * 500 }
      }
    }
    return cost
  }

  /// Where the hand is when the object it holds is `height` metres over the place's floor.
  mutating func handOverPlace(_ observation: Observation, height: Double) -> ToolPose {
    let toolFromObject = toolFromObject ?? .identity
    let worldFromPlace = observation.worldFromPlace
    let objectRotation = hand.worldFromTool.rotation * toolFromObject.rotation
    let upright = objectRotation.rotate(SIMD3(0, 0, 1))
    let halfHeight = abs(upright.z) < 0.5.squareRoot() ? grasp.width / 2 : object.height / 2
    let target =
      worldFromPlace.translation + SIMD3(0, 0, place.floorHeight + height + halfHeight)
    // The wrist keeps its angle to the arm, so the object turns with the azimuth.
    let turn = Polar(target, about: panAxis).azimuth - Polar(hand, about: panAxis).azimuth
    var pose = hand
    pose.yaw = hand.yaw + turn
    if let period = place.yawPeriod, object.footprintRadius > Self.alignedRadius {
      let objectYaw = yaw(of: objectRotation) + turn
      let misfit = yaw(of: worldFromPlace.rotation) - objectYaw
      pose.yaw += misfit - (misfit / period).rounded() * period
    }
    pose.positionInWorld = .zero
    pose.positionInWorld = target - pose.worldFromTool * toolFromObject.translation
    return pose
  }

  /// The footprint radius from which an object is turned to fit a place with corners, metres.
  private static let alignedRadius = 0.034

  /// A posture near any grasp from above, from which the solver never finds another elbow.
  func armSeed(for pose: ToolPose) -> [Double] {
    let azimuth = Polar(pose, about: panAxis).azimuth
    let turn = wrapped(pose.yaw - panAxis.heading - azimuth)
    return ik.clamped([-azimuth, 0, 0.45, 1.1, turn])
  }
}

/// The angle of the turned x axis about z, radians.
func yaw(of rotation: Quaternion<Double>) -> Double {
  let x = rotation.rotate(SIMD3(1, 0, 0))
  return atan2(x.y, x.x)
}
