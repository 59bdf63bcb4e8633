// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Images
import Meshes
import Randomness
import Splats
import Testing

@testable import Rasterizer

/// Draws meshes alone, in plain light.
private func render(_ meshes: [MeshInstance], _ asked: RenderRequest) -> Rendering {
  var request = asked
  request.meshes = meshes
  request.illumination = plainLight
  request.outputs = .all
  return Renderer(splats: PackedSplats(cloud([]))).render(request)
}

@Suite struct `Meshes along rays and twin` {
  struct Scene: CustomTestStringConvertible {
    var rays: `Rays and twin`.Scene
    var testDescription: String { rays.testDescription }

    /// The splats, the lens and the shutter of `Rays and twin`, with triangles of all sizes all
    /// around the eye, some of which move.
    var request: RenderRequest {
      var request = rays.request
      var random = RandomStream(seed: rays.seed, purpose: "meshes all around")
      let isWide = !request.camera.lens.measuresDepthAlongAxis
      let turn = Quaternion<Double>(
        angle: random.uniform(in: -3...3), axis: SIMD3(0.3, 1, 0.2))
      request.meshes = [
        MeshInstance(
          mesh: PackedMesh(soup(seed: rays.seed, count: 24)), worldFromMesh: .identity,
          instanceID: 20)
      ]
      for var mesh in randomMeshes(seed: rays.seed) {
        if isWide { mesh.worldFromMesh = RigidTransform(rotation: turn) * mesh.worldFromMesh }
        request.meshes.append(mesh)
      }
      guard let lines = request.linePoses else { return request }
      for index in 1...2 {
        request.meshes[index].linePoses = lines.cameraFromWorld.indices.map { line in
          let t = Double(line) / Double(lines.cameraFromWorld.count) - 0.5
          let motion = RigidTransform(
            rotation: Quaternion(angle: 0.5 * t, axis: SIMD3(1, Double(index), 0)),
            translation: SIMD3(0.4, 0.2, -0.3) * t)
          return request.meshes[index].worldFromMesh * motion
        }
      }
      return request
    }
  }

  // As `Mesh kernels and twin`: floats here, doubles there, and nothing is snapped. A pixel whose
  // ray passes an edge at less than 1e-6 of its distance may be met here and not there.
  @Test(arguments: (0..<48).map { Scene(rays: `Rays and twin`.Scene(seed: UInt64($0))) })
  func `agree`(_ scene: Scene) {
    let request = scene.request
    let difference = Difference(
      Renderer(splats: PackedSplats(scene.rays.cloud), threadCount: 2).render(request),
      ReferenceRenderer(scene.rays.cloud).render(request))
    #expect(difference.differentPixels == 0)
    #expect(difference.mean < 2e-6)
  }

  @Test func `give the same bytes for any thread count and any past`() {
    let requests = (0..<6).map { Scene(rays: `Rays and twin`.Scene(seed: UInt64($0))).request }
    let packed = PackedSplats(randomCloud(seed: 1, count: 60, shDegree: 0))
    let alone = requests.map { Renderer(splats: packed).render($0) }
    for threadCount in 1...3 {
      let renderer = Renderer(splats: packed, threadCount: threadCount)
      for (request, expected) in zip(requests + requests.reversed(), alone + alone.reversed()) {
        #expect(renderer.render(request) == expected)
        // The second picture of a camera that stands still comes from memory in part.
        #expect(renderer.render(request) == expected)
      }
    }
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func `show a pinhole what its own triangles show`(seed: UInt64) {
    var request = tinyRequest(width: 120, height: 90)
    let meshes = randomMeshes(seed: seed)
    let snapped = render(meshes, request)
    request.profile = .gut
    let seen = render(meshes, request)
    // Corners move by up to 1/512 pixel when they are snapped: of some 400 pixels at edges the
    // centre of one or two lies in between.
    let moved = snapped.instances.ids.indices.filter {
      snapped.owners.ids[$0] != seen.owners.ids[$0]
    }
    #expect(moved.count <= 4)
    var worst: Float = 0
    for (pixel, depth) in seen.depth.values.enumerated() where !moved.contains(pixel) {
      worst = max(worst, abs(depth - snapped.depth.values[pixel]) / max(depth, 1e-3))
    }
    // A step of 1/512 pixel on a face seen at a slope of 60.
    #expect(worst < 3e-3)
  }
}

@Suite struct `A mesh through a lens` {
  private let fisheye = Camera(
    width: 101, height: 101, focalLengthPixels: SIMD2(20, 20), principalPoint: SIMD2(50.5, 50.5),
    lens: .fisheye(FisheyeLens()))

