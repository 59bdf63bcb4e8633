// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Geometry

/// A prop as it stands at the start of an episode.
package struct PropPlacement: Equatable, Sendable {
  /// What can stand on the table.
  package enum Prop: Equatable, Sendable {
    /// Something that can be moved.
    case object(ObjectGeometry)
    /// Something that is fixed to the table, for others to be put onto or into.
    case place(PlaceGeometry)
  }
  /// The name of its body, unique on the stage.
  package var name: String
  /// What it is.
  package var prop: Prop
  /// The middle of its footprint on the table, metres.
  package var position: SIMD2<Double>
  /// The turn about z, radians.
  package var yaw: Double
  /// The colour, display-referred sRGB, 0...1.
  package var colourSRGB: SIMD3<Float>

  /// Places a prop on the table's top, z = 0.
  package init(
    _ prop: Prop, named name: String, at position: SIMD2<Double>, yaw: Double,
    colourSRGB: SIMD3<Float>
  ) {
    self.prop = prop
    self.name = name
    self.position = position
    self.yaw = yaw
    self.colourSRGB = colourSRGB
  }

  /// The pose of the prop's own frame.
  package var worldFromProp: RigidTransform {
    let height: Double =
      switch prop {
      case .object(let object): object.height / 2
      case .place: 0
      }
    return RigidTransform(
      rotation: Quaternion(angle: yaw, axis: SIMD3(0, 0, 1)),
      translation: SIMD3(position, height))
  }
}
