// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// The counter-based generator Philox 4x32-10: one call turns a counter and a key into 128 bits.
///
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
/// It keeps no state, so any draw can be made again, in any order, on any thread.
package enum Philox {
  /// The number of rounds; ten is the paper's recommended margin.
  @inlinable static var roundCount: Int { 10 }
  @inlinable static var multipliers: (UInt32, UInt32) { (0xD251_1F53, 0xCD9E_8D57) }
  @inlinable static var weyl: (UInt32, UInt32) { (0x9E37_79B9, 0xBB67_AE85) }

  /// Returns the 128 random bits that belong to a counter and a key.
  @inlinable package static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32>
  {
    var c = counter
    var k = key
    for _ in 0..<roundCount {
      let p0 = multipliers.0.multipliedFullWidth(by: c.x)
      let p1 = multipliers.1.multipliedFullWidth(by: c.z)
      c = SIMD4(p1.high ^ c.y ^ k.x, p1.low, p0.high ^ c.w ^ k.y, p0.low)
      k = SIMD2(k.x &+ weyl.0, k.y &+ weyl.1)
    }
    return c
  }
}
