// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry
import Splats

/// Where readers put splats: collects rows of floats into blocks, checks them, appends columns.
///
/// A row comes in two parts, in a cloud's encodings:
///
///     fixed   x y z | dc r g b | opacity logit | log scale x y z | rotation w x y z   (14)
///     rest    coefficients 1...K, RGB inner                                           (3 K)
///
/// The reader of a file with other encodings converts before. Blocks are small enough for the
/// second-level cache, so that the columns are the only memory that is written to.
struct SplatRowSink {
  /// The floats of a row's fixed part.
  static let fixedWidth = 14
  /// The place of the opacity logit in the fixed part.
  static let opacityIndex = 6
  /// The places of the log scales in the fixed part.
  static let logScaleIndices = 7..<10

  private(set) var cloud: SplatCloud
  private(set) var report: SplatImportReport
  private let restWidth: Int

  init(shDegree: Int, report: SplatImportReport) {
    cloud = SplatCloud(shDegree: shDegree)
    self.report = report
    restWidth = cloud.restCoefficientCount * 3
  }

  /// Reads `count` rows; `fill` writes the two parts of the row whose index it is given.
  @inline(__always)
  mutating func append<Failure: Error>(
    count: Int,
    _ fill: (Int, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    let blockRowCount = 512
    let fixed = UnsafeMutablePointer<Float>.allocate(capacity: blockRowCount * Self.fixedWidth)
    defer { unsafe fixed.deallocate() }
    let rest = UnsafeMutablePointer<Float>.allocate(capacity: blockRowCount * restWidth)
    defer { unsafe rest.deallocate() }
    report.storedCount += count
    cloud.reserveCapacity(count)
    for start in stride(from: 0, to: count, by: blockRowCount) {
      let rowCount = min(blockRowCount, count - start)
      for row in 0..<rowCount {
        try unsafe fill(start + row, fixed + row * Self.fixedWidth, rest + row * restWidth)
      }
      unsafe append(fixed, rest, rowCount: rowCount)
    }
  }

  /// Ends the reading and returns the cloud with what was dropped and repaired.
  consuming func finish() -> (cloud: SplatCloud, report: SplatImportReport) {
    report.farOutliers = countFarOutliers(cloud.positions)
    cloud.checkInvariants()
    return (cloud, report)
  }

  private mutating func append(
    _ fixed: UnsafeMutablePointer<Float>, _ rest: UnsafeMutablePointer<Float>, rowCount: Int
  ) {
    let isFinite =
      unsafe areFinite(fixed, rowCount * Self.fixedWidth)
      && areFinite(rest, rowCount * restWidth)
    // Fast path: nothing to repair or drop.
    let kept = isFinite ? rowCount : unsafe keepDrawable(fixed, rest, rowCount: rowCount)
    unsafe cloud.positions.append(contentsOf: triples(fixed, kept, at: 0))
    unsafe cloud.sh0.append(contentsOf: triples(fixed, kept, at: 3))
    cloud.opacityLogits.append(
      contentsOf: unsafe [Float](unsafeUninitializedCapacity: kept) { column, count in
        for row in 0..<kept {
          unsafe column[row] = fixed[row * Self.fixedWidth + Self.opacityIndex]
        }
        count = kept
      })
    unsafe cloud.logScales.append(contentsOf: triples(fixed, kept, at: 7))
    unsafe cloud.rotations.append(contentsOf: rotations(fixed, kept))
    unsafe cloud.shRest.append(
      contentsOf: UnsafeBufferPointer(start: rest, count: kept * restWidth))
  }

  private func triples(
    _ fixed: UnsafeMutablePointer<Float>, _ rowCount: Int, at place: Int
  ) -> [SIMD3<Float>] {
    unsafe [SIMD3<Float>](unsafeUninitializedCapacity: rowCount) { column, count in
      for row in 0..<rowCount {
        let values = unsafe fixed + (row * Self.fixedWidth + place)
        unsafe column[row] = SIMD3(values[0], values[1], values[2])
      }
      count = rowCount
    }
  }

  /// Normalises the rotations; those of length zero become the identity and are counted.
  private mutating func rotations(
    _ fixed: UnsafeMutablePointer<Float>, _ rowCount: Int
  ) -> [Quaternion<Float>] {
    precondition(MemoryLayout<Quaternion<Float>>.size == MemoryLayout<SIMD4<Float>>.size)
    var zeroCount = 0
    let column = unsafe [Quaternion<Float>](unsafeUninitializedCapacity: rowCount) {
      column, count in
      // A quaternion is its w, x, y, z in order; the generic initialiser, which the compiler does
      // not specialise across modules, would take longer than everything else here.
      let parts = unsafe UnsafeMutableRawPointer(column.baseAddress.unsafelyUnwrapped)
      for row in 0..<rowCount {
        let values = unsafe fixed + (row * Self.fixedWidth + 10)
        var wxyz = unsafe SIMD4(values[0], values[1], values[2], values[3])
        // Scaled first: the square of 1e30 is no float.
        let largest = max(max(abs(wxyz[0]), abs(wxyz[1])), max(abs(wxyz[2]), abs(wxyz[3])))
        if largest > 0 {
          wxyz /= largest
          wxyz /= (wxyz * wxyz).sum().squareRoot()
        } else {
          zeroCount += 1
          wxyz = SIMD4(1, 0, 0, 0)
        }
        unsafe parts.storeBytes(
          of: wxyz, toByteOffset: row * MemoryLayout<SIMD4<Float>>.size, as: SIMD4<Float>.self)
      }
      count = rowCount
    }
    report.zeroRotations += zeroCount
    return column
  }

  /// Repairs rows, moves those that can be drawn together and returns how many they are.
  private mutating func keepDrawable(
    _ fixed: UnsafeMutablePointer<Float>, _ rest: UnsafeMutablePointer<Float>, rowCount: Int
  ) -> Int {
    var kept = 0
    for row in 0..<rowCount {
      let (rowFixed, rowRest) = unsafe (fixed + row * Self.fixedWidth, rest + row * restWidth)
      guard unsafe repair(rowFixed), unsafe areFinite(rowRest, restWidth) else {
        report.droppedNonFinite += 1
        continue
      }
      unsafe (fixed + kept * Self.fixedWidth).update(from: rowFixed, count: Self.fixedWidth)
      unsafe (rest + kept * restWidth).update(from: rowRest, count: restWidth)
      kept += 1
    }
    return kept
  }

  /// Replaces the infinities that have a meaning; returns whether all is finite then.
  private mutating func repair(_ row: UnsafeMutablePointer<Float>) -> Bool {
    let hadInfiniteOpacity = unsafe row[Self.opacityIndex].isInfinite
    if hadInfiniteOpacity {
      unsafe row[Self.opacityIndex] = row[Self.opacityIndex] > 0 ? opaqueLogit : -opaqueLogit
    }
    var isFlat = false
    for index in Self.logScaleIndices where unsafe row[index] == -.infinity {
      unsafe row[index] = flatLogScale
      isFlat = true
    }
    guard unsafe areFinite(row, Self.fixedWidth) else { return false }
    report.infiniteOpacities += hadInfiniteOpacity ? 1 : 0
    report.flatSplats += isFlat ? 1 : 0
    return true
  }
}

/// Whether no value is NaN or infinite: those have the largest bit patterns but for the sign.
private func areFinite(_ values: UnsafeMutablePointer<Float>, _ count: Int) -> Bool {
  var largest: UInt32 = 0
  for index in 0..<count {
    largest = max(largest, unsafe values[index].bitPattern & 0x7FFF_FFFF)
  }
  return largest < Float.infinity.bitPattern
}
