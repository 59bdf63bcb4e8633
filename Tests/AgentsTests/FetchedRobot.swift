// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Assets
import Foundation

/// The SO-101 as `diorama assets fetch so101` leaves it on this machine.
enum FetchedRobot {
  /// Why tests are skipped.
  static let reason = "no SO-101; fetch it with `diorama assets fetch so101`"

  /// The model file; nil where the robot was not fetched.
  static let file: String? = {
    let environment = ProcessInfo.processInfo.environment
    let folder = environment["DIORAMA_CACHE"] ?? NSHomeDirectory() + "/.cache/diorama/assets"
    guard let asset = try? AssetRegistry.builtIn().asset(named: "so101") else { return nil }
    return try? AssetCache(folder: folder).entry(of: asset)
  }()

  /// True where the robot is there, or must be.
  static let isExpected =
    file != nil || ProcessInfo.processInfo.environment["CI"] == "true"
}
