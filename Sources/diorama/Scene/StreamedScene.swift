// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry
import Rasterizer
import SceneStore

/// A scene file of which pictures are taken: the cut for each camera, its pages from a cache.
final class StreamedScene {
  let cache: SceneCache
  var rules: CutRules
  /// The layers that are there.
  let composition: SceneComposition
  /// What was chosen for the picture before.
  private(set) var cut = SceneCut()
  private let threadCount: Int

  /// The bytes of the cache unless told otherwise: two million splats of degree 3.
  static let cacheBytes = 512 << 20

  init(
    _ file: SceneFile, at moment: SceneMoment? = nil, rules: CutRules, threadCount: Int,
    cacheBytes: Int = cacheBytes
  ) throws(InputError) {
    composition = try file.composition(at: moment)
    cache = SceneCache(file, budgetBytes: cacheBytes)
    self.rules = rules
    self.rules.byteBudget = cacheBytes
    self.threadCount = threadCount
  }

  /// Chooses what a camera sees from some poses, and returns it ready to be drawn.
  func parts(
    camera: Camera, cameraFromScene poses: [RigidTransform]
  ) throws(InputError) -> [PlacedSplats] {
    cut = try cache.file.cut(camera: camera, cameraFromScene: poses, rules: rules, in: composition)
    let splats = try cache.splats(
      of: cut.parts.map(\.cell), in: composition, threadCount: threadCount)
    return zip(cut.parts, splats).map {
      PlacedSplats($1, origin: $0.cell.id.center, share: $0.share)
    }
  }

  /// The cut of the picture before, for JSON.
  var cutJSON: [String: Any] {
    [
      "cellCount": cut.parts.count, "splatCount": cut.splatCount, "errorPixels": cut.errorPixels,
    ]
  }

  /// What was read and what the cache did, for JSON.
  var cacheJSON: [String: Any] {
    let statistics = cache.statistics
    return [
      "readByteCount": cache.file.readByteCount, "hitCount": statistics.hitCount,
      "missCount": statistics.missCount, "prefetchCount": statistics.prefetchCount,
      "evictionCount": statistics.evictionCount, "unheldCount": statistics.unheldCount,
      "heldByteCount": statistics.heldBytes, "budgetByteCount": cache.budgetBytes,
    ]
  }
}
