// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Images
import Meshes
import Splats
import Testing

@testable import Rasterizer

/// A blue wall before red nothing that begins at a place of the image, or ends there.
private func wallRequest(edge: Double, axis: Int, begins: Bool) -> RenderRequest {
  var request = tinyRequest()
  request.illumination = plainLight
  request.backgroundSRGB = SIMD3(1, 0, 0)
  var wall = wall(depth: 2)
  let inWorld = (edge - 16.5) * 2 / 64
  wall.worldFromMesh.translation[axis] = begins ? inWorld + 5 : inWorld - 5
  request.meshes = [wall]
  request.softensMeshEdges = true
  return request
}

@Suite struct `Soft edges of meshes` {
  @Test(arguments: [0, 1], [false, true])
  func `cover a pixel by their area`(axis: Int, begins: Bool) {
    for step in 0...16 {
      let edge = 12 + Double(step) / 16
      let picture = render([], wallRequest(edge: edge, axis: axis, begins: begins))
      for index in 0..<33 {
        let pixel = axis == 0 ? 10 * 33 + index : index * 33 + 10
        let before = min(max(edge - Double(index), 0), 1)
        let area = begins ? 1 - before : before
        // Four places: an eighth off at most, and whole where nothing ends.
        let tolerance = area == 0 || area == 1 ? 0 : 0.126
        #expect(abs(Double(picture.alpha.values[pixel]) - area) <= tolerance)
        #expect(abs(Double(picture.floatColour[3 * pixel + 2]) - area) <= tolerance + 1e-5)
        #expect(abs(Double(picture.floatColour[3 * pixel]) - (1 - area)) <= tolerance + 1e-5)
      }
    }
  }

  @Test func `cover many pixels by their area, at a slant`() {
    var request = wallRequest(edge: 16.5, axis: 0, begins: true)
    let turn = Quaternion(angle: 0.3, axis: SIMD3<Double>(0, 0, 1))
    request.meshes[0].worldFromMesh = RigidTransform(
      rotation: turn, translation: turn.rotate(SIMD3(5, 0, 0)) + SIMD3(0, 0, 2))
    let soft = render([], request)
    request.softensMeshEdges = false
    let hard = render([], request)
    // Half of the square, and each row by what lies to the right of the line.
    func errors(_ picture: Rendering) -> [Double] {
      (0..<33).map { row in
        let covered = picture.alpha.values[33 * row..<33 * row + 33].reduce(0) { $0 + Double($1) }
        let x = 16.5 - (Double(row) + 0.5 - 16.5) * 0.3.sine / 0.3.cosine
        return abs(covered - (33 - x))
      }
    }
    let (softError, hardError) = (errors(soft), errors(hard))
    #expect((softError.max() ?? 1) < 0.26)
    #expect(softError.reduce(0, +) < 0.5 * hardError.reduce(0, +))
  }

  @Test func `show what stands before and behind by their coverage`() {
    // A pane before the wall and an opaque sheet behind it, both of splats.
    let splats = [
      PlainSplat(
        position: SIMD3(0, 0, 1), deviations: SIMD3(5, 5, 0.001), opacity: 0.5,
        colour: SIMD3(0, 1, 0)),
      PlainSplat(
        position: SIMD3(0, 0, 3), deviations: SIMD3(9, 9, 0.001), opacity: 0.9,
        colour: SIMD3(1, 1, 0)),
    ]
    var request = wallRequest(edge: 12.5, axis: 0, begins: true)
    let half = render(splats, request)
    request.meshes[0].worldFromMesh.translation.x = 0
    let whole = render(splats, request)
    request.meshes = []
    let none = render(splats, request)
    let pixel = 16 * 33 + 12
    #expect(abs(half.alpha.values[pixel] - (1 + none.alpha.values[pixel]) / 2) < 1e-6)
    for channel in 0..<3 {
      let at = 3 * pixel + channel
      #expect(abs(half.floatColour[at] - (whole.floatColour[at] + none.floatColour[at]) / 2) < 1e-5)
    }
    // The pane takes half of the green, the mesh half of what is left.
    #expect(abs(half.floatColour[3 * pixel + 2] - 0.25) < 0.01)
  }

  @Test func `leave every other image alone, and what has no edge`() {
    var request = tinyRequest(width: 48, height: 37)
    request.meshes = randomMeshes(seed: 5)
    request.hasShadows = true
    let splats = PackedSplats(randomCloud(seed: 5, count: 60, shDegree: 1))
    let hard = Renderer(splats: splats).render(request)
    request.softensMeshEdges = true
    var soft = Renderer(splats: splats).render(request)
    let changed = hard.alpha.values.indices.filter { pixel in
      (3 * pixel..<3 * pixel + 3).contains { hard.floatColour[$0] != soft.floatColour[$0] }
    }
    #expect(changed.count > 30 && changed.count < 48 * 37 / 2)
    (soft.colour, soft.alpha, soft.floatColour) = (hard.colour, hard.alpha, hard.floatColour)
    let isTheSame = soft == hard
    #expect(isTheSame)
  }

  @Test func `are the same bytes for any threads and history`() {
    let splats = PackedSplats(randomCloud(seed: 6, count: 300, shDegree: 1))
    let old = Renderer(splats: splats, threadCount: 2)
    for step in 0..<4 {
      var request = tinyRequest(width: 90, height: 70)
      request.meshes = randomMeshes(seed: UInt64(step))
      request.softensMeshEdges = step != 2
      request.hasShadows = step % 2 == 1
      let isTheSame = old.render(request) == Renderer(splats: splats).render(request)
      #expect(isTheSame)
    }
  }

  // As for hard edges, with one more way to differ: a place that falls onto an edge, of which there
  // are five a pixel. No seed below has one.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func `agree with the twin`(seed: UInt64) {
    let cloud = randomCloud(seed: seed, count: 60, shDegree: Int(seed % 4))
    var request = tinyRequest(width: 48, height: 37)
    request.backgroundSRGB = SIMD3(0.1, 0.2, 0.3)
    request.illumination.exposure = seed % 2 == 0 ? 1 : 0.7
    request.meshes = randomMeshes(seed: seed)
    request.softensMeshEdges = true
    let difference = Difference(
      Renderer(splats: PackedSplats(cloud), threadCount: 2).render(request),
      ReferenceRenderer(cloud).render(request))
    #expect(difference.mean < 1e-6)
    #expect(difference.largest < 1e-4)
    #expect(difference.differentLabels == 0)
  }
}
