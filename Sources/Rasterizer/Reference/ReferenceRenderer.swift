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

  /// Makes a renderer of a cloud.
  package init(_ cloud: SplatCloud) {
    cloud.checkInvariants()
    self.cloud = cloud
  }

  /// Draws a request.
  package func render(_ request: RenderRequest) -> Rendering {
    let rules = ViewRules(camera: request.camera, profile: request.profile)
    let splats = (0..<cloud.count).compactMap { index in
      ReferenceSplat(cloud, index, request, rules)
    }
    .sorted { ($0.depth, $0.index) < ($1.depth, $1.index) }
    let triangles = request.meshes.flatMap { ReferenceTriangle.all(of: $0, in: request, rules) }
    var rendering = Rendering(request: request)
    for y in 0..<request.camera.height {
      for x in 0..<request.camera.width {
        var pixel = ReferencePixel()
        let surface = nearest(triangles, x, y, rules)
        pixel.blend(splats, x: x, y: y, surface: surface, rules: rules)
        pixel.write(to: &rendering, x: x, y: y, surface: surface, request: request)
      }
    }
    return rendering
  }

  private func nearest(
    _ triangles: [ReferenceTriangle], _ x: Int, _ y: Int, _ rules: ViewRules
  ) -> ReferenceSurface? {
    var nearest: ReferenceSurface?
    for triangle in triangles {
      guard let surface = triangle.surface(x: x, y: y, near: Double(rules.meshNear)) else {
        continue
      }
      guard surface.depth <= Double(rules.far) else { continue }
      if surface.depth < nearest?.depth ?? .infinity { nearest = surface }
    }
    return nearest
  }
}

/// What one pixel adds up, front to back.
struct ReferencePixel {
  private var colour = SIMD3<Double>.zero
  private var weightedDepth = 0.0
  private var transmittance = 1.0
  private var heaviest = 0.0
  private var instance: UInt32 = 0

  mutating func blend(
    _ splats: [ReferenceSplat], x: Int, y: Int, surface: ReferenceSurface?, rules: ViewRules
  ) {
    for splat in splats where splat.reaches(x: x, y: y) {
      let depth = splat.depth(x: x, y: y)
      if let surface, depth >= surface.depth { continue }
      let alpha = min(splat.alpha(x: x, y: y), Double(rules.maximumAlpha))
      guard alpha >= 1.0 / 255 else { continue }
      let left = transmittance * (1 - alpha)
      guard left >= Double(rules.minimumTransmittance) else { return }
      let weight = transmittance * alpha
      colour += weight * splat.colour
      weightedDepth += weight * depth
      if weight > heaviest {
        heaviest = weight
        instance = splat.instance
      }
      transmittance = left
    }
  }

  func write(
    to rendering: inout Rendering, x: Int, y: Int, surface: ReferenceSurface?,
    request: RenderRequest
  ) {
    let at = y * request.camera.width + x
    let behind = surface?.colour ?? SIMD3<Double>(request.backgroundSRGB)
    let value = (colour + transmittance * behind) * Double(request.illumination.exposure)
    for channel in 0..<3 {
      let clamped = min(max(value[channel], 0), 1)
      rendering.colour.bytes[at * 3 + channel] = UInt8(clamped * 255 + 0.5)
      if request.outputs.contains(.floatColour) {
        rendering.floatColour[at * 3 + channel] = Float(value[channel])
      }
    }
    let alpha = surface == nil ? 1 - transmittance : 1
    rendering.alpha.values[at] = Float(alpha)
    if request.outputs.contains(.depth) {
      let depth = (weightedDepth + transmittance * (surface?.depth ?? 0)) / alpha
      rendering.depth.values[at] = alpha >= 0.5 ? Float(depth) : 0
    }
    if request.outputs.contains(.instances) {
      rendering.instances.ids[at] = transmittance >= 0.5 ? surface?.instance ?? 0 : instance
    }
  }
}
