// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Kernels
import Parallel
import Splats

/// The splats of one picture up to the lists of the tiles.
///
/// One thread calls the methods, in the order of the file; a pass may run its parts on several
/// threads, each of which writes only what belongs to its part.
@safe
final class SplatPass {
  private let threadCount: Int
  private let hasColours: Bool
  /// The visible splats, in the order of storage, with gaps between the chunks.
  private(set) var records = Scratch<kernels_record>()
  private(set) var footprints = Scratch<kernels_footprint>()
  /// The footprints in the order of depth.
  private var ordered = Scratch<kernels_footprint>()
  /// (depth bits << 32 | record index) of the visible splats.
  private var keys = Scratch<UInt64>()
  private var spareKeys = Scratch<UInt64>()
  private(set) var visibleCount = 0
  /// The splats that a budget left out: indices in the cloud, counted on from part to part,
  /// ascending.
  private(set) var dropped: [UInt32] = []
  /// The visible splats of each tile, near to far, and behind them the wide ones of each region.
  private(set) var tiles = TileLists<kernels_entry>()
  /// The records that the chunks have written.
  private(set) var recordRanges: [Range<Int32>] = []
  /// For each entry of the tiles' lists its slot; see `numberEntries`.
  private(set) var slotOfEntry = Scratch<UInt32>()
  /// The slots of each record.
  private(set) var slots = Scratch<kernels_slots>()
  private var isNumbered = false

  /// Makes the memory; without colours splats show any, which is a little faster.
  init(threadCount: Int, hasColours: Bool = true) {
    self.threadCount = threadCount
    self.hasColours = hasColours
  }

  /// The groups that a thread projects at a time.
  private static let groupsPerChunk = 8

  /// Projects the splats of some groups, onto the image or for rays; the visible ones leave records
  /// and keys.
  ///
  /// `views` holds for each part the camera in its frame.
  func project(
    _ parts: [PlacedSplats], _ groups: [GroupPlace], _ views: [kernels_camera], _ rays: RayPass?
  ) {
    let chunkSize = Self.groupsPerChunk * PackedSplats.groupSize
    let chunkCount = (groups.count + Self.groupsPerChunk - 1) / Self.groupsPerChunk
    reserve(chunkCount * chunkSize)
    rays?.reserve(chunkCount * chunkSize)
    let view = unsafe rays.map { unsafe RayView($0) }
    var chunkCounts = [Int32](repeating: 0, count: chunkCount)
    let blocksPerGroup = PackedSplats.groupSize / PackedSplats.blockSize
    withExtendedLifetime(parts) {
      let columns = unsafe columns(of: parts)
      unsafe chunkCounts.withUnsafeMutableBufferPointer { written in
        let pass = unsafe Pass(
          memory: (
            columns, views, records.pointer, footprints.pointer, keys.pointer, written, view
          ))
        parallelFor(count: chunkCount, threadCount: threadCount) { chunk, _ in
          let (allColumns, views, records, footprints, keys, written, view) = unsafe pass.memory
          let first = chunk * Self.groupsPerChunk
          let start = Int32(chunk * chunkSize)
          var end = start
          for place in groups[first..<min(first + Self.groupsPerChunk, groups.count)] {
            var columns = unsafe allColumns[Int(place.part)]
            var camera = views[Int(place.part)]
            let first = place.group * Int32(blocksPerGroup)
            let last = min(
              first + Int32(blocksPerGroup),
              Int32(PackedSplats.blockCount(Int(unsafe columns.count))))
            if var rays = unsafe view {
              var bounds = kernels_ray_group(
                parts[Int(place.part)].splats.groups[Int(place.group)])
              var output = unsafe kernels_ray_output(
                records: records, footprints: footprints, splats: rays.splats, keys: keys)
              unsafe end += kernels_project_rays(
                &columns, &camera, &rays.rays, &rays.rules, &bounds, first, last, end, &output)
            } else {
              unsafe end += kernels_project(
                &columns, &camera, first, last, end, records, footprints, keys)
            }
          }
          unsafe written[chunk] = end - start
        }
      }
    }
    // Close the gaps between the chunks' keys; the records stay where they are.
    visibleCount = 0
    recordRanges.removeAll(keepingCapacity: true)
    for (chunk, count) in chunkCounts.enumerated() {
      recordRanges.append(Int32(chunk * chunkSize)..<Int32(chunk * chunkSize) + count)
      let source = unsafe keys.pointer + chunk * chunkSize
      unsafe (keys.pointer + visibleCount).update(from: source, count: Int(count))
      visibleCount += Int(count)
    }
  }

  private func reserve(_ count: Int) {
    records.reserve(count)
    footprints.reserve(count)
    keys.reserve(count)
  }

}

