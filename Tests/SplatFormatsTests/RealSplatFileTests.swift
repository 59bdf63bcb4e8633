// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Splats
import Testing

@testable import SplatFormats

private let folder = RealFiles.folder + "/splats"

@Suite(.enabled(if: RealFiles.areExpected, "needs the real files of ../shared/data"))
struct `Real splat files` {
  @Test func `of one scene agree in SPZ 2 and in records`() throws {
    let spz = try SplatFile.readReporting("\(folder)/up_house/fourth_st.spz")
    let records = try SplatFile.readReporting("\(folder)/up_house/derived.splat")
    #expect(spz.cloud.count == 131_199 && records.cloud.count == 131_199)
    #expect(spz.cloud.shDegree == 3 && spz.report.container == "SPZ 2" && spz.report.antialiased)
    #expect(spz.report.repairs == SplatRepairs() && records.report.repairs == SplatRepairs())
    // Every 50th splat: debug builds are slow.
    for index in stride(from: 0, to: spz.cloud.count, by: 50) {
      // The records were derived without a change of axes, so they are in SPZ's.
      let position = records.cloud.positions[index] * AxisFlip.rdfFromRUB.axisSigns
      #expect(spz.cloud.positions[index] == position)
      // Both store the same opacity byte.
      #expect(spz.cloud.opacityLogits[index] == records.cloud.opacityLogits[index])
      // ln(exp(x)) in floats, for x in -10...6.
      #expect(length(spz.cloud.logScales[index] - records.cloud.logScales[index]) < 1e-5)
      // Colours to one byte of the records' 255 over [-1.77, 1.77], which clamps.
      let colour = spz.cloud.sh0[index].clamped(
        lowerBound: SIMD3(repeating: -1.7725), upperBound: SIMD3(repeating: 1.7725))
      #expect(length(colour - records.cloud.sh0[index]) < 1.7321 * 0.5 * 3.545 / 255 * 1.01)
      // Rotations to one byte each: 4 parts off by 1/128.
      let (a, b) = (spz.cloud.rotations[index], records.cloud.rotations[index])
      let cosine = a.w * b.w + a.x * b.x - a.y * b.y - a.z * b.z
      #expect(abs(cosine) > 1 - 0.5 * 4 / (128 * 128))
    }
  }

  @Test func `of SPZ 4 hold what their header says`() throws {
    let (cloud, report) = try SplatFile.readReporting("\(folder)/biker/biker.spz")
    #expect(cloud.count == 152_746 && cloud.shDegree == 0 && report.container == "SPZ 4")
    #expect(report.skipped.isEmpty && report.repairs == SplatRepairs())
    // The same model as a compressed PLY, which is refused by name but has the same count; the
    // values of both are compared in `.ci/checks`, with a reader of compressed PLY.
    let path = "\(folder)/biker/biker.compressed.ply"
    let header = try PLYHeader(try readFile(path), file: path)
    #expect(header.elements.first { $0.name == "vertex" }?.count == cloud.count)
    let error = #expect(throws: InputError.self) { try SplatFile.read(path) }
    #expect(error?.found == "a compressed PLY (packed_position)")
  }

  @Test func `of three splats agree in PLY, SPZ 3 and records`() throws {
    let start = "\(folder)/format_fixtures/MetalSplatter/test-splat.3-points-from-train"
    let ply = try SplatFile.read("\(start).ply")
    let spz = try SplatFile.read("\(start).spz")
    let records = try SplatFile.read("\(start).splat")
    #expect(ply.count == 3 && spz.count == 3 && records.count == 3)
    for index in 0..<3 {
      // Half a step of 2^-12 m, and one more: this writer truncates.
      #expect(length(ply.positions[index] - spz.positions[index]) < 1.7321 * 0x1p-12)
      #expect(ply.positions[index] == records.positions[index])
      #expect(length(ply.logScales[index] - spz.logScales[index]) < 1.7321 / 16)
      #expect(length(ply.logScales[index] - records.logScales[index]) < 1e-5)
      #expect(length(ply.sh0[index] - spz.sh0[index]) < 1.7321 / 38.25)
      // One byte of opacity, which this writer truncates too.
      #expect(abs(opacity(ply, index) - opacity(spz, index)) < 1 / 255)
      #expect(abs(opacity(ply, index) - opacity(records, index)) < 1 / 255)
      let (a, b) = (ply.rotations[index], spz.rotations[index])
      #expect(abs(a.w * b.w + a.x * b.x + a.y * b.y + a.z * b.z) > 1 - 1e-4)
    }
    // Buckets of 8/128 and 16/128.
    for (a, b) in zip(ply.shRest, spz.shRest) { #expect(abs(a - b) < 0.13) }
  }

  private func opacity(_ cloud: SplatCloud, _ index: Int) -> Double {
    1 / (1 + exp(-Double(cloud.opacityLogits[index])))
  }

  @Test(arguments: ["v3", "v4"])
  func `of four splats agree in SPZ and in records`(version: String) throws {
    let fixtures = "\(folder)/format_fixtures/splat-transform"
    let cloud = try SplatFile.read("\(fixtures)/minimal-\(version).spz")
    let records = try SplatFile.read("\(fixtures)/minimal.splat")
    #expect(cloud.positions == records.positions)
    #expect(cloud.positions == [SIMD3(-1, 0, -1), SIMD3(0, 0, -1), SIMD3(-1, 0, 0), .zero])
    #expect(cloud.opacityLogits == records.opacityLogits)
    // Half of SPZ's step of 1/38.25 and half a step of the records' byte, 1/255 over C0.
    let colourError = 0.5 / 38.25 + 0.5 / 255 / Float(SphericalHarmonics.c0)
    for index in 0..<4 {
      #expect(largest(cloud.sh0[index] - records.sh0[index]) <= colourError)
      #expect(largest(cloud.logScales[index] - records.logScales[index]) <= 1 / 32)
      // The records hold 128 128 128 255, a half turn about z; SPZ holds none. Not compared.
      #expect(cloud.rotations[index] == .identity)
    }
  }

  @Test(arguments: ["raw", "v2"])
  func `of four splats are as their writer left them in older SPZ`(version: String) throws {
    let fixtures = "\(folder)/format_fixtures/splat-transform"
    let cloud = try SplatFile.read("\(fixtures)/minimal-\(version).spz")
    let records = try SplatFile.read("\(fixtures)/minimal.splat")
    #expect(cloud.count == 4 && records.count == 4)
    for index in 0..<4 {
      // Written without the change of axes that SPZ asks for: turned by the reader all the same.
      #expect(
        cloud.positions[index] == records.positions[index] * AxisFlip.rdfFromRUB.axisSigns)
      // Colour bytes written as they stand in the records, though SPZ's mean 0.15 a coefficient.
      let c0 = Float(SphericalHarmonics.c0)
      // 1e-6: roundings of numbers below 1.
      #expect(largest(cloud.sh0[index] * 0.15 - records.sh0[index] * c0) < 1e-6)
      #expect(cloud.opacityLogits[index] == records.opacityLogits[index])
      #expect(largest(cloud.logScales[index] - records.logScales[index]) <= 1 / 32)
    }
  }

  private func largest(_ vector: SIMD3<Float>) -> Float {
    max(abs(vector.x), max(abs(vector.y), abs(vector.z)))
  }

  @Test(arguments: ["ascii", "binary"]) func `that are meshes are refused`(encoding: String) {
    let path = "\(folder)/format_fixtures/MetalSplatter/beetle.\(encoding).ply"
    let error = #expect(throws: InputError.self) { try SplatFile.read(path) }
    #expect(error?.field == "property f_dc_0")
  }
}
