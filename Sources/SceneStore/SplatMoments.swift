// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Kernels
import Splats

/// The splats of some pages while they are joined: moments instead of axes, by columns.
///
/// What `SplatCloud.merged` does with `Blob`s, slowly, the kernels do here: it is their twin.
struct SplatMoments {
  let shDegree: Int
  private(set) var count: Int
  /// [KERNELS_JOINED_COLUMNS x count].
  private(set) var columns: [Double]
  /// Instances, ascending, at least one.
  private let instances: [UInt32]
  /// The place of each splat's instance among them: (count), empty where there is one.
  private var places: [UInt32]
  /// [count x K x 3] as in `SplatCloud.shRest`.
  private var rest: [Float]

  private static let columnCount = Int(KERNELS_JOINED_COLUMNS)

  /// Makes the moments of the splats of pages, one after the other, each moved by its offset.
  init(_ pages: [(page: SplatPage, offset: SIMD3<Float>)]) {
    count = pages.reduce(0) { $0 + $1.page.count }
    let count = count
    columns = unsafe [Double](unsafeUninitializedCapacity: Self.columnCount * count) {
      columns, initialized in
      initialized = Self.columnCount * count
      guard var target = columns.baseAddress else { return }
      for (page, offset) in pages {
        unsafe page.writeMoments(offset: offset, to: target, stride: count)
        unsafe target += page.count
      }
    }
    instances = Set(pages.flatMap(\.page.instances)).sorted()
    places = []
    if instances.count > 1 {
      let place = Dictionary(uniqueKeysWithValues: zip(instances, 0 as UInt32..<UInt32.max))
      places.reserveCapacity(count)
      for (page, _) in pages {
        let own = page.instances.map { place[$0] ?? 0 }
        for slot in 0..<page.count { places.append(own[page.instancePlace(slot)]) }
      }
    }
    let degree = pages.map(\.page.shDegree).max() ?? 0
    shDegree = degree
    rest = []
    if degree > 0 {
      var all = SplatCloud(shDegree: degree)
      for (page, _) in pages { all.append(contentsOf: page.cloud) }
      rest = all.shRest
    }
  }

  /// The distance between the splats and those they stand for, as `MergedSplats.error`.
  var error: Double {
    var (moved, weight) = (0.0, 0.0)
    for index in 0..<count {
      weight += columns[Int(KERNELS_MOMENT_COLUMNS - 1) * count + index]
      moved += columns[Int(KERNELS_MOMENT_COLUMNS) * count + index]
    }
    return weight > 0 ? (moved / weight).squareRoot() : 0
  }

  /// Joins neighbours two by two, as `SplatCloud.merged` says.
  mutating func joinNeighbours() {
    let (before, count) = (columns, count)
    let pairs = pairs()
    let joinedCount = pairs.count / 2
    let weights = Int(KERNELS_MOMENT_COLUMNS - 1) * count
    columns = unsafe [Double](unsafeUninitializedCapacity: Self.columnCount * joinedCount) {
      joined, initialized in
      initialized = Self.columnCount * joinedCount
      guard let joined = joined.baseAddress else { return }
      unsafe before.withUnsafeBufferPointer { before in
        unsafe pairs.withUnsafeBufferPointer { pairs in
          guard let before = before.baseAddress, let pairs = pairs.baseAddress else { return }
          unsafe kernels_join_splats(before, Int32(count), pairs, Int32(joinedCount), joined)
        }
      }
    }
    if !places.isEmpty {
      places = (0..<joinedCount).map { pair in
        let (a, b) = (Int(pairs[2 * pair]), Int(pairs[2 * pair + 1]))
        return places[before[weights + b] > before[weights + a] ? b : a]
      }
    }
    joinRest(pairs) { before[weights + $0] }
    self.count = joinedCount
  }

  /// The splats that are joined, two by two: the same twice for one that stays alone.
  private func pairs() -> [Int32] {
    var partners = [Int32](repeating: -1, count: count)
    unsafe columns.withUnsafeBufferPointer { columns in
      unsafe partners.withUnsafeMutableBufferPointer { partners in
        guard let columns = columns.baseAddress, let partners = partners.baseAddress else { return }
        unsafe kernels_pair_splats(columns, Int32(count), partners)
      }
    }
    var isTaken = [Bool](repeating: false, count: count)
    for partner in partners where partner >= 0 { isTaken[Int(partner)] = true }
    var pairs: [Int32] = []
    pairs.reserveCapacity(count + 1)
    for first in 0..<count where !isTaken[first] {
      pairs.append(Int32(first))
      pairs.append(partners[first] >= 0 ? partners[first] : Int32(first))
    }
    return pairs
  }

  private mutating func joinRest(_ pairs: [Int32], weight: (Int) -> Double) {
    let perSplat = ((shDegree + 1) * (shDegree + 1) - 1) * 3
    guard perSplat > 0 else { return }
    var joined: [Float] = []
    joined.reserveCapacity(pairs.count / 2 * perSplat)
    for pair in stride(from: 0, to: pairs.count, by: 2) {
      let (a, b) = (Int(pairs[pair]), Int(pairs[pair + 1]))
      let share = Float(weight(a) / (weight(a) + weight(b)))
      for column in 0..<perSplat {
        joined.append(
          share * rest[a * perSplat + column] + (1 - share) * rest[b * perSplat + column])
      }
    }
    rest = joined
  }

  /// The splats with these moments.
  var splats: SplatColumns {
    let numbers = unsafe [Float](unsafeUninitializedCapacity: SplatColumns.columnCount * count) {
      numbers, initialized in
      initialized = SplatColumns.columnCount * count
      guard let numbers = numbers.baseAddress else { return }
      unsafe columns.withUnsafeBufferPointer { columns in
        guard let columns = columns.baseAddress else { return }
        unsafe kernels_moment_axes(columns, Int32(count), SplatCloud.flatLogScale, numbers)
      }
    }
    var splats = SplatColumns(
      shDegree: shDegree, count: count, numbers: numbers, instances: instances, places: places)
    splats.rest = rest
    return splats
  }
}

extension SplatPage {
  /// Writes the moments of the splats, moved by an offset, into columns that are `stride` apart.
  fileprivate func writeMoments(
    offset: SIMD3<Float>, to columns: UnsafeMutablePointer<Double>, stride: Int
  ) {
    let deviations = (0...255).map { exp(ranges.logScaleLow + ranges.logScaleStep * Float($0)) }
    unsafe withKernelPage(deviations, restCount: 0) { page in
      var page = unsafe page
      let offset = [offset.x, offset.y, offset.z]
      unsafe offset.withUnsafeBufferPointer { offset in
        guard let offset = offset.baseAddress else { return }
        unsafe kernels_page_moments(&page, offset, columns, stride)
      }
    }
  }
}
