// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
package import Geometry
import Images
import Physics
import Rasterizer
package import Splats
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

  /// Compares what is seen with what is stood on where the task happens: from straight above, and
  /// from the world's fixed cameras.
  ///
  /// - Throws: `InputError` where MuJoCo does not compile the support.
  package static func measure(
    _ splats: PackedSplats, _ support: SupportSurface, for world: World
  ) throws(InputError) -> SurfaceAgreement {
    let reach = max(world.task.objectReach.upperBound, world.task.placeReach.upperBound)
    let radius = min(max(reach, 0.1), widestReach) / 2
    let bearing = (world.task.bearing.lowerBound + world.task.bearing.upperBound) / 2
    let ahead = SIMD3(radius * bearing.cosine, radius * bearing.sine, 0)
    let place = world.robot.worldFromBase * ahead
    let target = SIMD3(place.x, place.y, 0)
    // From so near that what hangs above a table is behind the camera; with pixels of a millimetre
    // or two, as wide ones would hide that light passes between the splats.
    let above = Geometry.Camera(width: 192, height: 192, verticalFieldOfView: 1, near: 0.01)
    var rays = try rays(
      splats, support, camera: above,
      cameraFromWorld: .cameraFromWorld(eye: target + SIMD3(0, 0, 2 * radius), target: target),
      everyPixel: 4)
    for camera in world.cameras where camera.body == nil {
      rays += try self.rays(
        splats, support, camera: camera.lens, cameraFromWorld: camera.bodyFromCamera.inverse,
        everyPixel: 4)
    }
    let isTable = support.top != nil
    return SurfaceAgreement(
      rays.filter { $0.isOnTable == isTable && length($0.stoodOn - target) < radius })
  }

  /// The widest task that is looked at whole, metres from the base.
  private static let widestReach = 0.5

  /// Casts rays through the middles of pixels, in physics and in the picture of the splats.
  ///
  /// - Parameters:
  ///   - splats: What the camera sees.
  ///   - support: What physics stands on.
  ///   - camera: The lens.
  ///   - cameraFromWorld: The camera's pose.
  ///   - step: 1 for every pixel, 2 for every other one along rows and columns, and so on.
  /// - Returns: The rays that meet the support, row by row.
  /// - Throws: `InputError` where MuJoCo does not compile the support.
  package static func rays(
    _ splats: PackedSplats, _ support: SupportSurface, camera: Geometry.Camera,
    cameraFromWorld: RigidTransform, everyPixel step: Int = 1
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
    for row in stride(from: 0, to: camera.height, by: step) {
      for column in stride(from: 0, to: camera.width, by: step) {
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
