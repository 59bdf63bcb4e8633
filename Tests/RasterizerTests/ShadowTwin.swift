// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Images
import Meshes

@testable import Rasterizer

/// The shadows of meshes once more, slow and in doubles: each texel that is asked for is a ray of
/// its own against every triangle, and nothing is passed over.
struct ShadowTwin {
  /// A triangle as a light sees it: texels, and metres along its rays.
  private struct SeenTriangle {
    var x: [Double], y: [Double], z: [Double]
    /// Where it may be cut out.
    var paint: ReferencePaint?
  }

  /// A map, by the axes of its texels and its rays.
  private struct Map {
    let direction: SIMD3<Double>
    let share: Double
    let size: Double
    let texel: Double
    let axes: [SIMD3<Double>]
    var triangles: [SeenTriangle] = []
  }

  let centre: SIMD3<Double>
  let radius: Double
  private var sun: Map
  private var sky: [Map] = []

  init(_ request: RenderRequest) {
    let paints = request.meshes.flatMap { instance in
      let mesh = instance.mesh.mesh
      let texture = mesh.texture.map { ReferenceTexture($0) }
      return stride(from: 0, to: mesh.indices.count, by: 3).map { first in
        ReferencePaint(mesh, mesh.indices[first..<first + 3].map { Int($0) }, texture)
      }
    }
    let triangles = request.meshes.flatMap { instance in
      instance.mesh.mesh.indices.map {
        instance.worldFromMesh
          * SIMD3<Double>(instance.scale * instance.mesh.mesh.positions[Int($0)])
      }
    }
    var box = AxisAlignedBox()
    for instance in request.meshes {
      let bounds = instance.mesh.bounds
      for corner in 0..<8 {
        let inMesh = SIMD3(
          corner & 1 == 0 ? bounds.minimum.x : bounds.maximum.x,
          corner & 2 == 0 ? bounds.minimum.y : bounds.maximum.y,
          corner & 4 == 0 ? bounds.minimum.z : bounds.maximum.z)
        box.add(instance.worldFromMesh * (inMesh * SIMD3<Double>(instance.scale)))
      }
    }
    let (centre, radius) = (box.center, length(box.size) / 2)
    self.centre = centre
    self.radius = radius
    func map(_ direction: SIMD3<Double>, size: Double, share: Double) -> Map {
      let along = -direction
      let upright = abs(along.z) < 0.9 ? SIMD3<Double>(0, 0, 1) : SIMD3(1, 0, 0)
      let across = normalize(cross(upright, along))
      let texel = 2 * 1.01 * radius / size
      var map = Map(
        direction: direction, share: share, size: size, texel: texel,
        axes: [across / texel, cross(along, across) / texel, along])
      for first in stride(from: 0, to: triangles.count, by: 3) {
        let seen = triangles[first..<first + 3].map { Self.place($0, on: map, around: centre) }
        map.triangles.append(
          SeenTriangle(
            x: seen.map(\.x), y: seen.map(\.y), z: seen.map(\.z), paint: paints[first / 3]))
      }
      return map
    }
    sun = map(normalize(SIMD3<Double>(request.illumination.sunDirection)), size: 512, share: 0)
    for k in 0..<8 {
      // Equal parts of the squared cosine, turned by the golden angle.
      let square = (Double(k) + 0.5) / 8
      let angle = Double(k) * 2.399_963_229_728_653
      let direction = SIMD3(
        square.squareRoot() * cos(angle), square.squareRoot() * sin(angle),
        (1 - square).squareRoot())
      let share = request.illumination.sky.light(onNormal: direction).sum()
      sky.append(map(direction, size: 128, share: share))
    }
  }

  private static func place(
    _ point: SIMD3<Double>, on map: Map, around centre: SIMD3<Double>
  ) -> SIMD3<Double> {
    let off = point - centre
    return SIMD3(
      dot(map.axes[0], off) + map.size / 2, dot(map.axes[1], off) + map.size / 2,
      dot(map.axes[2], off) + map.texel * map.size / 2)
  }

  /// The depth that the ray through a texel's middle meets first; infinite where there is none.
  private func depth(_ map: Map, _ column: Double, _ row: Double) -> Double {
    let (px, py) = (column + 0.5, row + 0.5)
    var nearest = Double.infinity
    for t in map.triangles {
      if px < min(t.x[0], t.x[1], t.x[2]) || px > max(t.x[0], t.x[1], t.x[2]) { continue }
      if py < min(t.y[0], t.y[1], t.y[2]) || py > max(t.y[0], t.y[1], t.y[2]) { continue }
      func area(_ a: Int, _ b: Int) -> Double {
        (t.x[a] - px) * (t.y[b] - py) - (t.x[b] - px) * (t.y[a] - py)
      }
      let (u, v, w) = (area(1, 2), area(2, 0), area(0, 1))
      let sum = u + v + w
      guard sum != 0, u / sum >= 0, v / sum >= 0, w / sum >= 0 else { continue }
      if let paint = t.paint, !paint.isSolid([u, v, w]) { continue }
      nearest = min(nearest, (u * t.z[0] + v * t.z[1] + w * t.z[2]) / sum)
    }
    return nearest
  }

  /// The share of a light that reaches a point.
  private func visibility(
    _ map: Map, _ point: SIMD3<Double>, _ normal: SIMD3<Double>
  ) -> Double {
    let seen = Self.place(point + 1.5 * map.texel * normal, on: map, around: centre)
    let (x, y) = (seen.x - 0.5, seen.y - 0.5)
    let depth = seen.z - map.texel - 0.002
    guard x >= 0, x < map.size - 1, y >= 0, y < map.size - 1 else { return 1 }
    let (left, top) = (x.rounded(.down), y.rounded(.down))
    var share = 0.0
    for row in [0.0, 1] {
      for column in [0.0, 1] where self.depth(map, left + column, top + row) >= depth {
        share += (1 - abs(x - left - column)) * (1 - abs(y - top - row))
      }
    }
    return share
  }

  /// What of the sun and of the sky reaches a point of a surface.
  func reached(_ point: SIMD3<Double>, normal: SIMD3<Double>) -> (sun: Double, sky: Double) {
    let reach = 4 * radius
    let distance = length(point - centre)
    guard distance < reach else { return (1, 1) }
    let strength = min(1, (reach - distance) * 4 / reach)
    var (free, all) = (0.0, 0.0)
    for map in sky {
      let weight = map.share * (max(0, dot(normal, map.direction)) + 0.1)
      all += weight
      free += weight * visibility(map, point, normal)
    }
    return (
      1 - strength * (1 - visibility(sun, point, normal)),
      1 - strength * (1 - free / max(all, 1e-12))
    )
  }
}
