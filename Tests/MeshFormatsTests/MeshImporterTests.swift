// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Meshes
import Testing

@testable import MeshFormats

// A unit square facing z up, as one quadrilateral of a red material.
private let square = """
  mtllib square.mtl
  v 0 0 0
  v 1 0 0
  v 1 1 0
  v 0 1 0
  usemtl red
  f 1 2 3 4

  """
private let red = "newmtl red\nKd 1 0.25 0\n"

@Suite struct `Mesh importer` {
  @Test func `turns polygons into triangles of their material's colour`() throws {
    let folder = try ScratchFolder()
    _ = try folder.file("square.mtl", red)
    let meshes = try importer.read(folder.file("square.obj", square))
    #expect(meshes.count == 1)
    #expect(meshes[0].positions.count == 4 && meshes[0].triangleCount == 2)
    #expect(meshes[0].normals.isEmpty && meshes[0].colourSRGB == SIMD3(1, 0.25, 0))
    // Counter-clockwise from above: each triangle's normal is +z, and they add up to the square.
    var doubleArea: Float = 0
    for corner in stride(from: 0, to: 6, by: 3) {
      let (a, b, c) = (0..<3).map { meshes[0].positions[Int(meshes[0].indices[corner + $0])] }
        .triple
      doubleArea += (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
    }
    #expect(doubleArea == 2)
  }

  @Test func `turns axes only when asked`() throws {
    let folder = try ScratchFolder()
    let path = try folder.file("up.stl", triangle)
    #expect(try importer.read(path)[0].positions.contains(SIMD3(0, 2, 3)))
    #expect(try importer.read(path, upAxis: .y)[0].positions.contains(SIMD3(0, -3, 2)))
  }

  @Test func `gives the same bytes twice`() throws {
    let folder = try ScratchFolder()
    let path = try folder.file("square.obj", square)
    #expect(try importer.read(path) == importer.read(path))
  }
}

private let triangle = """
  solid t
  facet normal 1 0 0
  outer loop
  vertex 0 0 0
  vertex 0 2 0
  vertex 0 2 3
  endloop
  endfacet
  endsolid t

  """

/// What is wrong, the file's name and text, and words that the message must hold.
private let badMeshes: [(String, String, String)] = [
  ("rubbish.obj", "this is no mesh\n", "mesh"),
  ("empty.stl", "", "mesh"),
  ("points.obj", "v 0 0 0\nv 1 0 0\np 1 2\n", "mesh"),
  ("index.obj", "v 0 0 0\nf 1 2 3\n", "mesh"),
  ("nan.obj", "v nan 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "mesh"),
  ("cut.stl", String(triangle.prefix(60)), "mesh"),
  ("json.gltf", "{\"asset\":{\"version\":\"2.0\"},\"meshes\":[{\"primitives\":[", "mesh"),
  // An accessor without a view stands for zeros: these would take 12 GB.
  (
    "bomb.gltf",
    """
    {"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],
    "meshes":[{"primitives":[{"attributes":{"POSITION":0}}]}],
    "accessors":[{"componentType":5126,"count":1000000000,"type":"VEC3"}]}
    """, "mesh"
  ),
  ("xml.dae", "<?xml version=\"1.0\"?><COLLADA><library_geometries><geometry>", "mesh"),
  (
    "ply.ply", "ply\nformat ascii 1.0\nelement vertex 4000000000\nproperty float x\nend_header\n",
    "mesh"
  ),
  ("image.png", "no mesh", "name"),
  // The worker's own stand-ins for Assimp at its worst.
  ("hang.stl", triangle, "no result after"),
  ("spin.stl", triangle, "no result after"),
  ("crash.stl", triangle, "crash of the importer (signal 11)"),
  ("abort.stl", triangle, "crash of the importer (signal 6)"),
  ("memory.stl", triangle, "crash of the importer"),
  ("flood.stl", triangle, "more than 64 MiB"),
  ("lie.stl", triangle, "worker.pictures"),
]

@Suite struct `Bad mesh` {
  @Test(arguments: badMeshes.indices) func `is named in one line`(index: Int) throws {
    let (name, text, words) = badMeshes[index]
    let folder = try ScratchFolder()
    let path = try folder.file(name, text)
    // Those that hang take all the time they are given.
    var limits = importer.limits
    if words == "no result after" { limits.wallTime = .milliseconds(500) }
    let strict = MeshImporter(workerExecutable: probeExecutable, limits: limits)
    let error = #expect(throws: InputError.self, "\(name)") { try strict.read(path) }
    let message = error?.description ?? ""
    #expect(error?.file == path && message.contains(words), "\(message)")
    #expect(!message.contains("\n"))
  }

  @Test(arguments: [
    "socket", "connect", "program", "child", "trace", "signal", "signals", "create", "change",
    "remove", "ring", "limits",
  ])
  func `that takes the reader over can do nothing but read`(name: String) throws {
    let folder = try ScratchFolder()
    let path = try folder.file("\(name).stl", triangle)
    let error = #expect(throws: InputError.self) { try importer.read(path) }
    #expect(error?.field == "attempt" && error?.found == "operation not permitted", "\(name)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["\(name).stl"])
  }

  @Test func `that is missing is named`() {
    let error = #expect(throws: InputError.self) { try importer.read("/nowhere/a.stl") }
    #expect(error?.file == "/nowhere/a.stl" && error?.field == "file")
  }

  @Test func `is not blamed when the worker cannot start`() throws {
    let folder = try ScratchFolder()
    let path = try folder.file("a.stl", triangle)
    let error = #expect(throws: InputError.self) {
      try MeshImporter(workerExecutable: "/nowhere/diorama").read(path)
    }
    #expect(error?.file == "/nowhere/diorama" && error?.found == "no such file or directory")
  }
}

extension [SIMD3<Float>] {
  fileprivate var triple: (SIMD3<Float>, SIMD3<Float>, SIMD3<Float>) { (self[0], self[1], self[2]) }
}
