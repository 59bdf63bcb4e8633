// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Images
import Splats

extension Renderer {
  /// Estimates the light that reaches a point from the splats around it.
  ///
  /// The splats are drawn all around the point, brought to linear light and projected onto the
  /// harmonics of degree 2; directions in which nothing is seen count as the mean of the others.
  /// The sun is what of that comes from one direction, the brightest of degree 1: the strength that
  /// fits degrees 1 and 2 best (Sloan, "Stupid spherical harmonics tricks", 2008), at most so much
  /// that 30 % of the mean light is left to the sky. Captures are clipped where they are brightest,
  /// so this sun is weaker and softer than the true one. The exposure is 1.
  ///
  /// - Parameters:
  ///   - point: the point in the world, metres.
  ///   - clearance: what is nearer than this is not looked at, metres.
  /// - Returns: the light; without a sun and with a sky of 0 where no splat is seen.
  /// - Complexity: one picture of 128 x 64 pixels through rays.
  package func light(at point: SIMD3<Double>, clearance: Double = 0.05) -> Illumination {
    var camera = Camera(
      width: Self.mapWidth, height: Self.mapWidth / 2,
      focalLengthPixels: SIMD2(repeating: Double(Self.mapWidth) / (2 * .pi)),
      principalPoint: SIMD2(Double(Self.mapWidth) / 2, Double(Self.mapWidth) / 4),
      near: clearance)
    camera.lens = .equirectangular
    var request = RenderRequest(
      camera: camera, cameraFromWorld: RigidTransform(translation: -point))
    request.outputs = [.floatColour]
    return Self.light(of: render(request), camera)
  }

  private static let mapWidth = 128
  /// The least alpha of a pixel that says something about its direction.
  private static let leastAlpha: Float = 0.25
  /// The least share of the mean light that stays with the sky.
  private static let skyShare = 0.3

  private static func light(of picture: Rendering, _ camera: Camera) -> Illumination {
    var sums = [SIMD3<Double>](repeating: .zero, count: 9)
    var basisSums = [Double](repeating: 0, count: 9)
    var (known, angle) = (SIMD3<Double>.zero, 0.0)
    for row in 0..<camera.height {
      // The cosine over a row of pixels, exactly: a strip of the unit sphere.
      let (upper, lower) = (Double(row), Double(row + 1))
      let step = Double.pi / Double(camera.height)
      let area =
        ((upper * step).cosine - (lower * step).cosine) * 2 * .pi / Double(camera.width)
      for column in 0..<camera.width {
        let place = SIMD2(Double(column) + 0.5, Double(row) + 0.5)
        let slope = (place - camera.principalPoint) / camera.focalLengthPixels
        guard let direction = camera.lens.direction(at: slope) else { continue }
        let basis = SphericalHarmonics.basis(normalize(direction), degree: 2)
        let at = row * camera.width + column
        let alpha = picture.alpha.values[at]
        guard alpha >= leastAlpha else {
          for index in 0..<9 { basisSums[index] += basis[index] * area }
          continue
        }
        var light = SIMD3<Double>.zero
        for channel in 0..<3 {
          light[channel] = Double(SRGB.decode(picture.floatColour[3 * at + channel] / alpha))
        }
        known += light * area
        angle += area
        for index in 0..<9 { sums[index] += light * basis[index] * area }
      }
    }
    let mean = angle > 0 ? known / angle : .zero
    for index in 0..<9 { sums[index] += mean * basisSums[index] }
    return separated(sums)
  }

  /// Takes a sun out of an environment.
  private static func separated(_ environment: [SIMD3<Double>]) -> Illumination {
    func luminance(_ light: SIMD3<Double>) -> Double {
      0.2126 * light.x + 0.7152 * light.y + 0.0722 * light.z
    }
    // The basis functions of degree 1 are -y, z and -x.
    let brightest = SIMD3(
      -luminance(environment[3]), -luminance(environment[1]), luminance(environment[2]))
    var light = Illumination(
      sky: EnvironmentLight(uniform: .zero), sunDirection: .zero, sun: .zero)
    var sky = environment
    if length(brightest) > 1e-9 {
      let direction = normalize(brightest)
      let basis = SphericalHarmonics.basis(direction, degree: 2)
      // A sun of 1 has the coefficients pi times the basis; those of degrees 1 and 2 have the sum
      // of squares 2 pi.
      let fitted = (1..<9).reduce(SIMD3<Double>.zero) { $0 + environment[$1] * basis[$1] } / 2
      let most = (1 - skyShare) * environment[0] / (.pi * SphericalHarmonics.c0)
      let sun = pointwiseMax(pointwiseMin(fitted, most), .zero)
      for index in 0..<9 { sky[index] -= .pi * basis[index] * sun }
      light.sunDirection = SIMD3<Float>(direction)
      light.sun = SIMD3<Float>(sun)
    }
    light.sky = EnvironmentLight(coefficients: sky.map { SIMD3<Float>($0) })
    return light
  }
}
