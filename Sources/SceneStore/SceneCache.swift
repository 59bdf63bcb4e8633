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

  /// Returns the splats of some cells as they are in a composition, in the order asked for.
  ///
  /// What nothing is left of is empty. A page that layers change is held apart from the same one
  /// that they do not change.
  ///
  /// - Throws: `InputError` where the file is damaged or a cell has no splats.
  /// - Complexity: pages that are not held are read, checked and unpacked on up to `threadCount`
  ///   threads.
  package func splats(
    of cells: [SceneCell], in composition: SceneComposition, threadCount: Int = 1
  ) throws(InputError) -> [PackedSplats] {
    let keys = cells.map { PageKey($0, composition) }
    var found = state.withLock { state in keys.map { state.find($0) } }
    let missing = found.indices.filter { found[$0] == nil }
    let read = read(missing.map { cells[$0] }, in: composition, threadCount: threadCount)
    for (place, page) in zip(missing, read) {
      let splats = try page.get()
      found[place] = state.withLock { $0.keep(splats, as: keys[place], within: budgetBytes) }
    }
    return found.compactMap { $0 }
  }

  /// Reads those of some cells that are not held, so that they are there when they are asked for.
  ///
  /// For another thread, ahead of a camera that moves; counted apart from what is asked for.
  ///
  /// - Throws: `InputError` where the file is damaged or a cell has no splats.
  package func prefetch(
    _ cells: [SceneCell], in composition: SceneComposition, threadCount: Int = 1
  ) throws(InputError) {
    let missing = state.withLock { state in
      cells.filter { !state.holds(PageKey($0, composition)) }
    }
    let read = read(missing, in: composition, threadCount: threadCount)
    for (cell, page) in zip(missing, read) {
      let splats = try page.get()
      state.withLock {
        _ = $0.keep(splats, as: PageKey(cell, composition), within: budgetBytes)
        $0.statistics.prefetchCount += 1
      }
    }
  }

  private func read(
    _ cells: [SceneCell], in composition: SceneComposition, threadCount: Int
  ) -> [Result<PackedSplats, InputError>] {
    parallelMap(count: cells.count, threadCount: threadCount) { index in
      Result { () throws(InputError) -> PackedSplats in
        try file.page(cells[index], in: composition)?.packed
          ?? PackedSplats(SplatCloud(shDegree: 0))
      }
    }
  }
}

/// What tells a page that is held from all others.
private struct PageKey: Hashable {
  let name: CellName
  /// Of what layers do to it.
  let digest: UInt64

  init(_ cell: SceneCell, _ composition: SceneComposition) {
    name = cell.name
    digest = composition.rules(of: cell.layer)?.digest ?? 0
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
    var page: PageKey
    var splats: PackedSplats
    /// When it was last asked for: the number of the asking.
    var lastAsked: Int
  }

  var statistics = SceneCacheStatistics()
  private var entries: [Entry] = []
  /// Where in `entries` each page is.
  private var places: [PageKey: Int] = [:]
  private var askCount = 0

  func holds(_ page: PageKey) -> Bool { places[page] != nil }

  mutating func find(_ page: PageKey) -> PackedSplats? {
    guard let place = places[page] else {
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
    _ splats: PackedSplats, as page: PageKey, within budget: Int
  ) -> PackedSplats {
    if let place = places[page] { return entries[place].splats }
    while statistics.heldBytes + splats.byteCount > budget {
      guard splats.byteCount <= budget, let oldest = oldestUnused() else {
        statistics.unheldCount += 1
        return splats
      }
      remove(oldest)
    }
    askCount += 1
    places[page] = entries.count
    entries.append(Entry(page: page, splats: splats, lastAsked: askCount))
    statistics.heldBytes += splats.byteCount
    statistics.heldCount = entries.count
    statistics.largestHeldBytes = max(statistics.largestHeldBytes, statistics.heldBytes)
    return splats
  }

  private mutating func remove(_ place: Int) {
    statistics.heldBytes -= entries[place].splats.byteCount
    statistics.evictionCount += 1
    places[entries[place].page] = nil
    let last = entries.removeLast()
    if place < entries.count {
      entries[place] = last
      places[last.page] = place
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
