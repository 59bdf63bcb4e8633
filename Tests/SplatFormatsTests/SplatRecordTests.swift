// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Splats
import Testing

@testable import SplatFormats

@Suite struct `Splat records` {
  @Test func `become encodings of the training code`() throws {
    var file = Bytes()
    file.floats([1, 2, 3, 1, Float(M_E), 0])
    file.bytes += [255, 0, 51, 128, 192, 128, 128, 192]
    let (cloud, report) = try SplatFile.parse(file.bytes, file: "a.splat")
    #expect(cloud.count == 1 && cloud.shDegree == 0 && cloud.positions == [SIMD3(1, 2, 3)])
    // 1e-6: ln of a float near e.
    #expect(cloud.logScales[0].x == 0 && abs(cloud.logScales[0].y - 1) < 1e-6)
    #expect(cloud.logScales[0].z == SplatCloud.flatLogScale && report.repairs.flatSplats == 1)
    // 0.5 / C0 = sqrt(pi); 51/255 = 0.2 is 0.6 of the way from grey to black.
    let root = Float.pi.squareRoot()
    #expect(abs(cloud.sh0[0].x - root) < 1e-5 && abs(cloud.sh0[0].y + root) < 1e-5)
    #expect(abs(cloud.sh0[0].z + 0.6 * root) < 1e-5)
    // 128/255: odds of 128 to 127.
    #expect(abs(cloud.opacityLogits[0] - 0.00784) < 1e-5)
    let half = Float(0.5).squareRoot()
    #expect(abs(cloud.rotations[0].w - half) < 1e-6 && abs(cloud.rotations[0].z - half) < 1e-6)
  }
}
