// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Images
package import Meshes
package import Physics

extension Model {
  /// The angle between faces from which an edge is drawn sharp, radians.
  static let creaseAngle: Float = 0.6
  /// The steps around a ball or a cylinder.
  private static let segmentCount = 24

  /// Makes what is drawn of a geom, in its frame, metres; nothing of planes without end and of
  /// shapes that cannot be described.
  ///
  /// There are several meshes where the pictures of a cube lie around it. The geom's colour, which
  /// is a factor on its pictures, is none of the meshes'.
  ///
  /// - Parameters:
  ///   - geom: The geom.
  ///   - triangleLimit: About how many triangles a mesh keeps; all of its maker's unless given.
  /// - Returns: The meshes.
  package func looks(of geom: Geom, triangleLimit: Int? = nil) -> [TriangleMesh] {
    let picture = geom.picture(in: self)
    guard case .mesh(let name) = geom.shape else {
      return shape(of: geom).map { painted($0, as: geom, with: picture) } ?? []
    }
    guard let row = meshIndex(named: name) else { return [] }
    let isLaidOver = hasTextureCoordinates(meshAt: row)
    var texture: MeshTexture?
    if isLaidOver, case .flat(let image) = picture { texture = MeshTexture(image) }
    var mesh = mesh(at: row, texture: texture)
    if let triangleLimit {
      mesh = mesh.decimated(toTriangleCount: triangleLimit, creaseAngle: Self.creaseAngle)
    } else {
      mesh = mesh.withNormals(creaseAngle: Self.creaseAngle)
    }
    return isLaidOver ? [mesh] : painted(mesh, as: geom, with: picture)
  }

  /// Returns a mesh that stands for a geom, in its frame, with the pictures of the geom's material
  /// where MuJoCo's renderer lays them.
  package func painted(_ mesh: TriangleMesh, as geom: Geom) -> [TriangleMesh] {
    painted(mesh, as: geom, with: geom.picture(in: self))
  }

  private func painted(
    _ mesh: TriangleMesh, as geom: Geom, with picture: SurfacePicture?
  ) -> [TriangleMesh] {
    guard let picture, let material = geom.material.map({ materials[$0.index] }) else {
      return [mesh]
    }
    switch picture {
    case .flat(let image):
      return [mesh.painted(image, of: material, on: geom)]
    case .cube(let pictures):
      let stretch = geom.cubeStretch(of: material)
      return mesh.wrapped(in: pictures) { $0 * stretch }
    }
  }

  private func shape(of geom: Geom) -> TriangleMesh? {
    switch geom.shape {
    case .box(let halfSizes): .box(halfSize: SIMD3<Float>(halfSizes))
    case .sphere(let radius): .sphere(radius: Float(radius), segmentCount: Self.segmentCount)
    case .ellipsoid(let radii):
      .ellipsoid(radii: SIMD3<Float>(radii), segmentCount: Self.segmentCount)
    case .cylinder(let radius, let halfLength):
      .cylinder(
        radius: Float(radius), halfHeight: Float(halfLength), segmentCount: Self.segmentCount)
    case .capsule(let radius, let halfLength):
      .capsule(
        radius: Float(radius), halfHeight: Float(halfLength), segmentCount: Self.segmentCount)
    default: nil
    }
  }
}

extension Geom {
  /// The pictures of its material; nil where it has none.
  fileprivate func picture(in model: Model) -> SurfacePicture? {
    material.flatMap { model.materials[$0.index].texture }.flatMap {
      model.picture(ofTexture: $0)
    }
  }
}
