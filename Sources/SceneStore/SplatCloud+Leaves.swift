// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
package import Splats

extension SplatCloud {
  /// Cuts a cloud whose frame is east-north-up into the leaves that its splats' centres lie in.
  ///
  /// A leaf is 64 m wide, or less where it would have more than 65,536 splats, but not less than
  /// 1 m.
  ///
  /// - Parameter sceneOrigin: where the cloud's origin lies in the scene, metres.
  /// - Returns: the leaves in the order in which a builder takes them, each with its splats in the
  ///   cloud's order, positions in metres from the leaf's centre; and the number of splats that lie
  ///   beyond what a scene can hold.
  /// - Complexity: O(n), four times that where splats lie densest.
  package func leaves(
    sceneOrigin: SIMD3<Double> = .zero
  ) -> (leaves: [(leaf: CellID, cloud: SplatCloud)], outsideCount: Int) {
    var members: [CellID: [Int]] = [:]
    var outsideCount = 0
    func place(_ index: Int) -> SIMD3<Double> { SIMD3<Double>(positions[index]) + sceneOrigin }
    for index in 0..<count {
      let point = SIMD2(place(index).x, place(index).y)
      if let leaf = CellID(level: CellID.cityLevel, holding: point) {
        members[leaf, default: []].append(index)
      } else {
        outsideCount += 1
      }
    }
    var leaves: [(leaf: CellID, cloud: SplatCloud)] = []
    func add(_ cell: CellID, _ members: [Int]) {
      guard members.count > Self.manySplats, cell.level > 0 else {
        var part = subset(members)
        for (slot, index) in members.enumerated() {
          part.positions[slot] = SIMD3<Float>(place(index) - cell.center)
        }
        leaves.append((cell, part))
        return
      }
      var quarters = [[Int]](repeating: [], count: 4)
      for index in members {
        let offset = place(index) - cell.center
        quarters[(offset.x >= 0 ? 1 : 0) + (offset.y >= 0 ? 2 : 0)].append(index)
      }
      for (child, quarter) in zip(cell.children, quarters) where !quarter.isEmpty {
        add(child, quarter)
      }
    }
    for cell in members.keys.sorted() { add(cell, members[cell] ?? []) }
    return (leaves, outsideCount)
  }

  /// The splats above which a leaf is cut.
  private static let manySplats = 65_536
}
