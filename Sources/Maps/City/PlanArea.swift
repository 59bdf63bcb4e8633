// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// A polygon with holes on the map's plane: east and north from the origin, metres.
///
/// Rings are not closed. The outer ring winds counter-clockwise seen from above, holes clockwise.
struct PlanArea: Equatable, Sendable {
  var outer: [SIMD2<Double>]
  var holes: [[SIMD2<Double>]]

  /// Makes an area from rings as a map has them: closed or not, wound either way.
  ///
  /// Repeated points are left out. Nil where less than three points or a square decimetre are left.
  init?(outer: [SIMD2<Double>], holes: [[SIMD2<Double>]] = []) {
    guard let outer = Self.cleaned(outer, isHole: false) else { return nil }
    self.outer = outer
    self.holes = holes.compactMap { Self.cleaned($0, isHole: true) }
  }

  /// The outer ring and the holes.
  var rings: [[SIMD2<Double>]] { [outer] + holes }

  /// The area inside, square metres.
  var area: Double { rings.reduce(0) { $0 + signedArea($1) } }

  /// The smallest box around it.
  var box: (low: SIMD2<Double>, high: SIMD2<Double>) { boundingBox(outer) }

  /// Whether a point lies inside: in the outer ring and in no hole.
  func contains(_ point: SIMD2<Double>) -> Bool {
    rings.reduce(false) { $0 != ringContains($1, point) }
  }

  /// Whether the outer ring has no corner that turns inwards, and there is no hole.
  var isConvex: Bool {
    guard holes.isEmpty else { return false }
    return outer.indices.allSatisfy { index in
      let (before, here) = (outer[index], outer[(index + 1) % outer.count])
      return cross(here - before, outer[(index + 2) % outer.count] - here) >= -1e-9
    }
  }

  /// The centre of mass of the outer ring.
  var centroid: SIMD2<Double> {
    let start = outer[0]
    var (sum, weight) = (SIMD2<Double>(), 0.0)
    for index in 1..<outer.count - 1 {
      let (a, b) = (outer[index] - start, outer[index + 1] - start)
      sum += (a + b) / 3 * cross(a, b)
      weight += cross(a, b)
    }
    return start + sum / weight
  }

  /// Whether every point of the outline is seen from a point inside, and there is no hole.
  func isStar(from centre: SIMD2<Double>) -> Bool {
    holes.isEmpty
      && outer.indices.allSatisfy { index in
        let (a, b) = (outer[index], outer[(index + 1) % outer.count])
        return cross(b - a, centre - a) > 1e-6
      }
  }

  private static let leastArea = 0.01

  private static func cleaned(_ ring: [SIMD2<Double>], isHole: Bool) -> [SIMD2<Double>]? {
    var points: [SIMD2<Double>] = []
    for point in ring where points.last.map({ squaredDistance($0, point) > 1e-6 }) ?? true {
      points.append(point)
    }
    while points.count > 1, squaredDistance(points[0], points[points.count - 1]) <= 1e-6 {
      points.removeLast()
    }
    let area = signedArea(points)
    guard points.count >= 3, abs(area) >= leastArea else { return nil }
    return (area > 0) == isHole ? points.reversed() : points
  }
}

/// The z component of the cross product of vectors in the plane.
func cross(_ a: SIMD2<Double>, _ b: SIMD2<Double>) -> Double { a.x * b.y - a.y * b.x }

func dot(_ a: SIMD2<Double>, _ b: SIMD2<Double>) -> Double { (a * b).sum() }

func squaredDistance(_ a: SIMD2<Double>, _ b: SIMD2<Double>) -> Double { dot(b - a, b - a) }

/// The area of a ring, positive when it winds counter-clockwise, square metres.
func signedArea(_ ring: [SIMD2<Double>]) -> Double {
  guard let start = ring.first else { return 0 }
  var sum = 0.0
  for index in ring.indices.dropLast() {
    sum += cross(ring[index] - start, ring[index + 1] - start)
  }
  return sum / 2
}

func boundingBox(_ points: [SIMD2<Double>]) -> (low: SIMD2<Double>, high: SIMD2<Double>) {
  let infinity = SIMD2<Double>(repeating: .infinity)
  return points.reduce((infinity, -infinity)) { (pointwiseMin($0.0, $1), pointwiseMax($0.1, $1)) }
}

/// Whether a ray to the east from a point crosses a ring an odd number of times.
func ringContains(_ ring: [SIMD2<Double>], _ point: SIMD2<Double>) -> Bool {
  var isInside = false
  var before = ring.last ?? SIMD2()
  for here in ring {
    if (here.y > point.y) != (before.y > point.y) {
      let share = (point.y - before.y) / (here.y - before.y)
      if point.x < before.x + share * (here.x - before.x) { isInside.toggle() }
    }
    before = here
  }
  return isInside
}

/// A line on the plane that has positive values on one side.
struct HalfPlane: Equatable, Sendable {
  /// The gradient of the value.
  var gradient: SIMD2<Double>
  /// The value at the origin.
  var offset: Double

  func value(at point: SIMD2<Double>) -> Double { dot(gradient, point) + offset }

  static func - (one: HalfPlane, other: HalfPlane) -> HalfPlane {
    HalfPlane(gradient: one.gradient - other.gradient, offset: one.offset - other.offset)
  }
}

/// The part of a convex polygon where a half-plane is not negative (Sutherland and Hodgman 1974).
func clipped(_ polygon: [SIMD2<Double>], to side: HalfPlane) -> [SIMD2<Double>] {
  var result: [SIMD2<Double>] = []
  for index in polygon.indices {
    let (a, b) = (polygon[index], polygon[(index + 1) % polygon.count])
    let (atA, atB) = (side.value(at: a), side.value(at: b))
    if atA >= 0 { result.append(a) }
    if (atA >= 0) != (atB >= 0) { result.append(a + (b - a) * (atA / (atA - atB))) }
  }
  return result
}

/// The rectangle of the least area around points, along one of their polygon's sides.
struct PlanRectangle: Equatable, Sendable {
  var centre: SIMD2<Double>
  /// The unit vector along the longer side.
  var along: SIMD2<Double>
  /// Half the longer and half the shorter side, metres.
  var halfLength: Double
  var halfWidth: Double

  init(around ring: [SIMD2<Double>]) {
    var best: (area: Double, centre: SIMD2<Double>, axis: SIMD2<Double>, half: SIMD2<Double>)?
    for index in ring.indices {
      let side = ring[(index + 1) % ring.count] - ring[index]
      let length = dot(side, side).squareRoot()
      guard length > 1e-6 else { continue }
      let axis = side / length
      let across = SIMD2(-axis.y, axis.x)
      let box = boundingBox(ring.map { SIMD2(dot($0, axis), dot($0, across)) })
      let (middle, half) = ((box.low + box.high) / 2, (box.high - box.low) / 2)
      // A little less is needed to replace: the first of equals stays.
      if best.map({ half.x * half.y < $0.area * (1 - 1e-9) }) ?? true {
        best = (half.x * half.y, axis * middle.x + across * middle.y, axis, half)
      }
    }
    let found = best ?? (0, ring.first ?? SIMD2(), SIMD2(1, 0), SIMD2())
    centre = found.centre
    let isAlong = found.half.x >= found.half.y
    along = isAlong ? found.axis : SIMD2(-found.axis.y, found.axis.x)
    halfLength = max(found.half.x, found.half.y)
    halfWidth = min(found.half.x, found.half.y)
  }

  /// The unit vector a quarter turn counter-clockwise from `along`.
  var across: SIMD2<Double> { SIMD2(-along.y, along.x) }
}
