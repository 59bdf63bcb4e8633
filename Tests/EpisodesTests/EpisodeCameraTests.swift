// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Datasets
import Geometry
import Rasterizer
import Simulation
import Testing
import Worlds

@testable import Episodes

@Suite struct `An episode's camera` {
  /// 3 m up, level, looking along the carrier's x: its right is -y and its down is -z there.
  private let placement: CameraPlacement
  private let world: World
  private let noShift = CameraShift(position: .zero, rotation: .zero)
  private let noon = DrawnLight(
    ambient: 0.5, sun: 0.25, sunAzimuth: 0, sunElevation: .pi / 2, exposure: 1)

  init() throws {
    let text = try #require(BuiltInWorlds.text(named: "tabletop"))
    world = try WorldReader.world(from: text, file: "w.yaml", environment: [:])
    var placement = world.cameras[0]
    placement.bodyFromCamera =
      RigidTransform.cameraFromWorld(eye: SIMD3(1, 2, 3), target: SIMD3(2, 2, 3)).inverse
    self.placement = placement
  }

  @Test func `is shifted along its own axes`() {
    let shift = CameraShift(position: SIMD3(0.1, 0.2, 0.5), rotation: .zero)
    let camera = EpisodeCamera(placement, shift: shift, light: noon)
    // 0.1 to the right, 0.2 down, 0.5 ahead.
    let expected = SIMD3(1 + 0.5, 2 - 0.1, 3 - 0.2)
    #expect(length(camera.bodyFromCamera.translation - expected) < 1e-12)
    #expect(camera.bodyFromCamera.rotation == placement.bodyFromCamera.rotation)
  }

  @Test func `is turned about its own axes, about its own centre`() {
    let angle = 0.1
    // A positive turn about y, which points down, is a turn to the right.
    let turns = [
      (SIMD3(0.0, angle, 0), SIMD3(angle.cosine, -angle.sine, 0)),
      // About x, which points right, it is a turn up.
      (SIMD3(angle, 0, 0), SIMD3(angle.cosine, 0, angle.sine)),
    ]
    for (rotation, forward) in turns {
      let shift = CameraShift(position: .zero, rotation: rotation)
      let camera = EpisodeCamera(placement, shift: shift, light: noon)
      #expect(length(camera.bodyFromCamera.translation - SIMD3(1, 2, 3)) < 1e-12)
      let turned = camera.bodyFromCamera.rotation.rotate(SIMD3(0, 0, 1))
      #expect(length(turned - forward) < 1e-12, "\(rotation)")
    }
  }

  @Test func `moves with what carries it`() {
    let shift = CameraShift(position: SIMD3(0, 0, 1), rotation: SIMD3(0, 0.1, 0))
    let camera = EpisodeCamera(placement, shift: shift, light: noon)
    // In its carrier it stands at (2, 2, 3); what it sees 5 m ahead is to the right of x there.
    let ahead = SIMD3(2, 2, 3) + 5 * SIMD3(0.1.cosine, -0.1.sine, 0)
    // The world itself, and a body 10 m east that faces north.
    let carriers = [
      RigidTransform.identity,
      RigidTransform(
        rotation: Quaternion(angle: .pi / 2, axis: SIMD3(0, 0, 1)), translation: SIMD3(10, 0, 0)),
    ]
    let aheadInWorld = [ahead, SIMD3(10 - ahead.y, ahead.x, ahead.z)]
    for (worldFromCarrier, point) in zip(carriers, aheadInWorld) {
      let request = camera.request(worldFromCarrier: worldFromCarrier, meshes: [])
      #expect(length(request.cameraFromWorld * point - SIMD3(0, 0, 5)) < 1e-12)
    }
  }

