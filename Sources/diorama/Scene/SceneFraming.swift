// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Splats

/// The camera that shows a scene nobody knows yet.
enum SceneFraming {
  /// The splats outside these shares along an axis do not widen the view: giants kilometres away.
  private static let shares = [0.05, 0.95]
  /// The splats that are looked at, at even steps.
  private static let largestSample = 1 << 16
  /// The room left around the box; uniformly spread splats need 1 / 0.9 to be seen whole.
  private static let margin = 1.2
  /// The standard deviations from a splat's centre to where little of it is left.
  private static let extent = 3.0
  /// How far above the horizon of the scene the camera stands.
  private static let elevation = 20.0.radiansFromDegrees

  /// Returns where to stand so that the box around the central 90 % of the splats fills the image.
  ///
  /// The camera looks along z, the direction of a capture's first photograph, or along y where z
  /// is up, from a little above. Nil for an empty scene.
  static func viewpoint(
    of cloud: SplatCloud, up: SIMD3<Double>, lens: Camera
  ) -> OpenedScene.Viewpoint? {
    guard let box = centralBox(of: cloud) else { return nil }
    let up = normalize(up)
    let ahead = abs(up.z) < 0.7 ? SIMD3<Double>(0, 0, 1) : SIMD3(0, 1, 0)
    let level = normalize(ahead - up * dot(up, ahead))
    let forward = level * elevation.cosine - up * elevation.sine
    let right = cross(forward, up)
    let down = cross(forward, right)
    // A point at (x, y, z) from the middle is seen from a distance d when |x| f <= half (z + d).
    let half = SIMD2(Double(lens.width), Double(lens.height)) / 2 / lens.focalLengthPixels
    var distance = lens.near
    for corner in corners(of: box) {
      let offset = corner - box.center
      let depth = dot(offset, forward)
      distance = max(
        distance, abs(dot(offset, right)) / half.x - depth, abs(dot(offset, down)) / half.y - depth)
    }
    distance *= margin
    return OpenedScene.Viewpoint(eye: box.center - forward * distance, target: box.center)
  }

  /// The box around the central centres, widened by what a usual splat extends beyond its own.
  private static func centralBox(of cloud: SplatCloud) -> AxisAlignedBox? {
    let step = max(1, cloud.count / largestSample)
    let sample = Array(stride(from: 0, to: cloud.count, by: step))
    guard !sample.isEmpty else { return nil }
    let axes = (0..<3).map { axis in
      quantiles(sample.map { cloud.positions[$0][axis] }, at: shares).map { Double($0) }
    }
    let deviation = exp(Double(quantiles(sample.map { cloud.logScales[$0].max() }, at: [0.5])[0]))
    var box = AxisAlignedBox()
    box.add(SIMD3(axes[0][0], axes[1][0], axes[2][0]) - extent * deviation)
    box.add(SIMD3(axes[0][1], axes[1][1], axes[2][1]) + extent * deviation)
    return box
  }

  private static func corners(of box: AxisAlignedBox) -> [SIMD3<Double>] {
    (0..<8).map { corner in
      SIMD3(
        corner & 1 == 0 ? box.minimum.x : box.maximum.x,
        corner & 2 == 0 ? box.minimum.y : box.maximum.y,
        corner & 4 == 0 ? box.minimum.z : box.maximum.z)
    }
  }
}
