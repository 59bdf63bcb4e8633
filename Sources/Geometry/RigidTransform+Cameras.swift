// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

extension RigidTransform {
  /// The sine of the angle to `up` below which a viewing direction counts as parallel to it.
  private static let parallelSine = 1e-6

  /// Returns the transform from the world to a camera at `eye` that looks at `target`.
  ///
  /// The camera's frame is x right, y down, z forward; its y axis points as far down (-z of the
  /// world) as the viewing direction allows. A camera that looks straight up or down has the
  /// world's y axis at the top of its image when it looks down, at the bottom when it looks up.
  /// `eye` is the camera's centre and `target` another point on the optical axis, both in the
  /// world, metres.
  package static func cameraFromWorld(
    eye: SIMD3<Double>, target: SIMD3<Double>
  ) -> RigidTransform {
    precondition(eye != target, "a camera looks at a point other than its own centre")
    let forward = normalize(target - eye)
    var right = cross(forward, SIMD3(0, 0, 1))
    if length(right) < parallelSine { right = SIMD3(1, 0, 0) }
    right = normalize(right)
    let down = cross(forward, right)
    let worldFromCamera = RigidTransform(
      rotation: Quaternion(matrix: Matrix3(columns: right, down, forward)), translation: eye)
    return worldFromCamera.inverse
  }

  /// Returns the transform from the world to our camera frame for a camera posed as MuJoCo does.
  ///
  /// MuJoCo's camera looks along -z with y up and x right; ours looks along +z with y down. The two
  /// differ by half a turn about x.
  package static func cameraFromWorld(
    worldFromMuJoCoCamera: RigidTransform
  ) -> RigidTransform {
    let cameraFromMuJoCoCamera = RigidTransform(rotation: Quaternion(w: 0, x: 1, y: 0, z: 0))
    return cameraFromMuJoCoCamera * worldFromMuJoCoCamera.inverse
  }
}
