// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Images
import Meshes
import Randomness
import Splats

@testable import Rasterizer

/// The camera of most tiny worlds: at the origin, looking along +z, 64 pixels focal length.
func tinyCamera(width: Int = 33, height: Int = 33) -> Camera {
  Camera(
    width: width, height: height, focalLengthPixels: SIMD2(64, 64),
    principalPoint: SIMD2(Double(width) / 2, Double(height) / 2))
}

/// A request that looks along +z from the origin and wants every image.
func tinyRequest(width: Int = 33, height: Int = 33) -> RenderRequest {
  var request = RenderRequest(
    camera: tinyCamera(width: width, height: height), cameraFromWorld: .identity)
  request.outputs = .all
  return request
}

extension RenderOutputs {
  /// Every image.
  static let all: RenderOutputs = [
    .depth, .medianDepth, .firstDepth, .normals, .instances, .coverage, .semantics, .owners,
    .floatColour,
  ]
}

/// One splat in plain units.
struct PlainSplat {
  var position = SIMD3<Float>(0, 0, 2)
  /// Standard deviations, metres.
  var deviations = SIMD3<Float>(repeating: 0.1)
  var rotation = Quaternion<Float>.identity
  var opacity: Float = 0.5
  /// sRGB.
  var colour = SIMD3<Float>(1, 0, 0)
  var instance: UInt32 = 0
}

/// A cloud of degree 0.
func cloud(_ splats: [PlainSplat]) -> SplatCloud {
  var cloud = SplatCloud(shDegree: 0)
  for splat in splats {
    cloud.positions.append(splat.position)
    cloud.logScales.append(
      SIMD3(log(splat.deviations.x), log(splat.deviations.y), log(splat.deviations.z)))
    cloud.rotations.append(splat.rotation)
    cloud.opacityLogits.append(log(splat.opacity / (1 - splat.opacity)))
    cloud.sh0.append((splat.colour - 0.5) / 0.282_094_79)
    cloud.instanceIDs.append(splat.instance)
  }
  return cloud
}

extension SplatCloud {
  /// The splats of some indices, in their order; one may come several times.
  func picked(_ indices: [Int]) -> SplatCloud {
    let perSplat = restCoefficientCount * 3
    var picked = SplatCloud(shDegree: shDegree)
    picked.positions = indices.map { positions[$0] }
    picked.logScales = indices.map { logScales[$0] }
    picked.rotations = indices.map { rotations[$0] }
    picked.opacityLogits = indices.map { opacityLogits[$0] }
    picked.sh0 = indices.map { sh0[$0] }
    picked.shRest = indices.flatMap { shRest[$0 * perSplat..<($0 + 1) * perSplat] }
    picked.instanceIDs = instanceIDs.isEmpty ? [] : indices.map { instanceIDs[$0] }
    return picked
  }
}

/// A seeded cloud in front of the camera: near and far, thin and round, clear and opaque.
func randomCloud(seed: UInt64, count: Int, shDegree: Int) -> SplatCloud {
  var random = RandomStream(seed: seed, purpose: "tiny cloud")
  var cloud = SplatCloud(shDegree: shDegree)
  func vector(_ range: ClosedRange<Double>) -> SIMD3<Float> {
    SIMD3(
      Float(random.uniform(in: range)), Float(random.uniform(in: range)),
      Float(random.uniform(in: range)))
  }
  for index in 0..<count {
    let depth = random.uniform(in: -0.5...6)
    cloud.positions.append(
      SIMD3(
        Float(random.normal() * 0.25 * depth), Float(random.normal() * 0.25 * depth), Float(depth)))
    cloud.logScales.append(vector(-4...(-1.5)))
    let turn = SIMD4(random.normal(), random.normal(), random.normal(), random.normal())
    cloud.rotations.append(Quaternion(wxyz: SIMD4<Float>(turn)))
    cloud.opacityLogits.append(Float(random.uniform(in: -4...5)))
    cloud.sh0.append(vector(-1.5...1.5))
    for _ in 0..<cloud.restCoefficientCount * 3 {
      cloud.shRest.append(Float(random.normal() * 0.15))
    }
    cloud.instanceIDs.append(UInt32(index % 3))
  }
  return cloud
}

