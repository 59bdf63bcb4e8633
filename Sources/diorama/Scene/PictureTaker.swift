// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Geometry
import Images
import Rasterizer
import SceneStore
import Sensors
import SplatFormats
import Splats

/// Takes the pictures of one command: draws, exposes, and measures what is asked for.
final class PictureTaker {
  let threadCount: Int
  /// The splats of the scene, and how many of them could not be drawn.
  let counts: (splats: Int, omitted: Int)
  /// The scene file whose pages are drawn; nil for a cloud.
  let stream: StreamedScene?
  private let renderer: Renderer
  private let outputs: [PictureOutput]
  private let motion: MotionOptions
  private let sensorOptions: SensorOptions
  private let sensor: ImageSensor?
  private var request: RenderRequest
  /// The instances of the scene, ascending, without background.
  private let instances: [UInt32]

  init(
    _ scene: OpenedScene, _ meshes: [MeshInstance], camera: Camera, options: SceneRender,
    threadCount: Int
  ) throws(InputError) {
    self.threadCount = threadCount
    outputs = options.product.outputs
    motion = options.motion
    sensorOptions = options.sensor
    sensor = options.sensor.model.map { ImageSensor($0, camera: camera) }
    if let file = scene.file {
      stream = try StreamedScene(
        file, at: options.splats.at, rules: options.splats.cutRules, threadCount: threadCount)
      counts = (scene.report.storedCount, 0)
      renderer = Renderer(parts: [], threadCount: threadCount)
    } else {
      let splats = PackedSplats(scene.cloud, isAntialiased: scene.report.antialiased)
      stream = nil
      counts = (splats.count, splats.omittedCount)
      renderer = Renderer(splats: splats, threadCount: threadCount)
    }
    var request = RenderRequest(camera: camera, cameraFromWorld: .identity)
    request.meshes = meshes
    request.profile = options.splats.profile.rules
    request.softensMeshEdges = options.meshSamples > 1
    // A scene file's budget decides which cells are drawn.
    request.splatBudget = scene.file == nil ? options.splats.splatBudget : nil
    if let background = options.splats.background {
      request.backgroundSRGB = SIMD3<Float>(background.value)
    }
    for output in outputs { request.outputs.formUnion(output.request) }
    if sensor != nil { request.outputs.insert(.floatColour) }
    if let first = meshes.first {
      // In the light of the scene around, where the splats tell any.
      let bounds = first.mesh.bounds
      let place = first.worldFromMesh * bounds.center
      if let stream {
        // A lens that is no pinhole sees in all directions.
        var around = camera
        around.lens = .equirectangular
        renderer.parts = try stream.parts(
          camera: around, cameraFromScene: [RigidTransform(translation: -place)])
      }
      let light = renderer.light(at: place, clearance: length(bounds.size) / 2)
      if light.sky != EnvironmentLight(uniform: .zero) { request.illumination = light }
      if let sun = try scene.sun(at: options.splats.at) { request.illumination.sunDirection = sun }
      request.hasShadows = true
    }
    self.request = request
    instances = Set(scene.cloud.instanceIDs + meshes.map(\.instanceID)).subtracting([0]).sorted()
    if let file = scene.file {
      if outputs.contains(.semantics) { self.request.classes = try file.classTable }
    } else {
      self.request.classes = Array(0...(meshes.map(\.instanceID).max() ?? 0))
    }
  }

  /// Takes a picture; the clock is told of each stage.
  func take(
    _ index: Int, along route: CameraMotion, _ clock: StageClock
  ) throws(InputError) -> TakenPicture {
    if let stream {
      renderer.parts = try stream.parts(
        camera: request.camera, cameraFromScene: poses(index, along: route))
      clock.end("pages")
    }
    renderer.stageEnded = { clock.end($0.rawValue) }
    var asked = request
    var rendering: Rendering
    var blurred: LinearImage?
    switch route {
    case .places(let places):
      asked.cameraFromWorld = places[index].inverse
      rendering = renderer.render(asked)
    case .spline(let spline, let times):
      let exposure = Exposure(
        worldFromCamera: spline, startNanoseconds: times[index],
        shutter: motion.shutter ?? Shutter(), partCount: motion.partCount)
      asked = exposure.request(request, part: exposure.partCount / 2)
      if exposure.partCount == 1 {
        rendering = renderer.render(asked)
      } else {
        let picture = renderer.expose(request, during: exposure)
        (rendering, blurred) = (picture.sharp, picture.light)
      }
    }
    let needsLight = outputs.contains(.linear) || sensor != nil
    let light =
      blurred
      ?? (needsLight
        ? LinearImage(
          width: asked.camera.width, height: asked.camera.height,
          valuesSRGB: rendering.floatColour) : nil)
    var picture = TakenPicture(
      worldFromCamera: asked.cameraFromWorld.inverse, request: asked, rendering: rendering,
      colour: blurred?.displayed ?? rendering.colour, light: light)
    if let sensor, let light {
      picture.colour = sensor.picture(
        of: light, noise: sensorOptions.noise(ofPicture: index), threadCount: threadCount)
      clock.end("sensor")
    } else if blurred != nil {
      clock.end("blur")
    }
    if outputs.contains(.boxes) {
      renderer.stageEnded = nil
      let instances = stream == nil ? instances : instancesOfParts
      picture.boxes = renderer.boxes(of: instances, in: asked, rendering)
      clock.end("boxes")
    }
    return picture
  }

