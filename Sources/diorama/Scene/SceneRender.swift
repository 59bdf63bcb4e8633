// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Files
import Foundation
import Geometry
import Images
import Parallel
import Rasterizer
import SceneStore
import Sensors
import Splats
import Worlds

/// Takes pictures of a scene.
struct SceneRender: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Take pictures of a scene: colour, depths, normals, labels, flow.",
    discussion: """
      --out NAME.png, .npy or .exr holds one output, NAME.mp4 the colour along a path; any other \
      name becomes a folder with a file, or along a path a folder of files, for each output. What \
      each output means on splats: Sources/Rasterizer/Rasterizer.docc/Outputs.md; camera files: \
      Worlds/README.md.
      """)
  @OptionGroup var scene: SceneArgument
  @OptionGroup(title: "What is written") var product: ProductOptions
  @OptionGroup(title: "Camera") var view: CameraOptions
  @OptionGroup(title: "Motion") var motion: MotionOptions
  @OptionGroup(title: "Sensor") var sensor: SensorOptions
  @OptionGroup(title: "Splats") var splats: SplatOptions
  @Option(
    help: ArgumentHelp(
      """
      A mesh that stands in the scene (OBJ, STL, glTF, DAE, PLY), axes and metres as stored; given \
      again, another one. The first has instance and class 1; in a scene file, the first instance \
      after the scene's, and no class.
      """, valueName: "file[@x,y,z]"))
  var mesh: [PlacedFile] = []
  @Option(
    help: ArgumentHelp(
      """
      A folder that every --mesh lies in, in which their textures may lie too; the folder of each \
      mesh unless given.
      """, valueName: "folder"))
  var meshRoot: String?
  @Option(
    help: "4 softens the edges of meshes in colour and alpha, through a still pinhole; 1 does not.")
  var meshSamples = 1
  @OptionGroup var threads: ThreadOption
  @Flag(help: "Print one JSON object, with the time of each stage.") var json = false

  func validate() throws {
    guard [1, 4].contains(meshSamples) else {
      throw ValidationError("--mesh-samples: \(meshSamples) is neither 1 nor 4.")
    }
    guard meshRoot == nil || !mesh.isEmpty else {
      throw ValidationError("--mesh-root is for the textures of --mesh.")
    }
  }

  func run() throws {
    try product.requireWritable()
    try splats.limitInstructionSet()
    let file = try view.readFile()
    let frames = try motion.readFrames()
    let camera = try view.lens(file)
    let isFollowed =
      frames != nil || (file?.frames.isEmpty == false && view.position == nil && file?.pose == nil)
    let isSeries = isFollowed || motion.orbit != nil
    try product.check(isSeries: isSeries)
    guard isSeries || motion.shutter == nil else {
      throw ValidationError("A shutter blurs what moves: it is for --path and --orbit.")
    }
    guard
      meshSamples == 1
        || (camera.lens == .pinhole && splats.profile != .gut && motion.shutterReadoutMs == nil)
    else {
      throw ValidationError("--mesh-samples 4 is for a pinhole that stands still, and not for gut.")
    }
    var sink = try PictureSink(
      path: product.out, target: product.target, isSeries: isSeries,
      size: (camera.width, camera.height), fps: motion.rate)
    let clock = StageClock()
    let opened = try scene.open()
    let meshes = try readMeshes(firstInstance: opened.file.map(firstFreeInstance) ?? 1)
    guard opened.file != nil || splats.errorPixels == nil else {
      throw ValidationError("--error-pixels is for scene files (.diorama).")
    }
    guard opened.file != nil || splats.at == nil else {
      throw ValidationError("--at is for scene files (.diorama).")
    }
    Diorama.tell(opened.report.findings.map { "\(scene.name): \($0)" })
    clock.end("read")
    let route = try route(followed: isFollowed ? frames ?? file?.frames : nil, file, camera, opened)
    guard route.count > 1 || !product.outputs.contains(.flow) else {
      throw InputError(
        file: motion.path ?? view.camera ?? "--orbit", field: "frames", found: "one picture",
        expected: "two at least, for flow")
    }
    let taker = try PictureTaker(
      opened, meshes, camera: camera, options: self,
      threadCount: threads.count)
    clock.end("pack")
    var report = RenderReport(
      of: opened, taker: taker, camera: camera, preparation: clock.milliseconds)
    try takePictures(along: route, taker, to: &sink, &report)
    try publish(sink, &report)
    json ? printJSON(report.json(of: self)) : print(report.line)
  }

  /// The meshes of all `--mesh`, in their order.
  private func readMeshes(firstInstance: UInt32) throws -> [MeshInstance] {
    try mesh.enumerated().flatMap {
      try $1.readMesh(instance: firstInstance + UInt32($0), root: meshRoot)
    }
  }

  /// The first instance that is no thing of a scene file.
  private func firstFreeInstance(of file: SceneFile) throws(InputError) -> UInt32 {
    mesh.isEmpty ? SemanticClass.firstThing : try file.firstFreeInstance
  }

  /// Where the camera is at each picture.
  private func route(
    followed: [CameraFile.Frame]?, _ file: CameraFile?, _ camera: Camera, _ opened: OpenedScene
  ) throws -> CameraMotion {
    let up = view.up?.value ?? opened.up
    if let followed {
      let name = motion.path ?? view.camera ?? ""
      let route = try CameraMotion(followed, file: name, up: up, rate: motion.rate)
      if case .places = route, motion.shutter != nil {
        throw InputError(
          file: name, field: "frames.0.time_seconds", found: "no such key",
          expected: "a time, as the shutter takes some")
      }
      return route
    }
    if let seconds = motion.orbit {
      return CameraMotion(
        around: try view.viewpoint(camera: camera, in: opened, name: scene.name), up: up,
        seconds: seconds, rate: motion.rate)
    }
    return .places([try view.pose(file, camera: camera, in: opened, name: scene.name)])
  }

  private func takePictures(
    along route: CameraMotion, _ taker: PictureTaker, to sink: inout PictureSink,
    _ report: inout RenderReport
  ) throws {
    let progress = ProgressLine(
      unit: "pictures", total: route.count, isShown: sink.isSeries && !json)
    defer { progress.finish() }
    let interruption = sink.isSeries ? Interruption {} : nil
    // A picture is written when the next one is there, to which it flows.
    var waiting: TakenPicture?
    for index in 0..<route.count {
      if interruption?.flag.isCancelled == true {
        progress.finish()
        Diorama.tell(["stopped; nothing was written"])
        throw ExitCode(130)
      }
      let clock = StageClock()
      var picture = try taker.take(index, along: route, clock)
      if product.outputs.contains(.flow) {
        if var before = waiting {
          taker.addFlow(&before, &picture)
          clock.end("flow")
          try write(before, index - 1, to: &sink, clock)
        }
        waiting = picture
      } else {
        try write(picture, index, to: &sink, clock)
      }
      if index == route.count - 1, let last = waiting { try write(last, index, to: &sink, clock) }
      report.add(picture, seconds: route.seconds(ofPicture: index), clock)
      progress.advance()
    }
  }

  private func publish(
    _ sink: consuming PictureSink, _ report: inout RenderReport
  ) throws(InputError) {
    let clock = StageClock()
    report.files = sink.names
    try sink.publish()
    clock.end("write")
    report.add(clock)
  }

  private func write(
    _ picture: TakenPicture, _ index: Int, to sink: inout PictureSink, _ clock: StageClock
  ) throws(InputError) {
    var files: [PictureFile] = []
    if product.target != .video {
      for output in product.outputs {
        for format in product.formats {
          for file in try picture.files(output, format)
          where !files.contains(where: { $0.name == file.name && $0.ending == file.ending }) {
            files.append(file)
          }
        }
      }
      if case .file = product.target { files = Array(files.prefix(1)) }
    }
    clock.end("encode")
    try sink.add(files, colour: picture.colour, ofPicture: index)
    clock.end(product.target == .video ? "encode" : "write")
  }
}

