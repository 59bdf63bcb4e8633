// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
@testable import SceneStore
import Splats
import Testing

private func ball(at position: SIMD3<Float>, colour: Float = 0.5, opacityLogit: Float = 0) -> Splat
{
  Splat(
    position: position, logScale: SIMD3(repeating: log(0.1)), rotation: .identity,
    opacityLogit: opacityLogit, sh0: Splat.sh0(colourSRGB: SIMD3(repeating: colour)))
}

private func cloud(_ splats: [Splat]) -> SplatCloud {
  var cloud = SplatCloud(shDegree: 0)
  for splat in splats { cloud.append(splat) }
  return cloud
}

@Suite struct `Merging splats` {
  @Test func `two balls become their moments`() {
    // 0.1 m balls 0.2 m apart: the mean lies between, the variance along x grows by 0.1 squared.
    let merged = cloud([
      ball(at: SIMD3(0, 0, 0), colour: 0.2), ball(at: SIMD3(0.2, 0, 0), colour: 0.6),
    ]).merged(rounds: 1)
    let both = merged.cloud
    #expect(both.count == 1)
    #expect(length(both.positions[0] - SIMD3(0.1, 0, 0)) < 1e-6)
    #expect(abs(exp(both.logScales[0].max()) - Float(0.02).squareRoot()) < 1e-5)
    #expect(abs(exp(both.logScales[0].min()) - 0.1) < 1e-5)
    #expect(abs(0.5 + Float(SphericalHarmonics.c0) * both.sh0[0].x - 0.4) < 1e-5)
    #expect(abs(merged.error - 0.1) < 1e-6)
    // Opacity times area stays: 2 x 0.5 x 0.01 = a sqrt((2 x 0.02 x 0.01 + 0.01^2) / 3), but for
    // the millimetre that is added.
    let area = ((2 * 0.02 * 0.01 + 0.01 * 0.01) / 3).squareRoot()
    let opacity = 1 / (1 + exp(-Double(both.opacityLogits[0])))
    #expect(abs(opacity - 0.01 / area) < 1e-3)
  }

  @Test func `a splat takes the neighbour that is likest`() {
    // Black, white, black in a row, equally far apart, another white at the end.
    let merged = cloud([
      ball(at: SIMD3(0, 0, 0), colour: 0), ball(at: SIMD3(0.05, 0, 0), colour: 1),
      ball(at: SIMD3(0, 0.05, 0), colour: 0), ball(at: SIMD3(0.05, 0.05, 0), colour: 1),
    ]).merged(rounds: 1)
    let colours = merged.cloud.sh0.map { 0.5 + Float(SphericalHarmonics.c0) * $0.x }.sorted()
    #expect(colours.count == 2)
    #expect(abs(colours[0]) < 1e-5 && abs(colours[1] - 1) < 1e-5)
  }

  @Test func `moments of all stay`() {
    let before = mixedSplats(count: 1000, shDegree: 1, instanceCount: 5)
    let merged = before.merged(rounds: 2)
    #expect(merged.cloud.count == 250)
    #expect(merged.cloud.firstInvalidIndex == nil)
    #expect(Set(merged.cloud.instanceIDs).isSubset(of: Set(before.instanceIDs)))
    let same = before.merged(rounds: 0)
    #expect(same.error == 0)
    for (a, b) in zip(same.cloud.logScales, before.logScales) {
      // Axes may change their order.
      #expect(abs(a.max() - b.max()) < 1e-3)
    }
  }

  @Test func `splats in one place become one there`() {
    let merged = cloud((0..<4).map { _ in ball(at: SIMD3(1, 2, 3), opacityLogit: -2) })
      .merged(rounds: 2)
    #expect(merged.cloud.count == 1)
    #expect(merged.error == 0)
    #expect(length(merged.cloud.positions[0] - SIMD3(1, 2, 3)) < 1e-6)
    // Four of 0.1192 each: the sum, as none is above 1.
    let opacity = 1 / (1 + exp(-Double(merged.cloud.opacityLogits[0])))
    #expect(abs(opacity - 4 / (1 + exp(2.0))) < 1e-3)
  }

  private static func blobs(_ seed: UInt64) -> [Blob] {
    let cloud = mixedSplats(count: 400, seed: seed)
    return (0..<400).map { Blob(cloud, $0) }
  }

  @Test func `the kernel takes the partner that its twin takes, or one as good`() {
    for seed in 0..<4 as Range<UInt64> {
      let blobs = Self.blobs(seed)
      let fast = SplatCloud.partners(blobs)
      var isTaken = [Bool](repeating: false, count: blobs.count)
      for first in blobs.indices where !isTaken[first] {
        let free = (first + 1..<blobs.count).filter { !isTaken[$0] }.prefix(8)
        guard let best = free.map({ blobs[first].cost(of: blobs[$0]) }).min() else {
          #expect(fast[first] == -1)
          continue
        }
        let partner = Int(fast[first])
        #expect(free.contains(partner))
        #expect(blobs[first].cost(of: blobs[partner]) <= best * 1.001 + 1e-9)
        isTaken[partner] = true
      }
      let agreeing = zip(fast, SplatCloud.partnersSlowly(blobs)).count { $0 == $1 }
      #expect(agreeing > 390, "\(agreeing) of 400")
    }
  }
}
