// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Images
import Splats
import Testing

@testable import Rasterizer

/// A request for one pixel whose centre lies on the camera's axis.
private var onePixel: RenderRequest {
  var request = tinyRequest(width: 1, height: 1)
  request.illumination = plainLight
  return request
}

/// Balls of 10 cm behind each other on the camera's axis.
private func balls(_ opacities: [Float]) -> [PlainSplat] {
  opacities.enumerated().map { index, opacity in
    PlainSplat(
      position: SIMD3(0, 0, Float(2 + index)), opacity: opacity, instance: UInt32(index + 1))
  }
}

@Suite struct `Depths` {
  @Test func `are where the light falls below a tenth less, a half, and at the mean`() {
    // T: 0.95, 0.475, 0.2375; weights 0.05, 0.475, 0.2375.
    let rendering = render(balls([0.05, 0.5, 0.5]), onePixel)
    #expect(abs(rendering.alpha.values[0] - 0.7625) < 1e-6)
    #expect(abs(rendering.firstDepth.values[0] - 3) < 1e-5)
    #expect(abs(rendering.medianDepth.values[0] - 3) < 1e-5)
    let mean = (0.05 * 2 + 0.475 * 3 + 0.2375 * 4) / 0.7625
    #expect(abs(Double(rendering.depth.values[0]) - mean) < 1e-5)
    #expect(rendering.owners.ids == [1])
  }

  @Test func `lie at a half-transparent edge where the article about outputs says`() {
    var wall = balls([0.4, 0, 1])
    wall.remove(at: 1)
    let rendering = render(wall, onePixel)
    // A splat takes 0.99 at most, so 0.006 is left.
    #expect(abs(rendering.alpha.values[0] - 0.994) < 1e-6)
    #expect(abs(rendering.depth.values[0] - 3.195) < 5e-4)
    #expect(abs(rendering.medianDepth.values[0] - 4) < 1e-5)
    #expect(abs(rendering.firstDepth.values[0] - 2) < 1e-5)
    #expect(rendering.instances.ids == [3])
    #expect(abs(rendering.coverage.values[0] - 0.594) < 1e-6)
    wall[0].opacity = 0.6
    #expect(abs(render(wall, onePixel).medianDepth.values[0] - 2) < 1e-5)
  }

  @Test func `are nothing's where nothing takes enough light`() {
    let rendering = render(balls([0.05, 0.04]), onePixel)
    #expect(rendering.firstDepth.values == [0])
    #expect(rendering.medianDepth.values == [0])
    #expect(rendering.depth.values == [0])
    #expect(rendering.normals.values == [0, 0, 0])
    #expect(rendering.owners.ids == [0])
  }

  @Test func `are the mesh's behind splats that let more than half through`() {
    var request = onePixel
    request.meshes = [wall(depth: 50, instanceID: 8), wall(depth: 5)]
    let rendering = render(balls([0.4]), request)
    #expect(abs(rendering.firstDepth.values[0] - 2) < 1e-5)
    #expect(abs(rendering.medianDepth.values[0] - 5) < 1e-5)
    #expect(abs(Double(rendering.depth.values[0]) - (0.4 * 2 + 0.6 * 5)) < 1e-5)
    #expect(rendering.owners.ids == [3])
    // The wall's normal points back along the axis, and so does a ball's.
    #expect(abs(rendering.normals.values[2] + 1) < 1e-6)
  }

  @Test func `name the owner among the request's meshes when some are not seen`() {
    var request = onePixel
    request.meshes = [wall(depth: -4), wall(depth: 3)]
    #expect(render([], request).owners.ids == [3])
  }
}

@Suite struct `Normals` {
  @Test(arguments: [0, 0.3, 0.9, 1.2])
  func `of splats on a tilted plane are the plane's`(tilt: Double) {
    // A flat splat of 20 cm, turned about x: its normal (0, 0, -1) becomes (0, sin, -cos).
    let turn = Quaternion<Float>(angle: Float(tilt), axis: SIMD3(1, 0, 0))
    let splat = PlainSplat(
      deviations: SIMD3(0.2, 0.2, 0.001), rotation: turn, opacity: 0.9)
    let rendering = render([splat], tinyRequest())
    let center = (16 * 33 + 16) * 3
    let normal = rendering.normals.values[center..<center + 3].map(Double.init)
    // The slope of depth is found with 0.01 pixel^2 added to the ellipse: 0.2 m are 6.4 pixels,
    // seen at 69 degrees 2.3.
    #expect(abs(normal[0]) < 1e-4)
    #expect(abs(normal[1] - sin(tilt)) < 0.003)
    #expect(abs(normal[2] + cos(tilt)) < 0.003)
  }
}

@Suite struct `Labels` {
  @Test func `go to the largest sum of weights, not to the largest weight`() {
    // Weights 0.3, 0.7 x 0.35 = 0.245, 0.455 x 0.4 = 0.182; T = 0.273.
    var splats = balls([0.3, 0.35, 0.4])
    splats[0].instance = 5
    splats[1].instance = 6
    splats[2].instance = 6
    let rendering = render(splats, onePixel)
    #expect(rendering.instances.ids == [6])
    #expect(abs(rendering.coverage.values[0] - 0.427) < 1e-6)
  }

