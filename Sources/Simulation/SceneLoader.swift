// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Geometry
import Reconstruction
import SplatFormats
package import Splats
package import Worlds

/// A scene in the world's frame: what it looks like, and what things stand on in it.
package struct LoadedScene: Sendable {
  /// The splats around the robot.
  package var splats: SplatCloud
  /// The table and the ground that they show.
  package var support: SupportSurface
}

extension SceneSource {
  /// Reads or builds the scene.
  ///
  /// - Throws: `InputError` where a file is missing or broken, or no table is found in points.
  package func load() throws(InputError) -> LoadedScene {
    switch self {
    case .courtyard(let seed):
      return LoadedScene(splats: CourtyardScene.build(seed: seed), support: CourtyardScene.support)
    case .file(let path, let metresPerUnit, let worldFromScene, let table):
      let cloud = try SplatFile.read(path)
      let inWorld = cloud.transformed(
        by: Similarity(
          rotation: worldFromScene.rotation, translation: worldFromScene.translation,
          scale: metresPerUnit))
      return LoadedScene(splats: inWorld, support: table.map(SupportSurface.init) ?? .ground)
    case .points(let path, let tableHeight):
      let capture = try CapturedPoints(npz: try readFile(path), file: path)
      let alignment = try alignTable(in: capture, tableHeightMetres: tableHeight, name: path)
      let world = capture.transformed(by: alignment.worldFromCapture)
      return LoadedScene(
        splats: CapturedTableScene.build(world: world, table: alignment),
        support: CapturedTableScene.support(of: alignment))
    }
  }

  /// The field of a world file that names the source, for errors.
  package var field: String {
    switch self {
    case .courtyard: "scene.builtin"
    case .file: "scene.file"
    case .points: "scene.points"
    }
  }
}

extension World {
  /// Reads or builds the scene of a world.
  ///
  /// - Throws: `InputError` as `SceneSource.load`, with the line in the world file.
  package func loadScene() throws(InputError) -> LoadedScene {
    do throws(InputError) {
      return try scene.load()
    } catch {
      throw lines.mistake(scene.field, because: error)
    }
  }
}
