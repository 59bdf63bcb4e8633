// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Splats

/// How a loss changes with the numbers of one splat, in doubles.
struct ReferenceSplatGradient: Equatable {
  /// The parameters of `ReferenceDerivative`.
  var geometry = SIMD16<Double>.zero
  /// The colour's coefficients from degree 0 on, as far as they are drawn.
  var harmonics: [SIMD3<Double>]
}

/// What one pixel saw: each splat that added to it, and whether its alpha was cut.
struct ReferenceDecision: Equatable {
  var splat: Int
  var isCut: Bool
}

extension ReferenceRenderer {
  /// The sum over a picture without meshes of each pixel's values times their gradients.
  ///
  /// The loss whose derivative `gradients` is.
  func loss(_ request: RenderRequest, _ pixels: ImageGradients) -> Double {
    let rules = ViewRules(camera: request.camera, profile: request.profile)
    let splats = (0..<cloud.count).compactMap { ReferenceSplat(cloud, $0, request, rules) }
      .sorted { ($0.depth, $0.index) < ($1.depth, $1.index) }
    var sum = 0.0
    for y in 0..<request.camera.height {
      for x in 0..<request.camera.width {
        let at = y * request.camera.width + x
        var pixel = ReferencePixel()
        pixel.blend(splats, x: x, y: y, surface: nil, rules: rules)
        let t = pixel.transmittance
        let shown =
          (pixel.colour + t * SIMD3<Double>(request.backgroundSRGB))
          * Double(request.illumination.exposure)
        sum += dot(pixels.colour(at), shown) + pixels.alpha(at) * (1 - t)
        if 1 - t >= 0.5 { sum += pixels.depth(at) * pixel.weightedDepth / (1 - t) }
      }
    }
    return sum
  }

  /// How the loss changes with each splat, and what the pixels decided on the way.
  ///
  /// The textbook's way (gsplat, `RasterizeToPixels3DGSSerialBatchBwd.cu`): back to front, the light
  /// found again by dividing by what a splat let through.
  func gradients(
    _ request: RenderRequest, _ pixels: ImageGradients
  ) -> (splats: [ReferenceSplatGradient], decisions: [[ReferenceDecision]]) {
    let rules = ViewRules(camera: request.camera, profile: request.profile)
    let seen = (0..<cloud.count).compactMap { ReferenceSplat(cloud, $0, request, rules) }
      .sorted { ($0.depth, $0.index) < ($1.depth, $1.index) }
      .map { ($0, ReferenceDerivative(cloud, $0.index, request, rules)) }
    let degree = min(cloud.shDegree, 3)
    let none = ReferenceSplatGradient(
      harmonics: Array(repeating: .zero, count: (degree + 1) * (degree + 1)))
    var sums = Array(repeating: none, count: cloud.count)
    var decisions: [[ReferenceDecision]] = []
    for y in 0..<request.camera.height {
      for x in 0..<request.camera.width {
        let contributions = contributions(seen, x, y, rules)
        decisions.append(
          contributions.map { ReferenceDecision(splat: $0.splat.index, isCut: $0.isCut) })
        let at = y * request.camera.width + x
        walkBack(contributions, request, pixels, at: at, to: &sums)
      }
    }
    return (sums, decisions)
  }

  /// A splat that adds to a pixel.
  fileprivate struct Contribution {
    var splat: ReferenceDerivative
    /// From the splat's mean, pixels.
    var offset: SIMD2<Double>
    /// exp(-sigma), the Gaussian without its opacity.
    var gaussian: Double
    var alpha: Double
    var isCut: Bool
  }

  private func contributions(
    _ seen: [(ReferenceSplat, ReferenceDerivative)], _ x: Int, _ y: Int, _ rules: ViewRules
  ) -> [Contribution] {
    var (list, light): ([Contribution], Double) = ([], 1)
    for (splat, derivative) in seen where splat.reaches(x: x, y: y) {
      let mean = SIMD2(derivative.mean.x.value, derivative.mean.y.value)
      let d = SIMD2(Double(x), Double(y)) + 0.5 - mean
      let conic = derivative.conic
      let sigma =
        0.5 * (conic.xx.value * d.x * d.x + conic.yy.value * d.y * d.y)
        + conic.xy.value * d.x * d.y
      let whole = derivative.opacity.value * exp(-sigma)
      let alpha = min(whole, Double(rules.maximumAlpha))
      guard alpha >= 1.0 / 255 else { continue }
      guard light * (1 - alpha) >= Double(rules.minimumTransmittance) else { break }
      light *= 1 - alpha
      list.append(
        Contribution(
          splat: derivative, offset: d, gaussian: exp(-sigma), alpha: alpha,
          isCut: whole > Double(rules.maximumAlpha)))
    }
    return list
  }

