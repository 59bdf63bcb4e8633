// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Foundation
package import Geometry
import Parallel
package import Splats

/// What splats were made from.
package struct SplatSource: Equatable, Sendable {
  /// How splats came to be.
  package enum Method: String, Sendable {
    /// Points that were measured.
    case captured
    /// An optimisation against photographs.
    case trained
    /// A rule, from maps or surfaces.
    case seeded
  }

  /// The file's name or what made it.
  package var name: String
  /// The licence, as an SPDX expression or in words.
  package var licence: String
  /// The digest of the file, 64 hexadecimal digits, empty where there is none.
  package var sha256: String
  /// How the splats came to be.
  package var method: Method

  /// Describes a source.
  package init(name: String, licence: String, sha256: String, method: Method) {
    self.name = name
    self.licence = licence
    self.sha256 = sha256
    self.method = method
  }
}

/// Writes a new scene file, leaf by leaf, and the levels of detail above them.
///
/// Leaves come along a Morton curve, as `SplatCloud.leaves` gives them, so that a cell can be
/// joined from its children as soon as the last of them is there: memory holds a few cells of each
/// level and what waits to be written, whatever the scene's size. No leaf lies in another.
///
/// The file stands under its name only when `finish` has returned; until then, and after a kill, a
/// file of that name is as it was, and what is written stands beside it under another name, with
/// `.unfinished` added. A build that was killed goes on from there with `resuming`, and its file is
/// the same as that of one that was not. The bytes do not depend on the number of threads.
package final class SceneBuilder {
  private let path: String
  private let file: SceneFile
  let writer: SceneWriter
  private let threadCount: Int
  private let isAntialiased: Bool
  /// The cells whose siblings are not all known yet, one list for each level.
  private var waiting: [[CellPage]] = []
  /// The place on the curve behind the last leaf.
  private var curveEnd = 0
  /// The same when the build was resumed, 0 for a new one.
  private var resumedEnd = 0
  private var isResumed = false
  /// Leaves that are not joined yet, and the sources they come from.
  private var batch: [(leaf: CellID, cloud: SplatCloud, source: Int64)] = []
  private var addedSourceCount = 0
  /// Whether what is unfinished is removed with this builder.
  private var isTemporary: Bool

  /// The leaves that are worked on together.
  private static let batchSize = 64

  /// Starts a file, or goes on with one.
  ///
  /// - Parameters:
  ///   - path: the file, replaced when it exists.
  ///   - origin: where the scene's frame lies on the earth, nil where nobody knows.
  ///   - isAntialiased: whether the splats were trained with Mip-Splatting's compensation.
  ///   - threadCount: the threads that join and compress.
  ///   - isResuming: whether a build of this file that was killed goes on, where there is one; the
  ///     sources and leaves have to be those of that one.
  /// - Throws: `InputError` when no file can be made there, or when what was begun there is another
  ///   scene.
  package init(
    _ path: String, origin: GeodeticPosition?, isAntialiased: Bool = false, threadCount: Int,
    isResuming: Bool = false
  ) throws(InputError) {
    self.path = path
    self.threadCount = threadCount
    self.isAntialiased = isAntialiased
    let unfinished = path + Self.unfinished
    let exists = isResuming && kind(ofPath: unfinished) == .file
    if !exists {
      // In this order: a journal without its file is nothing, a file without its journal is broken.
      try removeItem(unfinished)
      try removeItem(unfinished + "-journal")
    }
    file = try SceneFile(unfinished, readOnly: false)
    writer = SceneWriter(file)
    isTemporary = !exists
    try writer.prepare()
    if exists, try file.isBegun {
      try resume(origin)
      (isTemporary, isResumed) = (true, true)
    } else {
      try writer.begin(origin: origin, isAntialiased: isAntialiased)
    }
  }

  deinit {
    writer.drop()
    guard isTemporary else { return }
    try? file.close()
    try? removeItem(path + Self.unfinished)
    try? removeItem(path + Self.unfinished + "-journal")
  }

  /// What is added to the name of a file that is not whole yet.
  private static let unfinished = ".unfinished"

  /// Adds a source and returns its number.
  package func add(_ source: SplatSource) throws(InputError) -> Int64 {
    try writer.wait()
    addedSourceCount += 1
    if let begun = try file.source(addedSourceCount) {
      guard begun == source else {
        isTemporary = false
        throw InputError(
          file: path + Self.unfinished, field: "source \(addedSourceCount)", found: begun.line,
          expected: "\(source.line), to go on with")
      }
      return Int64(addedSourceCount)
    }
    return try writer.add(source)
  }

  /// Says what things are, by the instance ids of their splats, each once.
  package func add(_ things: [SceneThing]) throws(InputError) {
    try writer.wait()
    // What a resumed build has already stays as it is.
    let isResumed = isResumed
    try file.write { database in
      for thing in things where try !isResumed || !database.holds(thing) {
        try database.insert(thing)
      }
    }
  }

  /// Adds a leaf with its splats, 1...`SplatPage.largestCount`, positions in metres from the leaf's
  /// centre.
  ///
  /// One that a resumed build has already is passed over.
  package func add(
    leaf: CellID, _ cloud: SplatCloud, source: Int64
  ) throws(InputError) {
    guard !holds(leaf) else { return }
    take(leaf)
    batch.append((leaf, cloud, source))
    if batch.count == Self.batchSize { try joinBatch() }
  }

  /// Adds leaves whose splats are made on the builder's threads; those without any are left out.
  ///
  /// - Parameters:
  ///   - leaves: cells in the order of the curve.
  ///   - source: what the splats are made from.
  ///   - progress: told the number of leaves that are done, after each batch.
  ///   - make: makes the splats of a leaf, as `add(leaf:_:source:)` takes them, and says what those
  ///     things are that no other leaf tells of.
  /// - Throws: `InputError` when they cannot be written.
  package func add(
    leaves: [CellID], source: Int64, progress: (Int) -> Void = { _ in },
    make: @Sendable (CellID) -> (splats: SplatCloud, things: [SceneThing])
  ) throws(InputError) {
    try joinBatch()
    // Batches are cut from the whole list, so that a resumed build has the same ones.
    for first in stride(from: 0, to: leaves.count, by: Self.batchSize) {
      let batch = leaves[first..<min(first + Self.batchSize, leaves.count)]
      let new = batch.filter { !holds($0) }
      guard !new.isEmpty else { continue }
      for leaf in new { take(leaf) }
      let antialiased = isAntialiased
      let made = parallelMap(count: new.count, threadCount: threadCount) {
        index -> (page: StoredPage, things: [SceneThing])? in
        let (splats, things) = make(new[index])
        guard splats.count > 0 else { return nil }
        let page = CellPage(leaf: new[index], splats, isAntialiased: antialiased)
        return (StoredPage(page), things)
      }
      for leaf in made { writer.add(leaf?.things ?? []) }
      try joinLeaves(made.compactMap { $0?.page }) { _ in source }
      progress(batch.endIndex)
    }
  }

  /// Adds leaves whose splats are made on the builder's threads, without a word of things.
  ///
  /// - Throws: `InputError` when they cannot be written.
  package func add(
    leaves: [CellID], source: Int64, progress: (Int) -> Void = { _ in },
    splats: @Sendable (CellID) -> SplatCloud
  ) throws(InputError) {
    try add(leaves: leaves, source: source, progress: progress, make: { (splats($0), []) })
  }

  /// Leaves what is unfinished where it is, to be resumed.
  package func keep() { isTemporary = false }

  /// Whether a resumed build has a leaf already, and all before it.
  package func holds(_ leaf: CellID) -> Bool { leaf.curveEnd <= resumedEnd }

  private func take(_ leaf: CellID) {
    precondition(leaf.curvePlace >= curveEnd, "leaves come along the curve, each once")
    curveEnd = leaf.curveEnd
  }

  /// Joins what is left up to the roots, and puts the file under its name.
  ///
  /// Nothing is added afterwards.
  package func finish() throws(InputError) {
    precondition(isTemporary, "a file is finished once")
    try joinBatch(isLast: true)
    let top = joinAll()
    try writer.finish(topLevel: top)
    try file.close()
    try synchronizeFile(path + Self.unfinished)
    try moveItem(path + Self.unfinished, to: path)
    isTemporary = false
    try synchronizeFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
  }

  /// Takes up a build where its last stage was written.
  private func resume(_ origin: GeodeticPosition?) throws(InputError) {
    try file.checkLayout()
    let begun = try (origin: file.origin, isAntialiased: file.isAntialiased)
    guard begun == (origin, isAntialiased) else {
      throw InputError(
        file: path + Self.unfinished, field: "origin and antialiasing",
        found: "another scene's", expected: "those of the scene to go on with")
    }
    for key in try file.lastLeaves {
      if let leaf = CellID(key: key) { resumedEnd = max(resumedEnd, leaf.curveEnd) }
    }
    curveEnd = resumedEnd
    for cell in try file.cellsWithoutParents {
      while waiting.count <= cell.id.level { waiting.append([]) }
      guard let page = try file.page(cell.id) else { continue }
      waiting[cell.id.level].append(CellPage(cell: cell, page: page))
    }
  }
}

