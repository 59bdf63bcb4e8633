// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry

/// How high the ground lies at places of a map's frame.
package struct GroundHeights: Sendable {
  /// The measured heights, in the frame; nil for the ellipsoid's own surface.
  package let field: HeightField?

  /// Makes ground from a field, or the bare ellipsoid.
  package init(field: HeightField? = nil) { self.field = field }

  /// Returns the height of the ground, metres in the frame: measured where a field is known, else
  /// the earth's own curve below the plane.
  package func height(at place: SIMD2<Double>) -> Double {
    if let height = field?.height(at: place) { return height }
    return -(place * place).sum() / (2 * WGS84.semiMajorAxis)
  }

  /// The longest side that a flat piece of ground has, metres.
  var longestSide: Double { field.map { max($0.spacing, 2) } ?? 16 }
}

/// What was made from a map by which rule, counted.
package struct OSMReport: Equatable, Sendable {
  /// The counts, by topic and by rule.
  package private(set) var counts: [String: [String: Int]] = [:]

  /// A line for each topic, its rules after it.
  package var lines: [String] {
    counts.sorted { $0.key < $1.key }.map { topic, rules in
      let parts = rules.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
      return "\(topic)  \(parts.joined(separator: ", "))"
    }
  }

  /// Makes an empty report.
  package init() {}

  /// Counts one more, or several.
  package mutating func count(_ topic: String, _ rule: String, _ number: Int = 1) {
    guard number > 0 else { return }
    counts[topic, default: [:]][rule, default: 0] += number
  }

  /// Adds another report's counts.
  package mutating func add(_ other: OSMReport) {
    for (topic, rules) in other.counts {
      for (rule, number) in rules { count(topic, rule, number) }
    }
  }
}
