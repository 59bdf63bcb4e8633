// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
package import Images

/// The pictures that other people's files bring with them, in whatever form.
package enum Picture {
  /// Decodes a PNG or JPEG file of any colours to 8-bit RGB; what is known by its first bytes.
  ///
  /// Palettes, greys and 16-bit samples become RGB. Alpha has a byte a pixel, row-major, and is nil
  /// where all is opaque; colours are not multiplied by it.
  ///
  /// - Throws: `InputError` for any other kind of file, a damaged one, or one over `edgeLimit`
  ///   pixels a side.
  package static func decode(
    _ bytes: [UInt8], file: String, edgeLimit: Int
  ) throws(InputError) -> (colour: RGBImage, alpha: [UInt8]?) {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
      return try PNG.decodeAny(bytes, file: file, edgeLimit: edgeLimit)
    }
    if bytes.starts(with: [0xFF, 0xD8]) {
      return (try JPEG.decode(bytes, file: file, edgeLimit: edgeLimit), nil)
    }
    throw InputError(
      file: file, field: "picture", found: "other bytes", expected: "a PNG or a JPEG file")
  }
}
