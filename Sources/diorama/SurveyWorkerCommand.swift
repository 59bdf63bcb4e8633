// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Maps

/// The process that reads a survey within limits; `diorama` starts it, not a person.
struct SurveyWorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: SurveyWorker.command, shouldDisplay: false)

  @Argument(help: "The survey, and which of its points.") var arguments: [String]

  func run() throws {
    throw ExitCode(SurveyWorker.main(arguments))
  }
}
