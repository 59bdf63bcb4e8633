// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Images
import Meshes
import Randomness
import Splats
import Testing

@testable import Rasterizer

/// Looks straight down from 3 m over a white floor of 2 x 2 m at height 0; north is up.
private func requestOverFloor(toSun: SIMD3<Float>) -> RenderRequest {
  var request = tinyRequest(width: 97, height: 97)
  request.cameraFromWorld = RigidTransform(
    rotation: Quaternion(angle: .pi, axis: SIMD3(1, 0, 0)), translation: SIMD3(0, 0, 3))
  var floor = wall(depth: 0, halfSize: 1, instanceID: 1)
  floor.worldFromMesh.rotation = Quaternion(angle: .pi, axis: SIMD3(1, 0, 0))
  floor.colourSRGB = SIMD3(1, 1, 1)
  request.meshes = [floor]
  request.hasShadows = true
  request.illumination = Illumination(
    sky: EnvironmentLight(uniform: .zero), sunDirection: toSun, sun: SIMD3(repeating: 1))
  return request
}

/// A level disc behind the camera, or wherever else.
private func disc(
  at place: SIMD3<Float>, deviation: Float = 0.3, opacity: Float = 0.99
) -> PlainSplat {
  PlainSplat(
    position: place, deviations: SIMD3(deviation, deviation, 0.001), opacity: opacity)
}

/// The texel of the map of the floor, whose half edge is the power of two above 1.94 m.
private let texel = 4.0 / 512

/// The places on a line over the floor, from west to east, where the sun's share is a half.
private func edges(_ picture: Rendering, y: Double = 0, lit: Double) -> [Double] {
  let row = Int(48.5 - 64 * y / 3)
  let light = (28..<69).map { column in
    SRGB.exactDecode(Double(picture.floatColour[(row * 97 + column) * 3])) / lit
  }
  return (1..<light.count).compactMap { index in
    let (a, b) = (light[index - 1], light[index])
    guard (a < 0.5) != (b < 0.5) else { return nil }
    let column = 28 + Double(index) - 0.5 + (0.5 - a) / (b - a)
    return (column - 48.5) * 3 / 64
  }
}

/// How many of a pixel's 4.7 cm an edge may be off: its share is not linear between two pixels.
private let pixel = 3.0 / 64

@Suite struct `Shadows of splats` {
  @Test func `end where half of the sun is left`() {
    // A Gaussian of opacity o hides half where o exp(-r^2 / 2 s^2) = 1/2.
    for opacity in [0.99, 0.8, 0.55] {
      let picture = render(
        [disc(at: SIMD3(0.1, 0, 3.5), opacity: Float(opacity))],
        requestOverFloor(toSun: SIMD3(0, 0, 1)))
      let radius = 0.3 * (2 * log(2 * opacity)).squareRoot()
      let found = edges(picture, lit: 1)
      #expect(found.count == 2, "\(opacity)")
      for (edge, expected) in zip(found, [0.1 - radius, 0.1 + radius]) {
        #expect(abs(edge - expected) < pixel / 2 + texel, "\(opacity)")
      }
    }
  }

  @Test func `begin where splats hide half together`() {
    let request = requestOverFloor(toSun: SIMD3(0, 0, 1))
    let one = disc(at: SIMD3(0, 0, 3.5), opacity: 0.45)
    #expect(edges(render([one], request), lit: 1).isEmpty)
    var (second, third) = (one, one)
    second.position.z = 4
    #expect(edges(render([one, second], request), lit: 1).count == 2)
    // Those that hide it lie below the floor, or too far from it towards the sun.
    second.position.z = -0.2
    third.position.z = 13
    #expect(edges(render([one, second, third], request), lit: 1).isEmpty)
  }

