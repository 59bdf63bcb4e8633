// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation

@testable import MeshFormats

/// The worker executable, which SwiftPM builds beside the tests.
let probeExecutable: String = {
  let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
  return URL(fileURLWithPath: own).deletingLastPathComponent().appending(
    path: "mesh-worker-probe"
  ).path
}()

/// An importer with less memory and output than usual, so that passing them is quick.
let importer = MeshImporter(
  workerExecutable: probeExecutable,
  limits: ProcessLimits(memoryBytes: 1 << 30, outputBytes: 64 << 20))

/// A folder that is removed when the last reference to it goes.
final class ScratchFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "meshes-\(UUID())")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  func file(_ name: String, _ text: String) throws -> String {
    try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
    return "\(path)/\(name)"
  }
}
