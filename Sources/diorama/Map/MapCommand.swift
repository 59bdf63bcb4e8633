// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// Maps of real places: into scenes, and what they hold.
struct MapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "map", abstract: "Make scenes of maps of real places, and describe maps.",
    subcommands: [OSMImport.self, OSMInfo.self])
}