// MARK: - Levels

extension SceneBuilder {
  private func joinBatch(isLast: Bool = false) throws(InputError) {
    let (leaves, antialiased) = (batch, isAntialiased)
    let pages = parallelMap(count: leaves.count, threadCount: threadCount) { index in
      StoredPage(
        CellPage(leaf: leaves[index].leaf, leaves[index].cloud, isAntialiased: antialiased))
    }
    batch.removeAll(keepingCapacity: true)
    try joinLeaves(pages, isLast: isLast) { leaves[$0].source }
  }

  private func joinLeaves(
    _ leaves: [StoredPage], isLast: Bool = false, source: (Int) -> Int64
  ) throws(InputError) {
    writer.add(leaves)
    for (index, leaf) in leaves.enumerated() {
      writer.add(leaf: leaf.cellPage.cell.id, source: source(index))
    }
    rise(leaves.map(\.cellPage))
    // What finishing writes is one stage, so that none of it is there when a build is resumed.
    if !isLast { try writer.endBatch() }
  }

  /// Makes the parents that have all of their children, level by level, from new leaves and from
  /// the cells that wait.
  private func rise(_ leaves: [CellPage]) {
    var parents: [CellPage] = []
    for level in 0..<CellID.highestLevel {
      let new = leaves.filter { $0.cell.id.level == level } + parents
      parents = []
      guard !new.isEmpty else { continue }
      while waiting.count <= level { waiting.append([]) }
      var (complete, open) = ([[CellPage]](), [CellPage]())
      for family in Self.families(waiting[level] + new) {
        // Those around the origin may be roots.
        let parent = family[0].cell.id.parent
        if let parent, parent.curveEnd <= curveEnd, !parent.touchesOrigin {
          complete.append(family)
        } else {
          open += family
        }
      }
      waiting[level] = open
      parents = joined(complete)
    }
  }

