// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Splats

/// What a reader found, dropped and repaired.
package struct SplatImportReport: Equatable, Sendable {
  /// The container, such as `binary_little_endian PLY` or `SPZ 4`.
  package var container: String
  /// The number of splats in the file, dropped ones included.
  package var storedCount = 0
  /// What could not be drawn as it was stored.
  package var repairs = SplatRepairs()
  /// Splats far from the rest, kept: see `countFarOutliers`.
  package var farOutliers = 0
  /// Whether the file says that it was trained for a renderer with Mip-Splatting's compensation.
  package var antialiased = false
  /// What the file holds that is not read: PLY properties, SPZ extensions; in file order.
  package var skipped: [String] = []

  /// Makes the report of a file in which nothing was found yet.
  package init(container: String) {
    self.container = container
  }
}

/// Counts splats farther from the middle than 100 times what 95 % of the others are.
///
/// Trained scenes hold a few giants kilometres away that spoil bounding boxes (supersplat issue
/// 116). The middle is the median of each axis and the distance the largest axis' offset; both
/// come from at most 4096 splats at even steps, so the count costs one pass.
func countFarOutliers(_ positions: [SIMD3<Float>]) -> Int {
  guard !positions.isEmpty else { return 0 }
  let largestSample = 4096
  let step = (positions.count + largestSample - 1) / largestSample
  let sample = stride(from: 0, to: positions.count, by: step).map { positions[$0] }
  let median = SIMD3(
    sample.map(\.x).sorted()[sample.count / 2], sample.map(\.y).sorted()[sample.count / 2],
    sample.map(\.z).sorted()[sample.count / 2])
  let distances = sample.map { chebyshev($0, median) }.sorted()
  let limit = 100 * distances[sample.count * 95 / 100]
  guard limit > 0 else { return 0 }
  var count = 0
  for position in positions where chebyshev(position, median) > limit { count += 1 }
  return count
}

private func chebyshev(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float {
  max(abs(a.x - b.x), max(abs(a.y - b.y), abs(a.z - b.z)))
}
