// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// Wandering controls that keep a robot busy, for measuring how fast worlds step.
///
/// Each control is pulled back to its value in the first keyframe (zero where there is none) and
/// pushed by noise, as in MuJoCo's `testspeed`. The noise is the linear congruential generator of
/// ISO C's example `rand`, so that a C program can be given the same controls.
package struct ControlNoise: Sendable {
  /// How much of the distance to the centre is left after a step.
  private static let persistence = 0.99
  /// The width of the push, in the controls' own unit.
  private static let width = 0.01
  private var word: UInt32 = 1

  /// Starts the noise from its fixed seed.
  package init() {}

  /// Draws a number in -0.5...0.5.
  private mutating func next() -> Double {
    word = word &* 1_103_515_245 &+ 12345
    return Double(word >> 16 & 0x7fff) / 32767 - 0.5
  }

  /// Steps a simulation with new controls before every step.
  ///
  /// - Throws: `SimulationFailure` as `State.step` does.
  package mutating func drive(_ state: inout State, steps: Int) throws(SimulationFailure) {
    let centres = state.model.keyframes.first?.controls
    for _ in 0..<steps {
      state.withMutableValues(of: .ctrl) { controls in
        for index in controls.indices {
          let centre = centres?[index] ?? 0
          controls[index] =
            centre + Self.persistence * (controls[index] - centre) + Self.width * next()
        }
      }
      try state.step()
    }
  }
}
