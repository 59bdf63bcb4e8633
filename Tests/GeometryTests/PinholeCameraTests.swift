// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Testing

@Suite struct `Pinhole camera` {
  private let camera = PinholeCamera(
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

  @Test func `finds the point again from its pixel and depth`() throws {
    for point in [SIMD3(0.3, -0.2, 1.5), SIMD3(-4, 3, 0.02), SIMD3(100, 50, 80)] {
      let pixel = try #require(camera.project(point))
      // 1e-12: a few roundings of numbers below 1000.
      #expect(length(camera.unproject(pixel, depth: point.z) - point) < 1e-12)
    }
  }

  @Test func `has its field of view from the top edge to the bottom edge`() throws {
    let wide = PinholeCamera(width: 200, height: 100, verticalFieldOfView: .pi / 2)
    // 45 degrees up meets the top edge; 1e-12 px: one sine and one cosine rounded.
    let top = try #require(wide.project(SIMD3(0, -1, 1)))
    #expect(abs(top.x - 100) < 1e-12 && abs(top.y) < 1e-12)
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
