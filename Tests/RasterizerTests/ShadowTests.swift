// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Images
import Meshes
import Splats
import Testing

@testable import Rasterizer

/// Looks straight down from 3 m over the origin; north is up in the picture.
private func requestFromAbove(_ meshes: [MeshInstance]) -> RenderRequest {
  var request = tinyRequest(width: 97, height: 97)
  request.cameraFromWorld = RigidTransform(
    rotation: Quaternion(angle: .pi, axis: SIMD3(1, 0, 0)), translation: SIMD3(0, 0, 3))
  request.meshes = meshes
  request.hasShadows = true
  request.illumination = Illumination(
    sky: EnvironmentLight(uniform: .zero), sunDirection: SIMD3(1, 0, 1),
    sun: SIMD3(repeating: 1))
  return request
}

/// A level white square at a height, its middle over the origin.
private func plate(height: Double, halfSize: Float, instanceID: UInt32 = 1) -> MeshInstance {
  var plate = wall(depth: height, halfSize: halfSize, instanceID: instanceID)
  // Its outside, which faces -z, is turned up.
  plate.worldFromMesh.rotation = Quaternion(angle: .pi, axis: SIMD3(1, 0, 0))
  plate.colourSRGB = SIMD3(1, 1, 1)
  return plate
}

/// A black flat splat all over the ground at height 0, or one of another colour.
private func ground(_ colour: Float = 0.5) -> PlainSplat {
  PlainSplat(
    position: .zero, deviations: SIMD3(50, 50, 0.001), opacity: 0.99,
    colour: SIMD3(repeating: colour))
}

@Suite struct `Shadows while the shutter rolls` {
  /// Each line is what a camera sees that stands where this one is while the line is exposed.
  @Test(arguments: [false, true]) func `fall in each line as for a still camera`(areColumns: Bool) {
    var request = requestFromAbove([
      plate(height: 0.2, halfSize: 0.3), plate(height: 0.5, halfSize: 0.2, instanceID: 2),
    ])
    request.camera = tinyCamera(width: 48, height: 40)
    request.profile = .gut
    request.illumination.sky = EnvironmentLight(uniform: SIMD3(repeating: 0.3))
    let lineCount = areColumns ? 48 : 40
    request.linePoses = rollingPoses(
      around: request.cameraFromWorld, count: lineCount, areColumns: areColumns)
    let splats = PackedSplats(cloud([ground()]))
    let rolling = Renderer(splats: splats).render(request)
    var (shaded, turned) = (0, 0)
    for line in stride(from: 1, to: lineCount, by: 6) {
      var still = request
      still.cameraFromWorld = request.linePoses?.cameraFromWorld[line] ?? .identity
      still.linePoses = nil
      let lit = Renderer(splats: splats).render(still)
      still.hasShadows = false
      let open = Renderer(splats: splats).render(still)
      for place in 0..<(areColumns ? 40 : 48) {
        let pixel = areColumns ? place * 48 + line : line * 48 + place
        let at = 3 * pixel
        if lit.floatColour[at] < 0.9 * open.floatColour[at] { shaded += 1 }
        // An edge of a shadow or a mesh may turn a pixel over.
        if abs(lit.floatColour[at] - rolling.floatColour[at]) > 2e-3 { turned += 1 }
      }
    }
    #expect(shaded > 10, "\(shaded)")
    #expect(turned <= 2, "\(turned)")
  }
}

extension Rendering {
  /// What is seen of the ground at a point, metres.
  fileprivate func red(_ x: Double, _ y: Double) -> Double {
    let column = Int(48.5 + 64 * x / 3), row = Int(48.5 - 64 * y / 3)
    return Double(floatColour[(row * 97 + column) * 3])
  }
}

@Suite struct `Shadows` {
  private let lit = SRGB.exactEncode(0.5.squareRoot())

  @Test func `of the sun fall where the sun is hidden, on meshes`() {
    // Half a metre up, and the sun in the east at 45 degrees: half a metre to the west.
    let picture = render(
      [],
      requestFromAbove([
        plate(height: 0, halfSize: 1), plate(height: 0.5, halfSize: 0.2, instanceID: 2),
      ]))
    #expect(picture.red(-0.5, 0) < 1e-3)
    #expect(picture.red(-0.66, 0.16) < 1e-3)
    for (x, y) in [(-0.76, 0), (-0.5, 0.26), (-0.5, -0.26), (0.5, 0)] {
      #expect(abs(picture.red(x, y) - lit) < 1e-4, "\(x), \(y)")
    }
    // The upper side of what throws the shadow is lit.
    #expect(abs(picture.red(0, 0) - lit) < 1e-4)
  }

  @Test func `of the sun fall on splats, which keep the rest of their colour`() {
    let request = requestFromAbove([plate(height: 0.5, halfSize: 0.2)])
    let picture = render([ground()], request)
    #expect(picture.red(-0.5, 0) < 0.01)
    for (x, y) in [(-0.76, 0), (-0.5, 0.26), (0.5, 0)] {
      #expect(abs(picture.red(x, y) - 0.5 * 0.99) < 1e-4, "\(x), \(y)")
    }
    // With a sky as bright as the sun on the level, of which little is hidden there.
    var withSky = request
    withSky.illumination.sky = EnvironmentLight(uniform: SIMD3(repeating: Float(0.5).squareRoot()))
    let softer = render([ground()], withSky).red(-0.5, 0)
    let half = 0.5 * 0.99 * pow(0.5, 1 / 2.2)
    #expect(softer < half + 1e-3 && softer > 0.8 * half, "\(softer) of \(half)")
  }

