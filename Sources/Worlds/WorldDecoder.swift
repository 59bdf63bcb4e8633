// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Yams

/// Turns a YAML tree that passed the schema into a `World`, filling in the defaults.
struct WorldDecoder {
  let file: String
  /// Where relative paths begin: empty, or with a slash at its end.
  let folder: String
  let environment: [String: String]
  let root: Node

  func world(text: String) -> World {
    World(
      name: root.text("name"), summary: root["description"]?.text ?? "", scene: scene(),
      time: time(), robot: robot(root.items("robots")[0]),
      cameras: root.items("cameras").map(camera), scenery: scenery(),
      objects: root.items("objects").map(entry),
      places: root.items("places").map(entry), task: task(), randomisation: randomisation(),
      attempts: root["seeds"]?["attempts"]?.whole ?? 1, filesAsWritten: filesAsWritten,
      sourceText: text, lines: FieldLines(file: file, root: root))
  }

  private func scene() -> SceneSource {
    let node = root.section("scene")
    if let file = node["file"] {
      let rotation = node["rotation_wxyz"].map { Quaternion(wxyz: $0.vector4) } ?? .identity
      return .file(
        path: path(file), metresPerUnit: node.number("metres_per_unit", 1),
        worldFromScene: RigidTransform(
          rotation: rotation.normalized, translation: node["position"]?.vector3 ?? .zero),
        table: node["table"].map(table))
    }
    if let store = node["store"] {
      return .store(
        path: path(store), moment: node["at"]?.text.flatMap(SceneMoment.init),
        worldOriginInScene: node["place"]?.vector3 ?? .zero, table: node["table"].map(table))
    }
    if let points = node["points"] {
      return .points(
        path: path(points), tableHeight: node.number("table_height_metres", 0.74))
    }
    return .courtyard(seed: UInt64(node["seed"]?.whole ?? 1))
  }

  /// The paths before anything is replaced in them: the scene's, if any, then the scenery's.
  private var filesAsWritten: [String] {
    let scene = root.section("scene")
    let nodes =
      ["file", "store", "points"].map { scene[$0] } + root.items("scenery").map { $0["mesh"] }
    return nodes.compactMap { $0?.text }
  }

  private func table(_ node: Node) -> DeclaredTable {
    let top: TableTop
    if let radius = node["radius_metres"]?.number {
      top = .disc(radius: radius)
    } else {
      let size = node.items("size_metres").compactMap(\.number)
      top = .rectangle(halfSizes: SIMD2(size[0], size[1]) / 2)
    }
    return DeclaredTable(top: top, height: node.number("height_metres", 0.74))
  }

  /// Puts values for variables and lets a relative path begin in the world's folder.
  private func path(_ node: Node?) -> String {
    let path: String
    do throws(PathTemplate.Problem) {
      path = try PathTemplate.expand(node?.text ?? "", environment: environment)
    } catch {
      preconditionFailure("the schema lets only paths through whose variables are set")
    }
    return path.hasPrefix("/") ? path : folder + path
  }

  private func scenery() -> [SceneryPlacement] {
    root.items("scenery").map { node in
      let yaw = node.number("yaw_degrees", 0).radiansFromDegrees
      return SceneryPlacement(
        path: path(node["mesh"]), root: node["root"].map(path),
        worldFromMesh: RigidTransform(
          rotation: Quaternion(angle: yaw, axis: SIMD3(0, 0, 1)),
          translation: node["position"]?.vector3 ?? .zero),
        scale: node.number("scale", 1), isYUp: node["up"]?.text == "y")
    }
  }

  private func time() -> WorldTime {
    let node = root.section("time")
    let rate = node["control_rate_hz"]?.whole ?? 30
    // The periods that fit are counted in whole nanoseconds: 1.16 s x 25 Hz is less than 29 in
    // binary numbers.
    let longest = Int((node.number("episode_seconds", 1) * 1e9).rounded())
    return WorldTime(
      controlRate: rate, physicsRate: node["physics_rate_hz"]?.whole ?? rate,
      controlPeriodsPerEpisode: max(1, longest * rate / 1_000_000_000))
  }

