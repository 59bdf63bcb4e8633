// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Worlds

@Suite struct `World schema` {
  /// The folder of the repository, found from this file's place in it.
  private let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: repository.appending(path: path)), as: UTF8.self)
  }

  /// Renewed by `diorama world schema > Worlds/world.schema.json`.
  @Test func `is the one in the repository`() throws {
    #expect(try text("Worlds/world.schema.json") == WorldSchema.jsonSchema)
  }

  /// Renewed by `diorama world schema --markdown`.
  @Test func `is explained field by field in the manual`() throws {
    #expect(try text("Worlds/README.md").hasSuffix(WorldSchema.manual))
  }

  @Test func `holds the worlds of the executable byte for byte`() throws {
    for name in BuiltInWorlds.names {
      #expect(try text("Worlds/\(name).yaml") == BuiltInWorlds.text(named: name))
    }
  }
}
