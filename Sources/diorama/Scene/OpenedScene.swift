// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry
import Reconstruction
import SceneStore
import Simulation
import SplatFormats
import Splats
import Worlds

/// A scene that the command line was given by name, read or built.
///
///     name                                  splats                          up
///     `courtyard`                           the one Diorama builds          z
///     a built-in world, or NAME.yaml        the world's scene alone         z
///     NAME.npz                              one a point, see the option     z, or as photographed
///     NAME.diorama                          pages, for each picture anew    z
///     any other                             the splat file of that name     -y
///
/// Splat files and captures keep the axes of their first photograph (x right, y down, z forward),
/// which is upright as far as the photograph was; worlds are east, north, up.
struct OpenedScene {
  /// Where a picture is taken from unless the user says where.
  struct Viewpoint {
    var eye: SIMD3<Double>
    var target: SIMD3<Double>
  }

  /// The splats; of a scene file the coarsest, which stand for all of them.
  var cloud: SplatCloud
  /// The file whose pages are drawn instead of the splats.
  var file: SceneFile?
  var report: SplatImportReport
  /// The direction that counts as up, unless the user names another.
  var up: SIMD3<Double>
  /// Nil where the scene itself decides.
  var viewpoint: Viewpoint?

  private static let upInCaptures = SIMD3<Double>(0, -1, 0)
  private static let upInWorlds = SIMD3<Double>(0, 0, 1)
  /// The seed of the courtyard that is meant where no world names one.
  private static let courtyardSeed: UInt64 = 1
  /// South-east of the table at a person's height: the whole table before two walls.
  private static let courtyardView = Viewpoint(
    eye: SIMD3(1.7, -1.5, 0.95), target: SIMD3(-0.3, 0.3, -0.1))

  /// Whether a name stands for coloured points.
  static func isPoints(_ name: String) -> Bool { name.lowercased().hasSuffix(".npz") }

  /// Whether a name stands for a scene file.
  static func isSceneFile(_ name: String) -> Bool { name.lowercased().hasSuffix(".diorama") }

  /// Reads or builds the scene.
  ///
  /// - Throws: `InputError`, or `WorldMistakes` where a world file is wrong.
  init(name: String, tableHeightMetres: Double?) throws {
    let worldEnding = [".yaml", ".yml"].contains { name.lowercased().hasSuffix($0) }
    if name == "courtyard" {
      let source = SceneSource.courtyard(seed: Self.courtyardSeed)
      self.init(loaded: try source.load(), viewpoint: Self.courtyardView)
    } else if worldEnding || BuiltInWorlds.names.contains(name) {
      let world = try openWorld(name)
      let camera = world.cameras.first { $0.body == nil }?.bodyFromCamera
      self.init(
        loaded: try world.loadScene(),
        viewpoint: camera.map { Viewpoint(eye: $0.translation, target: $0 * SIMD3(0, 0, 1)) })
    } else if Self.isSceneFile(name) {
      try self.init(sceneFile: name)
    } else if Self.isPoints(name) {
      try self.init(points: name, tableHeightMetres: tableHeightMetres)
    } else {
      let (cloud, report) = try SplatFile.readReporting(name)
      self.init(cloud: cloud, report: report, up: Self.upInCaptures)
    }
  }

  private init(
    cloud: SplatCloud, report: SplatImportReport, up: SIMD3<Double>, viewpoint: Viewpoint? = nil
  ) {
    self.cloud = cloud
    self.report = report
    self.up = up
    self.viewpoint = viewpoint
  }

  private init(loaded scene: LoadedScene, viewpoint: Viewpoint?) {
    self.init(
      cloud: scene.cloud, report: scene.report, up: Self.upInWorlds, viewpoint: viewpoint)
  }

  private init(sceneFile path: String) throws(InputError) {
    let file = try SceneFile(reading: path)
    var coarse = SplatCloud(shDegree: 0)
    for root in try file.roots() {
      guard var splats = try file.page(root.id, isWhole: false)?.cloud else { continue }
      for index in splats.positions.indices {
        splats.positions[index] += SIMD3<Float>(root.id.center)
      }
      coarse.append(contentsOf: splats)
    }
    var report = SplatImportReport(container: "scene file")
    report.storedCount = try file.leafSplatCount
    self.init(cloud: coarse, report: report, up: Self.upInWorlds)
    self.file = file
  }

  /// The direction towards the sun at a moment; nil where no moment or no place is known.
  ///
  /// Zero at night, when there is no sun.
  func sun(at moment: SceneMoment?) throws(InputError) -> SIMD3<Float>? {
    guard let moment, let origin = try file?.origin else { return nil }
    let sun = SunPosition(at: origin, moment)
    return sun.apparentElevation > 0 ? SIMD3<Float>(sun.direction) : .zero
  }

  private init(points path: String, tableHeightMetres: Double?) throws(InputError) {
    let capture = try CapturedPoints(npz: try readFile(path), file: path)
    var report = SplatImportReport(container: "coloured points")
    report.storedCount = capture.count + capture.droppedNonFinite
    report.repairs.droppedNonFinite = capture.droppedNonFinite
    guard let tableHeightMetres else {
      // As the first photograph was taken: nothing else is known of the frame.
      let first = capture.cameras.first
      self.init(
        cloud: capture.splats(), report: report,
        up: first?.cameraFromCapture.rotation.conjugate.rotate(Self.upInCaptures)
          ?? Self.upInCaptures,
        viewpoint: first.map { Viewpoint(eye: $0.centre, target: $0.centre + $0.forward) })
      return
    }
    let alignment = try alignTable(in: capture, tableHeightMetres: tableHeightMetres, name: path)
    let upright = capture.transformed(by: alignment.worldFromCapture)
    self.init(
      cloud: upright.splats(), report: report, up: Self.upInWorlds,
      viewpoint: upright.cameras.first.map { Viewpoint(eye: $0.centre, target: .zero) })
  }
}
