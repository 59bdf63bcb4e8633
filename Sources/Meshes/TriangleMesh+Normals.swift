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

  /// Returns the mesh with vertices of equal position, and of equal place on the texture, joined;
  /// unused ones are dropped, and the result has no normals.
  ///
  /// Vertices keep the order in which the indices first name them.
  package func welded() -> TriangleMesh {
    var newIndexOfPlace: [Place: UInt32] = [:]
    var welded = self
    (welded.positions, welded.normals, welded.textureCoordinates) = ([], [], [])
    welded.indices = indices.map { index in
      // Adding zero makes -0 and 0 one position.
      let place = Place(
        position: positions[Int(index)] + SIMD3<Float>.zero,
        onTexture: texture == nil
          ? .zero : textureCoordinates[Int(index)] + SIMD2<Float>.zero)
      if let known = newIndexOfPlace[place] { return known }
      let new = UInt32(welded.positions.count)
      newIndexOfPlace[place] = new
      welded.positions.append(place.position)
      if texture != nil { welded.textureCoordinates.append(place.onTexture) }
      return new
    }
    return welded
  }

  /// Returns the shape alone: vertices of equal position are joined, whatever lies on them.
  func weldedByPosition() -> TriangleMesh {
    TriangleMesh(positions: positions, indices: indices).welded()
  }

  /// Where a vertex lies, in space and on the texture.
  private struct Place: Hashable {
    let position: SIMD3<Float>
    let onTexture: SIMD2<Float>
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
    // A seam of the texture is no edge of the shape: faces meet where they share a position.
    let corners = mesh.texture == nil ? mesh.indices : mesh.weldedByPosition().indices
    let facesOfCorner = Self.faces(around: corners)
    var made: [Corner: UInt32] = [:]
    var result = mesh
    (result.positions, result.indices, result.textureCoordinates) = ([], [], [])
    for (corner, vertex) in mesh.indices.enumerated() {
      let face = corner / 3
      var sum = SIMD3<Float>.zero
      for other in facesOfCorner[Int(corners[corner])] {
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
      if texture != nil { result.textureCoordinates.append(mesh.textureCoordinates[Int(vertex)]) }
      result.indices.append(new)
    }
    return result
  }

  /// A vertex as one face sees it.
  private struct Corner: Hashable {
    let vertex: UInt32
    let normal: SIMD3<Float>
  }

  /// The faces around each vertex that triangles name, in ascending order.
  private static func faces(around indices: [UInt32]) -> [[Int]] {
    var faces = [[Int]](repeating: [], count: Int(indices.max() ?? 0) + 1)
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
