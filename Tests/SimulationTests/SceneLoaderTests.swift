// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Meshes
import SceneStore
import SplatFormats
import Splats
import Testing
import Worlds

@testable import Simulation

@Suite struct `A scene's source` {
  private let folder = try? ScratchFolder()

  /// One splat at (1, 2, 3) of the file, with scales of e^-2.
  private func ply(_ name: String) throws -> String {
    let fields =
      ["x", "y", "z"] + (0..<3).map { "f_dc_\($0)" } + ["opacity"]
      + (0..<3).map { "scale_\($0)" } + (0..<4).map { "rot_\($0)" }
    let header = fields.map { "property float \($0)" }.joined(separator: "\n")
    return try #require(folder).file(
      name,
      "ply\nformat ascii 1.0\nelement vertex 1\n\(header)\nend_header\n"
        + "1 2 3 0 0 0 5 -2 -2 -2 1 0 0 0\n")
  }

  @Test func `puts a file where the world wants it, in metres`() throws {
    let scene = try SceneSource.file(
      path: try ply("a.ply"), metresPerUnit: 0.5,
      worldFromScene: RigidTransform(
        rotation: Quaternion(angle: .pi / 2, axis: SIMD3(0, 0, 1)),
        translation: SIMD3(10, 0, 0))
    ).load()
    let cloud = scene.cloud
    // Half of (1, 2, 3), a quarter turn to (-1, 0.5, 1.5), ten metres on.
    #expect(length(SIMD3<Double>(cloud.positions[0]) - SIMD3(9, 0.5, 1.5)) < 1e-6)
    #expect(abs(cloud.logScales[0].x - (-2 + Float(log(0.5)))) < 1e-6)
    #expect(scene.report.storedCount == 1 && scene.report.repairs == SplatRepairs())
  }

  @Test func `keeps what was found while it was read`() throws {
    let path = try ply("found.ply")
    let text =
      try String(contentsOfFile: path, encoding: .utf8)
      .replacing("element vertex 1", with: "comment SplatRenderMode: mip\nelement vertex 2")
      + "1 2 nan 0 0 0 5 -2 -2 -2 1 0 0 0\n"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    let scene = try SceneSource.file(
      path: path, metresPerUnit: 1, worldFromScene: .identity
    ).load()
    #expect(scene.cloud.count == 1 && scene.report.storedCount == 2)
    #expect(scene.report.repairs.droppedNonFinite == 1 && scene.report.antialiased)
  }

  @Test func `shows the table that is declared, or the ground`() throws {
    let path = try ply("b.ply")
    let bare = SceneSource.file(path: path, metresPerUnit: 1, worldFromScene: .identity)
    #expect(try bare.load().support == .ground)
    let set = SceneSource.file(
      path: path, metresPerUnit: 1, worldFromScene: .identity,
      table: DeclaredTable(top: .disc(radius: 0.5), height: 0.8))
    let support = try set.load().support
    #expect(support.top == .disc(radius: 0.5) && support.groundLevel == -0.8)
    #expect(support.thickness == 0.03)
  }

  /// Two splats 30 km from the scene's origin, one of which the winter takes away.
  @Test func `is seen in a scene file around a place, at a moment`() throws {
    let path = try #require(folder).path + "/far.diorama"
    let place = SIMD3(30_000.0, -12_000, 40)
    var (cloud, ids) = (SplatCloud(shDegree: 0), [UInt32]())
    for (x, instance) in [(1.0, SemanticClass.wall), (-2, .leaves)] {
      cloud.append(
        Splat(
          position: SIMD3(Float(x), 0, 0), logScale: SIMD3(repeating: -2), rotation: .identity,
          opacityLogit: 4, sh0: .zero))
      ids.append(instance.stuffInstance)
    }
    cloud.instanceIDs = ids
    let builder = try SceneBuilder(path, origin: nil, threadCount: 1)
    let source = try builder.add(
      SplatSource(name: "test", licence: "none", sha256: "", method: .seeded))
    for (leaf, part) in cloud.leaves(sceneOrigin: place).leaves {
      try builder.add(leaf: leaf, part, source: source)
    }
    try builder.finish()
    let winter = SceneLayerDraft(
      name: "winter", when: .season(from: 335, until: 60),
      edits: [SceneEdit(.semanticClass(.leaves), .remove)])
    try SceneFile.add(winter, to: path)
    func loaded(_ moment: String?) throws -> LoadedScene {
      try SceneSource.store(
        path: path, moment: moment.flatMap(SceneMoment.init), worldOriginInScene: place
      ).load()
    }
    let plain = try loaded(nil)
    #expect(plain.cloud.positions.map(\.x).sorted() == [-2, 1])
    #expect(plain.cloud.positions.allSatisfy { abs($0.y) < 1e-3 && abs($0.z) < 1e-3 })
    #expect(plain.cloud.instanceIDs.allSatisfy { $0 == 0 })
    #expect(plain.support == .ground && plain.report.storedCount == 2)
    let cold = try loaded("2026-01-15")
    #expect(cold.cloud.positions.map(\.x) == [1])
    #expect(cold.digest != plain.digest)
    #expect(try loaded("2026-06-15").digest == plain.digest)
    let missing = #expect(throws: InputError.self) {
      try SceneSource.store(
        path: path + ".none", moment: nil, worldOriginInScene: place
      ).load()
    }
    #expect(missing?.found == "no file")
  }

  @Test func `that fails names the line of the world that asked for it`() throws {
    let text =
      try #require(BuiltInWorlds.text(named: "tabletop"))
      .replacing("  builtin: courtyard\n  seed: 1\n", with: "  file: none.ply\n")
    let world = try WorldReader.world(from: text, file: "/none/w.yaml", environment: [:])
    let error = #expect(throws: InputError.self) { _ = try world.loadScene() }
    #expect(error?.file == "/none/w.yaml" && error?.field == "line 7: scene.file")
    #expect(error?.found.hasPrefix("/none/none.ply: ") == true)
  }

  @Test(arguments: ["none.ply", "none.npz"])
  func `that is missing is named`(name: String) throws {
    let path = try #require(folder).path + "/" + name
    let source: SceneSource =
      name.hasSuffix("npz")
      ? .points(path: path, tableHeight: 0.7)
      : .file(path: path, metresPerUnit: 1, worldFromScene: .identity)
    let error = #expect(throws: InputError.self) { _ = try source.load() }
    #expect(error?.file == path && error?.found == "no such file or directory")
  }

  @Test func `that is broken is named`() throws {
    let path = try #require(folder).file("broken.npz", "no archive")
    let error = #expect(throws: InputError.self) {
      _ = try SceneSource.points(path: path, tableHeight: 0.7).load()
    }
    #expect(error?.file == path)
  }
}

