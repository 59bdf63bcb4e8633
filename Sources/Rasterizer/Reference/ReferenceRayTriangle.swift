// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Meshes

/// A triangle in space, met by rays: any lens, any shutter, any motion.
///
/// Where the ray through a pixel's centre meets the triangle beyond the near plane: Möller and
/// Trumbore, "Fast, minimum storage ray/triangle intersection", 1997. Nothing is snapped.
struct ReferenceRayTriangle {
  /// In the world, metres: while each line is exposed, or at all times.
  private let corners: [[SIMD3<Double>]]
  private let linesAreColumns: Bool
  private let normals: [SIMD3<Double>]  // in the world, outside, of any length
  private let isMirrored: Bool
  private let hasOutsideOnly: Bool
  private let mesh: Int
  private let request: RenderRequest
  private let shading: ReferenceShading

  /// The triangles of a request's mesh.
  static func all(
    of mesh: Int, in request: RenderRequest, _ rules: ViewRules
  ) -> [ReferenceRayTriangle] {
    let placed = request.meshes[mesh]
    let indices = placed.mesh.mesh.indices
    let hasOutsideOnly = request.showsOutsideOnly(of: placed, rules)
    return stride(from: 0, to: indices.count, by: 3).map { first in
      ReferenceRayTriangle(mesh, indices[first..<first + 3].map(Int.init), request, hasOutsideOnly)
    }
  }

  private init(
    _ mesh: Int, _ vertices: [Int], _ request: RenderRequest, _ hasOutsideOnly: Bool
  ) {
    let placed = request.meshes[mesh]
    let source = placed.mesh.mesh
    let scale = SIMD3<Double>(placed.scale)
    let inMesh = vertices.map { SIMD3<Double>(source.positions[$0]) * scale }
    corners = (placed.linePoses ?? [placed.worldFromMesh]).map { worldFromMesh in
      inMesh.map { worldFromMesh * $0 }
    }
    linesAreColumns = request.linePoses?.areColumns ?? false
    isMirrored = scale.x * scale.y * scale.z < 0
    let geometric = cross(inMesh[1] - inMesh[0], inMesh[2] - inMesh[0])
    let outward = isMirrored ? -geometric : geometric
    normals = vertices.map { vertex in
      placed.worldFromMesh.rotation.normalized.rotate(
        source.normals.isEmpty ? outward : SIMD3<Double>(source.normals[vertex]) / scale)
    }
    self.mesh = mesh
    self.request = request
    shading = ReferenceShading(placed, request.illumination)
    self.hasOutsideOnly = hasOutsideOnly
  }

  /// What a pixel sees of the triangle, nil where its ray does not meet it.
  func surface(_ ray: ReferenceRay, x: Int, y: Int, near: Double) -> ReferenceSurface? {
    let corners = corners.count == 1 ? corners[0] : corners[linesAreColumns ? x : y]
    let (first, second) = (corners[1] - corners[0], corners[2] - corners[0])
    let p = cross(ray.direction, second)
    let determinant = dot(first, p)
    guard determinant != 0 else { return nil }
    let offset = ray.origin - corners[0]
    let u = dot(offset, p) / determinant
    guard u >= 0, u <= 1 else { return nil }
    let q = cross(offset, first)
    let v = dot(ray.direction, q) / determinant
    let depth = dot(second, q) / determinant * ray.depthPerMetre
    guard v >= 0, u + v <= 1, depth >= near else { return nil }
    // The determinant is that of the mesh as it is wound, which a scale may mirror.
    let seesOutside = (determinant > 0) != isMirrored
    if !seesOutside, hasOutsideOnly { return nil }
    let outward = normalize((1 - u - v) * normals[0] + u * normals[1] + v * normals[2])
    let normal = seesOutside ? outward : -outward
    return ReferenceSurface(
      depth: depth, colour: shading.colour(normal: normal, toEye: -ray.direction),
      instance: request.meshes[mesh].instanceID, mesh: mesh,
      normal: request.cameraFromWorld.rotation.normalized.rotate(normal))
  }
}
