// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry

/// The shapes that MuJoCo draws without a mesh, with its sizes: half lengths, the long axis along
/// z.
///
/// All are closed but the plane, centred on the origin, and have unit normals.
extension TriangleMesh {
  /// The angle between two faces above which an edge is drawn sharp, radians: 45 degrees.
  private static let sharpAngle: Float = .pi / 4

  /// Makes a box from half its edge lengths, metres.
  package static func box(halfSize h: SIMD3<Float>) -> TriangleMesh {
    let corners = (0..<8).map { k in
      h * SIMD3(k & 1 == 0 ? -1 : 1, k & 2 == 0 ? -1 : 1, k & 4 == 0 ? -1 : 1)
    }
    let indices: [UInt32] = [
      0, 2, 3, 0, 3, 1, 4, 5, 7, 4, 7, 6, 0, 1, 5, 0, 5, 4,
      2, 6, 7, 2, 7, 3, 0, 4, 6, 0, 6, 2, 1, 3, 7, 1, 7, 5,
    ]
    return TriangleMesh(positions: corners, indices: indices)
      .withNormals(creaseAngle: sharpAngle)
  }

  /// Makes a rectangle in the plane z = 0 that faces +z, from half its edge lengths, metres.
  package static func plane(halfSize h: SIMD2<Float>) -> TriangleMesh {
    TriangleMesh(
      positions: [
        SIMD3(-h.x, -h.y, 0), SIMD3(h.x, -h.y, 0), SIMD3(h.x, h.y, 0), SIMD3(-h.x, h.y, 0),
      ],
      normals: Array(repeating: SIMD3(0, 0, 1), count: 4), indices: [0, 1, 2, 0, 2, 3])
  }

  /// Makes a sphere from its radius, metres, with `segmentCount` steps around.
  package static func sphere(radius: Float, segmentCount: Int = 32) -> TriangleMesh {
    ellipsoid(radii: SIMD3(repeating: radius), segmentCount: segmentCount)
  }

  /// Makes an ellipsoid from its three half axes, metres, with `segmentCount` steps around.
  package static func ellipsoid(radii: SIMD3<Float>, segmentCount: Int = 32) -> TriangleMesh {
    var mesh = lathe(halfCircle(segmentCount), segmentCount: segmentCount)
    mesh.normals = mesh.positions.map { normalize($0 / radii) }
    mesh.positions = mesh.positions.map { $0 * radii }
    return mesh
  }

  /// Makes a capsule: a cylinder of half height `halfHeight` with a half ball on either end,
  /// metres.
  package static func capsule(
    radius: Float, halfHeight: Float, segmentCount: Int = 32
  ) -> TriangleMesh {
    let arc = halfCircle(segmentCount)
    let middle = arc.count / 2
    // The ring at the equator occurs twice, at the bottom and at the top of the cylinder.
    let profile = Array(arc[...middle]) + Array(arc[middle...])
    var mesh = lathe(profile, segmentCount: segmentCount)
    mesh.normals = mesh.positions.map { normalize($0) }
    let lowerCount = 1 + middle * segmentCount
    for index in mesh.positions.indices {
      let shift = index < lowerCount ? -halfHeight : halfHeight
      mesh.positions[index] = mesh.positions[index] * radius + SIMD3(0, 0, shift)
    }
    return mesh
  }

  /// Makes a cylinder from its radius and half its height, metres.
  package static func cylinder(
    radius: Float, halfHeight: Float, segmentCount: Int = 32
  ) -> TriangleMesh {
    let profile = [SIMD2<Float>(0, -1), SIMD2(1, -1), SIMD2(1, 1), SIMD2(0, 1)]
    var mesh = lathe(profile, segmentCount: segmentCount)
    mesh.positions = mesh.positions.map { $0 * SIMD3(radius, radius, halfHeight) }
    return mesh.withNormals(creaseAngle: sharpAngle)
  }

  /// Points (distance from the axis, z) of a unit half circle from the south to the north pole.
  private static func halfCircle(_ segmentCount: Int) -> [SIMD2<Float>] {
    precondition(segmentCount >= 4 && segmentCount % 4 == 0, "segments are a multiple of 4")
    let quarter = segmentCount / 4
    let arc = (0...2 * quarter).map { step in
      let angle = Double(step - quarter) * .pi / Double(2 * quarter)
      return SIMD2<Float>(Float(angle.cosine), Float(angle.sine))
    }
    return [SIMD2(0, -1)] + arc[1..<2 * quarter] + [SIMD2(0, 1)]
  }

  /// Turns a profile about z; its first and last points lie on the axis and become one vertex each.
  private static func lathe(_ profile: [SIMD2<Float>], segmentCount: Int) -> TriangleMesh {
    let ringCount = profile.count - 2
    var positions = [SIMD3(0, 0, profile[0].y)]
    for ring in 1...ringCount {
      for segment in 0..<segmentCount {
        let angle = 2 * Double.pi * Double(segment) / Double(segmentCount)
        positions.append(
          SIMD3(
            profile[ring].x * Float(angle.cosine), profile[ring].x * Float(angle.sine),
            profile[ring].y))
      }
    }
    positions.append(SIMD3(0, 0, profile[ringCount + 1].y))
    var indices: [UInt32] = []
    let top = UInt32(positions.count - 1)
    for segment in 0..<segmentCount {
      let (here, next) = (UInt32(segment), UInt32((segment + 1) % segmentCount))
      indices += [0, 1 + next, 1 + here]
      for ring in 0..<UInt32(ringCount - 1) {
        let low = 1 + ring * UInt32(segmentCount)
        let high = low + UInt32(segmentCount)
        indices += [low + here, low + next, high + next, low + here, high + next, high + here]
      }
      let last = top - UInt32(segmentCount)
      indices += [last + here, last + next, top]
    }
    return TriangleMesh(positions: positions, indices: indices)
  }
}
