// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Images
import Meshes
import Splats
import Testing

@testable import Rasterizer

/// A wall that a texture covers once, its first row at the top of the picture.
private func wall(_ texture: MeshTexture, depth: Double, halfSize: Float) -> MeshInstance {
  var mesh = wall(depth: depth, halfSize: halfSize).mesh.mesh
  mesh.colourSRGB = SIMD3(1, 1, 1)
  mesh.texture = texture
  mesh.textureCoordinates = [SIMD2(0, 0), SIMD2(1, 0), SIMD2(1, 1), SIMD2(0, 1)]
  var instance = MeshInstance(
    mesh: PackedMesh(mesh), worldFromMesh: RigidTransform(translation: SIMD3(0, 0, depth)),
    instanceID: 1)
  instance.material = .matt
  return instance
}

private func image(_ width: Int, _ pixels: [SIMD3<UInt8>]) -> RGBImage {
  RGBImage(
    width: width, height: pixels.count / width, bytes: pixels.flatMap { [$0.x, $0.y, $0.z] })
}

private let red = SIMD3<UInt8>(255, 0, 0)
private let green = SIMD3<UInt8>(0, 255, 0)
private let blue = SIMD3<UInt8>(0, 0, 255)
private let white = SIMD3<UInt8>(255, 255, 255)
private let black = SIMD3<UInt8>(0, 0, 0)

@Suite struct `A texture` {
  /// The colour of a wall, by rays or not; the camera's focal length is half the width.
  private func colours(
    _ instance: MeshInstance, byRays: Bool, width: Int = 64
  ) -> (_ x: Int, _ y: Int) -> SIMD3<UInt8> {
    var request = tinyRequest(width: width, height: width)
    request.camera = Camera(
      width: width, height: width, focalLengthPixels: SIMD2(repeating: Double(width) / 2),
      principalPoint: SIMD2(repeating: Double(width) / 2))
    request.profile = byRays ? .gut : .gsplat
    request.illumination = plainLight
    request.meshes = [instance]
    let bytes = Renderer(splats: PackedSplats(cloud([]))).render(request).colour.bytes
    return { x, y in
      let at = 3 * (y * width + x)
      return SIMD3(bytes[at], bytes[at + 1], bytes[at + 2])
    }
  }

  @Test(arguments: [false, true]) func `has its first row at v = 0`(byRays: Bool) {
    // The wall fills the picture: a quarter of it is a texel, whose middle has only its colour.
    let texture = MeshTexture(
      image(2, [red, green, blue, white]), wrapU: .clamped, wrapV: .clamped)
    let colour = colours(wall(texture, depth: 1, halfSize: 1), byRays: byRays)
    #expect(colour(2, 2) == red && colour(61, 2) == green)
    #expect(colour(2, 61) == blue && colour(61, 61) == white)
  }

  @Test(arguments: [false, true]) func `is mixed in linear light far away`(byRays: Bool) {
    let board = (0..<64 * 64).map { ($0 / 64 + $0) % 2 == 0 ? white : black }
    // 64 texels on 8 pixels.
    let texture = MeshTexture(image(64, board))
    let colour = colours(wall(texture, depth: 8, halfSize: 1), byRays: byRays)
    // Half the light is 188 in sRGB; half of 255 would be 128.
    #expect(colour(31, 31) == SIMD3(188, 188, 188))
    // A texel a pixel is seen as it is: the pixels' centres are the texels'. By rays in the middle,
    // where the angle between two of them is that between their neighbours.
    let near = colours(wall(texture, depth: 1, halfSize: 1), byRays: byRays)
    #expect(near(31, 31) == white && near(32, 31) == black && near(32, 32) == white)
  }

