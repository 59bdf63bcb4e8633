// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Images
import Randomness
import Splats
import Testing

@testable import Rasterizer

/// A camera that turns and moves while its lines are read.
func rollingPoses(
  around pose: RigidTransform, count: Int, areColumns: Bool = false
) -> LinePoses {
  LinePoses(
    cameraFromWorld: (0..<count).map { line in
      let t = (Double(line) + 0.5) / Double(count) - 0.5
      let lineFromCamera = RigidTransform(
        rotation: Quaternion(angle: 0.3 * t, axis: SIMD3(0.2, 1, -0.3)),
        translation: SIMD3(0.3, -0.1, 0.2) * t)
      return lineFromCamera * pose
    }, areColumns: areColumns)
}

@Suite struct `Rays and twin` {
  struct Scene: CustomTestStringConvertible {
    var seed: UInt64
    var testDescription: String { "seed \(seed)" }

    static let lenses: [Lens] = [
      .pinhole, .brownConrady(BrownConradyLens(k1: -0.2, k2: 0.03, p1: 0.004, p2: -0.002)),
      .fisheye(FisheyeLens(k1: -0.02, k2: 0.003)), .equirectangular,
    ]

    /// Sixty splats, all around the camera; in every fifth scene half of them are needles.
    var cloud: SplatCloud {
      var cloud = randomCloud(seed: seed, count: 60, shDegree: Int(seed / 2 % 4))
      var random = RandomStream(seed: seed, purpose: "turned cloud")
      for index in cloud.positions.indices {
        let turn = Quaternion<Float>(
          angle: Float(random.uniform(in: -3...3)), axis: SIMD3(0.2, 1, 0.1))
        if request.camera.lens.measuresDepthAlongAxis { continue }
        cloud.positions[index] = turn.rotate(cloud.positions[index])
      }
      if seed % 5 == 4 {
        for index in 0..<30 { cloud.logScales[index] = SIMD3(0.2, -5, -6) }
      }
      return cloud
    }

    /// Every lens, with and without a rolling shutter by rows or columns, every profile and filter.
    var request: RenderRequest {
      var request = tinyRequest(width: 53, height: 38)
      let lens = Self.lenses[Int(seed % 4)]
      request.camera.lens = lens
      switch lens {
      case .equirectangular: request.camera = Camera(panoramaWidth: 70, height: 35)
      case .fisheye: request.camera.focalLengthPixels = SIMD2(15, 16)
      default: request.camera.focalLengthPixels = SIMD2(40, 45)
      }
      request.camera.principalPoint += SIMD2(Double(seed % 3), 0)
      request.profile = [SplatProfile.gut, .gsplat, .inria][Int(seed / 4 % 3)]
      if lens == .pinhole, request.profile != .gut { request.profile = .gut }
      request.classes = [0, 2, 2, 1]
      request.backgroundSRGB = SIMD3(0.1, 0.2, 0.3)
      request.cameraFromWorld = RigidTransform(
        rotation: Quaternion(angle: 0.1 * Double(seed % 30), axis: SIMD3(0.1, 0.05, 1)),
        translation: SIMD3(0.05, -0.1, 0.02 * Double(seed % 24)))
      if seed % 3 == 1 {
        let areColumns = seed % 2 == 0
        request.linePoses = rollingPoses(
          around: request.cameraFromWorld,
          count: areColumns ? request.camera.width : request.camera.height, areColumns: areColumns)
      }
      return request
    }
  }

  // Floats here, doubles there; see `Kernels and twin`. A ray's direction is rounded to 6e-8, which
  // at 6 m is 4e-7 m: for a needle of 2 mm 2e-4 of a deviation.
  @Test(arguments: (0..<48).map { Scene(seed: UInt64($0)) })
  func `agree`(_ scene: Scene) {
    let request = scene.request
    let isAntialiased = scene.seed % 7 == 3
    let packed = PackedSplats(scene.cloud, isAntialiased: isAntialiased)
    let fast = Renderer(splats: packed).render(request)
    let slow = ReferenceRenderer(scene.cloud, isAntialiased: isAntialiased).render(request)
    let difference = Difference(fast, slow)
    #expect(difference.mean < 5e-7)
    #expect(difference.largest < 2e-4)
    #expect(difference.differentLabels == 0)
    #expect(difference.largestAngle < 1e-4)
  }
}

