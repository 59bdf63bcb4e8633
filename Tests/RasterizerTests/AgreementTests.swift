// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Images
import Splats
import Testing

@testable import Rasterizer

/// How far two renderings of one request lie apart.
struct Difference {
  var mean = 0.0
  var largest = 0.0
  /// Pixels whose colour differs by more than a rounding could explain.
  var flippedPixels = 0
  var labelPixels = 0

  init(_ a: Rendering, _ b: Rendering) {
    func add(_ left: [Float], _ right: [Float]) {
      for (x, y) in zip(left, right) {
        let distance = abs(Double(x) - Double(y))
        mean += distance / Double(left.count)
        largest = max(largest, distance)
      }
    }
    add(a.floatColour, b.floatColour)
    add(a.alpha.values, b.alpha.values)
    for at in a.alpha.values.indices {
      let channels = [0, 1, 2].map { abs(a.floatColour[at * 3 + $0] - b.floatColour[at * 3 + $0]) }
      if channels.contains(where: { $0 > 1e-4 }) { flippedPixels += 1 }
      if a.instances.ids[at] != b.instances.ids[at] { labelPixels += 1 }
    }
  }
}

@Suite struct `Kernels and twin` {
  struct Scene: CustomTestStringConvertible {
    var seed: UInt64
    var testDescription: String { "seed \(seed)" }
    var shDegree: Int { Int(seed % 4) }
    var cloud: SplatCloud { randomCloud(seed: seed, count: 60, shDegree: shDegree) }
    var request: RenderRequest {
      var request = tinyRequest(width: 48, height: 37)
      request.profile = seed % 2 == 0 ? .gsplat : .inria
      request.backgroundSRGB = SIMD3(0.1, 0.2, 0.3)
      request.cameraFromWorld = RigidTransform(
        rotation: Quaternion(angle: 0.1 * Double(seed), axis: SIMD3(0.1, 0.05, 1)),
        translation: SIMD3(0.05, -0.1, 0.02 * Double(seed)))
      if seed % 3 == 0 { request.meshes = randomMeshes(seed: seed) }
      return request
    }
  }

  @Test(arguments: (0..<24).map { Scene(seed: UInt64($0)) })
  func `agree`(_ scene: Scene) {
    let request = scene.request
    let fast = Renderer(splats: PackedSplats(scene.cloud)).render(request)
    let slow = ReferenceRenderer(scene.cloud).render(request)
    let difference = Difference(fast, slow)
    print(scene.seed, difference.mean, difference.largest)
    #expect(difference.mean < 1e-6)
  }
}
