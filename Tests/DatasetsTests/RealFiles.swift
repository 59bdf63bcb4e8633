// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Real third-party data that the tests read where it is present; see its own README for licences.
enum RealFiles {
  /// Reachy 2 moving an apple, 3 episodes, in LeRobot v3.0 as LeRobot's own tools wrote it.
  static let reachy = folder + "/vla/reachy2_apple_storage_v30"

  private static let folder =
    ProcessInfo.processInfo.environment["DIORAMA_DATA"] ?? "../shared/data"

  /// True when the file can be read, or must be: with `CI=true` a missing file is a failure.
  static func isPresent(_ path: String) -> Bool {
    if FileManager.default.fileExists(atPath: path) { return true }
    print("skipped: \(path) is not here; set DIORAMA_DATA to the folder of real data")
    return ProcessInfo.processInfo.environment["CI"] == "true"
  }
}
