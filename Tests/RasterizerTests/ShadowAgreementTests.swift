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

/// Boxes that hover over a floor, under a sun and a sky from anywhere above.
private struct ShadowScene: CustomTestStringConvertible {
  let seed: UInt64
  var testDescription: String { "seed \(seed)" }
  /// Whether the floor is a splat, or else a mesh.
  var hasSplats: Bool { seed % 2 == 0 }

  /// The floor, if it is one.
  var floor: [PlainSplat] {
    guard hasSplats else { return [] }
    return [
      PlainSplat(
        position: .zero, deviations: SIMD3(30, 30, 0.001), opacity: 0.99,
        colour: SIMD3(0.8, 0.6, 0.4))
    ]
  }

  /// Splats between the sun and the floor, clear and opaque, in two of three scenes.
  var hovering: [PlainSplat] {
    guard seed % 3 > 0 else { return [] }
    var random = RandomStream(seed: seed, purpose: "hovering splats")
    let toSun = normalize(request.illumination.sunDirection)
    let request = request
    let all = (0..<60).map { _ in
      func one(_ range: ClosedRange<Double>) -> Float { Float(random.uniform(in: range)) }
      let turn = Quaternion<Float>(
        w: one(-1...1), x: one(-1...1), y: one(-1...1), z: one(-1...1))
      return PlainSplat(
        position: SIMD3(one(-1...1), one(-1...1), 0) + one(1.5...5) * toSun,
        deviations: SIMD3(one(0.01...0.15), one(0.01...0.15), one(0.001...0.1)),
        rotation: turn.normalized, opacity: one(0.1...0.99), colour: SIMD3(0.2, 0.5, 0.1))
    }
    // Away from the eye and out of the picture, as far as their middles go.
    let eye = request.cameraFromWorld.inverse.translation
    return all.filter { splat in
      guard length(SIMD3<Double>(splat.position) - eye) > 1 else { return false }
      guard let place = request.sight(of: SIMD3<Double>(splat.position))?.place else { return true }
      return place.x < -9 || place.x > 33 || place.y < -9 || place.y > 27
    }
  }

  var request: RenderRequest {
    var random = RandomStream(seed: seed, purpose: "shadows")
    var request = tinyRequest(width: 24, height: 18)
    request.camera.focalLengthPixels = SIMD2(20, 20)
    request.cameraFromWorld = .cameraFromWorld(
      eye: SIMD3(random.uniform(in: -0.5...0.5), -1.2, 1.8), target: .zero)
    for index in 0..<3 {
      let axis = SIMD3(random.normal(), random.normal(), random.normal())
      let shape = TriangleMesh.box(
        halfSize: SIMD3(
          Float(random.uniform(in: 0.05...0.2)), Float(random.uniform(in: 0.05...0.2)),
          Float(random.uniform(in: 0.05...0.2))))
      // Of a third of the scenes one box has holes.
      let hasHoles = index == 1 && seed % 3 == 0
      var box = MeshInstance(
        mesh: PackedMesh(hasHoles ? cutOut(shape, seed: seed) : shape),
        worldFromMesh: RigidTransform(
          rotation: Quaternion(angle: random.uniform(in: 0...3), axis: axis),
          translation: SIMD3(
            random.uniform(in: -0.5...0.5), random.uniform(in: -0.4...0.4),
            random.uniform(in: 0.36...0.6))),
        colourSRGB: SIMD3(0.9, 0.7, 0.5), instanceID: UInt32(index + 1))
      box.material = .matt
      request.meshes.append(box)
    }
    if !hasSplats {
      var floor = wall(depth: 0, halfSize: 1)
      floor.worldFromMesh.rotation = Quaternion(angle: .pi, axis: SIMD3(1, 0, 0))
      floor.colourSRGB = SIMD3(0.8, 0.6, 0.4)
      request.meshes.append(floor)
    }
    var sky = [SIMD3<Float>](repeating: .zero, count: 9)
    sky[0] = SIMD3(0.9, 1, 1.1)
    for index in 1..<4 { sky[index] = SIMD3(repeating: Float(random.uniform(in: -0.15...0.15))) }
    request.illumination = Illumination(
      sky: EnvironmentLight(coefficients: sky),
      sunDirection: SIMD3(
        Float(random.uniform(in: -1...1)), Float(random.uniform(in: -1...1)), 1),
      sun: SIMD3(0.6, 0.55, 0.5))
    return request
  }
}

