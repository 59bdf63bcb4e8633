// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry

/// The kinds of small thing that the arm can pick up; the raw value is the word in a world file.
///
/// Sizes follow the SO-101's jaw: 20 to 40 mm across where it is held, 20 to 55 mm tall, so that
/// the fingers reach half way down without the palm touching. Masses are those of such things in
/// wood or plastic.
package enum ObjectShape: String, CaseIterable, Sendable {
  /// A cube.
  case cube
  /// An upright cylinder.
  case can
  /// A ball.
  case ball
  /// A long square block lying down.
  case block
  /// A flat hexagonal prism.
  case prism
  /// A hollow cup with a handle.
  case mug
  /// A ring lying down.
  case ring
  /// A six-pointed star lying down.
  case star

  /// The parts, extents and grasps.
  package var geometry: ObjectGeometry {
    switch self {
    case .cube: Self.makeCube()
    case .can: Self.makeCan()
    case .ball: Self.makeBall()
    case .block: Self.makeBlock()
    case .prism: Self.makePrism()
    case .mug: Self.makeMug()
    case .ring: Self.makeRing()
    case .star: Self.makeStar()
    }
  }
}

/// What an `ObjectShape` is made of and how a parallel jaw holds it.
///
/// Frame: origin in the middle of the footprint and of the height, z up as the thing stands.
package struct ObjectGeometry: Equatable, Sendable {
  /// The convex pieces.
  package let parts: [PropPart]
  /// The mass, kilograms.
  package let mass: Double
  /// The height as it stands, metres.
  package let height: Double
  /// The radius of the circle about the origin that holds the footprint, metres.
  package let footprintRadius: Double
  /// The ways to hold it; never empty.
  package let grasps: [GraspHint]
  /// True where it rolls, so that it needs rolling friction to come to rest.
  package var rolls = false

  /// How far it reaches from its origin along a unit direction of its own frame, metres.
  package func reach(along direction: SIMD3<Double>) -> Double {
    parts.map { $0.reach(along: direction) }.max() ?? 0
  }

  /// How high its origin is at most when it stands on one of its sides, metres.
  package var highestStand: Double {
    [SIMD3(1.0, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)].flatMap { axis in
      [reach(along: axis), reach(along: -axis)]
    }.max() ?? 0
  }
}

/// One way to hold an object from above between two flat pads.
package struct GraspHint: Equatable, Sendable {
  /// The middle between the pads, in the object's frame, metres.
  package let centre: SIMD3<Double>
  /// The direction from pad to pad, an angle about z in the object's frame, radians.
  ///
  /// The opposite direction is as good; nil where any direction is.
  package let jawYaw: Double?
  /// The distance between the pads when they touch, metres.
  package let width: Double
}

extension ObjectShape {
  private static func makeCube() -> ObjectGeometry {
    let side = 0.030
    return ObjectGeometry(
      parts: [.box(side / 2, side / 2, side / 2)], mass: 0.030, height: side,
      footprintRadius: side * 0.5.squareRoot(),
      grasps: [0, .pi / 2].map { GraspHint(centre: .zero, jawYaw: $0, width: side) })
  }

  private static func makeCan() -> ObjectGeometry {
    let (radius, height) = (0.017, 0.052)
    return ObjectGeometry(
      parts: [PropPart(.cylinder(radius: radius, halfLength: height / 2))], mass: 0.045,
      height: height, footprintRadius: radius,
      grasps: [GraspHint(centre: aboveMiddle(height), jawYaw: nil, width: 2 * radius)])
  }

  private static func makeBall() -> ObjectGeometry {
    let radius = 0.017
    return ObjectGeometry(
      parts: [PropPart(.sphere(radius: radius))], mass: 0.020, height: 2 * radius,
      footprintRadius: radius,
      grasps: [GraspHint(centre: .zero, jawYaw: nil, width: 2 * radius)], rolls: true)
  }

  private static func makeBlock() -> ObjectGeometry {
    let (length, side) = (0.066, 0.025)
    return ObjectGeometry(
      parts: [.box(length / 2, side / 2, side / 2)], mass: 0.035, height: side,
      footprintRadius: (length * length + side * side).squareRoot() / 2,
      grasps: [GraspHint(centre: .zero, jawYaw: .pi / 2, width: side)])
  }

  private static func makePrism() -> ObjectGeometry {
    let (acrossFlats, height) = (0.032, 0.028)
    let cornerRadius = acrossFlats / 3.0.squareRoot()
    let outline = polygon(6, radius: cornerRadius, turn: .pi / 6)
    return ObjectGeometry(
      parts: [PropPart(.prism(outline: outline, halfLength: height / 2))], mass: 0.030,
      height: height, footprintRadius: cornerRadius,
      grasps: (0..<3).map {
        GraspHint(centre: .zero, jawYaw: Double($0) * .pi / 3, width: acrossFlats)
      })
  }

  private static func makeMug() -> ObjectGeometry {
    let (radius, height, wall) = (0.0185, 0.040, 0.003)
    var parts = PropPart.staves(12, radius: radius, thickness: wall, halfHeight: height / 2)
    parts.append(
      PropPart(
        .cylinder(radius: radius - wall, halfLength: 0.002),
        propFromPart: RigidTransform(translation: SIMD3(0, 0, 0.002 - height / 2))))
    // The handle: two stubs along +x and the grip between them.
    parts.append(.box(0.006, 0.003, 0.003, at: SIMD3(radius + 0.004, 0, 0.27 * height)))
    parts.append(.box(0.006, 0.003, 0.003, at: SIMD3(radius + 0.004, 0, -0.22 * height)))
    parts.append(.box(0.003, 0.003, 0.28 * height, at: SIMD3(radius + 0.010, 0, 0.025 * height)))
    // Across the handle, so that neither finger meets it.
    return ObjectGeometry(
      parts: parts, mass: 0.040, height: height, footprintRadius: radius + 0.0135,
      grasps: [GraspHint(centre: aboveMiddle(height), jawYaw: .pi / 2, width: 2 * radius)])
  }

  private static func makeRing() -> ObjectGeometry {
    let (radius, height, count) = (0.022, 0.022, 12)
    let facet = 2 * Double.pi / Double(count)
    return ObjectGeometry(
      parts: PropPart.staves(count, radius: radius, thickness: 0.008, halfHeight: height / 2),
      mass: 0.020, height: height, footprintRadius: radius / cos(facet / 2),
      grasps: (0..<count / 2).map {
        GraspHint(centre: .zero, jawYaw: Double($0) * facet, width: 2 * radius)
      })
  }

  private static func makeStar() -> ObjectGeometry {
    let (radius, height) = (0.019, 0.024)
    return ObjectGeometry(
      parts: [0, .pi / 3].map { turn in
        PropPart(.prism(outline: polygon(3, radius: radius, turn: turn), halfLength: height / 2))
      },
      mass: 0.025, height: height, footprintRadius: radius,
      grasps: (0..<3).map {
        GraspHint(centre: .zero, jawYaw: Double($0) * .pi / 3, width: 2 * radius)
      })
  }

  /// Where tall things are held: a little above the middle, where the palm still clears the top.
  private static func aboveMiddle(_ height: Double) -> SIMD3<Double> { SIMD3(0, 0, 0.05 * height) }

  /// A regular polygon, counter-clockwise, its first corner `turn` radians from x.
  private static func polygon(_ count: Int, radius: Double, turn: Double) -> [SIMD2<Double>] {
    (0..<count).map { corner in
      let angle = turn + 2 * .pi * Double(corner) / Double(count)
      return SIMD2(radius * cos(angle), radius * sin(angle))
    }
  }
}
