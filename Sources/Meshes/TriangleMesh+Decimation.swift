// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import CMeshOptimizer
package import Files

extension TriangleMesh {
  /// The version of meshoptimizer; the library cannot say its own, so the header's stands for both.
  package static var decimationLibrary: LibraryVersion {
    // MESHOPTIMIZER_VERSION: a digit of major, two of minor and one of patch version.
    let version = Int(MESHOPTIMIZER_VERSION)
    let text = "\(version / 1000).\(version / 10 % 100)"
    return LibraryVersion(name: "meshoptimizer", header: text, loaded: text)
  }

  /// Returns a mesh of about `targetCount` triangles that keeps the shape, by collapsing edges.
  ///
  /// Vertices of equal position are joined first, but for those along a texture's seams, which stay
  /// seams; the result has new normals with creases at `creaseAngle`. More triangles than asked for
  /// remain where collapsing more would fold the surface or move it by over `maximumError`. A mesh
  /// that is small enough keeps its triangles.
  ///
  /// Source: meshoptimizer `meshopt_simplify` (quadric error metric, Garland and Heckbert 1997).
  /// `maximumError` is a share of the mesh's extent; `creaseAngle` is in radians.
  package func decimated(
    toTriangleCount targetCount: Int, maximumError: Float = 0.05,
    creaseAngle: Float = .pi / 5
  ) -> TriangleMesh {
    precondition(targetCount >= 1, "a decimated mesh has at least one triangle")
    checkInvariants()
    var mesh = welded()
    if mesh.triangleCount > targetCount {
      mesh.indices = simplifiedIndices(
        of: mesh, targetIndexCount: targetCount * 3, maximumError: maximumError)
    }
    return mesh.withNormals(creaseAngle: creaseAngle)
  }
}

private func simplifiedIndices(
  of mesh: TriangleMesh, targetIndexCount: Int, maximumError: Float
) -> [UInt32] {
  // Three floats a vertex without padding, as the library reads them.
  let coordinates = mesh.positions.flatMap { [$0.x, $0.y, $0.z] }
  let stride = 3 * MemoryLayout<Float>.stride
  // The library may use room for all indices before it has removed any.
  return unsafe [UInt32](unsafeUninitializedCapacity: mesh.indices.count) { buffer, count in
    unsafe count = meshopt_simplify(
      buffer.baseAddress, mesh.indices, mesh.indices.count, coordinates, mesh.positions.count,
      stride, targetIndexCount, maximumError, 0, nil)
  }
}
