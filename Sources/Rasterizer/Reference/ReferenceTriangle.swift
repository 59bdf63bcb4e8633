// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Meshes

/// What a pixel sees of a mesh.
struct ReferenceSurface {
  var depth: Double
  var colour: SIMD3<Double>
  var instance: UInt32
  /// The mesh's place in the request.
  var mesh = 0
  /// Unit, on the seen side, in the camera's frame.
  var normal: SIMD3<Double>
}

/// A triangle in front of a camera, asked pixel by pixel.
///
/// Coverage, for triangles that lie in front of the near plane: corners are rounded to 1/256 pixel;
/// a pixel is covered when its centre lies inside, or on a top edge (level, its inside below) or a
/// left edge (its inside to the right). For triangles cut by the near plane: where the ray through
/// the pixel's centre meets the triangle beyond the plane. A side is lit as if its normal faced the
/// viewer; which sides are drawn, `PackedMesh.sides` says.
struct ReferenceTriangle {
  private let corners: [SIMD3<Double>]  // in the camera's frame, metres
  private let normals: [SIMD3<Double>]  // in the world, on the seen side, of any length
  private let snapped: [SIMD2<Int>]?  // 1/256 pixel, clockwise on the image; nil when cut
  private let camera: Camera
  private let turn: Quaternion<Double>  // the camera's frame from the world
  private let instance: UInt32
  private let shading: ReferenceShading
  private let paint: ReferencePaint?

  /// The triangles of an instance that reach beyond the near plane.
  static func all(
    of instance: MeshInstance, in request: RenderRequest, _ rules: ViewRules
  ) -> [ReferenceTriangle] {
    let mesh = instance.mesh.mesh
    let texture = mesh.texture.map { ReferenceTexture($0) }
    return stride(from: 0, to: mesh.indices.count, by: 3).compactMap { first in
      let vertices = mesh.indices[first..<first + 3].map(Int.init)
      return ReferenceTriangle(instance, vertices, texture, request, near: Double(rules.meshNear))
    }
  }

  private init?(
    _ placed: MeshInstance, _ asked: [Int], _ texture: ReferenceTexture?,
    _ request: RenderRequest, near: Double
  ) {
    var vertices = asked
    let scale = SIMD3<Double>(placed.scale)
    let mesh = placed.mesh.mesh
    let inWorld = vertices.map {
      placed.worldFromMesh * (SIMD3<Double>(mesh.positions[$0]) * scale)
    }
    var points = inWorld.map { request.cameraFromWorld * $0 }
    guard points.contains(where: { $0.z >= near }) else { return nil }
    // The outside is where the corners wind counter-clockwise, unless the scale mirrors the mesh.
    let mirrored = scale.x * scale.y * scale.z < 0
    let geometric = cross(inWorld[1] - inWorld[0], inWorld[2] - inWorld[0])
    let outward = mirrored ? -geometric : geometric
    let eye = request.cameraFromWorld.inverse.translation
    let seesOutside = dot(outward, inWorld[0] - eye) < 0
    if !seesOutside, Self.hasOutsideOnly(placed, request, near: near) { return nil }
    var seen = vertices.map { vertex in
      let normal =
        mesh.normals.isEmpty
        ? outward
        : placed.worldFromMesh.rotation.rotate(SIMD3<Double>(mesh.normals[vertex]) / scale)
      return seesOutside ? normal : -normal
    }
    if points.allSatisfy({ $0.z >= near }) {
      var onImage = points.map { Self.snap($0, request.camera) }
      let area = Self.edge(onImage[0], onImage[1], at: onImage[2])
      if area == 0 { return nil }
      if area < 0 {
        onImage.swapAt(1, 2)
        points.swapAt(1, 2)
        seen.swapAt(1, 2)
        vertices.swapAt(1, 2)
      }
      snapped = onImage
    } else {
      snapped = nil
    }
    corners = points
    normals = seen
    camera = request.camera
    turn = request.cameraFromWorld.rotation.normalized
    instance = placed.instanceID
    shading = ReferenceShading(placed, request.illumination)
    paint = ReferencePaint(mesh, vertices, texture)
  }

  /// Whether the inside of a mesh is not drawn: all corners of its box must lie beyond the near
  /// plane for a closed mesh to hide it.
  private static func hasOutsideOnly(
    _ placed: MeshInstance, _ request: RenderRequest, near: Double
  ) -> Bool {
    if let sides = placed.mesh.sides { return sides == .outside }
    let (low, high) = (placed.mesh.bounds.minimum, placed.mesh.bounds.maximum)
    let depths = (0..<8).map { corner in
      let inMesh = SIMD3(
        corner & 1 == 0 ? low.x : high.x, corner & 2 == 0 ? low.y : high.y,
        corner & 4 == 0 ? low.z : high.z)
      let inWorld = placed.worldFromMesh * (inMesh * SIMD3<Double>(placed.scale))
      return (request.cameraFromWorld * inWorld).z
    }
    return placed.mesh.isClosed && depths.allSatisfy { $0 >= near }
  }