/// A cube of edge 1 m around the origin; with outward normals at the corners when smooth.
func cube(smooth: Bool = false, colour: SIMD3<Float> = SIMD3(0, 1, 0)) -> TriangleMesh {
  let corners = (0..<8).map { corner in
    SIMD3<Float>(
      corner & 1 == 0 ? -0.5 : 0.5, corner & 2 == 0 ? -0.5 : 0.5, corner & 4 == 0 ? -0.5 : 0.5)
  }
  // Two triangles a face, counter-clockwise seen from outside.
  let indices: [UInt32] = [
    0, 2, 3, 0, 3, 1, 4, 5, 7, 4, 7, 6, 0, 1, 5, 0, 5, 4,
    2, 6, 7, 2, 7, 3, 0, 4, 6, 0, 6, 2, 1, 3, 7, 1, 7, 5,
  ]
  return TriangleMesh(
    positions: corners, normals: smooth ? corners.map { normalize($0) } : [], indices: indices,
    colourSRGB: colour)
}

/// A picture of noise, of an odd size.
func noise(seed: UInt64, width: Int = 7, height: Int = 5) -> RGBImage {
  var random = RandomStream(seed: seed, purpose: "noise picture")
  return RGBImage(
    width: width, height: height,
    bytes: (0..<width * height * 3).map { _ in UInt8(random.index(below: 256)) })
}

/// The mesh with a texture of noise that is laid over it at a slant, some times over.
func painted(_ mesh: TriangleMesh, seed: UInt64) -> TriangleMesh {
  let wraps: [MeshTexture.Wrap] = [.repeated, .clamped, .mirrored]
  var mesh = mesh
  mesh.texture = MeshTexture(
    noise(seed: seed), wrapU: wraps[Int(seed % 3)], wrapV: wraps[Int(seed / 3 % 3)])
  mesh.textureCoordinates = mesh.positions.map {
    SIMD2(1.3 * $0.x - 0.4 * $0.z + 0.2, 1.1 * $0.y + 0.5 * $0.z - 0.3)
  }
  return mesh
}

/// The mesh with a texture of noise that is cut out where it is not solid enough.
func cutOut(_ mesh: TriangleMesh, seed: UInt64) -> TriangleMesh {
  var mesh = painted(mesh, seed: seed)
  let solid = noise(seed: seed + 100).bytes
  mesh.texture?.cutout = MeshTexture.Cutout(
    alpha: (0..<35).map { solid[3 * $0] }, threshold: [0.3, 0.5, 0.7][Int(seed % 3)])
  return mesh
}

/// A few cubes among the splats, turned, stretched, mirrored; the last one cuts the near plane.
func randomMeshes(seed: UInt64) -> [MeshInstance] {
  var random = RandomStream(seed: seed, purpose: "tiny meshes")
  return (0..<4).map { index in
    let axis = SIMD3(random.normal(), random.normal(), random.normal())
    let place =
      index == 3
      ? SIMD3(0.2, 0.1, 0.05)
      : SIMD3(random.normal() * 0.4, random.normal() * 0.4, random.uniform(in: 1.5...4))
    return MeshInstance(
      mesh: PackedMesh(index == 2 ? painted(cube(), seed: seed) : cube(smooth: index % 2 == 0)),
      worldFromMesh: RigidTransform(
        rotation: Quaternion(angle: random.uniform(in: 0...3), axis: axis), translation: place),
      scale: index == 3 ? SIMD3(repeating: 0.2) : SIMD3(0.4, index == 1 ? -0.7 : 0.5, 0.3),
      colourSRGB: index == 0 ? nil : SIMD3(0.9, 0.3, Float(index) * 0.2),
      instanceID: UInt32(10 + index))
  }
}

/// A flat blue square that faces the camera at a depth; fills the image unless told.
func wall(depth: Double, halfSize: Float = 5, instanceID: UInt32 = 7) -> MeshInstance {
  let s = halfSize
  var instance = MeshInstance(
    mesh: PackedMesh(
      TriangleMesh(
        positions: [SIMD3(-s, -s, 0), SIMD3(s, -s, 0), SIMD3(s, s, 0), SIMD3(-s, s, 0)],
        // Counter-clockwise seen from the camera, whose y points down.
        indices: [0, 3, 2, 0, 2, 1], colourSRGB: SIMD3(0, 0, 1))),
    worldFromMesh: RigidTransform(translation: SIMD3(0, 0, depth)), instanceID: instanceID)
  instance.material = .matt
  return instance
}

/// Light that shows every mesh in its own colour.
let plainLight = Illumination(
  sky: EnvironmentLight(uniform: SIMD3(repeating: 1)), sunDirection: .zero, sun: .zero)