  @Test func `goes on beyond its edges as it is told`() {
    func row(_ wrap: MeshTexture.Wrap) -> [SIMD3<UInt8>] {
      var mesh = wall(
        MeshTexture(image(2, [red, green]), wrapU: wrap), depth: 1, halfSize: 1
      ).mesh.mesh
      // Six texels from -2 to 4.
      mesh.textureCoordinates = mesh.textureCoordinates.map { SIMD2(3 * $0.x - 1, $0.y) }
      var instance = MeshInstance(
        mesh: PackedMesh(mesh), worldFromMesh: RigidTransform(translation: SIMD3(0, 0, 1)),
        instanceID: 1)
      instance.material = .matt
      let colour = colours(instance, byRays: false, width: 66)
      // Eleven pixels a texel; the sixth has its centre in the middle.
      return (0..<6).map { colour(11 * $0 + 5, 33) }
    }
    #expect(row(.repeated) == [red, green, red, green, red, green])
    #expect(row(.clamped) == [red, red, red, green, green, green])
    #expect(row(.mirrored) == [green, red, red, green, green, red])
  }

  @Test func `is multiplied by the mesh's colour and by the instance's`() {
    var instance = wall(MeshTexture(image(1, [white])), depth: 1, halfSize: 1)
    instance.colourSRGB = SIMD3(0.5, 1, 0)
    #expect(colours(instance, byRays: false)(9, 9) == SIMD3(128, 255, 0))
  }

  @Test func `may lie anywhere, and nowhere`() {
    var mesh = painted(soup(seed: 1, count: 40), seed: 2)
    let values: [Float] = [0, -0.0, 1e-30, -1e-9, 3e8, -1e20, 3e38, .nan, .infinity]
    for index in mesh.textureCoordinates.indices {
      mesh.textureCoordinates[index] = SIMD2(values[index % 7], values[index / 7 % 7])
    }
    mesh.textureCoordinates[0].x = .nan
    mesh.textureCoordinates[3].y = .infinity
    let packed = PackedMesh(mesh)
    // The triangles with a corner nowhere are not there.
    #expect(packed.mesh.triangleCount == 38)
    for profile in [SplatProfile.gsplat, .gut] {
      var request = tinyRequest(width: 61, height: 47)
      request.profile = profile
      request.meshes = [MeshInstance(mesh: packed, worldFromMesh: .identity, instanceID: 1)]
      let rendering = Renderer(splats: PackedSplats(cloud([]))).render(request)
      #expect(rendering.floatColour.allSatisfy { $0 >= 0 && $0 <= 4 })
    }
  }
}

@Suite struct `A mesh that is cut out` {
  /// The left half of a wall is there, its alpha falling from 1 to 0 between the middles of the
  /// texels; another wall stands behind it.
  @Test(arguments: [SplatProfile.gsplat, .gut], [0.5, 0.25, 1.0])
  func `is seen, has depth and labels only where it is`(profile: SplatProfile, threshold: Double) {
    var texture = MeshTexture(image(2, [red, green]), wrapU: .clamped, wrapV: .clamped)
    texture.cutout = MeshTexture.Cutout(alpha: [255, 0], threshold: Float(threshold))
    var behind = RasterizerTests.wall(depth: 2, halfSize: 3, instanceID: 2)
    behind.material = .matt
    var request = tinyRequest(width: 64, height: 64)
    request.profile = profile
    request.camera = Camera(
      width: 64, height: 64, focalLengthPixels: SIMD2(32, 32), principalPoint: SIMD2(32, 32))
    request.meshes = [wall(texture, depth: 1, halfSize: 1), behind]
    let picture = Renderer(splats: PackedSplats(cloud([]))).render(request)
    // Over u from 1/4 to 3/4, columns 16 to 48, alpha falls from 1 to 0.
    let edge = 16 + 32 * (1 - threshold)
    for column in 0..<64 where abs(Double(column) + 0.5 - edge) > 0.1 {
      let pixel = 20 * 64 + column
      let isThere = Double(column) + 0.5 < edge
      #expect(picture.instances.ids[pixel] == (isThere ? 1 : 2), "\(column)")
      #expect(abs(picture.depth.values[pixel] - (isThere ? 1 : 2)) < 1e-4)
      #expect(picture.owners.ids[pixel] == (isThere ? 2 : 3))
    }
  }

