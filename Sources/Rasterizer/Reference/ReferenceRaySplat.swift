// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Splats

/// The line of sight of a pixel.
struct ReferenceRay {
  /// In the world, metres.
  let origin: SIMD3<Double>
  /// In the world, unit.
  let direction: SIMD3<Double>
  /// What a metre along the ray adds to the depth.
  let depthPerMetre: Double

  /// The ray through a pixel's centre while its line is exposed; nil where the lens sees nothing.
  init?(x: Int, y: Int, _ request: RenderRequest) {
    let pixel = SIMD2(Double(x) + 0.5, Double(y) + 0.5)
    guard let inCamera = request.camera.ray(through: pixel) else { return nil }
    let pose = request.cameraFromWorld(x: x, y: y)
    origin = pose.inverse.translation
    direction = pose.rotation.normalized.conjugate.rotate(inCamera)
    depthPerMetre = request.camera.lens.depth(of: inCamera)
  }
}

/// A splat in space, met by rays: its Gaussian's largest value on each.
struct ReferenceRaySplat {
  let index: Int
  /// Of the centre from the eye, metres.
  let distance: Double
  private let instance: UInt32
  private let colour: SIMD3<Double>
  private let normal: SIMD3<Double>
  private let opacity: Double
  private let mean: SIMD3<Double>
  /// Sigma^-1, with the blur, 1/metres squared.
  private let precision: Matrix3
  private let near: Double
  private let far: Double

  init?(
    _ renderer: ReferenceRenderer, _ index: Int, _ request: RenderRequest, _ rules: ViewRules
  ) {
    let cloud = renderer.cloud
    guard cloud.isDrawable(index) else { return nil }
    let pose = request.cameraFromWorld
    let centre = SIMD3<Double>(cloud.positions[index])
    let sight = centre - pose.inverse.translation
    let inView = pose * centre
    let focal = request.camera.focalLengthPixels
    let depth = request.camera.lens.measuresDepthAlongAxis ? max(inView.z, 0) : length(inView)
    let blur = request.profile == .gut ? 0 : 0.3 / (focal.x * focal.y) * depth * depth
    let scales = cloud.logScales[index]
    let variances = SIMD3(
      exp(2 * Double(scales.x)), exp(2 * Double(scales.y)), exp(2 * Double(scales.z)))
    let parts = cloud.rotations[index]
    let rotation = Quaternion<Double>(
      w: Double(parts.w), x: Double(parts.x), y: Double(parts.y), z: Double(parts.z)
    ).normalized.matrix
    precision = Self.matrix(rotation, 1 / (variances + blur))
    var opacity = 1 / (1 + exp(-Double(cloud.opacityLogits[index])))
    if renderer.isAntialiased {
      // The area that is seen from the eye, without and with the blur: c^T adj(Sigma) c.
      func area(_ v: SIMD3<Double>) -> Double {
        let adjugate = Self.matrix(rotation, SIMD3(v.y * v.z, v.z * v.x, v.x * v.y))
        return dot(sight, adjugate * sight).squareRoot()
      }
      opacity *= max(0.005, area(variances) / area(variances + blur))
    }
    guard opacity >= 1.0 / 255 else { return nil }
    self.opacity = opacity
    self.index = index
    mean = centre
    distance = length(inView)
    instance = cloud.instanceIDs.isEmpty ? 0 : cloud.instanceIDs[index]
    colour = ReferenceHarmonics.colour(cloud, index, direction: normalize(sight))
    normal = pose.rotation.normalized.rotate(-normalize(precision * sight))
    near = Double(rules.near)
    far = Double(rules.far)
  }

  /// What a ray sees of the splat; nil where its largest value is too near, too far or behind.
  func meeting(_ ray: ReferenceRay) -> ReferenceMeeting? {
    let offset = mean - ray.origin
    let alongRay = precision * ray.direction
    let distance = dot(alongRay, offset) / dot(alongRay, ray.direction)
    let depth = distance * ray.depthPerMetre
    guard depth >= near, depth <= far else { return nil }
    let miss = offset - distance * ray.direction
    return ReferenceMeeting(
      alpha: opacity * exp(-0.5 * dot(miss, precision * miss)), depth: depth, colour: colour,
      normal: normal, instance: instance)
  }

  /// R diag(values) R^T.
  private static func matrix(_ rotation: Matrix3, _ values: SIMD3<Double>) -> Matrix3 {
    let scaled = Matrix3(
      columns: rotation.column0 * values.x, rotation.column1 * values.y,
      rotation.column2 * values.z)
    return scaled * rotation.transpose
  }
}
