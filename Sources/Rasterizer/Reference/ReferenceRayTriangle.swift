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
  private let paint: ReferencePaint?

  /// The triangles of a request's mesh.
  static func all(
    of mesh: Int, in request: RenderRequest, _ rules: ViewRules
  ) -> [ReferenceRayTriangle] {
    let placed = request.meshes[mesh]
    let indices = placed.mesh.mesh.indices
    let hasOutsideOnly = request.showsOutsideOnly(of: placed, rules)
    let texture = placed.mesh.mesh.texture.map { ReferenceTexture($0) }
    return stride(from: 0, to: indices.count, by: 3).map { first in
      let vertices = indices[first..<first + 3].map(Int.init)
      let paint = ReferencePaint(placed.mesh.mesh, vertices, texture)
      return ReferenceRayTriangle(mesh, vertices, paint, request, hasOutsideOnly)
    }
  }

  private init(
    _ mesh: Int, _ vertices: [Int], _ paint: ReferencePaint?, _ request: RenderRequest,
    _ hasOutsideOnly: Bool
  ) {
    let placed = request.meshes[mesh]
    let source = placed.mesh.mesh
    self.paint = paint
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
    if let paint, !paint.isSolid([1 - u - v, u, v]) { return nil }
    let outward = normalize((1 - u - v) * normals[0] + u * normals[1] + v * normals[2])
    let normal = seesOutside ? outward : -outward
    let painted = paint.map { paint in
      let plane = (first: first, second: second, offset: offset)
      return paint.light(
        [1 - u - v, u, v], across: change(plane, ray, to: (x ^ 1, y), at: (x, y)),
        down: change(plane, ray, to: (x, y ^ 1), at: (x, y)))
    }
    return ReferenceSurface(
      depth: depth,
      colour: shading.colour(
        normal: normal, toEye: -ray.direction, painted: painted ?? SIMD3(1, 1, 1)),
      instance: request.meshes[mesh].instanceID, mesh: mesh,
      normal: request.cameraFromWorld.rotation.normalized.rotate(normal))
  }

  /// How the weights of the corners change to the ray of the other pixel of a pair.
  ///
  /// To first order, and not at all where that pixel has no ray. The camera stands as it does for
  /// the first.
  private func change(
    _ plane: (first: SIMD3<Double>, second: SIMD3<Double>, offset: SIMD3<Double>),
    _ ray: ReferenceRay, to other: (x: Int, y: Int), at pixel: (x: Int, y: Int)
  ) -> [Double] {
    let beside = SIMD2(Double(other.x) + 0.5, Double(other.y) + 0.5)
    guard other.x < request.camera.width, other.y < request.camera.height,
      let inCamera = request.camera.ray(through: beside)
    else { return [0, 0, 0] }
    let turn = request.cameraFromWorld(x: pixel.x, y: pixel.y).rotation.normalized
    let step = turn.conjugate.rotate(inCamera) - ray.direction
    let normal = cross(plane.first, plane.second)
    let along = dot(normal, ray.direction)
    let distance = -dot(normal, plane.offset) / along
    // How the point on the plane moves, and its weights by areas.
    let move = distance * (step - dot(normal, step) / along * ray.direction)
    let square = dot(normal, normal)
    let second = dot(cross(move, plane.second), normal) / square
    let third = dot(cross(plane.first, move), normal) / square
    return [-second - third, second, third]
  }
}
