// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Geometry
package import Meshes
import Splats

/// The sides of a mesh's triangles that are drawn.
package enum MeshSides: Equatable, Sendable {
  /// The outside alone, from which triangles wind counter-clockwise; the inside lets all through.
  case outside
  /// Both; the side that is seen is lit as if its normal faced the viewer.
  case both
}

/// A mesh checked and ready to be drawn, shared by any number of instances and threads.
package final class PackedMesh: Sendable {
  /// The mesh without the triangles that name something of a vertex that is not finite.
  package let mesh: TriangleMesh
  /// The box around the drawn vertices, in the mesh's frame, metres.
  package let bounds: AxisAlignedBox
  /// Whether no inside can be seen from outside of the mesh; see `TriangleMesh.isClosed`.
  package let isClosed: Bool
  /// The sides that are drawn, nil for what is found: of a closed mesh that lies wholly beyond the
  /// near plane the outside, of all others both.
  package let sides: MeshSides?

  let clusterCount: Int
  let triangleCount: Int
  /// [clusterCount x 4]: centre and radius, mesh frame.
  let spheres: FixedColumn<Float>
  /// [clusterCount x 4]: axis and cutoff, see `TriangleCluster`.
  let cones: FixedColumn<Float>
  /// [clusterCount x 4]: first row, rows, first block of corners, triangles.
  let ranges: FixedColumn<UInt32>
  /// [blocks x 3 x 16]: the rows' positions.
  let positions: FixedColumn<Float>
  /// [rows x 4], the last is 0; empty for flat shading.
  let normals: FixedColumn<Float>
  /// [rows x 2]: where the rows lie on the texture; empty without one.
  let textureCoordinates: FixedColumn<Float>
  /// The picture on the mesh.
  let texture: PackedTexture?
  /// [blocks x 3 x 16]: the triangles' corners as rows from the cluster's first on.
  let corners: FixedColumn<UInt8>

  /// Packs a mesh; triangles with a corner that is NaN or infinite are left out.
  ///
  /// - Complexity: O(triangles * log(triangles)); 1 s for a million. A texture is kept
  ///   in 11 bytes a texel.
  package init(_ mesh: TriangleMesh, sides: MeshSides? = nil) {
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
    self.sides = sides
    bounds = box
    // Through what is cut out, insides are seen.
    isClosed = sides == nil && kept.texture?.cutout == nil && kept.isClosed
    var layout = ClusterLayout()
    for cluster in kept.clusters() { layout.add(cluster, of: kept) }
    clusterCount = layout.ranges.count / 4
    triangleCount = kept.triangleCount
    spheres = FixedColumn(layout.spheres)
    cones = FixedColumn(layout.cones)
    ranges = FixedColumn(layout.ranges)
    positions = FixedColumn(layout.positions)
    normals = FixedColumn(layout.normals)
    textureCoordinates = FixedColumn(layout.textureCoordinates)
    texture = kept.texture.map { PackedTexture($0) }
    corners = FixedColumn(layout.corners)
  }

  private static func isFinite(_ mesh: TriangleMesh, _ vertex: Int) -> Bool {
    // x - x is 0 unless x is NaN or infinite.
    let position = mesh.positions[vertex]
    guard position - position == .zero else { return false }
    if mesh.texture != nil {
      let onTexture = mesh.textureCoordinates[vertex]
      guard onTexture - onTexture == .zero else { return false }
    }
    return mesh.normals.isEmpty || mesh.normals[vertex] - mesh.normals[vertex] == .zero
  }
}

extension PackedMesh: Equatable {
  /// Two packed meshes are equal when they are the same object.
  package static func == (left: PackedMesh, right: PackedMesh) -> Bool { left === right }
}

/// The kernels' columns of a mesh while they grow; `kernels.h` says what is where.
private struct ClusterLayout {
  var spheres: [Float] = []
  var cones: [Float] = []
  var ranges: [UInt32] = []
  var positions: [Float] = []
  var normals: [Float] = []
  var textureCoordinates: [Float] = []
  var corners: [UInt8] = []
  private var rowCount = 0
  private static let blockSize = 16

  mutating func add(_ cluster: TriangleCluster, of mesh: TriangleMesh) {
    let (center, axis) = (cluster.center, cluster.coneAxis)
    spheres += [center.x, center.y, center.z, cluster.radius]
    cones += [axis.x, axis.y, axis.z, cluster.coneCutoff]
    ranges += [
      UInt32(rowCount), UInt32(cluster.vertices.count),
      UInt32(corners.count / (3 * Self.blockSize)), UInt32(cluster.triangleCount),
    ]
    addRows(cluster.vertices.map(Int.init), of: mesh)
    for first in stride(from: 0, to: cluster.triangleCount, by: Self.blockSize) {
      for corner in 0..<3 {
        for lane in 0..<Self.blockSize {
          let triangle = first + lane
          // What fills up a block has three equal corners.
          let isFilling = triangle >= cluster.triangleCount
          corners.append(isFilling ? 0 : cluster.corners[3 * triangle + corner])
        }
      }
    }
  }

  private mutating func addRows(_ vertices: [Int], of mesh: TriangleMesh) {
    for first in stride(from: 0, to: vertices.count, by: Self.blockSize) {
      let block = (first..<first + Self.blockSize).map { vertices[min($0, vertices.count - 1)] }
      for axis in 0..<3 { positions += block.map { mesh.positions[$0][axis] } }
      rowCount += Self.blockSize
      if mesh.texture != nil {
        textureCoordinates += block.flatMap { vertex in
          [mesh.textureCoordinates[vertex].x, mesh.textureCoordinates[vertex].y]
        }
      }
      guard !mesh.normals.isEmpty else { continue }
      for vertex in block {
        let normal = mesh.normals[vertex]
        normals += [normal.x, normal.y, normal.z, 0]
      }
    }
  }
}
