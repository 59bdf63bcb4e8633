// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Launcher

/// What a program run for us may take.
package struct ProcessLimits: Equatable, Sendable {
  /// The time after which it and all that it started are killed.
  package var wallTime: Duration
  /// The address space, bytes.
  package var memoryBytes: Int
  /// The most bytes it may print on its standard output.
  package var outputBytes: Int

  /// Makes limits: by default 20 seconds, 2 GiB and 512 MiB.
  package init(
    wallTime: Duration = .seconds(20), memoryBytes: Int = 2 << 30, outputBytes: Int = 512 << 20
  ) {
    precondition(wallTime > .zero && memoryBytes > 0 && outputBytes > 0, "limits are positive")
    self.wallTime = wallTime
    self.memoryBytes = memoryBytes
    self.outputBytes = outputBytes
  }
}

/// How a program run under limits ended, and what it printed.
struct LimitedRun {
  enum Ending: Equatable {
    case exited(code: Int)
    case crashed(signal: Int)
    case timedOut
    case printedTooMuch
    /// The errno of the call that failed.
    case notStarted(systemError: Int)
  }

  var ending: Ending
  var output: [UInt8]
  /// The start of what it printed on its standard error.
  var messages: String
  /// Whether the kernel kept it from writing files and from TCP (Landlock).
  var writesForbidden: Bool
}

/// What the kernel has to confine a process with.
package enum Confinement {
  /// Whether a process can give up system calls (seccomp), without which no foreign file is.
  package static var filtersSystemCalls: Bool { launcher_can_confine() }

  /// The version of Landlock, the second wall around a worker; 0 where there is none.
  package static var landlockVersion: Int { Int(launcher_landlock_version()) }

  /// Leaves this process, for good, no more than reading files, computing and printing.
  ///
  /// - Returns: The errno of the call that failed, or nil when all went well.
  static func enter() -> Int32? {
    let failure = launcher_confine()
    return failure == 0 ? nil : failure
  }
}

/// Runs a program that may read files but not write any, and waits for its end.
///
/// It gets its own process group, no core file, no new privileges, and none of our descriptors;
/// `launcher.h` lists what is applied. Blocks the calling thread for at most the wall time.
func runLimited(_ arguments: [String], limits: ProcessLimits) -> LimitedRun {
  precondition(!arguments.isEmpty, "the first argument is the program")
  let (seconds, attoseconds) = limits.wallTime.components
  let text = arguments.map { Array($0.utf8CString) }
  // One block holds the texts and a table of pointers to them, for as long as the program runs.
  var block = text.flatMap { $0 }
  var result = unsafe block.withUnsafeMutableBufferPointer { block in
    var table = unsafe [UnsafeMutablePointer<CChar>?]()
    var offset = 0
    for word in text {
      unsafe table.append(block.baseAddress.map { unsafe $0 + offset })
      offset += word.count
    }
    unsafe table.append(nil)
    return unsafe table.withUnsafeBufferPointer { table in
      var request = unsafe launcher_request(
        arguments: table.baseAddress.unsafelyUnwrapped, input: nil, input_count: 0,
        wall_nanoseconds: UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000),
        // A process on a busy machine gets less than a core: this only backs up the wall clock.
        cpu_seconds: UInt64(seconds) + 1, memory_bytes: UInt64(limits.memoryBytes),
        file_bytes: 0, output_limit: limits.outputBytes, message_limit: 1 << 16,
        forbid_writes: true)
      return unsafe launcher_run(&request)
    }
  }
  defer { unsafe launcher_free(&result) }
  let ending: LimitedRun.Ending =
    switch unsafe result.outcome {
    case LAUNCHER_EXITED: .exited(code: Int(unsafe result.exit_code))
    case LAUNCHER_CRASHED: .crashed(signal: Int(unsafe result.signal))
    case LAUNCHER_TIMED_OUT: .timedOut
    case LAUNCHER_PRINTED_TOO_MUCH: .printedTooMuch
    default: .notStarted(systemError: Int(unsafe result.system_error))
    }
  let output = unsafe Array(
    UnsafeBufferPointer(start: result.output, count: result.output_count))
  let messages = unsafe UnsafeBufferPointer(start: result.messages, count: result.message_count)
  return unsafe LimitedRun(
    ending: ending, output: output, messages: String(decoding: messages, as: UTF8.self),
    writesForbidden: result.writes_forbidden)
}
