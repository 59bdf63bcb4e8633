// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import SceneStore
import Splats
import Testing

/// `Sources/SceneStore/SceneStore.docc/SceneFile.md`, byte by byte.
@Suite struct `Documented bytes of a page` {
  private func bytes(_ word: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) }
  }

  private func bytes(_ numbers: [Float]) -> [UInt8] { numbers.flatMap { bytes($0.bitPattern) } }

  /// Two splats of degree 1 and of the instances 5 and 9, with numbers that can be read off.
  private var hot: [UInt8] {
    var page = Array("DSP1".utf8) + bytes(2) + [1, 1, 0, 0] + bytes(2)
    page += bytes([-1, -2, -3]) + bytes([0.5, 0.25, 0.125])
    page += bytes([-4, 0.5]) + bytes([0, 0.25, 0.5]) + bytes([0.125, 0.0625, 0.03125])
    page += bytes([0.5, 0.25, 0.125, 0.0625])
    page += bytes(5) + bytes(9)
    // x 2 and 259, y 4 and 0, z 0 and 8, each column with both splats.
    page += [2, 3, 0, 1, 4, 0, 0, 0, 0, 8, 0, 0]
    page += [2, 0, 4, 0, 6, 8]
    // w is the largest of the first, z of the second; the other three parts are 512 / 1023.
    let small: UInt32 = 512 << 20 | 512 << 10 | 512
    page += zip(bytes(small), bytes(3 << 30 | small)).flatMap { [$0, $1] }
    page += [255, 51, 1, 0, 2, 0, 3, 4]
    return page + [1, 0]
  }

  @Test func `are read as the page says`() throws {
    let cold = (0..<9).flatMap { [UInt8($0), UInt8(bitPattern: -Int8($0))] }
    let page = try SplatPage(hot: hot, cold: cold, file: "f", field: "page")
    let cloud = page.cloud
    #expect(page.isAntialiased && page.shDegree == 1)
    #expect(cloud.positions == [SIMD3(0, -1, -3), SIMD3(128.5, -2, -2)])
    #expect(cloud.logScales == [SIMD3(-3, -2, -1), SIMD3(-4, -4, 0)])
    let part = Float((512.0 / 1023 * 2 - 1) / 2.0.squareRoot())
    #expect(abs(cloud.rotations[0].x - part) < 1e-6 && cloud.rotations[0].w > 0.999)
    #expect(abs(cloud.rotations[1].w - part) < 1e-6 && cloud.rotations[1].z > 0.999)
    #expect(cloud.opacityLogits[0] == SplatCloud.opaqueLogit)
    #expect(abs(cloud.opacityLogits[1] - log(Float(0.25))) < 1e-6)
    let colours = cloud.sh0.map { 0.5 + Float(SphericalHarmonics.c0) * $0 }
    #expect(length(colours[0] - SIMD3(0.125, 0.375, 0.59375)) < 1e-6)
    #expect(length(colours[1] - SIMD3(0, 0.25, 0.625)) < 1e-6)
    #expect(cloud.instanceIDs == [9, 5])
    // Coefficient after coefficient, red, green, blue; half a unit a step at degree 1.
    #expect(Array(cloud.shRest[..<9]) == (0..<9).map { 0.5 * Float($0) })
    #expect(Array(cloud.shRest[9...]) == (0..<9).map { -0.5 * Float($0) })
  }

  @Test func `are written as the page says`() throws {
    let page = try SplatPage(
      hot: hot, cold: [UInt8](repeating: 0, count: 18), file: "f", field: "page")
    #expect(page.hotBytes == hot)
    // A cloud's own page, by the offsets of the table.
    let cloud = mixedSplats(count: 40, shDegree: 2, instanceCount: 300)
    let written = SplatPage(cloud)
    let (raw, n) = (written.hotBytes, 40)
    func word(_ offset: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(raw[offset + $1]) << (8 * UInt32($1)) }
    }
    func float(_ offset: Int) -> Float { Float(bitPattern: word(offset)) }
    let p = Int(word(12))
    let columns = 88 + 4 * p
    #expect(word(4) == 40 && raw[8] == 2 && raw[9] == 0 && p == written.instances.count)
    #expect(raw.count == columns + 18 * n && written.coldBytes.count == 3 * 8 * n)
    let stored = written.cloud
    for slot in 0..<n {
      for axis in 0..<3 {
        let low = UInt32(raw[columns + 2 * axis * n + slot])
        let step = Float(low | UInt32(raw[columns + (2 * axis + 1) * n + slot]) << 8)
        let position = float(16 + 4 * axis) + float(28 + 4 * axis) * step
        #expect(abs(position - stored.positions[slot][axis]) < 1e-5)
        let scale = float(40) + float(44) * Float(raw[columns + (6 + axis) * n + slot])
        #expect(abs(scale - stored.logScales[slot][axis]) < 1e-5)
        let colour =
          float(48 + 4 * axis) + float(60 + 4 * axis) * Float(raw[columns + (14 + axis) * n + slot])
        let expected = 0.5 + Float(SphericalHarmonics.c0) * stored.sh0[slot][axis]
        #expect(abs(colour - expected) < 1e-5)
      }
      let opacity = Float(raw[columns + 13 * n + slot]) / 255
      #expect(abs(1 / (1 + exp(-stored.opacityLogits[slot])) - opacity) < 1e-5)
      let place = Int(raw[columns + 17 * n + slot])
      #expect(word(88 + 4 * place) == stored.instanceIDs[slot])
      let cold = Int8(bitPattern: written.coldBytes[(3 * 4 + 1) * n + slot])
      #expect(abs(float(76) * Float(cold) - stored.shRest[slot * 24 + 13]) < 1e-6)
    }
  }
}
