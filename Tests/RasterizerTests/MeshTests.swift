// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Images
import Meshes
import Splats
import Testing

@testable import Rasterizer

@Suite struct `Meshes in a picture` {
  private func request(_ meshes: [MeshInstance]) -> RenderRequest {
    var request = tinyRequest()
    request.meshes = meshes
    request.illumination = plainLight
    return request
  }

  @Test func `are solid, at their depth, in their colour`() {
    let rendering = render([], request([wall(depth: 3)]))
    #expect(rendering.alpha.values.allSatisfy { $0 == 1 })
    // 1e-6: a division and three products of the interpolation, relative.
    #expect(rendering.depth.values.allSatisfy { abs($0 - 3) < 3e-6 })
    #expect(rendering.instances.ids.allSatisfy { $0 == 7 })
    #expect(Array(rendering.colour.bytes[0..<3]) == [0, 0, 255])
  }

  @Test func `shine through a splat in front and hide one behind`() {
    let splat = PlainSplat(opacity: 0.6, instance: 1)
    let behind = render([splat], request([wall(depth: 3)])).pixel()
    #expect(abs(behind.colour.x - 0.6) < 3e-6 && abs(behind.colour.z - 0.4) < 3e-6)
    #expect(abs(behind.depth - (0.6 * 2 + 0.4 * 3)) < 1e-5)
    #expect(behind.alpha == 1 && behind.instance == 1)
    let inFront = render([splat], request([wall(depth: 1)])).pixel()
    #expect(length(inFront.colour - SIMD3(0, 0, 1)) < 1e-5 && inFront.instance == 7)
    // A thin splat leaves most of the light to the mesh, and so its identifier.
    let thin = PlainSplat(opacity: 0.3, instance: 1)
    #expect(render([thin], request([wall(depth: 3)])).pixel().instance == 7)
  }

  @Test func `hide a splat pixel by pixel within a tile`() {
    let splat = PlainSplat(deviations: SIMD3(repeating: 1), opacity: 0.6, instance: 1)
    // The wall's edges lie at 16.5 +- 64 * 0.04 / 1, so it covers x = 14...18 of 33.
    let rendering = render([splat], request([wall(depth: 1, halfSize: 0.04)]))
    #expect(rendering.pixel(16, 16).instance == 7)
    #expect(rendering.pixel(18, 16).instance == 7)
    #expect(rendering.pixel(20, 16).instance == 1)
  }

  @Test func `cover every pixel of a shared edge exactly once`() {
    // A square of 24 x 24 pixels; its diagonal runs through pixel centres, its sides too.
    let corners: [SIMD3<Float>] = [
      SIMD3(-12, -12, 64), SIMD3(12, -12, 64), SIMD3(12, 12, 64), SIMD3(-12, 12, 64),
    ]
    func covered(_ indices: [UInt32]) -> Set<Int> {
      let mesh = PackedMesh(TriangleMesh(positions: corners, indices: indices))
      let rendering = render(
        [], request([MeshInstance(mesh: mesh, worldFromMesh: .identity, instanceID: 1)]))
      return Set(rendering.instances.ids.indices.filter { rendering.instances.ids[$0] == 1 })
    }
    for winding in [[0, 1, 2, 0, 2, 3], [0, 2, 1, 0, 3, 2], [1, 2, 3, 1, 3, 0]] as [[UInt32]] {
      let first = covered(Array(winding[0..<3]))
      let second = covered(Array(winding[3..<6]))
      #expect(first.isDisjoint(with: second))
      // Sides at 4.5 and 28.5: the centres on the left and top side belong, the others do not.
      #expect(first.union(second).count == 24 * 24)
      #expect(first.union(second).contains(4 * 33 + 4))
    }
  }

  @Test func `take the light of sky and sun by Lambert's law`() {
    var request = request([wall(depth: 3)])
    // Linear: 1, 0.2140 and 0.0508761.
    request.meshes[0].colourSRGB = SIMD3(1, 0.5, 0.25)
    func shows(_ light: Double) -> Bool {
      let linear = [1, 0.5, 0.25].map { SRGB.exactEncode(SRGB.exactDecode($0) * light) }
      let colour = render([], request).pixel().colour
      return length(SIMD3<Double>(colour) - SIMD3(linear[0], linear[1], linear[2])) < 1e-5
    }
    request.illumination = Illumination(
      sky: EnvironmentLight(uniform: SIMD3(repeating: 0.2)), sunDirection: SIMD3(0, 0, -2),
      sun: SIMD3(repeating: 0.6))
    #expect(shows(0.2 + 0.6))
    // Tilted by 60 degrees.
    request.illumination.sunDirection = SIMD3(Float(3).squareRoot(), 0, -1)
    #expect(shows(0.2 + 0.6 / 2))
    // Lit from behind, and without a sun: the sky alone.
    request.illumination.sunDirection = SIMD3(0, 0, 1)
    #expect(shows(0.2))
    request.illumination.sunDirection = .zero
    #expect(shows(0.2))
  }