  @Test func `is exactly where the file has it when nothing is left to chance`() throws {
    var world = world
    (world.randomisation.cameraPosition, world.randomisation.cameraAngle) = (0, 0)
    let draw = try #require(
      EpisodeDraw.draw(world: world, support: .ground, seed: 1, episode: 0, attempt: 0))
    #expect(draw.cameras == world.cameras.map { _ in noShift })
    for (placement, shift) in zip(world.cameras, draw.cameras) {
      let camera = EpisodeCamera(placement, shift: shift, light: draw.light)
      #expect(camera.bodyFromCamera == placement.bodyFromCamera)
      let request = camera.request(worldFromCarrier: .identity, meshes: [])
      #expect(request.cameraFromWorld == placement.bodyFromCamera.inverse)
      #expect(request.camera == placement.lens)
    }
  }

  @Test func `is moved by every draw, each camera by itself, no more than the file allows`() throws
  {
    var shifts: [CameraShift] = []
    for episode in 0..<50 {
      shifts += try #require(
        EpisodeDraw.draw(world: world, support: .ground, seed: 1, episode: episode, attempt: 0)
      ).cameras
    }
    let positions = shifts.flatMap { [$0.position.x, $0.position.y, $0.position.z] }
    let angles = shifts.flatMap { [$0.rotation.x, $0.rotation.y, $0.rotation.z] }
    for (numbers, bound) in [(positions, 0.01), (angles, 1.0.radiansFromDegrees)] {
      #expect(Set(numbers).count == 50 * 2 * 3)
      #expect(numbers.allSatisfy { abs($0) <= bound })
      // 300 uniform numbers come within a tenth of both ends, but for a chance of 1 in 10^6.
      #expect((numbers.max() ?? 0) > 0.9 * bound && (numbers.min() ?? 0) < -0.9 * bound)
    }
  }

  @Test func `asks for the draw's light and the file's outputs`() {
    let light = DrawnLight(
      ambient: 0.4, sun: 0.7, sunAzimuth: .pi / 2, sunElevation: .pi / 6, exposure: 1.25)
    var placement = placement
    let outputs: [(Set<CameraOutput>, RenderOutputs)] = [
      ([.rgb], []), ([.rgb, .depth], [.depth]), ([.instances], [.instances]),
      ([.rgb, .depth, .instances], [.depth, .instances]),
    ]
    for (wanted, asked) in outputs {
      placement.outputs = wanted
      let request = EpisodeCamera(placement, shift: noShift, light: light)
        .request(worldFromCarrier: .identity, meshes: [])
      #expect(request.outputs == asked)
      #expect(
        request.illumination.sky == EnvironmentLight(uniform: SIMD3(repeating: 0.4)))
      #expect(request.illumination.sun == SIMD3(repeating: 0.7))
      #expect(request.illumination.exposure == 1.25)
      // In the north, 30 degrees up.
      let direction = SIMD3<Double>(request.illumination.sunDirection)
      #expect(length(direction - SIMD3(0, 0.75.squareRoot(), 0.5)) < 1e-7)
    }
  }
}

@Suite(.enabled(if: FetchedRobot.isExpected, "\(FetchedRobot.reason)"))
struct `A recorded episode` {
  /// What the features of one camera are in the order of the columns: colour, depth, instances.
  private func columns(
    _ tiny: TinyRun, _ rollout: Rollout, _ draw: EpisodeDraw
  ) throws -> (front: [EpisodeColumn], wrist: [EpisodeColumn]) {
    let recorder = EpisodeRecorder(
      world: tiny.world, seed: 5, splats: try tiny.splats())
    let record = try #require(try recorder.record(rollout, draw: draw, as: 0))
    let pictures = record.columns.suffix(6)
    return (Array(pictures.prefix(3)), Array(pictures.suffix(3)))
  }

  @Test func `shows each camera's own shift, and the light, in the pictures`() throws {
    let tiny = try TinyRun()
    let draw = try tiny.draw()
    let rollout = try tiny.play(draw)
    let plain = try columns(tiny, rollout, draw)
    #expect(try columns(tiny, rollout, draw) == plain)

    var shifted = draw
    shifted.cameras[1].position.z -= 0.02
    let moved = try columns(tiny, rollout, shifted)
    #expect(moved.front == plain.front)
    #expect(zip(moved.wrist, plain.wrist).allSatisfy { $0 != $1 })

    var darker = draw
    darker.light.exposure /= 2
    let dark = try columns(tiny, rollout, darker)
    for (dark, plain) in [(dark.front, plain.front), (dark.wrist, plain.wrist)] {
      #expect(Array(dark[1...]) == Array(plain[1...]))
      let (dim, bright) = (try mean(dark[0]), try mean(plain[0]))
      // Half as bright, up to the rounding of bytes and what was brighter than white.
      #expect(abs(dim / bright - 0.5) < 0.02)
    }
  }

  /// The mean of all samples of a video before its compression.
  private func mean(_ column: EpisodeColumn) throws -> Double {
    guard case .video(_, let histogram) = column else {
      Issue.record("colour is a video")
      return 0
    }
    let sums = histogram.counts.indices.map { Double($0 % 256 * histogram.counts[$0]) }
    return sums.reduce(0, +) / Double(histogram.counts.reduce(0, +))
  }
}
