// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import CMeshOptimizer

/// A few triangles of a mesh that lie near each other, and what all of them have in common.
package struct TriangleCluster: Equatable, Sendable {
  /// The mesh's vertices that the triangles use, each once.
  package var vertices: [UInt32]
  /// Three indices into `vertices` a triangle, wound as in the mesh.
  package var corners: [UInt8]
  /// A sphere around the triangles, in the mesh's frame, metres.
  package var center: SIMD3<Float>
  /// The sphere's radius, metres.
  package var radius: Float
  /// The axis of a cone that holds the normals of all triangles, unit; zero when there is none.
  package var coneAxis: SIMD3<Float>
  /// The sine of the cone's half angle; 1 when there is none.
  ///
  /// A point e sees the inside of every triangle when, with d = center - e,
  /// `dot(d, coneAxis) > coneCutoff * length(d) + radius`.
  package var coneCutoff: Float

  /// The number of triangles.
  package var triangleCount: Int { corners.count / 3 }
}

extension TriangleMesh {
  /// The most vertices of a cluster: six vectors of 16 lanes.
  private static let clusterVertexLimit = 96
  /// The most triangles of a cluster; on a closed surface about as many as fit the vertices.
  private static let clusterTriangleLimit = 128
  /// How far narrow cones are preferred to round clusters, 0...1.
  private static let coneWeight: Float = 0.5

  /// Cuts the mesh into clusters; each triangle lies in exactly one.
  ///
  /// Source: meshoptimizer, `meshopt_buildMeshlets` and `meshopt_computeMeshletBounds`.
  ///
  /// - Complexity: about O(triangles); a million a second.
  package func clusters() -> [TriangleCluster] {
    checkInvariants()
    guard triangleCount > 0 else { return [] }
    let coordinates = positions.flatMap { [$0.x, $0.y, $0.z] }
    let byteStride = 3 * MemoryLayout<Float>.stride
    let (vertexLimit, triangleLimit) = (Self.clusterVertexLimit, Self.clusterTriangleLimit)
    let most = meshopt_buildMeshletsBound(indices.count, vertexLimit, triangleLimit)
    var parts = [meshopt_Meshlet](repeating: meshopt_Meshlet(), count: most)
    var vertices = [UInt32](repeating: 0, count: most * vertexLimit)
    var corners = [UInt8](repeating: 0, count: most * triangleLimit * 3)
    let count = unsafe meshopt_buildMeshlets(
      &parts, &vertices, &corners, indices, indices.count, coordinates, positions.count, byteStride,
      vertexLimit, triangleLimit, Self.coneWeight)
    return parts[..<count].map { part in
      let used = Array(vertices[Int(part.vertex_offset)...].prefix(Int(part.vertex_count)))
      let wound = Array(corners[Int(part.triangle_offset)...].prefix(3 * Int(part.triangle_count)))
      let bounds = unsafe meshopt_computeMeshletBounds(
        used, wound, Int(part.triangle_count), coordinates, positions.count, byteStride)
      let (center, axis) = (bounds.center, bounds.cone_axis)
      return TriangleCluster(
        vertices: used, corners: wound, center: SIMD3(center.0, center.1, center.2),
        radius: bounds.radius, coneAxis: SIMD3(axis.0, axis.1, axis.2),
        coneCutoff: bounds.cone_cutoff)
    }
  }
}
