// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// A square of the ground whose south and west sides belong to it, the others to its neighbours.
package struct CitySquare: Equatable, Sendable {
  /// The least coordinate along east, metres.
  package var west: Double
  /// The least coordinate along north, metres.
  package var south: Double
  /// The length of a side, metres.
  package var edge: Double

  /// Makes a square.
  package init(west: Double, south: Double, edge: Double) {
    precondition(edge > 0, "a square has an edge")
    (self.west, self.south, self.edge) = (west, south, edge)
  }

  /// The middle.
  package var center: SIMD2<Double> { SIMD2(west + edge / 2, south + edge / 2) }

  /// Whether a point of the ground belongs to it.
  package func contains(_ point: SIMD2<Double>) -> Bool {
    point.x >= west && point.y >= south && point.x < west + edge && point.y < south + edge
  }

  /// Whether a box comes as near as a margin.
  func touches(_ box: (low: SIMD2<Double>, high: SIMD2<Double>), margin: Double) -> Bool {
    box.high.x >= west - margin && box.high.y >= south - margin
      && box.low.x <= west + edge + margin && box.low.y <= south + edge + margin
  }
}
