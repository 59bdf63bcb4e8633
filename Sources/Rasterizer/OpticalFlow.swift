// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
package import Images
import Parallel

/// How what a picture shows moves on the image until another picture is taken.
///
/// A pixel shows the point of its median depth (`Rendering.medianDepth`), and moves as its owner
/// does (`Rendering.owners`): splats stand still in the world, a mesh moves from its pose in one
/// request to that of the mesh in the same place of the other's list. The flow is where that point
/// lies on the other image minus where it lies on this one, both in pixels, exact to the depth.
///
/// Pictures one after the other in time give forward flow, the other way round backward flow, and
/// both together the occlusions on either side.
package struct OpticalFlow: Equatable, Sendable {
  /// What becomes of a pixel.
  package enum Fate: UInt8, Sendable {
    /// Nothing is seen there, or it has no place on the other image: its lens does not see there.
    case none = 0
    /// Its point is seen on the other picture.
    case seen = 1
    /// Its point lies on the other picture behind something else.
    case occluded = 2
    /// Its point lies beside the other picture.
    case outside = 3
  }

  /// The flow in pixels: [height x width x 2], x right and y down; 0 where the fate is `none`.
  package var motion: VectorImage
  /// The fate of each pixel, a raw value of `Fate`: [height x width], row-major.
  package var fates: [UInt8]

  /// A picture and what it was asked for; it must hold median depths and owners.
  package typealias Picture = (request: RenderRequest, rendering: Rendering)

  /// Finds the flow from one picture to another.
  ///
  /// - Parameters:
  ///   - from: The picture whose pixels move.
  ///   - to: The picture they move to; its meshes are those of `from` in the same order.
  ///   - relativeTolerance: By how much a point may lie behind the other picture's median depth, as
  ///     a part of it, and still count as seen; the depth of a slanted surface changes within a
  ///     pixel.
  ///   - threadCount: The most threads; the result does not depend on it.
  /// - Complexity: O(pixels), about 50 ns each.
  package init(
    from: Picture, to: Picture, relativeTolerance: Double = 0.02, threadCount: Int = 1
  ) {
    let camera = from.request.camera
    precondition(
      from.request.meshes.count == to.request.meshes.count, "both pictures have the same meshes")
    for picture in [from, to] {
      let pixelCount = picture.request.camera.width * picture.request.camera.height
      precondition(
        picture.rendering.medianDepth.values.count == pixelCount
          && picture.rendering.owners.ids.count == pixelCount,
        "pictures hold median depths and owners")
    }
    let pixels = PixelMotions(from: from, to: to, relativeTolerance: relativeTolerance)
    motion = VectorImage(width: camera.width, height: camera.height, componentCount: 2)
    fates = Array(repeating: 0, count: camera.width * camera.height)
    var rows = [PixelMotions.Row](repeating: PixelMotions.Row(), count: camera.height)
    unsafe rows.withUnsafeMutableBufferPointer { rows in
      let shared = unsafe SharedRows(rows: rows)
      parallelFor(count: camera.height, threadCount: threadCount) { y, _ in
        unsafe shared.rows[y] = pixels.row(y)
      }
    }
    for (y, row) in rows.enumerated() {
      motion.values.replaceSubrange(
        y * camera.width * 2..<(y + 1) * camera.width * 2, with: row.motion)
      fates.replaceSubrange(y * camera.width..<(y + 1) * camera.width, with: row.fates)
    }
  }
}

/// The rows of a result, each written by one thread.
@unsafe
// Unchecked: the guard is the row's number, which one thread has.
private struct SharedRows: @unchecked Sendable {
  let rows: UnsafeMutableBufferPointer<PixelMotions.Row>
}

/// Moves the pixels of one picture to another.
private struct PixelMotions: Sendable {
  struct Row: Sendable {
    var motion: [Float] = []
    var fates: [UInt8] = []
  }

  let from: RenderRequest
  let to: RenderRequest
  let depths: ScalarImage
  let owners: LabelImage
  let otherDepths: ScalarImage
  let relativeTolerance: Double
  /// How what a pixel shows moves in the world: of the splats, then of each mesh.
  let movedFromWorld: [RigidTransform]

  init(from: OpticalFlow.Picture, to: OpticalFlow.Picture, relativeTolerance: Double) {
    self.from = from.request
    self.to = to.request
    depths = from.rendering.medianDepth
    owners = from.rendering.owners
    otherDepths = to.rendering.medianDepth
    self.relativeTolerance = relativeTolerance
    movedFromWorld =
      [.identity]
      + zip(from.request.meshes, to.request.meshes).map { before, after in
        precondition(before.scale == after.scale, "a mesh keeps its scale")
        return after.worldFromMesh * before.worldFromMesh.inverse
      }
  }

  func row(_ y: Int) -> Row {
    var row = Row()
    row.motion.reserveCapacity(2 * from.camera.width)
    row.fates.reserveCapacity(from.camera.width)
    for x in 0..<from.camera.width {
      let (motion, fate) = move(x, y)
      row.motion.append(Float(motion.x))
      row.motion.append(Float(motion.y))
      row.fates.append(fate.rawValue)
    }
    return row
  }

  private func move(_ x: Int, _ y: Int) -> (SIMD2<Double>, OpticalFlow.Fate) {
    let at = y * from.camera.width + x
    let owner = Int(owners.ids[at])
    let center = SIMD2(Double(x) + 0.5, Double(y) + 0.5)
    guard owner > 0, let ray = from.camera.ray(through: center) else { return (.zero, .none) }
    let point = ray * (Double(depths.values[at]) / from.camera.lens.depth(of: ray))
    let inWorld = from.cameraFromWorld(x: x, y: y).inverse * point
    guard let sight = to.sight(of: movedFromWorld[owner - 1] * inWorld) else {
      return (.zero, .none)
    }
    return (sight.place - center, fate(of: sight))
  }

  private func fate(of sight: RenderRequest.Sight) -> OpticalFlow.Fate {
    let (place, camera) = (sight.place, to.camera)
    guard place.x >= 0, place.y >= 0, place.x < Double(camera.width),
      place.y < Double(camera.height)
    else { return .outside }
    let depth = Double(otherDepths.values[Int(place.y) * camera.width + Int(place.x)])
    // Where the other picture has no surface, nothing hides the point.
    return depth > 0 && sight.depth > depth * (1 + relativeTolerance) ? .occluded : .seen
  }
}
