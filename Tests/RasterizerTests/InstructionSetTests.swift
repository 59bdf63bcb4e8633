// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Images
import Meshes
import Splats
import Testing

@testable import Rasterizer

@Suite struct `Instruction sets` {
  // In a process of its own: an instruction set holds for all of it.
  @Test func `agree, to the byte where both fuse multiply-adds`() async {
    await #expect(processExitsWith: .success) {
      let scenes = (0..<60).map { `Kernels and twin`.Scene(seed: UInt64($0)) }
      let best = Renderer.instructionSet
      let expected = scenes.map(pictures)
      let expectedMeshes = (0..<12).map { meshPictures(seed: $0) }
      // From the best down, as the sets above the one that is named are gone for good.
      for name in ["AVX3", "AVX2", "SSE4", "SSSE3"] where name != best {
        guard Renderer.limit(toInstructionSet: name) else { continue }
        #expect(Renderer.instructionSet == name)
        let found = scenes.map(pictures)
        let foundMeshes = (0..<12).map { meshPictures(seed: $0) }
        if best.hasPrefix("AVX") && name.hasPrefix("AVX") {
          #expect(found == expected)
          #expect(foundMeshes == expectedMeshes)
        } else {
          for (a, b) in zip(expected.joined(), found.joined()) { checkRounding(a, b) }
          for (a, b) in zip(expectedMeshes.joined(), foundMeshes.joined()) { checkEdges(a, b) }
        }
      }
    }
  }
}

/// The pictures of a scene as ellipses and by rays, every image of them.
private func pictures(_ scene: `Kernels and twin`.Scene) -> [Rendering] {
  let renderer = Renderer(
    splats: PackedSplats(scene.cloud, isAntialiased: scene.isAntialiased))
  var byRays = scene.request
  byRays.meshes = []
  byRays.profile = .gut
  return [scene.request, byRays].map { renderer.render($0) }
}

/// Meshes with textures, holes and shadows among splats, drawn and by rays.
private func meshPictures(seed: UInt64) -> [Rendering] {
  var request = `Kernels and twin`.Scene(seed: seed).request
  request.meshes += [
    MeshInstance(
      mesh: PackedMesh(painted(soup(seed: seed, count: 60), seed: seed)), worldFromMesh: .identity,
      instanceID: 7),
    MeshInstance(
      mesh: PackedMesh(cutOut(.sphere(radius: 0.5), seed: seed)),
      worldFromMesh: RigidTransform(translation: SIMD3(0.1, 0, 1.5)), instanceID: 8),
  ]
  request.hasShadows = true
  let renderer = Renderer(splats: PackedSplats(randomCloud(seed: seed, count: 40, shDegree: 1)))
  return [SplatProfile.gsplat, .gut].map { profile in
    request.profile = profile
    return renderer.render(request)
  }
}

/// Holds two renderings of meshes to be the same but along edges: a corner or a point may be
/// rounded to the next 1/256 of a pixel, which turns over the pixels whose centres lie there.
private func checkEdges(_ a: Rendering, _ b: Rendering) {
  let pixelCount = a.alpha.values.count
  var others = 0
  for pixel in 0..<pixelCount {
    var isOther = a.owners.ids[pixel] != b.owners.ids[pixel]
    for at in 3 * pixel..<3 * pixel + 3 {
      let (left, right) = (Int(a.colour.bytes[at]), Int(b.colour.bytes[at]))
      if abs(left - right) > 1 { isOther = true }
    }
    if isOther { others += 1 }
  }
  #expect(others * 100 <= pixelCount, "\(others) of \(pixelCount)")
}

/// Holds two renderings to what `Renderer.instructionSet` says of those with and without a fused
/// multiply-add; seen in these scenes is a half of it or less.
private func checkRounding(_ a: Rendering, _ b: Rendering) {
  func largest(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }
  #expect(largest(a.floatColour, b.floatColour) < 2.5e-4)
  #expect(largest(a.alpha.values, b.alpha.values) < 2.5e-4)
  #expect(largest(a.coverage.values, b.coverage.values) < 2.5e-4)
  #expect(largest(a.normals.values, b.normals.values) < 2.5e-4)
  #expect(largest(a.depth.values, b.depth.values) < 1e-3)
  #expect(largest(a.medianDepth.values, b.medianDepth.values) < 1e-3)
  #expect(largest(a.firstDepth.values, b.firstDepth.values) < 1e-3)
  #expect(zip(a.colour.bytes, b.colour.bytes).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
  #expect(a.instances == b.instances)
  #expect(a.semantics == b.semantics)
  #expect(a.owners == b.owners)
}
