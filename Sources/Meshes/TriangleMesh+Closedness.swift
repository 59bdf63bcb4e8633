// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry

extension TriangleMesh {
  /// Whether the mesh bounds solids, so that nobody outside of it ever sees an inside.
  ///
  /// At every edge, by position, as many triangles run one way as the other, and every connected
  /// part encloses a positive volume: triangles wind counter-clockwise seen from outside. With a
  /// part that is a cavity in another a mesh counts as open, which costs time but shows nothing
  /// wrong.
  ///
  /// - Complexity: O(triangles * log(triangles)).
  package var isClosed: Bool {
    checkInvariants()
    let joined = weldedByPosition()
    guard joined.triangleCount > 0, joined.edgesArePaired else { return false }
    return joined.volumesOfParts.allSatisfy { $0 > 0 }
  }

  /// Whether each directed edge occurs as often as its reverse.
  private var edgesArePaired: Bool {
    var forward: [UInt64] = []
    var backward: [UInt64] = []
    forward.reserveCapacity(indices.count)
    backward.reserveCapacity(indices.count)
    for first in stride(from: 0, to: indices.count, by: 3) {
      for side in 0..<3 {
        let a = UInt64(indices[first + side])
        let b = UInt64(indices[first + (side + 1) % 3])
        forward.append(a << 32 | b)
        backward.append(b << 32 | a)
      }
    }
    forward.sort()
    backward.sort()
    return forward == backward
  }

  /// The volumes that the connected parts enclose, cubic metres; by the divergence theorem.
  private var volumesOfParts: [Double] {
    var parts = Parts(count: positions.count)
    for first in stride(from: 0, to: indices.count, by: 3) {
      parts.join(Int(indices[first]), Int(indices[first + 1]))
      parts.join(Int(indices[first]), Int(indices[first + 2]))
    }
    // Relative to a part's own vertex, so that a small part far away keeps its digits.
    var volumes: [Int: Double] = [:]
    for first in stride(from: 0, to: indices.count, by: 3) {
      let part = parts.representative(of: Int(indices[first]))
      let origin = SIMD3<Double>(positions[part])
      let corners = (0..<3).map { SIMD3<Double>(positions[Int(indices[first + $0])]) - origin }
      volumes[part, default: 0] += dot(corners[0], cross(corners[1], corners[2])) / 6
    }
    return Array(volumes.values)
  }
}

/// A partition of 0..<count that only grows coarser.
private struct Parts {
  private var parent: [Int]

  init(count: Int) { parent = Array(0..<count) }

  mutating func representative(of element: Int) -> Int {
    var current = element
    while parent[current] != current {
      // Halving the path keeps later searches short.
      parent[current] = parent[parent[current]]
      current = parent[current]
    }
    return current
  }

  mutating func join(_ a: Int, _ b: Int) {
    let (left, right) = (representative(of: a), representative(of: b))
    parent[max(left, right)] = min(left, right)
  }
}
