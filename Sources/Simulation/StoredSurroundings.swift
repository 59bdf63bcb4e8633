// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry
import SceneStore
import SplatFormats
import Splats
import Worlds

extension LoadedScene {
  /// Takes what can be seen from a place out of a scene file.
  ///
  /// The cells are chosen once, for an eye at the place that looks around: nearby all splats, far
  /// away fewer, so that nothing changes while the robot moves some metres. Errors are below a
  /// pixel of 640 in 60 degrees, or the largest ones are as small as a million splats allow.
  ///
  /// - Parameters:
  ///   - path: the scene file.
  ///   - moment: when it is seen; nil as it was captured or made.
  ///   - place: where the world's origin lies in the scene, metres.
  ///   - table: the table that the splats show, if any.
  /// - Throws: `InputError` where the file is missing, damaged, or has no splat to see from there.
  init(
    store path: String, at moment: SceneMoment?, around place: SIMD3<Double>,
    table: DeclaredTable?
  ) throws(InputError) {
    let file = try SceneFile(reading: path)
    let composition = try file.composition(at: moment)
    var eye = Camera(
      width: 640, height: 480, focalLengthPixels: SIMD2(repeating: Self.focalLengthPixels),
      principalPoint: SIMD2(320, 240), near: 0.1)
    eye.lens = .equirectangular
    var rules = CutRules()
    rules.splatBudget = Self.splatBudget
    // Splats are drawn whole: two levels over each other would be twice as dense.
    rules.fadeBand = 0
    let cut = try file.cut(
      camera: eye, cameraFromScene: [RigidTransform(translation: -place)], rules: rules,
      in: composition)
    var pages: [(cell: CellID, page: SplatPage)] = []
    // The digest of the pages' digests.
    var digests: [UInt8] = []
    for part in cut.parts {
      guard let page = try file.page(part.cell, in: composition) else { continue }
      pages.append((part.cell.id, page))
      digests += SHA256.hexDigest(of: page.hotBytes + page.coldBytes).utf8
    }
    guard !pages.isEmpty else {
      throw InputError(
        file: path, field: "splats", found: "none to be seen", expected: "some around the place")
    }
    var cloud = SplatCloud(shDegree: pages.map(\.page.shDegree).max() ?? 0)
    for (cell, page) in pages {
      let offset = SIMD3<Float>(cell.center - place)
      var part = page.cloud
      // Labels of an episode name its robot and objects; the scene is their background.
      part.instanceIDs = []
      for index in part.positions.indices { part.positions[index] += offset }
      cloud.append(contentsOf: part)
    }
    var report = SplatImportReport(container: "scene file")
    report.storedCount = cloud.count
    report.antialiased = pages.contains { $0.page.isAntialiased }
    self.init(
      cloud: cloud, support: table.map(SupportSurface.init) ?? .ground, report: report,
      digest: SHA256.hexDigest(of: digests))
  }

  private static let focalLengthPixels = 554.0
  private static let splatBudget = 1_000_000
}
