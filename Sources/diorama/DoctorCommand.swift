// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Assets
import Datasets
import Files
import Foundation
import ImageFiles
import MeshFormats
import Physics
import Worlds

/// Says what this computer has and what is missing, before a long job finds out.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say which versions are used and what is missing, with what to do about it.",
    discussion: "Ends with 1 when something that `diorama run tabletop` needs is missing.")
  @OptionGroup var option: AssetsCommand.CacheOption
  @Flag(help: "Print one JSON object.") var json = false

  func run() throws {
    let machine = Machine()
    let others = [MeshImporter.library, JPEG.library, SHA256.library, ArchiveLimits.library]
    // Without its encoder, libavcodec is missing a piece; that is a finding, and no library.
    let deciding = VideoEncoder.isAvailable ? try librariesThatDecideBytes() : []
    let libraries = deciding + others
    let findings =
      try [
        physicsFinding(), videoFinding(), cacheFinding(),
      ] + robotFindings() + [
        downloadFinding(), confinementFinding(), dataFinding(), compilerFinding(),
      ]
    let isReady = findings.allSatisfy { $0.isPresent || !$0.isNeeded }
    if json {
      printJSON([
        "version": dioramaVersion, "machine": machine.json, "isReady": isReady,
        "libraries": libraries.map {
          ["name": $0.name, "header": $0.header, "loaded": $0.loaded]
        },
        "findings": findings.map(\.json),
      ])
    } else {
      print("Diorama     \(dioramaVersion)")
      print("machine     \(machine.line)")
      for library in libraries {
        let column = library.name.padding(toLength: 12, withPad: " ", startingAt: 0)
        print(column + library.loaded)
      }
      for finding in findings { print(finding.line) }
      print(isReady ? "ready for `diorama run tabletop`" : "not ready for `diorama run tabletop`")
    }
    let missing = findings.filter { $0.isNeeded && !$0.isPresent }.map(\.name)
    guard missing.isEmpty else {
      throw InputError(
        file: "doctor", field: "missing", found: missing.joined(separator: ", "),
        expected: "nothing, for `diorama run tabletop`")
    }
  }
}

/// One thing that was looked for.
private struct Finding {
  var name: String
  /// What was found.
  var found: String
  var isPresent: Bool
  /// Whether `diorama run tabletop` needs it.
  var isNeeded: Bool
  /// What to do where it is missing.
  var advice: String

  var line: String {
    let mark = isPresent ? "ok          " : isNeeded ? "MISSING     " : "absent      "
    return mark + name + ": " + found + (isPresent ? "" : "; \(advice)")
  }

  var json: [String: Any] {
    [
      "name": name, "found": found, "isPresent": isPresent, "isNeeded": isNeeded,
      "advice": isPresent ? "" : advice,
    ]
  }
}

extension DoctorCommand {
  private func physicsFinding() -> Finding {
    let library = Model.library
    return Finding(
      name: "MuJoCo", found: "library \(library.loaded), built for \(library.header)",
      isPresent: library.loaded == library.header, isNeeded: true,
      advice: "run ./setup and build again, so that both are of one version")
  }

  private func videoFinding() -> Finding {
    let isPresent = VideoEncoder.isAvailable
    return Finding(
      name: "H.264 encoder", found: isPresent ? "libx264" : "a libavcodec without libx264",
      isPresent: isPresent, isNeeded: true, advice: "install Debian's libavcodec59")
  }

  private func cacheFinding() -> Finding {
    let folder = option.assetCache.folder
    // Where the folder is still to be made, the nearest one above it counts.
    var url = URL(fileURLWithPath: folder)
    while kind(ofPath: url.path) == .absent, url.path != "/" { url.deleteLastPathComponent() }
    let isWritable =
      kind(ofPath: url.path) == .folder && FileManager.default.isWritableFile(atPath: url.path)
    return Finding(
      name: "cache", found: folder + (isWritable ? "" : ", which cannot be written"),
      isPresent: isWritable, isNeeded: false, advice: "set DIORAMA_CACHE to another folder")
  }

  /// The robot that `run tabletop` needs, and the others on one line.
  private func robotFindings() throws -> [Finding] {
    let needed = try openWorld("tabletop").robot.asset
    let cache = option.assetCache
    let assets = try AssetRegistry.builtIn().assets
    let fetched = assets.filter(cache.contains).map(\.name)
    let others = assets.map(\.name).filter { $0 != needed }
    let othersFetched = others.filter(fetched.contains)
    return [
      Finding(
        name: "robot \(needed)", found: fetched.contains(needed) ? "fetched" : "not fetched",
        isPresent: fetched.contains(needed), isNeeded: true,
        advice: "diorama assets fetch \(needed)"),
      Finding(
        name: "other robots",
        found: "\(othersFetched.count) of \(others.count) fetched"
          + (othersFetched.isEmpty ? "" : ": " + othersFetched.joined(separator: ", ")),
        isPresent: !othersFetched.isEmpty, isNeeded: false,
        advice: "diorama assets list names them"),
    ]
  }

  private func dataFinding() -> Finding {
    let folder = ProcessInfo.processInfo.environment["DIORAMA_DATA"]
    let isPresent = folder.map { kind(ofPath: $0) == .folder } ?? false
    return Finding(
      name: "real data", found: folder.map { isPresent ? $0 : "no folder \($0)" } ?? "not named",
      isPresent: isPresent, isNeeded: false,
      advice: "set DIORAMA_DATA for the world garden and the tests with real files")
  }

  /// pip, the download client of `diorama assets fetch`; what it fetches is never run.
  private func downloadFinding() -> Finding {
    let line = firstLine(of: ["python3", "-m", "pip", "--version"])
    return Finding(
      name: "pip", found: line ?? "python3 with pip is not in the path", isPresent: line != nil,
      isNeeded: false, advice: "only `diorama assets fetch` needs it: install Debian's python3-pip")
  }

  /// The walls around the process that reads foreign meshes.
  private func confinementFinding() -> Finding {
    let version = Confinement.landlockVersion
    let landlock = version > 0 ? "Landlock \(version)" : "no Landlock, the second wall"
    let isPresent = Confinement.filtersSystemCalls
    return Finding(
      name: "mesh sandbox", found: (isPresent ? "seccomp, " : "no seccomp, ") + landlock,
      isPresent: isPresent, isNeeded: false,
      advice: "scenery from mesh files is refused: it needs a kernel with seccomp filters")
  }

  /// The compiler in the path; only building needs it.
  private func compilerFinding() -> Finding {
    let line = firstLine(of: ["swift", "--version"])
    return Finding(
      name: "Swift", found: line ?? "no compiler in the path", isPresent: line != nil,
      isNeeded: false, advice: "only building needs it: see https://swift.org/install")
  }

  /// What a program in the path prints first, or nil where it fails or is not there.
  private func firstLine(of arguments: [String]) -> String? {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return text.split(separator: "\n").first.map(String.init)
  }
}
