// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Images
import Meshes
import Testing

@testable import MeshFormats

private let meshes = [
  TriangleMesh(
    positions: [SIMD3(0, 0, 0), SIMD3(1, 0, 0), SIMD3(0, 1, 0)],
    normals: [SIMD3(0, 0, 1), SIMD3(0, 0, 1), SIMD3(0, 0, 1)], indices: [0, 1, 2],
    colourSRGB: SIMD3(0.1, 0.2, 0.3)),
  TriangleMesh(positions: [SIMD3(5, 6, 7)], indices: [0, 0, 0]),
  textured,
]

private let textured: TriangleMesh = {
  var mesh = TriangleMesh(positions: [SIMD3(5, 6, 7)], indices: [0, 0, 0])
  mesh.textureCoordinates = [SIMD2(0.5, 3)]
  mesh.texture = MeshTexture(
    RGBImage(width: 1, height: 2, bytes: [1, 2, 3, 4, 5, 6]), wrapU: .clamped, wrapV: .mirrored)
  mesh.texture?.cutout = MeshTexture.Cutout(alpha: [0, 200], threshold: 0.5)
  mesh.material.metallic = 0.5
  mesh.material.roughness = 0.25
  return mesh
}()

@Suite struct `Mesh stream` {
  @Test func `gives back what was put in`() throws {
    #expect(try MeshStream.decode(MeshStream.encode(meshes), file: "f") == meshes)
    #expect(try MeshStream.decode(MeshStream.encode([]), file: "f").isEmpty)
  }

  @Test func `cut anywhere or continued is refused`() {
    let whole = MeshStream.encode(meshes)
    for count in 0..<whole.count {
      #expect(throws: InputError.self) {
        try MeshStream.decode(Array(whole.prefix(count)), file: "f")
      }
    }
    #expect(throws: InputError.self) { try MeshStream.decode(whole + [0], file: "f") }
  }

  @Test func `with any byte changed is sound or refused`() {
    let whole = MeshStream.encode(meshes)
    var refusedCount = 0
    for index in whole.indices {
      var damaged = whole
      damaged[index] = 0xFF
      guard let read = try? MeshStream.decode(damaged, file: "f") else {
        refusedCount += 1
        continue
      }
      for mesh in read { mesh.checkInvariants() }
    }
    // The magic, the counts, sizes and wraps, and every byte of an index: 4 + 8 + 8 + 72 + 36; some
    // of the thresholds' too.
    #expect(refusedCount >= 128)
  }
}
