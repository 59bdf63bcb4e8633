// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Files
import Foundation
import Geometry
import ImageFiles
import Meshes
import Physics
import Rasterizer
import Simulation
import Splats

/// Draws meshes without splats, picture after picture; they turn before a camera that stands still.
///
/// So no picture has anything to take over from the one before, the shadows neither.
struct BenchMeshes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "meshes",
    abstract: "Draw meshes: colour with shadows, depth and instances, again and again.")
  @Option(help: "An MJCF or URDF file, drawn with all its triangles; ten balls unless given.")
  var model: String?
  @Option(parsing: .unconditional, help: "The camera's place, x,y,z.") var position: Vector?
  @Option(parsing: .unconditional, help: "A point in the middle of the picture, x,y,z.")
  var lookAt: Vector?
  @Option(help: "The angle from the top to the bottom of the picture.") var fovDegrees = 45.0
  @Option(help: "Columns.") var width = 640
  @Option(help: "Rows.") var height = 480
  @Option(help: "4 softens the edges of meshes; 1 does not.") var meshSamples = 1
  @Option(help: "Pictures, after one that warms up.") var pictures = 30
  @Option(help: "The number of threads; all cores unless given.") var threads: Int?
  @Option(help: "A PNG file for the last picture.") var out: String?
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    for (name, value, range) in [
      ("--width", width, 1...16_384), ("--height", height, 1...16_384),
      ("--pictures", pictures, 1...1_000_000), ("--threads", threads ?? 1, 1...1024),
    ] where !range.contains(value) {
      throw ValidationError(
        "\(name): \(value) is not in \(range.lowerBound) to \(range.upperBound).")
    }
    guard [1, 4].contains(meshSamples) else {
      throw ValidationError("--mesh-samples: \(meshSamples) is neither 1 nor 4.")
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
  }

  /// How far the meshes turn about a vertical through the target from picture to picture, radians.
  private static let step = 1e-3

  func run() throws {
    if let out { try requireWritable(out, replacing: true) }
    let scene = try model.map { try ShownModel(file: $0) } ?? ShownModel.balls
    let threadCount = threads ?? ProcessInfo.processInfo.activeProcessorCount
    let renderer = Renderer(splats: PackedSplats(SplatCloud(shDegree: 0)), threadCount: threadCount)
    let lens = Geometry.Camera(
      width: width, height: height, verticalFieldOfView: fovDegrees.radiansFromDegrees)
    let target = lookAt?.value ?? scene.bounds.center
    let start = position?.value ?? scene.viewpoint(through: lens)
    let progress = ProgressLine(unit: "pictures", total: pictures + 1, isShown: !json)
    var stages: [String: [Double]] = [:]
    var times: [Double] = []
    var last: Rendering?
    var request = RenderRequest(
      camera: lens, cameraFromWorld: .cameraFromWorld(eye: start, target: target))
    request.hasShadows = true
    for picture in 0...pictures {
      let turn = Quaternion<Double>(angle: Double(picture) * Self.step, axis: SIMD3(0, 0, 1))
      let turned = RigidTransform(rotation: turn, translation: target - turn.rotate(target))
      request.meshes = scene.meshes.map { mesh in
        var moved = mesh
        moved.worldFromMesh = turned * mesh.worldFromMesh
        return moved
      }
      request.outputs = [.depth, .instances]
      request.softensMeshEdges = meshSamples > 1
      request.backgroundSRGB = SIMD3(0.4, 0.6, 0.8)
      let clock = StageClock()
      renderer.stageEnded = { clock.end($0.rawValue) }
      last = renderer.render(request)
      progress.advance()
      guard picture > 0 else { continue }
      let taken = clock.milliseconds
      times.append(taken.values.reduce(0, +))
      for (stage, time) in taken { stages[stage, default: []].append(time) }
    }
    progress.finish()
    if let out, let last { try publishFile(out, PNG.encode(last.colour)) }
    report(scene, Median(times), stages.mapValues(Median.init), threadCount)
  }

  private func report(
    _ scene: ShownModel, _ picture: Median, _ stages: [String: Median], _ threadCount: Int
  ) {
    let machine = Machine()
    let perSecond = 1000 / picture.value
    if json {
      printJSON([
        "machine": machine.json, "model": model ?? "balls", "meshCount": scene.meshes.count,
        "triangleCount": scene.triangleCount, "width": width, "height": height,
        "threadCount": threadCount, "pictures": pictures,
        "millisecondsPerPicture": picture.value, "bestMillisecondsPerPicture": picture.best,
        "picturesPerSecond": perSecond, "stageMilliseconds": stages.mapValues(\.value),
      ])
      return
    }
    print(machine.line)
    print(
      "\(model ?? "balls"): \(scene.triangleCount) triangles of \(scene.meshes.count) meshes at "
        + "\(width)x\(height), \(threadCount) threads: colour with shadows, depth, instances")
    for stage in RenderStage.allCases {
      guard let time = stages[stage.rawValue] else { continue }
      let name = stage.rawValue.padding(toLength: 10, withPad: " ", startingAt: 0)
      print("  \(name)\(decimal(time.value, places: 2)) ms")
    }
    print(
      "median of \(pictures): \(decimal(picture.value, places: 2)) ms a picture, "
        + "\(decimal(perSecond, places: 1)) pictures/s; best \(decimal(picture.best, places: 2)) ms"
    )
  }
}

