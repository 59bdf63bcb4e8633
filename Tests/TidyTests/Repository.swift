// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The files that the tidy rules read, found from the place of this file.
struct Repository {
  /// Every Swift file below `Sources` and `Tests`, and those of targets that live elsewhere.
  let swift: [SourceText]
  /// The C and C++ files below `Shims`.
  let c: [SourceText]
  /// The scripts and the makefile.
  let scripts: [SourceText]
  /// `Sources/README.md`, then `Shims/README.md`.
  let pages: [SourceText]
  let manifestText: SourceText
  let manifest: Manifest

  /// - Throws: What Foundation throws when a file cannot be read.
  init() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    func read(_ path: String) throws -> SourceText {
      SourceText(
        path: path,
        text: try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8))
    }
    func files(below folder: String, endings: [String]) throws -> [SourceText] {
      let base = root.appendingPathComponent(folder).path
      guard FileManager.default.fileExists(atPath: base) else { return [] }
      return try FileManager.default.subpathsOfDirectory(atPath: base).sorted()
        .filter { path in endings.contains { path.hasSuffix($0) } }
        .map { try read("\(folder)/\($0)") }
    }
    swift = try ["Sources", "Tests", "Worlds", "Assets"].flatMap {
      try files(below: $0, endings: [".swift"])
    }
    c = try files(below: "Shims", endings: [".h", ".c", ".cpp"])
    scripts =
      try ["setup", "Makefile", ".ci/run"].map(read)
      + files(below: ".ci/checks", endings: [".sh", ".py"])
    pages = try ["Sources/README.md", "Shims/README.md"].map(read)
    manifestText = try read("Package.swift")
    manifest = Manifest(text: manifestText.lines.joined(separator: "\n"))
  }

  /// The Swift files of one target.
  func files(of target: Manifest.Target) -> [SourceText] {
    swift.filter { $0.path.hasPrefix(target.path + "/") }
  }

  /// The files of floors 1 to 3, which are pure.
  var pureFiles: [SourceText] {
    manifest.targets.filter { target in
      guard let floor = FloorTable.floor(of: target.name) else { return false }
      return (1...3).contains(floor)
    }.flatMap(files(of:))
  }
}
