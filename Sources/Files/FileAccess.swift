// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// The largest file that is read into memory, 64 GiB: twice the largest splat file that is read.
let fileByteLimit = 1 << 36

/// The most bytes that are read from what does not say how large it is, such as a pipe: 1 GiB.
package let unsizedByteLimit = 1 << 30

/// Reads a whole file, or a pipe to its end.
///
/// - Parameters:
///   - path: The file.
///   - unsizedLimit: The most bytes taken from a pipe, or from a file that grows meanwhile.
/// - Returns: Its bytes.
/// - Throws: `InputError` naming the path when it is missing, unreadable, too large, a folder, or a
///   device, which may have no end, or when more comes than its size says and the limit allows.
package func readFile(
  _ path: String, unsizedLimit: Int = unsizedByteLimit
) throws(InputError) -> [UInt8] {
  let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw readError(path) }
  defer { close(descriptor) }
  var status = stat()
  guard unsafe fstat(descriptor, &status) == 0 else { throw readError(path) }
  guard ![S_IFCHR, S_IFBLK].contains(status.st_mode & S_IFMT) else {
    throw InputError(file: path, field: "file", found: "a device", expected: "a readable file")
  }
  let size = Int(status.st_size)
  guard size <= fileByteLimit else {
    throw InputError(
      file: path, field: "file", found: "\(size) bytes", expected: "at most \(fileByteLimit)")
  }
  let limit = max(size, unsizedLimit)
  // A pipe has no size; it is read in steps of this many bytes.
  let step = max(size + 1, 1 << 16)
  var bytes: [UInt8] = []
  while true {
    var got = 0
    var failure: Int32 = 0
    let piece = unsafe [UInt8](unsafeUninitializedCapacity: step) { buffer, count in
      repeat {
        got = unsafe read(descriptor, buffer.baseAddress, step)
        failure = errno
      } while got < 0 && failure == EINTR
      count = max(got, 0)
    }
    guard got >= 0 else {
      errno = failure
      throw readError(path)
    }
    guard got > 0 else { return bytes }
    guard bytes.count + got <= limit else {
      throw InputError(
        file: path, field: "file", found: "more than \(limit) bytes",
        expected: "at most \(limit) from what has no size")
    }
    if bytes.isEmpty { bytes = piece } else { bytes += piece }
  }
}

/// Numbers the temporary files of this process, so that no two threads share one.
private let temporaryFileCount = Atomic<Int>(0)

/// Writes a file so that it is either whole or absent: temporary name, fsync, rename, fsync folder.
///
/// - Throws: `InputError` naming the path when the disk is full or the folder cannot be written or
///   flushed.
package func publishFile(_ path: String, _ bytes: [UInt8]) throws(InputError) {
  let url = URL(fileURLWithPath: path)
  let folder = url.deletingLastPathComponent().path
  let number = temporaryFileCount.add(1, ordering: .relaxed).newValue
  let temporary =
    "\(folder)/.\(url.lastPathComponent).tmp-\(ProcessInfo.processInfo.processIdentifier)-\(number)"
  let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  guard descriptor >= 0 else { throw systemError(path, "create") }
  var written = 0
  while written < bytes.count {
    let count = unsafe bytes[written...].withUnsafeBytes { buffer in
      unsafe write(descriptor, buffer.baseAddress, buffer.count)
    }
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else {
      let failure = systemError(path, "write")
      close(descriptor)
      unsafe unlink(temporary)
      throw failure
    }
    written += count
  }
  let flushed = fsync(descriptor) == 0
  guard close(descriptor) == 0, flushed, unsafe rename(temporary, path) == 0 else {
    let failure = systemError(path, "publish")
    unsafe unlink(temporary)
    throw failure
  }
  try synchronizeFolder(folder)
}

/// Describes the last failed system call on a path.
func systemError(
  _ path: String, _ action: String, expected: String = "the file to be written"
) -> InputError {
  let text = unsafe String(cString: strerror(errno))
  return InputError(file: path, field: action, found: text.lowercased(), expected: expected)
}

/// Describes the last failed attempt to read a path.
private func readError(_ path: String) -> InputError {
  InputError(
    file: path, field: "file", found: unsafe String(cString: strerror(errno)).lowercased(),
    expected: "a readable file")
}
