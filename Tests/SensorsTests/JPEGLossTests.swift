// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Images
import Sensors
import Testing

/// A busy picture of saturated colours.
private func busyPicture(width: Int, height: Int) -> RGBImage {
  var image = RGBImage(width: width, height: height)
  for y in 0..<height {
    for x in 0..<width {
      let first = 3 * (y * width + x)
      image.bytes[first] = UInt8((x * x + 3 * y) % 256)
      image.bytes[first + 1] = UInt8(5 * x * y % 256)
      image.bytes[first + 2] = UInt8((40 * abs(x - y) + 7 * x) % 256)
    }
  }
  return image
}

/// The sum of all bytes, each times its place counted from 1.
private func weightedSum(_ image: RGBImage) -> Int {
  image.bytes.enumerated().reduce(0) { $0 + ($1.offset + 1) * Int($1.element) }
}

private func meanDifference(_ a: RGBImage, _ b: RGBImage) -> Double {
  let sum = zip(a.bytes, b.bytes).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
  return Double(sum) / Double(a.bytes.count)
}

@Suite struct `JPEG loss` {
  // python, Pillow 13.0 with libjpeg-turbo 3.2: the picture above as a NumPy array, then
  // Image.fromarray(picture).save(file, "JPEG", quality=q, subsampling=2 or 0), and of
  // o = asarray(Image.open(file)).ravel(): ((arange(o.size) + 1) * o).sum().
  @Test(arguments: [
    (37, 29, 30, 642_381_216), (37, 29, 75, 641_572_416), (37, 29, 1, 626_965_198),
    (33, 2, 30, 2_040_648), (33, 2, 75, 2_053_576), (5, 9, 75, 664_846), (4, 9, 30, 378_319),
    (2, 33, 75, 1_595_793),
  ])
  func `is libjpeg's, byte for byte`(width: Int, height: Int, quality: Int, sum: Int) {
    let loss = JPEGLoss(quality: quality)
    #expect(weightedSum(loss.applied(to: busyPicture(width: width, height: height))) == sum)
  }

  @Test(arguments: [(95, 640_622_525), (100, 640_568_388), (50, 640_655_722)])
  func `is libjpeg's with all its colours too`(quality: Int, sum: Int) {
    let loss = JPEGLoss(quality: quality, subsampling: .none)
    #expect(weightedSum(loss.applied(to: busyPicture(width: 37, height: 29))) == sum)
  }

  @Test(arguments: JPEGLoss.Subsampling.allCases)
  func `grows as quality falls`(subsampling: JPEGLoss.Subsampling) {
    let picture = busyPicture(width: 64, height: 48)
    let losses = [100, 90, 75, 50, 25, 10].map { quality in
      let loss = JPEGLoss(quality: quality, subsampling: subsampling)
      return meanDifference(loss.applied(to: picture), picture)
    }
    #expect(losses == losses.sorted())
    #expect(losses[5] > losses[0] + 3)
    // With each pixel's colour and steps of one, only the change of colours is rounded.
    if subsampling == .none { #expect(losses[0] < 1) }
  }

  @Test func `keeps grey grey, and a flat picture flat`() {
    var picture = RGBImage(width: 20, height: 20)
    for index in picture.bytes.indices { picture.bytes[index] = UInt8(index / 3 % 20 * 12) }
    let grey = JPEGLoss(quality: 40).applied(to: picture).bytes
    for first in stride(from: 0, to: grey.count, by: 3) {
      #expect(grey[first] == grey[first + 1] && grey[first] == grey[first + 2])
    }
    let flat = RGBImage(width: 9, height: 5, bytes: Array(repeating: 77, count: 135))
    let kept = JPEGLoss(quality: 90).applied(to: flat).bytes
    #expect(Set(kept).count == 1 && abs(Int(kept[0]) - 77) <= 1)
  }

  @Test func `is the same for any thread count`() {
    let picture = busyPicture(width: 50, height: 70)
    let alone = JPEGLoss(quality: 60).applied(to: picture)
    for threadCount in 2...3 {
      #expect(JPEGLoss(quality: 60).applied(to: picture, threadCount: threadCount) == alone)
    }
    #expect(JPEGLoss(quality: 60).applied(to: RGBImage(width: 0, height: 3)).bytes.isEmpty)
  }
}
