// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Real third-party maps that the tests read where they are present; see their own README.
enum RealFiles {
  static let folder =
    (ProcessInfo.processInfo.environment["DIORAMA_DATA"] ?? "../shared/data") + "/maps"
  static let autzen = folder + "/autzen_lidar/"
  static let delft = folder + "/delft_3dfier/"
  static let rotterdam = folder + "/rotterdam_cityjson/"

  /// True when the file can be read, or must be: with `CI=true` a missing file is a failure.
  static func isPresent(_ path: String) -> Bool {
    if FileManager.default.fileExists(atPath: path) { return true }
    print("skipped: \(path) is not here; set DIORAMA_DATA to the folder of real data")
    return ProcessInfo.processInfo.environment["CI"] == "true"
  }
}
