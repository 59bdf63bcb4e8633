// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import MeshFormats

/// The other end of `MeshImporter`, which starts this executable again to parse foreign meshes.
struct MeshWorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: MeshWorker.command, abstract: "Parse one mesh for another process.",
    shouldDisplay: false)
  @Argument(help: "The mesh file.") var path: String

  func run() throws { throw ExitCode(MeshWorker.main([path])) }
}
