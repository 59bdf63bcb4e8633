// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Images
import Splats
import Testing

@testable import Rasterizer

@Suite struct `What blending takes` {
  @Test func `is a meeting of use for each pixel that a splat is added to`() {
    let one = [PlainSplat(deviations: SIMD3(repeating: 0.05))]
    for layers in 1...3 {
      let splats = cloud((0..<layers).flatMap { _ in one })
      let renderer = Renderer(splats: PackedSplats(splats), threadCount: 2)
      let request = tinyRequest(width: 32, height: 32)
      let work = renderer.blendWork(of: request)
      let seen = renderer.render(request).alpha.values.count { $0 > 0 }
      #expect(seen > 50)
      #expect(work.addedCount == layers * seen)
      #expect(work.metCount > work.addedCount)
      // Blocks of 4 x 4 pixels meet a splat as a whole, and no block is met that it does not touch.
      #expect(work.metCount % 16 == 0)
      #expect(work.metCount < 3 * work.addedCount)
    }
  }

  @Test func `is nothing for what comes after a pixel has finished`() {
    let opaque = PlainSplat(deviations: SIMD3(repeating: 2), opacity: 0.999)
    func added(_ count: Int) -> Int {
      let splats = cloud(Array(repeating: opaque, count: count))
      let request = tinyRequest(width: 32, height: 32)
      return Renderer(splats: PackedSplats(splats)).blendWork(of: request).addedCount
    }
    // With an alpha of 0.99 a pixel has room for one; a second would leave less than 1/10,000.
    #expect(added(1) == 32 * 32)
    #expect(added(40) == added(3))
  }

  @Test func `is held against operations that are counted`() {
    let one = Renderer.multiplyAdd(rounds: 1)
    // Twelve chains of a vector of 4, 8 or 16.
    #expect([96, 192, 384].contains(one))
    #expect(Renderer.multiplyAdd(rounds: 1000) == 1000 * one)
  }
}
