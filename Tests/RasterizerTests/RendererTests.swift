// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Images
import Splats
import Testing

@testable import Rasterizer

/// What one pixel holds.
struct PixelValues {
  var colour: SIMD3<Float>
  var alpha: Float
  var depth: Float
  var instance: UInt32
}

extension Rendering {
  /// The values at a pixel; 33 x 33 images have their centre at (16, 16).
  func pixel(_ x: Int = 16, _ y: Int = 16) -> PixelValues {
    let at = y * alpha.width + x
    return PixelValues(
      colour: SIMD3(floatColour[at * 3], floatColour[at * 3 + 1], floatColour[at * 3 + 2]),
      alpha: alpha.values[at], depth: depth.values[at], instance: instances.ids[at])
  }
}

func render(_ splats: [PlainSplat], _ request: RenderRequest) -> Rendering {
  Renderer(splats: PackedSplats(cloud(splats))).render(request)
}

/// Float arithmetic on numbers near 1: logit and log2 of the opacity, 2^x, a few products.
private let rounding: Float = 3e-6

private func close(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Bool {
  let d = a - b
  return max(abs(d.x), abs(d.y), abs(d.z)) < rounding
}

@Suite struct `Splats in a picture` {
  @Test func `shows one splat as its closed form`() {
    let rendering = render([PlainSplat(opacity: 0.8)], tinyRequest())
    let center = rendering.pixel()
    #expect(close(center.colour, SIMD3(0.8, 0, 0)))
    #expect(abs(center.alpha - 0.8) < rounding)
    #expect(abs(center.depth - 2) < rounding)
    // 0.1 m at 2 m is 3.2 pixels; blurred, the variance is 3.2^2 + 0.3. Two pixels to the right:
    let expected = 0.8 * exp(-0.5 * 4 / (3.2 * 3.2 + 0.3))
    #expect(abs(rendering.pixel(18, 16).colour.x - Float(expected)) < rounding)
    #expect(abs(rendering.pixel(16, 14).colour.x - Float(expected)) < rounding)
    // Less than half is covered at the corner: no depth.
    #expect(rendering.pixel(0, 0).depth == 0)
  }

  @Test func `blends two splats front to back`() {
    let far = PlainSplat(
      position: SIMD3(0, 0, 3), opacity: 0.5, colour: SIMD3(0, 1, 0), instance: 2)
    let near = PlainSplat(opacity: 0.6, instance: 1)
    let center = render([far, near], tinyRequest()).pixel()
    #expect(close(center.colour, SIMD3(0.6, 0.4 * 0.5, 0)))
    #expect(abs(center.alpha - 0.8) < rounding)
    // (0.6 * 2 + 0.2 * 3) / 0.8
    #expect(abs(center.depth - 2.25) < 2 * rounding)
    #expect(center.instance == 1)
  }

  @Test func `lets the earlier splat win a tie of depth`() {
    let red = PlainSplat(position: SIMD3(0.001, 0, 2), opacity: 0.9)
    let green = PlainSplat(
      position: SIMD3(-0.001, 0, 2), opacity: 0.9, colour: SIMD3(0, 1, 0))
    #expect(render([red, green], tinyRequest()).pixel().colour.x > 0.8)
    #expect(render([green, red], tinyRequest()).pixel().colour.y > 0.8)
  }

  @Test func `never hides more than the profile's largest alpha`() {
    let center = render([PlainSplat(opacity: 1)], tinyRequest()).pixel()
    #expect(abs(center.alpha - 0.99) < rounding)
  }

  @Test func `puts the background behind and multiplies all by the exposure`() {
    var request = tinyRequest()
    request.backgroundSRGB = SIMD3(0.2, 0.4, 0.6)
    request.illumination.exposure = 0.5
    let rendering = render([PlainSplat(opacity: 0.5)], request)
    #expect(close(rendering.pixel().colour, SIMD3(0.5 + 0.1, 0.2, 0.3) * 0.5))
    // 0.6 * 0.5 * 255 = 76.5 would be a tie; 0.4 * 0.5 * 255 = 51.
    #expect(rendering.colour.bytes[1] == 51)
  }

  @Test func `rounds colours to the nearest byte and clamps them`() {
    var request = tinyRequest(width: 1, height: 1)
    for (value, byte) in [(-1, 0), (0.5 / 255 - 1e-4, 0), (0.5 / 255 + 1e-4, 1), (2, 255)] {
      request.backgroundSRGB = SIMD3(repeating: Float(value))
      #expect(render([], request).colour.bytes == Array(repeating: UInt8(byte), count: 3))
    }
  }

  @Test func `keeps only gsplat's splats nearer than 0.2 m`() {
    let splat = PlainSplat(
      position: SIMD3(0, 0, 0.15), deviations: SIMD3(repeating: 0.01), opacity: 0.9)
    var request = tinyRequest()
    #expect(render([splat], request).pixel().alpha > 0.8)
    request.profile = .inria
    #expect(render([splat], request).pixel().alpha == 0)
  }

  @Test func `cuts a splat at INRIA's tiles and nowhere in gsplat`() {
    // 0.3 m at 2 m is 9.6 pixels: 3 deviations from x = 17.5 end at 46.3, before the tile that
    // starts at 48, while at its first centre, 31 pixels away, alpha is still 0.0055.
    let splat = PlainSplat(deviations: SIMD3(repeating: 0.3), opacity: 0.99)
    var request = tinyRequest(width: 64, height: 33)
    request.camera.principalPoint = SIMD2(17.5, 16.5)
    #expect(render([splat], request).pixel(48, 16).alpha > 1.0 / 255)
    request.profile = .inria
    #expect(render([splat], request).pixel(48, 16).alpha == 0)
    #expect(render([splat], request).pixel(47, 16).alpha > 0)
  }

  @Test func `draws a cloud of degree 4 as one of degree 3`() {
    let full = randomCloud(seed: 5, count: 20, shDegree: 4)
    var cut = SplatCloud(shDegree: 3)
    cut.positions = full.positions
    cut.logScales = full.logScales
    cut.rotations = full.rotations
    cut.opacityLogits = full.opacityLogits
    cut.sh0 = full.sh0
    cut.instanceIDs = full.instanceIDs
    for index in 0..<full.count {
      cut.shRest += full.shRest[index * 72..<index * 72 + 45]
    }
    let request = tinyRequest()
    #expect(
      Renderer(splats: PackedSplats(full)).render(request)
        == Renderer(splats: PackedSplats(cut)).render(request))
  }
}

