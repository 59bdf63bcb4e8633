// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Reads a whole file.
///
/// - Throws: `InputError` naming the path when it is missing, unreadable or a folder.
package func readFile(_ path: String) throws(InputError) -> [UInt8] {
  do {
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  } catch {
    throw InputError(
      file: path, field: "file", found: reason(error), expected: "a readable file")
  }
}

/// Writes a file so that it is either whole or absent: temporary name, fsync, rename, fsync folder.
///
/// - Throws: `InputError` naming the path when the disk is full or the folder cannot be written.
package func publishFile(_ path: String, _ bytes: [UInt8]) throws(InputError) {
  let url = URL(fileURLWithPath: path)
  let folder = url.deletingLastPathComponent().path
  let temporary =
    "\(folder)/.\(url.lastPathComponent).tmp-\(ProcessInfo.processInfo.processIdentifier)"
  let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
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
  guard fsync(descriptor) == 0, close(descriptor) == 0, unsafe rename(temporary, path) == 0 else {
    let failure = systemError(path, "publish")
    unsafe unlink(temporary)
    throw failure
  }
  synchronizeFolder(folder)
}

/// Flushes a folder's entries to the disk, so that a rename survives a power cut.
package func synchronizeFolder(_ path: String) {
  let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY)
  guard descriptor >= 0 else { return }
  fsync(descriptor)
  close(descriptor)
}

/// Describes the last failed system call on a path.
func systemError(_ path: String, _ action: String) -> InputError {
  let text = unsafe String(cString: strerror(errno))
  return InputError(
    file: path, field: action, found: text.lowercased(), expected: "the file to be written")
}

private func reason(_ error: any Error) -> String {
  let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
  guard let code = underlying?.code else { return error.localizedDescription }
  return unsafe String(cString: strerror(Int32(code))).lowercased()
}
