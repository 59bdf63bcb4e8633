// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// For each tile a list of what touches it, in order.
struct TileLists<Item: BitwiseCopyable>: ~Copyable {
  /// The list of tile t is `items[starts[t]..<starts[t + 1]]`.
  private(set) var starts: [Int] = [0]
  private(set) var items = Scratch<Item>()
  /// [parts x tiles]: how many a part has in a tile, then where it writes the next.
  private(set) var cursors = Scratch<UInt32>()

  /// Turns counts into cursors, part after part within a tile, and makes room for the items.
  mutating func layOut(parts: Int, tileCount: Int) {
    starts.removeAll(keepingCapacity: true)
    var total = 0
    for tile in 0..<tileCount {
      starts.append(total)
      for part in 0..<parts {
        let count = unsafe Int(cursors.pointer[part * tileCount + tile])
        unsafe cursors.pointer[part * tileCount + tile] = UInt32(total)
        total += count
      }
    }
    starts.append(total)
    items.reserve(total)
  }

  /// Makes room for counts and sets them to zero.
  mutating func clear(parts: Int, tileCount: Int) {
    cursors.reserve(parts * tileCount)
    unsafe cursors.pointer.initialize(repeating: 0, count: parts * tileCount)
  }
}

/// The pointers of one pass, shared by its threads.
@unsafe
// Unchecked: the guard is the cut into parts, no two of which write the same element.
struct Pass<Memory>: @unchecked Sendable {
  let memory: Memory
}
