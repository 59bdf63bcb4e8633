// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A stream of random numbers that belongs to one (seed, episode, purpose, tick).
///
/// Two streams with different keys share no block, and a stream never depends on what was drawn
/// elsewhere; that is why results do not change with threads, order or restarts.
package struct RandomStream: RandomNumberGenerator, Sendable {
  private let key: SIMD2<UInt32>
  private var counter: SIMD4<UInt32>
  private var spare: UInt64?

  /// Makes the stream of a key.
  ///
  /// - Parameters:
  ///   - seed: The job's seed.
  ///   - episode: The episode's index in the job.
  ///   - purpose: What is drawn, a short name such as `"object poses"`; hashed with FNV-1a.
  ///   - tick: The control tick within the episode, 0 for draws made once.
  package init(seed: UInt64, episode: UInt32 = 0, purpose: String, tick: UInt32 = 0) {
    var hash: UInt32 = 0x811C_9DC5
    for byte in purpose.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
    key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    counter = SIMD4(0, tick, hash, episode)
  }

  /// Returns the next 64 random bits.
  package mutating func next() -> UInt64 {
    if let value = spare {
      spare = nil
      return value
    }
    let bits = Philox.block(counter: counter, key: key)
    counter.x += 1
    spare = UInt64(bits.w) << 32 | UInt64(bits.z)
    return UInt64(bits.y) << 32 | UInt64(bits.x)
  }

  /// Returns a uniform number in [0, 1) with 53 random bits.
  package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Returns a uniform number in [range.lowerBound, range.upperBound).
  package mutating func uniform(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + uniform() * (range.upperBound - range.lowerBound)
  }

  /// Returns a normal number with mean zero and deviation one (Box and Muller, cosine branch).
  package mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }

  /// Returns an index in 0..<count, each as likely; `count` is at least 1.
  package mutating func index(below count: Int) -> Int {
    precondition(count > 0, "an index needs at least one place")
    return Int(next().multipliedFullWidth(by: UInt64(count)).high)
  }

  /// Returns the array in a random order (Fisher and Yates).
  package mutating func shuffled<Element>(_ items: [Element]) -> [Element] {
    var result = items
    var last = result.count - 1
    while last > 0 {
      result.swapAt(last, index(below: last + 1))
      last -= 1
    }
    return result
  }
}
