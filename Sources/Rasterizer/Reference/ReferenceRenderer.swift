// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Images
package import Splats

/// The rasteriser once more, slow and in doubles: what the kernels are judged by.
///
/// No tiles, no bounds, no packing: every pixel asks every splat and every triangle. It shares with
/// the fast path only the request's types, the profile's rules and which splats can be drawn.
///
/// - Complexity: O(pixels x (splats + triangles)); meant for images of a few thousand pixels.
package struct ReferenceRenderer: Sendable {
  /// The cloud to draw.
  package var cloud: SplatCloud
  /// As `PackedSplats.isAntialiased`.
  package var isAntialiased: Bool

  /// Makes a renderer of a cloud.
  package init(_ cloud: SplatCloud, isAntialiased: Bool = false) {
    self.isAntialiased = isAntialiased
    cloud.checkInvariants()
    self.cloud = cloud
  }

  /// Draws a request.
  package func render(_ request: RenderRequest) -> Rendering {
    let rules = ViewRules(camera: request.camera, profile: request.profile)
    let meetings = meetings(request, rules)
    let nearest = surfaces(request, rules)
    let offsets = request.softensMeshEdges ? MeshSamples.offsets : []
    let places = offsets.map { offset -> (Int, Int) -> ReferenceSurface? in
      var moved = request
      moved.camera.principalPoint -= offset
      return surfaces(moved, rules)
    }
    var rendering = Rendering(request: request)
    for y in 0..<request.camera.height {
      for x in 0..<request.camera.width {
        var pixel = ReferencePixel()
        let surface = nearest(x, y)
        pixel.blend(meetings(x, y), surface: surface, rules: rules)
        pixel.write(to: &rendering, x: x, y: y, surface: surface, request: request)
        let others = places.map { $0(x, y) }
        guard others.contains(where: { Self.isEdge(surface, $0) }) else { continue }
        let parts = others.map { other in
          var pixel = ReferencePixel()
          pixel.blend(meetings(x, y), surface: other, rules: rules)
          return pixel.shown(before: other, request)
        }
        ReferencePixel.write(
          parts.reduce(SIMD4<Double>.zero, +) / Double(parts.count), to: &rendering,
          at: y * request.camera.width + x)
      }
    }
    return rendering
  }

  /// Whether two places in a pixel see different meshes, or one before itself.
  private static func isEdge(_ a: ReferenceSurface?, _ b: ReferenceSurface?) -> Bool {
    guard let a, let b else { return (a == nil) != (b == nil) }
    return a.mesh != b.mesh || abs(a.depth - b.depth) > 0.02 * max(a.depth, b.depth)
  }

  /// What each pixel sees of the splats, near to far by their centres.
  private func meetings(
    _ request: RenderRequest, _ rules: ViewRules
  ) -> (_ x: Int, _ y: Int) -> any Sequence<ReferenceMeeting> {
    let all = 0..<cloud.count
    if request.isSeenByRays {
      let splats = all.compactMap { ReferenceRaySplat(self, $0, request, rules) }
        .sorted { ($0.distance, $0.index) < ($1.distance, $1.index) }
      return { x, y in
        guard let ray = ReferenceRay(x: x, y: y, request) else { return [] }
        return splats.lazy.compactMap { $0.meeting(ray) }
      }
    }
    let splats = all.compactMap { ReferenceSplat(self, $0, request, rules) }
      .sorted { ($0.depth, $0.index) < ($1.depth, $1.index) }
    return { x, y in splats.lazy.compactMap { $0.meeting(x: x, y: y) } }
  }

  /// What each pixel sees of the meshes: the nearest, of equals the first.
  private func surfaces(
    _ request: RenderRequest, _ rules: ViewRules
  ) -> (_ x: Int, _ y: Int) -> ReferenceSurface? {
    let near = Double(rules.meshNear)
    let all: (Int, Int) -> [ReferenceSurface?]
    if request.isSeenByRays {
      let triangles = request.meshes.indices.flatMap {
        ReferenceRayTriangle.all(of: $0, in: request, rules)
      }
      all = { x, y in
        guard let ray = ReferenceRay(x: x, y: y, request) else { return [] }
        return triangles.map { $0.surface(ray, x: x, y: y, near: near) }
      }
    } else {
      let triangles = request.meshes.enumerated().flatMap { index, mesh in
        ReferenceTriangle.all(of: mesh, in: request, rules).map { (index, $0) }
      }
      all = { x, y in
        triangles.map { mesh, triangle in
          var surface = triangle.surface(x: x, y: y, near: near)
          surface?.mesh = mesh
          return surface
        }
      }
    }
    return { x, y in
      var nearest: ReferenceSurface?
      for case let surface? in all(x, y) where surface.depth <= Double(rules.far) {
        if surface.depth < nearest?.depth ?? .infinity { nearest = surface }
      }
      return nearest
    }
  }
}
