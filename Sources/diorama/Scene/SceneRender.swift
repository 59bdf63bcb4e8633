// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Files
import Foundation
import Geometry
import ImageFiles
import Images
import Rasterizer
import SplatFormats

/// Takes one picture of a scene.
struct SceneRender: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render", abstract: "Take a picture of a scene: colour, depth, instances.")
  @OptionGroup var scene: SceneArgument
  @OptionGroup var view: ViewOptions
  @Option(help: "The picture to write, PNG.") var out: String
  @Option(help: "Depth to write, 16-bit PNG in millimetres; 0 where nothing is seen.")
  var depth: String?
  @Option(help: "Instances to write, 16-bit PNG; 0 is background.") var instances: String?
  @Option(help: "The rules of the training code that made the splats: inria or gsplat.")
  var profile = Profile.gsplat
  @Option(help: "What lies behind everything, sRGB 0 to 1.") var background: Vector?
  @Option(help: "The number of threads; all cores unless given.") var threads: Int?
  @Flag(help: "Replace files that exist.") var force = false
  @Flag(help: "Print one JSON object, with the time of each stage.") var json = false

  enum Profile: String, ExpressibleByArgument, CaseIterable {
    case inria
    case gsplat
  }

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads: \(threads) is not in 1 to 1024.")
    }
    if let colour = background?.value, !(0...1).contains(colour.min()) || colour.max() > 1 {
      throw ValidationError("--background: the three numbers lie between 0 and 1.")
    }
    let paths = outputs.map { URL(fileURLWithPath: $0).path }
    guard Set(paths).count == paths.count else {
      throw ValidationError("--out, --depth and --instances name one file twice.")
    }
  }

  func run() throws {
    for path in outputs { try requireWritable(path, replacing: force) }
    let clock = StageClock()
    let opened = try scene.open()
    clock.end("read")
    var request = try view.request(for: opened, name: scene.name)
    request.profile = profile == .inria ? .inria : .gsplat
    if let background { request.backgroundSRGB = SIMD3<Float>(background.value) }
    if depth != nil { request.outputs.insert(.depth) }
    if instances != nil { request.outputs.insert(.instances) }
    let splats = PackedSplats(opened.cloud, isAntialiased: opened.report.antialiased)
    clock.end("pack")
    let threadCount = threads ?? ProcessInfo.processInfo.activeProcessorCount
    let renderer = Renderer(splats: splats, threadCount: threadCount)
    renderer.stageEnded = { clock.end($0.rawValue) }
    let rendering = renderer.render(request)
    let files = try encode(rendering)
    clock.end("encode")
    for (path, bytes) in files { try publishFile(path, bytes) }
    clock.end("write")
    if json {
      printJSON(summary(request, splats, clock, threadCount))
    } else {
      let drawing = clock.stages.filter { RenderStage(rawValue: $0.name) != nil }
        .reduce(Duration.zero) { $0 + $1.duration }
      let time = decimal(drawing / .milliseconds(1), places: 1)
      print("\(outputs.joined(separator: ", ")): \(splats.count) splats drawn in \(time) ms")
    }
  }

  private var outputs: [String] { [out] + [depth, instances].compactMap { $0 } }

  private func encode(_ rendering: Rendering) throws(InputError) -> [(String, [UInt8])] {
    var files = [(out, PNG.encode(rendering.colour))]
    if let depth { files.append((depth, PNG.encode(depthMetres: rendering.depth))) }
    if let instances {
      let largest = rendering.instances.ids.max() ?? 0
      guard largest <= UInt32(UInt16.max) else {
        throw InputError(
          file: instances, field: "instance", found: "\(largest)", expected: "at most 65535")
      }
      files.append((instances, PNG.encode(rendering.instances, bits: .sixteen)))
    }
    return files
  }

  private func summary(
    _ request: RenderRequest, _ splats: PackedSplats, _ clock: StageClock, _ threadCount: Int
  ) -> [String: Any] {
    let worldFromCamera = request.cameraFromWorld.inverse
    return [
      "scene": scene.name, "files": outputs, "splatCount": splats.count,
      "omittedCount": splats.omittedCount, "width": request.camera.width,
      "height": request.camera.height, "position": list(worldFromCamera.translation),
      "forward": list(worldFromCamera.rotation.rotate(SIMD3(0, 0, 1))),
      "profile": profile.rawValue, "threadCount": threadCount,
      "instructionSet": Renderer.instructionSet, "stageMilliseconds": clock.milliseconds,
    ]
  }
}

/// Where a picture is taken from, and through which lens.
struct ViewOptions: ParsableArguments {
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
  @Option(help: "Columns.") var width = 1280
  @Option(help: "Rows.") var height = 720
  @Option(help: "The angle from the top to the bottom of the picture.") var fovDegrees = 60.0

  func validate() throws {
    for (name, size) in [("--width", width), ("--height", height)]
    where !(1...16_384).contains(size) {
      throw ValidationError("\(name): \(size) is not in 1 to 16384.")
    }
    guard fovDegrees > 0, fovDegrees < 180 else {
      throw ValidationError("--fov-degrees: \(fovDegrees) is not between 0 and 180.")
    }
    guard (position == nil) == (lookAt == nil) else {
      throw ValidationError("--position and --look-at are given together or not at all.")
    }
    if let position, position.value == lookAt?.value {
      throw ValidationError("--position and --look-at are the same point.")
    }
    guard up?.value != .zero else { throw ValidationError("--up: no direction.") }
  }

  /// Returns the request for a picture of the splats alone.
  func request(for scene: OpenedScene, name: String) throws(InputError) -> RenderRequest {
    let lens = Camera(
      width: width, height: height, verticalFieldOfView: fovDegrees.radiansFromDegrees)
    let up = up?.value ?? scene.up
    let view: OpenedScene.Viewpoint
    if let position, let lookAt {
      view = OpenedScene.Viewpoint(eye: position.value, target: lookAt.value)
    } else if let own = scene.viewpoint {
      view = own
    } else if let found = SceneFraming.viewpoint(of: scene.cloud, up: up, lens: lens) {
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
    return RenderRequest(
      camera: lens,
      cameraFromWorld: .cameraFromWorld(eye: view.eye, target: view.target, up: up))
  }
}
