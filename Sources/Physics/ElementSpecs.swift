// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Geometry

/// Settings of the solver; nil leaves what the file says, or MuJoCo's default.
package struct PhysicsOptions: Equatable, Sendable {
  /// How a step is integrated.
  package enum Integrator: Equatable, Sendable {
    /// Semi-implicit Euler, MuJoCo's default.
    case euler
    /// Fourth-order Runge-Kutta.
    case rungeKutta4
    /// Implicit in velocity.
    case implicit
    /// Implicit in velocity without the Coriolis derivative; the one to use with servos.
    case implicitFast
  }
  /// How friction is bounded.
  package enum Cone: Equatable, Sendable {
    /// Four sides: faster.
    case pyramidal
    /// Round: contacts slip less along the diagonal.
    case elliptic
  }
  /// The length of one step, nanoseconds, positive.
  package var timestepNanoseconds: Int64?
  /// How a step is integrated.
  package var integrator: Integrator?
  /// How friction is bounded.
  package var cone: Cone?
  /// The ratio of frictional to normal stiffness (`impratio`), positive; above 1 grasps slip less.
  package var frictionImpedanceRatio: Double?
  /// The number of iterations that remove slip after the solver (`noslip_iterations`).
  package var noSlipIterations: Int?

  /// Makes options; whatever is left out stays as it is.
  package init(
    timestepNanoseconds: Int64? = nil, integrator: Integrator? = nil, cone: Cone? = nil,
    frictionImpedanceRatio: Double? = nil, noSlipIterations: Int? = nil
  ) {
    self.timestepNanoseconds = timestepNanoseconds
    self.integrator = integrator
    self.cone = cone
    self.frictionImpedanceRatio = frictionImpedanceRatio
    self.noSlipIterations = noSlipIterations
  }
}

/// A geom to be added to a body.
package struct GeomSpec: Equatable, Sendable {
  /// How the mass of a geom is given.
  package enum Mass: Equatable, Sendable {
    /// Kilograms per cubic metre.
    case density(Double)
    /// Kilograms.
    case mass(Double)
  }
  /// What a geom touches and how.
  package struct ContactRule: Equatable, Sendable {
    /// The bits that are held against the other geom's `affinity`.
    package var type: Int32 = 1
    /// The bits that are held against the other geom's `type`.
    package var affinity: Int32 = 1
    /// 1 without friction, 3 with sliding, 4 with torsional, 6 with rolling friction too.
    package var dimension: Int32 = 3
    /// Sliding (no unit), torsional (metres) and rolling (metres) friction.
    package var friction: SIMD3<Double> = SIMD3(1, 0.005, 0.0001)

    /// MuJoCo's default: touches everything, sliding friction 1.
    package static let standard = ContactRule()
    /// Touches nothing; for geoms that are only seen.
    package static let none = ContactRule(type: 0, affinity: 0)

    /// Makes a rule; whatever is left out is MuJoCo's default.
    package init(
      type: Int32 = 1, affinity: Int32 = 1, dimension: Int32 = 3,
      friction: SIMD3<Double> = SIMD3(1, 0.005, 0.0001)
    ) {
      self.type = type
      self.affinity = affinity
      self.dimension = dimension
      self.friction = friction
    }
  }
  /// The name, unique among geoms, or empty.
  package var name = ""
  /// What it looks like; a mesh is named and must be added to the spec.
  package var shape: Shape
  /// The pose on the body, metres.
  package var bodyFromGeom: RigidTransform = .identity
  /// What it adds to the body's mass and inertia; MuJoCo's default is the density of water.
  package var mass: Mass = .density(1000)
  /// What it touches and how.
  package var contact: ContactRule = .standard
  /// The colour, display-referred sRGB, and opacity, 0...1.
  package var rgba: SIMD4<Float> = SIMD4(0.5, 0.5, 0.5, 1)
  /// The visibility group, 0...5.
  package var group: Int32 = 0

  /// Makes a grey geom of water's density at the body's origin; set what differs.
  package init(_ shape: Shape, named name: String = "") {
    self.shape = shape
    self.name = name
  }
}

/// A body to be added to a spec, with what is fixed to it.
package struct BodySpec: Equatable, Sendable {
  /// How the body may move against its parent.
  package enum Motion: Equatable, Sendable {
    /// It does not.
    case fixed
    /// Freely, under physics; the parent must be the world. The joint is named like the body.
    case free
    /// Where `mocapPositions` says, unmoved by forces; the parent must be the world.
    case mocap
  }
  /// The name, unique among bodies, not empty.
  package var name: String
  /// The name of the body it hangs on.
  package var parent = "world"
  /// The pose in the parent at the reference configuration, metres.
  package var parentFromBody: RigidTransform
  /// How it may move.
  package var motion: Motion
  /// Its geoms, which give it its mass.
  package var geoms: [GeomSpec] = []

  /// Makes a body without geoms on the world; set what differs.
  package init(
    named name: String, motion: Motion = .fixed, parentFromBody: RigidTransform = .identity,
    geoms: [GeomSpec] = []
  ) {
    self.name = name
    self.motion = motion
    self.parentFromBody = parentFromBody
    self.geoms = geoms
  }
}

/// A change to an actuator; nil leaves a setting as it is.
package struct ActuatorEdit: Equatable, Sendable {
  /// The stiffness of a position servo, newtons per metre or newton metres per radian, positive.
  package var positionGain: Double?
  /// The damping of a position servo, per metre per second or per radian per second, from 0.
  package var velocityGain: Double?
  /// The limits of the force, newtons or newton metres.
  package var forceRange: ClosedRange<Double>?

  /// Makes a change; whatever is left out stays as it is.
  package init(
    positionGain: Double? = nil, velocityGain: Double? = nil,
    forceRange: ClosedRange<Double>? = nil
  ) {
    self.positionGain = positionGain
    self.velocityGain = velocityGain
    self.forceRange = forceRange
  }
}

extension ModelSpec {
  /// Where another world is attached.
  package enum Anchor: Equatable, Sendable {
    /// On a body of this name, at a pose in its frame, metres.
    case body(String, bodyFromChild: RigidTransform)
    /// On the site of this name.
    case site(String)
  }

  /// The kinds of element that can be deleted.
  package enum ElementKind: String, Sendable {
    /// A body with all that hangs on it.
    case body
    /// A joint, with the actuators and sensors that use it.
    case joint
    /// A geom.
    case geom
    /// A site.
    case site
    /// A camera.
    case camera
    /// An actuator.
    case actuator
    /// A keyframe.
    case keyframe
  }
}
