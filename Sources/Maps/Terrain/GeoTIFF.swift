// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import CTIFF
package import Files
import Foundation

extension HeightRaster {
  /// Reads a GeoTIFF of heights: one band of 16- or 32-bit integers or floats, in strips or tiles,
  /// packed in any way that libtiff knows.
  ///
  /// The first picture of the file counts. Where the samples lie is said by a tie point and a
  /// pixel's size or by a matrix without rotation, in which system by GeoKeys; a void by
  /// GDAL's own tag.
  ///
  /// Source: OGC 19-008r4, "GeoTIFF Standard" 1.1.
  /// - Throws: `InputError` for a file that is no such TIFF, is damaged, is turned against its
  ///   system, or does not say where it lies.
  package init(readingGeoTIFF path: String) throws(InputError) {
    let file = try TIFFFile(path)
    let layout = try file.layout()
    let place = try file.placement()
    let keys = try file.geoKeys()
    guard let definition = keys.definition else {
      throw file.wrong("GeoKeys", "no coordinate system that is known", "a code of EPSG's")
    }
    let void = file.voidValue
    let heights = try file.samples(layout).map { $0 == void || !$0.isFinite ? Float.nan : $0 }
    self.init(
      size: (layout.width, layout.height), northWest: place.northWest, step: place.step,
      system: (definition, keys.metresPerHeightUnit), heights: heights)
  }
}

/// An open TIFF.
@safe private final class TIFFFile {
  /// How the samples lie in the file.
  struct Layout {
    var width: Int
    var height: Int
    /// The size of a tile; a strip is as wide as the picture.
    var blockWidth: Int
    var blockHeight: Int
    var isTiled: Bool
    /// The bytes of a sample, 2 or 4.
    var sampleBytes: Int
    var format: Int32
  }

  private let path: String
  private let file: OpaquePointer

  /// The most samples that are read: a gigabyte of floats.
  private static let mostSamples = 1 << 28
  /// The most plain bytes that a packed one stands for; deflate reaches 1,032, LZW more.
  private static let largestRatio = 4096

  private enum Tag {
    static let pixelScale: UInt32 = 33_550
    static let tiePoint: UInt32 = 33_922
    static let matrix: UInt32 = 34_264
    static let directory: UInt32 = 34_735
    static let doubles: UInt32 = 34_736
    static let void: UInt32 = 42_113
  }

  init(_ path: String) throws(InputError) {
    self.path = path
    ctiff_be_silent()
    // A folder or a device is named by what reads every other file; libtiff says only "no".
    guard kind(ofPath: path) == .file else {
      throw InputError(file: path, field: "file", found: "no file", expected: "a GeoTIFF")
    }
    guard let file = unsafe TIFFOpen(path, "r") else {
      throw InputError(
        file: path, field: "header", found: "no TIFF that libtiff opens", expected: "a GeoTIFF")
    }
    unsafe self.file = file
  }

  deinit { unsafe TIFFClose(file) }

  func wrong(_ field: String, _ found: String, _ expected: String) -> InputError {
    InputError(file: path, field: field, found: found, expected: expected)
  }

  func layout() throws(InputError) -> Layout {
    let width = unsafe Int(ctiff_long(file, UInt32(TIFFTAG_IMAGEWIDTH)))
    let height = unsafe Int(ctiff_long(file, UInt32(TIFFTAG_IMAGELENGTH)))
    let bands = unsafe ctiff_short(file, UInt32(TIFFTAG_SAMPLESPERPIXEL))
    let bits = unsafe ctiff_short(file, UInt32(TIFFTAG_BITSPERSAMPLE))
    let format = unsafe Int32(ctiff_short(file, UInt32(TIFFTAG_SAMPLEFORMAT)))
    let isInteger = format == SAMPLEFORMAT_INT || format == SAMPLEFORMAT_UINT
    guard bands == 1,
      isInteger && (bits == 16 || bits == 32) || format == SAMPLEFORMAT_IEEEFP && bits == 32
    else {
      throw wrong(
        "samples", "\(bands) of \(bits) bits, format \(format)",
        "one band of 16- or 32-bit integers or 32-bit floats")
    }
    let isTiled = unsafe TIFFIsTiled(file) != 0
    let rows = unsafe Int(ctiff_long(file, UInt32(TIFFTAG_ROWSPERSTRIP)))
    let blockWidth = isTiled ? unsafe Int(ctiff_long(file, UInt32(TIFFTAG_TILEWIDTH))) : width
    let blockHeight =
      isTiled
      ? unsafe Int(ctiff_long(file, UInt32(TIFFTAG_TILELENGTH)))
      : rows == 0 ? height : min(rows, height)
    let plain = width.multipliedReportingOverflow(by: height)
    guard width > 0, height > 0, !plain.overflow, plain.partialValue <= Self.mostSamples,
      plain.partialValue <= (try fileSize(path)) * Self.largestRatio,
      (1...Self.mostSamples).contains(blockWidth), (1...Self.mostSamples).contains(blockHeight),
      blockWidth <= Self.mostSamples / blockHeight
    else {
      throw wrong(
        "size", "\(width) x \(height) samples in blocks of \(blockWidth) x \(blockHeight)",
        "at most \(Self.mostSamples), and no more than the file can hold")
    }
    return Layout(
      width: width, height: height, blockWidth: blockWidth, blockHeight: blockHeight,
      isTiled: isTiled, sampleBytes: Int(bits) / 8, format: format)
  }

