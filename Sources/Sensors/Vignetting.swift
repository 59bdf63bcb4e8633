// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Geometry

/// How the light of a lens falls off towards the edges of the image.
package enum Vignetting: Equatable, Sendable {
  /// Not at all.
  case none
  /// By the fourth power of the cosine of the angle to the axis, at least 0: the natural law of a
  /// small aperture before a flat sensor (Kingslake, "Optics in Photography", 1992, chapter 6).
  case cosineFourth
  /// By `1 + a r^2 + b r^4 + c r^6`, at least 0, where r is 1 at the image's farthest corner from
  /// the principal point; Adobe's FixVignetteRadial is of this form.
  case radial(a: Double, b: Double = 0, c: Double = 0)

  /// Returns the share of the light that reaches the centre of each pixel, [height x width].
  ///
  /// Where the lens sees nothing it is 0.
  package func shares(_ camera: Camera) -> [Float] {
    let farthest =
      [0, Double(camera.width)].flatMap { x in
        [0, Double(camera.height)].map { y in SIMD2(x, y) - camera.principalPoint }
      }.map { ($0 * $0).sum() }.max() ?? 1
    var shares: [Float] = []
    shares.reserveCapacity(camera.width * camera.height)
    for y in 0..<camera.height {
      for x in 0..<camera.width {
        let pixel = SIMD2(Double(x) + 0.5, Double(y) + 0.5)
        let share = share(pixel, camera, farthest: farthest)
        shares.append(camera.ray(through: pixel) == nil ? 0 : Float(max(0, share)))
      }
    }
    return shares
  }

  /// The share at pixel coordinates; `farthest` is the squared distance of the farthest corner.
  private func share(_ pixel: SIMD2<Double>, _ camera: Camera, farthest: Double) -> Double {
    switch self {
    case .none: return 1
    case .cosineFourth:
      let cosine = max(0, camera.ray(through: pixel)?.z ?? 0)
      return cosine * cosine * cosine * cosine
    case .radial(let a, let b, let c):
      let offset = pixel - camera.principalPoint
      let s = (offset * offset).sum() / farthest
      return 1 + s * (a + s * (b + s * c))
    }
  }
}
