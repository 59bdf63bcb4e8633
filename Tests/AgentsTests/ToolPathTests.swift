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
    start: pose(1, 0, 0.2, yaw: 0.3), end: pose(0, 1, 0.4, yaw: 0.3 + .pi / 2), axis: .zero)

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
      let polar = Polar(reached, about: .zero)
      #expect(abs(polar.radius - 1) < 1e-12)
      // Both ends hold the jaw 0.3 rad off the azimuth, so every pose between does.
      #expect(abs(wrapped(reached.yaw - polar.azimuth) - 0.3) < 1e-12)
    }
    // Half the time is half the way: an eighth of a turn.
    #expect(abs(Polar(path.pose(at: 0.5), about: .zero).azimuth - .pi / 4) < 1e-12)
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