/// What is drawn: the visible geoms of a model in its first keyframe, each an instance of its own.
private struct ShownModel {
  let meshes: [MeshInstance]
  /// Around all but planes, in the world, metres.
  let bounds: AxisAlignedBox

  /// The ten balls that stand for a robot among splats.
  static let balls = ShownModel(SplatBenchmark.robot())

  /// Geoms of this group and above are touched but not drawn, as in MuJoCo's own models.
  private static let hiddenGroup = 3
  /// Half the edge of what is drawn of a plane without end, metres.
  private static let planeReach = 20.0

  init(file: String) throws {
    var spec = try ModelSpec(file: file)
    let compiled = try spec.compile()
    var state = State(compiled)
    if let keyframe = compiled.keyframes.first { state.reset(to: keyframe.id) }
    state.refreshPoses()
    var made: [String: [PackedMesh]] = [:]
    var meshes: [MeshInstance] = []
    for geom in compiled.geoms where geom.group < Self.hiddenGroup && geom.rgba.w > 0 {
      let key = "\(geom.shape) \(geom.material?.index ?? -1)"
      let looks = made[key] ?? Self.looks(of: geom, in: compiled).map { PackedMesh($0) }
      made[key] = looks
      meshes += looks.map {
        var instance = MeshInstance(
          mesh: $0, worldFromMesh: state.worldFromGeom(geom.id),
          colourSRGB: SIMD3(geom.rgba.x, geom.rgba.y, geom.rgba.z),
          instanceID: UInt32(geom.id.index + 1))
        if case .plane = geom.shape { instance.throwsShadow = false }
        return instance
      }
    }
    self.init(meshes)
  }

  private init(_ meshes: [MeshInstance]) {
    self.meshes = meshes
    var box = AxisAlignedBox()
    for instance in meshes where instance.mesh.bounds.size.min() > 0 {
      let (low, high) = (instance.mesh.bounds.minimum, instance.mesh.bounds.maximum)
      for corner in 0..<8 {
        let inMesh = SIMD3(
          corner & 1 == 0 ? low.x : high.x, corner & 2 == 0 ? low.y : high.y,
          corner & 4 == 0 ? low.z : high.z)
        box.add(instance.worldFromMesh * (inMesh * SIMD3<Double>(instance.scale)))
      }
    }
    if box.isEmpty { box.add(.zero) }
    bounds = box
  }

  private static func looks(of geom: Geom, in model: Model) -> [TriangleMesh] {
    guard case .plane(let x, let y) = geom.shape else { return model.looks(of: geom) }
    let plane = TriangleMesh.plane(
      halfSize: SIMD2(Float(x > 0 ? x : planeReach), Float(y > 0 ? y : planeReach)))
    return model.painted(plane, as: geom)
  }

  var triangleCount: Int { meshes.reduce(0) { $0 + $1.mesh.mesh.triangleCount } }

  /// Where a camera stands that sees all of the box from ahead, to the left and a little above.
  func viewpoint(through lens: Geometry.Camera) -> SIMD3<Double> {
    let slope = min(
      Double(lens.width) / lens.focalLengthPixels.x, Double(lens.height) / lens.focalLengthPixels.y)
    let radius = max(length(bounds.size) / 2, 0.1)
    let direction = normalize(SIMD3<Double>(1, 0.6, 0.5))
    return bounds.center + direction * (radius * 2 / slope + radius)
  }
}
