// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// How directions in the camera's frame become places on a plane of focal length one.
///
/// x right, y down, z forward; the axis is at place (0, 0). A lens is one-to-one on its domain, and
/// defined nowhere else.
package enum Lens: Equatable, Sendable {
  /// Straight lines stay straight: the place is `(x / z, y / z)`, z > 0.
  case pinhole
  /// A pinhole with radial and tangential distortion, as OpenCV's `calib3d`.
  case brownConrady(BrownConradyLens)
  /// A distance from the middle that grows with the angle to the axis, as OpenCV's `fisheye`.
  case fisheye(FisheyeLens)
  /// Longitude and latitude: the place is `(atan2(x, z), asin(y / |p|))`, radians.
  ///
  /// Longitude is within -pi...pi; straight back, where the image's edges meet, it has the sign of
  /// x, so that a point moving to the left past +pi comes in at -pi. Latitude is positive below.
  /// At the poles every longitude is the same direction.
  case equirectangular

  /// Returns the place of a direction of any length, or nil when the lens does not see that way.
  package func place(of direction: SIMD3<Double>) -> SIMD2<Double>? {
    switch self {
    case .pinhole:
      guard direction.z > 0 else { return nil }
      return finite(SIMD2(direction.x, direction.y) / direction.z)
    case .brownConrady(let lens):
      guard direction.z > 0 else { return nil }
      return lens.distort(SIMD2(direction.x, direction.y) / direction.z)
    case .fisheye(let lens):
      return lens.place(of: direction)
    case .equirectangular:
      let level = (direction.x * direction.x + direction.z * direction.z).squareRoot()
      guard (level + abs(direction.y)).isFinite, direction != .zero else { return nil }
      return SIMD2(
        direction.x.arcTangent(over: direction.z), direction.y.arcTangent(over: level))
    }
  }

  /// Returns the unit direction that is seen at a place, or nil where nothing is.
  package func direction(at place: SIMD2<Double>) -> SIMD3<Double>? {
    switch self {
    case .pinhole:
      guard let slope = finite(place) else { return nil }
      return normalize(SIMD3(slope.x, slope.y, 1))
    case .brownConrady(let lens):
      guard let slope = lens.undistort(place) else { return nil }
      return normalize(SIMD3(slope.x, slope.y, 1))
    case .fisheye(let lens):
      return lens.direction(at: place)
    case .equirectangular:
      guard abs(place.x) <= .pi, abs(place.y) <= .pi / 2 else { return nil }
      let level = place.y.cosine
      return SIMD3(level * place.x.sine, place.y.sine, level * place.x.cosine)
    }
  }

  /// Returns the depth of a point in the camera's frame, metres, as depth images hold it.
  ///
  /// Along the axis (z) for a lens that sees only what is in front, as it is usual for depth
  /// cameras; the distance from the camera's centre for a lens that also sees to its side.
  package func depth(of pointInCamera: SIMD3<Double>) -> Double {
    measuresDepthAlongAxis ? pointInCamera.z : length(pointInCamera)
  }

  /// Whether depth is measured along the axis, and not from the camera's centre.
  package var measuresDepthAlongAxis: Bool {
    switch self {
    case .pinhole, .brownConrady: true
    case .fisheye, .equirectangular: false
    }
  }

  private func finite(_ place: SIMD2<Double>) -> SIMD2<Double>? {
    place.x.isFinite && place.y.isFinite ? place : nil
  }
}
