// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The built executable, run as a user would run it.
enum Program {
  /// SwiftPM builds it beside the tests.
  static let path: String = {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: own).deletingLastPathComponent().appending(path: "diorama").path
  }()

  /// What one run left behind.
  struct Outcome {
    var code: Int32
    var output: String
    var errors: String

    /// The output as one JSON object.
    var json: [String: Any] {
      get throws {
        let value = try JSONSerialization.jsonObject(with: Data(output.utf8))
        return try #require(value as? [String: Any], "a JSON object")
      }
    }
  }

  /// Runs the executable to its end with no file growing past `kilobytes`, as on a full disk.
  static func run(_ arguments: [String], writingAtMost kilobytes: Int) throws -> Outcome {
    // The signal that comes with the limit is ignored, and so the write fails, as it does when the
    // disk is full; the shell counts in blocks of 512 bytes.
    let script = "trap '' XFSZ; ulimit -f \(kilobytes * 2); exec \"$0\" \"$@\""
    return try Execution("/bin/sh", ["-c", script, path] + arguments).end()
  }

  /// Runs the executable to its end.
  static func run(
    _ arguments: [String], environment: [String: String?] = [:], in folder: String? = nil
  ) throws -> Outcome {
    try Execution(path, arguments, environment: environment, in: folder).end()
  }

  /// Runs a command that must fail with code 1, one line that holds `words`, and no output.
  static func expectFailure(
    _ arguments: [String], environment: [String: String?] = [:], saying words: String...,
    at location: SourceLocation = #_sourceLocation
  ) throws {
    try run(arguments, environment: environment).expectFailure(saying: words, at: location)
  }
}

extension Program.Outcome {
  /// Expects code 1, one line that holds `words`, and no output.
  func expectFailure(
    saying words: [String], at location: SourceLocation = #_sourceLocation
  ) {
    #expect(code == 1, "\(self)", sourceLocation: location)
    #expect(output.isEmpty, "\(output)", sourceLocation: location)
    #expect(errors.split(separator: "\n").count == 1, "\(self)", sourceLocation: location)
    #expect(errors.hasPrefix("diorama: "), "\(errors)", sourceLocation: location)
    for word in words {
      #expect(errors.contains(word), "no \(word) in: \(errors)", sourceLocation: location)
    }
  }
}

/// A program that is running.
final class Execution {
  private let process = Process()
  private let scratch = try? ScratchFolder()

  /// Starts a program; a variable that is nil is taken out of its environment.
  ///
  /// With a terminal, both of its streams are that terminal.
  init(
    _ path: String, _ arguments: [String], environment: [String: String?] = [:],
    in folder: String? = nil, terminal: FileHandle? = nil
  ) throws {
    let scratch = try #require(scratch)
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    var variables = ProcessInfo.processInfo.environment
    for (name, value) in environment { variables[name] = value }
    process.environment = variables
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    // Files, not pipes: nobody has to read two of them at once.
    for name in ["output", "errors"] { _ = try scratch.file(name, []) }
    func file(_ name: String) throws -> FileHandle {
      try FileHandle(forWritingTo: URL(fileURLWithPath: "\(scratch.path)/\(name)"))
    }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try terminal ?? file("output")
    process.standardError = try terminal ?? file("errors")
    try process.run()
  }

  var isRunning: Bool { process.isRunning }

  /// Sends a signal.
  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Waits until something is there, or the program has ended, and says whether it is there.
  func wait(for isThere: () -> Bool) -> Bool {
    while process.isRunning {
      if isThere() { return true }
      usleep(5000)
    }
    return isThere()
  }

  /// Waits for the end.
  func end() throws -> Program.Outcome {
    process.waitUntilExit()
    let scratch = try #require(scratch)
    // A signal that ended it counts as the shell counts it.
    let isSignal = process.terminationReason == .uncaughtSignal
    return Program.Outcome(
      code: process.terminationStatus + (isSignal ? 128 : 0), output: try scratch.text("output"),
      errors: try scratch.text("errors"))
  }
}

/// The two ends of a terminal that nobody sits at.
final class Terminal {
  /// What a program writes to.
  let screen: FileHandle
  private let reader: FileHandle

  init() throws {
    var (master, slave): (Int32, Int32) = (-1, -1)
    try #require(unsafe openpty(&master, &slave, nil, nil, nil) == 0)
    reader = FileHandle(fileDescriptor: master, closeOnDealloc: true)
    screen = FileHandle(fileDescriptor: slave, closeOnDealloc: true)
  }

  /// Reads what is on the screen so far; call it often, as a terminal holds little.
  func read() -> String {
    var text: [UInt8] = []
    var poll = pollfd(fd: reader.fileDescriptor, events: Int16(POLLIN), revents: 0)
    while unsafe Foundation.poll(&poll, 1, 0) == 1, poll.revents & Int16(POLLIN) != 0 {
      text += Array(reader.availableData)
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// A folder that is removed when the last reference to it goes.
final class ScratchFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "diorama-\(UUID())")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    return "\(path)/\(name)"
  }

  /// Writes a shell script that can be run by its name.
  func script(_ name: String, _ text: String) throws {
    let path = try file(name, Array("#!/bin/sh\n\(text)\n".utf8))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
  }

  func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
  }

  func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  /// The names in the folder, sorted, hidden ones too.
  var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }

  /// The names in a folder within, sorted, hidden ones too.
  func names(in name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(name)").sorted()
  }
}
