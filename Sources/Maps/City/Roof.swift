// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The shape of a roof, by the key `roof:shape` of Simple 3D Buildings.
enum RoofShape: String, CaseIterable, Sendable {
  case flat
  /// Two slopes that meet in a ridge along the building.
  case gabled
  /// Four slopes and a ridge.
  case hipped
  /// A gable whose upper half leans back.
  case halfHipped = "half-hipped"
  /// Slopes from every side to one point.
  case pyramidal
  /// One slope.
  case skillion
  /// Two slopes, each steeper below.
  case gambrel
  /// Four slopes, each steeper below.
  case mansard
  /// Half a cylinder along the building.
  case round
  /// Half a sphere.
  case dome
  case onion
  case cone

  /// The shape that a tag names; nil for one that is not known.
  init?(tag: String) {
    let same = [
      "pitched": RoofShape.gabled, "saltbox": .gabled, "half_hipped": .halfHipped,
      "hipped-and-gabled": .halfHipped, "side_hipped": .hipped, "pyramid": .pyramidal,
      "shed": .skillion, "lean_to": .skillion, "conical": .cone, "gabled_row": .gabled,
      "quadruple_saltbox": .mansard, "no": .flat, "double_saltbox": .gabled,
    ]
    guard let shape = same[tag] ?? RoofShape(rawValue: tag) else { return nil }
    self = shape
  }
}

/// A roof over an outline, its heights measured from the eaves.
struct Roof: Sendable {
  /// The least of several planes, where the shape is made so; their values are metres.
  private(set) var planes: [HalfPlane] = []
  /// Outlines that shrink towards the centre, with their heights, where the shape is made so: the
  /// first is the outline itself at height 0.
  private(set) var profile: [(scale: Double, height: Double)] = []
  private let area: PlanArea

  /// Makes a roof; nil where the outline does not take that shape.
  ///
  /// - Parameters:
  ///   - shape: which.
  ///   - height: from the eaves to the top, metres.
  ///   - area: the outline.
  ///   - ridge: along the ridge, or downhill for one slope; nil for the longer side, and for a
  ///     slope across it.
  init?(_ shape: RoofShape, height: Double, over area: PlanArea, ridge: SIMD2<Double>?) {
    self.area = area
    guard shape != .flat, height > 0.01 else { return }
    let frame = Frame(area, ridge: shape == .skillion ? nil : ridge)
    guard frame.halfWidth > 0.05 else { return nil }
    switch shape {
    case .flat: break
    case .skillion:
      planes = [Self.slope(downhill: ridge ?? frame.across, area, height)]
    case .pyramidal, .cone: profile = [(1, 0), (0, height)]
    case .dome: profile = Self.domeProfile.map { ($0.scale, $0.height * height) }
    case .onion: profile = Self.onionProfile.map { ($0.scale, $0.height * height) }
    default: planes = frame.planes(shape, height)
    }
    if !profile.isEmpty, !area.isStar(from: area.centroid) {
      // A pyramid over four sides still stands on an outline that turns inwards; the others do not.
      guard shape == .pyramidal else { return nil }
      profile = []
      planes = frame.pyramid(height)
    }
  }

  /// The height above the eaves over a point of the outline.
  func height(at point: SIMD2<Double>) -> Double {
    max(planes.map { $0.value(at: point) }.min() ?? 0, 0)
  }

  /// The places between the ends of a side of the outline where its upper edge has a corner.
  func corners(from start: SIMD2<Double>, to end: SIMD2<Double>) -> [SIMD2<Double>] {
    var shares: [Double] = []
    for (index, one) in planes.enumerated() {
      for other in planes[(index + 1)...] {
        let difference = one - other
        let (a, b) = (difference.value(at: start), difference.value(at: end))
        guard (a > 0) != (b > 0) else { continue }
        let share = a / (a - b)
        let point = start + (end - start) * share
        // Only where these two are the lowest.
        guard share > 1e-6, share < 1 - 1e-6, one.value(at: point) <= height(at: point) + 1e-6
        else {
          continue
        }
        shares.append(share)
      }
    }
    return shares.sorted().map { start + (end - start) * $0 }
  }

  /// The flat pieces of the roof, counter-clockwise from above, heights above the eaves.
  func pieces() -> [[SIMD3<Double>]] {
    if !profile.isEmpty { return profilePieces() }
    let parts = area.isConvex ? [area.outer] : area.triangles()
    var pieces: [[SIMD3<Double>]] = []
    for part in parts {
      for (index, plane) in planes.enumerated() {
        var piece = part
        for (other, otherPlane) in planes.enumerated() where other != index && piece.count >= 3 {
          piece = clipped(piece, to: otherPlane - plane)
        }
        guard piece.count >= 3, signedArea(piece) > 1e-4 else { continue }
        pieces.append(piece.map { SIMD3($0.x, $0.y, max(plane.value(at: $0), 0)) })
      }
    }
    return pieces
  }

