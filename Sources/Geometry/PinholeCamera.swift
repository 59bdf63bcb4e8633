// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// A pinhole camera: x right, y down, z forward; pixel centres at +0.5.
///
/// A point at `(x, y, z)` in the camera frame, z > 0, lands on the pixel coordinates
/// `(focalLengthPixels.x * x / z + principalPoint.x, focalLengthPixels.y * y / z +
/// principalPoint.y)`.
package struct PinholeCamera: Equatable, Sendable {
  /// The number of pixel columns, at least 1.
  package var width: Int
  /// The number of pixel rows, at least 1.
  package var height: Int
  /// The focal lengths along x and y, in pixels.
  package var focalLengthPixels: SIMD2<Double>
  /// Where the optical axis meets the image, in pixels.
  package var principalPoint: SIMD2<Double>
  /// The distance along z below which nothing is drawn, metres.
  package var near: Double
  /// The distance along z beyond which nothing is drawn, metres.
  package var far: Double

  /// Makes a camera from its intrinsic parameters.
  package init(
    width: Int, height: Int, focalLengthPixels: SIMD2<Double>, principalPoint: SIMD2<Double>,
    near: Double = 0.01, far: Double = 1e10
  ) {
    precondition(width > 0 && height > 0, "a camera has at least one pixel")
    precondition(focalLengthPixels.x > 0 && focalLengthPixels.y > 0, "focal lengths are positive")
    self.width = width
    self.height = height
    self.focalLengthPixels = focalLengthPixels
    self.principalPoint = principalPoint
    self.near = near
    self.far = far
  }

  /// Makes a camera with square pixels and a centred axis from its vertical field of view.
  ///
  /// The field of view is the full angle from top to bottom, radians, in (0, pi).
  package init(width: Int, height: Int, verticalFieldOfView: Double, near: Double = 0.01) {
    let half = verticalFieldOfView / 2
    let focal = Double(height) / 2 * half.cosine / half.sine
    self.init(
      width: width, height: height, focalLengthPixels: SIMD2(focal, focal),
      principalPoint: SIMD2(Double(width) / 2, Double(height) / 2), near: near)
  }

  /// Returns the pixel coordinates of a point, or nil when it is not in front of the camera (z <=
  /// 0).
  ///
  /// The result may lie outside the image; `near` and `far` are not looked at.
  package func project(_ pointInCamera: SIMD3<Double>) -> SIMD2<Double>? {
    guard pointInCamera.z > 0 else { return nil }
    return focalLengthPixels * SIMD2(pointInCamera.x, pointInCamera.y) / pointInCamera.z
      + principalPoint
  }

  /// Returns the point of the camera frame that is seen at pixel coordinates, `depth` metres along
  /// z.
  package func unproject(_ pixel: SIMD2<Double>, depth: Double) -> SIMD3<Double> {
    let slope = (pixel - principalPoint) / focalLengthPixels
    return SIMD3(slope.x * depth, slope.y * depth, depth)
  }
}
