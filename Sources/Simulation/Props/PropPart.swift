// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Geometry

/// One convex piece of a prop: physics collides it, the rasteriser draws it, the expert grasps it.
///
/// A prop is a handful of these, so that what is seen and what is touched are the same surface.
package struct PropPart: Equatable, Sendable {
  /// The convex forms a part can have, metres, each centred on its own origin.
  package enum Form: Equatable, Sendable {
    /// A box.
    case box(halfSizes: SIMD3<Double>)
    /// A cylinder along z.
    case cylinder(radius: Double, halfLength: Double)
    /// A ball.
    case sphere(radius: Double)
    /// A convex outline, counter-clockwise in x and y, drawn out along z.
    case prism(outline: [SIMD2<Double>], halfLength: Double)
  }

  /// What the part looks like in its own frame.
  package var form: Form
  /// Where the part sits in the prop.
  package var propFromPart: RigidTransform

  /// Makes a part, by default at the prop's origin.
  package init(_ form: Form, propFromPart: RigidTransform = .identity) {
    self.form = form
    self.propFromPart = propFromPart
  }

  /// The volume, cubic metres; masses are shared out by it, so that a thin handle tips nothing.
  package var volume: Double {
    switch form {
    case .box(let halfSizes): 8 * halfSizes.x * halfSizes.y * halfSizes.z
    case .cylinder(let radius, let halfLength): 2 * .pi * radius * radius * halfLength
    case .sphere(let radius): 4 / 3 * .pi * radius * radius * radius
    case .prism(let outline, let halfLength): 2 * halfLength * area(of: outline)
    }
  }

  /// The name of the geom that a part of a prop becomes.
  static func geomName(_ index: Int, of prop: String) -> String { "\(prop)/\(index)" }

  /// How far it reaches from the prop's origin along a unit direction of the prop, metres.
  package func reach(along directionInProp: SIMD3<Double>) -> Double {
    let direction = propFromPart.rotation.conjugate.rotate(directionInProp)
    let flat = (direction.x * direction.x + direction.y * direction.y).squareRoot()
    let own: Double =
      switch form {
      case .box(let half):
        abs(direction.x) * half.x + abs(direction.y) * half.y + abs(direction.z) * half.z
      case .cylinder(let radius, let half): flat * radius + abs(direction.z) * half
      case .sphere(let radius): length(direction) * radius
      case .prism(let outline, let half):
        (outline.map { $0.x * direction.x + $0.y * direction.y }.max() ?? 0)
          + abs(direction.z) * half
      }
    return own + dot(directionInProp, propFromPart.translation)
  }

  /// Makes a box from half sizes and a place, metres, turned by `yaw` radians about z.
  static func box(
    _ x: Double, _ y: Double, _ z: Double, at centre: SIMD3<Double> = .zero, yaw: Double = 0
  ) -> PropPart {
    PropPart(
      .box(halfSizes: SIMD3(x, y, z)),
      propFromPart: RigidTransform(
        rotation: Quaternion(angle: yaw, axis: SIMD3(0, 0, 1)), translation: centre))
  }

  /// Makes an upright tube out of `count` flat staves; a hull cannot be hollow, staves can.
  ///
  /// The staves' outer faces touch the circle of `radius`; neighbours overlap at the edges.
  static func staves(
    _ count: Int, radius: Double, thickness: Double, halfHeight: Double
  ) -> [PropPart] {
    let middle = radius - thickness / 2
    let halfWidth = radius * tan(.pi / Double(count))
    return (0..<count).map { index in
      let turn = 2 * .pi * Double(index) / Double(count)
      return box(
        thickness / 2, halfWidth, halfHeight,
        at: SIMD3(middle * cos(turn), middle * sin(turn), 0), yaw: turn)
    }
  }
}

/// The area inside a counter-clockwise outline (shoelace formula), square metres.
private func area(of outline: [SIMD2<Double>]) -> Double {
  var twice = 0.0
  for index in outline.indices {
    let (a, b) = (outline[index], outline[(index + 1) % outline.count])
    twice += a.x * b.y - a.y * b.x
  }
  return twice / 2
}
