// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Images
import Rasterizer
import Sensors
import SplatFormats
import Splats

/// Takes the pictures of one command: draws, exposes, and measures what is asked for.
final class PictureTaker {
  let splats: PackedSplats
  let threadCount: Int
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
  ) {
    self.threadCount = threadCount
    outputs = options.product.outputs
    motion = options.motion
    sensorOptions = options.sensor
    sensor = options.sensor.model.map { ImageSensor($0, camera: camera) }
    splats = PackedSplats(scene.cloud, isAntialiased: scene.report.antialiased)
    renderer = Renderer(splats: splats, threadCount: threadCount)
    var request = RenderRequest(camera: camera, cameraFromWorld: .identity)
    request.meshes = meshes
    request.profile = options.splats.profile.rules
    request.splatBudget = options.splats.splatBudget
    if let background = options.splats.background {
      request.backgroundSRGB = SIMD3<Float>(background.value)
    }
    for output in outputs { request.outputs.formUnion(output.request) }
    if sensor != nil { request.outputs.insert(.floatColour) }
    if let first = meshes.first {
      // In the light of the scene around, where the splats tell any.
      let bounds = first.mesh.bounds
      let light = renderer.light(
        at: first.worldFromMesh * bounds.center, clearance: length(bounds.size) / 2)
      if light.sky != EnvironmentLight(uniform: .zero) { request.illumination = light }
      request.hasShadows = true
    }
    self.request = request
    instances = Set(scene.cloud.instanceIDs + meshes.map(\.instanceID)).subtracting([0]).sorted()
    self.request.classes = Array(0...(meshes.map(\.instanceID).max() ?? 0))
  }

  /// Takes a picture; the clock is told of each stage.
  func take(_ index: Int, along route: CameraMotion, _ clock: StageClock) -> TakenPicture {
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
      picture.boxes = renderer.boxes(of: instances, in: asked, rendering)
      clock.end("boxes")
    }
    return picture
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
    splatCount = taker.splats.count
    omittedCount = taker.splats.omittedCount
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
    return json
  }
}