extension SplatPass {
  /// The columns of some parts; valid as long as their splats.
  @unsafe
  private func columns(of parts: [PlacedSplats]) -> [kernels_splats] {
    var firstIndex = 0
    return unsafe parts.map { part in
      var columns = unsafe kernels_splats(part.splats)
      unsafe columns.first_index = UInt32(firstIndex)
      unsafe columns.share = Float(part.share)
      if !hasColours { unsafe columns.rest_count = 0 }
      firstIndex += part.splats.count + part.splats.omittedCount
      precondition(firstIndex <= PackedSplats.largestCount, "parts hold at most what a cloud may")
      return unsafe columns
    }
  }
}

extension kernels_splats {
  /// The columns of packed splats, whole; valid as long as these.
  init(_ splats: PackedSplats) {
    unsafe self.init(
      count: Int32(splats.count), rest_count: Int32(splats.restCount),
      geometry: splats.geometry.pointer, rest: splats.rest.pointer,
      source_indices: splats.sourceIndices.count == 0 ? nil : splats.sourceIndices.pointer,
      instances: splats.instances.count == 0 ? nil : splats.instances.pointer,
      first_index: 0, share: 1)
  }
}

/// What the kernels need of a `RayPass`.
@unsafe
private struct RayView {
  var rays: kernels_rays
  var rules: kernels_ray_rules
  let splats: UnsafeMutablePointer<kernels_ray_splat>

  init(_ pass: RayPass) {
    unsafe rays = pass.kernelRays
    unsafe rules = pass.rules
    unsafe splats = pass.splatPointer
  }
}

extension kernels_ray_group {
  fileprivate init(_ group: SplatGroup) {
    self.init(
      center: triple(group.center), half_size: triple(group.halfSize),
      deviation: Float(group.largestDeviation))
  }
}

// MARK: - Order

extension SplatPass {
  /// The digits of the radix sort.
  private static let digitCount = 3
  /// Fewer keys than this are not worth a second thread.
  private static let leastKeysPerPart = 16_384

  /// The parts into which the keys are cut; the result does not depend on it.
  private var partCount: Int { max(1, min(threadCount, visibleCount / Self.leastKeysPerPart)) }

  /// Runs a pass over the keys, part by part.
  private func forEachPart(_ body: @Sendable (_ part: Int, _ first: Int32, _ end: Int32) -> Void) {
    let (count, parts) = (visibleCount, partCount)
    parallelFor(count: parts, threadCount: parts) { part, _ in
      body(part, Int32(count * part / parts), Int32(count * (part + 1) / parts))
    }
  }

  /// Leaves out the splats that weigh least, until no more than the budget are left.
  func keep(budget: Int?) {
    dropped.removeAll(keepingCapacity: true)
    guard let budget, visibleCount > budget else { return }
    unsafe kernels_keep_heaviest(
      keys.pointer, Int32(visibleCount), Int32(budget), records.pointer)
    for place in budget..<visibleCount {
      let record = unsafe Int(UInt32(truncatingIfNeeded: keys.pointer[place]))
      dropped.append(unsafe records.pointer[record].source_index)
    }
    dropped.sort()
    visibleCount = budget
  }

  /// Sorts the visible splats by (depth, part, index in the cloud), a total order.
  ///
  /// A radix sort from the lowest digit up, stable. Digits cover only the bits in which depths
  /// differ: fewer digits stay in the nearest cache.
  func sortByDepth() {
    guard visibleCount > 1 else { return }
    spareKeys.reserve(visibleCount)
    let bitCount = UInt32.bitWidth - differingBits().leadingZeroBitCount
    let digitBits = (bitCount + Self.digitCount - 1) / Self.digitCount
    for digit in 0..<(digitBits == 0 ? 0 : Self.digitCount) {
      sortBy(kernels_digit(shift: Int32(digit * digitBits), bits: Int32(digitBits)))
    }
    unsafe kernels_break_ties(keys.pointer, Int32(visibleCount), records.pointer)
  }

  private func differingBits() -> UInt32 {
    var bits = [UInt32](repeating: 0, count: partCount)
    unsafe bits.withUnsafeMutableBufferPointer { bits in
      let pass = unsafe Pass(memory: (keys.pointer, bits))
      forEachPart { part, first, end in
        let (keys, bits) = unsafe pass.memory
        unsafe bits[part] = kernels_differing_bits(keys, first, end, keys[0])
      }
    }
    return bits.reduce(0, |)
  }

