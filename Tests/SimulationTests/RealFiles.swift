// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Real third-party data that the tests read where it is present; see its own README for licences.
enum RealFiles {
  static let folder = ProcessInfo.processInfo.environment["DIORAMA_DATA"] ?? "../shared/data"
  /// The round table of the Mip-NeRF 360 garden: points, and three of its cameras.
  static let garden = folder + "/splats/garden_points/test_garden.npz"

  /// True when the file can be read, or must be: with `CI=true` a missing file is a failure.
  static func isPresent(_ path: String) -> Bool {
    if FileManager.default.fileExists(atPath: path) { return true }
    print("skipped: \(path) is not here; set DIORAMA_DATA to the folder of real data")
    return ProcessInfo.processInfo.environment["CI"] == "true"
  }
}
