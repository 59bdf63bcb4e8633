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
    guard isFinite else {
      var block = SplatCloud(shDegree: cloud.shDegree)
      unsafe appendRows(fixed, rest, rowCount: rowCount, to: &block)
      block.rotations = unsafe rotations(fixed, rowCount)
      report.repairs += block.repair()
      cloud.append(contentsOf: block)
      return
    }
    // Fast path: only rotations can need repair.
    unsafe appendRows(fixed, rest, rowCount: rowCount, to: &cloud)
    var rotations = unsafe rotations(fixed, rowCount)
    for index in rotations.indices {
      if let direction = rotations[index].direction {
        rotations[index] = direction
      } else {
        rotations[index] = .identity
        report.repairs.undefinedRotations += 1
      }
    }
    cloud.rotations += rotations
  }
}

/// Appends every column but the rotations.
private func appendRows(
  _ fixed: UnsafeMutablePointer<Float>, _ rest: UnsafeMutablePointer<Float>, rowCount: Int,
  to cloud: inout SplatCloud
) {
  unsafe cloud.positions.append(contentsOf: triples(fixed, rowCount, at: 0))
  unsafe cloud.sh0.append(contentsOf: triples(fixed, rowCount, at: 3))
  cloud.opacityLogits.append(
    contentsOf: unsafe [Float](unsafeUninitializedCapacity: rowCount) { column, count in
      for row in 0..<rowCount {
        unsafe column[row] = fixed[row * SplatRowSink.fixedWidth + SplatRowSink.opacityIndex]
      }
      count = rowCount
    })
  unsafe cloud.logScales.append(contentsOf: triples(fixed, rowCount, at: 7))
  unsafe cloud.shRest.append(
    contentsOf: UnsafeBufferPointer(
      start: rest, count: rowCount * cloud.restCoefficientCount * 3))
}

private func triples(
  _ fixed: UnsafeMutablePointer<Float>, _ rowCount: Int, at place: Int
) -> [SIMD3<Float>] {
  unsafe [SIMD3<Float>](unsafeUninitializedCapacity: rowCount) { column, count in
    for row in 0..<rowCount {
      let values = unsafe fixed + (row * SplatRowSink.fixedWidth + place)
      unsafe column[row] = SIMD3(values[0], values[1], values[2])
    }
    count = rowCount
  }
}

/// The rotations as they are stored, of any length.
private func rotations(
  _ fixed: UnsafeMutablePointer<Float>, _ rowCount: Int
) -> [Quaternion<Float>] {
  unsafe [Quaternion<Float>](unsafeUninitializedCapacity: rowCount) { column, count in
    for row in 0..<rowCount {
      let values = unsafe fixed + (row * SplatRowSink.fixedWidth + 10)
      unsafe column[row] = Quaternion(w: values[0], x: values[1], y: values[2], z: values[3])
    }
    count = rowCount
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
