// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry

/// How a wall of bricks or a floor of slabs is laid.
struct Masonry {
  /// The width and height of one stone with its joint, metres.
  var cell: SIMD2<Float>
  /// The width of the joints, metres.
  var joint: Float
  /// The surfels along and across one stone.
  var surfelCount: SIMD2<Int>
  /// How far every other row is shifted, as a share of a stone.
  var shift: Float
}

extension SurfelPainter {
  /// Covers a patch with stones and the joints between them.
  ///
  /// Stones and joints have surfels of their own shape, so that joints stay sharp at a spacing at
  /// which a plain grid would blur them. `stone` gets the place on the patch and two integers that
  /// name the stone; `joint` gets the place.
  mutating func cover(
    _ patch: Patch, masonry: Masonry,
    stone: (SIMD2<Float>, Int32, Int32) -> SurfaceLook, joint: (SIMD2<Float>) -> SurfaceLook
  ) {
    let size = SIMD2(length(patch.along), length(patch.up))
    let rowCount = Int32((size.y / masonry.cell.y).rounded(.up))
    for row in 0..<rowCount {
      let shift = row % 2 == 0 ? 0 : masonry.shift * masonry.cell.x
      let columnCount = Int32(((size.x + shift) / masonry.cell.x).rounded(.up))
      for column in 0..<columnCount {
        // The stone is cut where it would stand over the patch's edge.
        let left = Float(column) * masonry.cell.x - shift
        let low = SIMD2(max(left, 0), Float(row) * masonry.cell.y)
        let high = pointwiseMin(
          SIMD2(left + masonry.cell.x - masonry.joint, low.y + masonry.cell.y - masonry.joint), size
        )
        if all(high .> low) {
          let whole = masonry.cell.x - masonry.joint
          let share = (high.x - low.x) / whole * Float(masonry.surfelCount.x) / coarseness
          let rows = Float(masonry.surfelCount.y) / coarseness
          let count = SIMD2(max(1, Int(share.rounded())), max(1, Int(rows.rounded())))
          fill(patch, low, high, count) { stone($0, column, row) }
        }
        let right = min(left + masonry.cell.x, size.x)
        let top = min(low.y + masonry.cell.y, size.y)
        fill(patch, SIMD2(low.x, top - masonry.joint), SIMD2(right, top), SIMD2(3, 1), joint)
        if left + masonry.cell.x <= size.x {
          let count = SIMD2(1, max(2, masonry.surfelCount.y / 2))
          fill(patch, SIMD2(right - masonry.joint, low.y), SIMD2(right, top), count, joint)
        }
      }
    }
  }

  /// Covers the rectangle from `low` to `high` on a patch with a grid of stretched surfels.
  private mutating func fill(
    _ patch: Patch, _ low: SIMD2<Float>, _ high: SIMD2<Float>, _ count: SIMD2<Int>,
    _ look: (SIMD2<Float>) -> SurfaceLook
  ) {
    let (x, y, normal) = (normalize(patch.along), normalize(patch.up), patch.normal)
    let step = (high - low) / SIMD2(Float(count.x), Float(count.y))
    for row in 0..<count.y {
      for column in 0..<count.x {
        let place = low + step * SIMD2(Float(column) + 0.5, Float(row) + 0.5)
        // A square grid leaves wider gaps than a hexagonal one.
        let surfel = Surfel(
          center: patch.corner + x * place.x + y * place.y, normal: normal, along: x,
          widths: step * (Self.coverage * 1.05))
        paint(surfel, look(place))
      }
    }
  }
}
