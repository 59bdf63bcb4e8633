// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Randomness
import Splats

/// Puts splats down where they belong to one square of the ground.
///
/// Places are computed in the city's frame, the same whatever the square, so that each splat
/// belongs to exactly one.
struct SplatBrush {
  let square: CitySquare
  private(set) var cloud = SplatCloud(shDegree: 0)
  private let center: SIMD2<Double>
  /// Half of the city's edge: nothing lies beyond.
  private let reach: Double
  private let key: SIMD2<UInt32>

  /// How splats of one surface look.
  struct Stroke {
    /// The deviations along the surface's two directions and across it, metres.
    var size: SIMD3<Double>
    var rotation = Quaternion<Float>.identity
    var colour: SIMD3<Double>
    var instance: UInt32
    var opacity = 0.985
  }

  init(_ square: CitySquare, of city: City, capacity: Int) {
    self.square = square
    reach = city.edge / 2
    let seed = city.seed
    center = square.center
    key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    cloud.reserveCapacity(capacity)
    cloud.instanceIDs.reserveCapacity(capacity)
  }

  /// Puts a splat down if the place belongs to the square.
  mutating func put(_ stroke: Stroke, at place: SIMD2<Double>, height: Double) {
    guard square.contains(place), abs(place.x) < reach, abs(place.y) < reach else { return }
    // In steps that nobody sees and that store well.
    let colour = pointwiseMin(
      pointwiseMax((stroke.colour * 64).rounded(.toNearestOrEven) / 64, .zero),
      SIMD3(repeating: 1))
    let offset = place - center
    cloud.positions.append(SIMD3(Float(offset.x), Float(offset.y), Float(height)))
    cloud.logScales.append(
      SIMD3(log(Float(stroke.size.x)), log(Float(stroke.size.y)), log(Float(stroke.size.z))))
    cloud.rotations.append(stroke.rotation)
    cloud.opacityLogits.append(Float(log(stroke.opacity / (1 - stroke.opacity))))
    cloud.sh0.append(Splat.sh0(colourSRGB: SIMD3<Float>(colour)))
    cloud.instanceIDs.append(stroke.instance)
  }

  /// Four random numbers, -1...1, that belong to a splat of a grid.
  func noise(_ column: Int, _ row: Int, _ kind: UInt32) -> SIMD4<Double> {
    let bits = Philox.block(
      counter: SIMD4(
        UInt32(truncatingIfNeeded: column), UInt32(truncatingIfNeeded: row), kind, 0x6369_7479),
      key: key)
    return SIMD4(Double(bits.x), Double(bits.y), Double(bits.z), Double(bits.w)) * 0x1p-31 - 1
  }
}

/// The sun that the colours are made for: from the south-west, at 45 degrees.
enum CitySun {
  static let direction = SIMD3(-0.424, -0.566, 0.707)
  /// Towards it over the ground, of length 1.
  static let overGround = SIMD2(-0.6, -0.8)
  /// What is left of a colour in the shade.
  static let shade = 0.58
  /// How far shadows are followed, metres.
  static let reach = 60.0

  /// How bright a surface is, 1 for the ground.
  static func light(_ normal: SIMD3<Double>) -> Double {
    (0.62 + 0.54 * max(0, dot(normal, direction))) / (0.62 + 0.54 * 0.707)
  }
}

/// The rotation about the upright that turns east to a direction.
func heading(_ direction: SIMD2<Double>) -> Quaternion<Float> {
  let cosine = (max(0, (1 + direction.x) / 2)).squareRoot()
  let sine = (max(0, (1 - direction.x) / 2)).squareRoot()
  return Quaternion(w: Float(cosine), x: 0, y: 0, z: Float(direction.y < 0 ? -sine : sine))
}

/// The rotation whose axes are along a wall, up, and out of it.
func facing(along direction: SIMD2<Double>) -> Quaternion<Float> {
  // Up from the ground about the first axis: a quarter turn.
  let half = Float(0.5).squareRoot()
  return heading(direction) * Quaternion<Float>(w: half, x: half, y: 0, z: 0)
}
