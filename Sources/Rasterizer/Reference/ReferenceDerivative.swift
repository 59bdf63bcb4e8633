// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Splats

/// A splat on the image with the derivatives of all that a pixel sees of it.
///
/// `ReferenceSplat` in numbers that carry derivatives. The parameters are the position (0 to 2),
/// the logarithms of the scales (3 to 5), the quaternion w x y z (6 to 9) and the opacity's logit
/// (10).
struct ReferenceDerivative {
  /// Of the splat in the cloud.
  let index: Int
  let depth: Dual
  let mean: (x: Dual, y: Dual)
  /// The inverse of the covariance on the image, 1/pixel squared.
  let conic: (xx: Dual, xy: Dual, yy: Dual)
  let opacity: Dual
  /// How depth grows across the image, relative to the centre's, 1/pixel.
  let slope: (x: Dual, y: Dual)
  /// RGB, as seen along a direction that changes with the position.
  let colour: [Dual]
  /// How the channels change with each coefficient from degree 0 on; 0 where a channel is cut at 0.
  let basis: [SIMD3<Double>]

  /// Projects a splat that `ReferenceSplat` has found to be seen.
  init(
    _ renderer: ReferenceRenderer, _ index: Int, _ request: RenderRequest, _ rules: ViewRules
  ) {
    let cloud = renderer.cloud
    let (camera, pose) = (request.camera, request.cameraFromWorld)
    let focal = camera.focalLengthPixels
    let world = pose.rotation.normalized.matrix.transpose  // its columns: the camera's axes
    let position = Self.vector(SIMD3<Double>(cloud.positions[index]), parameter: 0)
    let x = position.dot(world.column0) + pose.translation.x
    let y = position.dot(world.column1) + pose.translation.y
    let z = position.dot(world.column2) + pose.translation.z
    let (slopeX, slopeY) = (x / z, y / z)
    let tx = slopeX.clamped(rules.minimumSlope.x, rules.maximumSlope.x)
    let ty = slopeY.clamped(rules.minimumSlope.y, rules.maximumSlope.y)
    func row(_ focal: Double, _ axis: SIMD3<Double>, _ t: Dual) -> DualVector {
      (focal / z) * (Self.constant(axis) + (-1 * t) * Self.constant(world.column2))
    }
    let u = row(focal.x, world.column0, tx)
    let v = row(focal.y, world.column1, ty)
    let w = (1 / z) * Self.constant(world.column2)
    // Of each half axis s_k r_k of the ellipsoid.
    let axes = Self.axes(cloud, index)
    func form(_ a: DualVector, _ b: DualVector) -> Dual {
      axes.map { a.dot($0) * b.dot($0) }.reduce(Dual(0), +)
    }
    let sharp = (xx: form(u, u), xy: form(u, v), yy: form(v, v))
    let (xx, yy) = (sharp.xx + 0.3, sharp.yy + 0.3)
    let determinant = xx * yy - sharp.xy * sharp.xy
    let logit = Dual(Double(cloud.opacityLogits[index]), parameter: 10)
    var opacity = 1 / (Dual(1) + (-1 * logit).exponential())
    if renderer.isAntialiased {
      let ratio = (sharp.xx * sharp.yy - sharp.xy * sharp.xy) / determinant
      opacity = opacity * ratio.clamped(2.5e-5, .infinity).squareRoot()
    }
    self.index = index
    self.opacity = opacity
    depth = z
    mean = (focal.x * slopeX + camera.principalPoint.x, focal.y * slopeY + camera.principalPoint.y)
    conic = (yy / determinant, -1 * sharp.xy / determinant, xx / determinant)
    slope = Self.slope(
      (xx, sharp.xy, yy), withDepth: (form(u, w), form(v, w)), variance: form(w, w), opacity)
    (colour, basis) = Self.colour(cloud, index, position, eye: pose.inverse.translation)
  }

  private static func constant(_ v: SIMD3<Double>) -> DualVector {
    DualVector(x: Dual(v.x), y: Dual(v.y), z: Dual(v.z))
  }

  private static func vector(_ v: SIMD3<Double>, parameter: Int) -> DualVector {
    DualVector(
      x: Dual(v.x, parameter: parameter), y: Dual(v.y, parameter: parameter + 1),
      z: Dual(v.z, parameter: parameter + 2))
  }

