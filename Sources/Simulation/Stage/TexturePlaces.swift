// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Images
import Meshes
import Physics

// Where MuJoCo 4.0's renderer lays pictures, measured on it: planes and meshes without places of
// their own are seen along z (render_gl3.c, `settexture`), other shapes are wrapped.

extension TriangleMesh {
  /// Returns a mesh that stands for a geom with a picture on it.
  func painted(_ image: RGBImage, of material: Material, on geom: Geom) -> TriangleMesh {
    let map = TextureMap(material, geom)
    var painted = self
    painted.texture = MeshTexture(image)
    (painted.positions, painted.normals, painted.indices) = ([], [], [])
    var made: [PaintedCorner: UInt32] = [:]
    for first in stride(from: 0, to: indices.count, by: 3) {
      let vertices = indices[first..<first + 3]
      let places = map.places(of: vertices.map { positions[Int($0)] })
      for (vertex, place) in zip(vertices, places) {
        let corner = PaintedCorner(vertex: vertex, place: place)
        if let known = made[corner] {
          painted.indices.append(known)
          continue
        }
        let new = UInt32(painted.positions.count)
        made[corner] = new
        painted.positions.append(positions[Int(vertex)])
        if !normals.isEmpty { painted.normals.append(normals[Int(vertex)]) }
        painted.textureCoordinates.append(place)
        painted.indices.append(new)
      }
    }
    return painted
  }

  /// A vertex as some triangles see it, which may lie on either side of a seam.
  private struct PaintedCorner: Hashable {
    let vertex: UInt32
    let place: SIMD2<Float>
  }
}

/// How one geom lies on a picture.
private struct TextureMap {
  let shape: Shape
  let halfSizes: SIMD3<Float>
  /// What a place is multiplied by, where a picture on the whole of a shape goes from 0 to 1.
  let times: SIMD2<Float>

  init(_ material: Material, _ geom: Geom) {
    (shape, halfSizes) = (geom.shape, geom.halfSizes)
    let inPlane = SIMD2(halfSizes.x, halfSizes.y)
    // What has no end is repeated by metres.
    let stretch = material.isTextureUniform ? inPlane : SIMD2(1, 1)
    times = material.textureRepeat * stretch.replacing(with: 1, where: inPlane .<= 0)
  }

  /// The places of a triangle's corners.
  func places(of corners: [SIMD3<Float>]) -> [SIMD2<Float>] {
    let unit = corners.map { $0 / halfSizes.replacing(with: 1, where: halfSizes .<= 0) }
    switch shape {
    case .box:
      let normal = cross(unit[1] - unit[0], unit[2] - unit[0])
      let size = SIMD3(abs(normal.x), abs(normal.y), abs(normal.z))
      // The axes of the picture on each side.
      let axes = size.max() == size.z ? (0, 1) : size.max() == size.y ? (0, 2) : (1, 2)
      return unit.map { SIMD2($0[axes.0] + 1, 1 - $0[axes.1]) / 2 * times }
    case .sphere, .ellipsoid:
      return wrapped(unit) { acos(min(max($0.z / length($0), -1), 1)) / .pi }
    case .cylinder:
      let isCap = unit.allSatisfy { $0.z == unit[0].z }
      guard isCap else { return wrapped(unit) { (1 - $0.z) / 2 } }
      return unit.map { SIMD2($0.x + 1, $0.y + 1) / 2 * times }
    case .capsule:
      let middle = (unit[0].z + unit[1].z + unit[2].z) / 3
      guard abs(middle) > 1 else { return wrapped(unit) { (1 - $0.z) / 2 } }
      return wrapped(unit) { point in
        let height = (abs(point.z) - 1) * halfSizes.z / halfSizes.x
        let rise = asin(min(max(height, 0), 1)) / (.pi / 2)
        return middle > 0 ? 1 - rise : rise
      }
    default:
      return unit.map { SIMD2($0.x, -$0.y) / 2 * times - 0.5 }
    }
  }

  /// Places around the z axis, and down as a function says; none jumps from 1 to 0.
  private func wrapped(
    _ corners: [SIMD3<Float>], down: (SIMD3<Float>) -> Float
  ) -> [SIMD2<Float>] {
    let turns = corners.map { corner -> Float? in
      guard abs(corner.x) + abs(corner.y) > 1e-5 else { return nil }
      let turn = atan2(corner.y, corner.x) / (2 * .pi)
      return turn < 0 ? turn + 1 : turn
    }
    let known = turns.compactMap { $0 }
    guard let first = known.first else { return corners.map { SIMD2(0, down($0)) * times } }
    let near = known.map { $0 + (first - $0).rounded() }
    // On the axis all turns are alike.
    let mean = near.reduce(0, +) / Float(near.count)
    return zip(corners, turns).map { corner, turn in
      SIMD2(turn.map { $0 + (first - $0).rounded() } ?? mean, down(corner)) * times
    }
  }
}

extension Geom {
  /// Half the box around it along each axis, of a capsule without its ends, metres; 0 for an edge
  /// of a plane without end.
  fileprivate var halfSizes: SIMD3<Float> {
    switch shape {
    case .sphere(let radius): SIMD3(repeating: Float(radius))
    case .cylinder(let radius, let halfLength), .capsule(let radius, let halfLength):
      SIMD3(Float(radius), Float(radius), Float(halfLength))
    default: SIMD3<Float>(size)
    }
  }

  /// What a position on it is multiplied by to be the direction to the pictures of a cube.
  func cubeStretch(of material: Material) -> SIMD3<Float> {
    if case .mesh = shape { return material.isTextureUniform ? halfSizes : SIMD3(1, 1, 1) }
    // Other shapes are drawn as stretched ones of size 1.
    let unit = SIMD3<Float>(1, 1, 1) / halfSizes.replacing(with: 1, where: halfSizes .<= 0)
    return material.isTextureUniform ? SIMD3(1, 1, 1) : unit
  }
}
