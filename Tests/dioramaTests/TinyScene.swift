// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import SplatFormats
import Splats

/// Scenes with an answer that can be seen without drawing them.
enum TinyScene {
  /// A red ball a metre above a blue one, in a capture's axes, whose y points down.
  static var redAboveBlue: SplatCloud {
    var cloud = SplatCloud(shDegree: 0)
    cloud.append(ball(at: SIMD3(0, -1, 0), colourSRGB: SIMD3(1, 0, 0)))
    cloud.append(ball(at: SIMD3(0, 1, 0), colourSRGB: SIMD3(0, 0, 1)))
    return cloud
  }

  /// An opaque ball with a standard deviation of 0.2 m.
  static func ball(at position: SIMD3<Float>, colourSRGB: SIMD3<Float>) -> Splat {
    Splat(
      position: position, logScale: SIMD3(repeating: log(0.2)), rotation: .identity,
      opacityLogit: 10, sh0: Splat.sh0(colourSRGB: colourSRGB))
  }

  /// Writes a scene as PLY and returns the path.
  static func write(_ cloud: SplatCloud, in folder: ScratchFolder) throws -> String {
    let path = "\(folder.path)/scene.ply"
    try SplatFile.write(cloud, to: path, as: .ply)
    return path
  }
}
