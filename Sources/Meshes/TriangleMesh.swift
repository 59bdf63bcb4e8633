// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

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
  /// The surface colour, display-referred sRGB, 0...1.
  package var colourSRGB: SIMD3<Float>

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
    precondition(indices.allSatisfy { Int($0) < positions.count }, "indices name vertices")
  }
}