  @Test(arguments: [0.25, 0.5]) func `throws the shadow of what is there`(height: Double) {
    var texture = MeshTexture(image(2, [white, white]), wrapU: .clamped, wrapV: .clamped)
    texture.cutout = MeshTexture.Cutout(alpha: [255, 0], threshold: 0.5)
    var plate = wall(texture, depth: height, halfSize: 0.4)
    plate.worldFromMesh.rotation = Quaternion(angle: .pi, axis: SIMD3(1, 0, 0))
    var floor = RasterizerTests.wall(depth: 0, halfSize: 1)
    floor.worldFromMesh.rotation = plate.worldFromMesh.rotation
    floor.colourSRGB = SIMD3(1, 1, 1)
    var request = tinyRequest(width: 97, height: 97)
    // From below the floor nothing of the plate is in the way: looks up through its back side.
    request.cameraFromWorld = RigidTransform(
      rotation: Quaternion(angle: .pi, axis: SIMD3(1, 0, 0)), translation: SIMD3(0, 0, 3))
    request.illumination = Illumination(
      sky: EnvironmentLight(uniform: .zero), sunDirection: SIMD3(0, 1, 1), sun: SIMD3(1, 1, 1))
    request.hasShadows = true
    request.meshes = [floor, plate]
    let picture = Renderer(splats: PackedSplats(cloud([]))).render(request)
    // The sun stands in the north: the shadow lies as far to the south as the plate is high.
    func red(_ x: Double, _ y: Double) -> Float {
      let (column, row) = (Int(48.5 + 64 * x / 3), Int(48.5 - 64 * y / 3))
      return picture.floatColour[3 * (row * 97 + column)]
    }
    let y = -0.42 - height / 2
    #expect(red(-0.2, y) < 1e-3 && red(-0.05, y) < 1e-3)
    #expect(red(0.06, y) > 0.3 && red(0.2, y) > 0.3)
  }
}

@Suite struct `A texture's levels` {
  @Test func `halve down to one texel, the mean of all`() {
    for (width, height) in [(1, 1), (7, 5), (8, 1), (3, 16)] {
      let picture = noise(seed: 3, width: width, height: height)
      let packed = PackedTexture(MeshTexture(picture))
      let count = packed.firstTexels.count
      // A level for each time that the longer side can be halved.
      #expect(1 << (count - 1) <= max(width, height) && 1 << count > max(width, height))
      for channel in 0..<3 {
        let light = stride(from: channel, to: picture.bytes.count, by: 3).map {
          SRGB.exactDecode(Double(picture.bytes[$0]) / 255)
        }
        let mean = light.reduce(0, +) / Double(light.count)
        let last = packed.words.suffix(2).map { $0 }
        let found = [last[0] & 0xFFFF, last[0] >> 16, last[1] & 0xFFFF][channel]
        #expect(abs(Double(found) / 65_535 - mean) < 1 / 65_535.0)
      }
    }
  }
}

extension PackedTexture {
  fileprivate var words: [UInt32] {
    (0..<texels.count).map { unsafe texels.pointer[$0] }
  }
}

@Suite struct `Textured meshes` {
  @Test func `give the same bytes on any number of threads`() {
    var request = tinyRequest(width: 120, height: 90)
    request.meshes = [
      MeshInstance(
        mesh: PackedMesh(painted(.sphere(radius: 0.5), seed: 1)),
        worldFromMesh: RigidTransform(translation: SIMD3(0, 0, 1)), instanceID: 1)
    ]
    for profile in [SplatProfile.gsplat, .gut] {
      request.profile = profile
      let one = Renderer(splats: PackedSplats(cloud([]))).render(request)
      for threadCount in 2...3 {
        let renderer = Renderer(splats: PackedSplats(cloud([])), threadCount: threadCount)
        #expect(renderer.render(request) == one)
      }
    }
  }
}
