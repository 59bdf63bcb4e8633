// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Files
import Foundation
import Geometry
import Worlds

extension CameraIntrinsics.LensName: ExpressibleByArgument {}

/// The lens of a picture, and where it is taken from.
struct CameraOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A camera file: lens, size and pose, as JSON; also nerfstudio's transforms.json.",
      valueName: "file"))
  var camera: String?
  @Option(
    parsing: .unconditional,
    help: "The camera's place, x,y,z; where not given, the scene's own or one that shows it all.")
  var position: Vector?
  @Option(parsing: .unconditional, help: "A point in the middle of the picture, x,y,z.")
  var lookAt: Vector?
  @Option(
    parsing: .unconditional,
    help: "The direction that is up, x,y,z; y down for files, z up for worlds unless given.")
  var up: Vector?
  @Option(help: "Columns; 1280 unless given.") var width: Int?
  @Option(help: "Rows; 720 unless given.") var height: Int?
  @Option(help: "The lens; pinhole unless given.") var lens: CameraIntrinsics.LensName?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      The lens's coefficients in OpenCV's order: k1,k2,p1,p2[,k3[,k4,k5,k6]] of brown-conrady, \
      k1,k2,k3,k4 of fisheye.
      """, valueName: "numbers"))
  var distortion: NumberList?
  @Option(help: "The angle from the top to the bottom of the picture; 60 unless given.")
  var fovDegrees: Double?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Focal lengths and principal point in pixels, instead of the angle.",
      valueName: "fx,fy,cx,cy"))
  var intrinsics: NumberList?
  @Option(help: "The nearest depth that is drawn, metres; 0.01 unless given.") var near: Double?
  @Option(help: "The farthest depth that is drawn, metres.") var far: Double?

  func validate() throws {
    guard (position == nil) == (lookAt == nil) else {
      throw ValidationError("--position and --look-at are given together or not at all.")
    }
    if let position, position.value == lookAt?.value {
      throw ValidationError("--position and --look-at are the same point.")
    }
    for (name, place) in [("--position", position), ("--look-at", lookAt)] {
      if let place, length(place.value) > 1e9 {
        throw ValidationError("\(name): farther out than 1e9 m, where nothing is drawn.")
      }
    }
    guard up?.value != .zero else { throw ValidationError("--up: no direction.") }
    let isLensGiven =
      width != nil || height != nil || lens != nil || distortion != nil || fovDegrees != nil
      || intrinsics != nil || near != nil || far != nil
    if camera != nil {
      guard !isLensGiven else {
        throw ValidationError("--camera says the lens, the size and near and far itself.")
      }
    } else {
      _ = try cameraFromOptions()
    }
  }

  /// What a camera file says; nil without one.
  func readFile() throws(InputError) -> CameraFile? {
    guard let camera else { return nil }
    let file = try CameraFile(path: camera)
    guard file.camera != nil else {
      throw InputError(file: camera, field: "width", found: "no such key", expected: "a value")
    }
    return file
  }

  /// The camera that the file or the options say.
  func lens(_ file: CameraFile?) throws -> Camera { try file?.camera ?? cameraFromOptions() }

  /// Returns where to stand, world from camera, when nothing moves.
  func pose(
    _ file: CameraFile?, camera: Camera, in scene: OpenedScene, name: String
  ) throws(InputError) -> RigidTransform {
    let up = up?.value ?? scene.up
    if position == nil, let pose = file?.pose { return pose.worldFromCamera(up: up) }
    let view = try viewpoint(camera: camera, in: scene, name: name)
    return RigidTransform.cameraFromWorld(eye: view.eye, target: view.target, up: up).inverse
  }

  /// Returns the eye and what it looks at, of the options or of the scene.
  func viewpoint(
    camera: Camera, in scene: OpenedScene, name: String
  ) throws(InputError) -> OpenedScene.Viewpoint {
    let view: OpenedScene.Viewpoint
    if let position, let lookAt {
      view = OpenedScene.Viewpoint(eye: position.value, target: lookAt.value)
    } else if let own = scene.viewpoint {
      view = own
    } else if let found = SceneFraming.viewpoint(
      of: scene.cloud, up: up?.value ?? scene.up, lens: Self.framing(camera))
    {
      view = found
    } else {
      throw InputError(file: name, field: "splats", found: "none", expected: "one that can be seen")
    }
    // So far out, a camera's distance is lost in rounding.
    guard view.eye != view.target else {
      throw InputError(
        file: name, field: "splats",
        found: "positions around \(view.target.x), \(view.target.y), "
          + "\(view.target.z)", expected: "a scene near its origin, or --position and --look-at")
    }
    return view
  }

  /// The pinhole in whose picture the scene is to fit: the camera, or a usual one for other lenses.
  private static func framing(_ camera: Camera) -> Camera {
    guard camera.lens != .pinhole else { return camera }
    return Camera(
      width: camera.width, height: camera.height, verticalFieldOfView: 60.0.radiansFromDegrees,
      near: camera.near)
  }

  private func cameraFromOptions() throws -> Camera {
    var intended = CameraIntrinsics(
      lens: lens ?? .pinhole, width: width ?? 1280, height: height ?? 720)
    if let distortion {
      let names = intended.lens.coefficients
      guard (1...max(1, names.count)).contains(distortion.values.count), !names.isEmpty else {
        throw ValidationError(
          "--distortion: \(distortion.values.count) numbers for \(intended.lens.rawValue), which "
            + "has \(names.count).")
      }
      intended.coefficients = Dictionary(zip(names, distortion.values)) { $1 }
    }
    intended.verticalFieldDegrees = fovDegrees
    if let numbers = intrinsics?.values {
      guard numbers.count == 4 else {
        throw ValidationError("--intrinsics: \(numbers.count) numbers, not the four fx,fy,cx,cy.")
      }
      intended.focalLengthPixels = SIMD2(numbers[0], numbers[1])
      intended.principalPoint = SIMD2(numbers[2], numbers[3])
    }
    if let near { intended.nearMetres = near }
    if let far { intended.farMetres = far }
    do throws(InputError) {
      return try intended.camera(file: "options")
    } catch {
      throw ValidationError("\(Self.option(error.field)): \(error.found), not \(error.expected).")
    }
  }

  /// The option that says what a camera file says in a field.
  private static func option(_ field: String) -> String {
    switch field {
    case "width", "height": "--\(field)"
    case "near_metres": "--near"
    case "far_metres": "--far"
    case "vertical_fov_degrees": "--fov-degrees"
    case "fx, fy", "cx, cy": "--intrinsics"
    case "lens": "--lens"
    default: "--distortion \(field)"
    }
  }
}

/// Numbers on the command line, separated by commas.
struct NumberList: ExpressibleByArgument {
  var values: [Double]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map {
      Double($0.trimmingCharacters(in: .whitespaces))
    }
    values = parts.compactMap { $0 }.filter(\.isFinite)
    guard values.count == parts.count else { return nil }
  }
}

extension Camera {
  /// The camera in the words of a camera file, for `--camera`.
  var json: [String: Any] {
    var json: [String: Any] = [
      "width": width, "height": height, "fx": focalLengthPixels.x, "fy": focalLengthPixels.y,
      "cx": principalPoint.x, "cy": principalPoint.y, "near_metres": near, "far_metres": far,
    ]
    switch lens {
    case .pinhole: json["lens"] = "pinhole"
    case .equirectangular: json["lens"] = "equirectangular"
    case .fisheye(let lens):
      json["lens"] = "fisheye"
      json.merge(["k1": lens.k1, "k2": lens.k2, "k3": lens.k3, "k4": lens.k4]) { $1 }
    case .brownConrady(let lens):
      json["lens"] = "brown-conrady"
      json.merge([
        "k1": lens.k1, "k2": lens.k2, "k3": lens.k3, "k4": lens.k4, "k5": lens.k5, "k6": lens.k6,
        "p1": lens.p1, "p2": lens.p2,
      ]) { $1 }
    }
    return json
  }
}

extension RigidTransform {
  /// A camera's pose, world from camera, in the words of a camera file.
  var cameraFileJSON: [String: Any] {
    [
      "position": list(translation),
      "rotation_wxyz": [rotation.w, rotation.x, rotation.y, rotation.z],
    ]
  }
}
