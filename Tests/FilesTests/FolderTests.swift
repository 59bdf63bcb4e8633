// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Testing

@Suite struct `Folders and streamed files` {
  private func withFolder(_ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.path + "/diorama-" + UUID().uuidString
    try createFolder(path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  @Test func `list what is in them by the bytes of the names`() throws {
    try withFolder { folder in
      try createFolder(folder + "/b/deep")
      for name in ["Z", "a", ".hidden", "b/deep/x", "b.txt"] {
        try publishFile(folder + "/" + name, [1])
      }
      #expect(try listFolder(folder) == [".hidden", "Z", "a", "b", "b.txt"])
      #expect(try listFiles(under: folder) == ["Z", "a", "b.txt", "b/deep/x"])
      #expect(kind(ofPath: folder + "/b") == .folder)
      #expect(kind(ofPath: folder + "/a") == .file)
      #expect(kind(ofPath: folder + "/c") == .absent)
      try removeItem(folder + "/b")
      try removeItem(folder + "/never there")
      #expect(try listFiles(under: folder) == ["Z", "a", "b.txt"])
    }
  }

  @Test func `are not made under a file, which is named`() throws {
    try withFolder { folder in
      try publishFile(folder + "/a", [1])
      let error = #expect(throws: InputError.self) { try createFolder(folder + "/a/b/c") }
      #expect(error?.file == folder + "/a" && error?.found == "a file")
      let long = folder + "/" + String(repeating: "n", count: 300)
      let refusal = #expect(throws: InputError.self) { try createFolder(long) }
      #expect(refusal?.found == "file name too long")
    }
  }

  @Test func `keep a streamed file only when it was finished`() throws {
    try withFolder { folder in
      var kept = try OutputFile(path: folder + "/kept")
      try kept.write([1, 2])
      try kept.write([3])
      try kept.finish()
      do {
        var dropped = try OutputFile(path: folder + "/dropped")
        try dropped.write([1])
      }
      #expect(try listFolder(folder) == ["kept"])
      #expect(try readFile(folder + "/kept") == [1, 2, 3])
      #expect(try fileSize(folder + "/kept") == 3)
      let digest = try SHA256.hexDigest(ofFile: folder + "/kept")
      #expect(digest == SHA256.hexDigest(of: [1, 2, 3]))
    }
  }

  @Test func `are flushed with all below them, or it is said why not`() throws {
    try withFolder { folder in
      try createFolder(folder + "/a/.b/c")
      try publishFile(folder + "/a/file", [1])
      try synchronizeFolders(under: folder)
      for path in ["/none", "/a/file"] {
        let error = #expect(throws: InputError.self) { try synchronizeFolder(folder + path) }
        #expect(error?.file == folder + path && error?.field == "flush folder")
      }
      // What is listed and gone before its turn is not passed over.
      let error = #expect(throws: InputError.self) {
        try synchronizeFolders(under: folder + "/none")
      }
      #expect(error?.file == folder + "/none")
      // The folders of processes are on no disk: there is nothing to flush, and no failure.
      try synchronizeFolder("/proc/self")
    }
  }

  @Test func `say what is wrong with a path`() throws {
    try withFolder { folder in
      try publishFile(folder + "/file", [1])
      #expect(throws: InputError.self) { try createFolder(folder + "/file") }
      #expect(throws: InputError.self) { _ = try listFolder(folder + "/none") }
      #expect(throws: InputError.self) { _ = try SHA256.hexDigest(ofFile: folder + "/none") }
      #expect(throws: InputError.self) { _ = try OutputFile(path: folder + "/none/file") }
    }
  }

  @Test func `are locked by one owner, whom another waits for or not`() async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/diorama-" + UUID().uuidString
    try createFolder(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/lock"
    var owner: FileLock? = try FileLock(path: path)
    #expect(throws: InputError.self) { _ = try FileLock(path: path) }
    let (events, taken) = AsyncStream.makeStream(of: String.self)
    let waiting = Thread {
      let isTaken = (try? FileLock(path: path, whenHeld: .wait)) != nil
      taken.yield(isTaken ? "taken" : "refused")
      taken.finish()
    }
    waiting.start()
    // Long enough for the thread to be waiting; were it not, the order would still be this one.
    try await Task.sleep(for: .milliseconds(100))
    taken.yield("let go")
    withExtendedLifetime(owner) {}
    owner = nil
    var order: [String] = []
    for await event in events { order.append(event) }
    #expect(order == ["let go", "taken"])
  }

  @Test func `are told from files and from nothing when they are listed`() throws {
    try withFolder { folder in
      try publishFile(folder + "/file", [1])
      for (name, found) in [("file", "a file"), ("none", "no such file or directory")] {
        #expect(
          throws: InputError(
            file: "\(folder)/\(name)", field: "folder", found: found, expected: "a folder")
        ) { _ = try listFolder("\(folder)/\(name)") }
      }
    }
  }

  @Test func `are removed without what a link in them points to`() throws {
    try withFolder { folder in
      try createFolder(folder + "/kept/deep")
      try createFolder(folder + "/removed/deep")
      for (link, target) in [("folder", folder + "/kept"), ("nothing", "/no/such")] {
        try FileManager.default.createSymbolicLink(
          atPath: "\(folder)/removed/deep/\(link)", withDestinationPath: target)
      }
      try removeItem(folder + "/removed")
      #expect(try listFolder(folder) == ["kept"])
      #expect(try listFolder(folder + "/kept") == ["deep"])
    }
  }

  @Test func `say why something cannot be removed`() {
    // Nobody may remove what the kernel shows of itself, not even root.
    #expect {
      try removeItem("/proc/self/status")
    } throws: {
      let error = $0 as? InputError
      let reasons = ["operation not permitted", "permission denied"]
      return error?.field == "remove" && reasons.contains(error?.found ?? "")
    }
  }

  @Test func `stop at a full disk and leave nothing behind`() throws {
    try withFolder { folder in
      // /dev/full fails every write as a full disk does; removing the link leaves it alone.
      let path = folder + "/full"
      try FileManager.default.createSymbolicLink(
        atPath: path, withDestinationPath: "/dev/full")
      #expect(
        throws: InputError(
          file: path, field: "write", found: "no space left on device",
          expected: "the file to be written")
      ) {
        var file = try OutputFile(path: path)
        try file.write([1])
      }
      #expect(try listFolder(folder) == [])
    }
  }
}
