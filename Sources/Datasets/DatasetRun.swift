// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files

/// What decides every byte of a dataset: the same run gives the same files.
///
/// Nothing else belongs here: no time, no threads, and of the machine only what changes bytes, its
/// instruction set and its libraries.
package struct DatasetRun: Equatable, Sendable {
  /// The world's name.
  package var worldName: String
  /// The SHA-256 of the world file, in hexadecimal.
  package var worldDigest: String
  /// The seed; the draws of an episode come from it and the episode's index.
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
  /// - Throws: `InputError` naming the first place that differs, such as the digest of an input.
  func require(equals stored: JSONFields) throws(InputError) {
    guard let first = JSONValue.object(stored.members).firstDifference(from: document) else {
      return
    }
    throw InputError(
      file: stored.file, field: stored.path.isEmpty ? first.path : "\(stored.path).\(first.path)",
      found: shortened(first.found),
      expected: shortened(first.wanted) + " as in the run that is asked for (a folder is resumed"
        + " with the world, inputs, seed, count and versions it was begun with)")
  }
}

private func shortened(_ value: JSONValue?) -> String {
  guard let text = value?.compactText else { return "nothing" }
  // Room for a digest and its quotes.
  return text.count > 70 ? text.prefix(67) + "..." : text
}