/// What is written of a picture, and where.
struct ProductOptions: ParsableArguments {
  @Option(help: "The file or the folder to write.") var out: String
  @Option(
    name: .customLong("outputs"),
    help: ArgumentHelp(
      "What is wanted, of \(NameList<PictureOutput>.all); rgb unless given.", valueName: "names"),
    transform: { try NameList<PictureOutput>($0) })
  var wanted: NameList<PictureOutput>?
  @Option(
    name: .customLong("formats"),
    help: ArgumentHelp(
      """
      The formats of a folder's files: png (8 or 16 bits, depth in millimetres), npy (NumPy) or \
      exr (OpenEXR), both without rounding; png unless given.
      """, valueName: "names"),
    transform: { try NameList<PictureFormat>($0) })
  var wantedFormats: NameList<PictureFormat>?
  @Flag(help: "Replace files that exist.") var force = false

  /// What kind of thing `--out` names.
  var target: PictureTarget { PictureTarget(path: out) }
  /// The outputs, in the order asked for.
  var outputs: [PictureOutput] { wanted?.names ?? [.rgb] }
  /// The formats, in the order asked for.
  var formats: [PictureFormat] {
    if case .file(let format) = target { return [format] }
    return wantedFormats?.names ?? [.png]
  }

  func validate() throws {
    switch target {
    case .folder: return
    case .file(let format):
      guard outputs.count == 1, outputs != [.flow], outputs != [.boxes] else {
        throw ValidationError("--out: \(out) holds one picture; a folder's name holds the rest.")
      }
      guard format != .exr || outputs != [.rgb] else {
        throw ValidationError("--out: OpenEXR is for numbers, and rgb is none; linear is.")
      }
    case .video:
      guard outputs == [.rgb] else {
        throw ValidationError("--out: a video holds rgb; a folder's name holds the rest.")
      }
    }
    guard wantedFormats == nil else {
      throw ValidationError("--formats is for folders: the ending of \(out) says its format.")
    }
  }

