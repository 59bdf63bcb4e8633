// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Splats
import Testing

@testable import SceneStore

private let leaf = CellID(level: 6, column: 0, row: 0)
private let tree: UInt32 = 300
private let house: UInt32 = 301

/// Four splats side by side at a height: a flat piece of grass, a tree's leaves as a ball, a wall
/// that faces north and a flat roof; the two last belong to one house.
private func fourSplats() -> SplatCloud {
  var cloud = SplatCloud(shDegree: 0)
  let flat = SIMD3<Float>(log(0.5), log(0.5), log(0.01))
  let north = Quaternion<Float>(w: Float(0.5).squareRoot(), x: Float(0.5).squareRoot(), y: 0, z: 0)
  func add(_ x: Float, _ scale: SIMD3<Float>, _ rotation: Quaternion<Float>, _ sRGB: SIMD3<Float>) {
    cloud.append(
      Splat(
        position: SIMD3(x, 0, 1), logScale: scale, rotation: rotation, opacityLogit: 3,
        sh0: (sRGB - 0.5) / Float(SphericalHarmonics.c0)))
  }
  add(-3, flat, .identity, SIMD3(0.2, 0.6, 0.2))
  add(-1, SIMD3(repeating: log(0.5)), .identity, SIMD3(0.1, 0.5, 0.1))
  add(1, flat, north, SIMD3(0.8, 0.7, 0.6))
  add(3, flat, .identity, SIMD3(0.6, 0.2, 0.2))
  cloud.instanceIDs = [SemanticClass.grass.stuffInstance, tree, house, house]
  return cloud
}

private let classes: [UInt32: SemanticClass] = [5: .grass, tree: .leaves, house: .roof]

/// The colours by place along x, in thousandths, of what edits leave of the four splats.
private func colours(_ edits: [SceneEdit], replaced: Set<CellID> = []) -> [Int: SIMD3<Double>] {
  let page = SplatPage(fourSplats())
  let rules = LayerRules(edits: edits, replaced: replaced)
  let known = page.instances.map { classes[$0] ?? .unlabelled }
  guard let edited = page.edited(by: rules, in: leaf, classes: known) else { return [:] }
  let cloud = edited.cloud
  var result: [Int: SIMD3<Double>] = [:]
  for (position, sh0) in zip(cloud.positions, cloud.sh0) {
    result[Int(position.x.rounded())] =
      SIMD3<Double>(0.5 + Float(SphericalHarmonics.c0) * sh0)
  }
  return result
}

private func isNear(_ found: SIMD3<Double>?, _ expected: SIMD3<Double>) -> Bool {
  guard let found else { return false }
  return abs(found - expected).max() < 0.006
}

private func abs(_ v: SIMD3<Double>) -> SIMD3<Double> { pointwiseMax(v, -v) }

@Suite struct `Edits of splats` {
  @Test func `nothing changes without one that is meant`() {
    let page = SplatPage(fourSplats())
    let rules = LayerRules(edits: [SceneEdit(.instance(999), .remove)], replaced: [])
    #expect(page.edited(by: rules, in: leaf, classes: [.unlabelled, .leaves, .roof]) == page)
  }

  @Test func `an instance or a class is taken away`() {
    #expect(Set(colours([SceneEdit(.instance(house), .remove)]).keys) == [-3, -1])
    #expect(Set(colours([SceneEdit(.semanticClass(.leaves), .remove)]).keys) == [-3, 1, 3])
    let all: [SceneEdit] = [.semanticClass(.grass), .semanticClass(.leaves), .instance(house)].map {
      SceneEdit($0, .remove)
    }
    #expect(colours(all).isEmpty)
  }

  @Test func `paint goes its share of the way`() {
    let found = colours([
      SceneEdit(.semanticClass(.grass), .paint, amount: 0.5, colour: SIMD3(1, 0, 0))
    ])
    #expect(isNear(found[-3], SIMD3(0.6, 0.3, 0.1)))
    #expect(isNear(found[3], SIMD3(0.6, 0.2, 0.2)))
  }

  @Test func `hue keeps the brightness`() {
    let found = colours([SceneEdit(.semanticClass(.leaves), .hue, colour: SIMD3(0.8, 0.4, 0))])
    // Brightness 0.2126 x 0.1 + 0.7152 x 0.5 + 0.0722 x 0.1 = 0.3861; that of the colour 0.4562.
    #expect(isNear(found[-1], SIMD3(0.8, 0.4, 0) * (0.3861 / 0.4562)))
  }

