// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Geometry
import Reconstruction
package import SplatFormats
package import Splats
package import Worlds

/// A scene in the world's frame: what it looks like, what things stand on in it, and what was found
/// while it was read.
package struct LoadedScene: Sendable {
  /// The splats around the robot, metres.
  package var cloud: SplatCloud
  /// The table and the ground that they show.
  package var support: SupportSurface
  /// What was dropped, repaired or not read; of a scene that was built, only the count.
  package var report: SplatImportReport
  /// The SHA-256 of the very bytes that were read; nil of a scene that was built.
  package var digest: String?

  /// The splats ready for drawing, as the file says they were trained.
  package var packedSplats: PackedSplats {
    PackedSplats(cloud, isAntialiased: report.antialiased)
  }
}

extension SceneSource {
  /// Reads or builds the scene.
  ///
  /// - Throws: `InputError` where a file is missing or broken, or no table is found in points.
  package func load() throws(InputError) -> LoadedScene {
    switch self {
    case .courtyard(let seed):
      let cloud = CourtyardScene.build(seed: seed)
      var report = SplatImportReport(container: "courtyard")
      report.storedCount = cloud.count
      return LoadedScene(cloud: cloud, support: CourtyardScene.support, report: report)
    case .file(let path, let metresPerUnit, let worldFromScene, let table):
      let bytes = try readFile(path)
      let (cloud, report) = try SplatFile.parse(bytes, file: path)
      let inWorld = cloud.transformed(
        by: Similarity(
          rotation: worldFromScene.rotation, translation: worldFromScene.translation,
          scale: metresPerUnit))
      return LoadedScene(
        cloud: inWorld, support: table.map(SupportSurface.init) ?? .ground, report: report,
        digest: SHA256.hexDigest(of: bytes))
    case .store(let path, let moment, let place, let table):
      return try LoadedScene(store: path, at: moment, around: place, table: table)
    case .points(let path, let tableHeight):
      let bytes = try readFile(path)
      let capture = try CapturedPoints(npz: bytes, file: path)
      var report = SplatImportReport(container: "coloured points")
      report.storedCount = capture.count + capture.droppedNonFinite
      report.repairs.droppedNonFinite = capture.droppedNonFinite
      let alignment = try alignTable(in: capture, tableHeightMetres: tableHeight, name: path)
      let world = capture.transformed(by: alignment.worldFromCapture)
      return LoadedScene(
        cloud: CapturedTableScene.build(world: world, table: alignment),
        support: CapturedTableScene.support(of: alignment), report: report,
        digest: SHA256.hexDigest(of: bytes))
    }
  }

  /// The field of a world file that names the source, for errors.
  package var field: String {
    switch self {
    case .courtyard: "scene.builtin"
    case .file: "scene.file"
    case .store: "scene.store"
    case .points: "scene.points"
    }
  }
}

extension World {
  /// Reads or builds the scene of a world.
  ///
  /// - Throws: `InputError` as `SceneSource.load`, with the line of the file that asked for it.
  package func loadScene() throws(InputError) -> LoadedScene {
    do throws(InputError) {
      return try scene.load()
    } catch {
      throw lines.mistake(scene.field, because: error)
    }
  }
}
