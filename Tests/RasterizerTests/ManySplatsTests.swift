// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Images
import Splats
import Testing

@testable import Rasterizer

/// 40,003 splats around the camera, so that every pass is cut into several parts; some lie at the
/// same place as one far away in the cloud, which ties their depths.
private let crowd: SplatCloud = {
  var cloud = randomCloud(seed: 77, count: 40_003, shDegree: 1)
  for index in cloud.positions.indices {
    if index % 3 == 0 { cloud.positions[index].z *= -1 }
    if index % 20 == 7 { cloud.positions[index] = cloud.positions[(index * 7919) % 40_003] }
    cloud.logScales[index] -= 1.5
  }
  return cloud
}()

@Suite struct `Many splats` {
  @Test func `are the same bytes for any number of threads`() {
    var request = tinyRequest(width: 100, height: 70)
    request.meshes = randomMeshes(seed: 3)
    let packed = PackedSplats(crowd)
    let alone = Renderer(splats: packed, threadCount: 1).render(request)
    #expect(alone.alpha.values.contains { $0 > 0.5 })
    for threadCount in [2, 3, 7] {
      let renderer = Renderer(splats: packed, threadCount: threadCount)
      // What was drawn before leaves no trace.
      if threadCount == 3 { _ = renderer.render(tinyRequest(width: 20, height: 90)) }
      #expect(renderer.render(request) == alone)
    }
  }

  @Test func `are the same bytes in whatever order they are stored, but for ties`() {
    var untied = crowd
    for index in untied.positions.indices where index % 20 == 7 {
      untied.opacityLogits[index] = -.infinity
    }
    // 7919 is prime and does not divide the count: every splat comes once.
    let shuffled = untied.picked(untied.positions.indices.map { $0 * 7919 % untied.count })
    let request = tinyRequest(width: 60, height: 40)
    let straight = Renderer(splats: PackedSplats(untied), threadCount: 2).render(request)
    #expect(Renderer(splats: PackedSplats(shuffled), threadCount: 2).render(request) == straight)
  }

  @Test func `agree with the twin`() {
    let few = crowd.picked(Array(stride(from: 0, to: crowd.count, by: 9)))
    let request = tinyRequest(width: 40, height: 30)
    let difference = Difference(
      Renderer(splats: PackedSplats(few), threadCount: 2).render(request),
      ReferenceRenderer(few).render(request))
    #expect(difference.mean < 1e-6)
    // In 1200 pixels of hundreds of splats an alpha or a T falls on either side of its limit.
    #expect(difference.differentPixels <= 2)
  }
}

@Suite struct `Wide splats` {
  /// Balls of 3 m around the camera's view among small splats.
  private let mixed: SplatCloud = {
    var cloud = randomCloud(seed: 12, count: 45, shDegree: 0)
    for index in stride(from: 0, to: 45, by: 3) {
      cloud.logScales[index] = SIMD3(repeating: 1.1)
      cloud.opacityLogits[index] = -1.5
      cloud.positions[index].z = abs(cloud.positions[index].z) + 0.5
    }
    return cloud
  }()

  // 10 x 9 tiles: what touches more than 64 is listed by the 2 x 2 regions.
  @Test(arguments: [SplatProfile.gsplat, .inria])
  func `take their places among the others`(profile: SplatProfile) {
    var request = tinyRequest(width: 150, height: 130)
    request.profile = profile
    let difference = Difference(
      Renderer(splats: PackedSplats(mixed), threadCount: 2).render(request),
      ReferenceRenderer(mixed).render(request))
    #expect(difference.mean < 1e-6)
    #expect(difference.differentPixels <= 1)
  }

  @Test func `need little memory however many fill the picture`() {
    // Listed by tile, 30,000 on 80 x 45 tiles would be 108 million entries.
    let ball = cloud([PlainSplat(deviations: SIMD3(repeating: 10), opacity: 0.5)])
    let request = RenderRequest(
      camera: Camera(
        width: 1280, height: 720, focalLengthPixels: SIMD2(700, 700),
        principalPoint: SIMD2(640, 360)), cameraFromWorld: .identity)
    let many = ball.picked(Array(repeating: 0, count: 30_000))
    let rendering = Renderer(splats: PackedSplats(many), threadCount: 2).render(request)
    #expect(rendering.alpha.values.allSatisfy { $0 > 0.999 })
  }
}

@Suite struct `A budget of splats` {
  /// Opacity times area: 0.9 x 1, 0.8 x 4, 0.2 x 9, 0.5 x 1 (further away, so smaller), and one
  /// behind the camera.
  private let splats = [
    PlainSplat(deviations: SIMD3(repeating: 0.1), opacity: 0.9),
    PlainSplat(deviations: SIMD3(repeating: 0.2), opacity: 0.8),
    PlainSplat(deviations: SIMD3(repeating: 0.3), opacity: 0.2),
    PlainSplat(position: SIMD3(0, 0, 4), deviations: SIMD3(repeating: 0.1), opacity: 0.5),
    PlainSplat(position: SIMD3(0, 0, -4), deviations: SIMD3(repeating: 0.1), opacity: 0.5),
  ]

  @Test func `keeps those that weigh most and tells which it dropped`() {
    var request = tinyRequest()
    for (budget, dropped) in [(4, []), (3, [3]), (2, [0, 3]), (1, [0, 2, 3]), (0, [0, 1, 2, 3])] {
      request.splatBudget = budget
      let rendering = Renderer(splats: PackedSplats(cloud(splats))).render(request)
      #expect(rendering.droppedSplats == dropped.map(UInt32.init))
      var kept = splats
      for index in dropped { kept[index].opacity = 1e-9 }
      request.splatBudget = nil
      let alone = Renderer(splats: PackedSplats(cloud(kept))).render(request)
      #expect(rendering.colour == alone.colour)
    }
  }

  @Test func `is the same for any number of threads`() {
    var request = tinyRequest(width: 100, height: 70)
    request.splatBudget = 5000
    let packed = PackedSplats(crowd)
    let alone = Renderer(splats: packed, threadCount: 1).render(request)
    #expect(alone.droppedSplats.count > 5000)
    #expect(Renderer(splats: packed, threadCount: 3).render(request) == alone)
  }
}