@Suite struct `A world's scenery` {
  fileprivate let folder = try? ScratchFolder()
  /// Built by SwiftPM beside the tests.
  fileprivate let worker: String = {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: own).deletingLastPathComponent()
      .appending(path: "mesh-worker-probe").path
  }()

  fileprivate func world(_ mesh: String) throws -> World {
    let text =
      try #require(BuiltInWorlds.text(named: "tabletop"))
      + "scenery:\n  - {mesh: \(mesh), position: [1, 2, 3], scale: 0.01, up: y}\n"
    let folder = try #require(folder)
    return try WorldReader.world(from: text, file: folder.path + "/w.yaml", environment: [:])
  }

  @Test func `is read in metres with z up`() throws {
    _ = try #require(folder).file(
      "t.obj", "v 0 0 0\nv 100 0 0\nv 0 200 0\nv 0 0 50\nf 1 2 3\nf 1 2 4\n")
    let loaded = Scenery.load(try world("t.obj"), workerExecutable: worker)
    #expect(loaded.mistakes.isEmpty && loaded.digests.count == 1)
    let pieces = loaded.pieces
    #expect(pieces.map(\.name) == ["scenery-0"])
    #expect(pieces[0].worldFromMesh.translation == SIMD3(1, 2, 3))
    // The file's y is the world's z: two metres high.
    let top = pieces[0].mesh.positions.map(\.z).max() ?? 0
    #expect(abs(top - 2) < 1e-6)
  }

  @Test func `that is missing is named`() throws {
    let loaded = Scenery.load(try world("none.obj"), workerExecutable: worker)
    let mistakes = loaded.mistakes
    #expect(loaded.pieces.isEmpty && loaded.digests.isEmpty && mistakes.count == 1)
    #expect(mistakes.first?.field.contains(/line [0-9]+: scenery\[0\].mesh/) == true)
    #expect(mistakes.first?.found.contains("/none.obj: ") == true, "\(mistakes)")
  }
}

