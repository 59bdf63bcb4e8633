// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
package import Geometry
package import Physics
package import Simulation

/// A scripted teacher: it puts one object onto or into one place with an SO-101, from above.
///
/// A state machine over segments of motion, asked once a control tick. It sees the true poses (a
/// learner does not), plans each segment when the one before ends, and follows it open loop with a
/// servo target for each joint: hover over the object, descend with the fixed finger just beside
/// it, close, lift, carry around the base, lower, open, rise, go home. It looks whether the object
/// came along after the lift and while carrying, and whether it rests in the place at the end, and
/// starts again where it does not, `attemptLimit` times in all.
///
/// The world's table top is z = 0, and the base stands upright on it. Nothing but its inputs
/// decides what it does: the same observations give the same actions, to the last bit.
package struct PickAndPlaceExpert: ~Copyable {
  /// What it is doing.
  package enum Phase: String, CaseIterable, Sendable {
    /// Moving over the object, jaw opening.
    case approach
    /// Straight down around the object.
    case descend
    /// Closing the jaw.
    case close
    /// Straight up with the object.
    case lift
    /// Around the base to above the place.
    case carry
    /// Straight down to the place.
    case lower
    /// Opening the jaw.
    case release
    /// Straight up without the object.
    case rise
    /// Back to where the arm stood at first.
    case home
    /// Standing still.
    case done
  }

  /// What it sees in one control tick.
  package struct Observation: Sendable {
    /// The joints in the order of `SO101.jointNames`, radians.
    package var jointPositions: [Double]
    /// The object to be moved; frame of `ObjectGeometry`, metres.
    package var worldFromObject: RigidTransform
    /// The place; frame of `PlaceGeometry`, metres.
    package var worldFromPlace: RigidTransform
    /// What else stands on the table.
    package var obstacles: [Obstacle]

    /// Makes an observation from its parts.
    package init(
      jointPositions: [Double], worldFromObject: RigidTransform, worldFromPlace: RigidTransform,
      obstacles: [Obstacle]
    ) {
      self.jointPositions = jointPositions
      self.worldFromObject = worldFromObject
      self.worldFromPlace = worldFromPlace
      self.obstacles = obstacles
    }
  }

  /// A round piece of the table that the fingers should not stand on.
  package struct Obstacle: Equatable, Sendable {
    /// The middle in the world, x and y, metres.
    package var centreInWorld: SIMD2<Double>
    /// The radius, metres.
    package var radius: Double

    /// Makes an obstacle from its two parts.
    package init(centreInWorld: SIMD2<Double>, radius: Double) {
      self.centreInWorld = centreInWorld
      self.radius = radius
    }
  }

  /// The number of times it reaches for the object at most.
  package static let attemptLimit = 3

  /// What it is doing.
  package internal(set) var phase: Phase = .done
  /// How many times it has reached for the object.
  package internal(set) var attemptCount = 0

  let object: ObjectGeometry
  let place: PlaceGeometry
  /// The number of control ticks in a second, which the segments are timed for.
  let controlRate: Int
  var ik: DampedLeastSquaresIK
  /// The axis that the arm turns about.
  let panAxis: PanAxis

  /// Where the joints stood at first, radians.
  var home: [Double] = []
  var motion: Motion = .still
  var jawStart = 0.0
  var jawEnd = 0.0
  var tickInPhase = 0
  var tickCount = 0
  /// The arm's last targets, radians.
  var arm: [Double] = []
  /// Where the hand was last told to be.
  var hand = ToolPose(positionInWorld: .zero, yaw: 0, width: 0, clearance: 0)
  /// The grasp of this attempt.
  var grasp = ToolPose(positionInWorld: .zero, yaw: 0, width: 0, clearance: 0)
  /// The object in the hand after the lift, nil where none is held.
  var toolFromObject: RigidTransform?
  /// The height of the object before the lift, metres.
  var heightBeforeLift = 0.0

  /// How the arm moves in a segment.
  enum Motion: Equatable, Sendable {
    /// Not at all.
    case still
    /// Each joint straight from one position to another.
    case joints(from: [Double], to: [Double])
    /// The hand along a path, with this weight on its direction (metres per radian).
    case hand(ToolPath, rotationWeight: Double)
  }

  /// Makes a teacher for one episode.
  ///
  /// - Parameters:
  ///   - model: The world with the robot in it.
  ///   - robot: The names of the robot in the world.
  ///   - object: What is to be moved.
  ///   - place: Where it is to go.
  ///   - controlRate: The number of control ticks in a second, at least 1.
  /// - Throws: `InputError` where the model has no such robot.
  package init(
    model: Model, robot: SO101, object: ObjectGeometry, place: PlaceGeometry, controlRate: Int
  ) throws(InputError) {
    precondition(controlRate > 0, "a control rate is positive")
    let joints = try robot.joints(in: model)
    let site = try robot.handSite(in: model)
    self.object = object
    self.place = place
    self.controlRate = controlRate
    ik = DampedLeastSquaresIK(
      model: model, site: site.id, joints: joints.prefix(SO101.armJointCount).map(\.id))
    let state = State(model)
    // The first joint turns the shoulder on the base, whose x is straight ahead.
    let shoulder = joints[0].body
    let axis = state.worldFromBody(shoulder).translation
    let base = model.bodies[shoulder.index].parent
    panAxis = PanAxis(
      position: SIMD2(axis.x, axis.y), heading: yaw(of: state.worldFromBody(base).rotation))
  }

  /// True once it has gone home and will not move again.
  package var isDone: Bool { phase == .done && attemptCount > 0 }

  /// The targets of the six servos for the coming tick, radians.
  ///
  /// - Complexity: one inverse kinematics solution; a few dozen where it plans.
  package mutating func action(for observation: Observation) -> [Double] {
    precondition(
      observation.jointPositions.count == SO101.jointNames.count, "one position for each joint")
    if attemptCount == 0 {
      home = observation.jointPositions
      arm = Array(home.prefix(SO101.armJointCount))
      jawEnd = home[SO101.armJointCount]
      startAttempt(observation)
    } else if phase != .done && (tickInPhase >= tickCount || hasDropped(observation)) {
      planNext(observation)
    }
    tickInPhase += 1
    let time = tickCount == 0 ? 1 : Double(tickInPhase) / Double(tickCount)
    switch motion {
    case .still: break
    case .joints(let from, let to):
      arm = zip(from, to).map { mix($0, $1, minimumJerk(time)) }
    case .hand(let path, let rotationWeight):
      hand = path.pose(at: time)
      arm =
        ik.solve(
          goal(hand, rotationWeight), from: arm, maximumIterations: 8
        ).jointPositions
    }
    // The jaw gets there early, so that contact settles before the arm moves on.
    let jaw = mix(jawStart, jawEnd, min(1, time / Self.jawShare))
    return arm + [jaw]
  }

  /// The share of a segment in which the jaw reaches its target.
  private static let jawShare = 0.6

  func goal(_ pose: ToolPose, _ rotationWeight: Double) -> DampedLeastSquaresIK.Goal {
    DampedLeastSquaresIK.Goal(
      worldFromTool: pose.worldFromTool, siteFromTool: pose.siteFromTool,
      rotationWeight: rotationWeight)
  }

  /// Begins a segment of at least one tick.
  mutating func begin(_ phase: Phase, _ motion: Motion, jaw: Double? = nil, seconds: Double) {
    self.phase = phase
    self.motion = motion
    jawStart = jawEnd
    jawEnd = jaw ?? jawEnd
    tickInPhase = 0
    tickCount = max(1, Int((seconds * Double(controlRate)).rounded()))
  }
}
