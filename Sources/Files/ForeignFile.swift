// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Has foreign files parsed in a process of their own, with limits on its time, memory and output.
///
/// The libraries that parse them have crashed, hung and read wild memory on odd ones. The process
/// is this program's own executable, started under a subcommand that calls `ForeignFileWorker`; it
/// can write no file. What it prints comes from a process that may have been taken over: whoever
/// decodes it checks it again.
package struct ForeignFileReader: Sendable {
  /// The path of the executable.
  package let workerExecutable: String
  /// What the worker may take.
  package let limits: ProcessLimits
  /// What the files are, in errors: "mesh", "survey".
  package let noun: String

  /// Makes a reader.
  package init(workerExecutable: String, limits: ProcessLimits, noun: String) {
    self.workerExecutable = workerExecutable
    self.limits = limits
    self.noun = noun
  }

  /// Runs the worker, waits for its end and returns what it printed.
  ///
  /// - Parameters:
  ///   - arguments: the subcommand and what follows it.
  ///   - file: the file that is parsed, for errors.
  /// - Returns: all bytes that it printed.
  /// - Throws: `InputError` that the worker reported, and for one that passed a limit, crashed or
  ///   could not be started.
  package func read(_ arguments: [String], file: String) throws(InputError) -> [UInt8] {
    let run = runLimited([workerExecutable] + arguments, limits: limits)
    func fail(_ found: String, _ expected: String) -> InputError {
      InputError(file: file, field: noun, found: found, expected: expected)
    }
    switch run.ending {
    case .exited(code: 0):
      return run.output
    case .exited(let code):
      throw reported(run.messages, code: code, file)
    case .crashed(let signal):
      throw fail(
        "a crash of the importer (signal \(signal))",
        "a \(noun) it survives within \(limits.memoryBytes >> 20) MiB")
    case .timedOut:
      throw fail("no result after \(limits.wallTime)", "one within that time")
    case .printedTooMuch:
      throw fail("more than \(limits.outputBytes >> 20) MiB of content", "less")
    case .notStarted(let systemError):
      let reason = unsafe String(cString: strerror(Int32(systemError))).lowercased()
      throw InputError(
        file: workerExecutable, field: "\(noun) worker", found: reason,
        expected: "an executable that can be started")
    }
  }

  /// The error that a worker printed, or its exit code where it printed none.
  private func reported(_ messages: String, code: Int, _ file: String) -> InputError {
    let lines = messages.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard code == 1, lines.count >= 3 else {
      return InputError(
        file: file, field: noun, found: "exit code \(code) of the importer",
        expected: "a \(noun) file")
    }
    return InputError(file: file, field: lines[0], found: lines[1], expected: lines[2])
  }
}

/// The other end of `ForeignFileReader`: the process in which a foreign file is parsed.
package enum ForeignFileWorker {
  /// Gives up what parsing has no use for, parses, and prints the result.
  ///
  /// Before the file is opened, the process gives up every system call that parsing has no use for;
  /// where the kernel does not let it, nothing is parsed. What is wrong is named on the standard
  /// error, by the field, what was found and what was expected, a line each.
  ///
  /// - Parameters:
  ///   - noun: as that of the reader.
  ///   - file: the file that is parsed.
  ///   - parse: parses it, and returns what is printed.
  /// - Returns: the process's exit code, 0, or 1 after an error.
  package static func main(
    noun: String, file: String, parse: () throws(InputError) -> [UInt8]
  ) -> Int32 {
    do throws(InputError) {
      if let failure = Confinement.enter() {
        throw InputError(
          file: file, field: "\(noun) worker",
          found: unsafe String(cString: strerror(failure)).lowercased(),
          expected: "a kernel that lets a process give up system calls (seccomp)")
      }
      put(try parse(), to: STDOUT_FILENO)
      return 0
    } catch {
      return refuse(error)
    }
  }

  /// Names what is wrong as `main` does; returns the exit code.
  package static func refuse(_ error: InputError) -> Int32 {
    // What stands in a hostile file stays on its line.
    let lines = [error.field, error.found, error.expected].map { line in
      String(line.map { $0.isNewline ? " " : $0 })
    }
    put(Array((lines.joined(separator: "\n") + "\n").utf8), to: STDERR_FILENO)
    return 1
  }

  private static func put(_ bytes: [UInt8], to descriptor: Int32) {
    var offset = 0
    while offset < bytes.count {
      let count = unsafe bytes[offset...].withUnsafeBytes { buffer in
        unsafe write(descriptor, buffer.baseAddress, buffer.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      offset += count
    }
  }
}
