// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Meshes
package import Physics

extension Model {
  /// The angle between faces from which an edge is drawn sharp, radians.
  static let creaseAngle: Float = 0.6
  /// The steps around a ball or a cylinder.
  private static let segmentCount = 24

  /// Returns what is drawn of a shape, in the frame of its geom, metres; nil for planes without end
  /// and for shapes that cannot be described.
  ///
  /// A mesh comes as its maker drew it, with as many triangles.
  package func look(of shape: Shape) -> TriangleMesh? {
    switch shape {
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
    case .mesh(let name): mesh(named: name)?.withNormals(creaseAngle: Self.creaseAngle)
    default: nil
    }
  }
}
