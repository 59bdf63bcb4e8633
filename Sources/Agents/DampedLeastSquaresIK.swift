// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import CEigen
package import Geometry
package import Physics

/// Joint positions that bring a tool to a pose, by damped least squares within the joint limits.
///
/// Every iteration solves `min |W (J dq - e)|^2 + damping^2 |dq|^2` (Wampler 1986; Buss 2004,
/// section 5) for the joints that are free: one that would pass its limit is put on the limit and
/// the others are solved again, so that they make up for it. An arm with fewer than six joints
/// gets as near as the weights say. A step that brings nothing is taken back and damped more
/// (Marquardt 1963), which is what finds the nearest posture to a goal out of reach.
///
/// It owns a simulation of its own that never steps; nothing outside is moved by it.
package struct DampedLeastSquaresIK: ~Copyable {
  /// What to reach.
  package struct Goal: Equatable, Sendable {
    /// Where the tool should be in the world, metres.
    package var worldFromTool: RigidTransform
    /// Where the tool is on the site, metres.
    package var siteFromTool: RigidTransform
    /// The metres of displacement that weigh as much as one radian of rotation; 0 for any rotation.
    package var rotationWeight: Double

    /// Makes a goal from its three parts.
    package init(
      worldFromTool: RigidTransform, siteFromTool: RigidTransform = .identity,
      rotationWeight: Double = 0.05
    ) {
      self.worldFromTool = worldFromTool
      self.siteFromTool = siteFromTool
      self.rotationWeight = rotationWeight
    }
  }

  /// What was reached.
  package struct Solution: Equatable, Sendable {
    /// The position of each joint, radians, within its limits.
    package var jointPositions: [Double]
    /// The distance left to the goal, metres.
    package var positionError: Double
    /// The angle left to the goal, radians.
    package var rotationError: Double
    /// The number of steps taken.
    package var iterationCount: Int
  }

  /// The least damping, in units of the Jacobian's singular values (metres per radian).
  ///
  /// A hundredth of the SO-101's reach of 0.3 m: steps stay short where the arm is all but straight
  /// and converge quadratically elsewhere.
  private static let leastDamping = 0.003
  /// The factor on the damping after a step that brought nothing; its inverse after one that did.
  private static let dampingFactor = 4.0
  /// The longest step of one joint, radians: the Jacobian says little about what lies beyond.
  private static let longestStep = 0.3
  /// The step below which it has converged, radians: under 0.03 mm at 0.3 m.
  private static let convergedStep = 1e-4
  /// How far it stays within each limit, radians, so that a servo has room to overshoot.
  private static let limitMargin = 0.01

  private var state: State
  private let site: Site.ID
  private let joints: [Joint]
  private let limits: [ClosedRange<Double>]
  /// The weighted Jacobian of the tool, 6 rows of `velocityCount` columns.
  private var jacobian: [Double]
  private var damping = Self.leastDamping

  /// Makes a solver for one arm.
  ///
  /// - Parameters:
  ///   - model: The world, or the robot alone; the base stands where the model puts it.
  ///   - site: The frame that tools are fixed to.
  ///   - joints: The hinges from base to tool that may turn; others stay at the reference.
  package init(model: Model, site: Site.ID, joints: [Joint.ID]) {
    state = State(model)
    self.site = site
    self.joints = joints.map { model.joints[$0.index] }
    precondition(!joints.isEmpty, "an arm has joints")
    precondition(self.joints.allSatisfy { $0.kind == .hinge }, "arms have hinges")
    limits = self.joints.map { joint in
      let range = joint.range ?? -Double.infinity...Double.infinity
      let margin = min(Self.limitMargin, (range.upperBound - range.lowerBound) / 2)
      return range.lowerBound + margin...range.upperBound - margin
    }
    jacobian = [Double](repeating: 0, count: 6 * model.velocityCount)
  }

  /// The tool's pose in the world, metres, at these joint positions.
  package mutating func worldFromTool(
    at jointPositions: [Double], siteFromTool: RigidTransform
  ) -> RigidTransform {
    precondition(jointPositions.count == joints.count, "one position for each joint")
    state.withMutableValues(of: .qpos) { qpos in
      for (joint, position) in zip(joints, jointPositions) {
        qpos[joint.positionAddress] = position
      }
    }
    state.refreshPoses()
    return state.worldFromSite(site) * siteFromTool
  }

  /// The nearest positions within the limits.
  package func clamped(_ jointPositions: [Double]) -> [Double] {
    zip(jointPositions, limits).map { min(max($0, $1.lowerBound), $1.upperBound) }
  }

  /// Looks for joint positions, from `start` on.
  ///
  /// The answer is the one nearest to `start` in the solver's steps, so `start` chooses among
  /// elbows and wrist turns. What cannot be reached is approached, and the errors say how far.
  /// Where the goal is within reach, 4 to 8 iterations suffice.
  /// - Complexity: O(iterations x joints^2) and one kinematics pass of the model for each.
  package mutating func solve(
    _ goal: Goal, from start: [Double], maximumIterations: Int = 50
  ) -> Solution {
    var positions = clamped(start)
    var error = weightedError(goal, at: positions)
    var count = 0
    damping = Self.leastDamping
    while count < maximumIterations {
      let step = limitedStep(from: positions, error: error)
      let next = clamped(zip(positions, step).map { $0 + $1 })
      let kept = jacobian
      let nextError = weightedError(goal, at: next)
      count += 1
      if squaredNorm(nextError) < squaredNorm(error) {
        (positions, error) = (next, nextError)
        damping = max(Self.leastDamping, damping / Self.dampingFactor)
      } else {
        jacobian = kept
        damping *= Self.dampingFactor
      }
      if step.allSatisfy({ abs($0) < Self.convergedStep }) { break }
    }
    let reached = worldFromTool(at: positions, siteFromTool: goal.siteFromTool)
    let turn = (goal.worldFromTool.rotation * reached.rotation.conjugate).rotationVector
    return Solution(
      jointPositions: positions,
      positionError: length(goal.worldFromTool.translation - reached.translation),
      rotationError: length(turn), iterationCount: count)
  }

  /// Puts the arm there and returns the weighted displacement and rotation still to go (6), with
  /// the weighted Jacobian of the tool left in `jacobian`.
  private mutating func weightedError(_ goal: Goal, at positions: [Double]) -> [Double] {
    let reached = worldFromTool(at: positions, siteFromTool: goal.siteFromTool)
    let shift = goal.worldFromTool.translation - reached.translation
    let turn = (goal.worldFromTool.rotation * reached.rotation.conjugate).rotationVector
    state.writeJacobian(of: site, into: &jacobian)
    // The tool's origin moves with the site and swings about it: v_tool = v_site + w x arm.
    let arm = reached.translation - state.worldFromSite(site).translation
    let columns = state.model.velocityCount
    for column in 0..<columns {
      let spin = SIMD3(
        jacobian[3 * columns + column], jacobian[4 * columns + column],
        jacobian[5 * columns + column])
      let swing = cross(spin, arm)
      for axis in 0..<3 {
        jacobian[axis * columns + column] += swing[axis]
        jacobian[(axis + 3) * columns + column] *= goal.rotationWeight
      }
    }
    let weighted = turn * goal.rotationWeight
    return [shift.x, shift.y, shift.z, weighted.x, weighted.y, weighted.z]
  }

  /// The damped step that keeps every joint within its limits.
  private func limitedStep(from positions: [Double], error: [Double]) -> [Double] {
    var step = [Double](repeating: 0, count: joints.count)
    var free = Array(joints.indices)
    // Each round puts at least one joint on its limit, so there are at most as many as joints.
    while !free.isEmpty {
      let fixed = joints.indices.filter { !free.contains($0) }
      let rest = (0..<6).map { row in
        fixed.reduce(error[row]) { $0 - entry(row, $1) * step[$1] }
      }
      let solved = solveDamped(free: free, rest: rest)
      let scale = min(1, Self.longestStep / max(solved.map(abs).max() ?? 0, .leastNormalMagnitude))
      for (joint, value) in zip(free, solved) { step[joint] = value * scale }
      let outside = free.filter { !limits[$0].contains(positions[$0] + step[$0]) }
      if outside.isEmpty { break }
      for joint in outside {
        let limit = limits[joint]
        let bound = min(max(positions[joint] + step[joint], limit.lowerBound), limit.upperBound)
        step[joint] = bound - positions[joint]
      }
      free.removeAll { outside.contains($0) }
    }
    return step
  }

  private func entry(_ row: Int, _ joint: Int) -> Double {
    jacobian[row * state.model.velocityCount + joints[joint].velocityAddress]
  }

  /// Solves the damped normal equations of the free joints.
  private func solveDamped(free: [Int], rest: [Double]) -> [Double] {
    let matrix = (0..<6).flatMap { row in free.map { entry(row, $0) } }
    var solution = [Double](repeating: 0, count: free.count)
    let solved = unsafe ceigen_solve_damped_least_squares(
      matrix, 6, Int32(free.count), rest, damping, &solution)
    precondition(solved == 1, "a Jacobian of finite joint positions is finite")
    return solution
  }
}

private func squaredNorm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 } }