  /// The half axes: the columns of the rotation matrix times the deviations.
  private static func axes(_ cloud: SplatCloud, _ index: Int) -> [DualVector] {
    let parts = cloud.rotations[index]
    var (w, x, y, z) = (
      Dual(Double(parts.w), parameter: 6), Dual(Double(parts.x), parameter: 7),
      Dual(Double(parts.y), parameter: 8), Dual(Double(parts.z), parameter: 9)
    )
    let length = (w * w + x * x + y * y + z * z).squareRoot()
    if length.value > 0, length.value.isFinite {
      (w, x, y, z) = (w / length, x / length, y / length, z / length)
    } else {
      (w, x, y, z) = (Dual(1), Dual(0), Dual(0), Dual(0))
    }
    func twice(_ a: Dual) -> Dual { 2 * a }
    let one = Dual(1)
    let columns = [
      DualVector(
        x: one - twice(y * y + z * z), y: twice(x * y + w * z), z: twice(x * z - w * y)),
      DualVector(
        x: twice(x * y - w * z), y: one - twice(x * x + z * z), z: twice(y * z + w * x)),
      DualVector(
        x: twice(x * z + w * y), y: twice(y * z - w * x), z: one - twice(x * x + y * y)),
    ]
    return columns.enumerated().map { axis, column in
      Dual(Double(cloud.logScales[index][axis]), parameter: 3 + axis).exponential() * column
    }
  }

  private static func slope(
    _ covariance: (xx: Dual, xy: Dual, yy: Dual), withDepth c: (x: Dual, y: Dual),
    variance: Dual, _ opacity: Dual
  ) -> (x: Dual, y: Dual) {
    let floor = 1e-5 * (covariance.xx + covariance.yy) + (0.01 - 0.3)
    let (xx, xy, yy) = (covariance.xx + floor, covariance.xy, covariance.yy + floor)
    let determinant = xx * yy - xy * xy
    let x = (c.x * yy - c.y * xy) / determinant
    let y = (c.y * xx - c.x * xy) / determinant
    let spread =
      x * x * covariance.xx + 2 * (x * y * covariance.xy) + y * y * covariance.yy
    let squaredRadius = 2 * (255 * opacity).logarithm()
    let squaredChange = squaredRadius * spread
    let limit = (25 * variance).clamped(-.infinity, 0.25).squareRoot()
    guard squaredChange.value > limit.value * limit.value else { return (x, y) }
    let kept = limit / squaredChange.squareRoot()
    return (kept * x, kept * y)
  }

  /// The colour's harmonics as polynomials of the direction, which is what their derivatives need.
  private static func colour(
    _ cloud: SplatCloud, _ index: Int, _ position: DualVector, eye: SIMD3<Double>
  ) -> ([Dual], [SIMD3<Double>]) {
    let ray = position + constant(-eye)
    let length = ray.dot(ray).squareRoot()
    let d = (1 / length) * ray
    let degree = min(cloud.shDegree, 3)
    let values = (0...degree).flatMap { l in (-l...l).map { harmonic(l, $0, d) } }
    let stride = cloud.restCoefficientCount * 3
    let channels = (0..<3).map { channel -> Dual in
      let rest = values.indices.dropFirst().map {
        Double(cloud.shRest[index * stride + ($0 - 1) * 3 + channel]) * values[$0]
      }
      return rest.reduce(Double(cloud.sh0[index][channel]) * values[0] + 0.5, +)
    }
    let basis = values.map { value in
      SIMD3<Double>((0..<3).map { channels[$0].value > 0 ? value.value : 0 })
    }
    return (channels.map { $0.clamped(0, .infinity) }, basis)
  }

  /// Y of a degree l and an order m, with x + i y to the power |m| for the azimuth.
  private static func harmonic(_ l: Int, _ m: Int, _ d: DualVector) -> Dual {
    let size = abs(m)
    var (real, imaginary) = (Dual(1), Dual(0))
    for _ in 0..<size {
      (real, imaginary) = (
        real * d.x - imaginary * d.y, real * d.y + imaginary * d.x
      )
    }
    // The Legendre polynomial's derivative of order |m|, by upward recursion in l.
    var previous = Dual(0)
    var current = Dual((0..<size).reduce(1) { $0 * -Double(2 * $1 + 1) })
    for k in size..<l {
      let next =
        (1 / Double(k - size + 1))
        * (Double(2 * k + 1) * (d.z * current) - Double(k + size) * previous)
      (previous, current) = (current, next)
    }
    let ratio = ((l - size + 1)..<(l + size + 1)).reduce(1.0) { $0 / Double($1) }
    let norm = (Double(2 * l + 1) / (4 * .pi) * ratio * (m == 0 ? 1 : 2)).squareRoot()
    return norm * (current * (m < 0 ? imaginary : real))
  }
}
