// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Randomness
import Splats
import Testing

@testable import Rasterizer

/// A loss that weighs every value of a picture by a seeded number of either sign.
func randomLoss(_ request: RenderRequest, seed: UInt64, depth: Bool = true) -> ImageGradients {
  var random = RandomStream(seed: seed, purpose: "loss")
  let pixels = request.camera.width * request.camera.height
  func column(_ count: Int) -> [Float] {
    (0..<count).map { _ in Float(random.uniform(in: -1...1)) }
  }
  return ImageGradients(
    colour: column(3 * pixels), alpha: column(pixels), depth: depth ? column(pixels) : [])
}

extension SplatCloud {
  /// The parameters of `ReferenceDerivative`, then the coefficients that are drawn, of one splat.
  func parameter(_ splat: Int, _ number: Int) -> WritableKeyPath<SplatCloud, Float> {
    switch number {
    case 0..<3: \SplatCloud.positions[splat][number]
    case 3..<6: \SplatCloud.logScales[splat][number - 3]
    case 6: \SplatCloud.rotations[splat].w
    case 7: \SplatCloud.rotations[splat].x
    case 8: \SplatCloud.rotations[splat].y
    case 9: \SplatCloud.rotations[splat].z
    case 10: \SplatCloud.opacityLogits[splat]
    case 11..<14: \SplatCloud.sh0[splat][number - 11]
    default: \SplatCloud.shRest[splat * restCoefficientCount * 3 + number - 14]
    }
  }
}

extension ReferenceSplatGradient {
  /// All numbers in the order of `SplatCloud.parameter`.
  var numbers: [Double] {
    (0..<11).map { geometry[$0] } + harmonics.flatMap { [$0.x, $0.y, $0.z] }
  }
}

extension SplatGradients {
  /// All numbers of a splat in the order of `SplatCloud.parameter`.
  func numbers(_ splat: Int) -> [Double] {
    let (p, s, q, c) = (positions[splat], logScales[splat], rotations[splat], sh0[splat])
    let perSplat = positions.isEmpty ? 0 : shRest.count / positions.count
    let rest = shRest[splat * perSplat..<(splat + 1) * perSplat]
    return
      ([p.x, p.y, p.z, s.x, s.y, s.z, q.w, q.x, q.y, q.z, opacityLogits[splat], c.x, c.y, c.z]
      + rest).map(Double.init)
  }
}

@Suite struct `Gradients of the twin` {
  struct Scene: CustomTestStringConvertible {
    var seed: UInt64
    var testDescription: String { "seed \(seed)" }

    /// Few splats, most of them in the picture, degree 0 to 3, quaternions of any length.
    var renderer: ReferenceRenderer {
      ReferenceRenderer(
        randomCloud(seed: 1000 + seed, count: 9, shDegree: Int(seed % 4)),
        isAntialiased: seed % 3 == 1)
    }

    /// Either profile and filter, over a coloured background, exposed.
    var request: RenderRequest {
      var request = tinyRequest(width: 21, height: 14)
      request.profile = seed % 2 == 0 ? .gsplat : .inria
      request.backgroundSRGB = SIMD3(0.9, 0.2, 0.4)
      request.illumination.exposure = 1.25
      request.cameraFromWorld = RigidTransform(
        rotation: Quaternion(angle: 0.1 * Double(seed), axis: SIMD3(0.1, 0.05, 1)),
        translation: SIMD3(0.05, -0.1, 0.3))
      return request
    }
  }

