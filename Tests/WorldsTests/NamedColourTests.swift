// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Testing
import Worlds

@Suite struct `A named colour` {
  @Test(arguments: NamedColour.allCases)
  func `is nearest to itself, and to what is a little off`(colour: NamedColour) {
    #expect(NamedColour.nearest(to: colour.colourSRGB) == colour)
    for channel in 0..<3 {
      for change in [-1, 1] {
        var shade = colour.colourSRGB
        shade[channel] += Float(change) * Float(NamedColour.largestJitter)
        #expect(NamedColour.nearest(to: shade) == colour)
      }
    }
  }

  @Test func `is told from another half way between them`() {
    // Orange and yellow are the nearest two.
    let (orange, yellow) = (NamedColour.orange.colourSRGB, NamedColour.yellow.colourSRGB)
    #expect(NamedColour.nearest(to: orange + 0.49 * (yellow - orange)) == .orange)
    #expect(NamedColour.nearest(to: orange + 0.51 * (yellow - orange)) == .yellow)
  }

  @Test func `may change by half the least distance of two`() {
    let colours = NamedColour.allCases
    let distances = colours.flatMap { one in
      colours.filter { $0 != one }.map { length($0.colourSRGB - one.colourSRGB) }
    }
    let half = Double(distances.min() ?? 0) / 2
    #expect(NamedColour.largestJitter <= half && NamedColour.largestJitter > half - 0.01)
  }
}
