// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Testing

@Suite struct `Pinhole camera` {
  private let camera = Camera(
    width: 640, height: 480, focalLengthPixels: SIMD2(500, 400), principalPoint: SIMD2(320, 240))

  @Test func `puts a point a metre right of the axis a focal length from the middle`() {
    #expect(camera.project(SIMD3(1, 0, 1)) == SIMD2(820, 240))
    #expect(camera.project(SIMD3(0, 1, 2)) == SIMD2(320, 440))
  }

  @Test func `sees nothing behind itself`() {
    #expect(camera.project(SIMD3(0, 0, 0)) == nil)
    #expect(camera.project(SIMD3(0, 0, -1)) == nil)
    #expect(camera.project(SIMD3(0, 0, .nan)) == nil)
  }

  @Test func `has its field of view from the top edge to the bottom edge`() throws {
    let wide = Camera(width: 200, height: 100, verticalFieldOfView: .pi / 2)
    // 45 degrees up meets the top edge; 1e-12 px: one sine and one cosine rounded.
    let top = try #require(wide.project(SIMD3(0, -1, 1)))
    #expect(abs(top.x - 100) < 1e-12 && abs(top.y) < 1e-12)
    #expect(abs(try #require(wide.verticalFieldOfView) - .pi / 2) < 1e-15)
  }

  @Test func `counts its field of view from the principal point`() throws {
    // 100 pixels to the left and 300 to the right at a focal length of 100: 45 and 71.6 degrees.
    let shifted = Camera(
      width: 400, height: 200, focalLengthPixels: SIMD2(100, 100), principalPoint: SIMD2(100, 250))
    let horizontal = try #require(shifted.horizontalFieldOfView)
    #expect(abs(horizontal - (.pi / 4 + 3.0.arcTangent(over: 1))) < 1e-15)
    // All rows lie above the axis: from 68.2 up to 26.6 degrees.
    let vertical = try #require(shifted.verticalFieldOfView)
    #expect(abs(vertical - (2.5.arcTangent(over: 1) - 0.5.arcTangent(over: 1))) < 1e-15)
  }

  @Test func `measures depth along its axis`() {
    #expect(camera.lens.depth(of: SIMD3(3, 0, 4)) == 4)
    #expect(Lens.equirectangular.depth(of: SIMD3(3, 0, -4)) == 5)
    #expect(Lens.fisheye(FisheyeLens()).depth(of: SIMD3(3, 0, -4)) == 5)
  }
}

@Suite struct `Camera in the world` {
  /// One square root and a dozen roundings of numbers below 10.
  private let roundingError = 1e-14

  @Test func `looks at its target with the horizon level`() {
    let eye = SIMD3<Double>(3, -2, 1.5)
    let cameraFromWorld = RigidTransform.cameraFromWorld(eye: eye, target: SIMD3(0, 0.5, 0))
    let target = cameraFromWorld * SIMD3(0, 0.5, 0)
    #expect(abs(target.x) < roundingError && abs(target.y) < roundingError && target.z > 0)
    #expect(length(cameraFromWorld * eye) < roundingError)
    // A point straight above the target is above it in the image, not beside it.
    let above = cameraFromWorld * SIMD3(0, 0.5, 1)
    #expect(abs(above.x) < roundingError && above.y < 0)
  }

  @Test func `has x to the east when it looks north`() {
    let cameraFromWorld = RigidTransform.cameraFromWorld(eye: .zero, target: SIMD3(0, 1, 0))
    #expect(length(cameraFromWorld * SIMD3(1, 0, 0) - SIMD3(1, 0, 0)) < roundingError)
    #expect(length(cameraFromWorld * SIMD3(0, 0, 1) - SIMD3(0, -1, 0)) < roundingError)
  }

  @Test func `has north at the top when it looks straight down`() {
    let cameraFromWorld = RigidTransform.cameraFromWorld(
      eye: SIMD3(0, 0, 2), target: SIMD3(0, 0, 0))
    #expect(length(cameraFromWorld * SIMD3(0, 1, 0) - SIMD3(0, -1, 2)) < roundingError)
    #expect(length(cameraFromWorld * SIMD3(1, 0, 0) - SIMD3(1, 0, 2)) < roundingError)
  }

  @Test func `turns MuJoCo's camera half about x`() {
    // MuJoCo's camera in the world's axes looks down (-z) with y up in the image.
    let cameraFromWorld = RigidTransform.cameraFromWorld(
      worldFromMuJoCoCamera: RigidTransform(translation: SIMD3(0, 0, 2)))
    let expected = RigidTransform.cameraFromWorld(eye: SIMD3(0, 0, 2), target: .zero)
    for point in [SIMD3<Double>(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0.2, 0.3, 0.4)] {
      #expect(length(cameraFromWorld * point - expected * point) < roundingError)
    }
  }
}
