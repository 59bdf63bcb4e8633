// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry

/// What `SplatCloud.repair` found.
package struct SplatRepairs: Equatable, Sendable {
  /// Splats removed because a value is NaN or infinite, those below excepted.
  package var droppedNonFinite = 0
  /// Rotations of length zero or not finite, which count as no rotation.
  package var undefinedRotations = 0
  /// Opacity logits of plus or minus infinity, now `opaqueLogit` or its negative.
  package var infiniteOpacities = 0
  /// Splats with an axis of length zero, raised to `flatLogScale`.
  package var flatSplats = 0

  /// Makes the account of a cloud in which nothing was found.
  package init() {}

  /// Adds what was found in another part of the same cloud.
  package static func += (total: inout SplatRepairs, part: SplatRepairs) {
    total.droppedNonFinite += part.droppedNonFinite
    total.undefinedRotations += part.undefinedRotations
    total.infiniteOpacities += part.infiniteOpacities
    total.flatSplats += part.flatSplats
  }
}

extension SplatCloud {
  /// The logit that stands for full opacity: 1 - 1e-7, which every container rounds to 1.
  package static let opaqueLogit: Float = 16
  /// The log scale that stands for length zero: 2 nanometres, PlayCanvas' lower clamp.
  package static let flatLogScale: Float = -20

  /// The index of the first splat with a part that is not finite, or nil.
  ///
  /// Rotations are not looked at: one that is zero or not finite counts as no rotation everywhere.
  package var firstInvalidIndex: Int? { (0..<count).first { !isFinite(at: $0) } }

  /// Makes every splat one that can be drawn, and gives every rotation length one.
  ///
  /// Trained files hold infinite opacity logits (wholly opaque or wholly clear), log scales of
  /// minus infinity (flat) and rotations of length zero (none); these have one meaning and become
  /// finite. A splat with anything else that is not finite is removed.
  package mutating func repair() -> SplatRepairs {
    var repairs = SplatRepairs()
    var kept: [Int] = []
    for index in 0..<count {
      let hadInfiniteOpacity = opacityLogits[index].isInfinite
      if hadInfiniteOpacity {
        opacityLogits[index] = opacityLogits[index] > 0 ? Self.opaqueLogit : -Self.opaqueLogit
      }
      var isFlat = false
      for axis in 0..<3 where logScales[index][axis] == -.infinity {
        logScales[index][axis] = Self.flatLogScale
        isFlat = true
      }
      guard isFinite(at: index) else {
        repairs.droppedNonFinite += 1
        continue
      }
      if rotations[index].direction == nil { repairs.undefinedRotations += 1 }
      rotations[index] = rotations[index].normalized
      repairs.infiniteOpacities += hadInfiniteOpacity ? 1 : 0
      repairs.flatSplats += isFlat ? 1 : 0
      kept.append(index)
    }
    if kept.count < count { self = subset(kept) }
    return repairs
  }

  private func isFinite(at index: Int) -> Bool {
    let restCount = restCoefficientCount * 3
    return Splats.isFinite(positions[index]) && Splats.isFinite(logScales[index])
      && Splats.isFinite(sh0[index]) && opacityLogits[index].isFinite
      && shRest[index * restCount..<(index + 1) * restCount].allSatisfy { $0.isFinite }
  }
}
