// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Images
import Parallel

/// What a picture loses by being written as a JPEG file and read again.
///
/// JPEG's entropy code loses nothing, so it is left out and no file is made: what remains is the
/// change to YCbCr, the thinning of the colours, and the rounding of each 8 x 8 block's cosine
/// transform. All of it is the integer arithmetic of libjpeg's defaults ("islow", "fancy
/// upsampling"), so that the result is, byte for byte, what libjpeg and libjpeg-turbo give back.
///
/// Sources: ITU-T T.81, annexes A and K; ITU-T T.871 (JFIF) for the colours; the quality scale is
/// that of the Independent JPEG Group.
package struct JPEGLoss: Equatable, Sendable {
  /// How many pixels share a colour.
  package enum Subsampling: String, CaseIterable, Sendable {
    /// Each pixel has its own: 4:4:4.
    case none
    /// Two by two pixels share one: 4:2:0.
    case quarter
  }

  /// The quality, 1...100; at 100 every coefficient is rounded to a whole number.
  package var quality: Int
  /// How many pixels share a colour.
  package var subsampling: Subsampling

  /// Makes the loss of a quality.
  package init(quality: Int, subsampling: Subsampling = .quarter) {
    precondition((1...100).contains(quality), "a JPEG's quality is 1 to 100, not \(quality)")
    self.quality = quality
    self.subsampling = subsampling
  }

  /// Returns the picture after writing and reading; the same bytes for any thread count.
  package func applied(to image: RGBImage, threadCount: Int = 1) -> RGBImage {
    guard image.width > 0, image.height > 0 else { return image }
    let edge = subsampling == .none ? 8 : 16
    let (width, height) = (roundedUp(image.width, edge), roundedUp(image.height, edge))
    var planes = (0..<3).map { JPEGPlane(of: image, component: $0, width: width, height: height) }
    if subsampling == .quarter {
      for component in 1...2 { planes[component] = planes[component].halved(rows: image.height) }
    }
    for component in 0..<3 {
      let steps = Self.steps(component == 0 ? Self.luminance : Self.chrominance, quality: quality)
      planes[component].round(toSteps: steps, threadCount: threadCount)
    }
    if subsampling == .quarter {
      let (columns, rows) = ((image.width + 1) / 2, (image.height + 1) / 2)
      for component in 1...2 {
        planes[component] = planes[component].doubled(columns: columns, rows: rows)
      }
    }
    return Self.image(of: planes, width: image.width, height: image.height)
  }

  private func roundedUp(_ count: Int, _ edge: Int) -> Int { (count + edge - 1) / edge * edge }

  /// The picture of three planes of Y, Cb and Cr.
  private static func image(of planes: [JPEGPlane], width: Int, height: Int) -> RGBImage {
    var image = RGBImage(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width {
        let (red, green, blue) = JPEGColour.rgb(
          Int32(planes[0].values[y * planes[0].width + x]),
          Int32(planes[1].values[y * planes[1].width + x]) - 128,
          Int32(planes[2].values[y * planes[2].width + x]) - 128)
        let first = 3 * (y * width + x)
        (image.bytes[first], image.bytes[first + 1], image.bytes[first + 2]) = (red, green, blue)
      }
    }
    return image
  }

  /// The steps to which coefficients are rounded, row-major.
  private static func steps(_ base: [Int32], quality: Int) -> [Int32] {
    let percent = Int32(quality < 50 ? 5000 / quality : 200 - 2 * quality)
    return base.map { min(max(($0 * percent + 50) / 100, 1), 255) }
  }

  /// T.81, table K.1.
  private static let luminance: [Int32] = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
  ]
  /// T.81, table K.2.
  private static let chrominance: [Int32] = [
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,
    24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
  ]
}

/// The colours of JFIF in 16-bit fixed point, rounded as libjpeg does.
enum JPEGColour {
  /// Y, Cb or Cr of an sRGB colour, for the components 0, 1 and 2.
  static func component(_ component: Int, _ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
    let (r, g, b) = (Int32(red), Int32(green), Int32(blue))
    let half: Int32 = 1 << 15
    let sum: Int32
    switch component {
    case 0: sum = 19595 * r + 38470 * g + 7471 * b + half
    case 1: sum = -11059 * r - 21709 * g + 32768 * b + 128 << 16 + half - 1
    default: sum = 32768 * r - 27439 * g - 5329 * b + 128 << 16 + half - 1
    }
    return UInt8(truncatingIfNeeded: sum >> 16)
  }

  /// The sRGB colour of Y, and of Cb and Cr less 128.
  static func rgb(_ y: Int32, _ cb: Int32, _ cr: Int32) -> (UInt8, UInt8, UInt8) {
    let half: Int32 = 1 << 15
    func byte(_ value: Int32) -> UInt8 { UInt8(min(max(value, 0), 255)) }
    return (
      byte(y + (91881 * cr + half) >> 16), byte(y + (-22554 * cb - 46802 * cr + half) >> 16),
      byte(y + (116130 * cb + half) >> 16)
    )
  }
}
