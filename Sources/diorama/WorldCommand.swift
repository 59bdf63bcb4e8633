// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Assets
import Episodes
import Files
import Foundation
import Simulation
import Worlds

/// World files: which there are, whether one is correct, and what may stand in one.
struct WorldCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "world", abstract: "Check and list world files.",
    subcommands: [Validate.self, List.self, Schema.self])

  struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check worlds and report every mistake with its line.",
      discussion: """
        A file without mistakes of its own is then held against what it names: its scene, its \
        meshes and, once that is fetched, its robot. Nothing is played.
        """)
    @Argument(help: "World files, or the names of built-in worlds.") var worlds: [String]
    @Flag(help: "Check the files alone, not what they name.") var fileOnly = false
    @OptionGroup var cache: AssetsCommand.CacheOption
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
      var verdicts: [Verdict] = []
      for name in worlds {
        var verdict = Verdict(name: name)
        do throws(WorldMistakes) {
          inspect(try openWorld(name), &verdict)
        } catch {
          verdict.mistakes = error.mistakes
        }
        if !json { verdict.report() }
        verdicts.append(verdict)
      }
      let isCorrect = verdicts.allSatisfy(\.mistakes.isEmpty)
      if json { printJSON(["ok": isCorrect, "worlds": verdicts.map(\.json)]) }
      if !isCorrect { throw ExitCode(1) }
    }

    /// Reads what the world names, as far as it is here.
    private func inspect(_ world: World, _ verdict: inout Verdict) {
      if fileOnly {
        verdict.unchecked = "scene, meshes and robot"
        return
      }
      // What is not in the registry has no teacher either, as the inspection says.
      let asset = try? AssetRegistry.builtIn().asset(named: world.robot.asset)
      let robotFile = asset.flatMap { try? cache.assetCache.entry(of: $0) }
      if let asset, robotFile == nil {
        verdict.unchecked =
          "joints' limits and cameras' bodies; `diorama assets fetch \(asset.name)` first"
      }
      let inspection = WorldInspection(
        of: world, robotFile: robotFile, workerExecutable: ownExecutable())
      verdict.agreement = inspection.agreement
      verdict.mistakes = inspection.mistakes
    }
  }

  /// What came of one world's validation.
  private struct Verdict {
    let name: String
    var mistakes: [InputError] = []
    /// What was not looked at, in words.
    var unchecked: String?
    var agreement: SurfaceAgreement?

    /// Prints a correct world's figures, or the mistakes as errors.
    func report() {
      guard mistakes.isEmpty else {
        return Diorama.report(WorldMistakes(mistakes: mistakes))
      }
      print("\(name): correct")
      if let agreement {
        print(
          "  picture and physics: \(decimal(agreement.medianError * 1000, places: 1)) mm apart, "
            + "\(agreement.strayCount) of \(agreement.rayCount) rays astray")
      }
      if let unchecked { print("  not checked: \(unchecked)") }
    }

    var json: [String: Any] {
      var object: [String: Any] = [
        "ok": mistakes.isEmpty, "world": name, "unchecked": unchecked.map { [$0] } ?? [],
        "mistakes": mistakes.map {
          ["file": $0.file, "field": $0.field, "found": $0.found, "expected": $0.expected]
        },
      ]
      if let agreement, agreement.medianError.isFinite {
        object["surface"] = [
          "rays": agreement.rayCount, "strays": agreement.strayCount,
          "medianErrorMillimetres": agreement.medianError * 1000,
        ]
      }
      return object
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the built-in worlds.")
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
      // Nothing is loaded for a list, so no variable has to be set.
      let unset = ["DIORAMA_DATA": "${DIORAMA_DATA}"]
      let worlds = try BuiltInWorlds.names.map { try openWorld($0, environment: unset) }
      if json {
        printJSON(["worlds": worlds.map { ["name": $0.name, "description": $0.summary] }])
      } else {
        for world in worlds {
          print(world.name.padding(toLength: 12, withPad: " ", startingAt: 0) + world.summary)
        }
      }
    }
  }

  struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the JSON Schema of world files, or the manual's tables.")
    @Flag(help: "Print Markdown tables.") var markdown = false
    @Flag(help: "Print the JSON Schema, as without any option.") var json = false

    func validate() throws {
      guard !(markdown && json) else {
        throw ValidationError("--markdown and --json: choose one of the two.")
      }
    }

    func run() { print(markdown ? WorldSchema.manual : WorldSchema.jsonSchema, terminator: "") }
  }
}

/// Reads a world file, or a built-in world by its name.
func openWorld(
  _ name: String, environment: [String: String] = worldEnvironment()
) throws(WorldMistakes) -> World {
  let text: String
  if let builtIn = BuiltInWorlds.text(named: name) {
    text = builtIn
  } else {
    do throws(InputError) {
      guard let valid = String(validating: try readFile(name), as: UTF8.self) else {
        throw InputError(
          file: name, field: "file", found: "bytes that are no UTF-8", expected: "")
      }
      text = valid
    } catch {
      var mistake = error
      mistake.expected = "a world file, or one of \(BuiltInWorlds.names.joined(separator: ", "))"
      throw WorldMistakes(mistakes: [mistake])
    }
  }
  return try WorldReader.world(from: text, file: name, environment: environment)
}

/// The variables that a world's paths may name.
///
/// A `DIORAMA_DATA` that is relative begins in the current folder, not in that of the world file.
func worldEnvironment() -> [String: String] {
  var environment = ProcessInfo.processInfo.environment
  if let data = environment["DIORAMA_DATA"], !data.hasPrefix("/") {
    environment["DIORAMA_DATA"] = FileManager.default.currentDirectoryPath + "/" + data
  }
  return environment
}

/// Prints a JSON object with sorted keys on the standard output stream.
func printJSON(_ object: Any) {
  let options: JSONSerialization.WritingOptions = [
    .prettyPrinted, .sortedKeys, .withoutEscapingSlashes,
  ]
  guard let bytes = try? JSONSerialization.data(withJSONObject: object, options: options) else {
    preconditionFailure("only plain JSON is printed")
  }
  print(String(decoding: bytes, as: UTF8.self))
}
