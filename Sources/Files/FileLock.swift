// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Keeps a folder to one process at a time, until the last copy of the lock is gone.
///
/// The system drops the lock when the process ends in whatever way, so a kill leaves nothing to
/// clean up but an empty file.
package final class FileLock: Sendable {
  /// What to do where another owner holds the lock.
  package enum WhenHeld: Sendable {
    /// Throw at once.
    case fail
    /// Block the calling thread until the owner lets go or ends.
    case wait
  }

  private let descriptor: Int32

  /// Takes the lock.
  ///
  /// - Throws: `InputError` when another owner holds it and is not waited for, or when the file
  ///   cannot be made.
  package init(path: String, whenHeld: WhenHeld = .fail) throws(InputError) {
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw systemError(path, "lock") }
    let operation = whenHeld == .wait ? LOCK_EX : LOCK_EX | LOCK_NB
    var result: Int32
    repeat { result = flock(descriptor, operation) } while result != 0 && errno == EINTR
    guard result == 0 else {
      let isHeld = errno == EWOULDBLOCK
      let failure = systemError(path, "lock")
      close(descriptor)
      guard isHeld else { throw failure }
      throw InputError(
        file: path, field: "lock", found: "another run at work in this folder",
        expected: "one run at a time")
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}
