// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Randomness

/// The lie of the land: low hills, and a river with a quay on each side.
///
/// Everything is a sum of a few waves, so that any place can be asked for alone.
struct CityTerrain: Sendable {
  private let phases: [Double]
  private let axis: SIMD2<Double>
  private let offset: Double

  /// Half of the river's width, metres.
  static let riverHalfWidth = 42.0
  /// From the river's middle to where the street along it begins and ends, and its sidewalk.
  static let quay = (walk: 42.0, street: 47.0, sidewalk: 57.0, end: 60.0)
  /// The height of the river's surface, and that of the quays above it, metres.
  static let waterLevel = 0.0
  private static let quayHeight = 3.0

  init(seed: UInt64) {
    var random = RandomStream(seed: seed, purpose: "city terrain")
    phases = (0..<8).map { _ in random.uniform(in: 0...(2 * .pi)) }
    let angle = random.uniform(in: 0...(2 * .pi))
    axis = SIMD2(cos(angle), sin(angle))
    offset = random.uniform(in: 260...360)
  }

  /// How far a point is from the river's middle, metres, but for the curve of its bends.
  func riverDistance(_ point: SIMD2<Double>) -> Double {
    let along = (point * axis).sum()
    let across = point.y * axis.x - point.x * axis.y
    let (first, second) = (along / 1900, along / 730 + phases[0])
    let middle = offset + 380 * sin(first) + 70 * (sin(second) - sin(phases[0]))
    let slope = 380 / 1900 * cos(first) + 70 / 730 * cos(second)
    return abs(across - middle) / (1 + slope * slope).squareRoot()
  }

  /// The height of dry land, metres; under the river that of its quays.
  func height(_ p: SIMD2<Double>) -> Double { height(p, river: riverDistance(p)) }

  /// The same where the distance from the river is known.
  func height(_ p: SIMD2<Double>, river: Double) -> Double {
    let hills =
      11 * (1 + sin(p.x / 1900 + phases[1]) * cos(p.y / 2300 + phases[2]))
      + 4 * (1 + sin((p.x + 0.6 * p.y) / 640 + phases[3]))
      + 0.8 * (1 + sin(p.x / 170 + phases[4]) * sin(p.y / 210 + phases[5]))
    let share = min(max((river - 70) / 800, 0), 1)
    return Self.quayHeight + hills * share * share * (3 - 2 * share)
  }
}
