// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Simulation

/// Where the hand should be: the point between the pads, the jaw's direction, the object's width.
struct ToolPose: Equatable, Sendable {
  /// The point midway between the object's two faces, in the world, metres.
  var positionInWorld: SIMD3<Double>
  /// The direction from the fixed to the moving pad about the world's z, radians; fingers down.
  var yaw: Double
  /// The distance between the faces, metres.
  var width: Double
  /// The distance kept from the fixed pad to its face, metres.
  var clearance: Double

  /// The tool's frame in the world; see `SO101Jaw.siteFromTool`.
  var worldFromTool: RigidTransform {
    RigidTransform(
      rotation: Quaternion(angle: yaw, axis: SIMD3(0, 0, 1)), translation: positionInWorld)
  }

  /// The tool's frame on the hand.
  var siteFromTool: RigidTransform {
    SO101Jaw.siteFromTool(width: width, clearance: clearance)
  }

  /// The same pose, moved up.
  func raised(by height: Double) -> ToolPose {
    var pose = self
    pose.positionInWorld.z += height
    return pose
  }
}

/// The upright axis that the whole arm turns about.
struct PanAxis: Equatable, Sendable {
  /// Where it stands, x and y in the world, metres.
  let position: SIMD2<Double>
  /// Where the arm points to at pan angle 0, from the world's x about z, radians.
  let heading: Double
}

/// A smooth way of the hand between two poses, around the arm's pan axis rather than through it.
///
/// Radius, azimuth and height about the axis, and the jaw's direction against the azimuth, each go
/// straight with a minimum-jerk profile (Flash and Hogan 1985), so that the wrist hardly turns. The
/// way passes in front of the base, never behind it, where the arm cannot turn to.
struct ToolPath: Equatable, Sendable {
  /// Where it starts.
  let start: ToolPose
  /// Where it ends.
  let end: ToolPose
  /// The axis of the arm.
  let axis: PanAxis

  /// The pose after a fraction of the time, 0...1.
  func pose(at fraction: Double) -> ToolPose {
    let share = minimumJerk(fraction)
    let (from, to) = (Polar(start, about: axis), Polar(end, about: axis))
    let azimuth = mix(from.azimuth, to.azimuth, share)
    let direction = axis.heading + azimuth
    let radius = mix(from.radius, to.radius, share)
    let turn = wrapped(start.yaw - from.azimuth)
    let turnLeft = wrapped(end.yaw - to.azimuth - turn)
    return ToolPose(
      positionInWorld: SIMD3(
        axis.position.x + radius * cos(direction), axis.position.y + radius * sin(direction),
        mix(start.positionInWorld.z, end.positionInWorld.z, share)),
      yaw: azimuth + turn + share * turnLeft, width: mix(start.width, end.width, share),
      clearance: mix(start.clearance, end.clearance, share))
  }

  /// The length of the straight line, metres.
  var distance: Double { length(end.positionInWorld - start.positionInWorld) }
}

/// A pose's place about the arm's pan axis.
struct Polar {
  /// The distance from the axis, metres.
  let radius: Double
  /// The angle from straight ahead to the left, radians in -pi...pi.
  let azimuth: Double

  /// Reads a pose's place.
  init(_ pose: ToolPose, about axis: PanAxis) {
    self.init(pose.positionInWorld, about: axis)
  }

  /// Reads a point's place.
  init(_ pointInWorld: SIMD3<Double>, about axis: PanAxis) {
    let offset = SIMD2(pointInWorld.x, pointInWorld.y) - axis.position
    radius = (offset * offset).sum().squareRoot()
    azimuth = wrapped(atan2(offset.y, offset.x) - axis.heading)
  }
}

/// The share of the way done after a share of the time, both 0...1, starting and ending at rest.
func minimumJerk(_ time: Double) -> Double {
  let t = min(max(time, 0), 1)
  return t * t * t * (10 - 15 * t + 6 * t * t)
}

/// The angle in -pi...pi that differs by whole turns.
func wrapped(_ angle: Double) -> Double { angle - 2 * .pi * (angle / (2 * .pi)).rounded() }

/// The number a share of the way from one to another.
func mix(_ start: Double, _ end: Double, _ share: Double) -> Double {
  start + share * (end - start)
}
