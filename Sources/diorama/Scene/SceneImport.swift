// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Files
import Foundation
import SplatFormats

/// Reads a scene from whatever holds it and writes it as PLY or SPZ.
struct SceneImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Read any scene, say what was found, write PLY or SPZ.")
  @OptionGroup var scene: SceneArgument
  @Option(help: "The file to write, .ply or .spz.") var out: String
  @Option(help: "The version of SPZ, 3 or 4.") var spzVersion: Int?
  @Flag(help: "Replace the file if it exists.") var force = false
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws { _ = try format() }

  func run() throws {
    let format = try format()
    try requireWritable(out, replacing: force)
    let opened = try scene.openWhole()
    let bytes = try SplatFile.encode(
      opened.cloud, as: format, antialiased: opened.report.antialiased, file: out)
    try publishFile(out, bytes)
    let summary = SceneSummary(of: opened, name: scene.name)
    if json {
      let written: [String: Any] = ["path": out, "format": "\(format)", "byteCount": bytes.count]
      printJSON(summary.json.merging(["written": written]) { $1 })
    } else {
      print(summary.lines.joined(separator: "\n"))
      print("wrote       \(out), \(decimal(Double(bytes.count) / 1e6, places: 1)) MB")
    }
  }

  private func format() throws -> SplatFile.Format {
    switch (URL(fileURLWithPath: out).pathExtension.lowercased(), spzVersion) {
    case ("ply", nil): .ply
    case ("ply", _): throw ValidationError("--spz-version is for files that end in .spz.")
    case ("spz", nil), ("spz", 3): .spz3
    case ("spz", 4): .spz4
    case ("spz", let version?):
      throw ValidationError("--spz-version: \(version) cannot be written, only 3 and 4.")
    default: throw ValidationError("--out: the name \(out) ends neither in .ply nor in .spz.")
    }
  }
}
