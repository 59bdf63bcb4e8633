// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Splats

/// Where row-wise readers put splats: checks one row of floats and appends it to the columns.
///
/// A row is, in order and in a cloud's encodings:
///
///     x y z | dc r g b | opacity logit | log scale x y z | rotation w x y z | rest, RGB inner
///
/// The reader of a file with other encodings converts before it calls.
struct SplatRowSink {
  /// The floats before the rest coefficients.
  static let fixedWidth = 14
  /// The place of the opacity logit in a row.
  static let opacityIndex = 6
  /// The places of the log scales in a row.
  static let logScaleIndices = 7..<10

  private(set) var cloud: SplatCloud
  private(set) var report: SplatImportReport
  private let width: Int

  init(shDegree: Int, count: Int, report: SplatImportReport) {
    cloud = SplatCloud(shDegree: shDegree)
    cloud.reserveCapacity(count)
    self.report = report
    self.report.storedCount = count
    width = Self.fixedWidth + cloud.restCoefficientCount * 3
  }

  /// Appends one splat, or drops and counts it when it cannot be drawn.
  @inline(__always)
  mutating func append(_ row: UnsafeMutableBufferPointer<Float>) {
    // A NaN or an infinity times zero is NaN, and NaN survives every sum.
    var poison: Float = 0
    for index in 0..<width { unsafe poison += row[index] * 0 }
    if poison.isNaN, unsafe !repair(row) {
      report.droppedNonFinite += 1
      return
    }
    unsafe cloud.positions.append(SIMD3(row[0], row[1], row[2]))
    unsafe cloud.sh0.append(SIMD3(row[3], row[4], row[5]))
    unsafe cloud.opacityLogits.append(row[6])
    unsafe cloud.logScales.append(SIMD3(row[7], row[8], row[9]))
    let rotation = unsafe Quaternion(w: row[10], x: row[11], y: row[12], z: row[13])
    let length = rotation.lengthSquared.squareRoot()
    if length > 0, length.isFinite {
      let scale = 1 / length
      cloud.rotations.append(
        Quaternion(
          w: rotation.w * scale, x: rotation.x * scale, y: rotation.y * scale,
          z: rotation.z * scale))
    } else {
      report.zeroRotations += 1
      cloud.rotations.append(.identity)
    }
    if width > Self.fixedWidth {
      unsafe cloud.shRest.append(
        contentsOf: UnsafeBufferPointer(rebasing: row[Self.fixedWidth..<width]))
    }
  }

  /// Ends the reading and returns the cloud with what was dropped and repaired.
  consuming func finish() -> (cloud: SplatCloud, report: SplatImportReport) {
    report.farOutliers = countFarOutliers(cloud.positions)
    cloud.checkInvariants()
    return (cloud, report)
  }

  /// Replaces the infinities that have a meaning; returns whether all is finite then.
  private mutating func repair(_ row: UnsafeMutableBufferPointer<Float>) -> Bool {
    let hadInfiniteOpacity = unsafe row[Self.opacityIndex].isInfinite
    if hadInfiniteOpacity {
      unsafe row[Self.opacityIndex] = row[Self.opacityIndex] > 0 ? opaqueLogit : -opaqueLogit
    }
    var isFlat = false
    for index in Self.logScaleIndices where unsafe row[index] == -.infinity {
      unsafe row[index] = flatLogScale
      isFlat = true
    }
    for index in 0..<width where unsafe !row[index].isFinite { return false }
    report.infiniteOpacities += hadInfiniteOpacity ? 1 : 0
    report.flatSplats += isFlat ? 1 : 0
    return true
  }
}
