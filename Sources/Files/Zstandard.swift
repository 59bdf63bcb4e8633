// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import CZstd

/// Zstandard compression (RFC 8878), one frame at a time, on the calling thread.
package enum Zstandard {
  /// The version of zstd.
  package static var library: LibraryVersion {
    let header = [ZSTD_VERSION_MAJOR, ZSTD_VERSION_MINOR, ZSTD_VERSION_RELEASE]
    return LibraryVersion(
      name: "zstd", header: header.map(String.init).joined(separator: "."),
      loaded: unsafe String(cString: ZSTD_versionString()))
  }

  /// The most bytes that one compressed byte can stand for: a 128 KiB run in a 4-byte block.
  package static let largestRatio = 32_768

  /// Decompresses one frame, or several one after the other.
  ///
  /// - Parameters:
  ///   - bytes: the frames, and nothing after them.
  ///   - limit: the most bytes the result may have; memory grows with what was really decoded.
  ///   - file: the name used in errors.
  ///   - field: the part of the file used in errors.
  /// - Returns: the plain bytes.
  /// - Throws: `InputError` when a frame is damaged, ends early or passes `limit`.
  package static func decompress(
    _ bytes: Span<UInt8>, limit: Int, file: String, field: String = "zstd stream"
  ) throws(InputError) -> [UInt8] {
    guard let context = unsafe ZSTD_createDCtx() else {
      preconditionFailure("zstd has no memory for a context")
    }
    defer { unsafe ZSTD_freeDCtx(context) }
    if let plain = unsafe decompressAtOnce(bytes, size: limit, context) { return plain }
    var output: [UInt8] = []
    var position = 0
    var owed = 1
    while position < bytes.count || owed != 0 {
      let before = position
      let block = unsafe [UInt8](
        unsafeUninitializedCapacity: min(1 << 20, limit + 1 - output.count)
      ) { target, written in
        unsafe bytes.withUnsafeBytes { source in
          var input = unsafe ZSTD_inBuffer(
            src: source.baseAddress, size: source.count, pos: position)
          var room = unsafe ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
          owed = unsafe ZSTD_decompressStream(context, &room, &input)
          position = unsafe input.pos
          written = unsafe room.pos
        }
      }
      output.append(contentsOf: block)
      guard ZSTD_isError(owed) == 0 else {
        let reason = unsafe String(cString: ZSTD_getErrorName(owed)).lowercased()
        throw InputError(file: file, field: field, found: reason, expected: "a zstd frame")
      }
      guard output.count <= limit else {
        throw InputError(
          file: file, field: field, found: "more than \(limit) bytes inside",
          expected: "at most \(limit)")
      }
      guard !block.isEmpty || position > before || owed == 0 else {
        throw InputError(
          file: file, field: field, found: "its end after \(output.count) decoded bytes",
          expected: "a whole frame")
      }
    }
    return output
  }

  /// Decompresses what says that it has exactly `size` plain bytes; nil where it does not, or not
  /// rightly.
  ///
  /// Fast path: into memory taken once, of which the compressed bytes can fill the whole.
  private static func decompressAtOnce(
    _ bytes: Span<UInt8>, size: Int, _ context: OpaquePointer
  ) -> [UInt8]? {
    guard size > 0, size / largestRatio <= bytes.count else { return nil }
    return unsafe bytes.withUnsafeBytes { source in
      guard unsafe ZSTD_getFrameContentSize(source.baseAddress, source.count) == UInt64(size)
      else { return nil }
      var isWhole = false
      let plain = unsafe [UInt8](unsafeUninitializedCapacity: size) { target, count in
        let written = unsafe ZSTD_decompressDCtx(
          context, target.baseAddress, target.count, source.baseAddress, source.count)
        isWhole = written == size
        count = isWhole ? size : 0
      }
      return isWhole ? plain : nil
    }
  }

  /// Compresses bytes into one frame that states its length and carries no checksum.
  ///
  /// Level 1 is fast, 19 is small; 3 is zstd's default.
  package static func compress(_ bytes: Span<UInt8>, level: Int32 = 3) -> [UInt8] {
    precondition((1...19).contains(level), "zstd levels are 1...19")
    let bound = ZSTD_compressBound(bytes.count)
    return unsafe [UInt8](unsafeUninitializedCapacity: bound) { target, count in
      let written = unsafe bytes.withUnsafeBytes { source in
        unsafe ZSTD_compress(
          target.baseAddress, target.count, source.baseAddress, source.count, level)
      }
      precondition(ZSTD_isError(written) == 0, "zstd failed within its own bound")
      count = written
    }
  }
}