  @Test func `snow lies on what faces up`() {
    let white = SIMD3(1.0, 1, 1)
    let edits: [SceneEdit] = [.semanticClass(.grass), .semanticClass(.leaves), .instance(house)]
      .map { SceneEdit($0, .cover, colour: white) }
    let found = colours(edits)
    #expect(isNear(found[-3], white))
    #expect(isNear(found[3], white))
    // A wall stays as it is, a ball of leaves is half white.
    #expect(isNear(found[1], SIMD3(0.8, 0.7, 0.6)))
    #expect(isNear(found[-1], (SIMD3(0.1, 0.5, 0.1) + 1) / 2))
  }

  @Test func `mottling differs between instances and not between times`() {
    var cloud = SplatCloud(shDegree: 0)
    for index in 0..<100 {
      cloud.append(
        Splat(
          position: SIMD3(Float(index), 0, 0), logScale: SIMD3(repeating: -2), rotation: .identity,
          opacityLogit: 1, sh0: .zero))
    }
    cloud.instanceIDs = (0..<100).map { 300 + $0 }
    let page = SplatPage(cloud)
    let rules = LayerRules(
      edits: [SceneEdit(.semanticClass(.leaves), .mottle, colour: SIMD3(0.9, 0.3, 0))],
      replaced: [])
    let classes = [SemanticClass](repeating: .leaves, count: 100)
    let edited = page.edited(by: rules, in: leaf, classes: classes)
    #expect(edited == page.edited(by: rules, in: leaf, classes: classes))
    let reds = Set((edited?.cloud.sh0 ?? []).map(\.x))
    #expect(reds.count > 30)
  }

  @Test func `thinning leaves out the stated share`() throws {
    let cloud = mixedSplats(count: 20_000)
    let page = SplatPage(cloud)
    let rules = LayerRules(
      edits: [SceneEdit(.semanticClass(.unlabelled), .thin, amount: 0.7)], replaced: [])
    let kept = try #require(page.edited(by: rules, in: leaf, classes: [.unlabelled]))
    // Three deviations of a binomial: 3 sqrt(20000 x 0.7 x 0.3) = 194.
    #expect(Swift.abs(kept.count - 6000) < 200)
    let stored = Set(page.cloud.positions)
    #expect(kept.cloud.positions.allSatisfy(stored.contains))
  }

  @Test func `what is replaced is cut along cells`() {
    // The leaf spans 0 to 64 m, its centre is 32: east of 32 m is the cell (1, 0) of level 5.
    let east = CellID(level: 5, column: 1, row: 0)
    let north = CellID(level: 5, column: 1, row: 1)
    #expect(Set(colours([], replaced: [east, north]).keys) == [-3, -1])
    #expect(colours([], replaced: [leaf]).isEmpty)
    #expect(colours([], replaced: [CellID(level: 9, column: 0, row: 0)]).isEmpty)
    #expect(colours([], replaced: [CellID(level: 6, column: 1, row: 0)]).count == 4)
  }
}

@Suite struct `Layers in time` {
  private func withScene(_ body: (String) throws -> Void) throws {
    let path = "\(NSTemporaryDirectory())layers-\(UUID().uuidString).diorama"
    defer { try? removeItem(path) }
    let builder = try SceneBuilder(path, origin: nil, threadCount: 1)
    let source = try builder.add(
      SplatSource(name: "test", licence: "none", sha256: "", method: .seeded))
    try builder.add([SceneThing(id: tree, .leaves, name: "oak"), SceneThing(id: house, .roof)])
    try builder.add(leaf: leaf, fourSplats(), source: source)
    try builder.finish()
    try body(path)
  }

  private func moment(_ text: String) throws -> SceneMoment { try #require(SceneMoment(text)) }

  @Test func `things keep their class and name`() throws {
    try withScene { path in
      let file = try SceneFile(reading: path)
      #expect(try file.things.map(\.name) == ["oak", ""])
      #expect(
        try file.classes(of: [5, tree, house, 77, 9999])
          == [.grass, .leaves, .roof, .unlabelled, .unlabelled])
      #expect(try file.check().faults == [])
    }
  }

  @Test func `a season comes back each year`() throws {
    try withScene { path in
      let winter = SceneLayerDraft(
        name: "winter", when: .season(from: 335, until: 60),
        edits: [SceneEdit(.semanticClass(.leaves), .remove)], isSynthetic: true)
      try SceneFile.add(winter, to: path)
      let file = try SceneFile(reading: path)
      for (text, isThere) in [
        ("2026-01-15", true), ("2026-03-01", false), ("2026-02-28", true), ("2026-07-01", false),
        ("2026-12-01", true), ("2026-11-30", false), ("2031-12-31T23:59", true),
      ] {
        let composition = try file.composition(at: moment(text))
        #expect(composition.layers.contains { $0.name == "winter" } == isThere, "\(text)")
        let cell = try #require(try file.cells(level: 6).first)
        #expect(try file.page(cell, in: composition)?.count == (isThere ? 3 : 4))
      }
      #expect(try file.check().faults == [])
    }
  }