  private func profilePieces() -> [[SIMD3<Double>]] {
    let centre = area.centroid
    var pieces: [[SIMD3<Double>]] = []
    for (lower, upper) in zip(profile, profile.dropFirst()) {
      for index in area.outer.indices {
        let ends = [area.outer[index], area.outer[(index + 1) % area.outer.count]]
        let below = ends.map { place(centre + ($0 - centre) * lower.scale, lower.height) }
        let above = ends.reversed().map {
          place(centre + ($0 - centre) * upper.scale, upper.height)
        }
        pieces.append(upper.scale == 0 ? below + [above[0]] : below + above)
      }
    }
    return pieces
  }

  private func place(_ point: SIMD2<Double>, _ height: Double) -> SIMD3<Double> {
    SIMD3(point.x, point.y, height)
  }

  /// Half a circle in five steps.
  private static let domeProfile: [(scale: Double, height: Double)] = [
    (1, 0), (0.951, 0.309), (0.809, 0.588), (0.588, 0.809), (0.309, 0.951), (0, 1),
  ]
  private static let onionProfile: [(scale: Double, height: Double)] = [
    (1, 0), (1.18, 0.12), (1.22, 0.25), (1.05, 0.42), (0.7, 0.58), (0.35, 0.72), (0.12, 0.86),
    (0, 1),
  ]

  private static func slope(
    downhill: SIMD2<Double>, _ area: PlanArea, _ height: Double
  ) -> HalfPlane {
    let along = area.outer.map { dot($0, downhill) }
    let (low, high) = (along.min() ?? 0, along.max() ?? 1)
    let rise = height / max(high - low, 0.01)
    return HalfPlane(gradient: downhill * -rise, offset: high * rise)
  }
}

/// The rectangle around an outline, along its ridge.
private struct Frame {
  var centre: SIMD2<Double>
  var along: SIMD2<Double>
  var halfLength: Double
  var halfWidth: Double
  var across: SIMD2<Double> { SIMD2(-along.y, along.x) }

  init(_ area: PlanArea, ridge: SIMD2<Double>?) {
    let rectangle = PlanRectangle(around: area.outer)
    guard let ridge else {
      (centre, along) = (rectangle.centre, rectangle.along)
      (halfLength, halfWidth) = (rectangle.halfLength, rectangle.halfWidth)
      return
    }
    let across = SIMD2(-ridge.y, ridge.x)
    let box = boundingBox(area.outer.map { SIMD2(dot($0, ridge), dot($0, across)) })
    let middle = (box.low + box.high) / 2
    centre = ridge * middle.x + across * middle.y
    along = ridge
    (halfLength, halfWidth) = ((box.high.x - box.low.x) / 2, (box.high.y - box.low.y) / 2)
  }

  func planes(_ shape: RoofShape, _ height: Double) -> [HalfPlane] {
    // Slopes as pairs of (inset, height): the plane through both points of the profile.
    let rise = height / halfWidth
    switch shape {
    case .gabled: return sides(rise, 0)
    case .hipped:
      // The ends are as steep as the sides; a square one ends in a point.
      return sides(rise, 0) + ends(height / min(halfWidth, halfLength), 0)
    case .halfHipped: return sides(rise, 0) + ends(rise, height / 2)
    case .gambrel: return sides(2 * rise, 0) + sides(rise * 0.6, height * 0.4)
    case .mansard:
      return sides(2.5 * rise, 0) + ends(2.5 * rise, 0) + sides(rise * 0.5, height * 0.5)
        + ends(rise * 0.5, height * 0.5)
    case .round: return arc(height)
    default: return pyramid(height)
    }
  }

  func pyramid(_ height: Double) -> [HalfPlane] {
    sides(height / halfWidth, 0) + ends(height / halfLength, 0)
  }

  /// Tangents of an ellipse across the ridge, at angles from its ends on.
  private func arc(_ height: Double) -> [HalfPlane] {
    [15.0, 40, 65].flatMap { degrees -> [HalfPlane] in
      let (x, y) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180))
      // The tangent at (x, y) of a circle: x X + y Y = 1, stretched to the width and the height.
      return sides(height * x / (y * halfWidth), height * (1 - x) / y)
    } + [HalfPlane(gradient: SIMD2(), offset: height)]
  }

  /// The planes that rise from the long sides inwards, `start` metres high there.
  private func sides(_ rise: Double, _ start: Double) -> [HalfPlane] {
    [1.0, -1].map { plane(across * $0, halfWidth, rise, start) }
  }

  private func ends(_ rise: Double, _ start: Double) -> [HalfPlane] {
    [1.0, -1].map { plane(along * $0, halfLength, rise, start) }
  }

  private func plane(
    _ outwards: SIMD2<Double>, _ distance: Double, _ rise: Double, _ start: Double
  ) -> HalfPlane {
    HalfPlane(
      gradient: outwards * -rise, offset: start + rise * (distance + dot(outwards, centre)))
  }
}