  /// The instances of the pages that are drawn and of the meshes, ascending, without background.
  private var instancesOfParts: [UInt32] {
    var all = Set(request.meshes.map(\.instanceID))
    for part in renderer.parts {
      for slot in 0..<min(part.splats.count, part.splats.instances.count) {
        all.insert(part.splats.instances[slot])
      }
    }
    return all.subtracting([0]).sorted()
  }

  /// Where the camera is while a picture is taken, camera from world.
  private func poses(_ index: Int, along route: CameraMotion) -> [RigidTransform] {
    switch route {
    case .places(let places): return [places[index].inverse]
    case .spline(let spline, let times):
      let exposure = Exposure(
        worldFromCamera: spline, startNanoseconds: times[index],
        shutter: motion.shutter ?? Shutter(), partCount: motion.partCount)
      return (0..<exposure.partCount).flatMap { part in
        let sharp = exposure.request(request, part: part)
        let lines = sharp.linePoses?.cameraFromWorld ?? []
        return [sharp.cameraFromWorld] + lines.prefix(1) + lines.suffix(1)
      }
    }
  }

  /// Finds the flow between two pictures, in both directions.
  func addFlow(_ first: inout TakenPicture, _ second: inout TakenPicture) {
    let (from, to) = ((first.request, first.rendering), (second.request, second.rendering))
    first.flow = OpticalFlow(from: from, to: to, threadCount: threadCount)
    second.flowBack = OpticalFlow(from: to, to: from, threadCount: threadCount)
  }
}

/// What a command tells about the pictures that it took.
struct RenderReport {
  let camera: Camera
  /// The files written.
  var files: [String] = []
  private let importReport: SplatImportReport
  private let splatCount: Int
  private let omittedCount: Int
  private let stream: StreamedScene?
  private let threadCount: Int
  private var milliseconds: [String: Double]
  private var pictures: [[String: Any]] = []
  private var drawing = 0.0
  private var stands: RigidTransform?

  init(
    of scene: OpenedScene, taker: PictureTaker, camera: Camera, preparation: [String: Double]
  ) {
    self.camera = camera
    importReport = scene.report
    splatCount = taker.counts.splats
    omittedCount = taker.counts.omitted
    stream = taker.stream
    threadCount = taker.threadCount
    milliseconds = preparation
  }

  /// Adds a picture and the time it took.
  mutating func add(_ picture: TakenPicture, seconds: Double?, _ clock: StageClock) {
    let worldFromCamera = picture.worldFromCamera
    stands = stands ?? worldFromCamera
    var json = worldFromCamera.cameraFileJSON
    if let seconds { json["time_seconds"] = seconds }
    if picture.request.splatBudget != nil {
      json["droppedSplatCount"] = picture.rendering.droppedSplats.count
    }
    if let stream { json["cut"] = stream.cutJSON }
    json["stageMilliseconds"] = clock.milliseconds
    pictures.append(json)
    drawing += clock.milliseconds.filter { RenderStage(rawValue: $0.key) != nil }
      .reduce(0) { $0 + $1.value }
    add(clock)
  }

  /// Adds time that belongs to no picture.
  mutating func add(_ clock: StageClock) {
    milliseconds.merge(clock.milliseconds) { (($0 + $1) * 1000).rounded() / 1000 }
  }

  /// The line for people.
  var line: String {
    let what = files.count == 1 ? files[0] : "\(files.count) files"
    let each = pictures.count == 1 ? "" : " each in \(pictures.count) pictures"
    let time = decimal(drawing / Double(max(1, pictures.count)), places: 1)
    return "\(what): \(splatCount) splats drawn in \(time) ms\(each)"
  }

  /// The same and more for machines.
  func json(of options: SceneRender) -> [String: Any] {
    var json: [String: Any] = [
      "scene": options.scene.name, "out": options.product.out, "files": files,
      "outputs": options.product.outputs.map(\.rawValue), "splatCount": splatCount,
      "omittedCount": omittedCount, "droppedNonFinite": importReport.repairs.droppedNonFinite,
      "camera": camera.json,
      "profile": options.splats.profile.rawValue, "threadCount": threadCount,
      "machine": Machine().json, "pictures": pictures, "stageMilliseconds": milliseconds,
    ]
    if options.product.outputs.contains(.flow) {
      json["fullFlowPixels"] = TakenPicture.fullFlow(width: camera.width)
    }
    if let budget = options.splats.splatBudget { json["splatBudget"] = budget }
    if let stream {
      json["cache"] = stream.cacheJSON
      json["splatBudget"] = stream.rules.splatBudget
      json["errorPixels"] = stream.rules.errorPixels
    }
    return json
  }
}
