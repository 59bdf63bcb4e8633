// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Testing

@Suite struct `Zip archive` {
  @Test func `gives the wanted members in their order`() throws {
    var zip = ZipBytes()
    zip.add("a/one.txt", Array("one".utf8))
    zip.add("a/", [], unixMode: 0o040755)
    zip.add("b/two.txt", Array("two".utf8))
    zip.add("a/empty", [])
    #expect(try members(zip.finish()) == ["a/one.txt=one", "b/two.txt=two", "a/empty="])
    #expect(try members(zip.finish()) { $0.hasPrefix("b/") } == ["b/two.txt=two"])
  }

  @Test(arguments: [
    "../up", "a/../../up", "/etc/passwd", "a//b", "./a", "a/b\\..\\c", "..",
    String(repeating: "a", count: 1025),
  ])
  func `refuses a name that could leave the folder, wanted or not`(name: String) throws {
    var zip = ZipBytes()
    zip.add(name, Array("x".utf8))
    let error = #expect(throws: InputError.self) { try members(zip.finish()) { _ in false } }
    #expect(error?.field == "member name")
    #expect(error?.found == name.debugDescription)
  }

  @Test func `refuses links and a name that comes twice`() throws {
    var link = ZipBytes()
    link.add("passwd", Array("/etc/passwd".utf8), unixMode: 0o120777)
    #expect(throws: InputError.self) { try members(link.finish()) }
    var twice = ZipBytes()
    twice.add("a", [1])
    twice.add("a", [2])
    let error = #expect(throws: InputError.self) { try members(twice.finish()) }
    #expect(error?.field == "member a")
  }

  @Test func `refuses damage wherever it is cut`() throws {
    var zip = ZipBytes()
    zip.add("a", Array("some text".utf8))
    zip.add("b", Array("more text".utf8))
    let whole = zip.finish()
    // Every cut loses at least the last byte of the end record; none may pass for a whole archive.
    for length in stride(from: 0, to: whole.count, by: 7) {
      #expect(throws: InputError.self, "cut after \(length)") {
        try members(Array(whole[..<length]))
      }
    }
    var flipped = whole
    flipped[31] ^= 1  // the first byte of a's content: 30 bytes of header and 1 of name lie before
    let error = #expect(throws: InputError.self) { try members(flipped) }
    #expect(error?.field == "member a")
  }

  @Test func `holds its limits`() throws {
    var zip = ZipBytes()
    zip.add("a", [UInt8](repeating: 7, count: 100))
    zip.add("b", [UInt8](repeating: 7, count: 100))
    var limits = ArchiveLimits()
    limits.totalByteCount = 200
    limits.memberCount = 2
    limits.memberByteCount = 100
    #expect(try members(zip.finish(), limits).count == 2)
    for change in [\ArchiveLimits.totalByteCount, \.memberCount, \.memberByteCount] {
      var tight = limits
      tight[keyPath: change] -= 1
      #expect(throws: InputError.self) { try members(zip.finish(), tight) }
    }
  }

  @Test func `is read from memory as from the disk`() throws {
    var zip = ZipBytes()
    zip.add("a", Array("some text".utf8))
    zip.add("b", [])
    let bytes = zip.finish()
    var names: [String] = []
    try readZipArchive(bytes, named: "m.zip", isWanted: { _ in true }) { name, content in
      names.append("\(name)=\(String(decoding: content, as: UTF8.self))")
    }
    #expect(names == ["a=some text", "b="])
    for length in stride(from: 0, to: bytes.count, by: 7) {
      let error = #expect(throws: InputError.self, "cut after \(length)") {
        try readZipArchive(
          Array(bytes[..<length]), named: "m.zip", isWanted: { _ in true }, body: { _, _ in })
      }
      #expect(error?.file == "m.zip")
    }
  }

  @Test func `counts bytes as often as they are unpacked`() throws {
    // Fifty members share the same thousand bytes, so the archive is a tenth of what it holds.
    var zip = ZipBytes()
    zip.addNested((10..<60).map { "m\($0)" }, around: [UInt8](repeating: 7, count: 1000))
    let bytes = zip.finish()
    #expect(bytes.count < 6000)
    #expect(try members(bytes).count == 50)
    var limits = ArchiveLimits()
    limits.totalByteCount = bytes.count
    let error = #expect(throws: InputError.self) { try members(bytes, limits) }
    #expect(error?.field.hasPrefix("member m1") == true)
  }

  @Test func `says that a file is missing`() {
    let error = #expect(throws: InputError.self) {
      try readZipArchive("/no/such.whl", isWanted: { _ in true }, body: { _, _ in })
    }
    #expect(error?.file == "/no/such.whl")
  }

  /// Writes an archive and lists its wanted members as `name=content`.
  private func members(
    _ bytes: [UInt8], _ limits: ArchiveLimits = ArchiveLimits(),
    where isWanted: (String) -> Bool = { _ in true }
  ) throws -> [String] {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("zip-\(UUID().uuidString)").path
    try publishFile(path, bytes)
    defer { try? FileManager.default.removeItem(atPath: path) }
    var result: [String] = []
    try readZipArchive(path, limits: limits, isWanted: isWanted) { name, content in
      result.append("\(name)=\(String(decoding: content, as: UTF8.self))")
    }
    return result
  }
}