@Suite struct `A world's contents` {
  private let scenery = `A world's scenery`()

  private func contents(_ world: World) throws -> WorldContents {
    try WorldContents(of: world, workerExecutable: scenery.worker)
  }

  @Test func `say what was in each file, and in those that a mesh refers to`() throws {
    let folder = try #require(scenery.folder)
    _ = try folder.file("scene.splat", String(repeating: "\u{1}", count: 32))
    let mesh = "mtllib m.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nusemtl m\nf 1 2 3\nf 1 2 4\n"
    _ = try folder.file("m.obj", mesh)
    _ = try folder.file("m.mtl", "newmtl m\nKd 1 0 0\n")
    let text =
      try #require(BuiltInWorlds.text(named: "tabletop"))
      .replacing("  builtin: courtyard\n  seed: 1\n", with: "  file: ${HERE}/scene.splat\n")
      + "scenery:\n  - {mesh: m.obj, position: [1, 2, 3]}\n"
    let world = try WorldReader.world(
      from: text, file: folder.path + "/w.yaml", environment: ["HERE": folder.path])
    let red = try contents(world)
    #expect(red.scene.cloud.count == 1 && red.surroundings.scenery.count == 1)
    #expect(red.inputs.map(\.path) == ["${HERE}/scene.splat", "m.obj"])
    #expect(red.inputs[0].digest == SHA256.hexDigest(of: [UInt8](repeating: 1, count: 32)))
    #expect(red.inputs[1].digest == SHA256.hexDigest(of: Array(mesh.utf8)))
    #expect(red.inputs[0].json["triangles_sha256"] == nil)
    #expect(red.inputs[1].json["triangles_sha256"] != nil)
    #expect(try contents(world).inputs == red.inputs)

    _ = try folder.file("m.mtl", "newmtl m\nKd 0 0 1\n")
    let blue = try contents(world)
    #expect(blue.inputs[1].digest == red.inputs[1].digest)
    #expect(blue.inputs[1].triangleDigest != red.inputs[1].triangleDigest)
    #expect(
      blue.surroundings.scenery[0].mesh.colourSRGB != red.surroundings.scenery[0].mesh.colourSRGB)
  }
}

extension `A world's scenery` {
  @Test(arguments: [
    ("v 0 0 0\nv 1 0 1\nv 0 1 0\nf 1 2 3\n", "all corners in one plane"),
    ("v 1 1 1\nv 1 1 1\nv 1 1 1\nf 1 2 3\n", ""),
    ("v 0 0 0\nv 1e9 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 3\nf 1 2 4\n", "m from the origin"),
  ])
  func `that physics cannot hold is refused`(text: String, words: String) throws {
    _ = try #require(folder).file("bad.obj", text)
    let mistakes = Scenery.load(try world("bad.obj"), workerExecutable: worker).mistakes
    #expect(mistakes.count == 1)
    #expect(mistakes.first?.found.contains("/bad.obj: ") == true)
    #expect(mistakes.first?.found.contains(words) == true || words.isEmpty, "\(mistakes)")
  }
}

/// A folder that is removed when the last reference to it goes.
final class ScratchFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "simulation-\(UUID())")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  func file(_ name: String, _ text: String) throws -> String {
    try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
    return "\(path)/\(name)"
  }
}
