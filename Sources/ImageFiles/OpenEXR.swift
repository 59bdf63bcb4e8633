// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Images

/// Images of 32-bit numbers as OpenEXR files: one part, scan lines, not compressed.
///
///     bytes     content
///     8         the magic number 20000630 and the version 2, each a 32-bit integer
///               attributes: name, 0, type, 0, the value's size, the value; after the last a 0
///     8 h       the offset of each line in the file
///     h lines   y, the bytes that follow, then each channel's w numbers
///
/// All is little-endian. Channels stand in the order of their names, as the format wants it; their
/// type is FLOAT or UINT, so no bit is lost. Written here, and not by the C++ library, because this
/// part of the format is no longer than a shim would be.
///
/// Source: "OpenEXR File Layout" and "Technical Introduction to OpenEXR", openexr.com.
package enum OpenEXR {
  /// Encodes floats, [height x width x names.count], a channel for each name.
  package static func encode(_ values: [Float], width: Int, names: [String]) -> [UInt8] {
    encode(values.map(\.bitPattern), type: .float, width: width, names: names)
  }

  /// Encodes whole numbers, [height x width], as one channel.
  package static func encode(_ image: LabelImage, name: String) -> [UInt8] {
    encode(image.ids, type: .uint, width: image.width, names: [name])
  }

  private enum PixelType: UInt32 {
    case uint = 0
    case float = 2
  }

  private static func encode(
    _ words: [UInt32], type: PixelType, width: Int, names: [String]
  ) -> [UInt8] {
    precondition(width > 0 && !words.isEmpty, "an image has a pixel")
    precondition(words.count % (width * names.count) == 0, "every pixel has all channels")
    let height = words.count / (width * names.count)
    let order = names.indices.sorted { names[$0] < names[$1] }
    var file = header(width: width, height: height, names: order.map { names[$0] }, type: type)
    let lineSize = width * names.count * 4
    let first = file.count + 8 * height
    for y in 0..<height {
      append(UInt64(first + y * (8 + lineSize)), to: &file)
    }
    var lines: [UInt32] = []
    lines.reserveCapacity(height * (2 + width * names.count))
    for y in 0..<height {
      lines.append(UInt32(y).littleEndian)
      lines.append(UInt32(lineSize).littleEndian)
      for channel in order {
        for x in 0..<width {
          lines.append(words[(y * width + x) * names.count + channel].littleEndian)
        }
      }
    }
    return unsafe file + lines.withUnsafeBytes { unsafe Array($0) }
  }

  private static func header(
    width: Int, height: Int, names: [String], type: PixelType
  ) -> [UInt8] {
    var file: [UInt8] = []
    append(UInt32(20_000_630), to: &file)
    append(UInt32(2), to: &file)
    func attribute(_ name: String, _ typeName: String, _ value: [UInt8]) {
      file += Array(name.utf8) + [0] + Array(typeName.utf8) + [0]
      append(UInt32(value.count), to: &file)
      file += value
    }
    var channels: [UInt8] = []
    for name in names {
      channels += Array(name.utf8) + [0]
      // The type, whether eyes see it as linear (and three empty bytes), a sample each pixel.
      for word in [type.rawValue, 0, 1, 1] { append(word, to: &channels) }
    }
    var window: [UInt8] = []
    for edge in [0, 0, width - 1, height - 1] { append(UInt32(edge), to: &window) }
    var one: [UInt8] = []
    append(Float(1).bitPattern, to: &one)
    attribute("channels", "chlist", channels + [0])
    attribute("compression", "compression", [0])
    attribute("dataWindow", "box2i", window)
    attribute("displayWindow", "box2i", window)
    attribute("lineOrder", "lineOrder", [0])
    attribute("pixelAspectRatio", "float", one)
    attribute("screenWindowCenter", "v2f", Array(repeating: 0, count: 8))
    attribute("screenWindowWidth", "float", one)
    return file + [0]
  }

  private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
    for byte in 0..<value.bitWidth / 8 {
      bytes.append(UInt8(truncatingIfNeeded: value >> (8 * byte)))
    }
  }
}
