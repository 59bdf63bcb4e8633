// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What stands at a path.
package enum PathKind: Sendable {
  /// Nothing, or a link to nothing.
  case absent
  /// A folder, or a link to one.
  case folder
  /// Anything else.
  case file
}

/// Says what stands at a path.
package func kind(ofPath path: String) -> PathKind {
  var status = stat()
  guard unsafe stat(path, &status) == 0 else { return .absent }
  return status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
}

/// Makes a folder and those above it; a folder that exists already is left alone.
///
/// What was made survives a power cut.
package func createFolder(_ path: String) throws(InputError) {
  guard kind(ofPath: path) == .absent else {
    guard kind(ofPath: path) == .file else { return }
    throw InputError(file: path, field: "folder", found: "a file", expected: "a folder")
  }
  let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
  if parent != path { try createFolder(parent) }
  guard unsafe mkdir(path, 0o777) == 0 else {
    let failure = systemError(path, "create folder")
    // Another process may have been faster.
    guard kind(ofPath: path) == .folder else { throw failure }
    return
  }
  try synchronizeFolder(parent)
}

/// Flushes a folder's entries to the disk, so that what was made or renamed in it survives a power
/// cut.
///
/// Does nothing on file systems that have no such operation, which say so with `EINVAL`.
/// - Throws: `InputError` when the folder is missing, cannot be opened, or the disk fails.
package func synchronizeFolder(_ path: String) throws(InputError) {
  let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw systemError(path, "flush folder") }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 || errno == EINVAL else {
    throw systemError(path, "flush folder")
  }
}

/// Flushes a file that another writer has closed to the disk.
///
/// - Throws: `InputError` when the file cannot be opened or the disk fails.
package func synchronizeFile(_ path: String) throws(InputError) {
  let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw systemError(path, "flush") }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 else { throw systemError(path, "flush") }
}

/// Flushes a folder and all folders under it, hidden ones too, the deepest first.
///
/// The files themselves must have been flushed by who wrote them.
/// - Throws: `InputError` naming the first folder that cannot be flushed.
package func synchronizeFolders(under path: String) throws(InputError) {
  for name in try listFolder(path) where kind(ofPath: path + "/" + name) == .folder {
    try synchronizeFolders(under: path + "/" + name)
  }
  try synchronizeFolder(path)
}

/// Returns the names in a folder, hidden ones too, sorted by their bytes.
///
/// - Throws: `InputError` when the folder is missing or cannot be read.
package func listFolder(_ path: String) throws(InputError) -> [String] {
  do {
    return try FileManager.default.contentsOfDirectory(atPath: path).sorted {
      $0.utf8.lexicographicallyPrecedes($1.utf8)
    }
  } catch {
    guard kind(ofPath: path) != .file else {
      throw InputError(file: path, field: "folder", found: "a file", expected: "a folder")
    }
    // Foundation does not hand the system's reason on; it fails again in the same way.
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor >= 0 {
      close(descriptor)
      errno = EIO
    }
    throw systemError(path, "folder", expected: "a folder")
  }
}

/// Returns the paths of all files under a folder, relative to it, sorted by their bytes.
///
/// Names that begin with a dot are left out, and what lies under them.
package func listFiles(under folder: String) throws(InputError) -> [String] {
  var files: [String] = []
  var waiting = [""]
  while let prefix = waiting.popLast() {
    for name in try listFolder(folder + "/" + prefix) where !name.hasPrefix(".") {
      let path = prefix + name
      if kind(ofPath: folder + "/" + path) == .folder {
        waiting.append(path + "/")
      } else {
        files.append(path)
      }
    }
  }
  return files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

/// Removes a file, a link, or a folder with all that it holds; nothing when the path is absent.
///
/// - Throws: `InputError` with the system's reason, naming what could not be removed.
package func removeItem(_ path: String) throws(InputError) {
  var status = stat()
  guard unsafe lstat(path, &status) == 0 else {
    guard errno != ENOENT else { return }
    throw systemError(path, "remove", expected: "it to be removed")
  }
  let isFolder = status.st_mode & S_IFMT == S_IFDIR
  if isFolder {
    for name in try listFolder(path) { try removeItem(path + "/" + name) }
  }
  guard unsafe isFolder ? rmdir(path) == 0 : unlink(path) == 0 else {
    throw systemError(path, "remove", expected: "it to be removed")
  }
}

/// Gives a file or a folder another name on the same disk, in one step.
///
/// The new name survives a power cut once its folder is flushed.
package func moveItem(_ source: String, to target: String) throws(InputError) {
  guard unsafe rename(source, target) == 0 else { throw systemError(target, "rename") }
}

/// Returns the size of a file in bytes.
package func fileSize(_ path: String) throws(InputError) -> Int {
  var status = stat()
  guard unsafe stat(path, &status) == 0 else { throw systemError(path, "size") }
  return Int(status.st_size)
}

extension SHA256 {
  /// Returns the digest of a file in hexadecimal, read in steps of a megabyte.
  ///
  /// - Throws: `InputError` when the file cannot be read.
  package static func hexDigest(ofFile path: String) throws(InputError) -> String {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemError(path, "open", expected: "a readable file") }
    defer { close(descriptor) }
    var digest = SHA256()
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = unsafe piece.withUnsafeMutableBytes { buffer in
        unsafe read(descriptor, buffer.baseAddress, buffer.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw systemError(path, "read", expected: "a readable file") }
      guard count > 0 else { return digest.finish() }
      unsafe digest.update(piece.span.extracting(0..<count).bytes)
    }
  }
}
