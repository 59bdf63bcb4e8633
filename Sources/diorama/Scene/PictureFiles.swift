// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry
import ImageFiles
import Images
import Rasterizer

/// One file of a picture.
struct PictureFile {
  /// What it holds, such as `depth` or `depth-valid`: its name, or its folder's.
  var name: String
  /// The ending of its name.
  var ending: String
  var bytes: [UInt8]
}

/// A picture that was taken, with all that may be written of it.
struct TakenPicture {
  /// Where it was taken from, world from camera.
  var worldFromCamera: RigidTransform
  /// What the renderer was asked for.
  var request: RenderRequest
  /// What it gave: the sharp picture in the middle of the exposure.
  var rendering: Rendering
  /// What the camera delivers.
  var colour: RGBImage
  /// The light before the sensor, where it is asked for.
  var light: LinearImage?
  /// How it moves to the next picture and to the one before.
  var flow: OpticalFlow?
  var flowBack: OpticalFlow?
  /// The boxes of its instances.
  var boxes: [InstanceBoxes] = []

  private var width: Int { request.camera.width }
  private var height: Int { request.camera.height }

  /// Returns the files of an output in a format; colour and truths are PNG where `exr` is asked.
  func files(_ output: PictureOutput, _ format: PictureFormat) throws(InputError) -> [PictureFile] {
    let name = output.rawValue
    switch output {
    case .rgb:
      let bytes =
        format == .npy
        ? NPY.encode(colour.bytes, shape: [height, width, 3]) : PNG.encode(colour)
      return [PictureFile(name: name, ending: format == .npy ? "npy" : "png", bytes: bytes)]
    case .linear:
      return light.map { [file(light: $0, name, format)] } ?? []
    case .alpha: return [file(shares: rendering.alpha, name, format)]
    case .coverage: return [file(shares: rendering.coverage, name, format)]
    case .depth: return files(depth: rendering.depth, name, format)
    case .medianDepth: return files(depth: rendering.medianDepth, name, format)
    case .firstDepth: return files(depth: rendering.firstDepth, name, format)
    case .normals: return [file(normals: rendering.normals, name, format)]
    case .worldNormals:
      return [file(normals: inWorld(rendering.normals), name, format)]
    case .instances: return [try file(labels: rendering.instances, name, format)]
    case .semantics: return [try file(labels: rendering.semantics, name, format)]
    case .owners: return [try file(labels: rendering.owners, name, format)]
    case .flow:
      return files(flow: flow, name, format) + files(flow: flowBack, "flow-back", format)
    case .boxes:
      let bytes = Array(JSONValue.array(boxes.map(\.json)).indentedText.utf8) + [10]
      return [PictureFile(name: name, ending: "json", bytes: bytes)]
    }
  }

  private func file(light: LinearImage, _ name: String, _ format: PictureFormat) -> PictureFile {
    switch format {
    case .png: PictureFile(name: name, ending: "png", bytes: PNG.encode(light: light))
    case .npy, .exr: file(floats: light.values, names: ["R", "G", "B"], name, format)
    }
  }

  private func file(shares: ScalarImage, _ name: String, _ format: PictureFormat) -> PictureFile {
    switch format {
    case .png: PictureFile(name: name, ending: "png", bytes: PNG.encode(shares: shares))
    case .npy, .exr: file(floats: shares.values, names: ["A"], name, format)
    }
  }

  private func file(normals: VectorImage, _ name: String, _ format: PictureFormat) -> PictureFile {
    switch format {
    case .png: PictureFile(name: name, ending: "png", bytes: PNG.encode(normals.normalPicture))
    case .npy, .exr: file(floats: normals.values, names: ["X", "Y", "Z"], name, format)
    }
  }