  /// Throws where one picture, or many, are not what the target and the outputs are for.
  func check(isSeries: Bool) throws {
    guard isSeries || target != .video else {
      throw ValidationError("--out: \(out) is a video, which needs --path or --orbit.")
    }
    guard isSeries || !outputs.contains(.flow) else {
      throw ValidationError("--outputs: flow is between pictures, so it needs --path or --orbit.")
    }
    if isSeries, case .file = target {
      throw ValidationError("--out: \(out) holds one picture; name a folder or an .mp4 file.")
    }
  }

  /// Throws unless the target can be made.
  func requireWritable() throws(InputError) {
    if target == .folder {
      try requireFillable(out, replacing: force)
    } else {
      try diorama.requireWritable(out, replacing: force)
    }
  }
}

extension SceneMoment: ExpressibleByArgument {
  /// Reads a moment as `SceneMoment.init(_:)` does.
  package init?(argument: String) { self.init(argument) }
}

/// How splats are drawn.
struct SplatOptions: ParsableArguments {
  @Option(help: "The rules of the training code that made the splats: inria, gsplat or gut.")
  var profile = Profile.gsplat
  @Option(
    help: """
      The most splats that are drawn; what adds least to the picture is left out. Of a scene file, \
      coarser cells are drawn; 2000000 unless given.
      """)
  var splatBudget: Int?
  @Option(
    help: "The error of a scene file's cells that is too small to be seen, pixels; 1 unless given.")
  var errorPixels: Double?
  @Option(
    help: ArgumentHelp(
      """
      The moment, in UTC, at which a scene file is seen: with the season and the events of then. \
      Without one, as it was captured or made.
      """, valueName: "yyyy-mm-ddThh:mm"))
  var at: SceneMoment?
  @Option(help: "What lies behind everything, sRGB 0 to 1.") var background: Vector?
  @Option(
    help: ArgumentHelp(
      "Use no better instruction set than this one, for the same bytes elsewhere.",
      valueName: "name"))
  var instructionSet: String?

  enum Profile: String, ExpressibleByArgument, CaseIterable {
    case inria
    case gsplat
    case gut

    var rules: SplatProfile {
      switch self {
      case .inria: .inria
      case .gsplat: .gsplat
      case .gut: .gut
      }
    }
  }

  func validate() throws {
    if let colour = background?.value, !(0...1).contains(colour.min()) || colour.max() > 1 {
      throw ValidationError("--background: the three numbers lie between 0 and 1.")
    }
    if let splatBudget, splatBudget < 0 {
      throw ValidationError("--splat-budget: \(splatBudget) is negative.")
    }
    if let errorPixels, !(errorPixels > 0 && errorPixels.isFinite) {
      throw ValidationError("--error-pixels: \(errorPixels) is no positive number.")
    }
  }

  /// How fine the cells of a scene file are.
  var cutRules: CutRules {
    var rules = CutRules()
    if let splatBudget { rules.splatBudget = splatBudget }
    if let errorPixels { rules.errorPixels = errorPixels }
    return rules
  }

  /// Pins the instruction set, if one is asked for.
  func limitInstructionSet() throws(InputError) {
    guard let instructionSet else { return }
    let best = Renderer.instructionSet
    guard Renderer.limit(toInstructionSet: instructionSet) else {
      throw InputError(
        file: "--instruction-set", field: "name", found: instructionSet,
        expected: "one that this processor and the kernels have, as \(best)")
    }
  }
}
