// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Randomness
import Splats

@testable import SplatFormats

/// Bytes written by hand, piece by piece.
struct Bytes {
  var bytes: [UInt8] = []

  mutating func text(_ text: String) { bytes += Array(text.utf8) }

  mutating func integers<Value: FixedWidthInteger>(_ values: [Value], isBigEndian: Bool = false) {
    for value in values {
      let parts = (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
      bytes += isBigEndian ? parts.reversed() : parts
    }
  }

  mutating func floats(_ values: [Float], isBigEndian: Bool = false) {
    integers(values.map(\.bitPattern), isBigEndian: isBigEndian)
  }
}

/// A cloud of seeded values that every container can hold.
func seededCloud(count: Int, shDegree: Int) -> SplatCloud {
  var stream = RandomStream(seed: 7, purpose: "degree \(shDegree)")
  func value(_ low: Double, _ high: Double) -> Float { Float(stream.uniform(in: low...high)) }
  func vector(_ low: Double, _ high: Double) -> SIMD3<Float> {
    SIMD3(value(low, high), value(low, high), value(low, high))
  }
  var cloud = SplatCloud(shDegree: shDegree)
  for _ in 0..<count {
    cloud.positions.append(vector(-20, 20))
    cloud.logScales.append(vector(-9, 2))
    let axis = vector(-1, 1)
    cloud.rotations.append(Quaternion(angle: value(-3, 3), axis: axis))
    cloud.opacityLogits.append(value(-4, 4))
    cloud.sh0.append(vector(-2, 2))
    for _ in 0..<cloud.restCoefficientCount * 3 { cloud.shRest.append(value(-0.9, 0.9)) }
  }
  return cloud
}

/// A PLY of a cloud as other programs write it, with or without the normals that are always zero.
func plyFile(
  of cloud: SplatCloud, encoding: PLYHeader.Encoding, hasNormals: Bool
) -> [UInt8] {
  let restCount = cloud.restCoefficientCount
  var names = ["x", "y", "z"] + (hasNormals ? ["nx", "ny", "nz"] : [])
  names += (0..<3).map { "f_dc_\($0)" } + (0..<restCount * 3).map { "f_rest_\($0)" }
  names += ["opacity"] + (0..<3).map { "scale_\($0)" } + (0..<4).map { "rot_\($0)" }
  var file = Bytes()
  file.text("ply\nformat \(encoding.rawValue) 1.0\nelement vertex \(cloud.count)\n")
  file.text(names.map { "property float \($0)\n" }.joined() + "end_header\n")
  for index in 0..<cloud.count {
    let (position, colour) = (cloud.positions[index], cloud.sh0[index])
    let (scale, q) = (cloud.logScales[index], cloud.rotations[index])
    var row = [position.x, position.y, position.z] + (hasNormals ? [0, 0, 0] : [])
    row += [colour.x, colour.y, colour.z]
    // Red of all coefficients first, then green, then blue.
    for channel in 0..<3 {
      for k in 0..<restCount { row.append(cloud.shRest[(index * restCount + k) * 3 + channel]) }
    }
    row += [cloud.opacityLogits[index], scale.x, scale.y, scale.z, q.w, q.x, q.y, q.z]
    if encoding == .ascii {
      file.text(row.map { "\($0)" }.joined(separator: " ") + "\n")
    } else {
      file.floats(row, isBigEndian: encoding == .bigEndian)
    }
  }
  return file.bytes
}

/// The folder of real files, and whether tests that need it run.
enum RealFiles {
  private static let environment = ProcessInfo.processInfo.environment
  static let folder = environment["DIORAMA_DATA"] ?? "../shared/data"
  /// On the build server the files must be there: a test then fails instead of being skipped.
  static let areExpected =
    environment["CI"] == "true" || FileManager.default.fileExists(atPath: folder)
}
