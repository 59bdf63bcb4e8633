// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// The version of a library of the system, for reports; the owner of the C module fills it in.
package struct LibraryVersion: Equatable, Sendable {
  /// The library's name.
  package let name: String
  /// The version of the header that was compiled in; empty where the header does not say.
  package let header: String
  /// The version of the library that is loaded.
  package let loaded: String

  /// Makes a version from its parts.
  package init(name: String, header: String, loaded: String) {
    self.name = name
    self.header = header
    self.loaded = loaded
  }
}
