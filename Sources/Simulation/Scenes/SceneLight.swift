// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry

/// A box that casts shadows, in the world, metres.
struct Occluder: Sendable {
  var minimum: SIMD3<Float>
  var maximum: SIMD3<Float>

  init(center: SIMD3<Float>, size: SIMD3<Float>) {
    minimum = center - size / 2
    maximum = center + size / 2
  }

  /// Returns the distance from a point to the nearest part of the box; 0 inside.
  func distance(to point: SIMD3<Float>) -> Float {
    length(pointwiseMax(pointwiseMax(minimum - point, point - maximum), .zero))
  }

  /// Returns the distance along a ray to the box, or nil when it misses or starts inside.
  func hit(from origin: SIMD3<Float>, inverseDirection: SIMD3<Float>) -> Float? {
    // The slab test (Kay and Kajiya 1986).
    let a = (minimum - origin) * inverseDirection
    let b = (maximum - origin) * inverseDirection
    let near = pointwiseMin(a, b).max()
    let far = pointwiseMax(a, b).min()
    return near > 0 && near <= far ? near : nil
  }
}

/// The sun and the sky over a scene, and what stands in their way; shading is baked with it.
struct SceneLight: Sendable {
  /// The direction to the sun, of length one.
  var toSun: SIMD3<Float>
  /// The linear colour that the sun gives a white surface facing it.
  var sunColour: SIMD3<Float>
  /// The linear colour that the open sky gives a white surface.
  var skyColour: SIMD3<Float>
  /// What casts shadows.
  var occluders: [Occluder] = []

  /// Half the angle over which the sun is spread, radians: wide, for soft shadows.
  private static let sunSpread: Float = 0.035
  /// Surfaces beyond this distance do not darken each other, metres.
  private static let reach: Float = 0.8
  /// How far a shadow ray starts off its surface, metres.
  private static let lift: Float = 0.004

  /// Six points of a unit disc and eight directions of a hemisphere, by the golden angle.
  private static let sunSamples = spiral(6).map { SIMD2<Float>($0.x, $0.y) }
  private static let skySamples = spiral(8)

  /// Points spread evenly by area over a unit disc, lifted to the half ball above it.
  private static func spiral(_ count: Int) -> [SIMD3<Float>] {
    (0..<count).map { k in
      let square = (Float(k) + 0.5) / Float(count)
      let angle = Float(k) * 2.399_963
      return SIMD3(
        square.squareRoot() * cos(angle), square.squareRoot() * sin(angle),
        (1 - square).squareRoot())
    }
  }

  /// Returns the linear colour of the light on a white surface.
  ///
  /// `sunShare` dims the sun, for the shade of leaves that are too small to trace.
  func irradiance(
    at point: SIMD3<Float>, normal: SIMD3<Float>, sunShare: Float = 1
  ) -> SIMD3<Float> {
    let along = normalize(
      cross(normal, abs(normal.z) < 0.9 ? SIMD3(0, 0, 1) : SIMD3(1, 0, 0)))
    let across = cross(normal, along)
    let start = point + normal * Self.lift
    let near = occluders.filter { $0.distance(to: start) < Self.reach }
    var open: Float = 0
    for sample in Self.skySamples {
      let direction = along * sample.x + across * sample.y + normal * sample.z
      // Light from below the horizon has bounced off the ground once.
      let brightness: Float = direction.z > 0 ? 1 : 0.45
      open += brightness * openness(from: start, towards: direction, past: near)
    }
    let sky = skyColour * (open / Float(Self.skySamples.count))
    let facing = dot(normal, toSun)
    guard facing > 0, sunShare > 0 else { return sky }
    return sky + sunColour * (facing * sunShare * sunVisibility(from: start))
  }

  /// The share of the sun's disc that a point sees.
  private func sunVisibility(from start: SIMD3<Float>) -> Float {
    let side = normalize(cross(toSun, SIMD3(0, 0, 1)))
    let up = cross(side, toSun)
    var seen: Float = 0
    for sample in Self.sunSamples {
      let direction = toSun + (side * sample.x + up * sample.y) * Self.sunSpread
      let inverse = 1 / direction
      if !occluders.contains(where: { $0.hit(from: start, inverseDirection: inverse) != nil }) {
        seen += 1
      }
    }
    return seen / Float(Self.sunSamples.count)
  }

  /// 1 where nothing is near in a direction, towards 0 where something is close.
  private func openness(
    from start: SIMD3<Float>, towards direction: SIMD3<Float>, past occluders: [Occluder]
  ) -> Float {
    let inverse = 1 / direction
    var nearest = Self.reach
    for occluder in occluders {
      if let distance = occluder.hit(from: start, inverseDirection: inverse) {
        nearest = min(nearest, distance)
      }
    }
    return nearest / Self.reach
  }
}

/// Returns the linear value of a display-referred sRGB colour (IEC 61966-2-1, as a power of 2.2).
func linearFromSRGB(_ c: SIMD3<Float>) -> SIMD3<Float> {
  SIMD3(pow(c.x, 2.2), pow(c.y, 2.2), pow(c.z, 2.2))
}

/// Returns the display-referred sRGB colour of a linear value, rolled off above 0.8.
func sRGBFromLinear(_ c: SIMD3<Float>) -> SIMD3<Float> {
  func channel(_ v: Float) -> Float {
    let bounded = v < 0.6 ? v : 0.6 + 0.4 * (1 - exp(-(v - 0.6) / 0.4))
    return pow(max(bounded, 0), 1 / 2.2)
  }
  return SIMD3(channel(c.x), channel(c.y), channel(c.z))
}
