// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Kernels
import Parallel

/// The rays of a view, between which planes they run, and the splats as rays see them.
///
/// What a lens alone decides is kept from picture to picture.
@safe
final class RayPass {
  private let threadCount: Int
  private var table: RayTable?
  /// The planes that were worked out last are those of the table, standing still.
  private var standsStill = false
  private var bundles = Scratch<kernels_ray_cells>()
  private var tiles = Scratch<kernels_ray_cells>()
  private var planes = Scratch<kernels_ray_planes>()
  private var lines = Scratch<Float>()
  /// Beside the records of `SplatPass`.
  private var splats = Scratch<kernels_ray_splat>()
  private var lineCount = 0
  private var linesAreColumns = false
  private(set) var rules = kernels_ray_rules()

  /// The tiles of a bundle.
  private static let bundleEdge = 4
  /// The bundles whose planes a thread works out at a time.
  private static let bundlesPerPart = 4

  init(threadCount: Int) { self.threadCount = threadCount }

  /// Brings the rays of a request into the view of its pose.
  func prepare(_ request: RenderRequest) {
    var rays: RayTable
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
    setLines(request)
    bound(rays)
    standsStill = request.linePoses == nil
  }

  private func setLines(_ request: RenderRequest) {
    lineCount = 0
    guard let poses = request.linePoses else { return }
    let count = poses.areColumns ? request.camera.width : request.camera.height
    precondition(poses.cameraFromWorld.count == count, "each line of the image has a pose")
    lineCount = count
    linesAreColumns = poses.areColumns
    lines.reserve(count * 12)
    for (line, pose) in poses.cameraFromWorld.enumerated() {
      let viewFromLine = request.cameraFromWorld * pose.inverse
      let turn = viewFromLine.rotation.normalized.matrix.transpose
      let numbers = [turn.column0, turn.column1, turn.column2, viewFromLine.translation]
      for (index, vector) in numbers.enumerated() {
        for axis in 0..<3 {
          unsafe lines.pointer[12 * line + 3 * index + axis] = Float(vector[axis])
        }
      }
    }
  }

  /// Works out the planes between which the rays of each bundle, tile and block run.
  private func bound(_ table: RayTable) {
    let count = bundleCount(table)
    bundles.reserve(count)
    planes.reserve(count)
    tiles.reserve(table.columns * table.rows)
    let pass = unsafe Pass(memory: kernel(table))
    let size = Self.bundlesPerPart
    parallelFor(count: (count + size - 1) / size, threadCount: threadCount) { part, _ in
      var rays = unsafe pass.memory
      unsafe kernels_bound_rays(&rays, Int32(part * size), Int32(min((part + 1) * size, count)))
    }
  }

  private func bundleCount(_ table: RayTable) -> Int {
    let edge = Self.bundleEdge
    return (table.columns + edge - 1) / edge * ((table.rows + edge - 1) / edge)
  }

  private func kernel(_ table: RayTable) -> kernels_rays {
    let edge = Self.bundleEdge
    return unsafe kernels_rays(
      directions: table.directions.pointer, lines: lineCount == 0 ? nil : lines.pointer,
      line_count: Int32(lineCount), lines_are_columns: linesAreColumns ? 1 : 0,
      tile_columns: Int32(table.columns), tile_rows: Int32(table.rows),
      bundle_columns: Int32((table.columns + edge - 1) / edge),
      bundle_count: Int32(bundleCount(table)), bundles: bundles.pointer, tiles: tiles.pointer,
      bundle_planes: planes.pointer)
  }

  /// The rays for the kernels; valid until the next `prepare`.
  var kernelRays: kernels_rays {
    guard let table else { preconditionFailure("a view is prepared before it is drawn") }
    return unsafe kernel(table)
  }

  /// Makes room for as many splats as there are records.
  func reserve(_ count: Int) { splats.reserve(count) }

  /// The splats, in the order of the records.
  var splatPointer: UnsafeMutablePointer<kernels_ray_splat> { unsafe splats.pointer }
}
