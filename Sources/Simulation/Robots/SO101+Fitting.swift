// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Geometry
package import Physics

/// What is put right on the SO-101 before it is simulated.
extension SO101 {
  /// Gives the robot fingers that can hold things, and servos of a real servo's stiffness.
  ///
  /// MuJoCo collides a mesh as its convex hull, and the hulls of the two concave fingers fill the
  /// space between them. So both meshes lose their contacts and get boxes in their place, with a
  /// rubber pad on each finger (the two `...Pad` geoms, to be drawn) that the object touches.
  /// - Parameter spec: the robot as read from its file, before it is attached to a world.
  /// - Throws: `InputError` where it is another robot.
  package static func fit(_ spec: inout ModelSpec) throws(InputError) {
    try spec.disableContacts(ofMesh: "wrist_roll_follower_so101_v1", on: fixedFinger)
    try spec.disableContacts(ofMesh: "moving_jaw_so101_v1", on: movingFinger)
    for geom in fixedFingerGeoms() { try spec.add(geom, to: fixedFinger) }
    for geom in movingFingerGeoms() { try spec.add(geom, to: movingFinger) }
    for name in jointNames.prefix(armJointCount) {
      try spec.edit(actuator: name, ActuatorEdit(positionGain: 50, velocityGain: 1.5))
    }
    // The jaw stays soft: a target 0.12 rad inside the object presses with 2.1 N m, 25 N.
    try spec.edit(actuator: "gripper", ActuatorEdit(positionGain: 17.8, velocityGain: 0.4))
  }

  private static let fixedFinger = "gripper"
  private static let movingFinger = "moving_jaw_so101_v1"

  /// The palm, the two halves of the fixed finger and its pad.
  private static func fixedFingerGeoms() -> [GeomSpec] {
    // The hand site on the `gripper` body: its x is the body's -z, its z the body's x.
    let site = SIMD3(-0.0079, -0.0002, -0.0981)
    return [
      (padName: "", x: -0.095 ... -0.060, halfY: 0.024, z: -0.027...0.013),
      (padName: "", x: -0.060 ... -0.033, halfY: 0.0095, z: -0.022 ... -0.006),
      (padName: "", x: -0.035...0.005, halfY: 0.0075, z: -0.0115 ... -0.004),
      (
        padName: "fixedPad", x: -0.024...SO101Jaw.tipX, halfY: 0.0075,
        z: -0.0055...SO101Jaw.fixedFaceZ
      ),
    ].map { part in
      box(
        named: part.padName,
        halfSizes: SIMD3(part.z.half, part.halfY, part.x.half),
        bodyFromGeom: RigidTransform(translation: site + SIMD3(part.z.middle, 0, -part.x.middle)))
    }
  }

  /// The two halves of the moving finger and its pad, a wedge that makes up for the jaw's angle.
  private static func movingFingerGeoms() -> [GeomSpec] {
    // The hand site from the jaw's body at angle 0: its x is the body's -y, its z the body's x.
    let pivot = SO101Jaw.pivot
    let middleZ = 0.0189
    func place(_ x: Double, _ z: Double) -> SIMD3<Double> {
      SIMD3(z - pivot.y, pivot.x - x, middleZ)
    }
    let halves = [
      (x: -0.062 ... -0.036, halfY: 0.0100, z: 0.0205...0.0300),
      (x: -0.040...0.0045, halfY: 0.0075, z: 0.0195...0.0265),
    ].map { part in
      box(
        named: "", halfSizes: SIMD3(part.z.half, part.x.half, part.halfY),
        bodyFromGeom: RigidTransform(translation: place(part.x.middle, part.z.middle)))
    }
    let (halfThickness, halfLength) = (0.003, 0.0135)
    let face = SO101Jaw.movingFace
    let pad = box(
      named: "movingPad", halfSizes: SIMD3(halfThickness, halfLength, 0.0075),
      bodyFromGeom: RigidTransform(
        rotation: Quaternion(angle: -SO101Jaw.parallelAngle, axis: SIMD3(0, 0, 1)),
        translation: place(face.x, face.y + halfThickness)))
    return halves + [pad]
  }

  /// One box of a finger, weightless because the file gives the body its inertia.
  private static func box(
    named name: String, halfSizes: SIMD3<Double>, bodyFromGeom: RigidTransform
  ) -> GeomSpec {
    var geom = GeomSpec(.box(halfSizes: halfSizes), named: name)
    geom.bodyFromGeom = bodyFromGeom
    geom.mass = .mass(0)
    // Rubber: it grips a little better than the objects' own 1.0, and resists twisting.
    geom.contact = GeomSpec.ContactRule(dimension: 4, friction: SIMD3(1.2, 0.01, 0.0005))
    geom.rgba = SIMD4(0.12, 0.12, 0.12, 1)
    // Pads are drawn with the visual meshes; the boxes inside the fingers are not.
    geom.group = name.isEmpty ? 3 : 2
    return geom
  }
}

extension ClosedRange<Double> {
  fileprivate var middle: Double { (lowerBound + upperBound) / 2 }
  fileprivate var half: Double { (upperBound - lowerBound) / 2 }
}
