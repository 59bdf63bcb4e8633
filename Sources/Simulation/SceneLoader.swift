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
  package func load() throws(InputError) -> SplatCloud { try loadHashed().cloud }

  /// Loads as `load` does, and returns the SHA-256 of the very bytes that were read; nil without.
  func loadHashed() throws(InputError) -> (cloud: SplatCloud, digest: String?) {
    switch self {
    case .courtyard(let seed):
      return (CourtyardScene.build(seed: seed), nil)
    case .file(let path, let metresPerUnit, let worldFromScene):
      let bytes = try readFile(path)
      let cloud = try SplatFile.parse(bytes, file: path).cloud
      let similarity = Similarity(
        rotation: worldFromScene.rotation, translation: worldFromScene.translation,
        scale: metresPerUnit)
      return (cloud.transformed(by: similarity), SHA256.hexDigest(of: bytes))
    case .points(let path, let tableHeight):
      let bytes = try readFile(path)
      let capture = try CapturedPoints(npz: bytes, file: path)
      let alignment = try alignTable(in: capture, tableHeightMetres: tableHeight, name: path)
      let world = capture.transformed(by: alignment.worldFromCapture)
      return (
        CapturedTableScene.build(world: world, table: alignment), SHA256.hexDigest(of: bytes)
      )
    }
  }
}
