// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Images

/// A triangle mesh with one material.
///
/// Triangles wind counter-clockwise seen from outside. Every index is below `positions.count`.
package struct TriangleMesh: Equatable, Sendable {
  /// The vertices in the mesh's frame, metres.
  package var positions: [SIMD3<Float>]
  /// One unit normal a vertex in the mesh's frame, or empty for flat shading.
  package var normals: [SIMD3<Float>]
  /// Three vertex indices a triangle.
  package var indices: [UInt32]
  /// The surface colour, display-referred sRGB, 0...1; where there is a texture, the factor on it.
  package var colourSRGB: SIMD3<Float>
  /// Where each vertex lies on the texture, or empty without one.
  ///
  /// (0, 0) is the picture's upper left corner and (1, 1) its lower right: v grows downwards, as in
  /// glTF. Vertices that differ in nothing else are apart at the texture's seams.
  package var textureCoordinates: [SIMD2<Float>] = []
  /// The picture on the surface.
  package var texture: MeshTexture?
  /// What the surface makes of light.
  package var material = MeshMaterial()

  /// Makes a mesh from its parts.
  package init(
    positions: [SIMD3<Float>], normals: [SIMD3<Float>] = [], indices: [UInt32],
    colourSRGB: SIMD3<Float> = SIMD3(repeating: 0.7)
  ) {
    self.positions = positions
    self.normals = normals
    self.indices = indices
    self.colourSRGB = colourSRGB
  }

  /// The number of triangles.
  package var triangleCount: Int { indices.count / 3 }

  /// Traps unless the arrays fit each other and every index names a vertex.
  package func checkInvariants() {
    precondition(indices.count % 3 == 0, "three indices a triangle")
    precondition(normals.isEmpty || normals.count == positions.count, "one normal a vertex")
    precondition(
      textureCoordinates.count == (texture == nil ? 0 : positions.count),
      "one place on the texture a vertex, where there is one")
    if let texture, let cutout = texture.cutout {
      precondition(
        cutout.alpha.count == texture.image.width * texture.image.height
          && cutout.threshold > 0 && cutout.threshold <= 1, "an alpha a pixel, and a threshold")
    }
    precondition(indices.allSatisfy { Int($0) < positions.count }, "indices name vertices")
  }
}
