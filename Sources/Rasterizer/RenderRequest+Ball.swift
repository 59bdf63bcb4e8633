// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry

extension RenderRequest {
  /// The columns and the rows of tiles that a ball in the world may touch, at least those.
  ///
  /// A lens other than a pinhole may see it anywhere.
  func columnsAndRows(
    around centre: SIMD3<Double>, radius: Double, tileEdge: Int
  ) -> (columns: Range<Int>, rows: Range<Int>) {
    let size = [camera.width, camera.height].map { ($0 + tileEdge - 1) / tileEdge }
    let everywhere = (0..<size[0], 0..<size[1])
    let middle = cameraFromWorld * centre
    guard camera.lens == .pinhole, linePoses == nil else { return everywhere }
    if middle.z < -radius { return (0..<0, 0..<0) }
    func tiles(_ axis: Int) -> Range<Int> {
      // In the plane of the axis and the view's, the ball is a disc; its tangents bound it.
      let distance = hypot(middle[axis], middle.z)
      guard distance > radius else { return 0..<size[axis] }
      let half = asin(radius / distance)
      let direction = atan2(middle[axis], middle.z)
      func pixel(_ angle: Double, beyond: Double) -> Double {
        guard abs(angle) < .pi / 2 else { return beyond }
        return camera.principalPoint[axis] + camera.focalLengthPixels[axis] * tan(angle)
      }
      let low = pixel(direction - half, beyond: -.infinity) / Double(tileEdge)
      let high = pixel(direction + half, beyond: .infinity) / Double(tileEdge)
      let first = Int(max(0, min(low.rounded(.down), Double(size[axis]))))
      let last = Int(max(0, min(high.rounded(.up) + 1, Double(size[axis]))))
      return first..<max(first, last)
    }
    return (tiles(0), tiles(1))
  }
}
