// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// A camera: a lens in front of a rectangle of pixels; x right, y down, z forward.
///
/// Pixel centres lie at +0.5. A direction that the lens puts at `(u, v)` on the plane of focal
/// length one lands on the pixel coordinates `focalLengthPixels * (u, v) + principalPoint`; for a
/// pinhole `(u, v)` is `(x / z, y / z)`.
///
/// `project` and `ray` undo each other wherever both are defined; where the lens stops being
/// one-to-one (see `Lens`) neither is, so such pixels see nothing.
package struct Camera: Equatable, Sendable {
  /// The number of pixel columns, at least 1.
  package var width: Int
  /// The number of pixel rows, at least 1.
  package var height: Int
  /// The focal lengths along x and y, in pixels; of an equirectangular lens pixels per radian.
  package var focalLengthPixels: SIMD2<Double>
  /// Where the optical axis meets the image, in pixels; anywhere, also outside the image.
  package var principalPoint: SIMD2<Double>
  /// The depth below which nothing is drawn, metres; see `Lens.depth`.
  package var near: Double
  /// The depth beyond which nothing is drawn, metres.
  package var far: Double
  /// How directions become places on the image.
  package var lens: Lens

  /// Makes a camera from its intrinsic parameters.
  package init(
    width: Int, height: Int, focalLengthPixels: SIMD2<Double>, principalPoint: SIMD2<Double>,
    lens: Lens = .pinhole, near: Double = 0.01, far: Double = 1e10
  ) {
    precondition(width > 0 && height > 0, "a camera has at least one pixel")
    precondition(focalLengthPixels.x > 0 && focalLengthPixels.y > 0, "focal lengths are positive")
    self.width = width
    self.height = height
    self.focalLengthPixels = focalLengthPixels
    self.principalPoint = principalPoint
    self.near = near
    self.far = far
    self.lens = lens
  }

  /// Makes a camera with square pixels and a centred axis from its vertical field of view.
  ///
  /// The field of view is the full angle from top to bottom, radians, along the image's middle; the
  /// lens must reach half of it, as a pinhole reaches less than a quarter turn. Of a lens with
  /// tangential distortion, which is not symmetric, it is nearly that.
  package init(
    width: Int, height: Int, verticalFieldOfView: Double, lens: Lens = .pinhole,
    near: Double = 0.01
  ) {
    let half = verticalFieldOfView / 2
    let edge = lens.place(of: SIMD3(0, half.sine, half.cosine))?.y ?? 0
    precondition(edge > 0, "the lens does not see as far as \(half) radians from its axis")
    let focal = Double(height) / 2 / edge
    self.init(
      width: width, height: height, focalLengthPixels: SIMD2(focal, focal),
      principalPoint: SIMD2(Double(width) / 2, Double(height) / 2), lens: lens, near: near)
  }

  /// Makes the camera that sees every direction: longitude along x, latitude along y, z at the
  /// middle.
  package init(panoramaWidth width: Int, height: Int, near: Double = 0.01) {
    let size = SIMD2(Double(width), Double(height))
    self.init(
      width: width, height: height, focalLengthPixels: size / SIMD2(2 * .pi, .pi),
      principalPoint: size / 2, lens: .equirectangular, near: near)
  }

  /// Returns the pixel coordinates of a point, or nil when the lens does not see that way.
  ///
  /// The result may lie outside the image; `near` and `far` are not looked at. The camera's own
  /// centre and points that are not finite have none.
  package func project(_ pointInCamera: SIMD3<Double>) -> SIMD2<Double>? {
    guard let place = lens.place(of: pointInCamera) else { return nil }
    return focalLengthPixels * place + principalPoint
  }

  /// Returns the unit direction that is seen at pixel coordinates, or nil where nothing is.
  package func ray(through pixel: SIMD2<Double>) -> SIMD3<Double>? {
    lens.direction(at: (pixel - principalPoint) / focalLengthPixels)
  }

  /// The angle between the left and the right edge at the principal point's height, radians.
  ///
  /// Measured about the y axis, up to a full turn; nil when an edge sees nothing.
  package var horizontalFieldOfView: Double? {
    guard let left = ray(through: SIMD2(0, principalPoint.y)),
      let right = ray(through: SIMD2(Double(width), principalPoint.y))
    else { return nil }
    return right.x.arcTangent(over: right.z) - left.x.arcTangent(over: left.z)
  }

  /// The angle between the top and the bottom edge at the principal point's column, radians.
  ///
  /// Measured about the x axis, up to a full turn; nil when an edge sees nothing.
  package var verticalFieldOfView: Double? {
    guard let top = ray(through: SIMD2(principalPoint.x, 0)),
      let bottom = ray(through: SIMD2(principalPoint.x, Double(height)))
    else { return nil }
    return bottom.y.arcTangent(over: bottom.z) - top.y.arcTangent(over: top.z)
  }
}
