// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files

/// What decides every byte of a dataset: the same run gives the same files.
///
/// Nothing that may differ between two executions belongs here: no time, no machine, no threads.
package struct DatasetRun: Equatable, Sendable {
  /// The world's name.
  package var worldName: String
  /// The SHA-256 of the world file, in hexadecimal.
  package var worldDigest: String
  /// The seed that every episode's own seed comes from.
  package var seed: UInt64
  /// The number of episodes of the whole run.
  package var episodeCount: Int
  /// What is recorded.
  package var schema: DatasetSchema
  /// Versions, assets and licences, as they are to stand in `meta/diorama.json`.
  package var provenance: JSONValue

  /// Makes a run.
  package init(
    worldName: String, worldDigest: String, seed: UInt64, episodeCount: Int,
    schema: DatasetSchema, provenance: JSONValue
  ) {
    precondition(episodeCount > 0, "a run has episodes")
    self.worldName = worldName
    self.worldDigest = worldDigest
    self.seed = seed
    self.episodeCount = episodeCount
    self.schema = schema
    self.provenance = provenance
  }

  /// The run as a document, in a fixed order.
  package var document: JSONValue {
    [
      "world": .string(worldName), "world_sha256": .string(worldDigest),
      // As text, since not every reader of JSON keeps 64 bits.
      "seed": .string("\(seed)"), "episodes": .integer(episodeCount),
      "fps": .integer(schema.fps), "robot_type": .string(schema.robotType),
      "features": schema.description, "provenance": provenance,
    ]
  }

  /// The SHA-256 of the document, which every staged episode carries.
  var digest: String { SHA256.hexDigest(of: Array(document.compactText.utf8)) }

  /// Throws unless a stored document describes this run.
  ///
  /// - Throws: `InputError` naming the first key that differs.
  func require(equals stored: JSONFields) throws(InputError) {
    guard case .object(let members) = document else { return }
    for member in members where stored[member.key] != member.value {
      throw stored.wrong(
        member.key, stored[member.key] ?? .null,
        shortened(member.value) + " as in the run that is asked for (a folder is resumed with the"
          + " world, seed, count and version it was begun with)")
    }
  }
}

private func shortened(_ value: JSONValue) -> String {
  let text = value.compactText
  return text.count > 60 ? text.prefix(57) + "..." : text
}
