// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Images
import Meshes
import Splats
import Testing

@testable import Rasterizer

/// A plane of flat, opaque splats, seen by a camera with 500 pixels focal length.
private struct TiledPlane {
  /// Where the camera's axis meets the plane, metres.
  var distance: Double
  /// Between the plane's normal and the camera's axis, radians.
  var tilt: Double
  /// Between the centres of neighbours, metres.
  var spacing: Double
  /// In the plane, metres.
  var deviation: Float

  /// From the plane's frame, z its normal, to the world, which is the camera's frame.
  var worldFromPlane: RigidTransform {
    RigidTransform(
      rotation: Quaternion(angle: tilt, axis: SIMD3(1, 0, 0)),
      translation: SIMD3(0, 0, distance))
  }

  /// The splats of a square of `2 * reach + 1` columns and rows around the axis.
  func cloud(reach: Int) -> SplatCloud {
    let q = worldFromPlane.rotation
    let rotation = Quaternion<Float>(w: Float(q.w), x: Float(q.x), y: Float(q.y), z: Float(q.z))
    var splats: [PlainSplat] = []
    for row in -reach...reach {
      for column in -reach...reach {
        let point = worldFromPlane * SIMD3(spacing * Double(column), spacing * Double(row), 0)
        splats.append(
          PlainSplat(
            position: SIMD3<Float>(point), deviations: SIMD3(deviation, deviation, 1e-5),
            rotation: rotation, opacity: 0.9, instance: 1))
      }
    }
    return RasterizerTests.cloud(splats)
  }

  func request(width: Int = 40, height: Int = 40) -> RenderRequest {
    var request = tinyRequest(width: width, height: height)
    request.camera.focalLengthPixels = SIMD2(500, 500)
    request.illumination = plainLight
    return request
  }

  /// The depth of the plane at a pixel's centre, metres.
  func depth(x: Int, y: Int, _ camera: Camera) -> Double {
    let pixel = SIMD2(Double(x) + 0.5, Double(y) + 0.5)
    let slope = (pixel - camera.principalPoint) / camera.focalLengthPixels
    let normal = worldFromPlane.rotation.rotate(SIMD3<Double>(0, 0, 1))
    return dot(normal, worldFromPlane.translation) / dot(normal, SIMD3(slope.x, slope.y, 1))
  }
}

@Suite struct `Flat splats of a slanted plane` {
  @Test(arguments: [SplatProfile.gsplat, .inria])
  func `give the plane's depth at every pixel`(_ profile: SplatProfile) {
    // Surfels 1 cm wide, at half a metre and 60 degrees: 5 x 2.5 pixels of deviation.
    let plane = TiledPlane(
      distance: 0.5, tilt: 60.0.radiansFromDegrees, spacing: 0.005, deviation: 0.005)
    var request = plane.request()
    request.profile = profile
    let rendering = Renderer(splats: PackedSplats(plane.cloud(reach: 12))).render(request)
    #expect(rendering.alpha.values.allSatisfy { $0 > 0.999 })
    for y in 0..<40 {
      for x in 0..<40 {
        let found = Double(rendering.depth.values[y * 40 + x])
        // The centres that a pixel sees lie up to 12 mm before and behind it.
        #expect(abs(found - plane.depth(x: x, y: y, request.camera)) < 1e-4)
      }
    }
  }

  @Test func `are hidden by a plate 3 mm above them`() {
    let plane = TiledPlane(
      distance: 0.5, tilt: 60.0.radiansFromDegrees, spacing: 0.005, deviation: 0.005)
    var request = plane.request()
    var plate = wall(depth: 0, halfSize: 1)
    // The plane's normal points away from the camera.
    plate.worldFromMesh =
      plane.worldFromPlane * RigidTransform(translation: SIMD3(0, 0, -0.003))
    request.meshes = [plate]
    let splats = plane.cloud(reach: 12)
    let rendering = Renderer(splats: PackedSplats(splats)).render(request)
    #expect(rendering.instances.ids.allSatisfy { $0 == 7 })
    #expect(
      rendering.floatColour == Renderer(splats: PackedSplats(cloud([]))).render(request).floatColour
    )
    // And from 3 mm below they hide it.
    request.meshes[0].worldFromMesh =
      plane.worldFromPlane * RigidTransform(translation: SIMD3(0, 0, 0.003))
    let above = Renderer(splats: PackedSplats(splats)).render(request)
    #expect(above.instances.ids.allSatisfy { $0 == 1 })
  }

  @Test func `keep their depth near the centre's when seen edge-on`() {
    let plane = TiledPlane(distance: 0.5, tilt: .pi / 2, spacing: 0.1, deviation: 0.005)
    var request = plane.request()
    // A wall 5.1 deviations before the centre hides the splat, one behind does not.
    for (offset, instance) in [(-0.026, 7), (0.026, 1)] as [(Double, UInt32)] {
      request.meshes = [wall(depth: 0.5 + offset)]
      let rendering = Renderer(splats: PackedSplats(plane.cloud(reach: 0))).render(request)
      let seen = rendering.instances.ids.contains(1)
      #expect(seen == (instance == 1))
    }
    request.meshes = []
    let depth = Renderer(splats: PackedSplats(plane.cloud(reach: 0))).render(request).depth
    #expect(depth.values.allSatisfy { $0 == 0 || abs($0 - 0.5) < 0.026 })
  }

  @Test func `agree with the twin from any side`() {
    for tilt in stride(from: 0.0, through: 1.6, by: 0.2) {
      let plane = TiledPlane(distance: 0.3, tilt: tilt, spacing: 0.02, deviation: 0.008)
      var request = plane.request(width: 24, height: 24)
      request.meshes = [wall(depth: 0.3, halfSize: 0.005)]
      let cloud = plane.cloud(reach: 1)
      let difference = Difference(
        Renderer(splats: PackedSplats(cloud)).render(request),
        ReferenceRenderer(cloud).render(request))
      #expect(difference.mean < 1e-6)
      #expect(difference.differentLabels == 0)
    }
  }
}
