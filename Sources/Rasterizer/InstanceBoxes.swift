// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Images
import Splats

/// The boxes around one instance in a picture.
package struct InstanceBoxes: Equatable, Sendable {
  /// A box of whole pixels, ends included.
  package struct PixelBox: Equatable, Sendable {
    /// The first and last column.
    package var columns: ClosedRange<Int>
    /// The first and last row.
    package var rows: ClosedRange<Int>
  }
  /// The instance.
  package var instance: UInt32
  /// The smallest box around the pixels whose instance it is; nil where it is not seen.
  package var tight: PixelBox?
  /// The smallest box around the pixels that it would have if it were alone; nil outside the image.
  package var loose: PixelBox?
  /// The pixels whose instance it is.
  package var seenPixelCount: Int
  /// The pixels that it would have if it were alone.
  package var alonePixelCount: Int
  /// The part of it that others hide, of what lies on the image, 0...1: `1 - seen / alone`; 1
  /// where it would not be seen alone.
  package var occlusion: Double {
    alonePixelCount == 0
      ? 1 : max(0, 1 - Double(seenPixelCount) / Double(alonePixelCount))
  }
  /// The eight corners of its box in space on the image, pixels; nil where the lens sees none.
  ///
  /// Corner k has the largest x, y, z of the box where bit 0, 1, 2 of k is set. A mesh's box lies
  /// along the mesh's axes; that of splats, around their centres, along the world's.
  package var corners: [SIMD2<Double>?]
}

extension Renderer {
  /// Measures the instances of a picture that this renderer has drawn.
  ///
  /// Draws each instance once more by itself, so it costs a small picture an instance; what the
  /// renderer keeps of a camera that stands still is lost.
  ///
  /// - Parameters:
  ///   - instances: The instances to be measured; 0 is background and has no boxes.
  ///   - request: What the picture was asked for.
  ///   - rendering: The picture, with instances.
  /// - Returns: The boxes in the order of `instances`.
  package func boxes(
    of instances: [UInt32], in request: RenderRequest, _ rendering: Rendering
  ) -> [InstanceBoxes] {
    let size = request.camera.width * request.camera.height
    precondition(rendering.instances.ids.count == size, "the picture holds instances")
    return instances.map { instance in
      precondition(instance != 0, "background has no boxes")
      let seen = Extent(rendering.instances, of: instance)
      let alone = extentAlone(of: instance, request)
      return InstanceBoxes(
        instance: instance, tight: seen.box, loose: alone.box, seenPixelCount: seen.pixelCount,
        alonePixelCount: alone.pixelCount, corners: corners(of: instance, request))
    }
  }

  private func extentAlone(of instance: UInt32, _ request: RenderRequest) -> Extent {
    var request = request
    request.outputs = [.instances]
    request.splatBudget = nil
    request.meshes.removeAll { $0.instanceID != instance }
    let own = parts.map {
      PlacedSplats(PackedSplats($0.splats, only: instance), origin: $0.origin, share: $0.share)
    }
    return Extent(Renderer(parts: own).render(request).instances, of: instance)
  }

  private func corners(of instance: UInt32, _ request: RenderRequest) -> [SIMD2<Double>?] {
    let meshes = request.meshes.filter { $0.instanceID == instance }
    let worldCorners: [SIMD3<Double>]
    if meshes.count == 1, let mesh = meshes.first {
      worldCorners = Self.corners(of: mesh.mesh.bounds).map {
        mesh.worldFromMesh * ($0 * SIMD3<Double>(mesh.scale))
      }
    } else {
      var box = AxisAlignedBox()
      for part in parts {
        let own = part.splats.centers(of: instance)
        guard !own.isEmpty else { continue }
        box.add(own.minimum + part.origin)
        box.add(own.maximum + part.origin)
      }
      for mesh in meshes {
        for corner in Self.corners(of: mesh.mesh.bounds) {
          box.add(mesh.worldFromMesh * (corner * SIMD3<Double>(mesh.scale)))
        }
      }
      guard !box.isEmpty else { return Array(repeating: nil, count: 8) }
      worldCorners = Self.corners(of: box)
    }
    return worldCorners.map { request.sight(of: $0)?.place }
  }

  private static func corners(of box: AxisAlignedBox) -> [SIMD3<Double>] {
    (0..<8).map { corner in
      SIMD3(
        corner & 1 == 0 ? box.minimum.x : box.maximum.x,
        corner & 2 == 0 ? box.minimum.y : box.maximum.y,
        corner & 4 == 0 ? box.minimum.z : box.maximum.z)
    }
  }
}

/// The pixels of one instance.
private struct Extent {
  var pixelCount = 0
  var box: InstanceBoxes.PixelBox?

  init(_ image: LabelImage, of instance: UInt32) {
    var columns = (first: Int.max, last: -1)
    var rows = (first: Int.max, last: -1)
    for y in 0..<image.height {
      for x in 0..<image.width where image.ids[y * image.width + x] == instance {
        pixelCount += 1
        columns = (min(columns.first, x), max(columns.last, x))
        rows = (min(rows.first, y), max(rows.last, y))
      }
    }
    guard pixelCount > 0 else { return }
    box = InstanceBoxes.PixelBox(
      columns: columns.first...columns.last, rows: rows.first...rows.last)
  }
}
