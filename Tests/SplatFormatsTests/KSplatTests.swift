// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Splats
import Testing

@testable import SplatFormats

/// Three splats of degree 1 in two buckets of two, the second of which has one.
///
/// The centres are (10, 0, 0) and (0, 20, 0), a block has 4 m in 2 x 100 steps.
private func packedSplats(level: UInt16) -> [UInt8] {
  var file = [UInt8](repeating: 0, count: 4096 + 1024)
  func put(_ at: Int, _ value: UInt32, _ size: Int = 4) {
    for byte in 0..<size {
      file[at + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(byte)))
    }
  }
  file[1] = 1
  put(4, 1)
  put(16, 3)
  put(20, UInt32(level), 2)
  put(36, Float(-2).bitPattern)
  put(40, Float(2).bitPattern)
  for (place, value) in [3, 4, 2, 2].enumerated() { put(4096 + 4 * place, UInt32(value)) }
  put(4096 + 16, Float(4).bitPattern)
  put(4096 + 20, 12, 2)
  put(4096 + 24, 100)
  put(4096 + 32, 1)
  put(4096 + 36, 1)
  put(4096 + 40, 1, 2)
  var tail = Bytes()
  tail.integers([UInt32(1)])
  for value: Float in [10, 0, 0, 0, 20, 0] { tail.integers([value.bitPattern]) }
  for index in 0..<4 {
    // 50 steps beyond the middle are 1 m.
    tail.integers([UInt16(150), 100, 100 + UInt16(index)])
    for value: Float16 in [0.5, 0.25, 1, 1, 0, 0, 0] { tail.integers([value.bitPattern]) }
    tail.bytes += [255, 0, 51, 255]
    for place in 0..<9 {
      if level == 1 {
        tail.integers([Float16(place).bitPattern])
      } else {
        tail.bytes.append(place == 0 ? 0 : place == 8 ? 255 : 51)
      }
    }
  }
  return file + tail.bytes
}

@Suite struct `Splats in ksplat` {
  @Test func `are read from buckets of 16-bit places`() throws {
    let (cloud, report) = try SplatFile.parse(packedSplats(level: 1), file: "a.KSPLAT")
    #expect(report.container == ".ksplat level 1" && cloud.count == 3 && cloud.shDegree == 1)
    #expect(cloud.positions == [SIMD3(11, 0, 0), SIMD3(11, 0, 0.02), SIMD3(1, 20, 0.04)])
    #expect(cloud.logScales[2] == SIMD3(log(Float(0.5)), log(Float(0.25)), 0))
    #expect(cloud.rotations[0].w == 1)
    // Channel-major in the band: red 0 1 2, green 3 4 5, blue 6 7 8.
    #expect(Array(cloud.shRest[..<9]) == [0, 3, 6, 1, 4, 7, 2, 5, 8])
  }

  @Test func `have harmonics of one byte in the range of the header`() throws {
    let cloud = try SplatFile.parse(packedSplats(level: 2), file: "a.ksplat").cloud
    #expect(cloud.shRest[0] == -2 && cloud.shRest[8] == 2)
    #expect(abs(cloud.shRest[1] - (-2 + 4 * 51.0 / 255)) < 1e-6)
  }

  @Test(arguments: [
    (1, 0, "version"), (20, 3, "compression level"), (4, 255, "sections"), (16, 9, "splats"),
    (4096, 200, "section 0: splats"), (4096 + 4, 255, "section 0: splats"),
    (4096 + 40, 4, "section 0: SH degree"), (4096 + 12, 3, "section 0: splats"),
    (4096 + 8, 200, "section 0: buckets"), (4096 + 36, 0, "section 0: buckets"),
    (5120, 0, "section 0: buckets"), (4096 + 19, 0xC0, "section 0: buckets"),
  ])
  func `are refused where the header contradicts the file`(
    at: Int, value: UInt8, field: String
  ) throws {
    var file = packedSplats(level: 1)
    file[at] = value
    let error = #expect(throws: InputError.self) { try SplatFile.parse(file, file: "a.ksplat") }
    #expect(error?.field == field)
  }

  @Test func `are refused where the file is cut anywhere`() {
    let file = packedSplats(level: 1)
    for count in Array(stride(from: 1, to: file.count, by: 97)) + [file.count - 1] {
      #expect(throws: InputError.self) {
        try SplatFile.parse(Array(file.prefix(count)), file: "a.ksplat")
      }
    }
  }
}
