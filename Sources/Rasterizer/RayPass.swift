// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Kernels

/// The rays of a view, and the splats as rays see them.
///
/// What a lens alone decides is kept from picture to picture.
@safe
final class RayPass {
  private let threadCount: Int
  private var table: RayTable?
  /// The planes that were worked out last are those of the table, standing still.
  private var standsStill = false
  /// The rays by which splats and meshes that stand still are seen.
  private let still = BoundRays()
  /// Those by which each mesh that moves is seen.
  private var moving: [BoundRays] = []
  /// All of them, for the kernels.
  private var all = unsafe Scratch<kernels_rays>()
  /// Beside the records of `SplatPass`.
  private var splats = Scratch<kernels_ray_splat>()
  private(set) var rules = kernels_ray_rules()

  init(threadCount: Int) { self.threadCount = threadCount }

  /// Brings the rays of a request into the view of its pose.
  func prepare(_ request: RenderRequest) {
    let rays: RayTable
    if let kept = table, kept.camera == request.camera {
      rays = kept
    } else {
      rays = RayTable(request.camera, threadCount: threadCount)
      standsStill = false
      table = rays
    }
    let focal = request.camera.focalLengthPixels
    let blur = request.profile == .gut ? 0 : ViewRules.blurPixels2 / (focal.x * focal.y)
    rules = kernels_ray_rules(
      blur: Float(blur.squareRoot()),
      axial_depth: request.camera.lens.measuresDepthAlongAxis ? 1 : 0,
      moving: request.linePoses == nil ? 0 : 1)
    if standsStill, request.linePoses == nil { return }
    if let poses = request.linePoses {
      let count = poses.areColumns ? request.camera.width : request.camera.height
      precondition(poses.cameraFromWorld.count == count, "each line of the image has a pose")
    }
    let viewFromLines = request.linePoses?.cameraFromWorld.map {
      request.cameraFromWorld * $0.inverse
    }
    still.prepare(
      rays, viewFromLines: viewFromLines, areColumns: request.linePoses?.areColumns ?? false,
      threadCount: threadCount)
    standsStill = request.linePoses == nil
  }

  /// Brings the rays by which moving meshes are seen into the view in which they stand still, and
  /// returns each mesh's place in `allRays`.
  func prepareMotions(_ meshes: [MeshInstance], _ request: RenderRequest) -> [UInt32] {
    guard let table else { preconditionFailure("a view is prepared before its meshes") }
    var count = 0
    let places = meshes.map { mesh -> UInt32 in
      guard let poses = mesh.linePoses, let cameras = request.linePoses else { return 0 }
      precondition(poses.count == cameras.cameraFromWorld.count, "a mesh has a pose for each line")
      let viewFromMesh = request.cameraFromWorld * mesh.worldFromMesh
      if count == moving.count { moving.append(BoundRays()) }
      moving[count].prepare(
        table,
        viewFromLines: zip(poses, cameras.cameraFromWorld).map { worldFromMesh, cameraFromWorld in
          viewFromMesh * (cameraFromWorld * worldFromMesh).inverse
        }, areColumns: cameras.areColumns, threadCount: threadCount)
      count += 1
      return UInt32(count)
    }
    unsafe all.reserve(1 + count)
    unsafe all.pointer[0] = still.kernel(table)
    for index in 0..<count { unsafe all.pointer[1 + index] = moving[index].kernel(table) }
    return places
  }

  /// The rays by which splats are seen; valid until the next `prepare`.
  var kernelRays: kernels_rays {
    guard let table else { preconditionFailure("a view is prepared before it is drawn") }
    return unsafe still.kernel(table)
  }

  /// The same, and then those of each mesh that moves; valid until the next `prepareMotions`.
  var allRays: UnsafePointer<kernels_rays> { unsafe UnsafePointer(all.pointer) }

  /// Makes room for as many splats as there are records.
  func reserve(_ count: Int) { splats.reserve(count) }

  /// The splats, in the order of the records.
  var splatPointer: UnsafeMutablePointer<kernels_ray_splat> { unsafe splats.pointer }
}
