// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// A convex piece of the plane whose edges each carry a mark: what lies along them.
///
/// Corners go counter-clockwise; edge i goes from corner i to the next.
struct ConvexPolygon<Mark: Sendable>: Sendable {
  struct Edge: Sendable {
    var start: SIMD2<Double>
    /// Of length 1, with the inside on its left.
    var direction: SIMD2<Double>
    var length: Double
    var mark: Mark

    /// To the left of the direction: into the polygon.
    var inward: SIMD2<Double> { SIMD2(-direction.y, direction.x) }
    var end: SIMD2<Double> { start + length * direction }

    /// How far inside of the edge's line a point lies, metres.
    func distance(_ point: SIMD2<Double>) -> Double { ((point - start) * inward).sum() }
  }

  private(set) var edges: [Edge] = []

  /// Makes the polygon of corners, each with the mark of the edge that begins there.
  ///
  /// Edges shorter than a millimetre are left out; fewer than three make it empty.
  init(_ corners: [(point: SIMD2<Double>, mark: Mark)]) {
    for (index, corner) in corners.enumerated() {
      let step = corners[(index + 1) % corners.count].point - corner.point
      let length = (step * step).sum().squareRoot()
      guard length > 0.001 else { continue }
      edges.append(
        Edge(start: corner.point, direction: step / length, length: length, mark: corner.mark))
    }
    if edges.count < 3 { edges = [] }
  }

  var isEmpty: Bool { edges.isEmpty }

  var area: Double {
    edges.reduce(0) { $0 + $1.start.x * $1.end.y - $1.start.y * $1.end.x } / 2
  }

  var middle: SIMD2<Double> {
    edges.reduce(SIMD2.zero) { $0 + $1.start } / Double(max(edges.count, 1))
  }

  var box: (low: SIMD2<Double>, high: SIMD2<Double>) {
    var (low, high) = (SIMD2(repeating: Double.infinity), SIMD2(repeating: -Double.infinity))
    for edge in edges {
      low = pointwiseMin(low, edge.start)
      high = pointwiseMax(high, edge.start)
    }
    return (low, high)
  }

  func contains(_ point: SIMD2<Double>) -> Bool {
    for edge in edges where edge.distance(point) < 0 { return false }
    return !edges.isEmpty
  }

  /// How far a point lies from the nearest edge's line, negative outside.
  func depth(_ point: SIMD2<Double>) -> Double {
    edges.reduce(.infinity) { min($0, $1.distance(point)) }
  }

  /// The direction of the longest edge.
  var axis: SIMD2<Double> {
    edges.max { $0.length < $1.length }?.direction ?? SIMD2(1, 0)
  }

  /// From where to where the polygon goes along a direction.
  func extent(along axis: SIMD2<Double>) -> ClosedRange<Double> {
    let places = edges.map { ($0.start * axis).sum() }
    return (places.min() ?? 0)...(places.max() ?? 0)
  }

  /// The part with `((point - through) * normal).sum() >= 0`, closed by an edge with a mark.
  func part(on normal: SIMD2<Double>, through: SIMD2<Double>, mark: Mark) -> ConvexPolygon {
    func side(_ point: SIMD2<Double>) -> Double { ((point - through) * normal).sum() }
    var corners: [(point: SIMD2<Double>, mark: Mark)] = []
    for edge in edges {
      let (first, last) = (side(edge.start), side(edge.end))
      if first >= 0 { corners.append((edge.start, edge.mark)) }
      guard (first >= 0) != (last >= 0) else { continue }
      let crossing = edge.start + edge.direction * (edge.length * first / (first - last))
      // Leaving, the cut begins here; coming back, the edge goes on.
      corners.append((crossing, first >= 0 ? mark : edge.mark))
    }
    return ConvexPolygon(corners)
  }

  /// What is left where each edge has moved inwards; empty where nothing is.
  func inset(_ distance: (Mark) -> Double) -> ConvexPolygon {
    var rest = self
    for edge in edges {
      guard !rest.isEmpty else { break }
      rest = rest.part(
        on: edge.inward, through: edge.start + distance(edge.mark) * edge.inward, mark: edge.mark)
    }
    return rest
  }

  /// Cuts in two across a direction at a place along it.
  func cut(
    across axis: SIMD2<Double>, at place: Double, mark: Mark
  ) -> (before: ConvexPolygon, behind: ConvexPolygon) {
    let through = place * axis
    return (
      part(on: -axis, through: through, mark: mark), part(on: axis, through: through, mark: mark)
    )
  }
}