  @Test func `go to what lies behind when the splats leave more than any of them takes`() {
    var request = onePixel
    request.meshes = [wall(depth: 50)]
    // Eleven leaves of different instances: T = 0.95^11 = 0.57.
    let rendering = render(balls(Array(repeating: 0.05, count: 11)), request)
    #expect(rendering.instances.ids == [7])
    #expect(abs(Double(rendering.coverage.values[0]) - pow(0.95, 11)) < 1e-6)
  }

  @Test func `add the instances of a class`() {
    var request = onePixel
    request.classes = [0, 1, 2, 2]  // of the instances 0 to 3
    let rendering = render(balls([0.4, 0.45, 0.5]), request)
    // Weights 0.4, 0.27, 0.165.
    #expect(rendering.instances.ids == [1])
    #expect(rendering.semantics.ids == [2])
  }

  @Test func `give a fifth instance the place of the least`() {
    // 0.1, 0.36, 0.216, 0.1296 fill the slots; 0.5 x 0.1944 = 0.0972 is less than all of them.
    var splats = balls([0.1, 0.4, 0.4, 0.4, 0.5])
    #expect(render(splats, onePixel).instances.ids == [2])
    // A fifth of 0.92 weighs 0.1788 and takes the place of the first.
    splats[4].opacity = 0.92
    let rendering = render(splats, onePixel)
    #expect(rendering.instances.ids == [2])
    #expect(abs(rendering.coverage.values[0] - 0.36) < 1e-6)
  }
}

@Suite struct `A profile` {
  @Test func `ends a pixel before less than a ten-thousandth of the light is left`() {
    // T = 0.01, then 0.0002; a third of 0.9 would leave 0.00002 and is not added.
    var splats = balls([0.99, 0.98, 0.9])
    splats[2].colour = SIMD3(0, 1, 0)
    for profile in [SplatProfile.gsplat, .inria] {
      var request = onePixel
      request.profile = profile
      let rendering = render(splats, request)
      #expect(abs(Double(rendering.alpha.values[0]) - 0.9998) < 1e-6)
      #expect(rendering.floatColour[1] == 0)
    }
    #expect(ViewRules(camera: tinyCamera(), profile: .inria).minimumTransmittance == 1e-4)
    #expect(
      ViewRules(camera: tinyCamera(), profile: .gsplat).minimumTransmittance == Float(1e-4).nextUp)
  }

  @Test func `clamps the slope of a splat beside the image as its training code does`() {
    // Image 32 wide, f = 64, principal point at x = 4: half the field is 0.25.
    var camera = tinyCamera(width: 32, height: 32)
    camera.principalPoint = SIMD2(4, 16)
    let inria = ViewRules(camera: camera, profile: .inria)
    #expect(inria.minimumSlope == SIMD2(-0.325, -0.325))
    #expect(inria.maximumSlope == SIMD2(0.325, 0.325))
    let gsplat = ViewRules(camera: camera, profile: .gsplat)
    #expect(abs(gsplat.minimumSlope.x - (-4.0 / 64 - 0.075)) < 1e-12)
    #expect(abs(gsplat.maximumSlope.x - (28.0 / 64 + 0.075)) < 1e-12)
    // A ball of 0.5 m at x = 2, z = 2 has slope 1: its variance along x is
    // (f / z)^2 (1 + t^2) 0.25 + 0.3 with t clamped. It is 64 pixels right of x = 4.
    let ball = PlainSplat(
      position: SIMD3(2, 0, 2), deviations: SIMD3(repeating: 0.5), opacity: 0.9)
    for (profile, clamped) in [(SplatProfile.gsplat, 0.5125), (.inria, 0.325)] {
      var request = tinyRequest(width: 32, height: 32)
      request.camera = camera
      request.profile = profile
      let variance = 1024 * (1 + clamped * clamped) * 0.25 + 0.3
      let distance = 68 - 31.5
      // The other axis is offset by half a pixel, of a variance of 256.3.
      let form = distance * distance / variance + 0.25 / 256.3
      let alpha = Double(render([ball], request).alpha.values[16 * 32 + 31])
      #expect(abs(alpha - 0.9 * exp(-0.5 * form)) < 1e-5)
    }
  }

  @Test func `draws no splat beyond the far plane`() {
    var request = onePixel
    request.camera.far = 3.5
    #expect(abs(render(balls([0.5, 0.5, 0.5]), request).alpha.values[0] - 0.75) < 1e-6)
  }
}

@Suite struct `Antialiasing` {
  private func alpha(_ splat: PlainSplat, isAntialiased: Bool) -> Double {
    let packed = PackedSplats(cloud([splat]), isAntialiased: isAntialiased)
    return Double(Renderer(splats: packed).render(onePixel).alpha.values[0])
  }

  @Test func `dims a splat by what the blur widens it`() {
    // 1/160 m at 2 m is 0.2 pixels: variance 0.04, blurred 0.34; opacity times 0.04 / 0.34.
    let splat = PlainSplat(deviations: SIMD3(repeating: 1.0 / 160), opacity: 0.9)
    #expect(abs(alpha(splat, isAntialiased: false) - 0.9) < 1e-6)
    #expect(abs(alpha(splat, isAntialiased: true) - 0.9 * 0.04 / 0.34) < 1e-6)
  }

  @Test func `leaves out what it dims below 1/255`() {
    // Flat and seen from the side: what is left is the root of the filter's floor, 0.005.
    let splat = PlainSplat(deviations: SIMD3(1e-6, 0.1, 0.1), opacity: 0.7)
    #expect(alpha(splat, isAntialiased: false) > 0.6)
    #expect(alpha(splat, isAntialiased: true) == 0)
  }
}
