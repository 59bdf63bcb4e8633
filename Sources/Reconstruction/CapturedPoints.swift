// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
package import Geometry

/// A photograph's camera and place.
package struct CapturedCamera: Equatable, Sendable {
  /// The lens.
  package var camera: Camera
  /// The transform from the capture's frame to the camera's, in the capture's unit.
  package var cameraFromCapture: RigidTransform

  /// Makes a camera from its lens and place.
  package init(camera: Camera, cameraFromCapture: RigidTransform) {
    self.camera = camera
    self.cameraFromCapture = cameraFromCapture
  }

  /// The centre of projection in the capture's frame.
  package var centre: SIMD3<Double> { cameraFromCapture.inverse.translation }
  /// The viewing direction in the capture's frame, of length one.
  package var forward: SIMD3<Double> {
    cameraFromCapture.rotation.conjugate.rotate(SIMD3(0, 0, 1))
  }
}

/// Coloured points of a place, as structure from motion leaves them, with the cameras that saw it.
package struct CapturedPoints: Equatable, Sendable {
  /// The points in the capture's frame, in its unit; all finite.
  package var positions: [SIMD3<Float>]
  /// One colour a point, sRGB, 0...1.
  package var coloursSRGB: [SIMD3<Float>]
  /// The cameras; may be empty.
  package var cameras: [CapturedCamera]
  /// The points of the file that were left out because they are not finite.
  package private(set) var droppedNonFinite = 0

  /// Makes a capture from its parts.
  package init(
    positions: [SIMD3<Float>], coloursSRGB: [SIMD3<Float>], cameras: [CapturedCamera] = []
  ) {
    precondition(positions.count == coloursSRGB.count, "one colour a point")
    self.positions = positions
    self.coloursSRGB = coloursSRGB
    self.cameras = cameras
  }

  /// The number of points.
  package var count: Int { positions.count }

  /// Reads the archive that gsplat's tests use.
  ///
  /// Arrays: `means3d` [n x 3] f4; `colors` [n x 3] u1; `viewmats` [c x 4 x 4] f4, camera from
  /// world; `Ks` [c x 3 x 3] f4, pixels; `width`, `height` i8. Points that are not finite are
  /// left out and counted.
  ///
  /// - Throws: `InputError` naming the array that is missing or has another type or shape.
  package init(npz bytes: [UInt8], file: String) throws(InputError) {
    let archive = try NumPyArchive(bytes, file: file)
    let (shape, means) = try archive.floats("means3d", dimensionCount: 2)
    let (colourShape, colours) = try archive.unsignedBytes("colors", dimensionCount: 2)
    guard shape[1] == 3, colourShape == shape else {
      throw InputError(
        file: file, field: "colors", found: "\(colourShape)", expected: "\(shape[0]) x 3")
    }
    self.init(positions: [], coloursSRGB: [])
    for index in 0..<shape[0] {
      let position = SIMD3(means[3 * index], means[3 * index + 1], means[3 * index + 2])
      guard position.x.isFinite, position.y.isFinite, position.z.isFinite else {
        droppedNonFinite += 1
        continue
      }
      positions.append(position)
      let colour = SIMD3(colours[3 * index], colours[3 * index + 1], colours[3 * index + 2])
      coloursSRGB.append(SIMD3<Float>(colour) / 255)
    }
    cameras = try Self.readCameras(archive, file: file)
  }

  private static func readCameras(
    _ archive: NumPyArchive, file: String
  ) throws(InputError) -> [CapturedCamera] {
    let (width, height) = (try archive.integer("width"), try archive.integer("height"))
    let (viewShape, views) = try archive.floats("viewmats", dimensionCount: 3)
    let (lensShape, lenses) = try archive.floats("Ks", dimensionCount: 3)
    guard viewShape[1...] == [4, 4], lensShape == [viewShape[0], 3, 3], width > 0, height > 0 else {
      throw InputError(
        file: file, field: "viewmats, Ks, width, height",
        found: "\(viewShape), \(lensShape), \(width), \(height)",
        expected: "c x 4 x 4, c x 3 x 3 and a positive size")
    }
    var cameras: [CapturedCamera] = []
    for index in 0..<viewShape[0] {
      let view = views[index * 16..<index * 16 + 16].map { Double($0) }
      let lens = lenses[index * 9..<index * 9 + 9].map { Double($0) }
      guard (view + lens).allSatisfy({ $0.isFinite }), lens[0] > 0, lens[4] > 0 else {
        throw InputError(
          file: file, field: "Ks[\(index)]", found: "\(lens)", expected: "positive focal lengths")
      }
      let rotation = Matrix3(
        columns: SIMD3(view[0], view[4], view[8]), SIMD3(view[1], view[5], view[9]),
        SIMD3(view[2], view[6], view[10]))
      cameras.append(
        CapturedCamera(
          camera: Camera(
            width: width, height: height, focalLengthPixels: SIMD2(lens[0], lens[4]),
            principalPoint: SIMD2(lens[2], lens[5])),
          cameraFromCapture: RigidTransform(
            rotation: Quaternion(matrix: rotation),
            translation: SIMD3(view[3], view[7], view[11]))))
    }
    return cameras
  }

  /// Returns the capture in another frame and unit.
  package func transformed(by bFromA: Similarity) -> CapturedPoints {
    let moved = positions.map { SIMD3<Float>(bFromA * SIMD3<Double>($0)) }
    let movedCameras = cameras.map { camera in
      let turn = camera.cameraFromCapture.rotation * bFromA.rotation.conjugate
      let centre = bFromA * camera.centre
      return CapturedCamera(
        camera: camera.camera,
        cameraFromCapture: RigidTransform(rotation: turn, translation: -turn.rotate(centre)))
    }
    return CapturedPoints(positions: moved, coloursSRGB: coloursSRGB, cameras: movedCameras)
  }

  /// Returns the points for which `keep` is true, and all cameras.
  package func filter(_ keep: (SIMD3<Float>) -> Bool) -> CapturedPoints {
    let kept = positions.indices.filter { keep(positions[$0]) }
    return CapturedPoints(
      positions: kept.map { positions[$0] }, coloursSRGB: kept.map { coloursSRGB[$0] },
      cameras: cameras)
  }
}
