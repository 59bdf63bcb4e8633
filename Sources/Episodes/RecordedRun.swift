// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Datasets
package import Files
package import Simulation
package import Worlds

/// What a dataset says of how it was made: enough to play its episodes again.
package struct RecordedRun: Sendable {
  /// The file that says it.
  package let file: String
  /// The text of the world file.
  package let worldText: String
  /// The seed.
  package let seed: UInt64
  /// The number of episodes that are recorded, at least 1.
  package var count: Int { draws.count }
  /// Versions, robot and inputs.
  package let provenance: JSONValue
  private let draws: [JSONValue]

  /// The version of `meta/diorama.json` that is read.
  private static let format = 1

  /// Reads the provenance of a dataset.
  ///
  /// - Throws: `InputError` when the dataset is not Diorama's, or does not hold the world it names.
  package init(dataset: String) throws(InputError) {
    let fields = try JSONFields(path: dataset + "/" + DatasetPath.provenance)
    let format = try fields.integer("format")
    guard format == Self.format else {
      throw fields.wrong("format", .integer(format), "\(Self.format)")
    }
    let run = try fields.object("run")
    let provenance = try run.object("provenance")
    file = fields.file
    worldText = try provenance.string(Self.worldTextKey)
    let (digest, stated) = (
      SHA256.hexDigest(of: Array(worldText.utf8)), try run.string("world_sha256")
    )
    guard digest == stated else {
      throw run.wrong("world_sha256", .string(stated), "\(digest), that of provenance.world_text")
    }
    let seedText = try run.string("seed")
    guard let seed = UInt64(seedText) else {
      throw run.wrong("seed", .string(seedText), "a number of 64 bits")
    }
    self.seed = seed
    self.provenance = .object(provenance.members)
    var draws: [JSONValue] = []
    for (index, episode) in try fields.array("episodes").enumerated() {
      let fields = try JSONFields(file: file, path: "episodes[\(index)]", episode)
      draws.append(.object(try fields.object("draw").members))
    }
    guard !draws.isEmpty else { throw fields.wrong("episodes", [], "at least one") }
    self.draws = draws
  }

  /// The key of the world's text in a run's provenance.
  package static let worldTextKey = "world_text"

  /// Reads the draws of some episodes and checks them against the world.
  ///
  /// - Parameters:
  ///   - episodes: Indices in the dataset, in the order in which they are wanted.
  ///   - world: The world of `worldText`.
  ///   - support: What things stand on in the world's scene.
  /// - Returns: A draw for each of the episodes.
  /// - Throws: `InputError` for an index that is not there, and for a draw that cannot be played.
  package func draws(
    of episodes: [Int], in world: World, on support: SupportSurface
  ) throws(InputError) -> [EpisodeDraw] {
    var result: [EpisodeDraw] = []
    for index in episodes {
      guard draws.indices.contains(index) else {
        throw InputError(
          file: file, field: "episodes", found: "no episode \(index)",
          expected: "one of the \(draws.count), counted from 0")
      }
      let fields = try JSONFields(file: file, path: "episodes[\(index)].draw", draws[index])
      result.append(try EpisodeDraw(json: fields, world: world, support: support))
    }
    return result
  }

  /// Throws unless what was loaded now is what was loaded then: the robot, the scene, the meshes.
  ///
  /// - Throws: `InputError` naming the first of them that differs.
  package func requireInputs(of provenance: JSONValue) throws(InputError) {
    guard let error = difference(from: provenance, in: ["robot", "inputs"]) else { return }
    throw error
  }

  /// Says which version is another one than then, and so may give other bytes; nil where none is.
  package func versionDifference(from provenance: JSONValue) -> InputError? {
    difference(from: provenance, in: ["diorama", "libraries", "instruction_set"])
  }

  private func difference(from provenance: JSONValue, in keys: [String]) -> InputError? {
    func part(_ whole: JSONValue) -> JSONValue {
      .object(keys.map { JSONMember($0, whole[$0] ?? .null) })
    }
    guard let first = part(self.provenance).firstDifference(from: part(provenance)) else {
      return nil
    }
    return InputError(
      file: file, field: "run.provenance.\(first.path)",
      found: first.found?.compactText ?? "nothing",
      expected: "\(first.wanted?.compactText ?? "nothing"), which is here now")
  }
}

extension DatasetRun {
  /// Says that this run plays recorded draws, unless its seed gives the same draws by itself.
  ///
  /// So a whole run that is played again is the run that it was, to the byte, and a choice of
  /// episodes, or draws that somebody changed, are a run of their own.
  package mutating func mark(
    replaying draws: [EpisodeDraw], in world: World, on support: SupportSurface
  ) throws(InputError) {
    let isItself = draws.enumerated().allSatisfy { index, draw in
      draw
        == EpisodeDraw.draw(
          world: world, support: support, seed: seed, episode: index, attempt: draw.attempt)
    }
    guard !isItself, case .object(var members) = provenance else { return }
    var list: [JSONValue] = []
    for draw in draws { list.append(try draw.json) }
    members.append(
      JSONMember(
        "replay",
        [
          "episodes": .array(draws.map { .integer($0.episode) }),
          "draws_sha256": .string(
            SHA256.hexDigest(of: Array(JSONValue.array(list).compactText.utf8))),
        ]))
    provenance = .object(members)
  }
}
