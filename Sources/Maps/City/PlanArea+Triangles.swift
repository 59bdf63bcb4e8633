// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

extension PlanArea {
  /// Returns triangles, counter-clockwise, that cover the area: ear clipping after holes have been
  /// joined to the outer ring by bridges (Eberly, "Triangulation by Ear Clipping", 2002).
  ///
  /// An outline that crosses itself is covered but for some of the places about its crossings.
  /// - Complexity: O(n^2).
  func triangles() -> [[SIMD2<Double>]] {
    var ring = outer
    // Holes from the right: each then sees the ring without the others in between.
    let sorted = holes.sorted { boundingBox($0).high.x > boundingBox($1).high.x }
    for hole in sorted { Self.join(hole, to: &ring) }
    return Self.earsClipped(ring)
  }

  /// Joins a hole to a ring by a bridge, there and back, from the hole's rightmost point.
  private static func join(_ hole: [SIMD2<Double>], to ring: inout [SIMD2<Double>]) {
    guard let start = hole.indices.max(by: { hole[$0].x < hole[$1].x }) else { return }
    let point = hole[start]
    // The nearest crossing of the ring to the right, and the end of its side that is farther right.
    var nearest: (x: Double, index: Int)?
    for index in ring.indices {
      let next = (index + 1) % ring.count
      let (a, b) = (ring[index], ring[next])
      guard min(a.y, b.y) <= point.y, max(a.y, b.y) >= point.y, a.y != b.y else { continue }
      let x = a.x + (point.y - a.y) / (b.y - a.y) * (b.x - a.x)
      guard x >= point.x - 1e-9, nearest.map({ x < $0.x }) ?? true else { continue }
      nearest = (x, a.x > b.x ? index : next)
    }
    guard let nearest else { return }
    // A corner inside of the triangle between them would be in the way: the one at the least angle.
    var bridge = nearest.index
    let triangle = [point, SIMD2(nearest.x, point.y), ring[nearest.index]]
    var least = Double.infinity
    for index in ring.indices where index != nearest.index && ring[index].x >= point.x {
      guard triangleContains(triangle, ring[index]) else { continue }
      let away = ring[index] - point
      let slope = abs(away.y) / max(away.x, 1e-12)
      if slope < least, isReflex(ring, index) { (least, bridge) = (slope, index) }
    }
    let turned = Array(hole[start...] + hole[..<start]) + [point]
    ring.insert(contentsOf: turned + [ring[bridge]], at: bridge + 1)
  }

  private static func isReflex(_ ring: [SIMD2<Double>], _ index: Int) -> Bool {
    let before = ring[(index + ring.count - 1) % ring.count]
    let after = ring[(index + 1) % ring.count]
    return cross(ring[index] - before, after - ring[index]) <= 0
  }

  private static func earsClipped(_ ring: [SIMD2<Double>]) -> [[SIMD2<Double>]] {
    var left = Array(ring.indices)
    var triangles: [[SIMD2<Double>]] = []
    var index = 0
    var failures = 0
    while left.count > 3 {
      let count = left.count
      let corner = [
        left[(index + count - 1) % count], left[index % count], left[(index + 1) % count],
      ]
      let triangle = corner.map { ring[$0] }
      let area = cross(triangle[1] - triangle[0], triangle[2] - triangle[1])
      let isEar =
        area > 0
        && !left.contains { other in
          !corner.contains(other) && !triangle.contains(ring[other])
            && triangleContains(triangle, ring[other])
        }
      // After a round without an ear the ring is not simple: what is flat or crossed goes too.
      if isEar || abs(area) <= 1e-12 || failures > count {
        if area > 1e-12 { triangles.append(triangle) }
        left.remove(at: index % count)
        failures = 0
        index = max(index % count, 1) - 1
      } else {
        failures += 1
        index = (index + 1) % count
      }
    }
    let last = left.map { ring[$0] }
    if cross(last[1] - last[0], last[2] - last[1]) > 1e-12 { triangles.append(last) }
    return triangles
  }
}

/// Whether a point lies in a triangle of either winding or on its border.
private func triangleContains(_ triangle: [SIMD2<Double>], _ point: SIMD2<Double>) -> Bool {
  let signs = (0..<3).map { index in
    cross(triangle[(index + 1) % 3] - triangle[index], point - triangle[index])
  }
  return signs.allSatisfy { $0 >= 0 } || signs.allSatisfy { $0 <= 0 }
}
