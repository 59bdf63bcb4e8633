// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// A zip archive written by hand, so that it can be wrong in ways that no archiver would write.
///
/// Members are stored, not compressed. Source: PKWARE APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16.
struct ZipBytes {
  private(set) var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  /// Appends a member; `unixMode` is written as Unix archivers do, 0o120777 being a link.
  mutating func add(_ name: String, _ content: [UInt8], unixMode: UInt32 = 0o100644) {
    let offset = bytes.count
    let shared =
      little(20, 2) + little(0, 2) + little(0, 2) + little(0, 4) + little(crc32(content), 4)
      + little(content.count, 4) + little(content.count, 4) + little(name.utf8.count, 2)
      + little(0, 2)
    bytes += little(0x0403_4b50, 4) + shared + Array(name.utf8) + content
    // Version made by: 3 in the high byte says that the attributes are Unix's.
    directory += little(0x0201_4b50, 4) + little(3 << 8 | 20, 2) + shared
    directory += little(0, 2) + little(0, 2) + little(0, 2) + little(Int(unixMode) << 16, 4)
    directory += little(offset, 4) + Array(name.utf8)
    count += 1
  }

  /// Appends members of which each holds the next ones as its content, `core` the last of all.
  ///
  /// The file grows by one header a member; what is unpacked grows with their square.
  mutating func addNested(_ names: [String], around core: [UInt8]) {
    var content = core
    var entries: [(name: String, header: [UInt8], size: Int)] = []
    for name in names.reversed() {
      let header =
        little(20, 2) + little(0, 2) + little(0, 2) + little(0, 4) + little(crc32(content), 4)
        + little(content.count, 4) + little(content.count, 4) + little(name.utf8.count, 2)
        + little(0, 2)
      entries.append((name, header, content.count))
      content = little(0x0403_4b50, 4) + header + Array(name.utf8) + content
    }
    let end = bytes.count + content.count
    for (name, header, size) in entries.reversed() {
      directory += little(0x0201_4b50, 4) + little(3 << 8 | 20, 2) + header
      directory += little(0, 2) + little(0, 2) + little(0, 2) + little(0o100644 << 16, 4)
      directory += little(end - size - name.utf8.count - 30, 4) + Array(name.utf8)
      count += 1
    }
    bytes += content
  }

  /// The whole archive.
  func finish() -> [UInt8] {
    bytes + directory + little(0x0605_4b50, 4) + little(0, 2) + little(0, 2) + little(count, 2)
      + little(count, 2) + little(directory.count, 4) + little(bytes.count, 4) + little(0, 2)
  }

  private func little(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private func crc32(_ content: [UInt8]) -> Int {
    var state: UInt32 = 0xffff_ffff
    for byte in content {
      state ^= UInt32(byte)
      for _ in 0..<8 { state = state >> 1 ^ (state & 1 == 1 ? 0xedb8_8320 : 0) }
    }
    return Int(~state)
  }
}
