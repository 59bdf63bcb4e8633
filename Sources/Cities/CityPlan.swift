// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Randomness

/// What lies along an edge of a block.
struct StreetSide: Equatable, Sendable {
  /// How important a street is.
  enum Rank: Int, Comparable, Sendable {
    case local
    case collector
    case arterial

    static func < (left: Rank, right: Rank) -> Bool { left.rawValue < right.rawValue }
  }

  var rank: Rank
  /// From the street's middle to the kerb, metres.
  var halfWidth: Double
  /// The width of the sidewalk, metres.
  var sidewalk: Double

  static let arterial = StreetSide(rank: .arterial, halfWidth: 9, sidewalk: 4)
  static let collector = StreetSide(rank: .collector, halfWidth: 6.5, sidewalk: 3)
  static let local = StreetSide(rank: .local, halfWidth: 5, sidewalk: 2.5)
}

/// A street between two crossings.
package struct CityStreet: Equatable, Sendable {
  /// The ends of its middle line, east and north, metres.
  package var start: SIMD2<Double>
  /// The other end.
  package var end: SIMD2<Double>
  /// From kerb to kerb, metres.
  package var width: Double
  /// Whether it is one of the roads between districts.
  package var isArterial: Bool
}

/// The streets of a city, district by district.
///
/// Arterial roads follow a lattice whose points are moved at random and along slow waves; each of
/// its meshes is a district, cut by streets again and again until blocks are left. A cut goes from
/// side to side, so that each street ends on streets that were there before it.
struct CityPlan: Sendable {
  let seed: UInt64

  /// The distance between arterial roads, metres.
  static let pitch = 512.0
  /// How far a point of the lattice may be moved, metres.
  static let reach = 190.0

  /// A mesh of the lattice.
  struct District: Sendable {
    var column: Int
    var row: Int
    var blocks: [ConvexPolygon<StreetSide>]
    var streets: [CityStreet]
  }

  /// The stream of a district; the purpose tells what is drawn.
  func stream(_ column: Int, _ row: Int, _ purpose: String, _ tick: Int = 0) -> RandomStream {
    let place =
      UInt32(truncatingIfNeeded: column & 0xFFFF) << 16 | UInt32(truncatingIfNeeded: row & 0xFFFF)
    return RandomStream(
      seed: seed, episode: place, purpose: purpose, tick: UInt32(truncatingIfNeeded: tick))
  }

  /// The south-west corner of a district.
  func corner(_ column: Int, _ row: Int) -> SIMD2<Double> {
    var random = stream(column, row, "city corner")
    let place = SIMD2(Double(column), Double(row)) * Self.pitch
    let jitter = SIMD2(random.uniform(in: -80...80), random.uniform(in: -80...80))
    let phase = Double(seed % 1009)
    let bend = SIMD2(
      105 * sin(place.y / 1500 + phase) * cos(place.x / 3700), 105 * sin(place.x / 1700 + phase))
    return place + jitter + bend
  }

  /// The columns and rows of the districts that may touch a square.
  func districts(near square: CitySquare) -> (columns: ClosedRange<Int>, rows: ClosedRange<Int>) {
    func range(_ low: Double) -> ClosedRange<Int> {
      let first = ((low - Self.reach) / Self.pitch).rounded(.down) - 1
      let last = ((low + square.edge + Self.reach) / Self.pitch).rounded(.down)
      return Int(first)...Int(last)
    }
    return (range(square.west), range(square.south))
  }

  /// Cuts a district into blocks, the smaller the denser it is, 0...1.
  func district(_ column: Int, _ row: Int, density: Double) -> District {
    let corners = [(0, 0), (1, 0), (1, 1), (0, 1)].map { corner(column + $0.0, row + $0.1) }
    let whole = ConvexPolygon(corners.map { (point: $0, mark: StreetSide.arterial) })
    var district = District(column: column, row: row, blocks: [], streets: [])
    // Each arterial road once: that of the district's south and that of its west.
    for (start, end) in [(0, 1), (0, 3)] {
      district.streets.append(
        CityStreet(start: corners[start], end: corners[end], width: 18, isArterial: true))
    }
    var random = stream(column, row, "city streets")
    // Some districts are older, and less straight.
    let bend = random.uniform() < 0.4 ? 0.22 : 0.05
    let rules = CutRules(
      bend: bend, size: SIMD2(155 - 50 * density, 82 - 14 * density))
    cut(whole, depth: 0, rules, &random, &district)
    return district
  }

  /// How a district is cut: how far streets turn from a right angle, radians, and how long and wide
  /// blocks are, metres.
  private struct CutRules {
    var bend: Double
    var size: SIMD2<Double>
  }

  private func cut(
    _ piece: ConvexPolygon<StreetSide>, depth: Int, _ rules: CutRules,
    _ random: inout RandomStream, _ district: inout District
  ) {
    let along = piece.axis
    let across = SIMD2(-along.y, along.x)
    let (length, width) = (piece.extent(along: along), piece.extent(along: across))
    let ratios = SIMD2(
      (length.upperBound - length.lowerBound) / rules.size.x,
      (width.upperBound - width.lowerBound) / rules.size.y)
    guard ratios.max() > 1.25, depth < 8 else {
      district.blocks.append(piece)
      return
    }
    // Across the longer side, in units of what a block should be.
    let (axis, range) = ratios.x >= ratios.y ? (along, length) : (across, width)
    let angle = random.uniform(in: -rules.bend...rules.bend)
    let turned = SIMD2(
      axis.x * cos(angle) - axis.y * sin(angle), axis.x * sin(angle) + axis.y * cos(angle))
    let share = random.uniform(in: 0.43...0.57)
    // Through a point of the piece's middle line, so that a turned cut stays in the middle.
    let middle = piece.middle
    let place = range.lowerBound + share * (range.upperBound - range.lowerBound)
    let through = middle + (place - (middle * axis).sum()) * axis
    let side: StreetSide = depth < 2 ? .collector : .local
    let halves = piece.cut(across: turned, at: (through * turned).sum(), mark: side)
    guard !halves.before.isEmpty, !halves.behind.isEmpty else {
      district.blocks.append(piece)
      return
    }
    let line = SIMD2(-turned.y, turned.x)
    if let edge = halves.behind.edges.max(by: {
      abs(($0.direction * line).sum()) - abs($0.distance(through))
        < abs(($1.direction * line).sum()) - abs($1.distance(through))
    }) {
      district.streets.append(
        CityStreet(
          start: edge.start, end: edge.end, width: 2 * side.halfWidth, isArterial: false))
    }
    for half in [halves.before, halves.behind] {
      cut(half, depth: depth + 1, rules, &random, &district)
    }
  }
}
