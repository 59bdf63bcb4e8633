// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Images
import Meshes
import Testing

@testable import MeshFormats

private let environment = ProcessInfo.processInfo.environment
private let folder = environment["DIORAMA_DATA"] ?? "../shared/data"
/// On the build server the files must be there: a test then fails instead of being skipped.
private let areExpected =
  environment["CI"] == "true" || FileManager.default.fileExists(atPath: folder)

/// A file, its triangles, and the corners of its box, as trimesh 5.2.0 reads them, in the file's
/// axes and metres.
private let expectations: [(String, Int, SIMD3<Float>, SIMD3<Float>)] = [
  (
    "objects/ycb_drake/meshes/004_sugar_box_textured.obj", 16384,
    SIMD3(-0.0463, -0.0881, -0.0226), SIMD3(0.0463, 0.0881, 0.0226)
  ),
  (
    "objects/robosuite_objects/objects/meshes/can.stl", 956,
    SIMD3(-0.025, -0.0251, -0.0403), SIMD3(0.025, 0.0249, 0.0397)
  ),
  (
    "objects/robosuite_objects/objects/meshes/cube.obj", 12,
    SIMD3(-0.5, -0.5, -0.5), SIMD3(0.5, 0.5, 0.5)
  ),
  (
    "objects/city_props/glass-table.glb", 592,
    SIMD3(-0.99, 0.0001, -1.8), SIMD3(0.99, 1.2521, 1.8)
  ),
  (
    "objects/city_props/house.glb", 10497,
    SIMD3(-0.2513, -0.0017, -0.2522), SIMD3(0.2513, 0.1852, 0.2522)
  ),
  (
    "objects/city_props/low-poly-tree.glb", 1126,
    SIMD3(-1.9474, -4.5498, -2.4628), SIMD3(2.1275, 2.9137, 2.5846)
  ),
  (
    "objects/city_props/terrain.glb", 3868,
    SIMD3(-8.5135, -1.085, -8.2243), SIMD3(8.1705, 9.0563, 8.5148)
  ),
  (
    "objects/car_prius/prius.obj", 1846,
    SIMD3(0, 0.0051, 0.0494), SIMD3(4.6257, 1.8259, 1.4451)
  ),
  (
    "objects/car_prius/prius.dae", 1846,
    SIMD3(0, 0.0051, 0.0494), SIMD3(4.6257, 1.8259, 1.4451)
  ),
  (
    "splats/format_fixtures/MetalSplatter/beetle.binary.ply", 2053,
    SIMD3(-0.2167, 0.3061, -0.2538), SIMD3(0.1435, 0.609, 0.6378)
  ),
]

@Suite(.enabled(if: areExpected, "needs the real files of ../shared/data"))
struct `Real meshes` {
  @Test(arguments: expectations.indices)
  func `have the triangles and the size that trimesh reads`(index: Int) throws {
    let (name, triangleCount, low, high) = expectations[index]
    let meshes = try importer.read("\(folder)/\(name)")
    #expect(meshes.reduce(0) { $0 + $1.triangleCount } == triangleCount, "\(name)")
    var (least, most) = (SIMD3<Float>(repeating: .infinity), SIMD3<Float>(repeating: -.infinity))
    for position in meshes.flatMap(\.positions) {
      least = pointwiseMin(least, position)
      most = pointwiseMax(most, position)
    }
    // Half a unit of the last digit printed by the reference.
    let error = pointwiseMax(abs(least - low), abs(most - high)).max()
    #expect(error < 6e-5, "\(name): \(least) \(most)")
    for mesh in meshes { mesh.checkInvariants() }
  }

  @Test func `bring their pictures, and those of a root folder where one is named`() throws {
    for (name, size) in [
      ("car_prius/prius.dae", SIMD2(1512, 820)), ("city_props/low-poly-tree.glb", SIMD2(256, 256)),
    ] {
      let image = try importer.read("\(folder)/objects/\(name)").compactMap(\.texture?.image).first
      #expect(image.map { SIMD2($0.width, $0.height) } == size, "\(name)")
    }
    let milk = "\(folder)/objects/robosuite_objects/objects/meshes/milk.obj"
    let error = #expect(throws: InputError.self) { try importer.read(milk) }
    #expect(error?.field == "texture ../../textures/ceramic.png")
    let root = "\(folder)/objects/robosuite_objects"
    for (name, pictureCount) in [
      ("milk", 1), ("can", 1), ("cereal", 1), ("bread", 1), ("lemon", 1), ("bottle", 0),
      ("handles", 0),
    ] {
      let meshes = try importer.read("\(root)/objects/meshes/\(name).obj", root: root)
      #expect(meshes.compactMap(\.texture).count == pictureCount, "\(name)")
    }
  }
}

private func abs(_ vector: SIMD3<Float>) -> SIMD3<Float> { pointwiseMax(vector, -vector) }