  @Test func `an event adds, and takes away, from then until then`() throws {
    try withScene { path in
      var crane = SplatCloud(shDegree: 0)
      crane.append(
        Splat(
          position: SIMD3(10, 10, 30), logScale: SIMD3(repeating: 0), rotation: .identity,
          opacityLogit: 2, sh0: .zero))
      crane.instanceIDs = [400]
      let draft = SceneLayerDraft(
        name: "site",
        when: .event(from: try moment("2026-05-01"), until: try moment("2026-06-01T12:00")),
        edits: [SceneEdit(.instance(house), .remove)], splats: [PlacedCloud(crane)],
        source: SplatSource(name: "crane", licence: "CC0-1.0", sha256: "", method: .seeded),
        things: [SceneThing(id: 400, .furniture, name: "crane")])
      try SceneFile.add(draft, to: path)
      let file = try SceneFile(reading: path)
      #expect(try file.check().faults == [])
      let camera = Camera(
        width: 64, height: 48, focalLengthPixels: SIMD2(40, 40), principalPoint: SIMD2(32, 24),
        near: 0.1)
      let pose = RigidTransform(
        rotation: Quaternion(angle: .pi, axis: SIMD3(1, 0, 0)), translation: SIMD3(32, 32, 200)
      ).inverse
      func seen(_ text: String) throws -> [Int] {
        let composition = try file.composition(at: try moment(text))
        let cut = try file.cut(
          camera: camera, cameraFromScene: [pose], rules: CutRules(), in: composition)
        let cache = SceneCache(file, budgetBytes: 1 << 20)
        return try cache.splats(of: cut.parts.map(\.cell), in: composition).map(\.count)
      }
      #expect(try seen("2026-04-30T23:59:59") == [4])
      #expect(try seen("2026-05-01") == [2, 1])
      #expect(try seen("2026-06-01T11:59:59.999") == [2, 1])
      #expect(try seen("2026-06-01T12:00") == [4])
    }
  }

  @Test func `an event may replace what is below`() throws {
    try withScene { path in
      var lawn = SplatCloud(shDegree: 0)
      lawn.append(
        Splat(
          position: SIMD3(1, 1, 0), logScale: SIMD3(repeating: 0), rotation: .identity,
          opacityLogit: 2, sh0: .zero))
      let draft = SceneLayerDraft(
        name: "lawn", when: .event(from: try moment("2026-05-01"), until: nil),
        splats: [PlacedCloud(lawn)],
        replaces: true)
      try SceneFile.add(draft, to: path)
      let file = try SceneFile(reading: path)
      let composition = try file.composition(at: try moment("2040-01-01"))
      let camera = Camera(
        width: 64, height: 48, focalLengthPixels: SIMD2(40, 40), principalPoint: SIMD2(32, 24),
        near: 0.1)
      let pose = RigidTransform(
        rotation: Quaternion(angle: .pi, axis: SIMD3(1, 0, 0)), translation: SIMD3(32, 32, 200)
      ).inverse
      let cut = try file.cut(
        camera: camera, cameraFromScene: [pose], rules: CutRules(), in: composition)
      #expect(cut.parts.map(\.cell.layer) == [1])
    }
  }

