// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Images
import Splats
import Testing

@testable import Rasterizer

/// A cube of 20 cm whose face is 2 m away, in front of a wall of splats at 4 m.
private func cubeScene(cubeX: Double) -> RenderRequest {
  var request = tinyRequest(width: 64, height: 33)
  let box = cube()
  request.meshes = [
    MeshInstance(
      mesh: PackedMesh(box),
      worldFromMesh: RigidTransform(translation: SIMD3(cubeX, 0, 2.1)),
      scale: SIMD3(repeating: 0.2), instanceID: 4)
  ]
  return request
}

/// Flat splats of 10 cm that overlap, at 4 m.
private let wallOfSplats: SplatCloud = {
  var splats: [PlainSplat] = []
  for x in -12...12 {
    for y in -8...8 {
      splats.append(
        PlainSplat(
          position: SIMD3(0.15 * Float(x), 0.15 * Float(y), 4),
          deviations: SIMD3(0.1, 0.1, 0.001), opacity: 0.95))
    }
  }
  return cloud(splats)
}()

@Suite struct `Optical flow` {
  private let renderer = Renderer(splats: PackedSplats(wallOfSplats))

  private func flow(from: RenderRequest, to: RenderRequest) -> OpticalFlow {
    OpticalFlow(from: (from, renderer.render(from)), to: (to, renderer.render(to)))
  }

  private func at(_ flow: OpticalFlow, _ x: Int, _ y: Int) -> (SIMD2<Float>, OpticalFlow.Fate?) {
    let at = y * 64 + x
    return (
      SIMD2(flow.motion.values[2 * at], flow.motion.values[2 * at + 1]),
      OpticalFlow.Fate(rawValue: flow.fates[at])
    )
  }

  @Test func `of a translating cube is its translation, and the wall stands`() {
    // 0.1 m at 2 m and f = 64 is 3.2 pixels.
    let flow = flow(from: cubeScene(cubeX: 0), to: cubeScene(cubeX: 0.1))
    let (cube, cubeFate) = at(flow, 32, 16)
    #expect(abs(cube.x - 3.2) < 1e-4 && abs(cube.y) < 1e-4)
    #expect(cubeFate == .seen)
    let (wall, wallFate) = at(flow, 10, 16)
    #expect(abs(wall.x) < 1e-4 && abs(wall.y) < 1e-4)
    #expect(wallFate == .seen)
  }

  @Test func `tells on both sides what the cube hides`() {
    // The cube covers x in 28.8...35.2, then 32...38.4: pixels 36 and 37 of the wall are hidden
    // by it later, 29 to 31 were before.
    let (before, after) = (cubeScene(cubeX: 0), cubeScene(cubeX: 0.1))
    let forward = flow(from: before, to: after)
    #expect(at(forward, 36, 16).1 == .occluded && at(forward, 37, 16).1 == .occluded)
    #expect(at(forward, 27, 16).1 == .seen && at(forward, 39, 16).1 == .seen)
    let backward = flow(from: after, to: before)
    #expect(at(backward, 29, 16).1 == .occluded && at(backward, 31, 16).1 == .occluded)
    #expect(at(backward, 36, 16).1 == .seen)
    #expect(abs(at(backward, 36, 16).0.x + 3.2) < 1e-4)
  }

  @Test func `of a camera that moves is parallax`() {
    // The camera goes 0.2 m right: the wall at 4 m moves 3.2 pixels left, the cube at 2 m 6.4.
    let still = cubeScene(cubeX: 0)
    var moved = still
    moved.cameraFromWorld.translation.x = -0.2
    let flow = flow(from: still, to: moved)
    #expect(abs(at(flow, 50, 16).0.x + 3.2) < 1e-3)
    #expect(abs(at(flow, 32, 16).0.x + 6.4) < 1e-3)
    #expect(at(flow, 1, 16).1 == .outside)
  }

  @Test func `is none where nothing is seen`() {
    var request = tinyRequest(width: 64, height: 33)
    request.cameraFromWorld = RigidTransform(
      rotation: Quaternion(angle: .pi, axis: SIMD3(0, 1, 0)), translation: .zero)
    let flow = flow(from: request, to: request)
    #expect(flow.fates.allSatisfy { $0 == OpticalFlow.Fate.none.rawValue })
  }
}

@Suite struct `Boxes of instances` {
  @Test func `are tight, loose and in space`() throws {
    // A plate at 1.5 m hides the cube's left half: it covers x up to 32 of 28.8...35.2.
    var request = cubeScene(cubeX: 0)
    var plate = wall(depth: 1.5, halfSize: 1, instanceID: 9)
    plate.worldFromMesh.translation.x = -1
    request.meshes.append(plate)
    let renderer = Renderer(splats: PackedSplats(wallOfSplats))
    let rendering = renderer.render(request)
    let boxes = renderer.boxes(of: [4, 9, 77], in: request, rendering)
    // The face spans x 28.8...35.2 and y 13.3...19.7: pixel centres 29.5...34.5, 13.5...19.5.
    #expect(boxes[0].loose == .init(columns: 29...34, rows: 13...19))
    #expect(boxes[0].tight == .init(columns: 32...34, rows: 13...19))
    #expect(boxes[0].seenPixelCount == 21 && boxes[0].alonePixelCount == 42)
    #expect(abs(boxes[0].occlusion - 0.5) < 1e-12)
    let corner = try #require(boxes[0].corners[0])
    #expect(abs(corner.x - 28.8) < 1e-4 && abs(corner.y - 13.3) < 1e-4)
    #expect(boxes[1].occlusion == 0)
    #expect(boxes[2].tight == nil && boxes[2].loose == nil && boxes[2].occlusion == 1)
    #expect(boxes[2].corners.allSatisfy { $0 == nil })
  }

