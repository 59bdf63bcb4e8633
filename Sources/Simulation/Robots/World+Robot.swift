// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Geometry
package import Physics
package import Worlds

/// What a world file says of its robot, held against the robot.
extension World {
  /// Returns the joints' angles at the start of an episode, and what the file has wrong about them.
  ///
  /// - Parameter joints: The joints in the order of `SO101.jointNames`; nil where the robot is not
  ///   at hand, which leaves their limits out.
  /// - Returns: The angles in the same order, radians, 0 for a joint that the file leaves out; and
  ///   an error with its line for each joint that does not exist or cannot turn so far.
  package func home(
    of joints: [Joint]?
  ) -> (angles: [Double], mistakes: [InputError]) {
    /// To a tenth: a file in degrees does not say more.
    func degrees(_ angle: Double) -> Double { (angle.degreesFromRadians * 10).rounded() / 10 }
    var angles = SO101.jointNames.map { _ in 0.0 }
    var mistakes: [InputError] = []
    for start in robot.home {
      let field = "robots[0].home_degrees.\(start.joint)"
      guard let index = SO101.jointNames.firstIndex(of: start.joint) else {
        mistakes.append(
          lines.mistake(
            field, found: "no such joint",
            expected: "one of \(SO101.jointNames.joined(separator: ", "))"))
        continue
      }
      if let range = joints?[index].range, !range.contains(start.angle) {
        mistakes.append(
          lines.mistake(
            field, found: "\(degrees(start.angle))",
            expected:
              "\(degrees(range.lowerBound)) to \(degrees(range.upperBound)), the joint's limits"))
      }
      angles[index] = start.angle
    }
    return (angles, mistakes)
  }

  /// Returns the body that carries each camera, nil for the world, and an error with its line for
  /// each camera on a body that the model lacks.
  package func carriers(in model: Model) -> (bodies: [Body?], mistakes: [InputError]) {
    var mistakes: [InputError] = []
    let bodies = cameras.enumerated().map { index, camera in
      let body = camera.body.flatMap { model.body(named: $0) }
      if let name = camera.body, body == nil {
        let names = model.bodies.map(\.name).filter { $0.hasPrefix("\(robot.name)/") }
        mistakes.append(
          lines.mistake(
            "cameras[\(index)].body", found: "no body “\(name)”",
            expected: "one of \(names.joined(separator: ", "))"))
      }
      return body
    }
    return (bodies, mistakes)
  }
}