  private func robot(_ node: Node) -> RobotPlacement {
    let yaw = node.number("yaw_degrees", 0).radiansFromDegrees
    let home = (node["home_degrees"]?.mapping.map(Array.init) ?? []).map { key, value in
      JointAngle(joint: key.text ?? "", angle: (value.number ?? 0).radiansFromDegrees)
    }
    return RobotPlacement(
      name: node.text("name"), asset: node.text("asset"),
      worldFromBase: RigidTransform(
        rotation: Quaternion(angle: yaw, axis: SIMD3(0, 0, 1)),
        translation: node["position"]?.vector3 ?? .zero),
      home: home.sorted { $0.joint < $1.joint })
  }

  private func camera(_ node: Node) -> CameraPlacement {
    let outputs = node["outputs"]?.sequence?.compactMap { CameraOutput(rawValue: $0.text ?? "") }
    return CameraPlacement(
      name: node.text("name"), body: node["body"]?.text,
      bodyFromCamera: RigidTransform.cameraFromWorld(
        eye: node["position"]?.vector3 ?? .zero, target: node["look_at"]?.vector3 ?? .zero,
        up: node["up"]?.vector3 ?? SIMD3(0, 0, 1)
      ).inverse,
      lens: Camera(
        width: node["width"]?.whole ?? 16, height: node["height"]?.whole ?? 16,
        verticalFieldOfView: node.number("vertical_fov_degrees", 60).radiansFromDegrees,
        near: node.number("near_metres", 0.01)),
      outputs: Set(outputs ?? CameraOutput.allCases))
  }

  private func entry(_ node: Node) -> CatalogueEntry {
    CatalogueEntry(
      shape: node.text("shape"),
      colours: node.items("colours").compactMap { NamedColour(rawValue: $0.text ?? "") })
  }

  private func task() -> PutTask {
    let node = root.section("task")
    return PutTask(
      objectReach: node.interval("object_reach_metres", 0...0),
      placeReach: node.interval("place_reach_metres", 0...0),
      bearing: node.angles("bearing_degrees", 0...0), distractors: node.counts("distractors"),
      decoyPlaces: node.counts("decoy_places"), gap: node.number("gap_metres", 0.02))
  }

  private func randomisation() -> Randomisation {
    let node = root.section("randomisation")
    var result = Randomisation()
    result.objectYaw = node.angles("object_yaw_degrees", result.objectYaw)
    result.placeYaw = node.angles("place_yaw_degrees", result.placeYaw)
    result.colourJitter = node.number("colour_jitter", 0)
    result.ambient = node.interval("ambient", result.ambient)
    result.sun = node.interval("sun", result.sun)
    result.sunAzimuth = node.angles("sun_azimuth_degrees", result.sunAzimuth)
    result.sunElevation = node.angles("sun_elevation_degrees", result.sunElevation)
    result.exposure = node.interval("exposure", result.exposure)
    result.cameraPosition = node.number("camera_position_metres", 0)
    result.cameraAngle = node.number("camera_angle_degrees", 0).radiansFromDegrees
    return result
  }
}

extension Node {
  fileprivate func section(_ key: String) -> Node { self[key] ?? .mapping(Mapping([])) }
  fileprivate func text(_ key: String) -> String { self[key]?.text ?? "" }
  fileprivate func items(_ key: String) -> [Node] { self[key]?.sequence.map(Array.init) ?? [] }
  fileprivate func number(_ key: String, _ fallback: Double) -> Double {
    self[key]?.number ?? fallback
  }
  fileprivate func interval(_ key: String, _ fallback: ClosedRange<Double>) -> ClosedRange<Double> {
    let bounds = items(key).compactMap(\.number)
    return bounds.count == 2 ? bounds[0]...bounds[1] : fallback
  }
  fileprivate func angles(_ key: String, _ fallback: ClosedRange<Double>) -> ClosedRange<Double> {
    guard self[key] != nil else { return fallback }
    let degrees = interval(key, 0...0)
    return degrees.lowerBound.radiansFromDegrees...degrees.upperBound.radiansFromDegrees
  }
  fileprivate func counts(_ key: String) -> ClosedRange<Int> {
    let bounds = items(key).compactMap(\.whole)
    return bounds.count == 2 ? bounds[0]...bounds[1] : 0...0
  }
  fileprivate var vector3: SIMD3<Double> {
    let parts = sequence?.compactMap(\.number) ?? []
    return parts.count == 3 ? SIMD3(parts[0], parts[1], parts[2]) : .zero
  }
  fileprivate var vector4: SIMD4<Double> {
    let parts = sequence?.compactMap(\.number) ?? []
    return parts.count == 4 ? SIMD4(parts[0], parts[1], parts[2], parts[3]) : .zero
  }
}
