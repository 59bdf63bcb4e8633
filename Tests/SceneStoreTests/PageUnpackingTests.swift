// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import SceneStore
import Splats
import Testing

@Suite struct `Pages unpacked for the renderer` {
  /// The numbers of a splat in some columns of blocks.
  private func numbers(
    _ column: borrowing FixedColumn<Float>, of columnCount: Int, at slot: Int
  ) -> [Float] {
    (0..<columnCount).map { column[(slot / 16 * columnCount + $0) * 16 + slot % 16] }
  }

  @Test(arguments: [1, 15, 16, 17, 256, 300, 1000])
  func `hold what their splats do`(count: Int) {
    for degree in 0...4 {
      let cloud = mixedSplats(count: count, shDegree: degree, instanceCount: degree == 2 ? 9 : 1)
      let page = SplatPage(cloud, isAntialiased: degree == 1)
      let (twin, packed) = (page.cloud, page.packed)
      #expect(packed.count == count && packed.isAntialiased == (degree == 1))
      #expect(packed.restCount == min(twin.restCoefficientCount, 15))
      #expect(packed.instances.count == (degree == 2 ? (count + 15) / 16 * 16 : 0))
      for slot in 0..<count {
        let axes = twin.axes(slot)
        let columns = [axes.column0, axes.column1, axes.column2].flatMap { [$0.x, $0.y, $0.z] }
        let largest = columns.map { abs($0) }.max() ?? 0
        let found = numbers(packed.geometry, of: 16, at: slot)
        let position = twin.positions[slot]
        let colour = 0.5 + Float(SphericalHarmonics.c0) * twin.sh0[slot]
        for axis in 0..<3 {
          #expect(abs(found[axis] - position[axis]) < 4e-6)
          #expect(abs(found[13 + axis] - colour[axis]) < 1e-6)
        }
        for index in 0..<9 {
          #expect(abs(Double(found[3 + index]) - columns[index]) < 2e-6 * largest)
        }
        #expect(abs(found[12] - max(twin.log2Opacity(slot), -1000)) < 1e-5)
        let rest = numbers(packed.rest, of: packed.restCount * 3, at: slot)
        let first = slot * twin.restCoefficientCount * 3
        #expect(rest == Array(twin.shRest[first..<first + packed.restCount * 3]))
        if degree == 2 { #expect(packed.instances[slot] == twin.instanceIDs[slot]) }
      }
    }
  }

  @Test func `their groups hold their splats, and padding is not seen`() {
    let page = SplatPage(mixedSplats(count: 700))
    let (twin, packed) = (page.cloud, page.packed)
    #expect(packed.groups.count == 3)
    for slot in 0..<700 {
      let group = packed.groups[slot / 256]
      let offset = SIMD3<Double>(twin.positions[slot]) - group.center
      for axis in 0..<3 { #expect(abs(offset[axis]) <= group.halfSize[axis] + 1e-5) }
      #expect(Double(exp(twin.logScales[slot].max())) <= group.largestDeviation * (1 + 1e-6))
    }
    for slot in 700..<704 { #expect(numbers(packed.geometry, of: 16, at: slot)[12] == -1000) }
    #expect(packed.byteCount == 704 * 64 + 3 * MemoryLayout<SplatGroup>.stride)
  }
}