  // The loss is a sum of some thousand doubles below 2, good to 1e-13 or so, and a step is 4e-6:
  // the quotient is good to 1e-7. Over a step of 2e-6 a splat moves by less than 1e-3 of its
  // smallest deviation on the image, which leaves 1e-7 of the largest derivative for the third
  // order. Where a pixel decides otherwise at one end of the step, the step is halved.
  @Test(arguments: (0..<8).map { Scene(seed: $0) })
  func `are the quotients of small differences`(_ scene: Scene) {
    let (renderer, request) = (scene.renderer, scene.request)
    let cloud = renderer.cloud
    let loss = randomLoss(request, seed: scene.seed)
    let gradients = renderer.gradients(request, loss)
    let decisions = renderer.loss(request, loss).decisions
    let seen = cloud.positions.indices.filter { gradients[$0].geometry != .zero }
    #expect(seen.count >= 2)
    for splat in seen {
      let numbers = gradients[splat].numbers
      let largest = max(1, numbers.map(abs).max() ?? 0)
      for (number, expected) in numbers.enumerated() {
        let quotient = quotient(
          renderer, cloud.parameter(splat, number), request, loss, decisions)
        #expect(
          abs(quotient - expected) < 2e-6 * largest,
          "splat \(splat), number \(number): \(quotient) and \(expected)")
      }
    }
  }

  private func quotient(
    _ renderer: ReferenceRenderer, _ parameter: WritableKeyPath<SplatCloud, Float>,
    _ request: RenderRequest, _ loss: ImageGradients, _ decisions: [Int]
  ) -> Double {
    var step: Float = 2e-6 * max(1, abs(renderer.cloud[keyPath: parameter]))
    while true {
      let ends = [-step, step].map { step in
        var moved = renderer
        moved.cloud[keyPath: parameter] += step
        return (at: Double(moved.cloud[keyPath: parameter]), loss: moved.loss(request, loss))
      }
      let distance = ends[1].at - ends[0].at
      guard distance > 0 else { return .nan }  // no step is small enough: the test fails
      if ends.allSatisfy({ $0.loss.decisions == decisions }) {
        return (ends[1].loss.value - ends[0].loss.value) / distance
      }
      step /= 2
    }
  }
}

/// The gradients that the kernels find, from zero.
func gradients(
  _ cloud: SplatCloud, _ request: RenderRequest, _ loss: ImageGradients,
  isAntialiased: Bool = false, threadCount: Int = 1
) -> SplatGradients {
  var gradients = SplatGradients(of: cloud)
  let splats = PackedSplats(cloud, isAntialiased: isAntialiased)
  Renderer(splats: splats, threadCount: threadCount)
    .addGradients(of: request, pixels: loss, cloud: cloud, to: &gradients)
  return gradients
}

@Suite struct `Gradients of kernels and twin` {
  /// The scenes in which the pictures agree, without their meshes.
  static let scenes = (0..<24).map { `Kernels and twin`.Scene(seed: UInt64($0)) }

  // Floats: a splat's gradient is a sum over its pixels of numbers of either sign, each good to
  // some 1e-6, and goes through some fifty operations; needles lose another digit where the
  // covariance is inverted. Measured against the largest of the numbers of one kind in the scene.
  @Test(arguments: scenes)
  func `agree`(_ scene: `Kernels and twin`.Scene) {
    var request = scene.request
    request.meshes = []
    let cloud = scene.cloud
    let loss = randomLoss(request, seed: scene.seed, depth: scene.seed % 2 == 0)
    let slow = ReferenceRenderer(cloud, isAntialiased: scene.isAntialiased)
    expectClose(
      gradients(cloud, request, loss, isAntialiased: scene.isAntialiased),
      slow.gradients(request, loss), cloud)
  }

  @Test func `agree where splats are wider than a region of tiles`() {
    // 10 x 9 tiles in four regions; every third splat touches all of them.
    var cloud = randomCloud(seed: 12, count: 30, shDegree: 1)
    for splat in stride(from: 0, to: 30, by: 3) {
      cloud.positions[splat] = SIMD3(0.1, 0, 1 + Float(splat) / 10)
      cloud.logScales[splat] = SIMD3(0.3, 0.5, -1)
      cloud.opacityLogits[splat] = -2
    }
    let request = tinyRequest(width: 150, height: 139)
    let loss = randomLoss(request, seed: 9)
    let one = gradients(cloud, request, loss)
    expectClose(one, ReferenceRenderer(cloud).gradients(request, loss), cloud)
    #expect(gradients(cloud, request, loss, threadCount: 3) == one)
  }

