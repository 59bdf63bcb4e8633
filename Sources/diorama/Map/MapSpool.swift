// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Maps
import SceneStore
import Splats

/// Splats in the order in which maps give them, kept on disk until they are cut into leaves.
///
/// There is a file for each square of 512 m, in a folder beside the scene file; memory holds what
/// is not written yet and, at the end, the splats of one square. The folder goes with the spool.
final class MapSpool {
  /// The folder of the files.
  let folder: String
  private var buffers: [CellID: [UInt32]] = [:]
  private var bufferedWords = 0
  private var cells: Set<CellID> = []
  /// The splats that were added.
  private(set) var count = 0
  /// The splats that lie beyond what a scene can hold.
  private(set) var outsideCount = 0

  private static let level = 9
  private static let wordsPerSplat = 16
  /// What is held before it is written, words: 128 MiB.
  private static let mostBufferedWords = 32 << 20
  /// The most splats of a square, which are held at once.
  private static let mostOfSquare = 60_000_000

  init(beside path: String) throws(InputError) {
    folder = path + ".spool"
    try removeItem(folder)
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    } catch {
      throw InputError(
        file: folder, field: "folder", found: "none that can be made", expected: "room for splats")
    }
  }

  deinit { try? removeItem(folder) }

  /// Adds a splat of a source.
  func add(_ splat: MapSplat, source: Int) throws(InputError) {
    guard let cell = CellID(level: Self.level, holding: SIMD2(splat.position.x, splat.position.y))
    else {
      outsideCount += 1
      return
    }
    let offset = SIMD3<Float>(splat.position - cell.center)
    let colour = (splat.colourSRGB - 0.5) / Float(SphericalHarmonics.c0)
    let logit = log(splat.opacity / (1 - splat.opacity))
    let (scale, turn) = (splat.deviations, splat.rotation)
    buffers[cell, default: []].append(contentsOf: [
      offset.x.bitPattern, offset.y.bitPattern, offset.z.bitPattern,
      log(scale.x).bitPattern, log(scale.y).bitPattern, log(scale.z).bitPattern,
      turn.w.bitPattern, turn.x.bitPattern, turn.y.bitPattern, turn.z.bitPattern,
      logit.bitPattern, colour.x.bitPattern, colour.y.bitPattern, colour.z.bitPattern,
      splat.identifier.rawValue, UInt32(source),
    ])
    count += 1
    bufferedWords += Self.wordsPerSplat
    if bufferedWords >= Self.mostBufferedWords { try flush() }
  }

  private func path(of cell: CellID) -> String { "\(folder)/\(cell.key)" }

  private func flush() throws(InputError) {
    for (cell, words) in buffers.sorted(by: { $0.key < $1.key }) {
      let path = path(of: cell)
      if cells.insert(cell).inserted {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
      }
      let data = unsafe words.withUnsafeBytes { unsafe Data($0) }
      do {
        guard let file = FileHandle(forWritingAtPath: path) else { throw POSIXError(.ENOENT) }
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: data)
      } catch {
        throw InputError(
          file: path, field: "write", found: "no room, or no file", expected: "room for splats")
      }
    }
    buffers = [:]
    bufferedWords = 0
  }

  /// Calls `body` with each leaf in the order of the curve, and the sources of its splats.
  func leaves(
    _ body: (CellID, SplatCloud, Set<Int>) throws(InputError) -> Void
  ) throws(InputError) {
    try flush()
    for cell in cells.sorted() {
      let size = try fileSize(path(of: cell)) / (4 * Self.wordsPerSplat)
      guard size <= Self.mostOfSquare else {
        throw InputError(
          file: path(of: cell), field: "splats of a square of 512 m", found: "\(size)",
          expected: "at most \(Self.mostOfSquare): a lower --density")
      }
      let (cloud, sources) = try read(cell)
      var sourceOfLeaf: [CellID: Set<Int>] = [:]
      let (leaves, _) = cloud.leaves(sceneOrigin: cell.center)
      // Leaves are cut at 64 m and below: the same for each splat, as the cut itself does it.
      for index in 0..<cloud.count {
        let place = SIMD3<Double>(cloud.positions[index]) + cell.center
        if let square = CellID(
          level: CellID.cityLevel, holding: SIMD2(place.x, place.y))
        {
          sourceOfLeaf[square, default: []].insert(sources[index])
        }
      }
      for (leaf, part) in leaves {
        var square = leaf
        while square.level < CellID.cityLevel, let parent = square.parent { square = parent }
        try body(leaf, part, sourceOfLeaf[square] ?? [])
      }
    }
  }

  private func read(_ cell: CellID) throws(InputError) -> (SplatCloud, [Int]) {
    let bytes = try readFile(path(of: cell))
    var cloud = SplatCloud(shDegree: 0)
    var sources: [Int] = []
    let count = bytes.count / (4 * Self.wordsPerSplat)
    cloud.reserveCapacity(count)
    unsafe bytes.withUnsafeBytes { buffer in
      for index in 0..<count {
        func word(_ place: Int) -> UInt32 {
          unsafe buffer.loadUnaligned(
            fromByteOffset: 4 * (index * Self.wordsPerSplat + place), as: UInt32.self)
        }
        func vector(_ place: Int) -> SIMD3<Float> {
          SIMD3(
            Float(bitPattern: word(place)), Float(bitPattern: word(place + 1)),
            Float(bitPattern: word(place + 2)))
        }
        let imaginary = vector(7)
        cloud.positions.append(vector(0))
        cloud.logScales.append(vector(3))
        cloud.rotations.append(
          Quaternion(
            w: Float(bitPattern: word(6)), x: imaginary.x, y: imaginary.y, z: imaginary.z))
        cloud.opacityLogits.append(Float(bitPattern: word(10)))
        cloud.sh0.append(vector(11))
        cloud.instanceIDs.append(word(14))
        sources.append(Int(word(15)))
      }
    }
    return (cloud, sources)
  }
}
