// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
package import Geometry

/// A camera file: a lens with its image, where the camera stands, or where it goes.
///
/// JSON. `Worlds/README.md` lists the fields and the names of nerfstudio's `transforms.json` and of
/// COLMAP that are understood as well. A key that is not known is a mistake, but for those that
/// nerfstudio writes about other things.
package struct CameraFile: Equatable, Sendable {
  /// The lens and the image; nil when the file only says where a camera goes.
  package var camera: Camera?
  /// Where the camera stands.
  package var pose: CameraPose?
  /// Where it goes, in the order of the file.
  package var frames: [Frame]

  /// One pose of a camera that moves.
  package struct Frame: Equatable, Sendable {
    /// When the camera is there, nanoseconds; nil in a list of poses without times.
    package var nanoseconds: Int64?
    /// Where it is then.
    package var pose: CameraPose
  }

  /// Reads a file.
  ///
  /// - Throws: `InputError` naming the first field that is wrong.
  package init(path: String) throws(InputError) {
    try self.init(JSONFields(path: path))
  }

  /// Takes a document apart.
  package init(_ fields: JSONFields) throws(InputError) {
    try fields.refuseKeys(
      except: CameraIntrinsics.keys.union(CameraPose.keys).union(Self.otherKeys).union(["frames"]))
    let says = CameraIntrinsics.keys.contains { fields[$0] != nil }
    camera = says ? try CameraIntrinsics(fields).camera(file: fields.file) : nil
    pose = try CameraPose(optionalIn: fields)
    frames = []
    guard fields["frames"] != nil else { return }
    for (index, element) in try fields.array("frames").enumerated() {
      frames.append(
        try Self.frame(try JSONFields(file: fields.file, path: "frames.\(index)", element)))
    }
    guard !frames.isEmpty else {
      throw fields.wrong("frames", .array([]), "a pose at least")
    }
    try Self.checkTimes(frames, fields)
  }

  private static func frame(_ fields: JSONFields) throws(InputError) -> Frame {
    try fields.refuseKeys(
      except: CameraPose.keys.union(otherFrameKeys).union(["time_seconds", "time"]))
    guard let pose = try CameraPose(optionalIn: fields) else {
      throw InputError(
        file: fields.file, field: fields.path, found: "no pose", expected: CameraPose.words)
    }
    let time = try fields.number(of: ["time_seconds", "time"], in: -latestSeconds...latestSeconds)
    return Frame(nanoseconds: time.map { Int64(($0 * 1e9).rounded()) }, pose: pose)
  }

  /// About 31 years: nanoseconds and their differences stay far inside 64 bits.
  private static let latestSeconds = 1e9

  private static func checkTimes(_ frames: [Frame], _ fields: JSONFields) throws(InputError) {
    let times = frames.compactMap(\.nanoseconds)
    guard times.count == frames.count else {
      guard let index = frames.firstIndex(where: { $0.nanoseconds != nil }) else { return }
      let timeless = frames.firstIndex { $0.nanoseconds == nil } ?? 0
      throw InputError(
        file: fields.file, field: "frames.\(timeless).time_seconds", found: "no such key",
        expected: "a time, as frames.\(index) has one")
    }
    let step = times.count > 1 ? times[1] - times[0] : 1
    for (index, time) in times.enumerated() {
      let expected = times[0] + step * Int64(index)
      // A thousandth of a step: times are written as decimals.
      guard step > 0, abs(time - expected) * 1000 <= step else {
        throw InputError(
          file: fields.file, field: "frames.\(step > 0 ? index : 1).time_seconds",
          found: "\(Double(step > 0 ? time : times[1]) / 1e9)",
          expected: step > 0
            ? "\(Double(expected) / 1e9), as poses stand at equal steps of time"
            : "a time after that of frames.0")
      }
    }
  }

  /// What nerfstudio and its kin say about other things than cameras.
  private static let otherKeys: Set<String> = [
    "aabb", "aabb_scale", "applied_scale", "applied_transform", "auto_scale_poses_override",
    "camera_angle_y", "depth_unit_scale_factor", "fps", "is_fisheye", "offset",
    "orientation_override", "ply_file_path", "scale", "test_filenames", "train_filenames",
    "val_filenames",
  ]
  private static let otherFrameKeys: Set<String> = [
    "camera_id", "camera_label", "colmap_im_id", "depth_file_path", "file_path", "mask_path",
    "name", "sharpness",
  ]
}

extension JSONFields {
  /// Returns the number that stands under one of several names, or nil when none is there.
  func number(of names: [String], in range: ClosedRange<Double>) throws(InputError) -> Double? {
    guard let name = try onlyName(of: names) else { return nil }
    let number = try number(name)
    guard range.contains(number) else {
      throw wrong(
        name, self[name] ?? .null, "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// Returns which of several names for one thing is there, or nil.
  ///
  /// - Throws: `InputError` when there are two.
  func onlyName(of names: [String]) throws(InputError) -> String? {
    let found = names.filter { self[$0] != nil && self[$0] != .null }
    guard found.count < 2 else {
      throw wrong(found[1], self[found[1]] ?? .null, "\(found[0]) or \(found[1]), not both")
    }
    return found.first
  }
}
