// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import CZlib

/// Returns the CRC-32 of bytes, as in gzip and PNG (ISO 3309).
package func crc32(of bytes: [UInt8]) -> UInt32 {
  unsafe bytes.withUnsafeBufferPointer { buffer in
    UInt32(truncatingIfNeeded: unsafe crc32_z(0, buffer.baseAddress, buffer.count))
  }
}

/// Deflate compression (RFC 1951) in its three wrappings, through zlib.
///
/// The same bytes in give the same bytes out: gzip headers carry no time and no name.
package enum Zlib {
  /// The version of zlib.
  package static var library: LibraryVersion {
    LibraryVersion(
      name: "zlib", header: ZLIB_VERSION, loaded: unsafe String(cString: zlibVersion()))
  }

  /// The wrapping around a deflate stream.
  package enum Container: Sendable {
    /// A bare deflate stream (RFC 1951), as in ZIP entries.
    case raw
    /// Two header bytes and an Adler-32 (RFC 1950), as in PNG.
    case zlib
    /// A ten-byte header, a CRC-32 and the length (RFC 1952), as in SPZ 1 to 3.
    case gzip

    // zlib's own code for the wrapping: 15 is the 32 KiB window, 16 more asks for gzip.
    fileprivate var windowBits: Int32 {
      switch self {
      case .raw: -15
      case .zlib: 15
      case .gzip: 31
      }
    }
  }

  /// The most bytes that one compressed byte can stand for (zlib's technical notes).
  package static let largestRatio = 1032

  /// Inflates a whole stream and checks its checksum.
  ///
  /// - Parameters:
  ///   - bytes: the stream, and nothing after it.
  ///   - container: the wrapping.
  ///   - limit: the most bytes the result may have; memory grows with what was really inflated.
  ///   - file: the name used in errors.
  /// - Returns: the plain bytes.
  /// - Throws: `InputError` when the stream is damaged, ends early, passes `limit` or is followed
  ///   by other bytes.
  package static func decompress(
    _ bytes: Span<UInt8>, container: Container, limit: Int, file: String
  ) throws(InputError) -> [UInt8] {
    let inflated = try inflate(bytes, container: container, wanted: limit + 1, file: file)
    guard inflated.bytes.count <= limit else {
      throw InputError(
        file: file, field: "compressed stream", found: "more than \(limit) bytes inside",
        expected: "at most \(limit)")
    }
    guard inflated.reachedEnd else {
      throw InputError(
        file: file, field: "compressed stream",
        found: "its end after \(inflated.bytes.count) inflated bytes", expected: "a whole stream")
    }
    guard inflated.position == bytes.count else {
      throw InputError(
        file: file, field: "compressed stream",
        found: "\(bytes.count - inflated.position) bytes after its end", expected: "none")
    }
    return inflated.bytes
  }

  /// Inflates only the first `count` bytes, fewer where the stream has fewer.
  ///
  /// - Throws: `InputError` when the stream is damaged before that.
  package static func decompressPrefix(
    _ bytes: Span<UInt8>, container: Container, count: Int, file: String
  ) throws(InputError) -> [UInt8] {
    try inflate(bytes, container: container, wanted: count, file: file).bytes
  }

  /// Deflates bytes; `level` 1 is fast, 9 is small.
  package static func compress(
    _ bytes: Span<UInt8>, container: Container, level: Int32 = 6
  ) -> [UInt8] {
    precondition((1...9).contains(level), "zlib levels are 1...9")
    var stream = unsafe z_stream()
    let memoryLevel: Int32 = 8  // zlib's default
    let started = unsafe deflateInit2_(
      &stream, level, Z_DEFLATED, container.windowBits, memoryLevel, Z_DEFAULT_STRATEGY,
      ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(started == Z_OK, "zlib refused its own parameters")
    defer { unsafe deflateEnd(&stream) }
    var output: [UInt8] = []
    var status = Z_OK
    var position = 0
    while status != Z_STREAM_END {
      // zlib counts in 32 bits, so a long input goes in by pieces.
      let piece = min(bytes.count - position, pieceSize)
      let isLast = position + piece == bytes.count
      unsafe bytes.withUnsafeBufferPointer { input in
        unsafe stream.next_in = UnsafeMutablePointer(
          mutating: input.baseAddress.map { unsafe $0 + position })
        unsafe stream.avail_in = UInt32(piece)
        repeat {
          unsafe appendBlock(to: &output) { block in
            unsafe stream.next_out = block.baseAddress
            unsafe stream.avail_out = UInt32(block.count)
            status = unsafe deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
            return block.count - Int(unsafe stream.avail_out)
          }
        } while unsafe stream.avail_out == 0
      }
      position += piece
    }
    return output
  }

  private static let pieceSize = 1 << 30

  private static func inflate(
    _ bytes: Span<UInt8>, container: Container, wanted: Int, file: String
  ) throws(InputError) -> (bytes: [UInt8], reachedEnd: Bool, position: Int) {
    var stream = unsafe z_stream()
    let started = unsafe inflateInit2_(
      &stream, container.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(started == Z_OK, "zlib refused its own parameters")
    defer { unsafe inflateEnd(&stream) }
    var output: [UInt8] = []
    output.reserveCapacity(min(wanted, bytes.count))
    var status = Z_OK
    var position = 0
    while status == Z_OK && output.count < wanted {
      let piece = min(bytes.count - position, pieceSize)
      unsafe bytes.withUnsafeBufferPointer { input in
        unsafe stream.next_in = UnsafeMutablePointer(
          mutating: input.baseAddress.map { unsafe $0 + position })
        unsafe stream.avail_in = UInt32(piece)
        unsafe appendBlock(to: &output, atMost: wanted - output.count) { block in
          unsafe stream.next_out = block.baseAddress
          unsafe stream.avail_out = UInt32(block.count)
          status = unsafe CZlib.inflate(&stream, Z_NO_FLUSH)
          return block.count - Int(unsafe stream.avail_out)
        }
        position += piece - Int(unsafe stream.avail_in)
      }
    }
    // Z_BUF_ERROR says only that the input ran out.
    guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
      throw InputError(
        file: file, field: "compressed stream",
        found: "damage at byte \(position) of \(bytes.count)", expected: "a deflate stream")
    }
    return (output, status == Z_STREAM_END, position)
  }

  /// Appends what `fill` writes into a fresh block; `fill` returns the bytes written.
  private static func appendBlock(
    to output: inout [UInt8], atMost limit: Int = .max,
    _ fill: (UnsafeMutableBufferPointer<UInt8>) -> Int
  ) {
    let block = unsafe [UInt8](unsafeUninitializedCapacity: min(1 << 20, limit)) { block, count in
      count = unsafe fill(block)
    }
    output.append(contentsOf: block)
  }
}
