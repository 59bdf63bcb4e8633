// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry
import Testing
import Worlds

@Suite struct `Camera files` {
  @Test func `say lens, size and pose in Diorama's own words`() throws {
    let file = try read(
      """
      {"lens": "fisheye", "width": 640, "height": 480, "fx": 200, "fy": 210, "cx": 300, "cy": 250,
       "k1": 0.1, "k3": -0.01, "near_metres": 0.5, "far_metres": 50,
       "position": [1, 2, 3], "look_at": [1, 3, 3]}
      """)
    let camera = try #require(file.camera)
    #expect(
      camera
        == Camera(
          width: 640, height: 480, focalLengthPixels: SIMD2(200, 210),
          principalPoint: SIMD2(300, 250), lens: .fisheye(FisheyeLens(k1: 0.1, k3: -0.01)),
          near: 0.5, far: 50))
    // Along y with z up: the picture's right is x, its down is -z.
    let pose = try #require(file.pose).worldFromCamera(up: SIMD3(0, 0, 1))
    #expect(length(pose * SIMD3(1, 10, 100) - SIMD3(2, 102, -7)) < 1e-9)
  }

  @Test func `give a middle, one focal length and 60 degrees where they say no more`() throws {
    let square = try #require(try read(#"{"width": 20, "height": 10, "fx": 7}"#).camera)
    #expect(square.focalLengthPixels == SIMD2(7, 7) && square.principalPoint == SIMD2(10, 5))
    let usual = try #require(try read(#"{"width": 20, "height": 10}"#).camera)
    // tan 30 degrees of 5 pixels.
    #expect(abs(usual.focalLengthPixels.y - 5 * 3.0.squareRoot()) < 1e-12)
    let all = #"{"width": 20, "height": 10, "lens": "equirectangular"}"#
    #expect(try read(all).camera == Camera(panoramaWidth: 20, height: 10))
  }

  @Test func `are also what nerfstudio and COLMAP write`() throws {
    let file = try read(
      """
      {"camera_model": "OPENCV", "fl_x": 500, "fl_y": 501, "cx": 320, "cy": 240, "w": 640,
       "h": 480, "k1": 0.1, "k2": -0.2, "p1": 0.001, "p2": 0.002, "aabb_scale": 16,
       "frames": [
         {"file_path": "a.png", "transform_matrix":
           [[1, 0, 0, 4], [0, 1, 0, 5], [0, 0, 1, 6], [0, 0, 0, 1]]},
         {"qvec": [0.5, 0.5, 0.5, 0.5], "tvec": [1, 2, 3]}]}
      """)
    let lens = BrownConradyLens(k1: 0.1, k2: -0.2, p1: 0.001, p2: 0.002)
    #expect(file.camera?.lens == .brownConrady(lens))
    #expect(file.pose == nil && file.frames.map(\.nanoseconds) == [nil, nil])
    // Nerfstudio's camera looks along -z with y up.
    let first = file.frames[0].pose.worldFromCamera(up: .zero)
    #expect(length(first * SIMD3(1, 10, 100) - SIMD3(5, -5, -94)) < 1e-9)
    // COLMAP's turns x into y, y into z, z into x, and is camera from world.
    let second = file.frames[1].pose.worldFromCamera(up: .zero)
    #expect(length(second.inverse * SIMD3(1, 0, 0) - SIMD3(1, 3, 3)) < 1e-9)
    #expect(length(second * SIMD3(1, 3, 3) - SIMD3(1, 0, 0)) < 1e-9)
    let straight = #"{"camera_model": "OPENCV", "w": 64, "h": 48, "fl_x": 50, "k1": 0.0}"#
    #expect(try read(straight).camera?.lens == .pinhole)
    let angle = #"{"w": 64, "h": 48, "camera_angle_x": 1.5707963267948966}"#
    #expect(abs((try read(angle).camera?.focalLengthPixels.x ?? 0) - 32) < 1e-9)
  }

  @Test func `give frames their times`() throws {
    let file = try read(
      """
      {"frames": [{"time_seconds": 0.1, "position": [0, 0, 0], "rotation_wxyz": [1, 0, 0, 0]},
       {"time_seconds": 0.2, "position": [1, 0, 0], "rotation_wxyz": [1, 0, 0, 0]},
       {"time": 0.3, "position": [2, 0, 0], "rotation_wxyz": [1, 0, 0, 0]}]}
      """)
    #expect(file.camera == nil)
    #expect(file.frames.map(\.nanoseconds) == [100_000_000, 200_000_000, 300_000_000])
  }

  @Test(arguments: [
    (#"{"width": 0, "height": 10}"#, "width", "0"),
    (#"{"width": 10}"#, "height", "no such key"),
    (#"{"width": 20000, "height": 10}"#, "width", "20000"),
    (#"{"width": 10, "w": 10, "height": 10}"#, "w", "10"),
    (#"{"width": 10, "height": 10, "focal": 3}"#, "focal", "an unknown key"),
    (#"{"width": 10, "height": 10, "fx": 0}"#, "fx, fy", "0.0"),
    (#"{"width": 10, "height": 10, "fx": 1e300}"#, "fx, fy", "1e+300"),
    (#"{"width": 10, "height": 10, "fx": "wide"}"#, "fx", "\"wide\""),
    (#"{"width": 10, "height": 10, "fx": 5, "cx": 1e9}"#, "cx, cy", "1000000000.0"),
    (#"{"width": 10, "height": 10, "lens": "plenoptic"}"#, "lens", "plenoptic"),
    (#"{"width": 10, "height": 10, "lens": "pinhole", "k1": 0.1}"#, "k1", "0.1"),
    (#"{"width": 10, "height": 10, "lens": "fisheye", "p1": 0.1}"#, "p1", "0.1"),
    (#"{"width": 10, "height": 10, "k1": 1e30}"#, "k1", "1e+30"),
    (#"{"width": 10, "height": 10, "vertical_fov_degrees": 180}"#, "vertical_fov_degrees", "180"),
    (#"{"width": 10, "height": 10, "k1": -3}"#, "vertical_fov_degrees", "60"),
    (#"{"width": 10, "height": 10, "fx": 1, "cx": 9e6, "k1": -3}"#, "lens", "no pixel sees"),
    (#"{"width": 10, "height": 10, "near": 0}"#, "near_metres", "0.0"),
    (#"{"width": 10, "height": 10, "near": 2, "far": 1}"#, "far_metres", "1.0"),
    (
      #"{"width": 10, "height": 10, "lens": "equirectangular", "vertical_fov_degrees": 90}"#,
      "vertical_fov_degrees", "90"
    ),
    (#"[1]"#, "document", "[1]"),
    (#"{"frames": []}"#, "frames", "[]"),
    (#"{"frames": [{"file_path": "a"}]}"#, "frames.0", "no pose"),
    (#"{"frames": [{"fl_x": 3}]}"#, "frames.0.fl_x", "an unknown key"),
  ]) func `say what is wrong with a lens`(text: String, field: String, found: String) {
    expectMistake(text, field, found)
  }

  @Test(arguments: [
    (#""position": [0, 0, 0]"#, "pose", "position"),
    (#""position": [0, 0, 0], "look_at": [0, 0, 0]"#, "look_at", "[0, 0, 0]"),
    (#""position": [0, 0], "look_at": [0, 0, 0]"#, "position", "[0, 0]"),
    (#""position": [1e12, 0, 0], "look_at": [0, 0, 0]"#, "position", "1000000000000.0"),
    (#""position": [1, 0, 0], "look_at": [0, 0, 0], "up": [0, 0, 0]"#, "up", "[0, 0, 0]"),
    (#""position": [0, 0, 0], "rotation_wxyz": [0, 0, 0, 0]"#, "rotation_wxyz", "[0, 0, 0, 0]"),
    (#""position": [0, 0, 0], "rotation_wxyz": [2, 0, 0, 0]"#, "rotation_wxyz", "[2, 0, 0, 0]"),
    (#""qvec": [1, 0, 0, 0]"#, "pose", "qvec"),
    (#""transform_matrix": [[1, 0, 0, 0], [0, 1, 0, 0]]"#, "transform_matrix", "[[1, 0,"),
    (#""world_from_camera": [[2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 2, 0]]"#, "world_from_camera", "2"),
    (
      #""world_from_camera": [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, -1, 0]]"#, "world_from_camera",
      "-1"
    ),
  ]) func `say what is wrong with a pose`(text: String, field: String, found: String) {
    expectMistake("{\(text)}", field, found)
  }

  @Test(
    arguments: [
      ([nil, 1], "frames.0.time_seconds", "no such key"),
      ([1, nil], "frames.1.time_seconds", "no such key"),
      ([0, 1, 3], "frames.2.time_seconds", "3.0"),
      ([1, 1], "frames.1.time_seconds", "1.0"),
      ([1, 0], "frames.1.time_seconds", "0.0"),
    ] as [([Double?], String, String)])
  func `say what is wrong with times`(times: [Double?], field: String, found: String) {
    let frames = times.map { time in
      let pose = #""position": [0, 0, 0], "look_at": [0, 1, 0]"#
      return time.map { "{\"time\": \($0), \(pose)}" } ?? "{\(pose)}"
    }
    expectMistake("{\"frames\": [\(frames.joined(separator: ", "))]}", field, found)
  }

  private func read(_ text: String) throws -> CameraFile {
    try CameraFile(
      JSONFields(
        file: "camera.json", try JSONValue(file: "camera.json", bytes: Array(text.utf8))))
  }

  private func expectMistake(_ text: String, _ field: String, _ found: String) {
    let error = #expect(throws: InputError.self, "\(text)") { try read(text) }
    #expect(error?.file == "camera.json")
    #expect(error?.field == field, "\(error?.description ?? "")")
    #expect(error?.found.contains(found) == true, "\(error?.description ?? "")")
  }
}
