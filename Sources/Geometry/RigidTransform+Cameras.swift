// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

extension RigidTransform {
  /// The sine of the angle to `up` below which a viewing direction counts as parallel to it.
  private static let parallelSine = 1e-6

  /// Returns the transform from the world to a camera at `eye` that looks at `target`.
  ///
  /// The camera's frame is x right, y down, z forward; its y axis points as far against `up` as the
  /// viewing direction allows. A camera that looks along `up` has the world's x axis to its right,
  /// or the y axis where it looks along x: with the z axis up, one that looks straight down has
  /// the world's y axis at the top of its image, one that looks straight up at the bottom.
  /// `eye` is the camera's centre and `target` another point on the optical axis, both in the
  /// world, metres; `up` has any length but zero.
  package static func cameraFromWorld(
    eye: SIMD3<Double>, target: SIMD3<Double>, up: SIMD3<Double> = SIMD3(0, 0, 1)
  ) -> RigidTransform {
    precondition(eye != target, "a camera looks at a point other than its own centre")
    precondition(up != .zero, "up is a direction")
    let forward = normalize(target - eye)
    var right = cross(forward, normalize(up))
    if length(right) < parallelSine {
      let axis = abs(forward.x) < 0.9 ? SIMD3<Double>(1, 0, 0) : SIMD3(0, 1, 0)
      right = axis - forward * dot(forward, axis)
    }
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