  private func seen(_ mesh: MeshInstance, _ camera: Camera) -> Rendering {
    render([mesh], RenderRequest(camera: camera, cameraFromWorld: .identity))
  }

  @Test func `lies where an angle says, past 90 degrees from the axis`() {
    // The near face of a cube at the side, x = 1.5, reaches from z = 0 to z = -1: from 90 to 123.7
    // degrees, or 31.4 to 43.2 pixels from the middle, which is column 50.5.
    let side = MeshInstance(
      mesh: PackedMesh(cube()), worldFromMesh: RigidTransform(translation: SIMD3(2, 0, -0.5)),
      instanceID: 3)
    let rendering = seen(side, fisheye)
    for column in 51..<101 {
      let radius = Double(column) + 0.5 - 50.5
      let at = 50 * 101 + column
      #expect((rendering.instances.ids[at] == 3) == (radius > 31.4 && radius < 43.2))
      guard rendering.instances.ids[at] == 3 else { continue }
      let depth = 1.5 / (radius / 20).sine
      #expect(abs(Double(rendering.depth.values[at]) - depth) < 1e-5)
      #expect(rendering.normals.values[3 * at] < -0.9999)
    }
    // Straight up and down from the middle there is nothing of it.
    for row in 0..<101 { #expect(rendering.instances.ids[row * 101 + 50] == 0) }
  }

  @Test func `is a circle of a fisheye where it is one around the axis`() {
    // A square wall of half size 1 at depth 1 is seen up to 45 degrees along the axes: 15.7 pixels.
    let rendering = seen(wall(depth: 1, halfSize: 1), fisheye)
    for offset in -20...20 {
      let isSeen = abs(offset) <= 15
      #expect((rendering.instances.ids[50 * 101 + 50 + offset] == 7) == isSeen)
      #expect((rendering.instances.ids[(50 + offset) * 101 + 50] == 7) == isSeen)
    }
    // Depth is the distance from the eye.
    #expect(abs(Double(rendering.depth.values[50 * 101 + 60]) - 1 / (10.0 / 20).cosine) < 1e-6)
  }

  @Test func `covers a panorama when it is all around`() {
    let ball = MeshInstance(
      mesh: PackedMesh(.sphere(radius: 2, segmentCount: 48)), worldFromMesh: .identity,
      instanceID: 5)
    let rendering = seen(ball, Camera(panoramaWidth: 96, height: 48))
    #expect(rendering.instances.ids.allSatisfy { $0 == 5 })
    // Between the sphere and what its flat faces cut off of it.
    #expect(rendering.depth.values.allSatisfy { $0 <= 2 && $0 > 1.98 })
    // Its inside faces the eye.
    #expect(rendering.normals.values.count { $0 != 0 } > 0)
  }

  @Test func `is cut by the near plane around a fisheye's eye`() {
    var camera = fisheye
    camera.near = 1.2
    let rendering = seen(wall(depth: 1, halfSize: 3), camera)
    for offset in 0...20 {
      // 1 / cos(angle) reaches 1.2 at 0.585 radians: 11.7 pixels.
      #expect((rendering.instances.ids[50 * 101 + 50 + offset] == 7) == (offset >= 12))
    }
  }

  @Test(arguments: [Lens.pinhole, .fisheye(FisheyeLens()), .equirectangular])
  func `leaves no crack and no overlap where triangles meet`(lens: Lens) {
    // A grid around the axis whose lines run through pixels' centres, and one that is out of line.
    var random = RandomStream(seed: 4, purpose: "grid")
    for roughness in [0, 0.05] as [Float] {
      var points: [SIMD3<Float>] = []
      for y in -3...3 {
        for x in -3...3 {
          func step() -> Float { roughness * Float(random.normal()) }
          points.append(SIMD3(Float(x) * 0.5 + step(), Float(y) * 0.5 + step(), 2 + step()))
        }
      }
      var faces: [[UInt32]] = []
      for y in 0..<6 as Range<UInt32> {
        for x in 0..<6 as Range<UInt32> {
          let a = y * 7 + x
          faces +=
            x % 2 == y % 2
            ? [[a, a + 7, a + 8], [a, a + 8, a + 1]]
            : [[a, a + 7, a + 1], [a + 1, a + 7, a + 8]]
        }
      }
      var camera = tinyCamera(width: 33, height: 33)
      camera.lens = lens
      camera.focalLengthPixels = SIMD2(16, 16)
      camera.principalPoint = SIMD2(16.5, 16.5)
      var request = RenderRequest(camera: camera, cameraFromWorld: .identity)
      request.profile = .gut
      var seen = [Int](repeating: 0, count: 33 * 33)
      for face in faces {
        let mesh = PackedMesh(TriangleMesh(positions: points, indices: face))
        let ids = render(
          [MeshInstance(mesh: mesh, worldFromMesh: .identity, instanceID: 1)], request
        ).instances.ids
        for (pixel, id) in ids.enumerated() where id == 1 { seen[pixel] += 1 }
      }
      #expect(seen.max() == 1)
      // The grid reaches to 36.9 degrees, 10 pixels of the widest lens, in the rough one to 34.
      for y in 8...24 { for x in 8...24 { #expect(seen[y * 33 + x] == 1) } }
    }
  }

  @Test func `may have corners of any size`() {
    var random = RandomStream(seed: 3, purpose: "wild triangles")
    for _ in 0..<100 {
      func corner() -> SIMD3<Float> {
        let magnitude = [0.001, 1, 1e4, 1e10, 1e30, 1e38][random.index(below: 6)]
        return SIMD3<Float>(SIMD3(random.normal(), random.normal(), random.normal()) * magnitude)
      }
      let mesh = TriangleMesh(positions: [corner(), corner(), corner()], indices: [0, 1, 2])
      let rendering = seen(
        MeshInstance(mesh: PackedMesh(mesh), worldFromMesh: .identity, instanceID: 1), fisheye)
      #expect(rendering.depth.values.allSatisfy { $0 >= 0 && $0.isFinite })
      #expect(rendering.floatColour.allSatisfy { $0 >= 0 && $0.isFinite })
    }
  }
}

@Suite struct `A mesh while the shutter rolls` {
  /// The first column of each row that sees a wall whose left edge is at x = -0.255, 2 m ahead:
  /// 24.5 - 0.255 * 64 / 2 = 16.34 when nothing moves, and the centre of column 16 is 16.5.
  private func leftEdges(
    cameraStep: Double = 0, meshStep: Double = 0
  ) -> [Int?] {
    var request = RenderRequest(
      camera: tinyCamera(width: 49, height: 21), cameraFromWorld: .identity)
    func shift(_ step: Double) -> [RigidTransform] {
      (0..<21).map { RigidTransform(translation: SIMD3(step * Double($0 - 10), 0, 0)) }
    }
    request.linePoses = LinePoses(cameraFromWorld: shift(cameraStep).map(\.inverse))
    var post = wall(depth: 2, halfSize: 0.255)
    post.scale.y = 100
    post.linePoses = shift(meshStep).map { $0 * post.worldFromMesh }
    let ids = render([post], request).instances.ids
    return (0..<21).map { row in (0..<49).first { ids[row * 49 + $0] == 7 } }
  }

  // A step of 1/32 m at 2 m is one pixel.
  // A post that stands moves on the image against the camera, and one that moves, with its motion.
  @Test func `is sheared by a camera that moves along the rows`() {
    for (row, column) in leftEdges(cameraStep: 1.0 / 32).enumerated() {
      #expect(column == 16 - (row - 10))
    }
  }

  @Test func `is sheared by its own motion the other way`() {
    for (row, column) in leftEdges(meshStep: 1.0 / 32).enumerated() {
      #expect(column == 16 + (row - 10))
    }
  }

  @Test func `is not sheared when it moves along with the camera`() {
    for column in leftEdges(cameraStep: 0.37, meshStep: 0.37) { #expect(column == 16) }
  }
}
