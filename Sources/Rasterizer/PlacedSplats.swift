// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
package import Splats

/// Packed splats with the place where they stand, and how much of them is drawn.
///
/// The place is a `Double`, so that splats far from the world's origin are drawn as exactly as
/// those near it: only their distance to the camera is ever a `Float`.
package struct PlacedSplats: Equatable, Sendable {
  /// The splats, shared by any number of renderers.
  package var splats: PackedSplats
  /// Where the origin of the splats' frame lies in the world, metres; the axes are the world's.
  package var origin: SIMD3<Double>
  /// How much is drawn, 0...1: a splat of opacity a as one of `1 - (1 - a)^share`.
  ///
  /// Splats with the share s and others with 1 - s in the same places together hide as much as
  /// either alone, so that one set fades into the other. Where the share is below 1 no opacity
  /// counts as more than 0.99.
  package var share: Double

  /// Places splats, the whole of them in the world's own frame unless told otherwise.
  package init(_ splats: PackedSplats, origin: SIMD3<Double> = .zero, share: Double = 1) {
    precondition((0...1).contains(share), "a share lies within 0...1")
    self.splats = splats
    self.origin = origin
    self.share = share
  }
}

extension Frustum {
  /// Returns the groups of some parts that might be seen, part by part.
  func visibleGroups(of parts: [PlacedSplats], isSeenByRays: Bool) -> [GroupPlace] {
    var visible: [GroupPlace] = []
    for (part, placed) in parts.enumerated() where placed.share > 0 {
      // Rays know better than the planes of a pinhole where a group may be seen.
      guard isSeenByRays || mayShow(placed.splats.extent, at: placed.origin) else { continue }
      for (group, extent) in placed.splats.groups.enumerated()
      where isSeenByRays || mayShow(extent, at: placed.origin) {
        visible.append(GroupPlace(part: Int32(part), group: Int32(group)))
      }
    }
    return visible
  }
}

/// A group of splats of one of several parts.
struct GroupPlace: Equatable, Sendable {
  var part: Int32
  var group: Int32
}
