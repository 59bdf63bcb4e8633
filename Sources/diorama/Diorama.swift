// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Files
import Foundation
import Worlds

/// The command line: parses, calls one function of the floors below, prints, and sets the exit
/// code.
@main struct Diorama: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diorama",
    abstract: "Real places as splats, a simulator in them, and datasets out of it.",
    version: dioramaVersion,
    subcommands: [
      RunCommand.self,
      SceneCommand.self,
      MapCommand.self,
      WorldCommand.self,
      AssetsCommand.self,
      DatasetCommand.self,
      BenchCommand.self,
      DoctorCommand.self,
      MeshWorkerCommand.self,
      SurveyWorkerCommand.self,
    ])

  /// Runs a verb: exit code 0 for work done, 1 with one line for a failure, 2 for bad usage.
  static func main() {
    // A file that grows past the shell's limit is then an error with its line, as on a full disk.
    signal(SIGXFSZ, SIG_IGN)
    do {
      var command = try parseAsRoot()
      do {
        try command.run()
      } catch let error as ExitCode {
        exit(error)
      } catch let error where exitCode(for: error) == .validationFailure {
        exit(badUsage: error)
      } catch let error where exitCode(for: error) == .success {
        exit(withError: error)
      } catch {
        report(error)
        Foundation.exit(1)
      }
    } catch {
      exitCode(for: error) == .success ? exit(withError: error) : exit(badUsage: error)
    }
  }

  private static func exit(_ code: ExitCode) -> Never { Foundation.exit(code.rawValue) }

  private static func exit(badUsage error: any Error) -> Never {
    FileHandle.standardError.write(Data((fullMessage(for: error) + "\n").utf8))
    Foundation.exit(2)
  }

  /// Prints one line an error to the standard error stream.
  static func report(_ error: any Error) {
    tell((error as? WorldMistakes)?.mistakes.map(\.description) ?? ["\(error)"])
  }

  /// Prints lines to the standard error stream, which holds what is no result.
  static func tell(_ lines: [String]) {
    let text = lines.map { "diorama: \($0)\n" }.joined()
    FileHandle.standardError.write(Data(text.utf8))
  }
}
