// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Synchronization
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

  @Test func `is refused when it says that it is larger than any that is read`() throws {
    try withFolder { folder in
      let path = "\(folder)/sparse"
      try publishFile(path, [1])
      // A hole of 128 GiB, which takes no room on the disk.
      #expect(unsafe truncate(path, 1 << 37) == 0)
      let error = #expect(throws: InputError.self) { try readFile(path) }
      #expect(error?.file == path && error?.found == "\(1 << 37) bytes")
    }
  }

  @Test func `refuses a device, which may have no end`() throws {
    let error = #expect(throws: InputError.self) { try readFile("/dev/zero") }
    #expect(error?.found == "a device")
  }

  @Test func `is one of those that many threads publish at once`() throws {
    try withFolder { folder in
      let path = "\(folder)/a.bin"
      // Each content is as long as the others and tells its writer in every byte.
      let contents = (0..<16).map { [UInt8](repeating: UInt8($0), count: 100_000) }
      let failures = Mutex<[InputError]>([])
      DispatchQueue.concurrentPerform(iterations: contents.count) { index in
        for _ in 0..<3 {
          do throws(InputError) {
            try publishFile(path, contents[index])
          } catch {
            failures.withLock { $0.append(error) }
          }
        }
      }
      #expect(failures.withLock { $0 } == [])
      let published = try readFile(path)
      #expect(contents.contains(published))
      let names = try entries(folder)
      #expect(names == ["a.bin"])
    }
  }

  @Test func `is not inherited by a process that starts while it is written`() throws {
    try withFolder { folder in
      let isDone = Atomic<Bool>(false)
      let writer = Thread {
        // Ten seconds' worth at most, in case it is never seen.
        let end = Date(timeIntervalSinceNow: 10)
        while !isDone.load(ordering: .relaxed), Date() < end {
          try? publishFile("\(folder)/watched.bin", [UInt8](repeating: 1, count: 4 << 20))
        }
        isDone.store(true, ordering: .relaxed)
      }
      writer.start()
      var flags: Int?
      while flags == nil, !isDone.load(ordering: .relaxed) {
        for number in (try? entries("/proc/self/fd")) ?? [] {
          let target = try? FileManager.default.destinationOfSymbolicLink(
            atPath: "/proc/self/fd/\(number)")
          guard target?.contains("/.watched.bin.tmp-") == true,
            let text = try? String(contentsOfFile: "/proc/self/fdinfo/\(number)", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("flags:") })
          else { continue }
          flags = Int(line.dropFirst("flags:".count).drop { $0 == "\t" }, radix: 8)
        }
      }
      isDone.store(true, ordering: .relaxed)
      while writer.isExecuting { usleep(1000) }
      let seen = try #require(flags, "the temporary file while it was open")
      #expect(seen & Int(O_CLOEXEC) != 0)
    }
  }

  @Test func `is read from a pipe to its end, and no further than the limit`() throws {
    try withFolder { folder in
      let path = "\(folder)/pipe"
      #expect(unsafe mkfifo(path, 0o600) == 0)
      let limit = 1 << 20
      // The writer ends with its words, or, when the reader went away, with a failed write.
      let ignored = signal(SIGPIPE, SIG_IGN)
      defer { signal(SIGPIPE, ignored) }
      for count in [limit, limit + 1] {
        let writer = Thread {
          let file = unsafe open(path, O_WRONLY | O_CLOEXEC)
          let bytes = [UInt8](repeating: 7, count: count)
          var rest = bytes[...]
          while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes {
              unsafe write(file, $0.baseAddress, $0.count)
            }
            guard written > 0 else { break }
            rest = rest.dropFirst(written)
          }
          close(file)
        }
        writer.start()
        if count <= limit {
          let bytes = try readFile(path, unsizedLimit: limit)
          #expect(bytes.count == count)
        } else {
          let error = #expect(throws: InputError.self) { try readFile(path, unsizedLimit: limit) }
          #expect(error?.file == path && error?.found == "more than \(limit) bytes")
        }
      }
      // The limit is for what has no size: a file is read whole.
      try publishFile("\(folder)/a.bin", [UInt8](repeating: 1, count: 100))
      let file = try readFile("\(folder)/a.bin", unsizedLimit: 10)
      #expect(file.count == 100)
    }
  }
}
