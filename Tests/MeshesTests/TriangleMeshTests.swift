// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Images
import Meshes
import Testing

private let solids: [TriangleMesh] = [
  .box(halfSize: SIMD3(1, 2, 3)), .sphere(radius: 2, segmentCount: 16),
  .ellipsoid(radii: SIMD3(1, 2, 0.5), segmentCount: 16),
  .capsule(radius: 0.5, halfHeight: 1, segmentCount: 16),
  .cylinder(radius: 0.5, halfHeight: 1, segmentCount: 16),
]

/// Vertices - edges + faces; 2 for a closed surface without holes.
private func eulerCharacteristic(_ mesh: TriangleMesh) -> Int {
  let joined = mesh.welded()
  var edges: Set<SIMD2<UInt32>> = []
  for triangle in 0..<joined.triangleCount {
    for side in 0..<3 {
      let a = joined.indices[3 * triangle + side]
      let b = joined.indices[3 * triangle + (side + 1) % 3]
      edges.insert(SIMD2(min(a, b), max(a, b)))
    }
  }
  return joined.positions.count - edges.count + joined.triangleCount
}

/// The enclosed volume by the divergence theorem; positive when triangles wind outward.
private func volume(_ mesh: TriangleMesh) -> Double {
  (0..<mesh.triangleCount).reduce(0) { sum, triangle in
    let corners = (0..<3).map {
      SIMD3<Double>(mesh.positions[Int(mesh.indices[3 * triangle + $0])])
    }
    return sum + dot(corners[0], cross(corners[1], corners[2])) / 6
  }
}

@Suite struct `Primitive meshes` {
  @Test(arguments: solids) func `are closed and wind outward`(mesh: TriangleMesh) {
    mesh.checkInvariants()
    #expect(eulerCharacteristic(mesh) == 2)
    #expect(volume(mesh) > 0)
  }

  @Test(arguments: solids) func `have unit normals on their triangles' outer side`(
    mesh: TriangleMesh
  ) {
    #expect(mesh.normals.count == mesh.positions.count)
    for triangle in 0..<mesh.triangleCount {
      let corners = (0..<3).map { Int(mesh.indices[3 * triangle + $0]) }
      let (a, b, c) = (corners[0], corners[1], corners[2])
      let face = cross(
        mesh.positions[b] - mesh.positions[a], mesh.positions[c] - mesh.positions[a])
      for corner in corners {
        // 1e-6: single precision.
        #expect(abs(length(mesh.normals[corner]) - 1) < 1e-6)
        #expect(dot(mesh.normals[corner], face) > 0)
      }
    }
  }

  @Test func `have the sizes asked for`() {
    #expect(solids[0].bounds.size == SIMD3(2, 4, 6))
    #expect(solids[1].bounds.size == SIMD3(4, 4, 4))
    #expect(solids[2].bounds.size == SIMD3(2, 4, 1))
    #expect(solids[3].bounds.size == SIMD3(1, 1, 3))
    #expect(solids[4].bounds.size == SIMD3(1, 1, 2))
    #expect(volume(solids[0]) == 48)
    // A fine sphere holds 4/3 pi r^3; 1 %: the chords of 128 segments lie 0.06 % inside.
    let ball = volume(.sphere(radius: 1, segmentCount: 128))
    #expect(abs(ball / (4.0 / 3 * .pi) - 1) < 0.01)
  }

  @Test func `face up as a plane`() {
    let plane = TriangleMesh.plane(halfSize: SIMD2(2, 1))
    plane.checkInvariants()
    #expect(plane.bounds.size == SIMD3(4, 2, 0))
    let face = cross(
      plane.positions[1] - plane.positions[0], plane.positions[2] - plane.positions[0])
    #expect(face.z > 0 && plane.normals.allSatisfy { $0 == SIMD3(0, 0, 1) })
  }
}

@Suite struct `Mesh normals` {
  @Test func `split at a box's edges and join when the crease is wide`() {
    let box = TriangleMesh.box(halfSize: SIMD3(1, 1, 1))
    #expect(box.positions.count == 24)
    let smooth = box.withNormals(creaseAngle: .pi)
    #expect(smooth.positions.count == 8)
    // Every face has two triangles, so a corner's sum leans to the faces that give it both.
    for (position, normal) in zip(smooth.positions, smooth.normals) {
      #expect(dot(normalize(position), normal) > 0.9)
    }
  }

  @Test func `lean to the larger face`() {
    // Two triangles share the edge from (0,0,0) to (0,1,0): one flat with area 2, one upright
    // with area 0.5. The sum of area vectors is (-0.5, 0, 2) / length.
    let mesh = TriangleMesh(
      positions: [SIMD3(0, 0, 0), SIMD3(0, 1, 0), SIMD3(4, 0, 0), SIMD3(0, 0, 1)],
      indices: [0, 2, 1, 0, 1, 3]
    ).withNormals(creaseAngle: .pi)
    let expected = normalize(SIMD3<Float>(0.5, 0, 2))
    #expect(length(mesh.normals[0] - expected) < 1e-6)
  }

  @Test func `are made up where a triangle has no area`() {
    let sliver = TriangleMesh(
      positions: [SIMD3(0, 0, 0), SIMD3(1, 0, 0), SIMD3(2, 0, 0)], indices: [0, 1, 2]
    ).withNormals(creaseAngle: 1)
    #expect(sliver.normals == Array(repeating: SIMD3(0, 0, 1), count: 3))
  }
}

