// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import COsmium
package import Files

/// The most bytes that packed XML may have when it is unpacked: 4 GiB.
private let plainByteLimit = 4 << 30

extension OSMMap {
  /// Reads a file of OpenStreetMap: PBF, or XML, plain or in gzip or bzip2.
  ///
  /// In this process: libosmium, expat, zlib and bzip2 see the bytes. Which kind it is the bytes
  /// say, not the name. Takes about 2 microseconds a node and some 100 bytes of memory.
  ///
  /// - Throws: `InputError` for a file that is missing, truncated, of another kind or version, that
  ///   declares XML entities or passes a limit.
  package init(readingInProcess path: String) throws(InputError) {
    try self.init(stream: OSMStream.read(path), file: path)
  }
}

extension OSMStream {
  /// Reads a file into the stream of `cosmium.h`, for `OSMMap.init(stream:file:)`.
  package static func read(_ path: String) throws(InputError) -> [UInt8] {
    let bytes = try readFile(path)
    return try parse(bytes, file: path)
  }

  /// Parses the bytes of a file.
  static func parse(_ bytes: [UInt8], file: String) throws(InputError) -> [UInt8] {
    var result = unsafe cosmium_result()
    defer { unsafe cosmium_free(&result) }
    let isRead = unsafe bytes.withUnsafeBufferPointer { buffer in
      // An empty array has no address; no byte is read then.
      guard let start = buffer.baseAddress else { return Int32(0) }
      return unsafe cosmium_read(start, buffer.count, plainByteLimit, &result)
    }
    guard isRead == 1, let start = unsafe result.bytes else {
      let message = unsafe withUnsafeBytes(of: result.message) { text in
        unsafe String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
      }
      throw InputError(
        file: file, field: "map", found: bytes.isEmpty ? "nothing" : message,
        expected: "OpenStreetMap data as PBF or XML of version 0.6")
    }
    return unsafe Array(UnsafeBufferPointer(start: start, count: result.count))
  }
}
