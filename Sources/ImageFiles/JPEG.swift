// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import CJPEG
package import Files
package import Images

/// Photographs as JPEG files, by libjpeg-turbo; read only.
package enum JPEG {
  /// The version of libjpeg-turbo; the library cannot say its own, so the header's stands for both.
  package static var library: LibraryVersion {
    let version = Int(cjpeg_version())
    let text = "\(version / 1_000_000).\(version / 1000 % 1000).\(version % 1000)"
    return LibraryVersion(name: "libjpeg-turbo", header: text, loaded: text)
  }

  /// Decodes grey or colour; the same bytes on any processor.
  ///
  /// - Throws: `InputError` for a file that is damaged or cut off, even where libjpeg would paint
  ///   over it, one of another colour space, or one over `edgeLimit` pixels a side.
  package static func decode(
    _ bytes: [UInt8], file: String, edgeLimit: Int
  ) throws(InputError) -> RGBImage {
    var picture = cjpeg_picture()
    func damaged() -> InputError {
      InputError(
        file: file, field: "JPEG", found: unsafe String(cString: cjpeg_message(&picture)),
        expected: "a whole JPEG image, grey or colour")
    }
    guard unsafe cjpeg_decode(bytes, bytes.count, &picture, nil) == 1 else { throw damaged() }
    let (width, height) = (Int(picture.width), Int(picture.height))
    guard (1...edgeLimit).contains(width), (1...edgeLimit).contains(height) else {
      throw InputError(
        file: file, field: "JPEG", found: "\(width) x \(height) pixels",
        expected: "1 to \(edgeLimit) pixels a side")
    }
    let byteCount = width * height * 3
    guard byteCount / largestRatio <= bytes.count else {
      throw InputError(
        file: file, field: "JPEG", found: "\(width) x \(height) pixels in \(bytes.count) bytes",
        expected: "at least \(byteCount / largestRatio) bytes")
    }
    let samples = unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
      let done = unsafe cjpeg_decode(bytes, bytes.count, &picture, buffer.baseAddress) == 1
      count = done ? byteCount : 0
    }
    guard samples.count == byteCount else { throw damaged() }
    return RGBImage(width: width, height: height, bytes: samples)
  }

  /// The most bytes of samples that one byte of a file can stand for: 16 x 16 pixels with colour at
  /// half the size are six blocks, each of which has at least one bit.
  private static let largestRatio = 1024
}
