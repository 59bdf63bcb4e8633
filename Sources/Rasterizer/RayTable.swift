// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Parallel
import Splats

/// The rays through the centres of a camera's pixels, laid out for the kernels.
final class RayTable: Sendable {
  let camera: Camera
  /// The tiles of the image.
  let columns: Int
  let rows: Int
  /// [tiles x 4 x 256], see `kernels_rays.directions`.
  let directions: FixedColumn<Float>

  /// The edge of a tile, pixels.
  private static let edge = 16
  /// The edge of a block, pixels.
  private static let blockEdge = 4

  /// Asks the lens for every pixel's direction; about 0.3 us each.
  init(_ camera: Camera, threadCount: Int) {
    self.camera = camera
    let columns = (camera.width + Self.edge - 1) / Self.edge
    let rows = (camera.height + Self.edge - 1) / Self.edge
    let pixels = Self.edge * Self.edge
    var values = [Float](repeating: 0, count: columns * rows * 4 * pixels)
    parallelChunks(of: &values, size: 4 * pixels, threadCount: threadCount) { tile, part in
      for place in 0..<pixels {
        let (x, y) = Self.offset(of: place)
        let column = tile % columns * Self.edge + x
        let row = tile / columns * Self.edge + y
        guard column < camera.width, row < camera.height else { continue }
        let centre = SIMD2(Double(column) + 0.5, Double(row) + 0.5)
        guard let ray = camera.ray(through: centre) else { continue }
        part[place] = Float(ray.x)
        part[pixels + place] = Float(ray.y)
        part[2 * pixels + place] = Float(ray.z)
        part[3 * pixels + place] = camera.lens.measuresDepthAlongAxis ? Float(ray.z) : 1
      }
    }
    self.columns = columns
    self.rows = rows
    directions = FixedColumn(values)
  }

  /// Where in a tile the pixel of a place lies: block after block, row-major in both.
  private static func offset(of place: Int) -> (x: Int, y: Int) {
    let blocksAcross = edge / blockEdge
    let (block, pixel) = (place / (blockEdge * blockEdge), place % (blockEdge * blockEdge))
    return (
      block % blocksAcross * blockEdge + pixel % blockEdge,
      block / blocksAcross * blockEdge + pixel / blockEdge
    )
  }
}