  private func sortBy(_ digit: kernels_digit) {
    let (values, parts) = (1 << Int(digit.bits), partCount)
    var places = [UInt32](repeating: 0, count: parts * values)
    unsafe places.withUnsafeMutableBufferPointer { places in
      let pass = unsafe Pass(memory: (keys.pointer, spareKeys.pointer, places))
      forEachPart { part, first, end in
        let (from, _, places) = unsafe pass.memory
        guard let counts = places.baseAddress else { return }
        unsafe kernels_count_digits(from, first, end, digit, counts + part * values)
      }
      var total: UInt32 = 0
      for value in 0..<values {
        for part in 0..<parts {
          let count = unsafe places[part * values + value]
          unsafe places[part * values + value] = total
          total += count
        }
      }
      forEachPart { part, first, end in
        let (from, to, places) = unsafe pass.memory
        guard let starts = places.baseAddress else { return }
        unsafe kernels_move_by_digit(from, to, first, end, digit, starts + part * values)
      }
    }
    swap(&keys, &spareKeys)
  }

  /// Lists the visible splats by tile and region, each list in the order of the sort.
  func listByTile(_ grid: kernels_grid, cellCount: Int) {
    isNumbered = false
    ordered.reserve(visibleCount)
    tiles.clear(parts: partCount, tileCount: cellCount)
    let counting = unsafe Pass(
      memory: (footprints.pointer, keys.pointer, ordered.pointer, tiles.cursors.pointer))
    forEachPart { part, first, end in
      let (footprints, order, ordered, counts) = unsafe counting.memory
      unsafe kernels_count_splats(
        footprints, order, first, end, grid, ordered, counts + part * cellCount)
    }
    tiles.layOut(parts: partCount, tileCount: cellCount)
    let scattering = unsafe Pass(
      memory: (ordered.pointer, keys.pointer, tiles.cursors.pointer, tiles.items.pointer))
    forEachPart { part, first, end in
      let (ordered, order, cursors, items) = unsafe scattering.memory
      unsafe kernels_scatter_splats(
        ordered, order, first, end, grid, cursors + part * cellCount, items)
    }
  }

  /// Gives each entry of the lists a slot of its own, those of a splat next to each other.
  ///
  /// Once for the lists; later calls do nothing.
  func numberEntries(_ grid: kernels_grid) {
    guard !isNumbered else { return }
    isNumbered = true
    let cellCount = tiles.starts.count - 1
    let recordCount = Int(recordRanges.last?.upperBound ?? 0)
    slotOfEntry.reserve(tiles.starts[cellCount])
    slots.reserve(recordCount)
    // What a budget left out has none.
    unsafe slots.pointer.initialize(repeating: kernels_slots(), count: recordCount)
    let ends = partEnds(cellCount: cellCount)
    let pass = unsafe Pass(
      memory: (
        ordered.pointer, keys.pointer, tiles.cursors.pointer, slotOfEntry.pointer, slots.pointer
      ))
    forEachPart { part, first, end in
      let (ordered, order, cursors, numbers, slots) = unsafe pass.memory
      unsafe kernels_number_entries(
        ordered, order, first, end, grid, ends[part], cursors + part * cellCount, numbers, slots)
    }
  }

  /// How many entries the parts up to and with each have written.
  private func partEnds(cellCount: Int) -> [UInt32] {
    (0..<partCount).map { part in
      (0..<cellCount).reduce(0) { sum, cell in
        let end = unsafe tiles.cursors.pointer[part * cellCount + cell]
        return sum + end - UInt32(tiles.starts[cell])
      }
    }
  }
}

// MARK: - For judges

/// A splat as the kernels see it on the image.
struct SeenSplat: Equatable, Sendable {
  /// The index in the cloud.
  var source: Int
  /// Pixels.
  var mean: SIMD2<Float>
  /// The inverse of the covariance with its blur, 1/pixel^2: xx, xy, yy.
  var conic: SIMD3<Float>
  /// Of the centre, along the camera's z, metres.
  var depth: Float
  /// What the centre hides, dimmed when the splats are antialiased.
  var opacity: Float
  /// Display-referred sRGB, not below 0.
  var colour: SIMD3<Float>
}

extension SplatPass {
  /// The visible splats, near to far, for those who judge the projection.
  var seen: [SeenSplat] {
    (0..<visibleCount).map { place in
      let record = unsafe records.pointer[Int(UInt32(truncatingIfNeeded: keys.pointer[place]))]
      let (a, b, c) = record.factor
      // The factors are those of exponents of 2, and of a form without the half.
      let unit = 2 * Float(log(2.0))
      return SeenSplat(
        source: Int(record.source_index), mean: SIMD2(record.mean.0, record.mean.1),
        conic: unit * SIMD3(a * a, a * b, b * b + c * c), depth: record.depth,
        opacity: Float(exp2(Double(record.log2_opacity))),
        colour: SIMD3(record.colour.0, record.colour.1, record.colour.2))
    }
  }
}
