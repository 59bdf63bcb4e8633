// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// Why a simulation stopped being physics.
///
/// After it, a `State` is not to be trusted: reset it or restore a snapshot. A `Batch` goes back to
/// the last good step by itself.
package struct SimulationFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// What went wrong.
  package enum Code: Equatable, Sendable {
    /// The inertia matrix became singular.
    case singularInertia
    /// The contacts or constraints did not fit into the memory that the model sets aside.
    case outOfMemory
    /// A position became NaN, infinite or larger than 1e10.
    case badPosition
    /// A velocity became NaN, infinite or larger than 1e10.
    case badVelocity
    /// An acceleration became NaN, infinite or larger than 1e10.
    case badAcceleration
    /// A control was NaN, infinite or larger than 1e10.
    case badControl
    /// MuJoCo raised an error of its own.
    case engine
  }
  /// What went wrong.
  package let code: Code
  /// The number of steps since the last reset when it went wrong.
  package let stepCount: Int
  /// The degree of freedom, control or size concerned, or MuJoCo's own words.
  package let detail: String

  /// The message for people.
  package var description: String { "physics failed at step \(stepCount): \(code) (\(detail))" }
}

/// The bytes of the buffers that MuJoCo writes its messages into.
let messageSize = 1024

/// Several lines as one.
func oneLine(_ text: String) -> String {
  text.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } }.joined(separator: "; ")
}
