// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Images
import Splats
import Testing

@testable import Rasterizer

@Suite struct `Scenes for gsplat` {
  /// `.ci/checks/25-gsplat.sh` names a folder, for gsplat's own code to judge.
  @Test(.enabled(if: keptFolder != nil, "DIORAMA_KEEP_SCENES names no folder"))
  func `are left for another renderer to judge`() throws {
    let folder = URL(fileURLWithPath: try #require(keptFolder))
    for seed in 0..<32 {
      let scene = JudgedScene(seed: UInt64(seed))
      try JSONSerialization.data(withJSONObject: scene.json)
        .write(to: folder.appending(path: "scene-\(seed).json"))
    }
  }
}

private let keptFolder = ProcessInfo.processInfo.environment["DIORAMA_KEEP_SCENES"]

/// A seeded scene with all that the kernels make of it: degree 0 to 3, with and without
/// antialiasing, the axis in the middle of the image and out of it, needles in every fifth.
private struct JudgedScene {
  var seed: UInt64

  private var isAntialiased: Bool { seed / 4 % 2 == 1 }

  private var cloud: SplatCloud {
    var cloud = randomCloud(seed: 1000 + seed, count: 300, shDegree: Int(seed % 4))
    if seed % 5 == 4 {
      for index in 0..<100 { cloud.logScales[index] = SIMD3(0.2, -6, -7) }
    }
    return cloud
  }

  private var request: RenderRequest {
    var request = tinyRequest(width: 56, height: 45)
    request.camera =
      seed % 3 == 0
      ? Camera(
        width: 56, height: 45, focalLengthPixels: SIMD2(40, 55),
        principalPoint: SIMD2(9.3, 38.8))
      : request.camera
    request.backgroundSRGB = SIMD3(0.1, 0.2, 0.3)
    request.cameraFromWorld = RigidTransform(
      rotation: Quaternion(angle: 0.2 * Double(seed), axis: SIMD3(0.1, 0.05, 1)),
      translation: SIMD3(0.05, -0.1, 0.02 * Double(seed % 24)))
    request.outputs = [.floatColour]
    return request
  }

  var json: [String: Any] {
    let (cloud, request) = (cloud, request)
    let renderer = Renderer(splats: PackedSplats(cloud, isAntialiased: isAntialiased))
    let rendering = renderer.render(request)
    let camera = request.camera
    let turn = request.cameraFromWorld.rotation.normalized.matrix
    return [
      "seed": Int(seed), "degree": cloud.shDegree, "antialiased": isAntialiased,
      "width": camera.width, "height": camera.height, "near": camera.near, "far": camera.far,
      "focal": numbers(camera.focalLengthPixels), "principal": numbers(camera.principalPoint),
      "rotationColumns": rows([turn.column0, turn.column1, turn.column2]),
      "translation": numbers(request.cameraFromWorld.translation),
      "background": numbers(request.backgroundSRGB),
      "cloud": [
        "positions": rows(cloud.positions),
        "logScales": rows(cloud.logScales),
        "rotations": rows(cloud.rotations.map { SIMD4($0.w, $0.x, $0.y, $0.z) }),
        "opacityLogits": column(cloud.opacityLogits),
        "sh0": rows(cloud.sh0), "shRest": column(cloud.shRest),
      ],
      "seen": renderer.frame.seenSplats.map(\.json),
      "picture": [
        "colour": column(rendering.floatColour),
        "alpha": column(rendering.alpha.values),
      ],
    ]
  }
}

extension SeenSplat {
  fileprivate var json: [String: Any] {
    [
      "source": source, "mean": numbers(mean), "conic": numbers(conic), "depth": Double(depth),
      "opacity": Double(opacity), "colour": numbers(colour),
    ]
  }
}

private func numbers<V: SIMD>(_ vector: V) -> [Double] where V.Scalar: BinaryFloatingPoint {
  vector.indices.map { Double(vector[$0]) }
}

private func rows<V: SIMD>(_ vectors: [V]) -> [[Double]] where V.Scalar: BinaryFloatingPoint {
  vectors.map { numbers($0) }
}

private func column(_ values: [Float]) -> [Double] { values.map { Double($0) } }
