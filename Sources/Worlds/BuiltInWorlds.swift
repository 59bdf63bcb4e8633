// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// The worlds that the executable carries with it.
package enum BuiltInWorlds {
  /// The names, in the order of the manual.
  package static let names = ["tabletop", "garden"]

  /// Returns the YAML of a world that the executable carries, or nil for another name.
  package static func text(named name: String) -> String? {
    switch name {
    case "tabletop": String(decoding: PackageResources.tabletop_yaml, as: UTF8.self)
    case "garden": String(decoding: PackageResources.garden_yaml, as: UTF8.self)
    default: nil
    }
  }
}