  /// All samples, row-major.
  func samples(_ layout: Layout) throws(InputError) -> [Float] {
    let blockBytes = layout.blockWidth * layout.blockHeight * layout.sampleBytes
    var block = [UInt8](repeating: 0, count: blockBytes)
    var samples = [Float](repeating: .nan, count: layout.width * layout.height)
    let across = (layout.width + layout.blockWidth - 1) / layout.blockWidth
    let down = (layout.height + layout.blockHeight - 1) / layout.blockHeight
    for index in 0..<across * down {
      let top = index / across * layout.blockHeight
      let left = index % across * layout.blockWidth
      let rows = min(layout.blockHeight, layout.height - top)
      let columns = min(layout.blockWidth, layout.width - left)
      let count = unsafe block.withUnsafeMutableBytes { buffer in
        unsafe layout.isTiled
          ? TIFFReadEncodedTile(file, UInt32(index), buffer.baseAddress, tmsize_t(buffer.count))
          : TIFFReadEncodedStrip(file, UInt32(index), buffer.baseAddress, tmsize_t(buffer.count))
      }
      guard count >= rows * layout.blockWidth * layout.sampleBytes else {
        throw wrong(
          layout.isTiled ? "tile \(index)" : "strip \(index)", "\(max(count, 0)) bytes",
          "\(blockBytes), sound")
      }
      for row in 0..<rows {
        for column in 0..<columns {
          samples[(top + row) * layout.width + left + column] = Self.sample(
            block, (row * layout.blockWidth + column) * layout.sampleBytes, layout)
        }
      }
    }
    return samples
  }

  /// A sample; libtiff has brought its bytes into this machine's order.
  private static func sample(_ bytes: [UInt8], _ offset: Int, _ layout: Layout) -> Float {
    var word: UInt32 = 0
    for index in (0..<layout.sampleBytes).reversed() {
      word = word << 8 | UInt32(bytes[offset + index])
    }
    switch (layout.format, layout.sampleBytes) {
    case (SAMPLEFORMAT_IEEEFP, _): return Float(bitPattern: word)
    case (SAMPLEFORMAT_INT, 2): return Float(Int16(truncatingIfNeeded: word))
    case (SAMPLEFORMAT_INT, _): return Float(Int32(bitPattern: word))
    default: return Float(word)
    }
  }

  /// Where the north-western sample lies, and how far the next ones are.
  func placement() throws(InputError) -> (northWest: SIMD2<Double>, step: SIMD2<Double>) {
    // A sample stands for a square, whose corner the numbers mean, unless the keys say otherwise.
    let shift = try isPointRaster() ? 0.0 : 0.5
    if let matrix = doubles(Tag.matrix), matrix.count == 16 {
      guard matrix[1] == 0, matrix[4] == 0, matrix[0] != 0, matrix[5] != 0 else {
        throw wrong("ModelTransformation", "a turned picture", "one along its system's axes")
      }
      let step = SIMD2(matrix[0], matrix[5])
      return try checked(SIMD2(matrix[3], matrix[7]) + step * shift, step)
    }
    guard let scale = doubles(Tag.pixelScale), scale.count >= 2, scale[0] > 0, scale[1] > 0,
      let tie = doubles(Tag.tiePoint), tie.count >= 6
    else {
      throw wrong(
        "ModelPixelScale and ModelTiepoint", "none", "where on the earth the heights lie")
    }
    let step = SIMD2(scale[0], -scale[1])
    return try checked(SIMD2(tie[3], tie[4]) + (shift - SIMD2(tie[0], tie[1])) * step, step)
  }

  private func checked(
    _ corner: SIMD2<Double>, _ step: SIMD2<Double>
  ) throws(InputError) -> (northWest: SIMD2<Double>, step: SIMD2<Double>) {
    guard corner.x.isFinite, corner.y.isFinite, step.x.isFinite, step.y.isFinite else {
      throw wrong("ModelTiepoint", "NaN or infinity", "finite numbers")
    }
    return (corner, step)
  }

  func geoKeys() throws(InputError) -> GeoKeys {
    GeoKeys(directory: try keyDirectory(), doubles: doubles(Tag.doubles) ?? [])
  }

  private func isPointRaster() throws(InputError) -> Bool {
    let directory = try keyDirectory()
    return stride(from: 4, to: directory.count - 3, by: 4).contains {
      directory[$0] == 1025 && directory[$0 + 1] == 0 && directory[$0 + 3] == 2
    }
  }

  private func keyDirectory() throws(InputError) -> [UInt16] {
    var count: UInt32 = 0
    guard let values = unsafe ctiff_values(file, Tag.directory, TIFF_SHORT, &count) else {
      throw wrong("GeoKeyDirectory", "none", "the keys of a GeoTIFF")
    }
    return unsafe Array(
      UnsafeBufferPointer(
        start: values.assumingMemoryBound(to: UInt16.self), count: Int(count)))
  }

  private func doubles(_ tag: UInt32) -> [Double]? {
    var count: UInt32 = 0
    guard let values = unsafe ctiff_values(file, tag, TIFF_DOUBLE, &count) else { return nil }
    return unsafe Array(
      UnsafeBufferPointer(
        start: values.assumingMemoryBound(to: Double.self), count: Int(count)))
  }

  /// The value that means that nobody knows; nil without one.
  var voidValue: Float? {
    var count: UInt32 = 0
    guard let text = unsafe ctiff_values(file, Tag.void, TIFF_ASCII, &count) else { return nil }
    let letters = unsafe UnsafeRawBufferPointer(start: text, count: Int(count)).prefix { $0 != 0 }
    return Float(
      unsafe String(decoding: Array(letters), as: UTF8.self).trimmingCharacters(in: .whitespaces))
  }
}