  @Test func `show 1 where all is white, whatever they are made of`() {
    var request = request([wall(depth: 3)])
    request.meshes[0].colourSRGB = SIMD3(1, 1, 1)
    request.illumination = plainLight
    for (metallic, roughness) in [(0, 0), (0, 0.5), (0, 1)] as [(Float, Float)] {
      request.meshes[0].material = MeshMaterial()
      request.meshes[0].material.metallic = metallic
      request.meshes[0].material.roughness = roughness
      let colour = render([], request).pixel().colour
      #expect(abs(colour.x - 1) < 1e-5, "\(metallic) \(roughness): \(colour)")
    }
    // A metal has no matt part to make up for what Karis' curve leaves out.
    request.meshes[0].material.metallic = 1
    request.meshes[0].material.roughness = 0
    #expect(abs(render([], request).pixel().colour.x - 1) < 0.03)
  }

  @Test func `mirror the sky where they are metal`() {
    // Light from behind the camera alone: 1 + the cosine with -z; a mirror that faces it shows 2.
    var coefficients = [SIMD3<Float>](repeating: .zero, count: 9)
    coefficients[0] = SIMD3(repeating: 0.25 / Float(SphericalHarmonics.c0))
    coefficients[2] = SIMD3(repeating: -0.25 / 0.488_602_5)
    var request = request([wall(depth: 3)])
    request.illumination = Illumination(
      sky: EnvironmentLight(coefficients: coefficients), sunDirection: .zero)
    request.meshes[0].colourSRGB = SIMD3(1, 1, 1)
    request.meshes[0].material = MeshMaterial()
    request.meshes[0].material.metallic = 1
    request.meshes[0].material.roughness = 0
    #expect(abs(Double(render([], request).pixel().colour.x) - SRGB.exactEncode(0.5)) < 0.01)
    // Matt it gathers 0.25 + 2/3 x 0.25.
    request.meshes[0].material = .matt
    #expect(
      abs(Double(render([], request).pixel().colour.x) - SRGB.exactEncode(0.25 * 5 / 3)) < 1e-4)
  }

  @Test func `look alike from both sides of a sheet, and mirrored`() {
    var request = request([wall(depth: 3)])
    request.illumination = Illumination(
      sky: EnvironmentLight(uniform: .zero), sunDirection: SIMD3(0, 0, -1),
      sun: SIMD3(repeating: 1))
    let front = render([], request)
    request.meshes[0].worldFromMesh.rotation = Quaternion(angle: .pi, axis: SIMD3(0, 1, 0))
    #expect(abs(render([], request).pixel().colour.z - front.pixel().colour.z) < 1e-6)
    request.meshes[0].worldFromMesh.rotation = .identity
    request.meshes[0].scale = SIMD3(-1, 1, 1)
    #expect(abs(render([], request).pixel().colour.z - front.pixel().colour.z) < 1e-6)
  }

  @Test func `survive corners behind the camera and far off the image`() {
    // A floor 1 m below the camera, 2 km to each side: it fills the image below the horizon.
    let s: Float = 2000
    let floor = TriangleMesh(
      positions: [SIMD3(-s, 1, -s), SIMD3(s, 1, -s), SIMD3(s, 1, s), SIMD3(-s, 1, s)],
      indices: [0, 1, 2, 0, 2, 3])
    let instance = MeshInstance(
      mesh: PackedMesh(floor), worldFromMesh: .identity, instanceID: 3)
    let rendering = render([], request([instance]))
    #expect(rendering.pixel(16, 15).instance == 0)
    // The row of centre 20.5 looks down by 4 / 64: it meets the floor at 16 m. There a pixel is
    // 4 m of floor, and corners are rounded by up to 1/512 pixel.
    #expect(abs(rendering.pixel(3, 20).depth - 16) < 4.0 / 512)
    #expect(rendering.pixel(32, 32).instance == 3)
  }

  @Test func `show the nearer of two, and the earlier of two equally deep`() {
    let near = wall(depth: 2, instanceID: 1)
    let far = wall(depth: 3, instanceID: 2)
    #expect(render([], request([far, near])).pixel().instance == 1)
    let twin = wall(depth: 2, instanceID: 5)
    #expect(render([], request([twin, near])).pixel().instance == 5)
  }

  @Test func `may be scaled by factors whose product is no float`() {
    var tiny = request([wall(depth: 3, halfSize: 5e15)])
    tiny.meshes[0].scale = SIMD3(repeating: 1e-15)
    let rendering = render([], tiny)
    #expect(rendering.instances.ids.allSatisfy { $0 == 7 })
    #expect(rendering.depth.values.allSatisfy { abs($0 - 3) < 1e-5 })
  }

  @Test func `lose the triangles whose corners are not finite`() {
    var mesh = cube()
    mesh.positions[0].x = .nan
    // Corner 0 belongs to six of the twelve triangles.
    #expect(PackedMesh(mesh).mesh.triangleCount == 6)
    #expect(PackedMesh(mesh).bounds.maximum == SIMD3(0.5, 0.5, 0.5))
  }
}
