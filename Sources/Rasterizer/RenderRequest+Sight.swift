// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Meshes

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

  /// Whether rays that see a mesh need not look at its inside: because that was asked for, or
  /// because the mesh is closed and its box lies wholly beyond the near plane of every line.
  func showsOutsideOnly(of instance: MeshInstance, _ rules: ViewRules) -> Bool {
    if let sides = instance.mesh.sides { return sides == .outside }
    guard instance.mesh.isClosed else { return false }
    let ends = [instance.mesh.bounds.minimum, instance.mesh.bounds.maximum].map {
      $0 * SIMD3<Double>(instance.scale)
    }
    let (low, high) = (pointwiseMin(ends[0], ends[1]), pointwiseMax(ends[0], ends[1]))
    let near = Double(rules.meshNear)
    func isBeyond(_ cameraFromMesh: RigidTransform) -> Bool {
      if camera.lens.measuresDepthAlongAxis {
        // The mesh's axes as depth: the last row of the rotation.
        let depth = cameraFromMesh.rotation.normalized.matrix.transpose.column2
        let nearest = pointwiseMin(depth * low, depth * high).sum()
        return nearest + cameraFromMesh.translation.z >= near
      }
      let eye = cameraFromMesh.inverse.translation
      return length(eye - pointwiseMin(pointwiseMax(eye, low), high)) >= near
    }
    guard let lines = linePoses?.cameraFromWorld else {
      return isBeyond(cameraFromWorld * instance.worldFromMesh)
    }
    return lines.indices.allSatisfy { line in
      isBeyond(lines[line] * (instance.linePoses?[line] ?? instance.worldFromMesh))
    }
  }
}
