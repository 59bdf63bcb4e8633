// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Files
import Foundation
import Worlds

/// World files: which there are, whether one is correct, and what may stand in one.
struct WorldCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "world", abstract: "Check and list world files.",
    subcommands: [Validate.self, List.self, Schema.self])

  struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check a world file and report every mistake with its line.")
    @Argument(help: "A world file, or the name of a built-in world.") var world: String
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
      do throws(WorldMistakes) {
        let world = try openWorld(world)
        let summary = ["ok": true, "world": world.name, "mistakes": []] as [String: Any]
        json ? printJSON(summary) : print("\(self.world): correct")
      } catch {
        if json {
          printJSON([
            "ok": false, "world": world,
            "mistakes": error.mistakes.map {
              ["file": $0.file, "field": $0.field, "found": $0.found, "expected": $0.expected]
            },
          ])
        } else {
          Diorama.report(error)
        }
        throw ExitCode(1)
      }
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
