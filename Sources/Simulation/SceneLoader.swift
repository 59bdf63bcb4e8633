// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Geometry
import Reconstruction
import SplatFormats
package import Splats
package import Worlds

extension SceneSource {
  /// Reads or builds the splats around the robot, in the world's frame.
  ///
  /// - Throws: `InputError` where a file is missing or broken, or no table is found in points.
  package func load() throws(InputError) -> SplatCloud {
    switch self {
    case .courtyard(let seed):
      return CourtyardScene.build(seed: seed)
    case .file(let path, let metresPerUnit, let worldFromScene, _):
      let cloud = try SplatFile.read(path)
      return cloud.transformed(
        by: Similarity(
          rotation: worldFromScene.rotation, translation: worldFromScene.translation,
          scale: metresPerUnit))
    case .points(let path, let tableHeight):
      let capture = try CapturedPoints(npz: try readFile(path), file: path)
      let alignment = try alignTable(in: capture, tableHeightMetres: tableHeight, name: path)
      let world = capture.transformed(by: alignment.worldFromCapture)
      return CapturedTableScene.build(world: world, table: alignment)
    }
  }
}
