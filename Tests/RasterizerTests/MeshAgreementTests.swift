// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Images
import Meshes
import Randomness
import Splats
import Testing

@testable import Rasterizer

/// Triangles here and there: some smaller than a pixel, some that fill the image or reach behind
/// the camera; in every other pair of seeds with a texture.
func soup(seed: UInt64, count: Int) -> TriangleMesh {
  var random = RandomStream(seed: seed, purpose: "triangle soup")
  func vector(_ size: Double) -> SIMD3<Float> {
    SIMD3<Float>(SIMD3(random.normal(), random.normal(), random.normal()) * size)
  }
  var positions: [SIMD3<Float>] = []
  var normals: [SIMD3<Float>] = []
  for index in 0..<count {
    let depth = random.uniform(in: 0.3...5)
    let middle = SIMD3<Float>(
      SIMD3(random.normal() * 0.2 * depth, random.normal() * 0.2 * depth, depth))
    // A hundredth of the depth is less than a pixel.
    let size = [0.005, 0.02, 0.1, 1][index % 4] * depth
    for _ in 0..<3 {
      positions.append(middle + vector(size))
      normals.append(normalize(vector(1)))
    }
  }
  let mesh = TriangleMesh(
    positions: positions, normals: seed % 2 == 0 ? normals : [],
    indices: (0..<UInt32(3 * count)).map { $0 })
  return seed % 4 < 2 ? mesh : painted(mesh, seed: seed)
}

private func difference(
  _ meshes: [MeshInstance], _ change: (inout RenderRequest) -> Void = { _ in }
)
  -> Difference
{
  var request = tinyRequest(width: 61, height: 47)
  request.meshes = meshes
  change(&request)
  return Difference(
    Renderer(splats: PackedSplats(cloud([])), threadCount: 2).render(request),
    ReferenceRenderer(cloud([])).render(request))
}

@Suite struct `Mesh kernels and twin` {
  // Floats here, doubles there: a few roundings of 6e-8, and more where a corner lies so near the
  // middle of two steps of 1/256 pixel that it snaps elsewhere, which moves an edge and the depth
  // of a steep triangle by a step. A pixel's centre rarely lies just there: in none of these
  // scenes; one is granted.
  @Test(arguments: 0..<12 as Range<UInt64>)
  func `agree on triangles of all sizes`(seed: UInt64) {
    let mesh = PackedMesh(soup(seed: seed, count: 80))
    #expect(!mesh.isClosed)
    let difference = difference([
      MeshInstance(mesh: mesh, worldFromMesh: .identity, instanceID: 1)
    ])
    #expect(difference.differentPixels <= 1)
    #expect(difference.mean < 2e-5)
  }

  // As above, but a pixel whose alpha lies within a rounding of the threshold may see through here
  // and not there; two are granted.
  @Test(arguments: 0..<12 as Range<UInt64>)
  func `agree on triangles that are cut out`(seed: UInt64) {
    let whole = PackedMesh(painted(soup(seed: 4 * (seed / 2), count: 60), seed: seed))
    let mesh = PackedMesh(cutOut(whole.mesh, seed: seed))
    let ball = PackedMesh(cutOut(.sphere(radius: 0.8, segmentCount: 16), seed: seed))
    #expect(!ball.isClosed)
    let meshes = [mesh, ball].map {
      MeshInstance(
        mesh: $0, worldFromMesh: RigidTransform(translation: SIMD3(0.1, 0, $0 == ball ? 2 : 0)),
        scale: $0 == ball ? SIMD3(-1, 1, 1) : SIMD3(1, 1, 1), instanceID: $0 == ball ? 2 : 1)
    }
    for profile in [SplatProfile.gsplat, .gut] {
      let difference = difference(meshes) {
        $0.profile = profile
        $0.camera.near = 0.35
      }
      #expect(difference.differentPixels <= 2, "\(profile)")
      #expect(difference.mean < 2e-3, "\(profile)")
    }
  }

  @Test(arguments: [SIMD3(0.5, 0.5, 0.5), SIMD3(0.6, -0.3, 0.4), SIMD3(-0.5, -0.5, -0.5)])
  func `agree on solids of many small triangles`(scale: SIMD3<Float>) {
    let ball = PackedMesh(.sphere(radius: 1, segmentCount: 64))
    #expect(ball.isClosed)
    let pose = RigidTransform(
      rotation: Quaternion(angle: 1, axis: SIMD3(1, 2, 3)), translation: SIMD3(0.1, 0, 2))
    let difference = difference([
      MeshInstance(mesh: ball, worldFromMesh: pose, scale: scale, instanceID: 1)
    ])
    #expect(difference.differentPixels <= 1)
    #expect(difference.mean < 1e-6)
  }