@Suite struct `One splat seen along rays` {
  private let fisheye = Camera(
    width: 101, height: 101, focalLengthPixels: SIMD2(20, 20), principalPoint: SIMD2(50.5, 50.5),
    lens: .fisheye(FisheyeLens()))

  private func request(_ camera: Camera) -> RenderRequest {
    var request = RenderRequest(camera: camera, cameraFromWorld: .identity)
    request.outputs = .all
    request.profile = .gut
    return request
  }

  @Test(arguments: [0.3, 1.2, 1.57, 1.9])
  func `has its Gaussian's value on each ray, in front of the eye and behind`(
    angle: Double
  ) {
    let (distance, deviation) = (3.0, 0.4)
    let direction = SIMD3(angle.sine * 0.6, angle.sine * 0.8, angle.cosine)
    var splat = PlainSplat(position: SIMD3<Float>(direction * distance), opacity: 0.8)
    splat.deviations = SIMD3(repeating: Float(deviation))
    let rendering = render([splat], request(fisheye))
    var seen = 0
    for y in 0..<101 {
      for x in 0..<101 {
        // In the corners a fisheye sees nothing.
        let pixel = SIMD2(Double(x) + 0.5, Double(y) + 0.5)
        guard let ray = fisheye.ray(through: pixel) else { continue }
        // The foot of the perpendicular from the centre onto the ray.
        let along = distance * dot(ray, direction)
        let miss = (distance * distance - along * along).squareRoot() / deviation
        var alpha = 0.8 * exp(-0.5 * miss * miss)
        if alpha < 1.0 / 255 || along < 0 { alpha = 0 }
        #expect(abs(Double(rendering.alpha.values[y * 101 + x]) - alpha) < 1e-5)
        if alpha > 0.5 {
          seen += 1
          #expect(abs(Double(rendering.depth.values[y * 101 + x]) - along) < 1e-5)
        }
      }
    }
    #expect(seen > 5)
  }

  @Test func `lies on a fisheye's circle, 100 degrees from the axis`() {
    let angle = 100.0.radiansFromDegrees
    for step in 0..<12 {
      let azimuth = Double(step) * .pi / 6 + 0.1
      let direction = SIMD3(
        angle.sine * azimuth.cosine, angle.sine * azimuth.sine, angle.cosine)
      var splat = PlainSplat(position: SIMD3<Float>(direction * 2), opacity: 0.9)
      splat.deviations = SIMD3(repeating: 0.2)
      let alpha = render([splat], request(fisheye)).alpha.values
      var (sum, place) = (0.0, SIMD2<Double>.zero)
      for (pixel, value) in alpha.enumerated() {
        sum += Double(value)
        place += Double(value) * SIMD2(Double(pixel % 101) + 0.5, Double(pixel / 101) + 0.5)
      }
      let radius = 20 * angle
      let expected = 50.5 + radius * SIMD2(azimuth.cosine, azimuth.sine)
      // The centre of a spot two pixels wide, sampled: a hundredth of a pixel along the circle;
      // outwards a fisheye stretches the farther half of it a little more.
      #expect(abs((place / sum - expected).x) < 0.1 && abs((place / sum - expected).y) < 0.1)
    }
  }

