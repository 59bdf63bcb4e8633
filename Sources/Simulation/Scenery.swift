// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
package import Geometry
import MeshFormats
package import Meshes
package import Worlds

/// A mesh that stands fixed in the scene, ready for physics and for drawing.
package struct Scenery: Equatable, Sendable {
  /// The name of its mesh and geom.
  package var name: String
  /// The triangles, metres, z up.
  package var mesh: TriangleMesh
  /// Where it stands.
  package var worldFromMesh: RigidTransform

  /// What the names of all scenery start with.
  static let namePrefix = "scenery-"

  /// Reads the meshes of a world's scenery, each file in a process of its own with limits.
  ///
  /// - Parameters:
  ///   - world: The world.
  ///   - workerExecutable: The program that reads a mesh when called with `mesh-worker PATH`.
  /// - Returns: One piece for each material of each file.
  /// - Throws: `InputError` naming the file that is missing, broken or too much for the limits.
  package static func load(
    _ world: World, workerExecutable: String
  ) throws(InputError) -> [Scenery] {
    let importer = MeshImporter(workerExecutable: workerExecutable)
    var pieces: [Scenery] = []
    for placement in world.scenery {
      let meshes = try importer.read(placement.path, upAxis: placement.isYUp ? .y : .z)
      for var mesh in meshes {
        mesh.positions = mesh.positions.map { $0 * Float(placement.scale) }
        pieces.append(
          Scenery(
            name: "\(namePrefix)\(pieces.count)", mesh: mesh,
            worldFromMesh: placement.worldFromMesh))
      }
    }
    return pieces
  }
}