  private static func snap(_ point: SIMD3<Double>, _ camera: Camera) -> SIMD2<Int> {
    let pixel =
      camera.focalLengthPixels * SIMD2(point.x, point.y) / point.z + camera.principalPoint
    let units = (pixel * 256 + 0.5).rounded(.down)
    return SIMD2(Int(units.x), Int(units.y))
  }

  /// Twice the signed area of a, b and a point; positive when they turn clockwise on the image.
  private static func edge(_ a: SIMD2<Int>, _ b: SIMD2<Int>, at p: SIMD2<Int>) -> Int {
    (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x)
  }

  /// What a pixel sees of the triangle, nil where it is not covered.
  func surface(x: Int, y: Int, near: Double) -> ReferenceSurface? {
    guard let weights = snapped.map({ inside($0, x, y) }) ?? cast(x, y) else { return nil }
    // Weights on the image become weights on the triangle once divided by depth.
    let shares = (0..<3).map { weights[$0] / corners[$0].z }
    let total = shares[0] + shares[1] + shares[2]
    let depth = (weights[0] + weights[1] + weights[2]) / total
    guard depth >= near else { return nil }
    if let paint, !paint.isSolid(shares) { return nil }
    let normal = normalize((0..<3).reduce(.zero) { $0 + shares[$1] / total * normals[$1] })
    let pixel = SIMD2(Double(x) + 0.5, Double(y) + 0.5)
    let slope = (pixel - camera.principalPoint) / camera.focalLengthPixels
    let toEye = turn.conjugate.rotate(-normalize(SIMD3(slope.x, slope.y, 1)))
    let painted = paint.map { paint in
      let here = linearWeights(at: pixel)
      func step(_ x: Double, _ y: Double) -> [Double] {
        zip(linearWeights(at: pixel + SIMD2(x, y)), here).map { $0 - $1 }
      }
      return paint.light(here, across: step(1, 0), down: step(0, 1))
    }
    let colour = shading.colour(normal: normal, toEye: toEye, painted: painted ?? SIMD3(1, 1, 1))
    return ReferenceSurface(
      depth: depth, colour: colour, instance: instance, normal: turn.rotate(normal))
  }

  /// The corners' weights on the triangle at any point of the image, up to a common factor with
  /// which they are linear there.
  private func linearWeights(at pixel: SIMD2<Double>) -> [Double] {
    guard let snapped else {
      let slope = (pixel - camera.principalPoint) / camera.focalLengthPixels
      let ray = SIMD3(slope.x, slope.y, 1)
      return (0..<3).map { dot(ray, cross(corners[($0 + 1) % 3], corners[($0 + 2) % 3])) }
    }
    return (0..<3).map { corner in
      let (a, b) = (snapped[(corner + 1) % 3], snapped[(corner + 2) % 3])
      let (dx, dy) = (Double(b.x - a.x), Double(b.y - a.y))
      let offset = pixel * 256 - SIMD2(Double(a.x), Double(a.y))
      return (dx * offset.y - dy * offset.x) / corners[corner].z
    }
  }

  private func inside(_ snapped: [SIMD2<Int>], _ x: Int, _ y: Int) -> [Double]? {
    let center = SIMD2(x * 256 + 128, y * 256 + 128)
    var weights: [Double] = []
    for corner in 0..<3 {
      let (a, b) = (snapped[(corner + 1) % 3], snapped[(corner + 2) % 3])
      let value = Self.edge(a, b, at: center)
      let isTopOrLeft = b.y < a.y || (b.y == a.y && b.x > a.x)
      guard value > 0 || (value == 0 && isTopOrLeft) else { return nil }
      weights.append(Double(value))
    }
    return weights
  }

  /// The weights of the ray through a pixel's centre, scaled so that they interpolate as
  /// `inside`'s.
  private func cast(_ x: Int, _ y: Int) -> [Double]? {
    let pixel = SIMD2(Double(x) + 0.5, Double(y) + 0.5)
    let slope = (pixel - camera.principalPoint) / camera.focalLengthPixels
    let ray = SIMD3(slope.x, slope.y, 1)
    // ray * depth = sum of w_i corner_i: Cramer's rule without the common determinant.
    let volumes = [
      dot(ray, cross(corners[1], corners[2])), dot(ray, cross(corners[2], corners[0])),
      dot(ray, cross(corners[0], corners[1])),
    ]
    let sum = volumes[0] + volumes[1] + volumes[2]
    guard sum != 0 else { return nil }
    let onTriangle = volumes.map { $0 / sum }
    guard onTriangle.allSatisfy({ $0 >= 0 }) else { return nil }
    return (0..<3).map { onTriangle[$0] * corners[$0].z }
  }
}