  @Test func `is seen at both ends of a panorama when it is straight behind`() {
    let splat = PlainSplat(
      position: SIMD3(0, 0, -2), deviations: SIMD3(repeating: 0.3), opacity: 0.9)
    let alpha = render([splat], request(Camera(panoramaWidth: 72, height: 36))).alpha.values
    for y in 0..<36 {
      for x in 0..<36 {
        #expect(abs(alpha[y * 72 + x] - alpha[y * 72 + 71 - x]) < 1e-6)
        if x > 12 { #expect(alpha[y * 72 + x] == 0) }
      }
    }
    // Half a pixel, 2.5 degrees, off on both axes.
    #expect(alpha[17 * 72] > 0.8)
  }

  @Test func `fills the panorama's first row when it is at the pole`() {
    let splat = PlainSplat(
      position: SIMD3(0, -2, 0), deviations: SIMD3(repeating: 0.5), opacity: 0.9)
    let alpha = render([splat], request(Camera(panoramaWidth: 64, height: 32))).alpha.values
    for x in 0..<64 { #expect(abs(alpha[x] - alpha[0]) < 1e-6 && alpha[x] > 0.85) }
  }

  @Test func `shows nothing where the lens sees nothing`() {
    // A full turn's circle of 16 pixels radius in the middle of the image.
    let camera = Camera(
      width: 48, height: 48, focalLengthPixels: SIMD2(repeating: 16 / .pi),
      principalPoint: SIMD2(24, 24), lens: .fisheye(FisheyeLens()))
    var request = request(camera)
    request.backgroundSRGB = SIMD3(0, 0, 1)
    let around = PlainSplat(deviations: SIMD3(repeating: 3), opacity: 0.9)
    let rendering = render([around], request)
    #expect(rendering.alpha.values[0] == 0 && rendering.colour.bytes[0..<3] == [0, 0, 255])
    #expect(rendering.alpha.values[24 * 48 + 24] > 0.85)
  }

  @Test func `is not drawn where it is densest before the near plane`() {
    var camera = fisheye
    camera.near = 0.5
    // Around the eye: on every ray the largest value lies within 0.1 m of it.
    let around = PlainSplat(
      position: SIMD3(0, 0, 0.1), deviations: SIMD3(repeating: 2), opacity: 0.9)
    #expect(render([around], request(camera)).alpha.values.allSatisfy { $0 == 0 })
    let ahead = PlainSplat(position: SIMD3(0, 0, 0.6), opacity: 0.9)
    #expect(render([ahead], request(camera)).pixel(50, 50).alpha > 0.85)
  }

  @Test func `has the normal of a disc, turned to the eye`() {
    let tilt = Quaternion<Float>(angle: 0.5, axis: SIMD3(1, 0, 0))
    let disc = PlainSplat(
      position: SIMD3(0, 0, 2), deviations: SIMD3(0.5, 0.5, 1e-4), rotation: tilt, opacity: 0.9)
    let normals = render([disc], request(fisheye)).normals.values
    let at = 3 * (50 * 101 + 50)
    let expected = tilt.rotate(SIMD3<Float>(0, 0, -1))
    for axis in 0..<3 { #expect(abs(normals[at + axis] - expected[axis]) < 1e-4) }
  }
}

@Suite struct `Rays of a pinhole` {
  /// A narrow view, in which no splat is much nearer on one side than on the other.
  private func narrow(_ profile: SplatProfile) -> RenderRequest {
    var request = RenderRequest(
      camera: Camera(
        width: 64, height: 64, focalLengthPixels: SIMD2(2000, 2000),
        principalPoint: SIMD2(32, 32)), cameraFromWorld: .identity)
    request.profile = profile
    request.outputs = .all
    return request
  }

  /// Splats 4 to 12 pixels wide at 10 m.
  private func farSplats() -> SplatCloud {
    var random = RandomStream(seed: 8, purpose: "far splats")
    return cloud(
      (0..<20).map { index in
        let deviations = (0..<3).map { _ in Float(random.uniform(in: 0.02...0.06)) }
        return PlainSplat(
          position: SIMD3(
            Float(random.normal() * 0.05), Float(random.normal() * 0.05),
            10 + 0.2 * Float(index)),
          deviations: SIMD3(deviations[0], deviations[1], deviations[2]),
          rotation: Quaternion(
            angle: Float(random.uniform(in: 0...3)), axis: SIMD3(Float(random.normal()), 1, 0.3)),
          opacity: Float(random.uniform(in: 0.2...0.9)), instance: UInt32(index))
      })
  }

  @Test func `show small splats as ellipses do`() {
    let splats = PackedSplats(farSplats())
    let onImage = Renderer(splats: splats).render(narrow(.gsplat))
    // Poses that do not move make the same profile see along rays.
    var still = narrow(.gsplat)
    still.linePoses = LinePoses(cameraFromWorld: Array(repeating: .identity, count: 64))
    let byRays = Renderer(splats: splats).render(still)
    // An alpha of about 1/255 is drawn by one and not by the other; 12 pixels at 2000 are 0.3
    // degrees, which is what an ellipse neglects.
    let differences = zip(onImage.floatColour, byRays.floatColour).map { abs($0 - $1) }
    #expect(differences.allSatisfy { $0 < 6e-3 })
    #expect(differences.reduce(0, +) < 3e-4 * Float(differences.count))
    // Without the blur of 0.3 pixel^2, a hundredth of their own variance.
    let sharp = Renderer(splats: splats).render(narrow(.gut))
    for (a, b) in zip(onImage.floatColour, sharp.floatColour) { #expect(abs(a - b) < 2e-2) }
  }

  @Test func `order splats by distance, not by depth`() {
    // Beside the axis 2.2 m deep but 3.1 m away; ahead 2.5 m deep and away. Both are wide.
    let aside = PlainSplat(
      position: SIMD3(2.2, 0, 2.2), deviations: SIMD3(repeating: 2), opacity: 0.9,
      colour: SIMD3(0, 1, 0))
    let ahead = PlainSplat(
      position: SIMD3(0, 0, 2.5), deviations: SIMD3(repeating: 2), opacity: 0.9)
    var request = tinyRequest()
    request.profile = .gut
    #expect(render([aside, ahead], request).pixel(20, 16).colour.x > 0.8)
    request.profile = .gsplat
    #expect(render([aside, ahead], request).pixel(20, 16).colour.y > 0.5)
  }

  @Test(arguments: [1, 2, 3])
  func `give the same bytes for any thread count and any past`(threadCount: Int) {
    let splats = PackedSplats(randomCloud(seed: 3, count: 900, shDegree: 2))
    let used = Renderer(splats: splats, threadCount: threadCount)
    for seed in 0..<8 as Range<UInt64> {
      let request = `Rays and twin`.Scene(seed: seed).request
      let fresh = Renderer(splats: splats).render(request)
      #expect(used.render(request) == fresh)
      #expect(used.render(request) == fresh)
    }
  }
}

@Suite struct `Rolling shutter` {
  /// A metre per second to the right; at 2 m depth and 64 pixels focal length 32 pixels a second.
  private let motion = PoseSpline(
    startNanoseconds: 0, intervalNanoseconds: 1_000_000_000,
    worldFromBody: [RigidTransform(), RigidTransform(translation: SIMD3(1, 0, 0))])

  /// A post 2 m ahead, thin and high.
  private let post = PlainSplat(
    position: SIMD3(0.5, 0, 2), deviations: SIMD3(0.03, 5, 0.03), opacity: 0.9)

  @Test(arguments: [Shutter.Direction.downwards, .upwards])
  func `shears a post by a pixel a row`(direction: Shutter.Direction) {
    // 33 rows in a second: 1/32 s and a pixel from row to row.
    let shutter = Shutter(readoutNanoseconds: 1_000_000_000, direction: direction)
    let exposure = Exposure(worldFromCamera: motion, startNanoseconds: 0, shutter: shutter)
    let renderer = Renderer(splats: PackedSplats(cloud([post])))
    let alpha = renderer.expose(tinyRequest(), during: exposure).sharp.alpha.values
    for row in 0..<33 {
      let columns = alpha[row * 33..<row * 33 + 33]
      let peak = columns.indices.max { columns[$0] < columns[$1] }.map { $0 - row * 33 }
      // At the middle row the camera is at x = 0.5 and the post straight ahead.
      #expect(peak == (direction == .downwards ? 32 - row : row))
    }
  }

  private func readSideways(_ direction: Shutter.Direction) -> ArraySlice<Float> {
    let shutter = Shutter(readoutNanoseconds: 1_000_000_000, direction: direction)
    let exposure = Exposure(worldFromCamera: motion, startNanoseconds: 0, shutter: shutter)
    let renderer = Renderer(splats: PackedSplats(cloud([post])))
    return renderer.expose(tinyRequest(), during: exposure).sharp.alpha.values[16 * 33..<17 * 33]
  }

  @Test func `stretches what moves along with the lines`() {
    // A column further to the left is read 1/32 s later, when the post is a pixel to the left.
    let row = readSideways(.leftwards)
    for alpha in row { #expect(abs(alpha - row[16 * 33]) < 1e-3 && alpha > 0.85) }
  }

  @Test func `squeezes what moves against the lines`() {
    let still = Renderer(splats: PackedSplats(cloud([post]))).render(tinyRequest(cameraAt: 0.5))
    let wide = still.alpha.values[16 * 33..<17 * 33].reduce(0, +)
    // Half as wide; what ellipses are blurred by is blurred before the squeeze.
    #expect(abs(readSideways(.rightwards).reduce(0, +) / wide - 0.5) < 0.02)
  }

  @Test func `is none when the lines are read together`() {
    let exposure = Exposure(
      worldFromCamera: motion, startNanoseconds: 500_000_000, shutter: Shutter())
    let renderer = Renderer(splats: PackedSplats(cloud([post])))
    let taken = renderer.expose(tinyRequest(), during: exposure).sharp
    #expect(taken == renderer.render(tinyRequest(cameraAt: 0.5)))
  }
}

private func tinyRequest(cameraAt x: Double) -> RenderRequest {
  var request = tinyRequest()
  request.cameraFromWorld = RigidTransform(translation: SIMD3(-x, 0, 0))
  return request
}

@Suite struct `Motion blur` {
  @Test func `is the mean of sharp pictures in linear light`() {
    // A quarter of a second at 32 pixels a second is 8 pixels; 8 parts are a pixel apart.
    let motion = PoseSpline(
      startNanoseconds: 0, intervalNanoseconds: 1_000_000_000,
      worldFromBody: [RigidTransform(), RigidTransform(translation: SIMD3(1, 0, 0))])
    let exposure = Exposure(
      worldFromCamera: motion, startNanoseconds: 0,
      shutter: Shutter(exposureNanoseconds: 250_000_000), partCount: 8)
    let splat = PlainSplat(position: SIMD3(0.125, 0, 2), opacity: 0.9)
    let renderer = Renderer(splats: PackedSplats(cloud([splat])))
    let picture = renderer.expose(tinyRequest(), during: exposure)
    let sharp = LinearImage(
      width: 33, height: 33, valuesSRGB: renderer.render(tinyRequest(cameraAt: 0.125)).floatColour)
    for x in 8..<25 {
      // The parts' middles: 3.5 pixels before to 3.5 after, here taken at whole pixels around.
      let (before, after) = (-4..<4, -3..<5)
      func mean(_ shifts: Range<Int>) -> Float {
        shifts.reduce(0) { $0 + sharp.values[3 * (16 * 33 + x + $1)] } / 8
      }
      let found = picture.light.values[3 * (16 * 33 + x)]
      // Half a pixel between the two.
      #expect(abs(found - (mean(before) + mean(after)) / 2) < 0.02)
    }
    #expect(picture.sharp.floatColour.count == 33 * 33 * 3)
    let sums = (picture.light.values.reduce(0, +), sharp.values.reduce(0, +))
    #expect(abs(sums.0 / sums.1 - 1) < 1e-3)
  }

  @Test func `has all images of the part in the middle`() {
    let exposure = Exposure(
      worldFromCamera: PoseSpline(still: .identity), startNanoseconds: 0,
      shutter: Shutter(exposureNanoseconds: 1000), partCount: 3)
    let renderer = Renderer(splats: PackedSplats(randomCloud(seed: 2, count: 50, shDegree: 0)))
    var request = tinyRequest()
    let still = renderer.render(request)
    #expect(renderer.expose(request, during: exposure).sharp == still)
    request.outputs = [.depth]
    let picture = renderer.expose(request, during: exposure)
    #expect(picture.sharp.floatColour.isEmpty && picture.sharp.depth == still.depth)
    let expected = LinearImage(width: 33, height: 33, valuesSRGB: still.floatColour)
    for (a, b) in zip(picture.light.values, expected.values) { #expect(abs(a - b) < 1e-6) }
  }
}
