// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Images
import Splats
import Testing

@testable import Rasterizer

@Suite struct `Splats in several places` {
  private let whole = randomCloud(seed: 11, count: 900, shDegree: 2)

  /// Every third splat, around an origin that is taken off their positions.
  private func part(_ index: Int, around origin: SIMD3<Double> = .zero) -> PlacedSplats {
    var own = whole.picked(Array(stride(from: index, to: whole.count, by: 3)))
    own.positions = own.positions.map { $0 - SIMD3<Float>(origin) }
    return PlacedSplats(PackedSplats(own), origin: origin)
  }

  private func request(_ profile: SplatProfile) -> RenderRequest {
    var request = tinyRequest(width: 70, height: 41)
    request.profile = profile
    request.cameraFromWorld = RigidTransform(
      rotation: Quaternion(angle: 0.2, axis: SIMD3(0, 1, 0)), translation: SIMD3(0.3, 0, 0.5))
    return request
  }

  @Test(arguments: [SplatProfile.gsplat, .inria, .gut])
  func `are drawn as the cloud of them all`(profile: SplatProfile) {
    let request = request(profile)
    let parts = (0..<3).map { part($0) }
    let order = (0..<3).flatMap { Array(stride(from: $0, to: whole.count, by: 3)) }
    let together = Renderer(splats: PackedSplats(whole.picked(order))).render(request)
    #expect(Renderer(parts: parts, threadCount: 2).render(request) == together)
  }

  @Test(arguments: [SplatProfile.gsplat, .gut])
  func `look the same thirty kilometres from the origin`(profile: SplatProfile) {
    let origins = [SIMD3<Double>(32, -32, 0), SIMD3(-32, 32, 0), SIMD3(96, 32, 0)]
    let near = (0..<3).map { part($0, around: origins[$0]) }
    // No number that a float could hold to better than 2 mm.
    let away = SIMD3(30_000.123_456, -29_999.654_321, 112.345_678)
    let far = near.map { PlacedSplats($0.splats, origin: $0.origin + away) }
    var (asked, moved) = (request(profile), request(profile))
    moved.cameraFromWorld.translation -= moved.cameraFromWorld.rotation.rotate(away)
    asked.outputs = .floatColour
    moved.outputs = .floatColour
    let expected = Renderer(parts: near).render(asked)
    let found = Renderer(parts: far).render(moved)
    let difference = zip(expected.floatColour, found.floatColour).map { abs($0 - $1) }.max() ?? 1
    // Doubles of 30 km are off by 4e-12 m: now and then a float of the view rounds the other way.
    #expect(difference < 1e-4, "\(difference)")
    #expect(expected.alpha.values.contains { $0 > 0.5 })
  }

  @Test(arguments: [SplatProfile.gsplat, .gut])
  func `a share of a splat is a share of its opacity`(profile: SplatProfile) {
    var request = request(profile)
    request.outputs = .floatColour
    for share in [0.1, 0.5, 0.9] {
      var faded = whole
      faded.opacityLogits = faded.opacityLogits.map { logit in
        let opacity = min(1 / (1 + exp(-Double(logit))), 0.99)
        let part = 1 - pow(1 - opacity, share)
        return Float(log(part / (1 - part)))
      }
      let expected = Renderer(splats: PackedSplats(faded)).render(request)
      let found = Renderer(parts: [PlacedSplats(PackedSplats(whole), share: share)]).render(request)
      let difference = zip(expected.floatColour, found.floatColour).map { abs($0 - $1) }.max() ?? 1
      #expect(difference < 1e-4, "\(share): \(difference)")
    }
  }

  @Test func `two shares that add up to one hide as much as the whole`() {
    var request = tinyRequest()
    request.outputs = []
    let splats = PackedSplats(cloud([PlainSplat(opacity: 0.8)]))
    let one = Renderer(splats: splats).render(request).alpha
    let parts = [PlacedSplats(splats, share: 0.3), PlacedSplats(splats, share: 0.7)]
    let two = Renderer(parts: parts).render(request).alpha
    // In the middle of the splat: at its rim the two hide a little more.
    let middle = 16 * 33 + 16
    #expect(abs(one.values[middle] - two.values[middle]) < 1e-5)
    #expect(
      Renderer(parts: [PlacedSplats(splats, share: 0)]).render(request).alpha.values.max() == 0)
  }

  @Test func `of splats equally deep the earlier part is in front`() {
    let red = PlacedSplats(PackedSplats(cloud([PlainSplat(opacity: 0.9)])))
    let green = PlacedSplats(
      PackedSplats(cloud([PlainSplat(opacity: 0.9, colour: SIMD3(0, 1, 0))])))
    func middle(_ parts: [PlacedSplats]) -> SIMD3<Float> {
      Renderer(parts: parts).render(tinyRequest()).pixel().colour
    }
    #expect(middle([red, green]).x > 0.8 && middle([red, green]).y < 0.2)
    #expect(middle([green, red]).y > 0.8 && middle([green, red]).x < 0.2)
  }

  @Test func `keep their instances, and are counted on when they are left out`() {
    let large = PlainSplat(deviations: SIMD3(repeating: 0.3), opacity: 0.9, instance: 5)
    let small = PlainSplat(deviations: SIMD3(repeating: 0.01), opacity: 0.3, instance: 7)
    let parts = [
      PlacedSplats(PackedSplats(cloud([small, large]))),
      PlacedSplats(PackedSplats(cloud([large, small]))),
    ]
    var request = tinyRequest()
    #expect(Renderer(parts: parts).render(request).pixel().instance == 5)
    request.splatBudget = 2
    #expect(Renderer(parts: parts).render(request).droppedSplats == [0, 3])
    let renderer = Renderer(parts: parts)
    let boxes = renderer.boxes(of: [5], in: tinyRequest(), renderer.render(tinyRequest()))
    #expect(boxes[0].tight == boxes[0].loose && boxes[0].seenPixelCount > 100)
  }

  @Test func `may be others in each picture, which leaves no trace`() {
    let request = request(.gsplat)
    let used = Renderer(parts: [], threadCount: 2)
    for parts in [[part(0)], [part(0), part(1)], [part(1), part(0)], [], [part(2)]] {
      used.parts = parts
      let fresh = Renderer(parts: parts).render(request)
      #expect(used.render(request) == fresh)
      #expect(used.render(request) == fresh)
    }
  }
}
