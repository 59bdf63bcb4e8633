// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import CWebP
package import Files

/// Pictures as WebP files, by libwebp; read only.
package enum WebP {
  /// The version of libwebp.
  package static var library: LibraryVersion {
    func text(_ version: Int32) -> String {
      "\(version >> 16).\(version >> 8 & 255).\(version & 255)"
    }
    // The headers state no version of their own, only that of the interface, which must fit.
    let loaded = text(WebPGetDecoderVersion())
    return LibraryVersion(name: "libwebp", header: loaded, loaded: loaded)
  }

  /// Decodes the samples of a picture: red, green, blue, alpha, [height x width x 4].
  ///
  /// Of a lossless file they are those that were stored, whatever their alpha.
  ///
  /// - Parameters:
  ///   - bytes: the file.
  ///   - file: the name used in errors.
  ///   - edgeLimit: the most pixels a side; WebP has at most 16383.
  /// - Returns: the size in pixels, and the samples.
  /// - Throws: `InputError` for a file that is damaged or too large.
  package static func decodeRGBA(
    _ bytes: [UInt8], file: String, edgeLimit: Int = 16_383
  ) throws(InputError) -> (width: Int, height: Int, samples: [UInt8]) {
    var (columns, rows): (Int32, Int32) = (0, 0)
    guard unsafe WebPGetInfo(bytes, bytes.count, &columns, &rows) != 0 else {
      throw InputError(
        file: file, field: "WebP", found: "no header of one", expected: "a WebP picture")
    }
    let (width, height) = (Int(columns), Int(rows))
    guard (1...edgeLimit).contains(width), (1...edgeLimit).contains(height) else {
      throw InputError(
        file: file, field: "WebP", found: "\(width) x \(height) pixels",
        expected: "1 to \(edgeLimit) pixels a side")
    }
    let size = width * height * 4
    let samples = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      let done =
        unsafe WebPDecodeRGBAInto(bytes, bytes.count, buffer.baseAddress, size, Int32(width * 4))
      count = unsafe done == nil ? 0 : size
    }
    guard samples.count == size else {
      throw InputError(
        file: file, field: "WebP", found: "damaged or cut off", expected: "a whole picture")
    }
    return (width, height, samples)
  }
}
