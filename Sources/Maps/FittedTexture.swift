// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Images

/// A picture on a plane: places on it are an affine function of places on the plane.
///
/// The function fits the corners best (least squares), so that it is exact for triangles and for
/// rectified photographs.
struct FittedTexture {
  private let image: RGBImage
  /// Texels of the plane's origin, and of a metre along each of its axes.
  private let texelOrigin: SIMD2<Double>
  private let texelAlong: SIMD2<Double>
  private let texelAcross: SIMD2<Double>

  /// Nil for coordinates that do not fit the corners in number or lie on one line.
  init?(_ texture: SurfaceTexture, corners: [SIMD2<Double>]) {
    let places = texture.coordinates
    guard places.count == corners.count, places.count >= 3 else { return nil }
    let count = Double(corners.count)
    let middle = corners.reduce(SIMD2<Double>.zero, +) / count
    let size = SIMD2(Double(texture.image.width), Double(texture.image.height))
    let texels = places.map { $0 * size }
    let texelMiddle = texels.reduce(SIMD2<Double>.zero, +) / count
    var (xx, xy, yy) = (0.0, 0.0, 0.0)
    var (alongX, alongY) = (SIMD2<Double>.zero, SIMD2<Double>.zero)
    for (corner, texel) in zip(corners, texels) {
      let (d, t) = (corner - middle, texel - texelMiddle)
      (xx, xy, yy) = (xx + d.x * d.x, xy + d.x * d.y, yy + d.y * d.y)
      (alongX, alongY) = (alongX + t * d.x, alongY + t * d.y)
    }
    let determinant = xx * yy - xy * xy
    guard determinant > 1e-12 * (xx + yy) * (xx + yy) else { return nil }
    texelAlong = (alongX * yy - alongY * xy) / determinant
    texelAcross = (alongY * xx - alongX * xy) / determinant
    texelOrigin = texelMiddle - texelAlong * middle.x - texelAcross * middle.y
    image = texture.image
    let sum = texelAlong + texelAcross + texelOrigin
    guard sum.x.isFinite, sum.y.isFinite, abs(sum.x) < 1e12, abs(sum.y) < 1e12 else { return nil }
  }

  /// The samples along each side of a piece at most; what is larger is sampled sparsely.
  private static let mostSamples = 6.0

  /// Returns the mean colour of a piece of the plane, sRGB as stored; beyond its edges a picture
  /// goes on with their colour.
  func colour(at place: SIMD2<Double>, step: SIMD2<Double>) -> SIMD3<Float> {
    func samples(_ texels: SIMD2<Double>, _ step: Double) -> Int {
      let span = max(abs(texels.x), abs(texels.y)) * step
      return Int(min(max(span.rounded(.up), 1), Self.mostSamples))
    }
    let (columns, rows) = (samples(texelAlong, step.x), samples(texelAcross, step.y))
    var sum = SIMD3<Float>.zero
    for row in 0..<rows {
      for column in 0..<columns {
        let offset = SIMD2(
          (Double(column) + 0.5) / Double(columns) - 0.5, (Double(row) + 0.5) / Double(rows) - 0.5)
        let spot = place + offset * step
        sum += texel(texelOrigin + texelAlong * spot.x + texelAcross * spot.y)
      }
    }
    return sum / Float(columns * rows)
  }

  private func texel(_ place: SIMD2<Double>) -> SIMD3<Float> {
    let column = Int(min(max(place.x, 0), Double(image.width - 1)))
    let row = Int(min(max(place.y, 0), Double(image.height - 1)))
    let at = (row * image.width + column) * 3
    return SIMD3(Float(image.bytes[at]), Float(image.bytes[at + 1]), Float(image.bytes[at + 2]))
      / 255
  }
}