  @Test func `agree inside of a solid, and where the near plane opens one`() {
    for depth in [0, 0.45, 0.6] {
      let room = MeshInstance(
        mesh: PackedMesh(cube()),
        worldFromMesh: RigidTransform(
          rotation: Quaternion(angle: 0.3, axis: SIMD3(1, 1, 0)),
          translation: SIMD3(0.1, 0, depth)), instanceID: 4)
      let difference = difference([room]) { $0.camera.near = 0.05 }
      #expect(difference.differentPixels <= 1)
    }
  }

  @Test func `agree on one side of an open mesh`() {
    for sides in [MeshSides.outside, .both] {
      let mesh = PackedMesh(soup(seed: 5, count: 60), sides: sides)
      for scale in [SIMD3<Float>(1, 1, 1), SIMD3(-1, 1, 1)] {
        let difference = difference([
          MeshInstance(mesh: mesh, worldFromMesh: .identity, scale: scale, instanceID: 1)
        ])
        #expect(difference.differentPixels <= 1)
      }
    }
  }
}

@Suite struct `Solids` {
  private func render(_ meshes: [MeshInstance], threadCount: Int = 1) -> Rendering {
    var request = SplatBenchmark.request(width: 200, height: 150)
    request.outputs = [.depth, .instances, .floatColour]
    request.meshes = meshes
    return Renderer(splats: PackedSplats(cloud([])), threadCount: threadCount).render(request)
  }

  @Test func `look the same whether their insides are drawn or not`() {
    let ball = TriangleMesh.sphere(radius: 0.5, segmentCount: 128)
    let pose = RigidTransform(translation: SIMD3(0, 1.2, -3))
    let solid = render([
      MeshInstance(mesh: PackedMesh(ball), worldFromMesh: pose, instanceID: 1)
    ])
    let both = render([
      MeshInstance(mesh: PackedMesh(ball, sides: .both), worldFromMesh: pose, instanceID: 1)
    ])
    #expect(solid.instances == both.instances)
    #expect(solid == both)
  }

  @Test func `give the same bytes on any number of threads`() {
    let robot = SplatBenchmark.robot(rings: 40)
    let one = render(robot)
    #expect(one.instances.ids.contains(3))
    for threadCount in 2...3 {
      #expect(render(robot, threadCount: threadCount) == one)
    }
  }
}

@Suite struct `Triangles that are cut` {
  private func render(_ mesh: TriangleMesh, near: Double = 0.1) -> Rendering {
    var request = tinyRequest(width: 120, height: 90)
    request.camera.near = near
    request.meshes = [
      MeshInstance(mesh: PackedMesh(mesh), worldFromMesh: .identity, instanceID: 1)
    ]
    return Renderer(splats: PackedSplats(cloud([]))).render(request)
  }

  @Test func `leave no crack and no overlap where they meet`() {
    // A floor of four triangles around a point; all edges run behind the camera or far off.
    let far: Float = 5000
    let points: [SIMD3<Float>] = [
      SIMD3(0.013, 0.7, 0.4), SIMD3(-far, 0.7, -far), SIMD3(far, 0.7, -far), SIMD3(far, 0.7, far),
      SIMD3(-far, 0.7, far),
    ]
    let faces: [[UInt32]] = [[0, 1, 2], [0, 2, 3], [0, 3, 4], [0, 4, 1]]
    var seen = [Int](repeating: 0, count: 120 * 90)
    for face in faces {
      let ids = render(TriangleMesh(positions: points, indices: face)).instances.ids
      for (pixel, id) in ids.enumerated() where id == 1 { seen[pixel] += 1 }
    }
    let whole = render(TriangleMesh(positions: points, indices: faces.flatMap { $0 }))
    for pixel in seen.indices {
      // The horizon lies at row 45; the first rows below it look further than the floor reaches.
      #expect(seen[pixel] == (whole.instances.ids[pixel] == 1 ? 1 : 0))
      if pixel / 120 >= 46 { #expect(seen[pixel] == 1) }
    }
  }

  @Test func `may have corners of any size`() {
    var random = RandomStream(seed: 3, purpose: "wild triangles")
    for _ in 0..<300 {
      func corner() -> SIMD3<Float> {
        let magnitude = [0.001, 1, 1e4, 1e10, 1e30, 1e38][random.index(below: 6)]
        return SIMD3<Float>(SIMD3(random.normal(), random.normal(), random.normal()) * magnitude)
      }
      let rendering = render(
        TriangleMesh(positions: [corner(), corner(), corner()], indices: [0, 1, 2]))
      #expect(rendering.depth.values.allSatisfy { $0 >= 0 && $0.isFinite })
      #expect(rendering.floatColour.allSatisfy { $0 >= 0 && $0.isFinite })
    }
  }
}
