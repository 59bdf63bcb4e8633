// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
package import Geometry
import MeshFormats
package import Meshes
package import Worlds

/// The scenery of a world, as far as it could be read.
package struct LoadedScenery: Sendable {
  /// One piece for each material of each file.
  package var pieces: [Scenery] = []
  /// For each file that was read, the SHA-256 of its bytes and of the triangles in it.
  package var digests: [(file: String, triangles: String)] = []
  /// An error with its line for each file that is missing, broken or too much for the limits.
  package var mistakes: [InputError] = []
}

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
  /// - Returns: What could be read, and an error for each file that could not.
  package static func load(
    _ world: World, workerExecutable: String
  ) -> LoadedScenery {
    let importer = MeshImporter(workerExecutable: workerExecutable)
    var loaded = LoadedScenery()
    for (index, placement) in world.scenery.enumerated() {
      do throws(InputError) {
        let (meshes, digest) = try read(placement, with: importer)
        loaded.digests.append((try SHA256.hexDigest(ofFile: placement.path), digest))
        for mesh in meshes {
          loaded.pieces.append(
            Scenery(
              name: "\(namePrefix)\(loaded.pieces.count)", mesh: mesh,
              worldFromMesh: placement.worldFromMesh))
        }
      } catch {
        loaded.mistakes.append(world.lines.mistake("scenery[\(index)].mesh", because: error))
      }
    }
    return loaded
  }

  /// Reads one file, metres.
  private static func read(
    _ placement: SceneryPlacement, with importer: MeshImporter
  ) throws(InputError) -> (meshes: [TriangleMesh], digest: String) {
    var (meshes, digest) = try importer.readHashed(
      placement.path, upAxis: placement.isYUp ? .y : .z, root: placement.root)
    for index in meshes.indices {
      meshes[index].positions = meshes[index].positions.map { $0 * Float(placement.scale) }
      try check(meshes[index], placement.path)
    }
    return (meshes, digest)
  }

  /// The largest coordinate of a mesh, metres: that of the world file's own positions.
  private static let reachLimit: Float = 100_000
  /// How thick a mesh is at least, as a part of its size: convex hulls need four corners.
  private static let leastThickness: Float = 1e-5

  /// Refuses what physics cannot hold: a mesh that is flat, or far too large.
  private static func check(_ mesh: TriangleMesh, _ path: String) throws(InputError) {
    let reach = mesh.positions.map { max(abs($0.x), abs($0.y), abs($0.z)) }.max() ?? 0
    guard reach <= reachLimit else {
      throw InputError(
        file: path, field: "mesh", found: "a corner \(reach) m from the origin",
        expected: "at most \(Int(reachLimit)) m; `scale` is metres a unit of the file")
    }
    guard let first = mesh.positions.first else { return }
    // The farthest corner from the first, from the line to it, and from the plane through all.
    func farthest(_ measure: (SIMD3<Float>) -> SIMD3<Float>) -> SIMD3<Float> {
      mesh.positions.map { measure($0 - first) }.max { length($0) < length($1) } ?? .zero
    }
    let along = farthest { $0 }
    let across = farthest { $0 - along * (dot($0, along) / max(dot(along, along), .ulpOfOne)) }
    let normal = cross(along, across)
    let thickness = mesh.positions.map { abs(dot($0 - first, normal)) }.max() ?? 0
    guard thickness > leastThickness * length(along) * length(normal) else {
      throw InputError(
        file: path, field: "mesh", found: "all corners in one plane",
        expected: "a mesh with a volume, as physics touches its convex hull")
    }
  }
}
