// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Rasterizer

/// The computer that measurements are made on, for every report that holds a time.
struct Machine {
  /// The processor's name, such as "AMD EPYC 9R14".
  let processor: String
  /// The cores that this process may use.
  let coreCount: Int
  /// The instruction set that the kernels chose.
  let instructionSet: String

  /// Looks at this computer.
  init() {
    processor = Self.processorName ?? "unknown"
    coreCount = ProcessInfo.processInfo.activeProcessorCount
    instructionSet = Renderer.instructionSet
  }

  /// The line for people.
  var line: String { "\(processor), \(coreCount) cores, \(instructionSet)" }

  /// The same for machines.
  var json: [String: Any] {
    ["processor": processor, "coreCount": coreCount, "instructionSet": instructionSet]
  }

  /// The name that Linux reports; not every processor has one.
  private static var processorName: String? {
    guard let bytes = try? readFile("/proc/cpuinfo") else { return nil }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix("model name") }) else { return nil }
    return line.split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
  }
}
