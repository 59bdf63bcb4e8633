// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry

extension SplatCloud {
  /// The opacity logit at which a float's opacity is 1 to the last bit.
  private static let opaqueLogit: Float = 20
  /// The log scale that stands for no extent: 2 nanometres.
  private static let flatLogScale: Float = -20

  /// The index of the first splat with a part that is not finite or a rotation of length zero.
  ///
  /// Nil means that every splat can be drawn.
  package var firstInvalidIndex: Int? { (0..<count).first { !isValid($0) } }

  /// Repairs what has one meaning and removes every other invalid splat; returns the number
  /// removed.
  ///
  /// Trained files hold infinite opacity logits (wholly opaque or wholly clear) and log scales of
  /// minus infinity (flat); these become large finite numbers. A splat with anything else that is
  /// not finite, or with a rotation of length zero, goes.
  package mutating func removeInvalid() -> Int {
    for index in 0..<count {
      let logit = opacityLogits[index]
      if logit.isInfinite {
        opacityLogits[index] = logit > 0 ? Self.opaqueLogit : -Self.opaqueLogit
      }
      for axis in 0..<3 where logScales[index][axis] == -.infinity {
        logScales[index][axis] = Self.flatLogScale
      }
    }
    let valid = (0..<count).filter(isValid)
    let removed = count - valid.count
    if removed > 0 { self = subset(valid) }
    return removed
  }

  private func isValid(_ index: Int) -> Bool {
    let q = rotations[index]
    let restCount = restCoefficientCount * 3
    return isFinite(positions[index]) && isFinite(logScales[index]) && isFinite(sh0[index])
      && opacityLogits[index].isFinite && q.lengthSquared > 0 && q.lengthSquared.isFinite
      && shRest[index * restCount..<(index + 1) * restCount].allSatisfy { $0.isFinite }
  }
}
