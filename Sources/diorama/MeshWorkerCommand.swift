// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import MeshFormats

/// The process that reads a foreign mesh within limits; `diorama` starts it, not a person.
struct MeshWorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: MeshWorker.command, shouldDisplay: false)

  @Argument(help: "The mesh file.") var path: String
  @Argument(help: "The folder that its pictures lie in, however deep; its own unless given.")
  var root: String?

  func run() throws {
    throw ExitCode(MeshWorker.main([path] + (root.map { [$0] } ?? [])))
  }
}

/// The path of this program, for it to start itself again.
func ownExecutable() -> String {
  (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    ?? CommandLine.arguments[0]
}