@Suite struct Decimation {
  @Test func `keeps a sphere's radius`() {
    let fine = TriangleMesh.sphere(radius: 2, segmentCount: 64)
    let coarse = fine.decimated(toTriangleCount: 400)
    coarse.checkInvariants()
    #expect(coarse.triangleCount <= 400 && coarse.triangleCount > 300)
    #expect(eulerCharacteristic(coarse) == 2)
    // Vertices are a subset of the fine ones; 1e-5 m: single precision.
    for position in coarse.positions { #expect(abs(length(position) - 2) < 1e-5) }
    // 400 equal triangles on this sphere have edges of 0.54 m, whose chords enclose 3 % less.
    #expect(volume(coarse) / volume(fine) > 0.95)
  }

  @Test func `keeps a small mesh and joins unshared vertices`() {
    let soup = TriangleMesh(
      positions: (0..<6).map { SIMD3(Float($0 % 3), Float($0 % 3 * $0), 0) },
      indices: [0, 1, 2, 3, 4, 5])
    #expect(soup.decimated(toTriangleCount: 2).triangleCount == 2)
    let box = TriangleMesh.box(halfSize: SIMD3(1, 1, 1))
    #expect(box.decimated(toTriangleCount: 100).triangleCount == 12)
  }

  @Test func `gives the same bytes twice`() {
    let fine = TriangleMesh.capsule(radius: 1, halfHeight: 1, segmentCount: 32)
    #expect(fine.decimated(toTriangleCount: 100) == fine.decimated(toTriangleCount: 100))
  }
}

/// A grid of squares of edge 1 / `count`, bent to a half cylinder; its left and right half lie on
/// different halves of a texture, so that a seam runs down the middle.
private func seamedGrid(_ count: Int) -> TriangleMesh {
  var mesh = TriangleMesh(positions: [], indices: [])
  mesh.texture = MeshTexture(RGBImage(width: 2, height: 1))
  for half in 0..<2 {
    let first = UInt32(mesh.positions.count)
    for y in 0...count {
      for x in 0...count / 2 {
        let place = SIMD2<Float>(Float(x + half * count / 2), Float(y)) / Float(count)
        let height = Float((Double(place.x) * .pi).sine) * 0.3
        mesh.positions.append(SIMD3(place.x, place.y, height))
        // The right half is stored upside down.
        mesh.textureCoordinates.append(half == 0 ? place : SIMD2(place.x, 3 - place.y))
      }
    }
    let across = UInt32(count / 2 + 1)
    for y in 0..<UInt32(count) {
      for x in 0..<UInt32(count / 2) {
        let corner = first + y * across + x
        mesh.indices += [
          corner, corner + 1, corner + across, corner + 1, corner + across + 1, corner + across,
        ]
      }
    }
  }
  return mesh
}

@Suite struct `A mesh with a texture` {
  private let grid = seamedGrid(16)

  @Test func `stays apart at a seam, and nowhere else`() {
    var doubled = grid
    // Each triangle with corners of its own.
    doubled.positions = grid.indices.map { grid.positions[Int($0)] }
    doubled.textureCoordinates = grid.indices.map { grid.textureCoordinates[Int($0)] }
    doubled.indices = grid.indices.indices.map { UInt32($0) }
    #expect(doubled.welded().positions.count == grid.positions.count)
    #expect(grid.positions.count == 17 * 17 + 17)
    // Without the texture there is no seam.
    var plain = doubled
    (plain.texture, plain.textureCoordinates) = (nil, [])
    #expect(plain.welded().positions.count == 17 * 17)
  }

  @Test func `keeps its seam when it is thinned out`() {
    let thin = grid.decimated(toTriangleCount: 64)
    thin.checkInvariants()
    #expect(thin.triangleCount <= 80 && thin.triangleCount > 20)
    #expect(thin.texture == grid.texture)
    for first in stride(from: 0, to: thin.indices.count, by: 3) {
      let corners = thin.indices[first..<first + 3].map(Int.init)
      // No triangle reaches from one half of the texture into the other.
      let isRight = corners.map { thin.textureCoordinates[$0].y > 1 }
      #expect(Set(isRight).count == 1)
      for corner in corners {
        let (position, place) = (thin.positions[corner], thin.textureCoordinates[corner])
        #expect(place.x == position.x)
        #expect(place.y == (isRight[0] ? 3 - position.y : position.y))
        #expect(isRight[0] ? position.x >= 0.5 : position.x <= 0.5)
      }
    }
  }

  @Test func `is smooth across a seam`() {
    let smooth = grid.withNormals(creaseAngle: 0.6)
    smooth.checkInvariants()
    #expect(smooth.positions.count == grid.positions.count)
    var normals: [SIMD3<Float>: SIMD3<Float>] = [:]
    for (position, normal) in zip(smooth.positions, smooth.normals) {
      if let known = normals[position] { #expect(length(known - normal) < 1e-6) }
      normals[position] = normal
    }
  }

  @Test func `is closed whatever its seams`() {
    var box = TriangleMesh.box(halfSize: SIMD3(1, 1, 1))
    box.texture = grid.texture
    box.textureCoordinates = box.positions.indices.map { SIMD2(Float($0), 0) }
    #expect(box.isClosed)
  }
}
