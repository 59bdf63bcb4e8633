// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
package import Geometry
import Meshes
package import Physics
package import Rasterizer
import Synchronization

/// What of a stage is drawn: the meshes of each visible geom, in the order of the geoms.
///
/// Geoms of groups 0 to 2 are visible, MuJoCo's own custom; hidden ones only touch. Scenery is
/// drawn as its file has it, material and picture included; of its geom only the place counts.
package struct StageLooks: Sendable {
  private struct Piece: Sendable {
    let geom: Geom.ID
    /// Where it stands, nil where the geom is.
    let worldFromMesh: RigidTransform?
    let mesh: PackedMesh
    /// Nil for the mesh's own.
    let colourSRGB: SIMD3<Float>?
    let instanceID: UInt32
  }
  private let pieces: [Piece]

  /// Looks up or makes the meshes of every visible geom.
  package init(_ stage: Stage, wardrobe: MeshWardrobe) {
    var instances: [Body.ID: UInt32] = [:]
    for (index, prop) in stage.props.enumerated() {
      instances[prop.id] = Stage.firstPropInstance + UInt32(index)
    }
    let scenery = Dictionary(uniqueKeysWithValues: stage.scenery.map { ($0.name, $0) })
    let model = stage.model
    pieces = model.geoms.flatMap { geom -> [Piece] in
      guard geom.group < Stage.hiddenGroup, geom.rgba.w > 0 else { return [] }
      if let piece = scenery[geom.name] {
        return [
          Piece(
            geom: geom.id, worldFromMesh: piece.worldFromMesh, mesh: wardrobe.mesh(of: piece),
            colourSRGB: nil, instanceID: 0)
        ]
      }
      let isRobot = model.bodies[geom.body.index].name.hasPrefix(stage.robot.prefix)
      let instanceID = instances[geom.body] ?? (isRobot ? Stage.robotInstance : 0)
      return wardrobe.meshes(of: geom, in: model, sharing: stage.robot.prefix).map {
        Piece(
          geom: geom.id, worldFromMesh: nil, mesh: $0,
          colourSRGB: SIMD3(geom.rgba.x, geom.rgba.y, geom.rgba.z), instanceID: instanceID)
      }
    }
  }

  /// Returns where every piece is now, in the order of `meshes`.
  package func poses(in state: borrowing State) -> [RigidTransform] {
    pieces.map { $0.worldFromMesh ?? state.worldFromGeom($0.geom) }
  }

  /// Returns the meshes to draw at the poses that `poses` gave.
  package func meshes(at poses: [RigidTransform]) -> [MeshInstance] {
    precondition(poses.count == pieces.count, "one pose a piece")
    return zip(pieces, poses).map { piece, worldFromMesh in
      MeshInstance(
        mesh: piece.mesh, worldFromMesh: worldFromMesh, colourSRGB: piece.colourSRGB,
        instanceID: piece.instanceID)
    }
  }
}

/// The meshes that have been made ready for drawing, shared by all episodes of a run.
///
/// A robot's meshes are fetched by name and thinned out once; its maker's drawings have far more
/// triangles than an image has pixels.
package final class MeshWardrobe: Sendable {
  private let meshes = Mutex<[String: [PackedMesh]]>([:])
  /// The most triangles that one mesh of a robot keeps.
  private static let triangleLimit = 1500
  /// The most triangles that one piece of scenery keeps, which may be as large as a street.
  private static let sceneryTriangleLimit = 20_000

  /// Makes an empty wardrobe.
  package init() {}

  /// Returns the meshes of a geom, none for a shape that is not drawn.
  ///
  /// Only meshes and materials whose names start with `prefix` are kept: the robot is the same in
  /// all episodes, while a prop's mesh has another shape under the same name.
  func meshes(of geom: Geom, in model: Model, sharing prefix: String) -> [PackedMesh] {
    let material = geom.material.map { model.materials[$0.index].name } ?? ""
    let limit = Self.triangleLimit
    if case .mesh(let name) = geom.shape, name.hasPrefix(prefix) {
      return kept("\(name) \(material)") { model.looks(of: geom, triangleLimit: limit) }
    }
    // Their pictures are what takes time.
    if material.hasPrefix(prefix), !material.isEmpty {
      return kept("\(geom.shape) \(material)") { model.looks(of: geom) }
    }
    return model.looks(of: geom).map { PackedMesh($0) }
  }

  /// Returns the mesh of a piece of scenery, which stands for its name.
  func mesh(of scenery: Scenery) -> PackedMesh {
    let limit = Self.sceneryTriangleLimit
    return kept(scenery.name) {
      let mesh = scenery.mesh
      // Normals that the file gives are better than any that are made.
      let isReady = !mesh.normals.isEmpty && mesh.triangleCount <= limit
      return [
        isReady ? mesh : mesh.decimated(toTriangleCount: limit, creaseAngle: Model.creaseAngle)
      ]
    }[0]
  }

  private func kept(_ key: String, _ make: () -> [TriangleMesh]) -> [PackedMesh] {
    if let ready = meshes.withLock({ $0[key] }) { return ready }
    let made = make().map { PackedMesh($0) }
    // Two threads may have made the same meshes; all use those that came first.
    return meshes.withLock { table in
      if let first = table[key] { return first }
      table[key] = made
      return made
    }
  }
}
