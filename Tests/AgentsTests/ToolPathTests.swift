// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Testing

@testable import Agents

private func pose(_ x: Double, _ y: Double, _ z: Double, yaw: Double) -> ToolPose {
  ToolPose(positionInWorld: SIMD3(x, y, z), yaw: yaw, width: 0.03, clearance: 0.005)
}

@Suite struct `A tool path` {
  private let path = ToolPath(
    start: pose(1, 0, 0.2, yaw: 0.3), end: pose(0, 1, 0.4, yaw: 0.3 + .pi / 2),
    axis: PanAxis(position: .zero, heading: 0))

  @Test func `starts and ends where it should`() {
    for (fraction, expected) in [(0.0, path.start), (1.0, path.end)] {
      let reached = path.pose(at: fraction)
      #expect(length(reached.positionInWorld - expected.positionInWorld) < 1e-12)
      #expect(abs(wrapped(reached.yaw - expected.yaw)) < 1e-12)
    }
  }

  @Test func `goes around its axis without coming nearer, the wrist at rest`() {
    for fraction in stride(from: 0.0, through: 1, by: 0.1) {
      let reached = path.pose(at: fraction)
      let polar = Polar(reached, about: path.axis)
      #expect(abs(polar.radius - 1) < 1e-12)
      // Both ends hold the jaw 0.3 rad off the azimuth, so every pose between does.
      #expect(abs(wrapped(reached.yaw - polar.azimuth) - 0.3) < 1e-12)
    }
    // Half the time is half the way: an eighth of a turn.
    #expect(abs(Polar(path.pose(at: 0.5), about: path.axis).azimuth - .pi / 4) < 1e-12)
  }

  @Test(arguments: [0.0, 1, .pi, -2.5])
  func `passes in front of the base, whichever way that faces`(heading: Double) {
    // From 100 degrees to the left to 100 to the right: behind the base it would be shorter.
    let axis = PanAxis(position: SIMD2(0.3, -0.2), heading: heading)
    let side = 100.0.radiansFromDegrees
    let ends = [side, -side].map { azimuth in
      pose(
        0.3 + cos(heading + azimuth), -0.2 + sin(heading + azimuth), 0.2,
        yaw: heading + azimuth + 0.4)
    }
    let path = ToolPath(start: ends[0], end: ends[1], axis: axis)
    for fraction in stride(from: 0.0, through: 1, by: 0.125) {
      let reached = path.pose(at: fraction)
      let polar = Polar(reached, about: axis)
      #expect(abs(polar.azimuth - side * (1 - 2 * minimumJerk(fraction))) < 1e-12)
      #expect(abs(wrapped(reached.yaw - heading - polar.azimuth) - 0.4) < 1e-12)
    }
    let middle = path.pose(at: 0.5).positionInWorld
    let expected = SIMD3(0.3 + cos(heading), -0.2 + sin(heading), 0.2)
    #expect(length(middle - expected) < 1e-12)
  }
}

@Suite struct `A minimum-jerk profile` {
  @Test func `rests at both ends, is symmetric and peaks at 15/8`() {
    #expect(minimumJerk(0) == 0)
    #expect(minimumJerk(1) == 1)
    #expect(minimumJerk(-1) == 0)
    #expect(minimumJerk(2) == 1)
    let step = 1e-4
    #expect(minimumJerk(step) < 1e-10)
    for time in [0.1, 0.25, 0.4] {
      #expect(abs(minimumJerk(time) + minimumJerk(1 - time) - 1) < 1e-12)
    }
    let peak = (minimumJerk(0.5 + step) - minimumJerk(0.5 - step)) / (2 * step)
    #expect(abs(peak - 15 / 8) < 1e-6)
  }
}

@Suite struct `A wrapped angle` {
  @Test func `lies within half a turn and differs by whole turns`() {
    for angle in [-10.0, -3.5, 0, 1, 3.5, 100] {
      let result = wrapped(angle)
      #expect(abs(result) <= .pi + 1e-12)
      #expect(abs(sin(result) - sin(angle)) < 1e-12)
      #expect(abs(cos(result) - cos(angle)) < 1e-12)
    }
  }
}
