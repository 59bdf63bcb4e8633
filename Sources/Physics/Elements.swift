// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Geometry
package import Images

/// The index of one element in its table of a `Model`, typed so that a joint is never a body.
package struct ElementID<Element>: Hashable, Comparable, Sendable {
  /// The row in the model's table of this kind, from zero.
  package let index: Int

  /// Makes an id from a row number.
  package init(_ index: Int) { self.index = index }

  /// Orders ids by row.
  package static func < (left: Self, right: Self) -> Bool { left.index < right.index }
}

/// A rigid body of a compiled model; row 0 is the fixed world.
package struct Body: Equatable, Sendable {
  /// The id of a body.
  package typealias ID = ElementID<Body>
  /// The row in `Model.bodies`.
  package let id: ID
  /// The name, empty where the file gives none.
  package let name: String
  /// The body it moves with; the world is its own parent.
  package let parent: ID
  /// The pose in the parent at the reference configuration, metres.
  package let parentFromBody: RigidTransform
  /// The mass, kilograms.
  package let mass: Double
  /// The row among mocap bodies, nil for a body that physics moves.
  package let mocapIndex: Int?
}

/// A joint: the numbers of `qpos` and `qvel` that move one body against its parent.
package struct Joint: Equatable, Sendable {
  /// The id of a joint.
  package typealias ID = ElementID<Joint>
  /// The ways a joint lets its body move.
  package enum Kind: Equatable, Sendable {
    /// Six degrees of freedom: `qpos` holds x, y, z, then the quaternion w, x, y, z.
    case free
    /// Three rotations: `qpos` holds a quaternion w, x, y, z.
    case ball
    /// One translation along the joint's axis, metres.
    case slide
    /// One rotation about the joint's axis, radians.
    case hinge
  }
  /// The row in `Model.joints`.
  package let id: ID
  /// The name, empty where the file gives none.
  package let name: String
  /// How the body may move.
  package let kind: Kind
  /// The body that moves.
  package let body: Body.ID
  /// The first of this joint's numbers in `qpos`.
  package let positionAddress: Int
  /// The first of this joint's numbers in `qvel`, and its first column in a Jacobian.
  package let velocityAddress: Int
  /// The limits of a slide (metres), hinge or ball (radians), nil where unlimited.
  package let range: ClosedRange<Double>?

  /// How many numbers of `qpos` the joint has: 7, 4 or 1.
  package var positionCount: Int { kind == .free ? 7 : kind == .ball ? 4 : 1 }
  /// How many numbers of `qvel` the joint has: 6, 3 or 1.
  package var velocityCount: Int { kind == .free ? 6 : kind == .ball ? 3 : 1 }
}

/// A geom: a shape fixed to a body that collides, is seen, or both.
package struct Geom: Equatable, Sendable {
  /// The id of a geom.
  package typealias ID = ElementID<Geom>
  /// The row in `Model.geoms`.
  package let id: ID
  /// The name, empty where the file gives none.
  package let name: String
  /// The body it is fixed to.
  package let body: Body.ID
  /// What it looks like, in its own frame.
  package let shape: Shape
  /// Its size as MuJoCo has it, metres: half of the box around it, or the shape's own numbers.
  package let size: SIMD3<Double>
  /// The pose on the body, metres.
  package let bodyFromGeom: RigidTransform
  /// The colour with its material resolved: display-referred sRGB and opacity, 0...1.
  package let rgba: SIMD4<Float>
  /// What else its surface looks like, nil where it is of its colour alone.
  package let material: Material.ID?
  /// The visibility group, 0...5; by habit 2 is visual, 3 collision only.
  package let group: Int
  /// True where the geom takes part in contacts.
  package let collides: Bool
}

/// A material: what is laid over the geoms that name it, whose colour is a factor on it.
package struct Material: Equatable, Sendable {
  /// The id of a material.
  package typealias ID = ElementID<Material>
  /// The row in `Model.materials`.
  package let id: ID
  /// The name, empty where the file gives none.
  package let name: String
  /// The row of the picture of its colour, see `Model.picture(ofTexture:)`; nil where it has none.
  package let texture: Int?
  /// How often a picture is repeated along x and y, over a geom or each two metres.
  package let textureRepeat: SIMD2<Float>
  /// Whether pictures are laid over metres, and not over geoms whatever their size.
  package let isTextureUniform: Bool
}

/// The pictures of a texture.
package enum SurfacePicture: Equatable, Sendable {
  /// One, from its upper left corner on.
  case flat(RGBImage)
  /// Six square ones around a point, to +x, -x, +y, -y, +z and -z, as OpenGL has its cube maps.
  case cube([RGBImage])
}

/// A site: a named frame on a body with no mass and no contact.
package struct Site: Equatable, Sendable {
  /// The id of a site.
  package typealias ID = ElementID<Site>
  /// The row in `Model.sites`.
  package let id: ID
  /// The name, empty where the file gives none.
  package let name: String
  /// The body it is fixed to.
  package let body: Body.ID
  /// The pose on the body, metres.
  package let bodyFromSite: RigidTransform
}

/// A camera on a body, in a frame with x right, y down, z forward.
package struct Camera: Equatable, Sendable {
  /// The id of a camera.
  package typealias ID = ElementID<Camera>
  /// The row in `Model.cameras`.
  package let id: ID
  /// The name, empty where the file gives none.
  package let name: String
  /// The body it is fixed to.
  package let body: Body.ID
  /// The pose on the body, metres; the camera looks along its own +z.
  package let bodyFromCamera: RigidTransform
  /// The full vertical field of view, radians.
  package let verticalFieldOfView: Double
}

/// An actuator: what turns controls into force on a joint, tendon, site or body.
package struct Actuator: Equatable, Sendable {
  /// The id of an actuator.
  package typealias ID = ElementID<Actuator>
  /// The row in `Model.actuators`.
  package let id: ID
  /// The name, empty where the file gives none.
  package let name: String
  /// The first of its numbers in `ctrl`.
  package let controlAddress: Int
  /// How many numbers of `ctrl` it reads; 1 for motors and servos.
  package let controlCount: Int
  /// The limits of its first control, nil where unlimited.
  package let controlRange: ClosedRange<Double>?
  /// The limits of its force, newtons or newton metres, nil where unlimited.
  package let forceRange: ClosedRange<Double>?
  /// The joint it drives, nil where it drives a tendon, site or body.
  package let joint: Joint.ID?
}

/// A sensor: a run of numbers in `sensordata`.
package struct Sensor: Equatable, Sendable {
  /// The id of a sensor.
  package typealias ID = ElementID<Sensor>
  /// The row in `Model.sensors`.
  package let id: ID
  /// The name, empty where the file gives none.
  package let name: String
  /// The first of its numbers in `sensordata`.
  package let address: Int
  /// How many numbers it has.
  package let count: Int
}

/// A keyframe: a named start of the simulation.
package struct Keyframe: Equatable, Sendable {
  /// The id of a keyframe.
  package typealias ID = ElementID<Keyframe>
  /// The row in `Model.keyframes`.
  package let id: ID
  /// The name, empty where the file gives none.
  package let name: String
  /// The positions it sets, laid out like `qpos`.
  package let positions: [Double]
  /// The controls it sets, laid out like `ctrl`.
  package let controls: [Double]
}
