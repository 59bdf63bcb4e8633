// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Files
import Foundation
import Geometry

/// Scenes of splats: reading them from any container, describing them, and taking pictures of them.
struct SceneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scene", abstract: "Import, describe and render scenes of splats.",
    subcommands: [
      SceneImport.self, SceneBuild.self, SceneCity.self, SceneInfo.self, SceneRender.self,
      SceneCheckCommand.self, SceneLayerCommand.self,
    ])
}

/// Which scene a verb works on; `OpenedScene` says what each name means.
struct SceneArgument: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      """
      A splat file (PLY, also compressed, .splat, .ksplat, SPZ, .sog or the meta.json or \
      lod-meta.json of SOG), a scene file (.diorama), coloured points (.npz), a world, \
      or `courtyard`.
      """,
      valueName: "scene"))
  var name: String

  @Option(
    help: ArgumentHelp(
      """
      Find the round table in coloured points and bring them upright and to metres: the table \
      is this high. Without it they keep the capture's own frame and unit.
      """, valueName: "metres"))
  var tableHeightMetres: Double?

  func validate() throws {
    guard let tableHeightMetres else { return }
    guard tableHeightMetres > 0, tableHeightMetres.isFinite else {
      throw ValidationError("--table-height-metres: \(tableHeightMetres) is no positive length.")
    }
    guard OpenedScene.isPoints(name) else {
      throw ValidationError("--table-height-metres is for coloured points (.npz).")
    }
  }

  /// Opens the scene, whatever it is.
  func open() throws -> OpenedScene {
    try OpenedScene(name: name, tableHeightMetres: tableHeightMetres)
  }

  /// Opens a scene all of whose splats fit the memory.
  func openWhole() throws -> OpenedScene {
    guard !OpenedScene.isSceneFile(name) else {
      throw InputError(
        file: name, field: "scene", found: "a scene file, which is made of other scenes",
        expected: "splats, points or a world")
    }
    return try open()
  }
}

/// Throws unless a file can be made at a path: nothing stands there, or it may be replaced.
///
/// Asked before the work begins, so that an hour's work is not lost to a misspelt folder.
func requireWritable(_ path: String, replacing: Bool) throws(InputError) {
  switch kind(ofPath: path) {
  case .folder:
    throw InputError(file: path, field: "output", found: "a folder", expected: "a file's name")
  case .file where !replacing:
    throw InputError(
      file: path, field: "output", found: "a file that exists", expected: "no file, or --force")
  case .file, .absent:
    break
  }
  let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
  guard kind(ofPath: folder) == .folder, FileManager.default.isWritableFile(atPath: folder) else {
    throw InputError(
      file: path, field: "output", found: "no folder that can be written",
      expected: "one at \(folder)")
  }
}

/// Three numbers on the command line, `x,y,z`.
struct Vector: ExpressibleByArgument {
  var value: SIMD3<Double>

  init(value: SIMD3<Double>) { self.value = value }

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map {
      Double($0.trimmingCharacters(in: .whitespaces))
    }
    guard parts.count == 3, let x = parts[0], let y = parts[1], let z = parts[2],
      x.isFinite, y.isFinite, z.isFinite
    else { return nil }
    value = SIMD3(x, y, z)
  }
}

/// Returns three numbers for JSON.
func list(_ vector: SIMD3<Double>) -> [Double] { [vector.x, vector.y, vector.z] }

/// Returns a number with a fixed count of places after the point, for people.
func decimal(_ value: Double, places: Int) -> String {
  guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
  let factor = pow(10, Double(places))
  let units = Int((abs(value) * factor).rounded())
  let sign = value < 0 && units > 0 ? "-" : ""
  guard places > 0 else { return sign + "\(units)" }
  let digits = String(units)
  let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
  return sign + padded.dropLast(places) + "." + padded.suffix(places)
}
