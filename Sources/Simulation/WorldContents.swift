// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
package import Worlds

/// What a world names outside of its own file, loaded.
package struct WorldContents: Sendable {
  /// The splats around the robot, in the world's frame, and what was found while they were read.
  package let scene: LoadedScene
  /// What physics knows of the scene: the table, the ground and the meshes of the scenery.
  package let surroundings: Surroundings
  /// The files that both came from, by what was in them: the scene's first, then the scenery's.
  package let inputs: [WorldInput]

  /// Reads everything; a world that names no file has no inputs.
  ///
  /// - Parameters:
  ///   - world: The world.
  ///   - workerExecutable: The program that reads a mesh when called with `mesh-worker PATH`.
  /// - Throws: An error with its line in the world file for the scene or, where that is read, for
  ///   each mesh that is missing or broken.
  package init(of world: World, workerExecutable: String) throws(WorldMistakes) {
    let scene: LoadedScene
    do throws(InputError) {
      scene = try world.loadScene()
    } catch {
      throw WorldMistakes(mistakes: [error])
    }
    let loaded = Scenery.load(world, workerExecutable: workerExecutable)
    guard loaded.mistakes.isEmpty else { throw WorldMistakes(mistakes: loaded.mistakes) }
    let digests =
      (scene.digest.map { [($0, nil)] } ?? []) + loaded.digests.map { ($0.file, $0.triangles) }
    precondition(digests.count == world.filesAsWritten.count, "every file that is named is read")
    self.scene = scene
    surroundings = Surroundings(support: scene.support, scenery: loaded.pieces)
    inputs = zip(world.filesAsWritten, digests).map { path, digest in
      WorldInput(path: path, digest: digest.0, triangleDigest: digest.1)
    }
  }
}

/// A file that decides what a world looks like, by what was in it.
package struct WorldInput: Equatable, Sendable {
  /// The path as the world file says it, the same on every machine.
  package let path: String
  /// The SHA-256 of the file, hexadecimal.
  package let digest: String
  /// For a mesh, the SHA-256 of the triangles and colours that were read from it.
  ///
  /// It covers what the file itself refers to, as an OBJ to its materials, and the importer.
  package let triangleDigest: String?

  /// The input as it stands in a run's provenance.
  package var json: JSONValue {
    let members =
      [("path", path), ("sha256", digest)]
      + (triangleDigest.map { [("triangles_sha256", $0)] } ?? [])
    return .object(members.map { JSONMember($0.0, .string($0.1)) })
  }
}
