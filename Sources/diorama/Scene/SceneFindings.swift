// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Simulation
import SplatFormats
import Splats
import Worlds

extension SplatImportReport {
  /// What people should know of a file that was read, one line each; empty when all was as it
  /// should be.
  var findings: [String] {
    let counts: [(Int, String)] = [
      (repairs.droppedNonFinite, "dropped: a value was NaN or infinite"),
      (repairs.undefinedRotations, "rotations of length zero or not finite, read as none"),
      (repairs.infiniteOpacities, "opacities of full or none, written as infinity"),
      (repairs.flatSplats, "flat splats, given 2 nm"),
      (farOutliers, "splats far outside, kept"),
    ]
    var lines = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    if antialiased { lines.append("trained with antialiasing, and drawn so") }
    if !skipped.isEmpty { lines.append("not read: \(skipped.joined(separator: ", "))") }
    return lines
  }
}

/// Prints what was found while a world's scene was read, one line each, to the error stream.
///
/// What was dropped or left unread changes every picture of a dataset, and its files do not say so.
func tellFindings(of scene: LoadedScene, from source: SceneSource) {
  let name =
    switch source {
    case .courtyard: scene.report.container
    case .file(let path, _, _, _), .store(let path, _, _, _), .points(let path, _): path
    }
  Diorama.tell(scene.report.findings.map { "\(name): \($0)" })
}
