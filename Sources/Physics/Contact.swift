// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Geometry

/// A contact between two geoms.
package struct Contact: Sendable {
  /// The two geoms; nil stands for a deformable body.
  package let geoms: (first: Geom.ID?, second: Geom.ID?)
  /// The middle between the two surfaces in the world, metres.
  package let pointInWorld: SIMD3<Double>
  /// The distance between the surfaces, metres; negative where they overlap.
  package let distance: Double
  /// The contact's axes in the world: the normal from the first geom to the second, two tangents.
  package let worldFromContact: Matrix3
  /// The force of the first geom on the second in the contact's axes, newtons: normal, tangents.
  package let forceInContact: SIMD3<Double>
  /// The torque of the first geom on the second in the contact's axes, newton metres.
  package let torqueInContact: SIMD3<Double>

  /// The force of the first geom on the second in the world, newtons.
  package var forceInWorld: SIMD3<Double> { worldFromContact * forceInContact }
}

/// The velocity of a frame, in world axes.
package struct Twist: Equatable, Sendable {
  /// How fast the frame's origin moves, metres per second.
  package let linear: SIMD3<Double>
  /// The axis it turns about, as long as it turns fast, radians per second.
  package let angular: SIMD3<Double>
}

/// A saved simulation: MuJoCo's integration state and the step count.
package struct Snapshot: Equatable, Sendable {
  /// The number of steps since the last reset.
  package var stepCount: Int
  /// Time, positions, velocities, activations, warm start, inputs and more, in MuJoCo's order.
  package var values: [Double]

  /// Makes a snapshot from its two parts.
  package init(stepCount: Int, values: [Double]) {
    self.stepCount = stepCount
    self.values = values
  }
}
