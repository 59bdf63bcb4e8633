// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Kernels

/// What blending a picture takes, whatever the machine.
package struct BlendWork: Equatable, Sendable {
  /// How many times a pixel asked a splat for its alpha.
  package var metCount: Int
  /// How many times a splat was added to a pixel: it reached 1/255 there, and the pixel was open.
  package var addedCount: Int

  /// The operations by which a pixel finds a splat's alpha and adds its colour.
  ///
  /// Additions and multiplications; both at once count as two. Comparisons, selections and what
  /// moves data do not count.
  ///
  ///     ellipse        10   dx, dy; u = a dx + b dy; v = c dy; e = o - u^2 - v^2
  ///     exponential    13   of base 2, a polynomial of degree 5
  ///     sums            8   alpha T; T - alpha T; three colours
  package static let operationsPerMeeting = 31
}

extension Renderer {
  /// Draws a picture and counts what blending its splats, as ellipses with colour alone, took.
  package func blendWork(of request: RenderRequest) -> BlendWork {
    forget()
    frame.meetings.isCounting = true
    defer { frame.meetings.isCounting = false }
    _ = render(request)
    return frame.meetings.sum
  }

  /// Multiplies and adds as fast as a core can, in registers, for about `rounds` times 6 ns.
  ///
  /// - Returns: how many floating-point operations that were, of any core that does the same.
  package static func multiplyAdd(rounds: Int) -> Int {
    var sum: Float = 0
    return Int(unsafe kernels_multiply_add(Int64(rounds), &sum))
  }
}

/// The meetings of the tiles that are drawn, when somebody wants to know them.
@safe
final class MeetingCount {
  var isCounting = false
  private(set) var tiles = Scratch<kernels_meetings>()
  private var count = 0

  /// Begins anew, if meetings are counted at all.
  func clear(_ tileCount: Int) {
    guard isCounting else { return }
    count = tileCount
    tiles.reserve(tileCount)
    for tile in 0..<tileCount { unsafe tiles.pointer[tile] = kernels_meetings() }
  }

  /// The meetings of all tiles.
  var sum: BlendWork {
    (0..<count).reduce(into: BlendWork(metCount: 0, addedCount: 0)) { sum, tile in
      sum.metCount += Int(unsafe tiles.pointer[tile].met)
      sum.addedCount += Int(unsafe tiles.pointer[tile].added)
    }
  }
}
