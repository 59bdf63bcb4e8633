// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
package import Geometry
import Meshes
package import Physics
package import Rasterizer
import Synchronization

/// What of a stage is drawn: one mesh a visible geom, in the order of the geoms.
///
/// Geoms of groups 0 to 2 are visible, MuJoCo's own custom; hidden ones only touch.
package struct StageLooks: Sendable {
  private struct Piece: Sendable {
    let geom: Geom.ID
    let mesh: PackedMesh
    let colourSRGB: SIMD3<Float>
    let instanceID: UInt32
  }
  private let pieces: [Piece]

  /// Looks up or makes the mesh of every visible geom.
  package init(_ stage: Stage, wardrobe: MeshWardrobe) {
    var instances: [Body.ID: UInt32] = [:]
    for (index, prop) in stage.props.enumerated() {
      instances[prop.id] = Stage.firstPropInstance + UInt32(index)
    }
    let model = stage.model
    pieces = model.geoms.compactMap { geom in
      guard geom.group < Stage.hiddenGroup, geom.rgba.w > 0,
        let mesh = wardrobe.mesh(
          for: geom.shape, in: model, sharing: [stage.robot.prefix, Scenery.namePrefix])
      else { return nil }
      let isRobot = model.bodies[geom.body.index].name.hasPrefix(stage.robot.prefix)
      return Piece(
        geom: geom.id, mesh: mesh, colourSRGB: SIMD3(geom.rgba.x, geom.rgba.y, geom.rgba.z),
        instanceID: instances[geom.body] ?? (isRobot ? Stage.robotInstance : 0))
    }
  }

  /// Returns where every piece is now, in the order of `meshes`.
  package func poses(in state: borrowing State) -> [RigidTransform] {
    pieces.map { state.worldFromGeom($0.geom) }
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
  private let meshes = Mutex<[String: PackedMesh]>([:])
  /// The most triangles that one mesh keeps.
  private static let triangleLimit = 1500

  /// Makes an empty wardrobe.
  package init() {}

  /// Returns the mesh of a shape, or nil for a shape that is not drawn.
  ///
  /// Only meshes whose names start with one of `prefixes` are kept: robot and scenery are the same
  /// in all episodes, while a prop's mesh has another shape under the same name.
  func mesh(for shape: Shape, in model: Model, sharing prefixes: [String]) -> PackedMesh? {
    if case .mesh(let name) = shape, prefixes.contains(where: name.hasPrefix) {
      if let ready = meshes.withLock({ $0[name] }) { return ready }
      guard let made = Self.thinned(name, in: model) else { return nil }
      // Two threads may have made the same mesh; all use the one that came first.
      return meshes.withLock { table in
        if let first = table[name] { return first }
        table[name] = made
        return made
      }
    }
    return model.look(of: shape).map { PackedMesh($0) }
  }

  private static func thinned(_ name: String, in model: Model) -> PackedMesh? {
    guard let mesh = model.mesh(named: name) else { return nil }
    return PackedMesh(
      mesh.decimated(toTriangleCount: triangleLimit, creaseAngle: Model.creaseAngle))
  }
}
