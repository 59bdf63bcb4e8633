// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Images
import Parallel

/// Fills in the two colours that each pixel of a Bayer mosaic does not measure.
///
/// Green where it is missing: from the two neighbours along the row or the column, whichever
/// changes less, corrected by the curvature of the colour that is measured. Red and blue: the
/// differences from green are interpolated between the nearest pixels that have them. Grey that is
/// flat or changes evenly is exact. Beyond the edge the image is mirrored about its edge pixels.
///
/// Source: Hamilton and Adams, "Adaptive color plane interpolation in single sensor color
/// electronic camera", US patent 5 629 734, which ended in 2015; that is why it is this one and
/// not Malvar, He and Cutler's linear filter (US 7 502 505), close to it in quality.
struct Demosaic {
  let pattern: BayerPattern
  let width: Int
  let height: Int

  init(pattern: BayerPattern, width: Int, height: Int) {
    precondition(width >= 2 && height >= 2, "a mosaic has all its colours")
    self.pattern = pattern
    self.width = width
    self.height = height
  }

  /// Returns the three colours of each pixel of a mosaic, [height x width].
  func image(of mosaic: [Float], threadCount: Int) -> LinearImage {
    precondition(mosaic.count == width * height, "a mosaic has one value a pixel")
    var green = [Float](repeating: 0, count: mosaic.count)
    parallelChunks(of: &green, size: width, threadCount: threadCount) { y, row in
      for x in 0..<width { row[x] = self.green(mosaic.span, x, y) }
    }
    let complete = green
    var image = LinearImage(width: width, height: height)
    parallelChunks(of: &image.values, size: 3 * width, threadCount: threadCount) { y, row in
      for x in 0..<width {
        let here = complete[y * width + x]
        row[3 * x + 1] = here
        row[3 * x] = here + difference(mosaic.span, complete.span, channel: 0, x, y)
        row[3 * x + 2] = here + difference(mosaic.span, complete.span, channel: 2, x, y)
      }
    }
    return image
  }

  private func green(_ mosaic: Span<Float>, _ x: Int, _ y: Int) -> Float {
    let center = mosaic[y * width + x]
    if pattern.channel(x: x, y: y) == 1 { return center }
    func at(_ dx: Int, _ dy: Int) -> Float {
      mosaic[mirrored(y + dy, height) * width + mirrored(x + dx, width)]
    }
    let (left, right, up, down) = (at(-1, 0), at(1, 0), at(0, -1), at(0, 1))
    let bendAcross = 2 * center - at(-2, 0) - at(2, 0)
    let bendAlong = 2 * center - at(0, -2) - at(0, 2)
    let across = (left + right) / 2 + bendAcross / 4
    let along = (up + down) / 2 + bendAlong / 4
    let changeAcross = abs(left - right) + abs(bendAcross)
    let changeAlong = abs(up - down) + abs(bendAlong)
    if changeAcross < changeAlong { return across }
    if changeAcross > changeAlong { return along }
    return (across + along) / 2
  }

  /// The mean difference of red or blue from green at the nearest pixels that measure it.
  private func difference(
    _ mosaic: Span<Float>, _ green: Span<Float>, channel: Int, _ x: Int, _ y: Int
  ) -> Float {
    func at(_ dx: Int, _ dy: Int) -> Float {
      let index = mirrored(y + dy, height) * width + mirrored(x + dx, width)
      return mosaic[index] - green[index]
    }
    if pattern.channel(x: x, y: y) == channel { return at(0, 0) }
    if pattern.channel(x: x + 1, y: y) == channel { return (at(-1, 0) + at(1, 0)) / 2 }
    if pattern.channel(x: x, y: y + 1) == channel { return (at(0, -1) + at(0, 1)) / 2 }
    return (at(-1, -1) + at(1, -1) + at(-1, 1) + at(1, 1)) / 4
  }

  /// An index at most 2 beyond the ends, mirrored about the first and the last: parity stays.
  private func mirrored(_ index: Int, _ count: Int) -> Int {
    let folded = abs(index)
    return folded < count ? folded : abs(2 * (count - 1) - folded)
  }
}