@Suite struct `Repeated rendering` {
  /// Requests as a simulator makes them: still and moving cameras, a mesh that moves.
  static var requests: [RenderRequest] {
    (0..<10).map { index in
      var request = tinyRequest(width: 70, height: 41)
      request.cameraFromWorld.translation.x = index < 6 ? 0 : 0.1 * Double(index / 2)
      if index != 3 {
        var mesh = wall(depth: 2.2, halfSize: 0.2)
        mesh.worldFromMesh.translation.x = 0.15 * Double(index) - 0.5
        request.meshes = [mesh]
      }
      if index >= 5 { request.illumination.exposure = 0.8 }
      if index == 9 { request.outputs = [.floatColour] }
      return request
    }
  }

  @Test(arguments: [1, 2, 3])
  func `gives the same bytes for any thread count and any past`(threadCount: Int) {
    let splats = PackedSplats(randomCloud(seed: 3, count: 600, shDegree: 2))
    let used = Renderer(splats: splats, threadCount: threadCount)
    for request in Self.requests {
      // Twice in a row, so that the second draws from what the first kept.
      let fresh = Renderer(splats: splats).render(request)
      #expect(used.render(request) == fresh)
      #expect(used.render(request) == fresh)
    }
  }

  @Test func `reports its stages, and skips the splats' for a still camera`() {
    let renderer = Renderer(splats: PackedSplats(cloud([PlainSplat()])))
    var stages: [RenderStage] = []
    renderer.stageEnded = { stages.append($0) }
    _ = renderer.render(tinyRequest())
    _ = renderer.render(tinyRequest())
    #expect(stages == [.project, .sort, .bin, .meshes, .tiles, .meshes, .tiles])
  }
}

@Suite struct `Splats that cannot be drawn` {
  private let good = PlainSplat(opacity: 0.7)

  @Test func `are none: the background shows`() {
    var request = tinyRequest()
    request.backgroundSRGB = SIMD3(0, 0, 1)
    let rendering = render([], request)
    #expect(rendering.pixel().colour == SIMD3(0, 0, 1))
    #expect(rendering.pixel().alpha == 0 && rendering.pixel().depth == 0)
  }

  @Test func `are left out when a number is NaN or infinite`() {
    let alone = render([good], tinyRequest())
    var bad = cloud(Array(repeating: good, count: 7))
    bad.positions[1].y = .nan
    bad.positions[2].z = .infinity
    bad.logScales[3].x = .nan
    bad.logScales[4].z = .infinity
    bad.opacityLogits[5] = .nan
    bad.sh0[6].z = -.infinity
    let packed = PackedSplats(bad)
    #expect(packed.count == 1 && packed.omittedCount == 6)
    #expect(Renderer(splats: packed).render(tinyRequest()) == alone)
  }

  @Test func `count as unturned when the quaternion is zero or NaN`() {
    let round = render([good], tinyRequest())
    for w in [0, Float.nan] {
      let turned = PlainSplat(rotation: Quaternion(w: w, x: 0, y: 0, z: 0), opacity: 0.7)
      #expect(render([turned], tinyRequest()) == round)
    }
  }

  @Test func `are opaque at an infinite logit and clear at a negative one`() {
    var extremes = cloud([good])
    extremes.opacityLogits[0] = .infinity
    let opaque = Renderer(splats: PackedSplats(extremes)).render(tinyRequest())
    #expect(abs(opaque.pixel().alpha - 0.99) < rounding)
    extremes.opacityLogits[0] = -.infinity
    let clear = Renderer(splats: PackedSplats(extremes)).render(tinyRequest())
    #expect(clear.pixel().alpha == 0)
  }

  @Test func `may surround the camera, be huge, or be points`() {
    let around = PlainSplat(position: SIMD3(0, 0, 0.05), deviations: SIMD3(repeating: 10))
    let huge = PlainSplat(position: SIMD3(0, 0, 1e7), deviations: SIMD3(1e8, 1e8, 1e3))
    let point = PlainSplat(position: SIMD3(0, 0, 3), deviations: .zero)
    let rendering = render([around, huge, point], tinyRequest())
    #expect(rendering.floatColour.allSatisfy { $0.isFinite && $0 >= 0 })
    #expect(rendering.alpha.values.allSatisfy { (0...1).contains($0) })
    #expect(rendering.depth.values.allSatisfy { $0.isFinite && $0 >= 0 })
  }

  @Test func `leave the background when the pose is NaN`() {
    var request = tinyRequest()
    request.cameraFromWorld.translation.y = .nan
    request.meshes = [wall(depth: 2)]
    #expect(render([good], request).alpha.values.allSatisfy { $0 == 0 })
  }
}
