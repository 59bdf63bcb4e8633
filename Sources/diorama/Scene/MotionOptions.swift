// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Files
import Foundation
import Geometry
import Rasterizer
import Worlds

extension Shutter.Direction: ExpressibleByArgument {}

/// Where a camera goes while pictures are taken, and how its shutter moves.
struct MotionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Take a picture after the other along the frames of a camera file.", valueName: "file"))
  var path: String?
  @Option(
    help: ArgumentHelp(
      "Go once around the point in the middle of the picture in so many seconds.",
      valueName: "seconds"))
  var orbit: Double?
  @Option(help: "Pictures a second; 30 unless given.") var fps: Int?
  @Option(help: "How long each line gathers light, milliseconds; the mean is what is seen.")
  var shutterOpenMs: Double?
  @Option(help: "From the first line's begin to the last one's, milliseconds: a rolling shutter.")
  var shutterReadoutMs: Double?
  @Option(help: "Where the lines follow each other to; downwards unless given.")
  var shutterDirection: Shutter.Direction?
  @Option(help: "The sharp pictures whose mean is a blurred one; 8 unless given.")
  var shutterSamples: Int?

  /// The longest shutter, milliseconds.
  private static let longestShutter = 60_000.0
  /// The most pictures of one command.
  static let mostPictures = 1_000_000

  func validate() throws {
    guard path == nil || orbit == nil else {
      throw ValidationError("--path and --orbit: the camera goes one way.")
    }
    if let orbit, !(orbit > 0 && orbit <= 1e6) {
      throw ValidationError("--orbit: \(orbit) is no time in 0 to 1000000 seconds.")
    }
    if let fps, !(1...1000).contains(fps) {
      throw ValidationError("--fps: \(fps) is not in 1 to 1000.")
    }
    if let orbit, Int(orbit * Double(fps ?? Self.usualFPS)) > Self.mostPictures {
      throw ValidationError("--orbit: more than \(Self.mostPictures) pictures.")
    }
    for (name, value) in [
      ("--shutter-open-ms", shutterOpenMs), ("--shutter-readout-ms", shutterReadoutMs),
    ] {
      if let value, !(value > 0 && value <= Self.longestShutter) {
        throw ValidationError("\(name): \(value) is no time in 0 to 60000.")
      }
    }
    guard shutterDirection == nil || shutterReadoutMs != nil else {
      throw ValidationError("--shutter-direction is for --shutter-readout-ms.")
    }
    if let shutterSamples {
      guard shutterOpenMs != nil else {
        throw ValidationError("--shutter-samples is for --shutter-open-ms.")
      }
      guard (1...256).contains(shutterSamples) else {
        throw ValidationError("--shutter-samples: \(shutterSamples) is not in 1 to 256.")
      }
    }
  }

  private static let usualFPS = 30

  /// Pictures a second.
  var rate: Int { fps ?? Self.usualFPS }
  /// Whether options ask for more than one picture.
  var moves: Bool { path != nil || orbit != nil }
  /// The sharp pictures of one blurred picture.
  var partCount: Int { shutterOpenMs == nil ? 1 : shutterSamples ?? 8 }
  /// The shutter; nil for one that is global and takes no time.
  var shutter: Shutter? {
    guard shutterOpenMs != nil || shutterReadoutMs != nil else { return nil }
    func nanoseconds(_ milliseconds: Double?) -> Int64 {
      Int64(((milliseconds ?? 0) * 1e6).rounded())
    }
    return Shutter(
      exposureNanoseconds: nanoseconds(shutterOpenMs),
      readoutNanoseconds: nanoseconds(shutterReadoutMs),
      direction: shutterDirection ?? .downwards)
  }

  /// The frames of the path; nil when no path is given.
  func readFrames() throws(InputError) -> [CameraFile.Frame]? {
    guard let path else { return nil }
    let frames = try CameraFile(path: path).frames
    guard !frames.isEmpty else {
      throw InputError(file: path, field: "frames", found: "no such key", expected: "a value")
    }
    return frames
  }
}

/// Where a camera is at each picture.
enum CameraMotion {
  /// One place for each picture, world from camera.
  case places([RigidTransform])
  /// A motion, and the times of its pictures, nanoseconds.
  case spline(PoseSpline, [Int64])

  /// Follows the frames of a file.
  ///
  /// Frames with times are the poses of a spline, seen at a rate from the first time to the last.
  /// Without times each frame is a picture, taken just there.
  init(
    _ frames: [CameraFile.Frame], file: String, up: SIMD3<Double>, rate: Int
  ) throws(InputError) {
    let poses = frames.map { $0.pose.worldFromCamera(up: up) }
    guard let first = frames.first?.nanoseconds, let last = frames.last?.nanoseconds else {
      self = .places(poses)
      return
    }
    let step = frames.count > 1 ? (frames[1].nanoseconds ?? first) - first : 1
    let spline = PoseSpline(
      startNanoseconds: first, intervalNanoseconds: step, worldFromBody: poses)
    let count = (last - first).multipliedFullWidth(by: Int64(rate))
    let pictures = Int64(1_000_000_000).dividingFullWidth(count).quotient + 1
    guard pictures <= Int64(MotionOptions.mostPictures) else {
      throw InputError(
        file: file, field: "frames", found: "\(pictures) pictures at \(rate) a second",
        expected: "at most \(MotionOptions.mostPictures)")
    }
    self = .spline(spline, (0..<pictures).map { first + Self.time(ofPicture: $0, rate: rate) })
  }

  /// Goes once around a target, counterclockwise seen from above, without the last picture, which
  /// would be the first again.
  init(
    around view: OpenedScene.Viewpoint, up: SIMD3<Double>, seconds: Double, rate: Int
  ) {
    let axis = normalize(up)
    let offset = view.eye - view.target
    let turn = Int64((seconds * 1e9).rounded())
    let poses = (0...Self.orbitSteps + 1).map { step in
      let angle = 2 * .pi * Double(step - 1) / Double(Self.orbitSteps)
      let eye = view.target + Quaternion(angle: angle, axis: axis).rotate(offset)
      return RigidTransform.cameraFromWorld(eye: eye, target: view.target, up: up).inverse
    }
    let step = max(1, turn / Int64(Self.orbitSteps))
    let spline = PoseSpline(
      startNanoseconds: -step, intervalNanoseconds: step, worldFromBody: poses)
    let count = max(1, Int64((seconds * Double(rate)).rounded(.down)))
    self = .spline(spline, (0..<count).map { Self.time(ofPicture: $0, rate: rate) })
  }

  /// Poses a degree apart: the spline cuts their corners by a twenty-thousandth of the radius.
  private static let orbitSteps = 360

  private static func time(ofPicture picture: Int64, rate: Int) -> Int64 {
    (picture * 2_000_000_000 + Int64(rate)) / (2 * Int64(rate))
  }

  /// The number of pictures.
  var count: Int {
    switch self {
    case .places(let places): places.count
    case .spline(_, let times): times.count
    }
  }

  /// The time of a picture, seconds; nil where there is none.
  func seconds(ofPicture picture: Int) -> Double? {
    guard case .spline(_, let times) = self else { return nil }
    return Double(times[picture]) / 1e9
  }
}