  @Test func `of splats count them alone too`() throws {
    // A ball of instance 3 behind a wall of instance 5 that lets nothing through.
    let near = PlainSplat(
      position: SIMD3(-1, 0, 2), deviations: SIMD3(0.3, 3, 0.001), opacity: 0.99, instance: 5)
    let ball = PlainSplat(
      position: SIMD3(0, 0, 4), deviations: SIMD3(repeating: 0.1), opacity: 0.99, instance: 3)
    let renderer = Renderer(splats: PackedSplats(cloud([near, ball])))
    let request = tinyRequest(width: 64, height: 33)
    let boxes = renderer.boxes(of: [3, 5], in: request, renderer.render(request))
    #expect(boxes[0].occlusion < 0.1)
    #expect(boxes[0].alonePixelCount > 10)
    // Its centre is on the axis.
    let corner = try #require(boxes[0].corners[7])
    #expect(abs(corner.x - 32) < 1e-6 && abs(corner.y - 16.5) < 1e-6)
  }
}

@Suite struct `Motion through lenses and shutters` {
  private func picture(_ request: RenderRequest, _ renderer: Renderer) -> OpticalFlow.Picture {
    (request, renderer.render(request))
  }

  @Test func `turns a panorama about its axis by whole pixels`() {
    // A tenth of a turn is 8 of 80 pixels, on every row.
    var before = RenderRequest(
      camera: Camera(panoramaWidth: 80, height: 40), cameraFromWorld: .identity)
    before.outputs = [.medianDepth, .owners]
    var after = before
    after.cameraFromWorld.rotation = Quaternion(angle: 0.2 * .pi, axis: SIMD3(0, 1, 0))
    let around = cloud(
      (0..<12).map { step in
        let angle = Float(step) * .pi / 6
        return PlainSplat(
          position: SIMD3(3 * sin(angle), 0, 3 * cos(angle)), deviations: SIMD3(0.8, 2, 0.8),
          opacity: 0.95)
      })
    let renderer = Renderer(splats: PackedSplats(around))
    let flow = OpticalFlow(from: picture(before, renderer), to: picture(after, renderer))
    var seen = 0
    for at in flow.fates.indices where flow.fates[at] == OpticalFlow.Fate.seen.rawValue {
      seen += 1
      // Over the seam it is a turn less.
      let motion = flow.motion.values[2 * at]
      #expect(abs(motion - 8) < 1e-3 || abs(motion + 72) < 1e-3)
      #expect(abs(flow.motion.values[2 * at + 1]) < 1e-3)
    }
    #expect(seen > 1000)
  }

  @Test func `finds a point on the line that is exposed while it is there`() throws {
    // 1 m/s to the right at 2 m and f = 64: a pixel to the left on each of 33 rows in a second.
    let motion = PoseSpline(
      startNanoseconds: 0, intervalNanoseconds: 1_000_000_000,
      worldFromBody: [RigidTransform(), RigidTransform(translation: SIMD3(1, 0, 0))])
    let exposure = Exposure(
      worldFromCamera: motion, startNanoseconds: 0,
      shutter: Shutter(readoutNanoseconds: 1_000_000_000))
    let request = exposure.request(tinyRequest(), part: 0)
    for row in 0..<33 {
      // On the row's middle, wherever that is in x.
      let y = (Double(row) + 0.5 - 16.5) / 64 * 2
      let sight = try #require(request.sight(of: SIMD3(0.5, y, 2)))
      #expect(abs(sight.place.y - (Double(row) + 0.5)) < 1e-9)
      #expect(abs(sight.place.x - (16.5 + 16 - Double(row))) < 1e-6)
      #expect(abs(sight.depth - 2) < 1e-12)
    }
    #expect(request.sight(of: SIMD3(0, 0, -1)) == nil)
  }

  @Test func `is none from a rolling shutter to itself`() {
    var request = tinyRequest(width: 64, height: 33)
    request.linePoses = rollingPoses(around: .identity, count: 33)
    request.profile = .gut
    let renderer = Renderer(splats: PackedSplats(wallOfSplats))
    let still = picture(request, renderer)
    let flow = OpticalFlow(from: still, to: still)
    #expect(flow.fates.contains(OpticalFlow.Fate.seen.rawValue))
    for value in flow.motion.values { #expect(abs(value) < 1e-3) }
  }
}
