// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Maps

private func rectangle(_ width: Double, _ height: Double) -> [SIMD2<Double>] {
  [[0, 0], [width, 0], [width, height], [0, height]]
}

@Suite struct `Areas on the plane` {
  @Test func `wind one way, whichever way the map does`() throws {
    let closed = rectangle(4, 3).reversed() + [SIMD2(0, 3)]
    let area = try #require(
      PlanArea(outer: Array(closed), holes: [[[1, 1], [2, 1], [2, 2], [1, 2]]]))
    #expect(area.outer.count == 4 && signedArea(area.outer) == 12)
    #expect(signedArea(area.holes[0]) == -1 && area.area == 11)
    #expect(area.contains([0.5, 0.5]) && !area.contains([1.5, 1.5]) && !area.contains([5, 1]))
    #expect(area.centroid == [2, 1.5])
    #expect(PlanArea(outer: [[0, 0], [1, 0], [2, 0]]) == nil && PlanArea(outer: []) == nil)
  }

  @Test(arguments: [0, 1, 2, 3, 4, 5])
  func `are covered by their triangles, holes left open`(_ example: Int) throws {
    let square = rectangle(10, 10)
    let hole: [SIMD2<Double>] = [[2, 2], [4, 2], [4, 4], [2, 4]]
    let comb: [SIMD2<Double>] = [
      [0, 0], [9, 0], [9, 5], [8, 5], [8, 1], [6, 1], [6, 5], [4, 5], [4, 1], [2, 1], [2, 5],
      [0, 5],
    ]
    let star = (0..<14).map { index -> SIMD2<Double> in
      let angle = Double(index) * .pi / 7
      return SIMD2(cos(angle), sin(angle)) * (index % 2 == 0 ? 10 : 4)
    }
    let area = try #require(
      [
        PlanArea(outer: square), PlanArea(outer: square, holes: [hole]),
        PlanArea(outer: square, holes: [hole, hole.map { $0 + [4, 0] }]),
        PlanArea(
          outer: square, holes: [hole, hole.map { $0 + [4, 4] }, hole.map { $0 + [0, 4] }]),
        PlanArea(outer: comb), PlanArea(outer: star),
      ][example])
    let triangles = area.triangles()
    #expect(triangles.allSatisfy { signedArea($0) > 0 })
    #expect(abs(triangles.reduce(0) { $0 + signedArea($1) } - area.area) < 1e-9)
    for triangle in triangles {
      #expect(area.contains((triangle[0] + triangle[1] + triangle[2]) / 3))
    }
  }

  @Test func `that cross themselves still give triangles and an end`() throws {
    let bowTie = try #require(PlanArea(outer: [[0, 0], [10, 10], [10, 0], [1, 9]]))
    #expect(bowTie.triangles().count <= 2)
  }

  @Test func `have a least rectangle around them that may be turned`() {
    let turn = SIMD2(cos(0.3), sin(0.3))
    let turned = rectangle(8, 2).map {
      SIMD2(dot($0, [turn.x, -turn.y]), dot($0, [turn.y, turn.x]))
    }
    let found = PlanRectangle(around: turned)
    #expect(abs(found.halfLength - 4) < 1e-9 && abs(found.halfWidth - 1) < 1e-9)
    #expect(abs(abs(dot(found.along, turn)) - 1) < 1e-9)
  }
}

@Suite struct `Roofs` {
  private func area() throws -> PlanArea { try #require(PlanArea(outer: rectangle(20, 10))) }

  @Test func `A gable has its ridge along the middle and its eaves at the long sides`() throws {
    let roof = try #require(Roof(.gabled, height: 3, over: area(), ridge: nil))
    #expect(roof.height(at: [10, 5]) == 3 && roof.height(at: [0, 5]) == 3)
    #expect(roof.height(at: [10, 0]) == 0 && abs(roof.height(at: [10, 2.5]) - 1.5) < 1e-9)
    #expect(roof.pieces().count == 2)
    // The wall under the gable has a corner at the ridge.
    #expect(roof.corners(from: [0, 10], to: [0, 0]) == [[0, 5]])
    #expect(roof.corners(from: [0, 0], to: [20, 0]).isEmpty)
  }

  @Test func `A hip ends in the ridge, half the width from the short sides`() throws {
    let roof = try #require(Roof(.hipped, height: 3, over: area(), ridge: nil))
    #expect(roof.height(at: [0, 5]) == 0 && abs(roof.height(at: [5, 5]) - 3) < 1e-9)
    #expect(abs(roof.height(at: [10, 5]) - 3) < 1e-9 && roof.pieces().count == 4)
    let half = try #require(Roof(.halfHipped, height: 3, over: area(), ridge: nil))
    #expect(half.height(at: [0, 5]) == 1.5 && abs(half.height(at: [2.5, 5]) - 3) < 1e-9)
  }

  @Test func `One slope runs down where the map says`() throws {
    let roof = try #require(Roof(.skillion, height: 2, over: area(), ridge: [1, 0]))
    #expect(abs(roof.height(at: [0, 5]) - 2) < 1e-9 && abs(roof.height(at: [20, 5])) < 1e-9)
    #expect(roof.pieces().count == 1)
  }

  @Test(arguments: RoofShape.allCases.filter { $0 != .flat })
  func `cover their outline, rise to their height and no higher`(_ shape: RoofShape) throws {
    for outline in [rectangle(20, 10), [[0, 0], [12, 0], [12, 6], [6, 6], [6, 12], [0, 12]]] {
      let area = try #require(PlanArea(outer: outline))
      guard let roof = Roof(shape, height: 4, over: area, ridge: nil) else {
        // Only what turns inwards seen from its middle may be refused.
        #expect([.dome, .onion, .cone].contains(shape) && !area.isStar(from: area.centroid))
        continue
      }
      let pieces = roof.pieces()
      let plan = pieces.reduce(0) { $0 + signedArea($1.map { SIMD2($0.x, $0.y) }) }
      if shape != .onion { #expect(abs(plan - area.area) < 1e-6 * area.area, "\(shape)") }
      let heights = pieces.joined().map(\.z)
      #expect(abs((heights.max() ?? 0) - 4) < 0.1 && heights.allSatisfy { $0 >= -1e-9 })
      // Each piece is flat.
      for piece in pieces where piece.count > 3 {
        let (a, b) = (piece[1] - piece[0], piece[2] - piece[0])
        let normal = SIMD3(
          a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
        for corner in piece[3...] { #expect(abs(((corner - piece[0]) * normal).sum()) < 1e-6) }
      }
    }
  }

  @Test func `have names as the map has them`() {
    #expect(RoofShape(tag: "half-hipped") == .halfHipped && RoofShape(tag: "pitched") == .gabled)
    #expect(RoofShape(tag: "spherical") == nil)
  }
}
