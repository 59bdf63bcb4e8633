// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Reconstruction

/// The colour of every place on a captured table's top, the middle under its centrepiece too.
///
/// A place takes the nearest captured colours mixed; the nearest one alone would make a mosaic. The
/// middle shows what lies further out: each sixth of it the top in its own direction, faded into
/// its neighbours and into what is outside.
struct CapturedTopColours {
  /// The share of the radius inside which a centrepiece may hide the top's own colour.
  private static let centrepieceShare: Float = 0.38
  /// How far, as a share of the radius, a sixth of the middle is moved out to find its colour.
  private static let shift: Float = 0.45
  /// The share of the middle's radius from which it fades into what is outside.
  private static let fadeShare: Float = 0.8
  /// The share of a sixth's width over which it fades into the next.
  private static let seamShare: Float = 0.25
  /// The share of the radius up to which points are sure to lie on the top.
  private static let rimShare: Float = 0.97
  /// How far from the plane z = 0 the points of the top lie, metres.
  private static let layer: Float = 0.02
  /// How many captured points mix their colours.
  private static let neighbourCount = 6

  private let colours: [SIMD3<Float>]
  private let index: PointIndex
  private let radius: Float
  private let spacing: Float

  /// Finds the points of the top; nil where there are none.
  ///
  /// `spacing` is the distance below which colours are mixed evenly, metres.
  init?(_ world: CapturedPoints, radius: Float, spacing: Float) {
    let top = world.filter { p in
      let distance = length(SIMD3(p.x, p.y, 0))
      return abs(p.z) < Self.layer && distance > Self.centrepieceShare * radius
        && distance < Self.rimShare * radius
    }
    guard top.count > 0 else { return nil }
    colours = top.coloursSRGB
    index = PointIndex(top.positions.map { SIMD3($0.x, $0.y, 0) })
    self.radius = radius
    self.spacing = spacing
  }

  /// Returns the colour at a place, sRGB; its height does not matter.
  func callAsFunction(_ p: SIMD3<Float>) -> SIMD3<Float> {
    let place = SIMD3(p.x, p.y, 0)
    let (distance, middle) = (length(place), Self.centrepieceShare * radius)
    guard distance < middle else { return captured(place) }
    func moved(_ sixth: Float) -> SIMD3<Float> {
      let angle = (sixth + 0.5) * .pi / 3
      return captured(place + SIMD3(cos(angle), sin(angle), 0) * (Self.shift * radius))
    }
    let turn = atan2(p.y, p.x) * 3 / .pi
    let sixth = turn.rounded(.down)
    let offset = turn - sixth
    let (next, toSeam) = offset < 0.5 ? (sixth - 1, offset) : (sixth + 1, 1 - offset)
    let share = 0.5 * (1 - smoothStep(0, Self.seamShare, toSeam))
    return mix(
      mix(moved(sixth), moved(next), share), captured(place),
      smoothStep(Self.fadeShare * middle, middle, distance))
  }

  private func captured(_ place: SIMD3<Float>) -> SIMD3<Float> {
    var (sum, weights) = (SIMD3<Float>.zero, Float(0))
    for near in index.nearest(to: place, count: Self.neighbourCount) {
      let weight = 1 / (near.distanceSquared + spacing * spacing)
      sum += colours[near.index] * weight
      weights += weight
    }
    return sum / weights
  }
}
