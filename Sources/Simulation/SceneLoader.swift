// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Geometry
import Reconstruction
package import SplatFormats
package import Splats
package import Worlds

/// The splats around the robot, and what was found while they were read.
package struct LoadedScene: Sendable {
  /// The splats in the world's frame, metres.
  package var cloud: SplatCloud
  /// What was dropped, repaired or not read; of a scene that was built, only the count.
  package var report: SplatImportReport
  /// The SHA-256 of the very bytes that were read; nil of a scene that was built.
  package var digest: String?
}

extension SceneSource {
  /// Reads or builds the splats around the robot, in the world's frame.
  ///
  /// - Throws: `InputError` where a file is missing or broken, or no table is found in points.
  package func load() throws(InputError) -> LoadedScene {
    switch self {
    case .courtyard(let seed):
      let cloud = CourtyardScene.build(seed: seed)
      var report = SplatImportReport(container: "courtyard")
      report.storedCount = cloud.count
      return LoadedScene(cloud: cloud, report: report)
    case .file(let path, let metresPerUnit, let worldFromScene):
      let bytes = try readFile(path)
      let (cloud, report) = try SplatFile.parse(bytes, file: path)
      let worldCloud = cloud.transformed(
        by: Similarity(
          rotation: worldFromScene.rotation, translation: worldFromScene.translation,
          scale: metresPerUnit))
      return LoadedScene(
        cloud: worldCloud, report: report, digest: SHA256.hexDigest(of: bytes))
    case .points(let path, let tableHeight):
      let bytes = try readFile(path)
      let capture = try CapturedPoints(npz: bytes, file: path)
      var report = SplatImportReport(container: "coloured points")
      report.storedCount = capture.count + capture.droppedNonFinite
      report.repairs.droppedNonFinite = capture.droppedNonFinite
      let alignment = try alignTable(in: capture, tableHeightMetres: tableHeight, name: path)
      let world = capture.transformed(by: alignment.worldFromCapture)
      return LoadedScene(
        cloud: CapturedTableScene.build(world: world, table: alignment), report: report,
        digest: SHA256.hexDigest(of: bytes))
    }
  }
}
