// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Testing

/// Makes a folder of its own for one test and removes it afterwards.
private func withFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("diorama-files-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try body(folder)
}

private func entries(_ folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

@Suite(.serialized) struct `Published file` {
  @Test func `holds the bytes and nothing lies beside it`() throws {
    try withFolder { folder in
      try publishFile("\(folder)/a.bin", [1, 2, 3])
      #expect(try readFile("\(folder)/a.bin") == [1, 2, 3])
      try publishFile("\(folder)/a.bin", [])
      #expect(try readFile("\(folder)/a.bin") == [])
      let names = try entries(folder)
      #expect(names == ["a.bin"])
    }
  }

  @Test func `is not begun in a folder that is missing`() throws {
    try withFolder { folder in
      let path = "\(folder)/none/a.bin"
      let error = #expect(throws: InputError.self) { try publishFile(path, [1]) }
      #expect(error?.file == path && error?.found == "no such file or directory")
      let names = try entries(folder)
      #expect(names == [])
    }
  }

  @Test func `leaves the old file when the new one does not fit`() throws {
    try withFolder { folder in
      let path = "\(folder)/a.bin"
      try publishFile(path, [7])
      // A limit on the size of a file fails a write the way a full disk does. It holds for the
      // whole process, so it is larger than anything that other tests write meanwhile.
      let limit = 32 << 20
      var old = rlimit()
      unsafe getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &old)
      var small = rlimit(rlim_cur: rlim_t(limit), rlim_max: old.rlim_max)
      let ignored = signal(SIGXFSZ, SIG_IGN)
      unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &small)
      defer {
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &old)
        signal(SIGXFSZ, ignored)
      }
      let error = #expect(throws: InputError.self) {
        try publishFile(path, [UInt8](repeating: 1, count: limit + 1))
      }
      #expect(error?.found == "file too large")
      #expect(try readFile(path) == [7])
      let names = try entries(folder)
      #expect(names == ["a.bin"])
    }
  }

  @Test func `does not replace a folder`() throws {
    try withFolder { folder in
      try FileManager.default.createDirectory(
        atPath: "\(folder)/sub", withIntermediateDirectories: false)
      #expect(throws: InputError.self) { try publishFile("\(folder)/sub", [1]) }
      let names = try entries(folder)
      #expect(names == ["sub"])
    }
  }

  @Test func `names a file that cannot be read`() throws {
    try withFolder { folder in
      let path = "\(folder)/none.bin"
      #expect(
        throws: InputError(
          file: path, field: "file", found: "no such file or directory",
          expected: "a readable file")
      ) { try readFile(path) }
      #expect(throws: InputError.self) { try readFile(folder) }
    }
  }

  @Test func `refuses a device, which may have no end`() throws {
    let error = #expect(throws: InputError.self) { try readFile("/dev/zero") }
    #expect(error?.found == "a device")
  }
}
