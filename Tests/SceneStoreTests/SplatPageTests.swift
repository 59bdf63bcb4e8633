// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Randomness
import SceneStore
import Splats
import Testing

/// Makes splats of all kinds within 30 m of the origin.
func mixedSplats(
  count: Int, shDegree: Int = 0, instanceCount: UInt32 = 1, seed: UInt64 = 1
) -> SplatCloud {
  var random = RandomStream(seed: seed, purpose: "mixed splats")
  func triple(_ range: ClosedRange<Double>) -> SIMD3<Float> {
    SIMD3(
      Float(random.uniform(in: range)), Float(random.uniform(in: range)),
      Float(random.uniform(in: range)))
  }
  var cloud = SplatCloud(shDegree: shDegree)
  for _ in 0..<count {
    let parts = triple(-1...1)
    cloud.append(
      Splat(
        position: triple(-30...30), logScale: triple(-7...0),
        rotation: Quaternion<Float>(
          w: Float(random.uniform(in: -1...1)), x: parts.x, y: parts.y, z: parts.z
        ).normalized,
        opacityLogit: Float(random.uniform(in: -4...8)), sh0: triple(-2...2)),
      rest: (0..<cloud.restCoefficientCount * 3).map { _ in Float(random.uniform(in: -0.5...0.5)) })
  }
  if instanceCount > 1 {
    cloud.instanceIDs = (0..<count).map { _ in
      7 * UInt32(random.uniform(in: 0...Double(instanceCount) - 0.001))
    }
  }
  return cloud
}

@Suite struct `Pages of splats` {
  /// The splats of a page in the order of another cloud: by the nearest position.
  private func matched(_ page: SplatPage, to cloud: SplatCloud) -> SplatCloud {
    let stored = page.cloud
    let bound = page.errorBounds.position
    let order = cloud.positions.map { position in
      stored.positions.firstIndex { candidate in
        let distance = candidate - position
        return abs(distance.x) <= bound.x && abs(distance.y) <= bound.y
          && abs(distance.z) <= bound.z
      }
    }
    return stored.subset(order.compactMap { $0 })
  }

  @Test(arguments: [0, 1, 2, 3, 4]) func `no number is off by more than is stated`(degree: Int) {
    let cloud = mixedSplats(count: 300, shDegree: degree, seed: UInt64(degree))
    let page = SplatPage(cloud)
    let stored = matched(page, to: cloud)
    let bounds = page.errorBounds
    #expect(stored.count == cloud.count)
    for index in 0..<cloud.count {
      let logScale = stored.logScales[index] - cloud.logScales[index]
      #expect(max(abs(logScale.x), max(abs(logScale.y), abs(logScale.z))) <= bounds.logScale)
      let turn = stored.rotations[index].conjugate * cloud.rotations[index]
      #expect(2 * asin(min(1, length(turn.vector))) <= bounds.rotation)
      func opacity(_ logit: Float) -> Float { 1 / (1 + exp(-logit)) }
      #expect(
        abs(opacity(stored.opacityLogits[index]) - opacity(cloud.opacityLogits[index]))
          <= bounds.opacity)
      let colour = Float(SphericalHarmonics.c0) * (stored.sh0[index] - cloud.sh0[index])
      for axis in 0..<3 { #expect(abs(colour[axis]) <= bounds.colour[axis]) }
    }
    for (place, (a, b)) in zip(stored.shRest, cloud.shRest).enumerated() {
      let coefficient = place % (cloud.restCoefficientCount * 3) / 3
      let band = coefficient < 3 ? 0 : coefficient < 8 ? 1 : coefficient < 15 ? 2 : 3
      #expect(abs(a - b) <= bounds.rest[band])
    }
    // The bounds themselves are small: millimetres, 2 %, 1/255 of the range of colours.
    #expect(bounds.position.max() < 0.0006)
    #expect(bounds.logScale < 0.015)
    #expect(bounds.colour.max() < 0.003)
  }

  @Test(arguments: [1, 2, 200, 300] as [UInt32]) func `instances stay with their splats`(
    count: UInt32
  ) {
    let cloud = mixedSplats(count: 2000, instanceCount: count)
    let page = SplatPage(cloud)
    #expect(page.instances.count <= Int(count))
    let stored = matched(page, to: cloud)
    #expect(stored.instanceIDs == cloud.instanceIDs)
  }

  @Test func `a page is the same after its bytes`() throws {
    for degree in [0, 3] {
      let page = SplatPage(
        mixedSplats(count: 100, shDegree: degree, instanceCount: 300), isAntialiased: true)
      let cold = degree == 0 ? nil : page.coldBytes
      let read = try SplatPage(hot: page.hotBytes, cold: cold, file: "f", field: "page")
      #expect(read == page)
    }
  }

  @Test func `without its cold part a page has the colour of degree zero`() throws {
    let page = SplatPage(mixedSplats(count: 50, shDegree: 2))
    let read = try SplatPage(hot: page.hotBytes, cold: nil, file: "f", field: "page")
    #expect(read.shDegree == 0)
    #expect(read.cloud.sh0 == page.cloud.sh0)
  }

  @Test func `one splat is stored exactly`() {
    var cloud = SplatCloud(shDegree: 0)
    cloud.append(
      Splat(
        position: SIMD3(1, -2, 3), logScale: SIMD3(-2, -2, -2), rotation: .identity,
        opacityLogit: 16, sh0: SIMD3(1, 1, 1)))
    let stored = SplatPage(cloud).cloud
    #expect(stored.positions == cloud.positions)
    #expect(stored.logScales == cloud.logScales)
    #expect(stored.opacityLogits == cloud.opacityLogits)
    #expect(abs(stored.rotations[0].w - 1) < 1e-5)
  }

  @Test func `bytes that contradict themselves are refused`() {
    let page = SplatPage(mixedSplats(count: 20, instanceCount: 4))
    let hot = page.hotBytes
    func refuses(_ bytes: [UInt8], cold: [UInt8]? = nil, _ part: String) {
      let error = #expect(throws: InputError.self) {
        try SplatPage(hot: bytes, cold: cold, file: "f", field: "page")
      }
      #expect(error?.field.contains(part) == true, "\(error.map { "\($0)" } ?? "")")
    }
    func changed(_ offset: Int, _ value: UInt8) -> [UInt8] {
      var bytes = hot
      bytes[offset] = value
      return bytes
    }
    refuses([], "page")
    refuses(Array(hot.prefix(40)), "size")
    refuses(changed(0, 0), "first bytes")
    refuses(changed(4, 21), "size")
    refuses(changed(7, 0xFF), "splats")
    refuses(changed(8, 9), "degree")
    refuses(changed(12, 0), "instances")
    refuses(changed(19, 0x7F), "ranges")
    refuses(changed(88, 0xFF), "instances")
    refuses(changed(hot.count - 1, 200), "instance of a splat")
    refuses(Array(hot.dropLast()), "size")
    refuses(hot, cold: [1], "cold part")
  }
}
