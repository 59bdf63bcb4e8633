// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Testing

@Suite struct `Rigid transform` {
  @Test func `undoes itself when inverted`() {
    let bFromA = RigidTransform(
      rotation: Quaternion(angle: 0.7, axis: SIMD3(1, 2, 3)), translation: SIMD3(4, 5, 6))
    let point = SIMD3<Double>(-1, 0.5, 2)
    // 1e-14: a dozen roundings of numbers below 10.
    #expect(length(bFromA.inverse * (bFromA * point) - point) < 1e-14)
  }
}
