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
    var cloud: SplatCloud { randomCloud(seed: 1000 + seed, count: 9, shDegree: Int(seed % 4)) }

    /// Either profile and filter, over a coloured background, exposed.
    var request: RenderRequest {
      var request = tinyRequest(width: 21, height: 14)
      request.profile = seed % 2 == 0 ? .gsplat : .inria
      request.isAntialiased = seed % 3 == 1
      request.backgroundSRGB = SIMD3(0.9, 0.2, 0.4)
      request.illumination.exposure = 1.25
      request.cameraFromWorld = RigidTransform(
        rotation: Quaternion(angle: 0.1 * Double(seed), axis: SIMD3(0.1, 0.05, 1)),
        translation: SIMD3(0.05, -0.1, 0.3))
      return request
    }
  }

  // The loss is a sum of some thousand doubles below 2, good to 1e-13 or so, and a step is 4e-6: the
  // quotient is good to 1e-7. Over a step of 2e-6 a splat moves by less than 1e-3 of its smallest
  // deviation on the image, which leaves 1e-7 of the largest derivative for the third order. Where a
  // pixel decides otherwise at one end of the step, the step is halved.
  @Test(arguments: (0..<8).map { Scene(seed: $0) })
  func `are the quotients of small differences`(_ scene: Scene) {
    let (cloud, request) = (scene.cloud, scene.request)
    let loss = randomLoss(request, seed: scene.seed)
    let gradients = ReferenceRenderer(cloud).gradients(request, loss)
    let decisions = ReferenceRenderer(cloud).loss(request, loss).decisions
    let seen = cloud.positions.indices.filter { gradients[$0].geometry != .zero }
    #expect(seen.count >= 2)
    for splat in seen {
      let numbers = gradients[splat].numbers
      let largest = max(1, numbers.map(abs).max() ?? 0)
      for (number, expected) in numbers.enumerated() {
        let quotient = quotient(cloud, cloud.parameter(splat, number), request, loss, decisions)
        #expect(
          abs(quotient - expected) < 2e-6 * largest,
          "splat \(splat), number \(number): \(quotient) and \(expected)")
      }
    }
  }

  private func quotient(
    _ cloud: SplatCloud, _ parameter: WritableKeyPath<SplatCloud, Float>,
    _ request: RenderRequest, _ loss: ImageGradients, _ decisions: [Int]
  ) -> Double {
    var step: Float = 2e-6 * max(1, abs(cloud[keyPath: parameter]))
    while true {
      let ends = [-step, step].map { step in
        var moved = ReferenceRenderer(cloud)
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
  _ cloud: SplatCloud, _ request: RenderRequest, _ loss: ImageGradients, threadCount: Int = 1
) -> SplatGradients {
  var gradients = SplatGradients(of: cloud)
  Renderer(splats: PackedSplats(cloud), threadCount: threadCount)
    .addGradients(of: request, pixels: loss, cloud: cloud, to: &gradients)
  return gradients
}

@Suite struct `Gradients of kernels and twin` {
  /// The scenes in which the pictures agree, without their meshes.
  static let scenes = (0..<24).map { `Kernels and twin`.Scene(seed: UInt64($0)) }

  // Floats: a splat's gradient is a sum over its pixels of numbers of either sign, each good to some
  // 1e-6, and goes through some fifty operations; needles lose another digit where the covariance
  // is inverted. Measured against the largest of the numbers of one kind in the scene.
  @Test(arguments: scenes)
  func `agree`(_ scene: `Kernels and twin`.Scene) {
    var request = scene.request
    request.meshes = []
    let cloud = scene.cloud
    let loss = randomLoss(request, seed: scene.seed, depth: scene.seed % 2 == 0)
    let fast = gradients(cloud, request, loss)
    let slow = ReferenceRenderer(cloud).gradients(request, loss)
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
