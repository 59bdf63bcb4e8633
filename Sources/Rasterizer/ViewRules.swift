// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Splats

/// What a camera and a profile together decide about splats.
struct ViewRules: Equatable, Sendable {
  /// A splat is drawn while near <= z <= far, metres.
  var near: Float
  var far: Float
  /// A mesh is cut at this depth, metres.
  var meshNear: Float
  /// A splat hides at most this much of what is behind it.
  var maximumAlpha: Float
  /// A splat that would leave less light than this is not added and ends the pixel.
  var minimumTransmittance: Float
  /// The range to which x/z and y/z are clamped where the projection is linearised.
  var minimumSlope: SIMD2<Double>
  var maximumSlope: SIMD2<Double>
  /// Whether a splat is drawn only in the tiles of INRIA's 3-sigma square.
  var hasSquareExtent: Bool

  /// Works out the rules.
  init(camera: Camera, profile: SplatProfile) {
    let size = SIMD2(Double(camera.width), Double(camera.height))
    let halfView = size / 2 / camera.focalLengthPixels
    let cameraNear = max(Float(camera.near), Self.smallestNear)
    far = Float(camera.far)
    meshNear = cameraNear
    maximumAlpha = 0.99
    switch profile {
    case .inria:
      near = max(cameraNear, Float(0.2).nextUp)
      minimumTransmittance = 1e-4
      minimumSlope = -1.3 * halfView
      maximumSlope = 1.3 * halfView
      hasSquareExtent = true
    case .gsplat, .gut:
      near = cameraNear
      minimumTransmittance = Float(1e-4).nextUp
      minimumSlope = -camera.principalPoint / camera.focalLengthPixels - 0.3 * halfView
      maximumSlope = (size - camera.principalPoint) / camera.focalLengthPixels + 0.3 * halfView
      hasSquareExtent = false
    }
  }

  /// What a picture is blurred by, pixels squared (3DGS).
  static let blurPixels2 = 0.3

  /// The least near plane: below it, dividing by depth would leave the range of floats.
  static let smallestNear: Float = 1e-4
}

/// The part of the world that a camera can see, as planes; only ever too large.
struct Frustum: Sendable {
  /// A half space of the world: inside where `normal . p + offset + reach * deviation >= 0`.
  private struct Plane {
    var normal: SIMD3<Double>
    var offset: Double
    /// How much a splat of standard deviation 1 m reaches over the plane.
    var reach: Double
  }

  private var planes: [Plane] = []

  /// Makes the planes of a camera.
  ///
  /// A splat's half width on the image is `k sqrt(c + 0.3)` with k <= 3.33 and, from the Jacobian,
  /// `c <= (f / z)^2 (1 + slope^2) deviation^2`. As `sqrt(a + b) <= sqrt(a) + sqrt(b)`, it misses
  /// the left edge when `f x + (principal + 0.548 k) z + k f sqrt(1 + slope^2) deviation < 0`.
  init(camera: Camera, cameraFromWorld: RigidTransform, rules: ViewRules) {
    let size = SIMD2(Double(camera.width), Double(camera.height))
    let slopes = pointwiseMax(rules.maximumSlope, -rules.minimumSlope)
    for axis in 0..<2 {
      let focal = camera.focalLengthPixels[axis]
      let reach = Self.widestExtent * focal * (1 + slopes[axis] * slopes[axis]).squareRoot()
      let low = camera.principalPoint[axis] + Self.blurPixels
      let high = size[axis] - camera.principalPoint[axis] + Self.blurPixels
      var normal = SIMD3<Double>.zero
      normal[axis] = focal
      normal.z = low
      add(normal, 0, reach, cameraFromWorld)
      normal[axis] = -focal
      normal.z = high
      add(normal, 0, reach, cameraFromWorld)
    }
    add(SIMD3(0, 0, 1), -Double(min(rules.near, rules.meshNear)), 0, cameraFromWorld)
    add(SIMD3(0, 0, -1), Double(rules.far), 0, cameraFromWorld)
  }

  /// Makes the planes of a square around a frame's origin, seen along parallel rays, its z axis.
  init(
    parallelTo frameFromWorld: RigidTransform, halfEdge: Double, texel: Double,
    depths: Range<Double>
  ) {
    for axis in 0..<2 {
      for side in [1.0, -1] {
        var normal = SIMD3<Double>.zero
        normal[axis] = side
        add(normal, halfEdge + Self.blurPixels * texel, Self.widestExtent, frameFromWorld)
      }
    }
    add(SIMD3(0, 0, 1), -depths.lowerBound, 0, frameFromWorld)
    add(SIMD3(0, 0, -1), depths.upperBound, 0, frameFromWorld)
  }

  /// A little more than sqrt(2 ln 255), the deviations to where an opaque splat is drawn.
  private static let widestExtent = 3.4
  /// A little more than 3.4 times the blur's deviation, pixels.
  private static let blurPixels = 2.0
  /// The relative error granted to the kernels' float arithmetic.
  private static let tolerance = 1e-5

  private mutating func add(
    _ normalInCamera: SIMD3<Double>, _ offset: Double, _ reach: Double,
    _ cameraFromWorld: RigidTransform
  ) {
    planes.append(
      Plane(
        normal: cameraFromWorld.rotation.conjugate.rotate(normalInCamera),
        offset: offset + dot(normalInCamera, cameraFromWorld.translation), reach: reach))
  }

  /// Whether a splat of the group, whose frame has its origin at a place of the world, might be
  /// seen.
  func mayShow(_ group: SplatGroup, at origin: SIMD3<Double>) -> Bool {
    let center = group.center + origin
    return planes.allSatisfy { plane in
      let size =
        abs(plane.normal.x) * group.halfSize.x + abs(plane.normal.y) * group.halfSize.y
        + abs(plane.normal.z) * group.halfSize.z
      let middle = dot(plane.normal, center)
      let slack = Self.tolerance * (abs(middle) + size + abs(plane.offset))
      return !(middle + size + plane.offset + plane.reach * group.largestDeviation + slack < 0)
    }
  }

  /// Whether any of a sphere might be seen.
  func mayShow(center: SIMD3<Double>, radius: Double) -> Bool {
    planes.allSatisfy { plane in
      !(dot(plane.normal, center) + plane.offset + length(plane.normal) * radius < 0)
    }
  }
}
