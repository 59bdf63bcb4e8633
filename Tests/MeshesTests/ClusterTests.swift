// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Meshes
import Testing

/// A mesh turned inside out.
private func turned(_ mesh: TriangleMesh) -> TriangleMesh {
  TriangleMesh(
    positions: mesh.positions,
    indices: stride(from: 0, to: mesh.indices.count, by: 3).flatMap {
      [mesh.indices[$0], mesh.indices[$0 + 2], mesh.indices[$0 + 1]]
    })
}

/// Two meshes as one, the second one moved.
private func joined(
  _ a: TriangleMesh, _ b: TriangleMesh, offset: SIMD3<Float> = .zero
) -> TriangleMesh {
  TriangleMesh(
    positions: a.positions + b.positions.map { $0 + offset },
    indices: a.indices + b.indices.map { $0 + UInt32(a.positions.count) })
}

@Suite struct `A closed mesh` {
  private let box = TriangleMesh.box(halfSize: SIMD3(1, 2, 3))
  private let ball = TriangleMesh.sphere(radius: 0.5, segmentCount: 16)

  @Test func `is every solid primitive, whatever its normals split`() {
    // The box has three vertices at each corner, one for each face's normal.
    #expect(box.positions.count == 24)
    #expect(box.isClosed && ball.isClosed)
    #expect(TriangleMesh.cylinder(radius: 1, halfHeight: 1).isClosed)
    #expect(TriangleMesh.capsule(radius: 1, halfHeight: 1).isClosed)
  }

  @Test func `is not one with a hole, a sheet, or nothing`() {
    var open = box
    open.indices.removeLast(3)
    #expect(!open.isClosed)
    #expect(!TriangleMesh.plane(halfSize: SIMD2(1, 1)).isClosed)
    #expect(!TriangleMesh(positions: [], indices: []).isClosed)
  }

  @Test func `is not one that winds inward, in whole or in part`() {
    #expect(!turned(box).isClosed)
    // Beside each other; the box's volume is far larger than the ball's.
    #expect(joined(box, ball, offset: SIMD3(9, 0, 0)).isClosed)
    #expect(!joined(box, turned(ball), offset: SIMD3(9, 0, 0)).isClosed)
    // A cavity.
    #expect(!joined(box, turned(ball)).isClosed)
  }

  @Test func `is not one whose faces disagree about an edge`() {
    var flipped = box
    flipped.indices.swapAt(0, 1)
    #expect(!flipped.isClosed)
  }

  @Test func `may have triangles without area, and parts far from the origin`() {
    var sliver = box
    sliver.indices += [0, 0, 1, 2, 2, 2]
    #expect(sliver.isClosed)
    var far = ball
    far.positions = far.positions.map { $0 + SIMD3(1000, 1000, 1000) }
    #expect(far.isClosed)
  }
}

@Suite struct `Clusters of a mesh` {
  static let meshes: [TriangleMesh] = [
    .box(halfSize: SIMD3(1, 2, 3)), .plane(halfSize: SIMD2(1, 1)),
    .sphere(radius: 2, segmentCount: 64), .cylinder(radius: 1, halfHeight: 2, segmentCount: 80),
  ]

  @Test(arguments: meshes) func `hold each triangle once`(mesh: TriangleMesh) {
    let clusters = mesh.clusters()
    let triangles = clusters.flatMap { cluster in
      (0..<cluster.triangleCount).map { triangle in
        (0..<3).map { cluster.vertices[Int(cluster.corners[3 * triangle + $0])] }
      }
    }
    let expected = (0..<mesh.triangleCount).map { Array(mesh.indices[3 * $0..<3 * $0 + 3]) }
    // Corners may begin with another one, but wind the same way.
    func canonical(_ corners: [UInt32]) -> [UInt32] {
      let first = corners.indices.min { corners[$0] < corners[$1] } ?? 0
      return Array(corners[first...] + corners[..<first])
    }
    #expect(
      triangles.map(canonical).sorted { $0.lexicographicallyPrecedes($1) }
        == expected.map(canonical).sorted { $0.lexicographicallyPrecedes($1) })
    for cluster in clusters {
      #expect((1...96).contains(cluster.vertices.count))
      #expect((1...128).contains(cluster.triangleCount))
      #expect(Set(cluster.vertices).count == cluster.vertices.count)
    }
  }

  @Test(arguments: meshes) func `lie in their spheres`(mesh: TriangleMesh) {
    for cluster in mesh.clusters() {
      for vertex in cluster.vertices {
        // 1e-5: single precision, metres.
        #expect(length(mesh.positions[Int(vertex)] - cluster.center) <= cluster.radius + 1e-5)
      }
    }
  }

  @Test func `turn their insides to every point that their cone says`() {
    let mesh = TriangleMesh.sphere(radius: 2, segmentCount: 64)
    var hiddenCount = 0
    for cluster in mesh.clusters() {
      for step in 0..<200 {
        // Points of a spiral around the ball, some inside of it.
        let angle = Float(Double(step) * 2.4)
        let height = 2 * Float(step) / 199 - 1
        let ring = (1 - height * height).squareRoot()
        let around = SIMD3(
          ring * Float(Double(angle).cosine), ring * Float(Double(angle).sine), height)
        let point = around * (step % 2 == 0 ? 6 : 1)
        let d = cluster.center - point
        guard dot(d, cluster.coneAxis) > cluster.coneCutoff * length(d) + cluster.radius else {
          continue
        }
        hiddenCount += 1
        for triangle in 0..<cluster.triangleCount {
          let corners = (0..<3).map {
            mesh.positions[Int(cluster.vertices[Int(cluster.corners[3 * triangle + $0])])]
          }
          let normal = cross(corners[1] - corners[0], corners[2] - corners[0])
          #expect(dot(normal, corners[0] - point) >= 0)
        }
      }
    }
    // The far side of a ball from most points.
    #expect(hiddenCount > 500)
  }
}
