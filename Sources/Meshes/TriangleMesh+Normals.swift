// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Geometry

extension TriangleMesh {
  /// The area vectors of the triangles: the unit normal times twice the area, square metres.
  var areaVectors: [SIMD3<Float>] {
    (0..<triangleCount).map { triangle in
      let a = positions[Int(indices[3 * triangle])]
      let b = positions[Int(indices[3 * triangle + 1])]
      let c = positions[Int(indices[3 * triangle + 2])]
      return cross(b - a, c - a)
    }
  }

  /// Returns the mesh with vertices of equal position joined, unused ones dropped, without normals.
  ///
  /// Vertices keep the order in which the indices first name them.
  package func welded() -> TriangleMesh {
    var newIndexOfPosition: [SIMD3<Float>: UInt32] = [:]
    var kept: [SIMD3<Float>] = []
    let newIndices = indices.map { index in
      // Adding zero makes -0 and 0 one position.
      let position = positions[Int(index)] + SIMD3<Float>.zero
      if let known = newIndexOfPosition[position] { return known }
      let new = UInt32(kept.count)
      newIndexOfPosition[position] = new
      kept.append(position)
      return new
    }
    return TriangleMesh(positions: kept, indices: newIndices, colourSRGB: colourSRGB)
  }

  /// Returns the mesh with smooth normals, except across edges sharper than `creaseAngle`.
  ///
  /// A corner's normal is the sum of the area vectors of the faces at its position whose normals
  /// lie within the angle of its own face's; corners that get the same normal share a vertex. A
  /// triangle without area takes the normal of its neighbours, or +z when it has none.
  ///
  /// The angle is in radians, 0...pi; pi makes everything smooth.
  ///
  /// - Complexity: O(triangles * mean number of faces around a vertex).
  package func withNormals(creaseAngle: Float) -> TriangleMesh {
    checkInvariants()
    let mesh = welded()
    let areas = mesh.areaVectors
    let faceNormals = areas.map { normalize($0) }
    let leastCosine = Float(Double(creaseAngle).cosine)
    let facesOfVertex = mesh.facesOfVertices()
    var made: [Corner: UInt32] = [:]
    var result = TriangleMesh(positions: [], indices: [], colourSRGB: colourSRGB)
    for (corner, vertex) in mesh.indices.enumerated() {
      let face = corner / 3
      var sum = SIMD3<Float>.zero
      for other in facesOfVertex[Int(vertex)] {
        let flat = faceNormals[face] == .zero
        if flat || other == face || dot(faceNormals[other], faceNormals[face]) >= leastCosine {
          sum += areas[other]
        }
      }
      let normal = sum == .zero ? SIMD3(0, 0, 1) : normalize(sum)
      let key = Corner(vertex: vertex, normal: normal)
      if let known = made[key] {
        result.indices.append(known)
        continue
      }
      let new = UInt32(result.positions.count)
      made[key] = new
      result.positions.append(mesh.positions[Int(vertex)])
      result.normals.append(normal)
      result.indices.append(new)
    }
    return result
  }

  /// A vertex as one face sees it.
  private struct Corner: Hashable {
    let vertex: UInt32
    let normal: SIMD3<Float>
  }

  /// The faces around each vertex, in ascending order.
  private func facesOfVertices() -> [[Int]] {
    var faces = [[Int]](repeating: [], count: positions.count)
    for (corner, vertex) in indices.enumerated() where faces[Int(vertex)].last != corner / 3 {
      faces[Int(vertex)].append(corner / 3)
    }
    return faces
  }

  /// The box of the vertices that triangles use; empty for a mesh without triangles.
  package var bounds: AxisAlignedBox {
    var box = AxisAlignedBox()
    for index in indices { box.add(SIMD3<Double>(positions[Int(index)])) }
    return box
  }
}
