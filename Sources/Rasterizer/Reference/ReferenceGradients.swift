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

extension ReferenceRenderer {
  /// The sum over a picture without meshes of each pixel's values times their gradients, which is
  /// the loss whose derivative `gradients` is; and what the pixels decided on the way.
  ///
  /// The derivative holds as long as no decision changes: which splats add to a pixel (2 x index, +
  /// 1 where the alpha is cut), then -1, or -2 where a depth is given.
  func loss(
    _ request: RenderRequest, _ pixels: ImageGradients
  ) -> (value: Double, decisions: [Int]) {
    let rules = ViewRules(camera: request.camera, profile: request.profile)
    let splats = visible(request, rules)
    var (sum, decisions): (Double, [Int]) = (0, [])
    for y in 0..<request.camera.height {
      for x in 0..<request.camera.width {
        let at = y * request.camera.width + x
        var pixel = ReferencePixel()
        let meetings = splats.lazy.compactMap { $0.meeting(x: x, y: y) }
        pixel.blend(meetings, surface: nil, rules: rules)
        let t = pixel.transmittance
        let shown =
          (pixel.colour + t * SIMD3<Double>(request.backgroundSRGB))
          * Double(request.illumination.exposure)
        sum += dot(pixels.colour(at), shown) + pixels.alpha(at) * (1 - t)
        if 1 - t >= 0.5 { sum += pixels.depth(at) * pixel.weightedDepth / (1 - t) }
        decisions += ReferenceContribution.all(splats, x, y, rules).map { each in
          2 * splats[each.place].index + (each.isCut ? 1 : 0)
        }
        decisions.append(1 - t >= 0.5 ? -2 : -1)
      }
    }
    return (sum, decisions)
  }

  private func visible(_ request: RenderRequest, _ rules: ViewRules) -> [ReferenceSplat] {
    (0..<cloud.count).compactMap { ReferenceSplat(self, $0, request, rules) }
      .sorted { ($0.depth, $0.index) < ($1.depth, $1.index) }
  }

  /// How the loss changes with each splat of the cloud.
  ///
  /// The textbook's way (gsplat, `RasterizeToPixels3DGSSerialBatchBwd.cu`): back to front, the
  /// light found again by dividing by what a splat let through.
  func gradients(
    _ request: RenderRequest, _ pixels: ImageGradients
  ) -> [ReferenceSplatGradient] {
    let rules = ViewRules(camera: request.camera, profile: request.profile)
    let splats = visible(request, rules)
    let derivatives = splats.map { ReferenceDerivative(self, $0.index, request, rules) }
    var seen = Array(repeating: ReferenceShare(), count: splats.count)
    for y in 0..<request.camera.height {
      for x in 0..<request.camera.width {
        let pixel = Pixel(
          index: y * request.camera.width + x,
          list: ReferenceContribution.all(splats, x, y, rules), derivatives: derivatives)
        walkBack(pixel, request, pixels, to: &seen)
      }
    }
    let degree = min(cloud.shDegree, 3)
    let none = ReferenceSplatGradient(
      harmonics: Array(repeating: .zero, count: (degree + 1) * (degree + 1)))
    var gradients = Array(repeating: none, count: cloud.count)
    for (derivative, share) in zip(derivatives, seen) {
      gradients[derivative.index] = share.gradient(derivative)
    }
    return gradients
  }

  private struct Pixel {
    var index: Int
    /// What adds to it, front to back.
    var list: [ReferenceContribution]
    /// The splats in the order of depth.
    var derivatives: [ReferenceDerivative]
  }

  private func walkBack(
    _ pixel: Pixel, _ request: RenderRequest, _ pixels: ImageGradients,
    to seen: inout [ReferenceShare]
  ) {
    let list = pixel.list
    let lastLight = list.reduce(1) { $0 * (1 - $1.alpha) }
    let alpha = 1 - lastLight
    let colourLoss = pixels.colour(pixel.index) * Double(request.illumination.exposure)
    let background = dot(colourLoss, SIMD3<Double>(request.backgroundSRGB))
    // The mean depth is a quotient: the gradient with its numerator, and on top of that with alpha
    // the one with its denominator.
    let depthLoss = alpha >= 0.5 ? pixels.depth(pixel.index) / alpha : 0
    var (light, weightedDepth) = (1.0, 0.0)
    for each in list {
      weightedDepth += light * each.alpha * each.depth
      light *= 1 - each.alpha
    }
    let alphaLoss =
      pixels.alpha(pixel.index) - (alpha >= 0.5 ? depthLoss * weightedDepth / alpha : 0)
    var (colourBehind, depthBehind) = (SIMD3<Double>.zero, 0.0)
    for each in list.reversed() {
      light /= 1 - each.alpha
      let weight = light * each.alpha
      let splat = pixel.derivatives[each.place]
      let colour = SIMD3<Double>(splat.colour.map(\.value))
      let own = dot(colour, colourLoss) + each.depth * depthLoss
      let behind = dot(colourBehind, colourLoss) + depthBehind * depthLoss
      let last = lastLight * (alphaLoss - background)
      let gradient = light * own + (last - behind) / (1 - each.alpha)
      colourBehind += weight * colour
      depthBehind += weight * each.depth
      seen[each.place].add(
        each, splat, alpha: each.isCut ? 0 : gradient, colour: weight * colourLoss,
        depth: weight * depthLoss)
    }
  }
}

