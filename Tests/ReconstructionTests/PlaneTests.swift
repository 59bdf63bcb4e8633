// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Randomness
import Reconstruction
import Testing

@Suite struct Planes {
  @Test func `pass through the points they are fitted to`() throws {
    // x + y + z = 1.
    let points = [SIMD3<Double>(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1), SIMD3(0.5, 0.5, 0)]
    let plane = try #require(Plane(fitting: points))
    let third = 1 / 3.0.squareRoot()
    // 1e-14: the eigenvector's last bits.
    #expect(abs(abs(plane.offset) - third) < 1e-14 && plane.residual(points) < 1e-14)
    #expect(abs(abs(plane.height(of: .zero)) - third) < 1e-14)
    #expect(Plane(fitting: Array(points[..<2])) == nil)
  }

  @Test func `keep their points when reversed`() {
    let plane = Plane(normal: SIMD3(0, 0, 2), through: SIMD3(5, 5, 3))
    #expect(plane.height(of: SIMD3(0, 0, 4)) == 1)
    #expect(plane.reversed.height(of: SIMD3(0, 0, 4)) == -1)
  }

  @Test func `are found among points that lie elsewhere`() throws {
    var stream = RandomStream(seed: 1, purpose: "plane")
    var points: [SIMD3<Double>] = []
    for _ in 0..<400 {
      points.append(SIMD3(stream.uniform(), stream.uniform(), 2 + 0.001 * stream.normal()))
      points.append(SIMD3(stream.uniform(), stream.uniform(), 4 * stream.uniform()))
    }
    let found = try #require(Plane.dominant(in: points, tolerance: 0.005, stream: &stream))
    // The fit of 400 heights with 1 mm of noise is good to 0.05 mm; six times that is allowed.
    #expect(abs(abs(found.plane.offset) - 2) < 3e-4 && abs(found.plane.normal.z) > 0.99999)
    #expect(found.inliers.count >= 400)
  }

  @Test func `are not found where all points are one`() {
    var stream = RandomStream(seed: 1, purpose: "plane")
    let same = Array(repeating: SIMD3<Double>(1, 2, 3), count: 10)
    #expect(Plane.dominant(in: same, tolerance: 0.1, stream: &stream) == nil)
  }
}