/// The cloud of some splats, by a name that no property hides.
private func tinyCloud(_ splats: [PlainSplat]) -> SplatCloud { cloud(splats) }

@Suite struct `Shadows and twin` {
  /// What the twins make of a picture without shadows: red, green and blue of a pixel.
  private func shaded(
    _ open: Rendering, at pixel: Int, _ request: RenderRequest,
    _ twins: (meshes: ShadowTwin, splats: SplatShadowTwin)
  ) -> [Double] {
    let camera = request.camera
    let place = SIMD2(Double(pixel % camera.width) + 0.5, Double(pixel / camera.width) + 0.5)
    let slope = (place - camera.principalPoint) / camera.focalLengthPixels
    let worldFromCamera = request.cameraFromWorld.inverse
    let point = worldFromCamera * (SIMD3(slope.x, slope.y, 1) * Double(open.depth.values[pixel]))
    let isMesh = open.owners.ids[pixel] > 1
    let n = open.normals.values[3 * pixel..<3 * pixel + 3].map { Double($0) }
    // A splat is darkened as a level surface is.
    let normal =
      isMesh ? worldFromCamera.rotation.rotate(SIMD3(n[0], n[1], n[2])) : SIMD3(0, 0, 1)
    let light = request.illumination
    let cosine = max(0, dot(normal, normalize(SIMD3<Double>(light.sunDirection))))
    let reached = twins.meshes.reached(point, normal: normal)
    // Splats have learnt from their capture what they hide from each other.
    let pastSplats = isMesh ? twins.splats.share(point, normal: normal) : 1
    let sky = light.sky.light(onNormal: normal)
    return (0..<3).map { channel in
      let sun = Double(light.sun[channel]) * cosine
      let left = sky[channel] * reached.sky + sun * reached.sun * pastSplats
      let share = left / (sky[channel] + sun)
      let shown = Double(open.floatColour[3 * pixel + channel])
      return isMesh
        ? SRGB.exactEncode(SRGB.exactDecode(shown) * share) : shown * pow(share, 1 / 2.2)
    }
  }

  // A point at the very edge of a triangle's shadow may find a texel here that it does not find
  // there: corners are snapped to 1/256 texel, points have the errors of floats. All other pixels
  // agree to what floats and the sRGB curve give.
  @Test(arguments: (0..<24).map { ShadowScene(seed: UInt64($0)) })
  fileprivate func `agree`(_ scene: ShadowScene) {
    let cloud = tinyCloud(scene.floor + scene.hovering)
    let splats = PackedSplats(cloud)
    var request = scene.request
    let open = Renderer(splats: splats).render(request)
    // Where they stand in the picture, it is not the floor or a box that is looked at.
    var alone = request
    alone.meshes = []
    let before = Renderer(splats: PackedSplats(tinyCloud(scene.hovering))).render(alone)
    request.hasShadows = true
    let dark = Renderer(splats: splats, threadCount: 2).render(request)
    let meshes = ShadowTwin(request)
    let twins = (
      meshes,
      SplatShadowTwin(
        cloud, request.illumination, centre: meshes.centre, radius: meshes.radius)
    )
    var (seenCount, darkCount, otherCount) = (0, 0, 0)
    for pixel in open.alpha.values.indices
    where open.alpha.values[pixel] > 0.9 && before.alpha.values[pixel] == 0 {
      let expected = shaded(open, at: pixel, request, twins)
      let distance = (0..<3).reduce(0.0) {
        max($0, abs(expected[$1] - Double(dark.floatColour[3 * pixel + $1])))
      }
      seenCount += 1
      if dark.floatColour[3 * pixel] < 0.98 * open.floatColour[3 * pixel] { darkCount += 1 }
      if distance > 1e-3 { otherCount += 1 }
    }
    #expect(seenCount > 150)
    #expect(darkCount > 10)
    #expect(otherCount <= 2, "\(otherCount) of \(seenCount)")
  }
}