/// A splat that adds to a pixel.
struct ReferenceContribution {
  /// In the order of depth.
  var place: Int
  var alpha: Double
  /// Whether the alpha is the largest that there is.
  var isCut: Bool
  /// The depth of the splat at the pixel, metres.
  var depth: Double
  /// From the splat's mean, pixels.
  var offset: SIMD2<Double>

  /// Those that add to a pixel, front to back.
  static func all(
    _ splats: [ReferenceSplat], _ x: Int, _ y: Int, _ rules: ViewRules
  ) -> [ReferenceContribution] {
    var (list, light): ([ReferenceContribution], Double) = ([], 1)
    for (place, splat) in splats.enumerated() where splat.reaches(x: x, y: y) {
      let whole = splat.alpha(x: x, y: y)
      let alpha = min(whole, Double(rules.maximumAlpha))
      guard alpha >= 1.0 / 255 else { continue }
      guard light * (1 - alpha) >= Double(rules.minimumTransmittance) else { break }
      light *= 1 - alpha
      list.append(
        ReferenceContribution(
          place: place, alpha: alpha, isCut: whole > Double(rules.maximumAlpha),
          depth: splat.depth(x: x, y: y), offset: SIMD2(Double(x), Double(y)) + 0.5 - splat.mean))
    }
    return list
  }
}

/// What the pixels say of the numbers of a splat on the image, added up.
private struct ReferenceShare {
  var opacity = 0.0
  var conic = SIMD3<Double>.zero  // xx, xy, yy
  var mean = SIMD2<Double>.zero
  var depth = 0.0
  var slope = SIMD2<Double>.zero
  var colour = SIMD3<Double>.zero

  mutating func add(
    _ each: ReferenceContribution, _ splat: ReferenceDerivative, alpha: Double,
    colour: SIMD3<Double>, depth: Double
  ) {
    let d = each.offset
    // alpha = opacity exp(-sigma), sigma = (xx dx^2 + yy dy^2) / 2 + xy dx dy.
    opacity += alpha * each.alpha / splat.opacity.value
    let sigma = -each.alpha * alpha
    conic += sigma * SIMD3(0.5 * d.x * d.x, d.x * d.y, 0.5 * d.y * d.y)
    // The offset falls as the mean grows.
    let (xx, xy, yy) = (splat.conic.xx.value, splat.conic.xy.value, splat.conic.yy.value)
    mean -= sigma * SIMD2(xx * d.x + xy * d.y, xy * d.x + yy * d.y)
    let along = SIMD2(splat.slope.x.value, splat.slope.y.value)
    let s = along.x * d.x + along.y * d.y
    let change = depth * splat.depth.value * (1 + 2 * s)
    self.depth += depth * (1 + s + s * s)
    slope += change * d
    mean -= change * along
    self.colour += colour
  }

  /// Hands the sums on to the splat's parameters.
  func gradient(_ splat: ReferenceDerivative) -> ReferenceSplatGradient {
    var geometry = opacity * splat.opacity.slope + depth * splat.depth.slope
    geometry += conic.x * splat.conic.xx.slope + conic.y * splat.conic.xy.slope
    geometry += conic.z * splat.conic.yy.slope
    geometry += mean.x * splat.mean.x.slope + mean.y * splat.mean.y.slope
    geometry += slope.x * splat.slope.x.slope + slope.y * splat.slope.y.slope
    for channel in 0..<3 { geometry += colour[channel] * splat.colour[channel].slope }
    return ReferenceSplatGradient(
      geometry: geometry, harmonics: splat.basis.map { colour * $0 })
  }
}

extension ImageGradients {
  fileprivate func colour(_ pixel: Int) -> SIMD3<Double> {
    colour.isEmpty ? .zero : SIMD3((0..<3).map { Double(colour[3 * pixel + $0]) })
  }

  fileprivate func alpha(_ pixel: Int) -> Double { alpha.isEmpty ? 0 : Double(alpha[pixel]) }

  fileprivate func depth(_ pixel: Int) -> Double { depth.isEmpty ? 0 : Double(depth[pixel]) }
}