  @Test func `are not thrown by a mesh that is told so, which they fall on all the same`() {
    var plates = [
      plate(height: 0, halfSize: 1), plate(height: 0.5, halfSize: 0.2, instanceID: 2),
    ]
    let both = render([], requestFromAbove(plates))
    plates[0].throwsShadow = false
    let one = render([], requestFromAbove(plates))
    #expect(both.red(-0.5, 0) < 1e-3 && one.red(-0.5, 0) < 1e-3)
    plates[1].throwsShadow = false
    let none = render([], requestFromAbove(plates))
    #expect(abs(none.red(-0.5, 0) - lit) < 1e-4)
  }

  @Test func `of the sky lie where things touch`() {
    var cube = MeshInstance(
      mesh: PackedMesh(.box(halfSize: SIMD3(repeating: 0.15))),
      worldFromMesh: RigidTransform(translation: SIMD3(0, 0, 0.15)), instanceID: 3)
    cube.material = .matt
    var request = requestFromAbove([cube])
    request.illumination = plainLight
    let picture = render([ground()], request)
    let (close, near, far) = (picture.red(0.2, 0), picture.red(0.35, 0), picture.red(0.72, 0))
    #expect(close < 0.93 * far)
    #expect(close < near && near <= far)
    #expect(far > 0.97 * 0.5 * 0.99)
    // Beyond four radii of the ball around the cube there is none at all.
    request.meshes[0].scale = SIMD3(repeating: 0.2)
    request.meshes[0].worldFromMesh.translation.z = 0.03
    let shaded = render([ground()], request).red(0.72, 0)
    request.hasShadows = false
    #expect(shaded == render([ground()], request).red(0.72, 0))
  }

  @Test func `are not thrown by a surface onto itself`() {
    for direction in [SIMD3<Float>(0, 0, 1), SIMD3(1, 0.3, 1), SIMD3(1, 0, 0.3)] {
      var request = requestFromAbove([plate(height: 0, halfSize: 1)])
      request.illumination = Illumination(
        sky: EnvironmentLight(uniform: SIMD3(repeating: 0.3)), sunDirection: direction)
      let with = render([], request)
      request.hasShadows = false
      let without = render([], request)
      for (a, b) in zip(with.floatColour, without.floatColour) { #expect(abs(a - b) < 1e-5) }
    }
    // A ball's lit side; its edge of night is left out.
    var ball = MeshInstance(
      mesh: PackedMesh(.sphere(radius: 0.5, segmentCount: 96)), worldFromMesh: .identity,
      instanceID: 1)
    ball.material = .matt
    var request = requestFromAbove([ball])
    request.illumination.sunDirection = SIMD3(0, 0, 1)
    let with = render([], request)
    request.hasShadows = false
    let without = render([], request)
    for (x, y) in [(0, 0), (0.3, 0), (0, -0.3), (0.28, 0.28)] {
      #expect(abs(with.red(x, y) - without.red(x, y)) < 1e-4, "\(x), \(y)")
    }
  }

  @Test(arguments: [SplatProfile.gsplat, .gut])
  func `are the same bytes for any threads and history`(profile: SplatProfile) {
    let splats = PackedSplats(cloud([ground()]))
    let old = Renderer(splats: splats, threadCount: 2)
    let beside = Renderer(beside: old)
    for step in 0..<4 {
      var request = requestFromAbove([plate(height: 0.3, halfSize: 0.1)])
      request.profile = profile
      request.meshes[0].worldFromMesh.translation.x = 0.2 * Double(step)
      #expect(old.render(request) == Renderer(splats: splats).render(request))
      // Another camera with the same shadows, and one with others in between.
      request.cameraFromWorld.translation.x = 0.1
      #expect(beside.render(request) == Renderer(splats: splats).render(request))
      request.illumination.sunDirection = SIMD3(0, 1, 1)
      #expect(beside.render(request) == Renderer(splats: splats).render(request))
    }
  }

  @Test(arguments: [
    Lens.pinhole, .brownConrady(BrownConradyLens()), .fisheye(FisheyeLens()), .equirectangular,
  ])
  func `fall where rays see splats, too`(lens: Lens) throws {
    var request = requestFromAbove([plate(height: 0.5, halfSize: 0.2)])
    request.camera.lens = lens
    request.profile = .gut
    let splats = PackedSplats(cloud([ground()]))
    let dark = Renderer(splats: splats).render(request)
    request.hasShadows = false
    let open = Renderer(splats: splats).render(request)
    func share(_ x: Double, _ y: Double) throws -> Float {
      let place = try #require(request.sight(of: SIMD3(x, y, 0))).place
      let at = 3 * (Int(place.y) * 97 + Int(place.x))
      return dark.floatColour[at] / open.floatColour[at]
    }
    #expect(try share(-0.5, 0) < 0.02)
    for (x, y) in [(-0.76, 0), (-0.5, 0.26), (-0.5, -0.26), (0.5, 0)] {
      #expect(try share(x, y) == 1, "\(x), \(y)")
    }
  }

  @Test func `are nearly the same for ellipses and for rays`() {
    var request = requestFromAbove([plate(height: 0.5, halfSize: 0.2)])
    request.illumination.sky = EnvironmentLight(uniform: SIMD3(repeating: 0.4))
    let ellipses = render([ground()], request)
    request.profile = .gut
    let rays = render([ground()], request)
    for (a, b) in zip(ellipses.floatColour, rays.floatColour) { #expect(abs(a - b) < 2e-3) }
  }
}
