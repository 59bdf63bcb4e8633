// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Images
import Meshes

extension TriangleMesh {
  /// Lays the six pictures of a cube around the mesh; there is a part for each that is seen.
  ///
  /// A point shows the picture that the ray from the middle of the cube in the point's direction
  /// meets. Triangles are cut where pictures meet, and cut small enough that places on a picture,
  /// which are quotients, are off by less than a hundredth of it between their corners.
  ///
  /// - Parameters:
  ///   - pictures: to +x, -x, +y, -y, +z and -z, each as OpenGL 4.6 lays it (table 8.19).
  ///   - direction: that of a position, by a factor for each axis.
  /// - Returns: the parts, in the order of the pictures.
  func wrapped(
    in pictures: [RGBImage], direction: (SIMD3<Float>) -> SIMD3<Float>
  ) -> [TriangleMesh] {
    precondition(pictures.count == 6, "a cube has six sides")
    // Fast path: many cubes are of one colour.
    if pictures.allSatisfy({ $0 == pictures[0] }), let colour = pictures[0].onlyColour {
      var whole = self
      whole.texture = MeshTexture(colour)
      whole.textureCoordinates = positions.map { _ in SIMD2(0.5, 0.5) }
      return [whole]
    }
    return pictures.indices.compactMap { index in
      let side = CubeSide(index: index)
      var part = self
      (part.positions, part.normals, part.indices) = ([], [], [])
      part.texture = MeshTexture(pictures[index], wrapU: .clamped, wrapV: .clamped)
      part.textureCoordinates = []
      for first in stride(from: 0, to: indices.count, by: 3) {
        let corners = (0..<3).map { corner in
          let vertex = Int(indices[first + corner])
          return CubeCorner(
            position: positions[vertex], normal: normals.isEmpty ? nil : normals[vertex],
            onCube: side.turned(direction(positions[vertex])))
        }
        part.add(side.cut(corners), side)
      }
      return part.indices.isEmpty ? nil : part
    }
  }

  /// Adds a convex polygon of one side, cut into triangles that are small enough.
  fileprivate mutating func add(_ polygon: [CubeCorner], _ side: CubeSide) {
    guard polygon.count >= 3 else { return }
    for corner in 1..<polygon.count - 1 {
      add([polygon[0], polygon[corner], polygon[corner + 1]], side, depth: 0)
    }
  }

  private mutating func add(_ triangle: [CubeCorner], _ side: CubeSide, depth: Int) {
    // Whether an edge is cut is its own matter alone, so that triangles that share it agree.
    let errors = (0..<3).map { triangle[$0].error(to: triangle[($0 + 1) % 3]) }
    let worst =
      errors[1] > errors[0] ? (errors[2] > errors[1] ? 2 : 1) : errors[2] > errors[0] ? 2 : 0
    if errors[worst] > Self.largestError, depth < Self.deepestCut {
      let (a, b, c) = (triangle[worst], triangle[(worst + 1) % 3], triangle[(worst + 2) % 3])
      let middle = a.between(b, 0.5)
      add([a, middle, c], side, depth: depth + 1)
      add([middle, b, c], side, depth: depth + 1)
      return
    }
    let edges = (
      triangle[1].position - triangle[0].position, triangle[2].position - triangle[0].position
    )
    // What touches a side along an edge alone.
    guard cross(edges.0, edges.1) != .zero else { return }
    for corner in triangle {
      indices.append(UInt32(positions.count))
      positions.append(corner.position)
      if let normal = corner.normal { normals.append(normal) }
      textureCoordinates.append((corner.onCube.slopes + 1) / 2)
    }
  }

  /// Of a place on a picture, as a part of its edge.
  private static let largestError: Float = 0.01
  /// The most times that a triangle is halved.
  private static let deepestCut = 12
}

/// A point of a triangle, and its direction in the frame of one side of a cube.
private struct CubeCorner {
  var position: SIMD3<Float>
  var normal: SIMD3<Float>?
  /// x right and y down on the side's picture, z out of the cube.
  var onCube: SIMD3<Float>

  /// A point on the way to another, the same from either end.
  func between(_ other: CubeCorner, _ share: Float) -> CubeCorner {
    func mix(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> SIMD3<Float> { a + (b - a) * share }
    var normal = normal
    if let here = normal, let there = other.normal { normal = normalize(mix(here, there)) }
    return CubeCorner(
      position: mix(position, other.position), normal: normal, onCube: mix(onCube, other.onCube))
  }

  /// How far off the place in the middle of an edge is where places are interpolated.
  func error(to other: CubeCorner) -> Float {
    let (a, b) = (onCube, other.onCube)
    guard a.z > 0, b.z > 0 else { return 0 }
    let step = (b.slopes - a.slopes) * (b.z - a.z) / (b.z + a.z) / 4
    return max(abs(step.x), abs(step.y))
  }
}

/// One side of a cube.
private struct CubeSide {
  let index: Int

  /// A direction in the side's frame.
  func turned(_ d: SIMD3<Float>) -> SIMD3<Float> {
    switch index {
    case 0: SIMD3(-d.z, -d.y, d.x)
    case 1: SIMD3(d.z, -d.y, -d.x)
    case 2: SIMD3(d.x, d.z, d.y)
    case 3: SIMD3(d.x, -d.z, -d.y)
    case 4: SIMD3(d.x, -d.y, d.z)
    default: SIMD3(-d.x, -d.y, -d.z)
    }
  }

  /// What of a polygon lies on the side: where z is the largest and not negative (Sutherland and
  /// Hodgman, "Reentrant polygon clipping", 1974).
  func cut(_ corners: [CubeCorner]) -> [CubeCorner] {
    let inside: [(SIMD3<Float>) -> Float] = [
      { $0.z - $0.x }, { $0.z + $0.x }, { $0.z - $0.y }, { $0.z + $0.y },
    ]
    var polygon = corners
    for plane in inside {
      var kept: [CubeCorner] = []
      for (place, corner) in polygon.enumerated() {
        let next = polygon[(place + 1) % polygon.count]
        let (here, there) = (plane(corner.onCube), plane(next.onCube))
        if here >= 0 { kept.append(corner) }
        guard (here >= 0) != (there >= 0) else { continue }
        // From the outer to the inner end, from whichever of two triangles the edge is cut.
        let (inner, outer) = here >= 0 ? (corner, next) : (next, corner)
        let (near, far) = here >= 0 ? (here, there) : (there, here)
        kept.append(outer.between(inner, far / (far - near)))
      }
      polygon = kept
    }
    return polygon
  }
}

extension SIMD3<Float> {
  /// Where a direction goes through the plane z = 1.
  fileprivate var slopes: SIMD2<Float> { z > 0 ? SIMD2(x, y) / z : .zero }
}

extension RGBImage {
  /// One pixel, where all are alike.
  fileprivate var onlyColour: RGBImage? {
    let first = Array(bytes.prefix(3))
    guard
      stride(from: 0, to: bytes.count, by: 3).allSatisfy({ bytes[$0..<$0 + 3].elementsEqual(first) }
      )
    else { return nil }
    return RGBImage(width: 1, height: 1, bytes: first)
  }
}