  private func expectClose(
    _ fast: SplatGradients, _ slow: [ReferenceSplatGradient], _ cloud: SplatCloud
  ) {
    #expect(slow.count { $0.geometry != .zero } > 5)
    for (kind, numbers) in [
      ("position", 0..<3), ("scale", 3..<6), ("rotation", 6..<10), ("opacity", 10..<11),
      ("sh0", 11..<14), ("rest", 14..<(14 + cloud.restCoefficientCount * 3)),
    ] where !numbers.isEmpty {
      var (largest, difference) = (0.0, 0.0)
      for splat in 0..<cloud.count {
        let (left, right) = (fast.numbers(splat), slow[splat].numbers)
        for number in numbers {
          largest = max(largest, abs(right[number]))
          difference = max(difference, abs(left[number] - right[number]))
        }
      }
      #expect(difference < 3e-5 * largest, "\(kind): \(difference / largest)")
    }
  }
}

@Suite struct `Gradients of a cloud` {
  /// A loss that is one channel of one pixel.
  private func loss(_ request: RenderRequest, x: Int, y: Int, channel: Int = 0) -> ImageGradients {
    let (width, height) = (request.camera.width, request.camera.height)
    var colour = [Float](repeating: 0, count: width * height * 3)
    colour[(y * width + x) * 3 + channel] = 1
    return ImageGradients(colour: colour)
  }

  @Test func `are those of the closed form`() {
    // 0.1 m at 2 m is 3.2 pixels; red is 0.6 * 0.8 * exp(-d^2 / (2 * v)), v = 3.2^2 + 0.3, at
    // d = 2 pixels to the right of the centre.
    let cloud = cloud([PlainSplat(opacity: 0.8, colour: SIMD3(0.6, 0.2, 0.1))])
    let request = tinyRequest()
    let found = gradients(cloud, request, loss(request, x: 18, y: 16))
    let sharp = 3.2 * 3.2
    let variance = sharp + 0.3
    let red = 0.6 * 0.8 * exp(-2 / variance)
    func close(_ a: Float, _ b: Double) -> Bool { abs(Double(a) - b) < 1e-5 }
    // One pixel is 2 / 64 m at that depth: the splat moves towards the pixel.
    #expect(close(found.positions[0].x, red * 2 / variance * 32))
    #expect(close(found.positions[0].y, 0))
    // Further away it shrinks: the variance falls as 2 v / z.
    let byVariance = red * 2 / (variance * variance)
    #expect(close(found.positions[0].z, byVariance * -sharp))
    #expect(close(found.logScales[0].x, byVariance * 2 * sharp))
    #expect(close(found.logScales[0].y, 0) && close(found.logScales[0].z, 0))
    #expect(close(found.opacityLogits[0], red * (1 - 0.8)))
    #expect(close(found.sh0[0].x, red / 0.6 * 0.282_094_79))
    #expect(found.sh0[0].y == 0 && found.sh0[0].z == 0)
    // A ball looks the same however it is turned.
    let turn = found.rotations[0]
    #expect(close(turn.w, 0) && close(turn.x, 0) && close(turn.y, 0) && close(turn.z, 0))
  }

  @Test func `are zero where a splat or a channel is not drawn`() {
    let behind = PlainSplat(position: SIMD3(0, 0, -2))
    let aside = PlainSplat(position: SIMD3(50, 0, 2))
    let clear = PlainSplat(opacity: 0.003)
    var dark = PlainSplat(colour: SIMD3(-0.5, 0.5, -0.5))
    dark.position.z = 3
    let opaque = PlainSplat(opacity: 0.9999, colour: SIMD3(0.5, 0.5, 0.5))
    var broken = PlainSplat()
    broken.position.x = .nan
    let cloud = cloud([behind, aside, clear, dark, opaque, broken])
    let request = tinyRequest()
    let all = gradients(cloud, request, randomLoss(request, seed: 1))
    for splat in [0, 1, 2, 5] {
      #expect(all.numbers(splat).allSatisfy { $0 == 0 }, "splat \(splat)")
    }
    // The channels that are cut at zero.
    #expect(all.sh0[3].x == 0 && all.sh0[3].y != 0 && all.sh0[3].z == 0)
    // In the middle the alpha is cut at 0.99: only the colour counts.
    let middle = gradients(cloud, request, loss(request, x: 16, y: 16)).numbers(4)
    #expect(middle[0..<11].allSatisfy { $0 == 0 } && middle[11] > 0)
  }