  @Test func `a thing is moved, and told so`() throws {
    try withScene { path in
      // A quarter turn to the left about the scene's origin, and 100 m up: the house's splats at
      // (33, 32, 1) and (35, 32, 1) come to (-32, 33, 101) and (-32, 35, 101).
      let movement = SceneMovement(
        instance: house,
        sceneFromBefore: RigidTransform(
          rotation: Quaternion(angle: .pi / 2, axis: SIMD3(0, 0, 1)), translation: SIMD3(0, 0, 100))
      )
      var draft = SceneLayerDraft(
        name: "move", when: .event(from: try moment("2026-05-01"), until: nil))
      let file = try SceneFile(reading: path)
      #expect(
        try file.move(SceneMovement(instance: 999, sceneFromBefore: .identity), in: &draft) == 0)
      #expect(draft.edits.isEmpty)
      #expect(try file.move(movement, in: &draft) == 2)
      try SceneFile.add(draft, to: path)
      let changed = try SceneFile(reading: path)
      #expect(try changed.check().faults == [])
      let composition = try changed.composition(at: try moment("2026-06-01"))
      #expect(composition.layers.last?.movements == [movement])
      let base = try #require(try changed.cells(level: 6).first)
      #expect(try changed.page(base, in: composition)?.instances.contains(house) == true)
      #expect(try changed.page(base, in: composition)?.count == 2)
      let added = try #require(try changed.cells(level: 6, layer: 1).first)
      let page = try #require(try changed.page(added, in: composition))
      let places = page.cloud.positions.map { SIMD3<Double>($0) + added.id.center }
      for expected in [SIMD3(-32.0, 33, 101), SIMD3(-32, 35, 101)] {
        #expect(places.contains { length($0 - expected) < 0.01 }, "\(places)")
      }
      #expect(page.cloud.instanceIDs == [house, house])
    }
  }

  @Test func `the four seasons cover the year once`() throws {
    for isNorthern in [true, false] {
      let layers = SceneLayerDraft.seasons(isNorthern: isNorthern)
      for day in 1...366 {
        let there = layers.filter { layer in
          guard case .season(let from, let until) = layer.when else { return false }
          return from <= until ? (from..<until).contains(day) : day >= from || day < until
        }
        #expect(there.count == 1)
        if day == 15 { #expect(there.first?.name == (isNorthern ? "winter" : "summer")) }
        if day == 200 { #expect(there.first?.name == (isNorthern ? "summer" : "winter")) }
      }
    }
  }

  @Test func `winter takes the leaves and covers the roofs`() throws {
    try withScene { path in
      for layer in SceneLayerDraft.seasons(isNorthern: true) { try SceneFile.add(layer, to: path) }
      let file = try SceneFile(reading: path)
      let cell = try #require(try file.cells(level: 6).first)
      func colour(_ text: String) throws -> SIMD3<Double>? {
        let composition = try file.composition(at: try moment(text))
        let cloud = try #require(try file.page(cell, in: composition)).cloud
        let place = cloud.positions.firstIndex { $0.x > 2 }
        return place.map { SIMD3<Double>(0.5 + Float(SphericalHarmonics.c0) * cloud.sh0[$0]) }
      }
      #expect(isNear(try colour("2026-06-15"), SIMD3(0.6, 0.2, 0.2)))
      let white = SIMD3(0.93, 0.95, 0.98), red = SIMD3(0.6, 0.2, 0.2)
      #expect(isNear(try colour("2026-01-15"), red + 0.92 * (white - red)))
      #expect(try file.layers.filter { $0.kind == .season }.allSatisfy(\.isSynthetic))
    }
  }

  @Test func `a layer is taken out whole, and names are kept apart`() throws {
    try withScene { path in
      let before = try SceneFile(reading: path).check()
      let draft = SceneLayerDraft(
        name: "fair", when: .event(from: try moment("2026-05-01"), until: nil),
        edits: [SceneEdit(.instance(tree), .paint, amount: 0.5, colour: SIMD3(1, 0, 0))],
        splats: [PlacedCloud(fourSplats())])
      try SceneFile.add(draft, to: path)
      let twice = #expect(throws: InputError.self) { try SceneFile.add(draft, to: path) }
      #expect(twice?.field == "layer fair")
      #expect(try SceneFile(reading: path).check().splatCount == 8)
      try SceneFile.removeLayer("fair", from: path)
      let after = try SceneFile(reading: path).check()
      #expect(after == before)
      for name in ["fair", "base"] {
        #expect(throws: InputError.self) { try SceneFile.removeLayer(name, from: path) }
      }
    }
  }

  @Test(arguments: [
    "UPDATE layer SET kind = 'x' WHERE id = 1", "UPDATE layer SET begins = NULL WHERE id = 1",
    "UPDATE layer SET ends = begins WHERE id = 1", "UPDATE edit SET action = 'burn'",
    "UPDATE edit SET amount = 2", "UPDATE edit SET red = -1", "UPDATE edit SET target = 'all'",
    "UPDATE edit SET id = -1", "UPDATE layer SET kind = 'base', begins = NULL, ends = NULL",
  ])
  func `what cannot be is refused`(change: String) throws {
    try withScene { path in
      try SceneFile.add(
        SceneLayerDraft(
          name: "fair", when: .event(from: try moment("2026-05-01"), until: nil),
          edits: [SceneEdit(.instance(tree), .remove)]), to: path)
      let writing = try SceneFile(path, readOnly: false)
      try writing.execute(change)
      try writing.close()
      let file = try SceneFile(reading: path)
      #expect(throws: InputError.self) { try file.composition(at: nil) }
      #expect(try file.check().faults.count == 1)
    }
  }
}
