// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Splats

/// A splat on the image, by the textbook: Zwicker et al., "EWA volume splatting", 2001, as used by
/// Kerbl et al., "3D Gaussian splatting", 2023.
struct ReferenceSplat {
  let index: Int
  private let instance: UInt32
  /// Of the centre along the camera's z, metres.
  let depth: Double
  /// Of the plane that the depths describe, unit, towards the eye, in the camera's frame.
  private let normal: SIMD3<Double>
  /// Display-referred sRGB, >= 0.
  private let colour: SIMD3<Double>
  private let opacity: Double
  /// Pixels.
  let mean: SIMD2<Double>
  /// The covariance on the image, pixels squared: xx, xy, yy.
  private let covariance: SIMD3<Double>
  private let determinant: Double
  /// How depth grows across the image, relative to the centre's, 1/pixel.
  private let depthSlope: SIMD2<Double>
  /// The pixels of INRIA's tiles, first and last column and row; nil where the profile has none.
  private let tiles: (x: ClosedRange<Int>, y: ClosedRange<Int>)?

  /// Projects a splat; nil when it cannot be seen.
  init?(
    _ renderer: ReferenceRenderer, _ index: Int, _ request: RenderRequest, _ rules: ViewRules
  ) {
    let cloud = renderer.cloud
    guard cloud.isDrawable(index) else { return nil }
    let camera = request.camera
    let pose = request.cameraFromWorld
    let inWorld = SIMD3<Double>(cloud.positions[index])
    let p = pose * inWorld
    guard p.z >= Double(rules.near), p.z <= Double(rules.far) else { return nil }
    let focal = camera.focalLengthPixels
    let slope = SIMD2(p.x, p.y) / p.z
    let clamped = pointwiseMin(pointwiseMax(slope, rules.minimumSlope), rules.maximumSlope)
    let spread = Self.covariance(cloud, index)
    let rotation = pose.rotation.normalized.matrix.transpose  // its columns: the camera's axes
    // The rows of J R, where J is the projection's derivative.
    let u = (rotation.column0 - clamped.x * rotation.column2) * (focal.x / p.z)
    let v = (rotation.column1 - clamped.y * rotation.column2) * (focal.y / p.z)
    let w = rotation.column2 / p.z
    func form(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { dot(a, spread * b) }
    let blurred = SIMD3(form(u, u) + 0.3, form(u, v), form(v, v) + 0.3)
    determinant = blurred.x * blurred.z - blurred.y * blurred.y
    guard determinant > 0, determinant < 3.4e38 else { return nil }
    var opacity = 1 / (1 + exp(-Double(cloud.opacityLogits[index])))
    if renderer.isAntialiased {
      let sharp = form(u, u) * form(v, v) - form(u, v) * form(u, v)
      opacity *= max(2.5e-5, sharp / determinant).squareRoot()
    }
    guard opacity >= 1.0 / 255 else { return nil }

    self.index = index
    instance = cloud.instanceIDs.isEmpty ? 0 : cloud.instanceIDs[index]
    depth = p.z
    mean = focal * slope + camera.principalPoint
    covariance = blurred
    depthSlope = Self.depthSlope(
      blurred, depthWithImage: SIMD2(form(u, w), form(v, w)), depthVariance: form(w, w),
      squaredRadius: 2 * log(255 * opacity))
    normal = Self.normal(slope: depthSlope, at: mean, camera)
    self.opacity = opacity
    let eye = pose.inverse.translation
    colour = ReferenceHarmonics.colour(cloud, index, direction: normalize(inWorld - eye))
    tiles =
      rules.hasSquareExtent ? Self.inriaTiles(mean, blurred, determinant) : nil
  }

  /// What a pixel's centre sees of the splat; nil where the profile does not draw it.
  func meeting(x: Int, y: Int) -> ReferenceMeeting? {
    guard reaches(x: x, y: y) else { return nil }
    return ReferenceMeeting(
      alpha: alpha(x: x, y: y), depth: depth(x: x, y: y), colour: colour, normal: normal,
      instance: instance)
  }

  /// The opacity times the Gaussian at a pixel's centre.
  func alpha(x: Int, y: Int) -> Double {
    let d = SIMD2(Double(x) + 0.5, Double(y) + 0.5) - mean
    let xx = covariance.z / determinant
    let xy = -covariance.y / determinant
    let yy = covariance.x / determinant
    return opacity * exp(-0.5 * (xx * d.x * d.x + 2 * xy * d.x * d.y + yy * d.y * d.y))
  }

  /// The depth of the splat at a pixel's centre, metres; see `Rendering.depth`.
  func depth(x: Int, y: Int) -> Double {
    let offset = SIMD2(Double(x), Double(y)) + 0.5 - mean
    let s = depthSlope.x * offset.x + depthSlope.y * offset.y
    return depth * (1 + s + s * s)
  }

  /// The slope of relative depth, from its covariance with the image, without the blur; reduced
  /// where on the ellipse of alpha = 1/255 the depth would leave the centre's by more than five
  /// deviations or half.
  private static func depthSlope(
    _ blurred: SIMD3<Double>, depthWithImage c: SIMD2<Double>, depthVariance: Double,
    squaredRadius: Double
  ) -> SIMD2<Double> {
    // The floor keeps the covariance of a splat seen edge-on invertible.
    let floor = 0.01 + 1e-5 * (blurred.x + blurred.z) - 0.3
    let (xx, xy, yy) = (blurred.x + floor, blurred.y, blurred.z + floor)
    let determinant = xx * yy - xy * xy
    let g = SIMD2(c.x * yy - c.y * xy, c.y * xx - c.x * xy) / determinant
    let alongX = blurred.x * g.x + blurred.y * g.y
    let alongY = blurred.y * g.x + blurred.z * g.y
    let spread = g.x * alongX + g.y * alongY
    let change = (squaredRadius * spread).squareRoot()
    let limit = min(0.5, 5 * depthVariance.squareRoot())
    return change <= limit ? g : g * (limit / change)
  }

  /// The normal of the plane through three points that the depths give, a pixel apart.
  ///
  /// To first order only: the depths' second order is that of a plane's inverse depth.
  private static func normal(
    slope: SIMD2<Double>, at mean: SIMD2<Double>, _ camera: Camera
  ) -> SIMD3<Double> {
    func point(_ offset: SIMD2<Double>) -> SIMD3<Double> {
      let inverseDepth = 1 - slope.x * offset.x - slope.y * offset.y
      let ray = (mean + offset - camera.principalPoint) / camera.focalLengthPixels
      return SIMD3(ray.x, ray.y, 1) / inverseDepth
    }
    // A step small enough that the plane stays in front of the camera.
    let step = 0.1 / (1 + abs(slope.x) + abs(slope.y))
    let origin = point(.zero)
    let across = point(SIMD2(step, 0)) - origin
    let down = point(SIMD2(0, step)) - origin
    return -normalize(cross(across, down))
  }

  /// Sigma = R S S R^T: each half axis is a unit vector turned by the quaternion.
  private static func covariance(_ cloud: SplatCloud, _ index: Int) -> Matrix3 {
    let parts = cloud.rotations[index]
    let rotation = Quaternion<Double>(
      w: Double(parts.w), x: Double(parts.x), y: Double(parts.y), z: Double(parts.z)
    ).normalized
    var columns = [SIMD3<Double>](repeating: .zero, count: 3)
    for axis in 0..<3 {
      var unit = SIMD3<Double>.zero
      unit[axis] = 1
      let variance = exp(2 * Double(cloud.logScales[index][axis]))
      let turned = rotation.rotate(unit)
      for column in 0..<3 { columns[column] += variance * turned[column] * turned }
    }
    return Matrix3(columns: columns[0], columns[1], columns[2])
  }

  /// Whether the profile draws the splat in a pixel's tile.
  func reaches(x: Int, y: Int) -> Bool {
    guard let tiles else { return true }
    return tiles.x.contains(x) && tiles.y.contains(y)
  }

  /// `getRect` of INRIA's auxiliary.h: the tiles touched by a square of 3 deviations.
  private static func inriaTiles(
    _ mean: SIMD2<Double>, _ covariance: SIMD3<Double>, _ determinant: Double
  ) -> (x: ClosedRange<Int>, y: ClosedRange<Int>)? {
    let middle = 0.5 * (covariance.x + covariance.z)
    let largest = middle + max(0.1, middle * middle - determinant).squareRoot()
    let radius = (3 * largest.squareRoot()).rounded(.up)
    func range(_ center: Double) -> ClosedRange<Int> {
      let limit = 1e6  // tiles beyond any image
      let first = ((center - 0.5 - radius) / 16).rounded(.down)
      let end = ((center - 0.5 + radius + 15) / 16).rounded(.down)
      let low = Int(min(max(first, -limit), limit)) * 16
      return low...max(low, Int(min(max(end, -limit), limit)) * 16 - 1)
    }
    return (range(mean.x), range(mean.y))
  }
}

/// Real spherical harmonics from associated Legendre polynomials, with the Condon-Shortley phase.
enum ReferenceHarmonics {
  /// Clamped colour of a splat seen along a unit direction; degree 4 is not drawn.
  static func colour(
    _ cloud: SplatCloud, _ index: Int, direction: SIMD3<Double>
  ) -> SIMD3<Double> {
    var sum = SIMD3<Double>(repeating: 0.5) + basis(0, 0, direction) * SIMD3(cloud.sh0[index])
    let perSplat = cloud.restCoefficientCount * 3
    var next = index * perSplat
    for degree in 1..<(min(cloud.shDegree, 3) + 1) {
      for order in -degree...degree {
        let coefficient = SIMD3(
          Double(cloud.shRest[next]), Double(cloud.shRest[next + 1]),
          Double(cloud.shRest[next + 2]))
        sum += basis(degree, order, direction) * coefficient
        next += 3
      }
    }
    return pointwiseMax(sum, .zero)
  }

