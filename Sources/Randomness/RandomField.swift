// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// Random numbers for the elements of an array, such as the pixels of a frame.
///
/// An element's numbers depend on the field's seed and on the element's index alone: they are the
/// same in whatever order, on however many threads and for whatever other elements they are drawn.
package struct RandomField: Equatable, Sendable {
  private let key: SIMD2<UInt32>

  /// Makes the field of a seed, which should come from a `RandomStream` of its own.
  package init(seed: UInt64) {
    key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
  }

  /// Returns two independent uniform numbers of an element, within 0...1 but never 0 or 1.
  package func uniforms(at index: UInt64) -> SIMD2<Double> {
    let counter = SIMD4(
      UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32), 0, 0)
    let bits = Philox.block(counter: counter, key: key)
    return SIMD2(
      Self.uniform(UInt64(bits.y) << 32 | UInt64(bits.x)),
      Self.uniform(UInt64(bits.w) << 32 | UInt64(bits.z)))
  }

  /// The middle of one of 2^52 equal parts of the unit interval.
  private static func uniform(_ bits: UInt64) -> Double {
    (Double(bits >> 12) + 0.5) * 0x1p-52
  }
}