  private func joined(_ families: [[CellPage]]) -> [CellPage] {
    let parents = parallelMap(count: families.count, threadCount: threadCount) {
      StoredPage(CellPage(parentOf: families[$0]))
    }
    writer.add(parents)
    return parents.map(\.cellPage)
  }

  /// Joins all that waits, up to the level of which only the four cells around the origin, which
  /// share no parent, are left with few splats; returns the level.
  private func joinAll() -> Int {
    var (level, cells) = (0, [CellPage]())
    while true {
      if level < waiting.count { cells += waiting[level] }
      let isHighest = level + 1 >= waiting.count && cells.allSatisfy(Self.isSmallRoot)
      if isHighest || level == CellID.highestLevel { return level }
      cells = joined(Self.families(cells))
      level += 1
    }
  }

  private static func isSmallRoot(_ page: CellPage) -> Bool {
    page.cell.id.touchesOrigin && page.cell.count <= CellPage.fewSplats
  }

  /// Cells of one level by parent, both in the order of their keys.
  private static func families(_ cells: [CellPage]) -> [[CellPage]] {
    var families: [[CellPage]] = []
    for cell in cells.sorted(by: { $0.cell.id < $1.cell.id }) {
      if let last = families.last?.first, last.cell.id.parent == cell.cell.id.parent {
        families[families.count - 1].append(cell)
      } else {
        families.append([cell])
      }
    }
    return families
  }
}