  private func walkBack(
    _ contributions: [Contribution], _ request: RenderRequest, _ pixels: ImageGradients, at: Int,
    to sums: inout [ReferenceSplatGradient]
  ) {
    let lastLight = contributions.reduce(1) { $0 * (1 - $1.alpha) }
    let colourLoss = pixels.colour(at) * Double(request.illumination.exposure)
    let background = dot(colourLoss, SIMD3<Double>(request.backgroundSRGB))
    // The mean depth is a quotient: its numerator's gradient, and its denominator's on top of
    // that of alpha.
    let alpha = 1 - lastLight
    let depthLoss = alpha >= 0.5 ? pixels.depth(at) / alpha : 0
    var (light, weightedDepth) = (1.0, 0.0)
    for each in contributions {
      weightedDepth += light * each.alpha * each.depth.value
      light *= 1 - each.alpha
    }
    let alphaLoss =
      pixels.alpha(at) - (alpha >= 0.5 ? depthLoss * weightedDepth / alpha : 0)
    var (colourBehind, depthBehind) = (SIMD3<Double>.zero, 0.0)
    for each in contributions.reversed() {
      light /= 1 - each.alpha
      let weight = light * each.alpha
      let colour = SIMD3<Double>(each.splat.colour.map(\.value))
      let own = dot(colour, colourLoss) + each.depth.value * depthLoss
      let behind = dot(colourBehind, colourLoss) + depthBehind * depthLoss
      let last = lastLight * (alphaLoss - background)
      let gradient = light * own + (last - behind) / (1 - each.alpha)
      colourBehind += weight * colour
      depthBehind += weight * each.depth.value
      each.add(
        alpha: each.isCut ? 0 : gradient, colour: weight * colourLoss, depth: weight * depthLoss,
        to: &sums[each.splat.index])
    }
  }
}

extension ReferenceRenderer.Contribution {
  /// The depth of the splat at the pixel, with its derivatives.
  fileprivate var depth: Dual {
    let (x, y) = (
      Dual(offset.x) - splat.mean.x + splat.mean.x.value,
      Dual(offset.y) - splat.mean.y + splat.mean.y.value
    )
    let s = splat.slope.x * x + splat.slope.y * y
    return splat.depth * (Dual(1) + s + s * s)
  }

  /// Hands a pixel's gradients on to the splat's parameters.
  fileprivate func add(
    alpha: Double, colour: SIMD3<Double>, depth: Double, to sum: inout ReferenceSplatGradient
  ) {
    let d = offset
    let sigma = -self.alpha * alpha
    var geometry = alpha * gaussian * splat.opacity.slope
    geometry += sigma * 0.5 * d.x * d.x * splat.conic.xx.slope
    geometry += sigma * 0.5 * d.y * d.y * splat.conic.yy.slope
    geometry += sigma * d.x * d.y * splat.conic.xy.slope
    // The offset falls as the mean grows.
    let (xx, xy, yy) = (splat.conic.xx.value, splat.conic.xy.value, splat.conic.yy.value)
    geometry -= sigma * (xx * d.x + xy * d.y) * splat.mean.x.slope
    geometry -= sigma * (xy * d.x + yy * d.y) * splat.mean.y.slope
    geometry += depth * self.depth.slope
    for channel in 0..<3 { geometry += colour[channel] * splat.colour[channel].slope }
    sum.geometry += geometry
    for k in splat.basis.indices { sum.harmonics[k] += colour * splat.basis[k] }
  }
}

extension ImageGradients {
  fileprivate func colour(_ pixel: Int) -> SIMD3<Double> {
    colour.isEmpty ? .zero : SIMD3((0..<3).map { Double(colour[3 * pixel + $0]) })
  }

  fileprivate func alpha(_ pixel: Int) -> Double { alpha.isEmpty ? 0 : Double(alpha[pixel]) }

  fileprivate func depth(_ pixel: Int) -> Double { depth.isEmpty ? 0 : Double(depth[pixel]) }
}