  private func files(
    depth: ScalarImage, _ name: String, _ format: PictureFormat
  ) -> [PictureFile] {
    let metres =
      format == .png
      ? PictureFile(name: name, ending: "png", bytes: PNG.encode(depthMetres: depth))
      : file(floats: depth.values, names: ["Z"], name, format)
    let valid = depth.values.map { $0 > 0 }
    let mask =
      format == .npy
      ? NPY.encode(valid, shape: [height, width])
      : PNG.encode(mask: valid, width: width, height: height)
    let ending = format == .npy ? "npy" : "png"
    return [metres, PictureFile(name: "\(name)-valid", ending: ending, bytes: mask)]
  }

  private func files(
    flow: OpticalFlow?, _ name: String, _ format: PictureFormat
  ) -> [PictureFile] {
    guard let flow else { return [] }
    let fates = LabelImage(width: width, height: height, ids: flow.fates.map { UInt32($0) })
    let fateBytes =
      format == .npy
      ? NPY.encode(flow.fates, shape: [height, width]) : PNG.encode(fates, bits: .eight)
    let fateFile = PictureFile(
      name: "\(name)-fate", ending: format == .npy ? "npy" : "png", bytes: fateBytes)
    switch format {
    case .png:
      let picture = flow.motion.motionPicture(fullPixels: Self.fullFlow(width: width))
      return [PictureFile(name: name, ending: "png", bytes: PNG.encode(picture)), fateFile]
    case .npy, .exr:
      return [file(floats: flow.motion.values, names: ["X", "Y"], name, format), fateFile]
    }
  }

  /// The motion that has full colour, pixels: a 64th of the image's width, at least one.
  static func fullFlow(width: Int) -> Float { max(1, Float(width) / 64) }

  private func file(
    floats: [Float], names: [String], _ name: String, _ format: PictureFormat
  ) -> PictureFile {
    let shape = names.count == 1 ? [height, width] : [height, width, names.count]
    let bytes =
      format == .npy
      ? NPY.encode(floats, shape: shape) : OpenEXR.encode(floats, width: width, names: names)
    return PictureFile(name: name, ending: format.rawValue, bytes: bytes)
  }

  private func file(
    labels: LabelImage, _ name: String, _ format: PictureFormat
  ) throws(InputError) -> PictureFile {
    let bytes: [UInt8]
    switch format {
    case .npy: bytes = NPY.encode(labels.ids, shape: [height, width])
    case .exr: bytes = OpenEXR.encode(labels, name: "id")
    case .png:
      let largest = labels.ids.max() ?? 0
      guard largest <= UInt32(UInt16.max) else {
        throw InputError(
          file: name, field: "identifier", found: "\(largest)",
          expected: "at most 65535 in PNG; --formats npy holds any")
      }
      bytes = PNG.encode(labels, bits: .sixteen)
    }
    return PictureFile(name: name, ending: format.rawValue, bytes: bytes)
  }

  private func inWorld(_ normals: VectorImage) -> VectorImage {
    let worldFromCamera = request.cameraFromWorld.rotation.normalized.conjugate
    var turned = normals
    for pixel in 0..<width * height {
      let place = 3 * pixel
      let normal = worldFromCamera.rotate(
        SIMD3(
          Double(normals.values[place]), Double(normals.values[place + 1]),
          Double(normals.values[place + 2])))
      for axis in 0..<3 { turned.values[place + axis] = Float(normal[axis]) }
    }
    return turned
  }
}

extension InstanceBoxes {
  /// The boxes in the words of `boxes.json`: pixel boxes as first and last column and row.
  var json: JSONValue {
    func box(_ box: PixelBox?) -> JSONValue {
      guard let box else { return .null }
      return [
        "columns": [.integer(box.columns.lowerBound), .integer(box.columns.upperBound)],
        "rows": [.integer(box.rows.lowerBound), .integer(box.rows.upperBound)],
      ]
    }
    return [
      "instance": .integer(Int(instance)), "tight": box(tight), "loose": box(loose),
      "occlusion": .number(occlusion), "seen_pixels": .integer(seenPixelCount),
      "alone_pixels": .integer(alonePixelCount),
      "corners": .array(corners.map { $0.map { JSONValue(numbers: [$0.x, $0.y]) } ?? .null }),
    ]
  }
}
