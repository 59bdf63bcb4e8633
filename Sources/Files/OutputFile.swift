// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A file that is written piece by piece; it keeps its name only when it was finished.
///
/// Use `publishFile` for what fits in memory and must never be seen half-written; use this for
/// large files in a folder that is published as a whole.
package struct OutputFile: ~Copyable {
  private let path: String
  private let descriptor: Int32
  private var isFinished = false

  /// Creates the file, or empties it.
  ///
  /// - Throws: `InputError` naming the path when it cannot be created.
  package init(path: String) throws(InputError) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw systemError(path, "create") }
    self.path = path
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
    if !isFinished { _ = unsafe unlink(path) }
  }

  /// Appends bytes.
  ///
  /// - Throws: `InputError` when the disk is full; the file is removed with its owner.
  package mutating func write(_ bytes: [UInt8]) throws(InputError) {
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes[written...].withUnsafeBytes { buffer in
        unsafe Foundation.write(descriptor, buffer.baseAddress, buffer.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw systemError(path, "write") }
      written += count
    }
  }

  /// Flushes the file and its name in its folder to the disk, and keeps it.
  package consuming func finish() throws(InputError) {
    guard fsync(descriptor) == 0 else { throw systemError(path, "flush") }
    isFinished = true
    try synchronizeFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
  }
}
