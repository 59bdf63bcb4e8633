// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Randomness
import Testing

private func draws(_ stream: RandomStream, _ count: Int = 8) -> [UInt64] {
  var copy = stream
  return (0..<count).map { _ in copy.next() }
}

@Suite struct `Random stream` {
  @Test func `gives the same numbers for the same key`() {
    let first = RandomStream(seed: 5, episode: 2, purpose: "poses", tick: 3)
    #expect(draws(first) == draws(RandomStream(seed: 5, episode: 2, purpose: "poses", tick: 3)))
  }

  @Test func `gives other numbers when any part of the key differs`() {
    let keys = [
      RandomStream(seed: 5, episode: 2, purpose: "poses", tick: 3),
      RandomStream(seed: 6, episode: 2, purpose: "poses", tick: 3),
      RandomStream(seed: 5 | 1 << 40, episode: 2, purpose: "poses", tick: 3),
      RandomStream(seed: 5, episode: 3, purpose: "poses", tick: 3),
      RandomStream(seed: 5, episode: 2, purpose: "colours", tick: 3),
      RandomStream(seed: 5, episode: 2, purpose: "poses", tick: 4),
    ]
    let all = keys.flatMap { draws($0) }
    #expect(Set(all).count == all.count)
  }

  @Test func `takes its bits from Philox in order`() {
    // Seed 0, episode 0, tick 0; the purpose is the counter's third word (FNV-1a of "" first).
    let expected = Philox.block(counter: SIMD4(0, 0, 0x811C_9DC5, 0), key: .zero)
    let found = draws(RandomStream(seed: 0, purpose: ""), 2)
    #expect(found[0] == UInt64(expected.y) << 32 | UInt64(expected.x))
    #expect(found[1] == UInt64(expected.w) << 32 | UInt64(expected.z))
  }

  @Test func `spreads evenly over the unit interval`() {
    var stream = RandomStream(seed: 11, purpose: "chi-square")
    var counts = [Double](repeating: 0, count: 64)
    let expected = 200.0
    for _ in 0..<Int(expected) * counts.count {
      let value = stream.uniform()
      #expect(value >= 0 && value < 1)
      counts[Int(value * 64)] += 1
    }
    let chiSquare = counts.reduce(0) { $0 + ($1 - expected) * ($1 - expected) / expected }
    // 63 degrees of freedom: 36 and 100 cut off 0.2 % on either side.
    #expect(chiSquare > 36 && chiSquare < 100)
  }

  @Test func `has the moments of the normal distribution`() {
    var stream = RandomStream(seed: 12, purpose: "moments")
    let count = 20_000
    let values = (0..<count).map { _ in stream.normal() }
    func moment(_ power: Int) -> Double {
      values.reduce(0) { sum, x in
        sum + (0..<power).reduce(1) { product, _ in product * x }
      } / Double(count)
    }
    // Four standard errors of each moment: sqrt(1, 2, 15, 96 over count).
    let root = Double(count).squareRoot()
    #expect(abs(moment(1)) < 4 / root)
    #expect(abs(moment(2) - 1) < 4 * 1.41 / root)
    #expect(abs(moment(3)) < 4 * 3.87 / root)
    #expect(abs(moment(4) - 3) < 4 * 9.8 / root)
  }

  @Test func `keeps to the ranges asked for`() {
    var stream = RandomStream(seed: 13, purpose: "ranges")
    var seen = Set<Int>()
    for _ in 0..<200 {
      let value = stream.uniform(in: -2...3)
      #expect(value >= -2 && value < 3)
      seen.insert(stream.index(below: 5))
    }
    #expect(seen == [0, 1, 2, 3, 4])
    #expect(stream.index(below: 1) == 0)
  }

  @Test func `shuffles to every order alike`() {
    var stream = RandomStream(seed: 14, purpose: "shuffle")
    var counts: [[Int]: Int] = [:]
    for _ in 0..<6000 { counts[stream.shuffled([1, 2, 3]), default: 0] += 1 }
    #expect(counts.count == 6)
    // 1000 each; five standard deviations of a binomial are 144.
    for count in counts.values { #expect(abs(count - 1000) < 144) }
  }
}
