// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
package import Geometry
import Images
import Physics
package import Rasterizer
package import Worlds

/// A ray through a pixel: where it ends in physics, and where in the picture.
package struct SurfaceRay: Equatable, Sendable {
  /// The first point of the support on it, in the world, metres.
  package var stoodOn: SIMD3<Double>
  /// Whether that point lies on the table, and not on the ground.
  package var isOnTable: Bool
  /// The point at the depth that the camera sees, in the world, metres; nil where it sees nothing.
  package var seen: SIMD3<Double>?
  /// How much higher the seen point is than the one stood on, metres.
  package var heightError: Double? { seen.map { $0.z - stoodOn.z } }
}

/// How well what a camera sees of the support agrees with what physics stands on.
///
/// Splats are drawn, physics stands on boxes: two descriptions of one surface. Heights are compared
/// and not depths, since a camera that looks along a table sees small errors of height as large
/// ones of depth.
package struct SurfaceAgreement: Equatable, Sendable {
  /// How many rays met the support.
  package var rayCount: Int
  /// How many of them see nothing, or something more than `tolerance` away in height.
  package var strayCount: Int
  /// The middle one of the errors of height, without their signs, metres; infinite without rays.
  package var medianError: Double

  /// How far a seen height may be from the one stood on: a hundredth is easily seen, metres.
  package static let tolerance = 0.01

  /// Sums up rays.
  package init(_ rays: [SurfaceRay]) {
    let errors = rays.map { abs($0.heightError ?? .infinity) }.sorted()
    rayCount = errors.count
    strayCount = errors.count { $0 > Self.tolerance }
    medianError = errors.isEmpty ? .infinity : errors[errors.count / 2]
  }

  /// Looks down on where the task happens and compares what is seen with what is stood on.
  ///
  /// - Throws: `InputError` where MuJoCo does not compile the support.
  package static func measure(
    _ splats: PackedSplats, _ support: SupportSurface, for world: World
  ) throws(InputError) -> SurfaceAgreement {
    let reach = max(world.task.objectReach.upperBound, world.task.placeReach.upperBound)
    let radius = min(max(reach, 0.1), widestLook) / 2
    let bearing = (world.task.bearing.lowerBound + world.task.bearing.upperBound) / 2
    let ahead = SIMD3(radius * bearing.cosine, radius * bearing.sine, 0)
    let place = world.robot.worldFromBase * ahead
    let target = SIMD3(place.x, place.y, 0)
    // From so near that what hangs above a table is behind the camera.
    let camera = Geometry.Camera(width: 48, height: 48, verticalFieldOfView: 1, near: 0.01)
    let rays = try rays(
      splats, support, camera: camera,
      cameraFromWorld: .cameraFromWorld(eye: target + SIMD3(0, 0, 2 * radius), target: target))
    let isTable = support.top != nil
    return SurfaceAgreement(rays.filter { $0.isOnTable == isTable })
  }

  /// Twice the radius around the task's middle that is looked at, at most, metres.
  private static let widestLook = 0.5

  /// Casts a ray through the middle of every pixel, in physics and in the picture of the splats.
  ///
  /// - Returns: The rays that meet the support, row by row.
  /// - Throws: `InputError` where MuJoCo does not compile the support.
  package static func rays(
    _ splats: PackedSplats, _ support: SupportSurface, camera: Geometry.Camera,
    cameraFromWorld: RigidTransform
  ) throws(InputError) -> [SurfaceRay] {
    var spec = ModelSpec()
    try spec.add(support)
    let model = try spec.compile()
    let state = State(model)
    var request = RenderRequest(camera: camera, cameraFromWorld: cameraFromWorld)
    request.outputs = [.depth]
    let depth = Renderer(splats: splats).render(request).depth
    let worldFromCamera = cameraFromWorld.inverse
    var rays: [SurfaceRay] = []
    for row in 0..<camera.height {
      for column in 0..<camera.width {
        let pixel = SIMD2(Double(column) + 0.5, Double(row) + 0.5)
        guard let ray = camera.ray(through: pixel) else { continue }
        let direction = worldFromCamera.rotation.rotate(ray)
        guard
          let hit = state.firstSurface(from: worldFromCamera.translation, towards: direction)
        else { continue }
        let seen = Double(depth.values[row * camera.width + column])
        rays.append(
          SurfaceRay(
            stoodOn: worldFromCamera.translation + direction * hit.distance,
            isOnTable: model.geoms[hit.geom.index].name.hasPrefix(ModelSpec.tablePrefix),
            seen: seen > 0 ? worldFromCamera * (seen / camera.lens.depth(of: ray) * ray) : nil))
      }
    }
    return rays
  }
}