  @Test func `of a wall cover the half of a floor that lies behind it`() {
    // A wall of small splats at x = 4, 2 m high, which the floor sees at 26.57 degrees: it lies in
    // the shade to the north of where the wall ends.
    var wall: [PlainSplat] = []
    for y in 0..<40 {
      for z in -20..<40 {
        wall.append(
          PlainSplat(
            position: SIMD3(4, 0.05 * Float(y), 1.5 + 0.05 * Float(z)),
            deviations: SIMD3(0.002, 0.03, 0.03), opacity: 0.95))
      }
    }
    let sun = SIMD3<Float>(2, 0, 1)
    let picture = render(wall, requestOverFloor(toSun: sun))
    let lit = 1 / 5.0.squareRoot()
    func light(_ x: Double, _ y: Double) -> Double {
      let column = Int(48.5 + 64 * x / 3), row = Int(48.5 - 64 * y / 3)
      return SRGB.exactDecode(Double(picture.floatColour[(row * 97 + column) * 3])) / lit
    }
    // The wall's last column reaches some 3 cm further than its middle.
    for x in [-0.7, 0, 0.7] {
      for y in [0.02, 0.1, 0.4, 0.7] { #expect(light(x, y) < 1e-3, "\(x), \(y)") }
      for y in [-0.09, -0.2, -0.5] { #expect(abs(light(x, y) - 1) < 1e-3, "\(x), \(y)") }
    }
  }

  @Test func `leave alone what stands on the splats that throw them`() {
    // A table of splats that lie up to a centimetre too high or too low, and things that touch it.
    var random = RandomStream(seed: 1, purpose: "rough table")
    let table = (0..<3000).map { _ in
      PlainSplat(
        position: SIMD3(
          Float(random.uniform(in: -1...1)), Float(random.uniform(in: -1...1)),
          Float(random.uniform(in: -0.01...0.01))),
        deviations: SIMD3(0.03, 0.03, 0.002), opacity: 0.9)
    }
    let far = table.map { splat in
      var splat = splat
      splat.position.z -= 0.5
      return splat
    }
    for sun in [SIMD3<Float>(0, 0, 1), SIMD3(1, 0.3, 1), SIMD3(-1, 2, 1)] {
      var request = requestOverFloor(toSun: sun)
      request.cameraFromWorld = .cameraFromWorld(eye: SIMD3(0.3, -1, 0.8), target: .zero)
      request.meshes = [SIMD3<Float>(0.1, 0.1, 0.1), SIMD3(0.2, 0.05, 0.01)].enumerated().map {
        MeshInstance(
          mesh: PackedMesh(.box(halfSize: $1)),
          worldFromMesh: RigidTransform(
            translation: SIMD3(0.25 * Double($0), 0, Double($1.z))), instanceID: 1)
      }
      let (onTable, above) = (render(table, request), render(far, request))
      var count = 0
      for at in onTable.owners.ids.indices
      where onTable.owners.ids[at] > 1 && onTable.coverage.values[at] == 1 {
        count += 1
        #expect(onTable.floatColour[3 * at] == above.floatColour[3 * at])
      }
      #expect(count > 100)
    }
  }

  @Test func `fall on no splat`() {
    let ground = PlainSplat(
      position: .zero, deviations: SIMD3(50, 50, 0.001), opacity: 0.99,
      colour: SIMD3(repeating: 0.5))
    let canopy = disc(at: SIMD3(0, 0, 3.5), deviation: 1)
    var request = requestOverFloor(toSun: SIMD3(0, 0, 1))
    // Out of sight, and as large, so that its shadows would reach all that is seen.
    request.meshes[0].worldFromMesh.translation = SIMD3(2.2, 0, 0)
    let dark = render([ground, canopy], request)
    request.hasShadows = false
    let isTheSame = dark == render([ground, canopy], request)
    #expect(isTheSame)
  }

  @Test(arguments: [SplatProfile.gsplat, .gut])
  func `are the same bytes for any threads and history`(profile: SplatProfile) {
    var random = RandomStream(seed: 2, purpose: "canopy")
    let leaves = (0..<400).map { _ in
      disc(
        at: SIMD3(
          Float(random.uniform(in: -2...2)), Float(random.uniform(in: -2...2)),
          Float(random.uniform(in: 3.2...4))),
        deviation: 0.1, opacity: Float(random.uniform(in: 0.2...0.9)))
    }
    let splats = PackedSplats(cloud(leaves))
    let old = Renderer(splats: splats, threadCount: 2)
    let beside = Renderer(beside: old)
    var request = requestOverFloor(toSun: SIMD3(0.2, 0, 1))
    request.profile = profile
    var pictures: [Rendering] = []
    for x in [0, 0.1, 1.2, 0] {
      request.meshes[0].worldFromMesh.translation.x = x
      let fresh = Renderer(splats: splats).render(request)
      #expect(old.render(request) == fresh)
      #expect(beside.render(request) == fresh)
      pictures.append(fresh)
      // Parts that move, and others in between.
      let moved = PlacedSplats(splats, origin: SIMD3(0.3, 0, 0))
      beside.parts = [moved]
      #expect(beside.render(request) == Renderer(parts: [moved]).render(request))
      beside.parts = [PlacedSplats(splats)]
    }
    #expect(pictures[0] == pictures[3] && pictures[0] != pictures[2])
  }
}
