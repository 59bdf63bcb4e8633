// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import CArchive

/// What a zip archive from outside may hold at most; more is refused.
package struct ArchiveLimits: Sendable {
  /// The number of members.
  package var memberCount = 50_000
  /// The unpacked size of one member, in bytes.
  package var memberByteCount = 1 << 29
  /// The unpacked size of all members that are read, in bytes.
  package var totalByteCount = 1 << 31

  /// The version of libarchive.
  package static var library: LibraryVersion {
    LibraryVersion(
      name: "libarchive", header: ARCHIVE_VERSION_ONLY_STRING,
      loaded: unsafe String(cString: archive_version_string()).replacing("libarchive ", with: ""))
  }

  /// Makes the limits that every robot known so far stays a tenth below.
  package init() {}
}

/// Reads the wanted members of a zip archive, in the archive's order.
///
/// Every name is checked before `isWanted` is asked: a relative path with `/` between folders, no
/// `.` or `..` and no empty component. Members are files or folders; folders are passed over. The
/// archive's CRC-32 of every member that is read is checked by libarchive. Memory: one member.
///
/// - Parameters:
///   - path: The archive.
///   - limits: What it may hold.
///   - isWanted: Whether the member of this name is read.
///   - body: Is given each member's name and bytes.
/// - Throws: `InputError` when the archive is missing, no zip, truncated or damaged, when a name
///   could leave a folder or comes twice, when a member is a link, or when a limit is passed; or
///   what `body` throws.
package func readZipArchive(
  _ path: String, limits: ArchiveLimits = ArchiveLimits(), isWanted: (String) -> Bool,
  body: (String, [UInt8]) throws(InputError) -> Void
) throws(InputError) {
  try read(try ZipArchive(path), limits: limits, isWanted: isWanted, body: body)
}

/// Reads the wanted members of a zip archive that is in memory; `file` is its name in errors.
///
/// The rest is as for an archive on the disk.
package func readZipArchive(
  _ bytes: [UInt8], named file: String, limits: ArchiveLimits = ArchiveLimits(),
  isWanted: (String) -> Bool, body: (String, [UInt8]) throws(InputError) -> Void
) throws(InputError) {
  // The reader keeps the address of the bytes, and is gone when they are.
  try unsafe bytes.span.bytes.withUnsafeBytes { (buffer) throws(InputError) in
    try unsafe read(
      try ZipArchive(buffer, named: file), limits: limits, isWanted: isWanted, body: body)
  }
}

private func read(
  _ archive: borrowing ZipArchive, limits: ArchiveLimits, isWanted: (String) -> Bool,
  body: (String, [UInt8]) throws(InputError) -> Void
) throws(InputError) {
  let path = archive.path
  var names: Set<String> = []
  var remaining = limits.totalByteCount
  while let member = try archive.next() {
    try checkName(member.name, in: path)
    guard names.insert(member.name).inserted else {
      throw InputError(
        file: path, field: "member \(member.name)", found: "a second member of this name",
        expected: "each name once")
    }
    guard names.count <= limits.memberCount else {
      throw InputError(
        file: path, field: "members", found: "more than \(limits.memberCount)",
        expected: "at most \(limits.memberCount)")
    }
    guard !member.isFolder, isWanted(member.name) else { continue }
    let bytes = try archive.bytes(
      of: member.name, limit: min(limits.memberByteCount, remaining))
    remaining -= bytes.count
    try body(member.name, bytes)
  }
}

/// Throws unless a member's name stays below the folder that it is unpacked into.
private func checkName(_ name: String, in path: String) throws(InputError) {
  let folderless = name.hasSuffix("/") ? name.dropLast() : name[...]
  let components = folderless.split(separator: "/", omittingEmptySubsequences: false)
  let isSafe = components.allSatisfy { !["", ".", ".."].contains($0) }
  guard isSafe, name.utf8.count <= 1024, !name.contains("\\"), !name.utf8.contains(0) else {
    throw InputError(
      file: path, field: "member name", found: name.debugDescription,
      expected: "a relative path without . or ..")
  }
}

/// The owner of libarchive's reader.
@safe private struct ZipArchive: ~Copyable {
  private let reader: OpaquePointer
  let path: String

  private init(named path: String) {
    guard let reader = unsafe archive_read_new() else {
      preconditionFailure("libarchive has no memory for a reader")
    }
    unsafe self.reader = reader
    self.path = path
  }

  init(_ path: String) throws(InputError) {
    self.init(named: path)
    let blockByteCount = 1 << 16
    try unsafe open { unsafe archive_read_open_filename($0, path, blockByteCount) }
  }

  /// Opens an archive in memory that outlives this reader.
  init(_ bytes: UnsafeRawBufferPointer, named path: String) throws(InputError) {
    self.init(named: path)
    try unsafe open { unsafe archive_read_open_memory($0, bytes.baseAddress, bytes.count) }
  }

  private func open(_ source: (OpaquePointer) -> CInt) throws(InputError) {
    // Only by the directory at the end: libarchive's other way, member after member, sees no links
    // and takes an archive that lost its end for a whole one.
    guard unsafe archive_read_support_format_zip_seekable(reader) == ARCHIVE_OK,
      unsafe source(reader) == ARCHIVE_OK
    else { throw failure("archive", expected: "a readable zip archive") }
  }

  deinit { unsafe archive_read_free(reader) }

  /// Moves to the next member, or returns nil after the last.
  func next() throws(InputError) -> (name: String, isFolder: Bool)? {
    var entry: OpaquePointer?
    let status = unsafe archive_read_next_header(reader, &entry)
    if status == ARCHIVE_EOF { return nil }
    guard status == ARCHIVE_OK, let entry = unsafe entry else {
      throw failure("directory", expected: "a whole zip archive")
    }
    guard let name = unsafe archive_entry_pathname(entry).map({ unsafe String(cString: $0) }) else {
      throw failure("member name", expected: "a name in UTF-8")
    }
    let kind = unsafe UInt32(archive_entry_filetype(entry))
    let isFolder = kind == carchive_folder
    guard isFolder || kind == carchive_regular_file else {
      throw InputError(
        file: path, field: "member \(name)", found: "a link or a device",
        expected: "a file or a folder")
    }
    return (name, isFolder)
  }

  /// Reads the current member; its size in the header is not trusted.
  func bytes(of name: String, limit: Int) throws(InputError) -> [UInt8] {
    var result: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe archive_read_data(reader, buffer.baseAddress, buffer.count)
      }
      guard count >= 0 else { throw failure("member \(name)", expected: "an undamaged member") }
      if count == 0 { return result }
      guard result.count + count <= limit else {
        throw InputError(
          file: path, field: "member \(name)", found: "more than \(limit) bytes unpacked",
          expected: "at most \(limit)")
      }
      result.append(contentsOf: chunk[..<count])
    }
  }

  private func failure(_ field: String, expected: String) -> InputError {
    let text = unsafe archive_error_string(reader).map { unsafe String(cString: $0) }
    return InputError(file: path, field: field, found: text ?? "no zip archive", expected: expected)
  }
}
