// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Maps
import SceneStore
import Splats
import Synchronization

/// Writes surfaces into a scene file, leaf by leaf, their splats seeded as they are written.
struct SurfaceBuild: Sendable {
  private let surfaces: [MapSurface]
  /// The surfaces whose boxes touch a leaf, by their places in the list.
  private let members: [CellID: [Int]]
  private let seeder: SurfaceSeeder
  private let level: Int
  private let file: String

  /// A leaf of this many square metres of ground has about three times as many of surfaces.
  private static let surfaceShare = 3.0
  /// The splats that a leaf should have at most.
  private static let manySplats = 65_536.0

  /// Sorts surfaces into leaves.
  ///
  /// - Parameters:
  ///   - surfaces: in the scene's frame.
  ///   - density: splats a square metre.
  ///   - file: the map's name in errors.
  init(_ surfaces: [MapSurface], density: Double, file: String) {
    self.surfaces = surfaces
    self.file = file
    seeder = SurfaceSeeder(splatsPerSquareMetre: density)
    var level = CellID.cityLevel
    while level > 1, pow(4, Double(level)) * density * Self.surfaceShare > Self.manySplats {
      level -= 1
    }
    self.level = level
    var members: [CellID: [Int]] = [:]
    for (index, surface) in surfaces.enumerated() {
      for cell in Self.cells(of: surface, level: level) { members[cell, default: []].append(index) }
    }
    self.members = members
  }

  private static func cells(of surface: MapSurface, level: Int) -> [CellID] {
    var box = AxisAlignedBox()
    for corner in surface.rings.joined() { box.add(corner) }
    guard let low = CellID(level: level, holding: SIMD2(box.minimum.x, box.minimum.y)),
      let high = CellID(level: level, holding: SIMD2(box.maximum.x, box.maximum.y))
    else { return [] }
    return (low.row...high.row).flatMap { row in
      (low.column...high.column).map { CellID(level: level, column: $0, row: row) }
    }
  }

  /// Writes the file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - origin: where the frame lies on the earth.
  ///   - sources: what the surfaces come from; the first counts for the pages.
  ///   - things: what the instances are.
  ///   - options: the threads, and whether a build that was killed goes on.
  /// - Returns: the number of splats.
  /// - Throws: `InputError` when the file cannot be written or a surface is no surface.
  func write(
    _ path: String, origin: GeodeticPosition, sources: MapSources, things: [SceneThing],
    options: (threadCount: Int, isResuming: Bool)
  ) throws(InputError) -> Int {
    let builder = try SceneBuilder(
      path, origin: origin, threadCount: options.threadCount, isResuming: options.isResuming)
    var numbers: [Int64] = []
    for source in sources.sources { numbers.append(try builder.add(source)) }
    try builder.add(things)
    let leaves = members.keys.sorted()
    let failure = Mutex<InputError?>(nil)
    let line = ProgressLine(unit: "leaves", total: leaves.count, isShown: true)
    var doneCount = 0
    try builder.add(
      leaves: leaves, source: numbers.first ?? 0,
      progress: { count in
        for _ in doneCount..<count { line.advance() }
        doneCount = count
      },
      splats: { leaf in
        do throws(InputError) {
          return try splats(of: leaf)
        } catch {
          failure.withLock { $0 = $0 ?? error }
          return SplatCloud(shDegree: 0)
        }
      })
    line.finish()
    if let error = failure.withLock({ $0 }) { throw error }
    try builder.finish()
    return try SceneFile(reading: path).leafSplatCount
  }

  /// The splats in one leaf, from its centre.
  private func splats(of leaf: CellID) throws(InputError) -> SplatCloud {
    var cloud = SplatCloud(shDegree: 0)
    var instances: [UInt32] = []
    let logit = log(SurfaceSeeder.opacity / (1 - SurfaceSeeder.opacity))
    for index in members[leaf] ?? [] {
      try seeder.seed(surfaces[index], file: file) { splat in
        // A surface may reach into several leaves; each takes what lies in it.
        let place = SIMD2(splat.position.x, splat.position.y)
        guard CellID(level: level, holding: place) == leaf else { return }
        cloud.append(
          Splat(
            position: SIMD3<Float>(splat.position - leaf.center),
            logScale: SIMD3(
              log(splat.deviations.x), log(splat.deviations.y), log(splat.deviations.z)),
            rotation: splat.rotation, opacityLogit: logit,
            sh0: Splat.sh0(colourSRGB: splat.colourSRGB)))
        instances.append(splat.identifier.rawValue)
      }
    }
    cloud.instanceIDs = instances
    return cloud
  }
}
