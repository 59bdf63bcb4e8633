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
    return try run(["-c", script, path] + arguments, executable: "/bin/sh")
  }

  /// Runs the executable to its end.
  static func run(
    _ arguments: [String], environment: [String: String] = [:], executable: String = path
  ) throws -> Outcome {
    let scratch = try ScratchFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // Files, not pipes: nobody has to read two of them at once.
    process.standardOutput = try FileHandle(
      forWritingTo: URL(fileURLWithPath: try scratch.file("output", [])))
    process.standardError = try FileHandle(
      forWritingTo: URL(fileURLWithPath: try scratch.file("errors", [])))
    try process.run()
    process.waitUntilExit()
    return Outcome(
      code: process.terminationStatus, output: try scratch.text("output"),
      errors: try scratch.text("errors"))
  }

  /// Runs a command that must fail with code 1, one line that holds `words`, and no output.
  static func expectFailure(
    _ arguments: [String], saying words: String..., at location: SourceLocation = #_sourceLocation
  ) throws {
    expectFailure(try run(arguments), saying: words, at: location)
  }

  /// The same of a run that has ended.
  static func expectFailure(
    _ outcome: Outcome, saying words: [String], at location: SourceLocation = #_sourceLocation
  ) {
    #expect(outcome.code == 1, "\(outcome)", sourceLocation: location)
    #expect(outcome.output.isEmpty, sourceLocation: location)
    #expect(
      outcome.errors.split(separator: "\n").count == 1, "\(outcome)", sourceLocation: location)
    #expect(outcome.errors.hasPrefix("diorama: "), sourceLocation: location)
    for word in words {
      #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: location)
    }
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

  /// The names in the folder, sorted.
  var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }
}
