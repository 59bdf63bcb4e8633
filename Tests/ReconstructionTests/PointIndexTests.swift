// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Randomness
import Reconstruction
import Testing

private func randomPoints(_ count: Int, seed: UInt64) -> [SIMD3<Float>] {
  var stream = RandomStream(seed: seed, purpose: "points")
  return (0..<count).map { _ in
    SIMD3(Float(stream.uniform()), Float(stream.uniform()), Float(stream.uniform()) * 0.1)
  }
}

/// The answer by looking at every point.
private func nearestOfAll(
  _ points: [SIMD3<Float>], to place: SIMD3<Float>, count: Int
) -> [Int] {
  let distances = points.map { (($0 - place) * ($0 - place)).sum() }
  let ranked = points.indices.sorted {
    distances[$0] != distances[$1] ? distances[$0] < distances[$1] : $0 < $1
  }
  return Array(ranked.prefix(count))
}

@Suite struct `Point index` {
  @Test(arguments: [0, 1, 7, 9, 10, 300]) func `agrees with looking at every point`(count: Int) {
    let points = randomPoints(count, seed: 1)
    let index = PointIndex(points)
    for place in randomPoints(20, seed: 2) {
      let found = index.nearest(to: place, count: 5)
      #expect(found.map(\.index) == nearestOfAll(points, to: place, count: 5))
    }
  }

  @Test func `ranks points at one place by their index`() {
    var points = randomPoints(100, seed: 3)
    for copy in 0..<40 { points[copy * 2] = SIMD3(0.5, 0.5, 0.05) }
    let found = PointIndex(points).nearest(to: SIMD3(0.5, 0.5, 0.05), count: 30)
    #expect(found.map(\.index) == (0..<30).map { $0 * 2 })
    #expect(found.allSatisfy { $0.distanceSquared == 0 })
  }
}
