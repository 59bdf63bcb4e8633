// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Parallel
package import Splats
import Synchronization

/// The pages of a scene file that are kept ready to be drawn, within a budget of bytes.
///
/// Shared by all cameras and robots of a process: any thread may ask at any time. What is held
/// never passes the budget; for a new page those that were not asked for the longest give way, but
/// none that somebody still draws, since that would free nothing. A page for which there is no
/// room is handed out and not held. What is handed out depends on the file alone, never on what is
/// held. Two threads that miss the same page at the same time both read it.
package final class SceneCache: Sendable {
  /// The file.
  package let file: SceneFile
  /// The most bytes that are held.
  package let budgetBytes: Int
  private let state = Mutex(State())

  /// Makes an empty cache.
  package init(_ file: SceneFile, budgetBytes: Int) {
    precondition(budgetBytes >= 0, "a budget is not negative")
    self.file = file
    self.budgetBytes = budgetBytes
  }

  /// What was asked for so far, and what is held.
  package var statistics: SceneCacheStatistics { state.withLock { $0.statistics } }

  /// Returns the splats of some cells that have some, in the order asked for.
  ///
  /// - Throws: `InputError` where the file is damaged or a cell has no splats.
  /// - Complexity: pages that are not held are read, checked and unpacked on up to `threadCount`
  ///   threads.
  package func splats(
    of cells: [CellID], threadCount: Int = 1
  ) throws(InputError) -> [PackedSplats] {
    var found = state.withLock { state in cells.map { state.find($0) } }
    let missing = found.indices.filter { found[$0] == nil }
    let read = read(missing.map { cells[$0] }, threadCount: threadCount)
    for (place, page) in zip(missing, read) {
      let splats = try page.get()
      found[place] = state.withLock { $0.keep(splats, as: cells[place], within: budgetBytes) }
    }
    return found.compactMap { $0 }
  }

  /// Reads those of some cells that are not held, so that they are there when they are asked for.
  ///
  /// For another thread, ahead of a camera that moves; counted apart from what is asked for.
  ///
  /// - Throws: `InputError` where the file is damaged or a cell has no splats.
  package func prefetch(_ cells: [CellID], threadCount: Int = 1) throws(InputError) {
    let missing = state.withLock { state in cells.filter { !state.holds($0) } }
    for (cell, page) in zip(missing, read(missing, threadCount: threadCount)) {
      let splats = try page.get()
      state.withLock {
        _ = $0.keep(splats, as: cell, within: budgetBytes)
        $0.statistics.prefetchCount += 1
      }
    }
  }

  private func read(
    _ cells: [CellID], threadCount: Int
  ) -> [Result<PackedSplats, InputError>] {
    parallelMap(count: cells.count, threadCount: threadCount) { index in
      Result { () throws(InputError) -> PackedSplats in
        guard let page = try file.page(cells[index]) else {
          throw InputError(
            file: file.path, field: "cell \(cells[index])", found: "no splats", expected: "a page")
        }
        return page.packed
      }
    }
  }
}

/// What a cache did so far.
package struct SceneCacheStatistics: Equatable, Sendable {
  /// The pages that were there when they were asked for.
  package var hitCount = 0
  /// The pages that had to be read while somebody waited.
  package var missCount = 0
  /// The pages that were read ahead.
  package var prefetchCount = 0
  /// The pages that gave way to others.
  package var evictionCount = 0
  /// The pages that were handed out and not held, for want of room.
  package var unheldCount = 0
  /// The pages that are held.
  package var heldCount = 0
  /// The bytes that are held.
  package var heldBytes = 0
  /// The most bytes that were ever held.
  package var largestHeldBytes = 0
}

private struct State {
  private struct Entry {
    var cell: CellID
    var splats: PackedSplats
    /// When it was last asked for: the number of the asking.
    var lastAsked: Int
  }

  var statistics = SceneCacheStatistics()
  private var entries: [Entry] = []
  /// Where in `entries` each cell is.
  private var places: [CellID: Int] = [:]
  private var askCount = 0

  func holds(_ cell: CellID) -> Bool { places[cell] != nil }

  mutating func find(_ cell: CellID) -> PackedSplats? {
    guard let place = places[cell] else {
      statistics.missCount += 1
      return nil
    }
    statistics.hitCount += 1
    askCount += 1
    entries[place].lastAsked = askCount
    return entries[place].splats
  }

  /// Holds a page if there is room; returns the one that is held already, if so.
  mutating func keep(
    _ splats: PackedSplats, as cell: CellID, within budget: Int
  ) -> PackedSplats {
    if let place = places[cell] { return entries[place].splats }
    while statistics.heldBytes + splats.byteCount > budget {
      guard splats.byteCount <= budget, let oldest = oldestUnused() else {
        statistics.unheldCount += 1
        return splats
      }
      remove(oldest)
    }
    askCount += 1
    places[cell] = entries.count
    entries.append(Entry(cell: cell, splats: splats, lastAsked: askCount))
    statistics.heldBytes += splats.byteCount
    statistics.heldCount = entries.count
    statistics.largestHeldBytes = max(statistics.largestHeldBytes, statistics.heldBytes)
    return splats
  }

  private mutating func remove(_ place: Int) {
    statistics.heldBytes -= entries[place].splats.byteCount
    statistics.evictionCount += 1
    places[entries[place].cell] = nil
    let last = entries.removeLast()
    if place < entries.count {
      entries[place] = last
      places[last.cell] = place
    }
    statistics.heldCount = entries.count
  }

  /// The page that was not asked for the longest and that nobody else has.
  private mutating func oldestUnused() -> Int? {
    var oldest: Int?
    for place in entries.indices {
      if let oldest, entries[place].lastAsked > entries[oldest].lastAsked { continue }
      if isKnownUniquelyReferenced(&entries[place].splats) { oldest = place }
    }
    return oldest
  }
}
