// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Randomness
import Testing

@Suite struct `Random field` {
  @Test func `gives an element the same numbers whenever it is asked`() {
    let field = RandomField(seed: 77)
    let forwards = (0..<100).map { field.uniforms(at: $0) }
    let backwards = (0..<100).reversed().map { RandomField(seed: 77).uniforms(at: UInt64($0)) }
    #expect(forwards == backwards.reversed())
  }

  @Test func `gives other elements and other seeds other numbers`() {
    let seeds: [UInt64] = [0, 1, 1 << 32]
    let indices: [UInt64] = [0, 1, 2, 1 << 32, 1 << 33]
    let all = seeds.flatMap { seed in
      indices.flatMap { index in
        let pair = RandomField(seed: seed).uniforms(at: index)
        return [pair.x, pair.y]
      }
    }
    #expect(Set(all).count == all.count)
  }

  @Test func `takes its bits from Philox`() {
    let bits = Philox.block(counter: SIMD4(5, 3, 0, 0), key: SIMD2(9, 7))
    let pair = RandomField(seed: 7 << 32 | 9).uniforms(at: 3 << 32 | 5)
    #expect(abs(pair.x - Double(bits.y) * 0x1p-32) < 0x1p-32)
    #expect(abs(pair.y - Double(bits.w) * 0x1p-32) < 0x1p-32)
  }

  @Test func `has uncorrelated, uniform neighbours`() {
    let field = RandomField(seed: 5)
    let count = 20_000
    var (sum, square, neighbour, pair) = (0.0, 0.0, 0.0, 0.0)
    for index in 0..<UInt64(count) {
      let here = field.uniforms(at: index) - 0.5
      let next = field.uniforms(at: index + 1) - 0.5
      sum += here.x
      square += here.x * here.x
      neighbour += here.x * next.x
      pair += here.x * here.y
    }
    // Four standard errors: 1/12, 1/180 and 1/144 are the variances.
    let error = 4 / Double(count).squareRoot()
    #expect(abs(sum / Double(count)) < error * (1.0 / 12).squareRoot())
    #expect(abs(square / Double(count) - 1.0 / 12) < error * (1.0 / 180).squareRoot())
    #expect(abs(neighbour / Double(count)) < error / 12)
    #expect(abs(pair / Double(count)) < error / 12)
  }
}
