// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Splats

@testable import Rasterizer

/// The shadow of splats on meshes once more, slow and in doubles: each texel that is asked for
/// meets every splat as the reference renderer's pinhole shows it from a thousand kilometres away.
final class SplatShadowTwin {
  private let splats: [ReferenceSplat]
  private let turn: Quaternion<Double>
  private let middle: SIMD3<Double>
  private let texel: Double
  private var known: [SIMD2<Int>: Double] = [:]

  private static let size = 512
  /// A power of two, which keeps the planes of depth exact.
  private static let distance = Double(1 << 20)

  /// Of meshes in a ball.
  init(_ cloud: SplatCloud, _ light: Illumination, centre: SIMD3<Double>, radius: Double) {
    let along = -normalize(SIMD3<Double>(light.sunDirection))
    let upright = abs(along.z) < 0.9 ? SIMD3<Double>(0, 0, 1) : SIMD3(1, 0, 0)
    let across = normalize(cross(upright, along))
    turn = Quaternion(matrix: Matrix3(columns: across, cross(along, across), along).transpose)
    var halfEdge = 1 / 1024.0
    while 0.73 * halfEdge <= radius { halfEdge *= 2 }
    let steps = turn.rotate(centre) / (halfEdge / 2)
    middle =
      SIMD3(steps.x.rounded(), steps.y.rounded(), steps.z.rounded()) * (halfEdge / 2)
    texel = 2 * halfEdge / Double(Self.size)
    let camera = Camera(
      width: Self.size, height: Self.size,
      focalLengthPixels: SIMD2(repeating: Self.distance / texel),
      principalPoint: SIMD2(repeating: Double(Self.size) / 2),
      near: Self.distance - halfEdge - 8, far: Self.distance + 2 * halfEdge)
    let request = RenderRequest(
      camera: camera,
      cameraFromWorld: RigidTransform(
        rotation: turn, translation: SIMD3(0, 0, Self.distance) - middle))
    let rules = ViewRules(camera: camera, profile: .gsplat)
    let renderer = ReferenceRenderer(cloud, isAntialiased: true)
    splats = (0..<cloud.count).compactMap { ReferenceSplat(renderer, $0, request, rules) }
      .sorted { ($0.depth, $0.index) < ($1.depth, $1.index) }
  }

  /// The depth from the middle on where half of the sun is left; infinite where more than that is.
  private func depth(_ column: Int, _ row: Int) -> Double {
    if let depth = known[SIMD2(column, row)] { return depth }
    var left = 1.0
    var found = Double.infinity
    for splat in splats {
      let alpha = min(splat.alpha(x: column, y: row), 0.99)
      guard alpha >= 1.0 / 255 else { continue }
      left *= 1 - alpha
      guard left >= 0.5 else {
        found = splat.depth(x: column, y: row) - Self.distance
        break
      }
    }
    known[SIMD2(column, row)] = found
    return found
  }

  /// The share of the sun that splats let through to a point of a surface.
  func share(_ point: SIMD3<Double>, normal: SIMD3<Double>) -> Double {
    let off = turn.rotate(point + 1.5 * texel * normal) - middle
    let place = SIMD2(off.x, off.y) / texel + Double(Self.size) / 2 - 0.5
    let (left, top) = (Int(place.x.rounded(.down)), Int(place.y.rounded(.down)))
    var share = 0.0
    for row in [top, top + 1] {
      for column in [left, left + 1] where depth(column, row) >= off.z - texel - 0.03 {
        share += (1 - abs(place.x - Double(column))) * (1 - abs(place.y - Double(row)))
      }
    }
    return share
  }
}
