// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

extension State {
  /// The runs of numbers of a simulation, named as in MuJoCo's `mjData`.
  package enum Field: Equatable, Sendable {
    /// Generalised positions, metres and radians, quaternions as w, x, y, z   (positionCount).
    case qpos
    /// Generalised velocities, per second   (velocityCount).
    case qvel
    /// Activations of actuators with dynamics of their own.
    case act
    /// Controls, in the unit of each actuator   (controlCount).
    case ctrl
    /// Generalised forces from outside, newtons and newton metres   (velocityCount).
    case qfrcApplied
    /// Force then torque from outside at each body's centre of mass, world axes   (bodies x 6).
    case xfrcApplied
    /// Positions of mocap bodies in the world, metres   (mocap bodies x 3).
    case mocapPositions
    /// Rotations of mocap bodies in the world, w, x, y, z   (mocap bodies x 4).
    case mocapQuaternions
    /// Generalised accelerations, per second squared   (velocityCount). Computed.
    case qacc
    /// Coriolis, centrifugal and gravity forces   (velocityCount). Computed.
    case qfrcBias
    /// Forces of the actuators on the joints   (velocityCount). Computed.
    case qfrcActuator
    /// Forces of contacts, limits and equalities on the joints   (velocityCount). Computed.
    case qfrcConstraint
    /// Forces of the actuators in their own unit, one for each force output. Computed.
    case actuatorForce
    /// The numbers of every sensor   (sensorValueCount). Computed.
    case sensordata

    /// True where the numbers are set from outside, false where a step computes them.
    package var isInput: Bool {
      switch self {
      case .qpos, .qvel, .act, .ctrl, .qfrcApplied, .xfrcApplied, .mocapPositions,
        .mocapQuaternions:
        true
      case .qacc, .qfrcBias, .qfrcActuator, .qfrcConstraint, .actuatorForce, .sensordata: false
      }
    }
  }

  /// One number of a field.
  ///
  /// For a loop over many, `withValues` and `withMutableValues` are faster.
  package subscript(field: Field, index: Int) -> Double {
    get { withValues(of: field) { $0[index] } }
    set { withMutableValues(of: field) { $0[index] = newValue } }
  }

  /// A copy of all numbers of a field.
  package borrowing func values(of field: Field) -> [Double] {
    withValues(of: field) { span in span.indices.map { span[$0] } }
  }

  /// Sets all numbers of an input field.
  package mutating func set(_ field: Field, to values: [Double]) {
    withMutableValues(of: field) { span in
      precondition(span.count == values.count, "\(field) holds \(span.count) numbers")
      for index in span.indices { span[index] = values[index] }
    }
  }
}
