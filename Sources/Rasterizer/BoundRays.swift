// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Kernels
import Parallel
import Splats

/// The rays of a camera while it moves in one way, and between which planes they run.
@safe
final class BoundRays {
  private var bundles = Scratch<kernels_ray_cells>()
  private var tiles = Scratch<kernels_ray_cells>()
  private var planes = Scratch<kernels_ray_planes>()
  private var lines = Scratch<Float>()
  private var lineCount = 0
  private var linesAreColumns = false

  /// The tiles of a bundle.
  private static let bundleEdge = 4
  /// The bundles whose planes a thread works out at a time.
  private static let bundlesPerPart = 4

  /// Lets the rays of each line start where its camera stands in the view; nil is a camera that
  /// stands still, in the view's own frame.
  func prepare(
    _ table: RayTable, viewFromLines: [RigidTransform]?, areColumns: Bool, threadCount: Int
  ) {
    lineCount = viewFromLines?.count ?? 0
    linesAreColumns = areColumns
    lines.reserve(lineCount * 12)
    for (line, viewFromLine) in (viewFromLines ?? []).enumerated() {
      let turn = viewFromLine.rotation.normalized.matrix.transpose
      let numbers = [turn.column0, turn.column1, turn.column2, viewFromLine.translation]
      for (index, vector) in numbers.enumerated() {
        for axis in 0..<3 {
          unsafe lines.pointer[12 * line + 3 * index + axis] = Float(vector[axis])
        }
      }
    }
    bound(table, threadCount)
  }

  /// Works out the planes between which the rays of each bundle, tile and block run.
  private func bound(_ table: RayTable, _ threadCount: Int) {
    let count = bundleCount(table)
    bundles.reserve(count)
    planes.reserve(count)
    tiles.reserve(table.columns * table.rows)
    let pass = unsafe Pass(memory: kernel(table))
    let size = Self.bundlesPerPart
    parallelFor(count: (count + size - 1) / size, threadCount: threadCount) { part, _ in
      var rays = unsafe pass.memory
      unsafe kernels_bound_rays(&rays, Int32(part * size), Int32(min((part + 1) * size, count)))
    }
  }

  private func bundleCount(_ table: RayTable) -> Int {
    let edge = Self.bundleEdge
    return (table.columns + edge - 1) / edge * ((table.rows + edge - 1) / edge)
  }

  /// The rays for the kernels; valid until the next `prepare`.
  func kernel(_ table: RayTable) -> kernels_rays {
    let edge = Self.bundleEdge
    return unsafe kernels_rays(
      directions: table.directions.pointer, lines: lineCount == 0 ? nil : lines.pointer,
      line_count: Int32(lineCount), lines_are_columns: linesAreColumns ? 1 : 0,
      tile_columns: Int32(table.columns), tile_rows: Int32(table.rows),
      bundle_columns: Int32((table.columns + edge - 1) / edge),
      bundle_count: Int32(bundleCount(table)), bundles: bundles.pointer, tiles: tiles.pointer,
      bundle_planes: planes.pointer)
  }
}