  @Test func `are the same bytes for any number of threads`() {
    // Enough splats that the order is cut into parts, small and clear, over 12 x 8 tiles.
    var cloud = randomCloud(seed: 5, count: 60_000, shDegree: 1)
    for splat in 0..<cloud.count {
      cloud.logScales[splat] -= 2
      cloud.opacityLogits[splat] = -3.5
    }
    var request = tinyRequest(width: 180, height: 121)
    request.camera.focalLengthPixels = SIMD2(90, 90)
    request.profile = .inria
    let loss = randomLoss(request, seed: 2)
    let one = gradients(cloud, request, loss)
    #expect(one.positions.count { $0 != .zero } > 3 * 16_384)
    for threadCount in 2...3 {
      #expect(gradients(cloud, request, loss, threadCount: threadCount) == one)
    }
  }

  @Test func `add up over pictures, and do not depend on what was drawn before`() {
    let cloud = randomCloud(seed: 8, count: 50, shDegree: 2)
    let first = tinyRequest()
    var second = first
    second.splatBudget = 10
    let losses = (randomLoss(first, seed: 1), randomLoss(second, seed: 2))
    let renderer = Renderer(splats: PackedSplats(cloud))
    var sum = SplatGradients(of: cloud)
    let dropped = renderer.render(second).droppedSplats
    for _ in 0..<2 { renderer.addGradients(of: first, pixels: losses.0, cloud: cloud, to: &sum) }
    renderer.addGradients(of: second, pixels: losses.1, cloud: cloud, to: &sum)
    let (a, b) = (gradients(cloud, first, losses.0), gradients(cloud, second, losses.1))
    for splat in 0..<cloud.count {
      let parts = zip(a.numbers(splat), b.numbers(splat))
      for (found, (left, right)) in zip(sum.numbers(splat), parts) {
        #expect(Float(found) == Float(left) + Float(left) + Float(right))
      }
    }
    // What a budget leaves out has no gradient.
    #expect(!dropped.isEmpty && dropped.contains { a.positions[Int($0)] != .zero })
    #expect(dropped.allSatisfy { b.positions[Int($0)] == .zero && b.sh0[Int($0)] == .zero })
  }

  @Test func `reach degree 3 of a cloud of degree 4, and no further`() {
    var cloud = randomCloud(seed: 3, count: 20, shDegree: 4)
    cloud.instanceIDs = []
    let request = tinyRequest()
    let found = gradients(cloud, request, randomLoss(request, seed: 3))
    var lower = SplatCloud(shDegree: 3)
    (lower.positions, lower.logScales) = (cloud.positions, cloud.logScales)
    (lower.rotations, lower.opacityLogits) = (cloud.rotations, cloud.opacityLogits)
    lower.sh0 = cloud.sh0
    for splat in 0..<20 { lower.shRest += cloud.shRest[(splat * 72)..<(splat * 72 + 45)] }
    let expected = gradients(lower, request, randomLoss(request, seed: 3))
    for splat in 0..<20 {
      #expect(found.numbers(splat) == expected.numbers(splat) + Array(repeating: 0, count: 27))
    }
    #expect(expected.shRest.contains { $0 != 0 })
  }

  @Test func `are finite for splats that are huge, thin, turned by nothing or all there is`() {
    var splats = (0..<4).map { PlainSplat(position: SIMD3(0, 0, Float(2 + $0)), opacity: 0.3) }
    splats[0].deviations = SIMD3(1e8, 1e-6, 1)
    splats[1].deviations = SIMD3(repeating: 1e-12)
    splats[2].rotation = Quaternion(w: 0, x: 0, y: 0, z: 0)
    splats[3].deviations = SIMD3(repeating: 1e6)
    let cloud = cloud(splats)
    let request = tinyRequest()
    for isAntialiased in [false, true] {
      let found = gradients(
        cloud, request, randomLoss(request, seed: 4), isAntialiased: isAntialiased)
      for splat in 0..<4 {
        let isFinite = found.numbers(splat).allSatisfy { $0.isFinite }
        #expect(isFinite, "splat \(splat)")
      }
      #expect(found.rotations[2] == Quaternion(w: 0, x: 0, y: 0, z: 0))
      #expect(found.sh0[2] != .zero)
    }
    let empty = gradients(SplatCloud(shDegree: 0), request, randomLoss(request, seed: 4))
    #expect(empty.positions.isEmpty)
  }
}
