// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// A smooth motion of a body: its pose and velocity at every nanosecond.
///
/// A cumulative cubic B-spline over poses at equal steps of time, position and rotation apart from
/// each other. Both have continuous acceleration. Where the poses move evenly, in a straight line
/// and about one axis, the spline passes through them; elsewhere it cuts corners, by about a sixth
/// of what the motion bends in a step. Before the first and after the last pose, where it is
/// exact, the body keeps its velocity; a single pose stands still.
///
/// Sources: Kim, Kim, Shin, "A general construction scheme for unit quaternion curves with simple
/// high order derivatives", SIGGRAPH 1995, for the cumulative form; Sommer, Usenko, Schubert,
/// Demmel, Cremers, "Efficient derivative computation for cumulative B-splines on Lie groups",
/// CVPR 2020, for the velocity; Ovrén and Forssén, "Trajectory representation and landmark
/// projection for continuous-time structure from motion", IJRR 2019, for position and rotation
/// apart.
package struct PoseSpline: Equatable, Sendable {
  /// The time of the first pose, nanoseconds.
  package let startNanoseconds: Int64
  /// The time between two poses, nanoseconds; positive.
  package let intervalNanoseconds: Int64
  /// The poses: (count >= 1).
  package let worldFromBody: [RigidTransform]

  /// Makes the motion through, or close to, some poses.
  package init(
    startNanoseconds: Int64, intervalNanoseconds: Int64, worldFromBody: [RigidTransform]
  ) {
    precondition(intervalNanoseconds > 0, "poses follow each other in time")
    precondition(!worldFromBody.isEmpty, "a motion has at least one pose")
    self.startNanoseconds = startNanoseconds
    self.intervalNanoseconds = intervalNanoseconds
    self.worldFromBody = worldFromBody.map {
      RigidTransform(rotation: $0.rotation.normalized, translation: $0.translation)
    }
  }

  /// Makes the motion that stands still.
  package init(still worldFromBody: RigidTransform) {
    self.init(startNanoseconds: 0, intervalNanoseconds: 1, worldFromBody: [worldFromBody])
  }

  /// A pose and how it changes.
  package struct Moment: Equatable, Sendable {
    /// The pose.
    package var worldFromBody: RigidTransform
    /// The velocity of the body's origin in the world, m/s.
    package var velocityInWorld: SIMD3<Double>
    /// The angular velocity in the body's frame, rad/s.
    package var angularVelocityInBody: SIMD3<Double>
  }

  /// Returns the pose at a time, nanoseconds.
  package func pose(at nanoseconds: Int64) -> RigidTransform {
    moment(at: nanoseconds).worldFromBody
  }

  /// Returns the pose and the velocities at a time, nanoseconds.
  package func moment(at nanoseconds: Int64) -> Moment {
    let elapsed = nanoseconds - startNanoseconds
    let interval = intervalNanoseconds
    // The step that holds the time, and the share of it that has passed, exact for any time.
    var step = elapsed / interval
    if elapsed % interval < 0 { step -= 1 }
    let share = Double(elapsed - step * interval) / Double(interval)
    let controls = (-1...2).map { control(Int(step) + $0) }
    var pose = controls[0]
    var velocity = SIMD3<Double>.zero
    var angular = SIMD3<Double>.zero
    for (index, weight) in Self.weights(share).enumerated() {
      let move = controls[index + 1].translation - controls[index].translation
      let turn = (controls[index].rotation.conjugate * controls[index + 1].rotation).rotationVector
      let turned = Quaternion(rotationVector: weight.value * turn)
      pose.translation += weight.value * move
      pose.rotation = pose.rotation * turned
      velocity += weight.slope * move
      angular = turned.conjugate.rotate(angular) + weight.slope * turn
    }
    pose.rotation = pose.rotation.normalized
    let perSecond = 1e9 / Double(interval)
    return Moment(
      worldFromBody: pose, velocityInWorld: velocity * perSecond,
      angularVelocityInBody: angular * perSecond)
  }

  /// The sums of the uniform cubic basis from the second function on, and their derivatives.
  private static func weights(_ u: Double) -> [(value: Double, slope: Double)] {
    [
      ((5 + u * (3 + u * (-3 + u))) / 6, (3 + u * (-6 + 3 * u)) / 6),
      ((1 + u * (3 + u * (3 - 2 * u))) / 6, (3 + u * (6 - 6 * u)) / 6),
      (u * u * u / 6, u * u / 2),
    ]
  }

  /// The pose of any index; beyond the ends the motion goes on as between the last two poses.
  private func control(_ index: Int) -> RigidTransform {
    let last = worldFromBody.count - 1
    if last == 0 { return worldFromBody[0] }
    if index >= 0 && index <= last { return worldFromBody[index] }
    let (end, inner) = index < 0 ? (0, 1) : (last, last - 1)
    let (edge, before) = (worldFromBody[end], worldFromBody[inner])
    let steps = Double(abs(index - end))
    let turn = (before.rotation.conjugate * edge.rotation).rotationVector
    return RigidTransform(
      rotation: edge.rotation * Quaternion(rotationVector: steps * turn),
      translation: edge.translation + steps * (edge.translation - before.translation))
  }
}
