// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Images

/// Converts sRGB samples to planar Y'CbCr 4:2:0, in integers, so that every machine agrees.
///
/// The matrix is ITU-R BT.601 in limited range (Y' 16...235, Cb and Cr 16...240): the one that
/// decoders assume when they ignore the stream's tag, so that no reader sees shifted colours. A
/// chroma sample is the rounded mean of its 2x2 block (centred siting). Both sides must be even.
///
/// Returns the Y' plane [height x width], then Cb and Cr [height/2 x width/2], without padding.
/// Cost: one pass; 4.5 bytes moved and five multiplications a pixel.
package func planarYCbCr(_ image: RGBImage) -> [UInt8] {
  let (width, height) = (image.width, image.height)
  precondition(width % 2 == 0 && height % 2 == 0, "4:2:0 needs even image sides")
  let pixels = width * height
  return unsafe [UInt8](unsafeUninitializedCapacity: pixels * 3 / 2) { planes, count in
    count = pixels * 3 / 2
    unsafe image.bytes.withUnsafeBufferPointer { rgb in
      guard let input = rgb.baseAddress, let luma = planes.baseAddress else { return }
      for row in stride(from: 0, to: height, by: 2) {
        let blue = unsafe luma + pixels + row / 2 * (width / 2)
        let pair = unsafe RowPair(
          top: input + row * width * 3, luma: luma + row * width, blue: blue,
          red: blue + pixels / 4, width: width)
        unsafe pair.convert()
      }
    }
  }
}

/// Two rows of samples and their places in the planes; valid while both arrays are borrowed.
///
/// Plain pointers because every index is below `width` by construction, and checked spans take
/// three times as long here.
@unsafe private struct RowPair {
  let top: UnsafePointer<UInt8>
  let luma: UnsafeMutablePointer<UInt8>
  let blue: UnsafeMutablePointer<UInt8>
  let red: UnsafeMutablePointer<UInt8>
  let width: Int

  func convert() {
    for block in unsafe 0..<width / 2 {
      let left = unsafe top + block * 6
      let below = unsafe left + width * 3
      let (a, b) = unsafe (Samples(left), Samples(left + 3))
      let (c, d) = unsafe (Samples(below), Samples(below + 3))
      unsafe luma[block * 2] = a.luma
      unsafe luma[block * 2 + 1] = b.luma
      unsafe luma[width + block * 2] = c.luma
      unsafe luma[width + block * 2 + 1] = d.luma
      let sum = Samples(
        red: a.red &+ b.red &+ c.red &+ d.red, green: a.green &+ b.green &+ c.green &+ d.green,
        blue: a.blue &+ b.blue &+ c.blue &+ d.blue)
      unsafe blue[block] = sum.blueChroma
      unsafe red[block] = sum.redChroma
    }
  }
}

/// The three samples of a pixel, or their sums over four, and the rows of the BT.601 matrix.
///
/// The weights are times 2^16 and take full-range R'G'B' to limited range: luma is 219/255 of
/// (0.299, 0.587, 0.114); each chroma row sums to zero, so that grey stays grey.
private struct Samples {
  var red: Int32
  var green: Int32
  var blue: Int32

  init(red: Int32, green: Int32, blue: Int32) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  @inline(__always) init(_ rgb: UnsafePointer<UInt8>) {
    unsafe self.init(red: Int32(rgb[0]), green: Int32(rgb[1]), blue: Int32(rgb[2]))
  }

  /// The rounded Y' of one pixel.
  var luma: UInt8 {
    let scaled = 16829 &* red &+ 33039 &* green &+ 6416 &* blue &+ (16 << 16 | 1 << 15)
    return UInt8(truncatingIfNeeded: scaled >> 16)
  }

  /// The rounded Cb of the sum of four pixels.
  var blueChroma: UInt8 {
    let scaled = 28784 &* blue &- 9714 &* red &- 19070 &* green &+ (128 << 18 | 1 << 17)
    return UInt8(truncatingIfNeeded: scaled >> 18)
  }

  /// The rounded Cr of the sum of four pixels.
  var redChroma: UInt8 {
    let scaled = 28784 &* red &- 24103 &* green &- 4681 &* blue &+ (128 << 18 | 1 << 17)
    return UInt8(truncatingIfNeeded: scaled >> 18)
  }
}
