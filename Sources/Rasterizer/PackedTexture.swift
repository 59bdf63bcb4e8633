// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Images
import Meshes
import Splats

/// A texture ready to be looked at from any distance: linear light, and smaller pictures of it.
///
/// Each level has half the columns and rows of the one before, rounded down but at least 1, to the
/// level of one texel; a texel is the mean of what it covers. Kept as 16 bits a channel, so
/// that the dark steps of sRGB stay apart: 8 bytes a texel, and a third more for smaller levels.
final class PackedTexture: Sendable {
  let width: Int
  let height: Int
  let wrapU: MeshTexture.Wrap
  let wrapV: MeshTexture.Wrap
  /// The least alpha, in steps of 1/65535, where the mesh is; 0 where it is everywhere.
  let cutoff: Float
  /// [texels of all levels x 2]: red in the low half, green in the high half; then blue and alpha.
  let texels: FixedColumn<UInt32>
  /// The place of each level's first texel.
  let firstTexels: FixedColumn<Int32>

  /// The most columns and rows, so that a texel's place fits its integer.
  private static let largestSize = 16_384

  /// Packs a texture.
  ///
  /// - Complexity: O(texels); some 30 million a second.
  init(_ texture: MeshTexture) {
    let image = texture.image
    precondition(
      image.width <= Self.largestSize && image.height <= Self.largestSize,
      "a texture has at most \(Self.largestSize) columns and rows")
    (width, height) = (image.width, image.height)
    (wrapU, wrapV) = (texture.wrapU, texture.wrapV)
    cutoff = (texture.cutout?.threshold ?? 0) * 65_535
    var level = Level(image, alpha: texture.cutout?.alpha)
    var texels: [UInt32] = []
    texels.reserveCapacity(image.width * image.height * 8 / 3 + 64)
    var firstTexels: [Int32] = []
    while true {
      firstTexels.append(Int32(texels.count / 2))
      for light in level.light {
        let steps = (light * 65_535).rounded(.toNearestOrAwayFromZero)
        texels.append(UInt32(steps.x) | UInt32(steps.y) << 16)
        texels.append(UInt32(steps.z) | UInt32(steps.w) << 16)
      }
      if level.light.count == 1 { break }
      level = level.halved()
    }
    self.texels = FixedColumn(texels)
    self.firstTexels = FixedColumn(firstTexels)
  }
}

/// One size of a texture.
private struct Level {
  var width: Int
  var height: Int
  /// Linear light and alpha, 0...1, row-major; 1 where there is no alpha.
  var light: [SIMD4<Float>]

  init(_ image: RGBImage, alpha: [UInt8]?) {
    (width, height) = (image.width, image.height)
    let decoded = (0..<256).map { Float(SRGB.exactDecode(Double($0) / 255)) }
    let bytes = image.bytes
    light = (0..<width * height).map { pixel in
      let solid: Float = alpha.map { Float($0[pixel]) / 255 } ?? 1
      return SIMD4(
        decoded[Int(bytes[3 * pixel])], decoded[Int(bytes[3 * pixel + 1])],
        decoded[Int(bytes[3 * pixel + 2])], solid)
    }
  }

  /// The next level: the means over what each of its texels covers.
  func halved() -> Level {
    var half = self
    (half.width, half.height) = (max(1, width / 2), max(1, height / 2))
    let columns = Self.spans(of: half.width, over: width)
    let rows = Self.spans(of: half.height, over: height)
    half.light.removeAll(keepingCapacity: true)
    for row in rows {
      for column in columns {
        var sum = SIMD4<Float>.zero
        for (y, rowShare) in row.shares.enumerated() {
          let first = (row.first + y) * width + column.first
          for (x, share) in column.shares.enumerated() {
            sum += light[first + x] * (rowShare * share)
          }
        }
        half.light.append(sum)
      }
    }
    return half
  }

  /// What each of `count` equal parts covers of `total` texels, and with which shares.
  private static func spans(
    of count: Int, over total: Int
  ) -> [(first: Int, shares: [Float])] {
    (0..<count).map { part in
      // In units of 1/count texel, which are whole.
      let (low, high) = (part * total, (part + 1) * total)
      let first = low / count
      let end = (high + count - 1) / count
      let shares = (first..<end).map { texel in
        Float(min(high, (texel + 1) * count) - max(low, texel * count)) / Float(total)
      }
      return (first, shares)
    }
  }
}