  /// Y of a degree l and an order m in -l...l.
  static func basis(_ l: Int, _ m: Int, _ direction: SIMD3<Double>) -> Double {
    let size = abs(m)
    let ratio = factorial(l - size) / factorial(l + size)
    let norm = (Double(2 * l + 1) / (4 * .pi) * ratio).squareRoot()
    let polynomial = norm * legendre(l, size, direction.z)
    if m == 0 { return polynomial }
    let azimuth = atan2(direction.y, direction.x) * Double(size)
    return 2.0.squareRoot() * polynomial * (m > 0 ? cos(azimuth) : sin(azimuth))
  }

  /// P of degree l and order m >= 0, by upward recursion in l.
  private static func legendre(_ l: Int, _ m: Int, _ x: Double) -> Double {
    let sine = max(0, 1 - x * x).squareRoot()
    var current = 1.0
    for k in 0..<m { current *= -Double(2 * k + 1) * sine }
    var previous = 0.0
    for degree in m..<l {
      let next =
        (Double(2 * degree + 1) * x * current - Double(degree + m) * previous)
        / Double(degree - m + 1)
      (previous, current) = (current, next)
    }
    return current
  }

  private static func factorial(_ n: Int) -> Double {
    (0..<n).reduce(1) { $0 * Double($1 + 1) }
  }
}
