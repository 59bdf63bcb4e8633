// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Geometry
package import Meshes

/// A mesh checked and ready to be drawn, shared by any number of instances and threads.
package final class PackedMesh: Sendable {
  /// The mesh without the triangles that name a vertex or normal that is not finite.
  package let mesh: TriangleMesh
  /// The box around the drawn vertices, in the mesh's frame, metres.
  package let bounds: AxisAlignedBox

  /// Packs a mesh; triangles with a corner that is NaN or infinite are left out.
  ///
  /// - Complexity: O(vertices + triangles).
  package init(_ mesh: TriangleMesh) {
    mesh.checkInvariants()
    var kept = mesh
    kept.indices.removeAll(keepingCapacity: true)
    var box = AxisAlignedBox()
    for first in stride(from: 0, to: mesh.indices.count, by: 3) {
      let corners = mesh.indices[first..<first + 3]
      guard corners.allSatisfy({ Self.isFinite(mesh, Int($0)) }) else { continue }
      kept.indices.append(contentsOf: corners)
      for corner in corners { box.add(SIMD3<Double>(mesh.positions[Int(corner)])) }
    }
    self.mesh = kept
    bounds = box
  }

  private static func isFinite(_ mesh: TriangleMesh, _ vertex: Int) -> Bool {
    // x - x is 0 unless x is NaN or infinite.
    let position = mesh.positions[vertex]
    guard position - position == .zero else { return false }
    return mesh.normals.isEmpty || mesh.normals[vertex] - mesh.normals[vertex] == .zero
  }
}

extension PackedMesh: Equatable {
  /// Two packed meshes are equal when they are the same object.
  package static func == (left: PackedMesh, right: PackedMesh) -> Bool { left === right }
}
