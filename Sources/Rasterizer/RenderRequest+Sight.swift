// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry

extension RenderRequest {
  /// Returns the camera's pose while a pixel is exposed.
  func cameraFromWorld(x: Int, y: Int) -> RigidTransform {
    guard let poses = linePoses else { return cameraFromWorld }
    return poses.cameraFromWorld[poses.areColumns ? x : y]
  }

  /// Where a point is seen.
  package struct Sight: Equatable, Sendable {
    /// Pixel coordinates; may lie outside the image.
    package var place: SIMD2<Double>
    /// The depth there, metres; see `Lens.depth`.
    package var depth: Double
  }

  /// Returns where a point of the world is seen, or nil when the lens does not see that way.
  ///
  /// With a rolling shutter that is the place on the line which is exposed while the point is seen
  /// on it; beyond the image the first or the last line goes on.
  package func sight(of pointInWorld: SIMD3<Double>) -> Sight? {
    guard let poses = linePoses else { return sight(of: pointInWorld, from: cameraFromWorld) }
    let last = poses.cameraFromWorld.count - 1
    var line = last / 2
    var found: Sight?
    // Each step is nearer by the speed of the image in lines a line, which is below one for every
    // camera that could be made use of.
    for _ in 0..<Self.mostShutterSteps {
      guard let next = sight(of: pointInWorld, from: poses.cameraFromWorld[line]) else { break }
      found = next
      let along = poses.areColumns ? next.place.x : next.place.y
      let seenOn = Int(min(max(along.rounded(.down), 0), Double(last)))
      if seenOn == line { break }
      line = seenOn
    }
    return found
  }

  private static let mostShutterSteps = 16

  private func sight(of pointInWorld: SIMD3<Double>, from pose: RigidTransform) -> Sight? {
    let inCamera = pose * pointInWorld
    return camera.project(inCamera).map { Sight(place: $0, depth: camera.lens.depth(of: inCamera)) }
  }
}
