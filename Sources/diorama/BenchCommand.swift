// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Files
import Foundation
import Geometry
import Physics
import Rasterizer
import SplatFormats
import Splats

/// How fast the engines are on this computer.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure how fast this computer draws, steps and makes datasets.",
    subcommands: [
      BenchSplats.self, BenchMeshes.self, BenchBackward.self, BenchStore.self, BenchPhysics.self,
      BenchRun.self, BenchTeacher.self,
    ])
}

/// Draws one scene picture after picture.
struct BenchSplats: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "splats", abstract: "Draw a furnished room of splats, again and again.")
  @Option(help: "Splats of SH degree 3 in the room; 1,000,000 unless given.") var count: Int?
  @Option(help: "A splat file in the room's place, seen from the same spot.") var scene: String?
  @Option(help: "Columns.") var width = 1280
  @Option(help: "Rows.") var height = 720
  @Option(help: "Pictures, after one that warms up.") var pictures = 10
  @Option(help: "The number of threads; all cores unless given.") var threads: Int?
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    for (name, value, range) in [
      ("--count", count ?? 1, 1...20_000_000), ("--width", width, 1...16_384),
      ("--height", height, 1...16_384), ("--pictures", pictures, 1...1_000_000),
      ("--threads", threads ?? 1, 1...1024),
    ] where !range.contains(value) {
      throw ValidationError(
        "\(name): \(value) is not in \(range.lowerBound) to \(range.upperBound).")
    }
    guard count == nil || scene == nil else {
      throw ValidationError("--count is for the room, not for a --scene.")
    }
  }

  func run() throws {
    let threadCount = threads ?? ProcessInfo.processInfo.activeProcessorCount
    let cloud =
      try scene.map { try SplatFile.read($0) } ?? SplatBenchmark.room(count: count ?? 1_000_000)
    let splats = PackedSplats(cloud)
    let renderer = Renderer(splats: splats, threadCount: threadCount)
    var request = SplatBenchmark.request(width: width, height: height)
    let progress = ProgressLine(
      unit: "pictures", total: pictures + 1, isShown: !json)
    var stages: [String: [Double]] = [:]
    var times: [Double] = []
    for picture in 0...pictures {
      // A hair's breadth each time: a camera that stands still would be drawn from memory.
      request.cameraFromWorld.translation.x += 1e-6
      let clock = StageClock()
      renderer.stageEnded = { clock.end($0.rawValue) }
      _ = renderer.render(request)
      progress.advance()
      guard picture > 0 else { continue }
      let taken = clock.milliseconds
      times.append(taken.values.reduce(0, +))
      for (stage, time) in taken { stages[stage, default: []].append(time) }
    }
    progress.finish()
    report(cloud, Median(times), stages.mapValues(Median.init), threadCount)
  }

  private func report(
    _ cloud: SplatCloud, _ picture: Median, _ stages: [String: Median], _ threadCount: Int
  ) {
    let machine = Machine()
    let perSecond = 1000 / picture.value
    if json {
      printJSON([
        "machine": machine.json, "scene": scene ?? "room", "splatCount": cloud.count,
        "shDegree": cloud.shDegree, "width": width, "height": height,
        "threadCount": threadCount, "pictures": pictures,
        "millisecondsPerPicture": picture.value, "bestMillisecondsPerPicture": picture.best,
        "picturesPerSecond": perSecond, "stageMilliseconds": stages.mapValues(\.value),
      ])
      return
    }
    print(machine.line)
    print(
      "\(cloud.count) splats of SH degree \(cloud.shDegree) at \(width)x\(height), "
        + "\(threadCount) threads")
    for stage in RenderStage.allCases {
      guard let time = stages[stage.rawValue] else { continue }
      let name = stage.rawValue.padding(toLength: 10, withPad: " ", startingAt: 0)
      print("  \(name)\(decimal(time.value, places: 2)) ms")
    }
    print(
      "median of \(pictures): \(decimal(picture.value, places: 1)) ms a picture, "
        + "\(decimal(perSecond, places: 1)) pictures/s; best \(decimal(picture.best, places: 1)) ms"
    )
  }
}

/// The middle and the least of some times, milliseconds.
struct Median {
  let value: Double
  let best: Double

  init(_ times: [Double]) {
    let sorted = times.sorted()
    precondition(!sorted.isEmpty, "at least one picture is measured")
    value = sorted[sorted.count / 2]
    best = sorted[0]
  }
}

/// Steps one model with wandering controls on one core.
struct BenchPhysics: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "physics", abstract: "Step a physics model with noisy controls, on one core.")
  @Option(help: "An MJCF or URDF file; a built-in walker unless given.") var model: String?
  @Option(help: "How long to measure.") var seconds = 2.0
  @Flag(help: "Print one JSON object.") var json = false

  /// The steps between two looks at the clock.
  private static let stepsAtOnce = 100

  func validate() throws {
    guard seconds > 0, seconds <= 3600 else {
      throw ValidationError("--seconds: \(seconds) is not between 0 and 3600.")
    }
  }

  func run() throws {
    let compiled = try compile()
    var state = State(compiled)
    if let keyframe = compiled.keyframes.first { state.reset(to: keyframe.id) }
    var noise = ControlNoise()
    var stepCount = 0
    let started = ContinuousClock.now
    let processorStart = processorSeconds()
    var elapsed = Duration.zero
    while elapsed < .seconds(seconds) {
      try noise.drive(&state, steps: Self.stepsAtOnce)
      stepCount += Self.stepsAtOnce
      elapsed = ContinuousClock.now - started
    }
    report(
      compiled, stepCount: stepCount, seconds: elapsed / .seconds(1),
      processorSeconds: processorSeconds() - processorStart)
  }

  private func compile() throws(InputError) -> Model {
    guard let model else {
      var spec = try ModelSpec(xml: benchmarkModel)
      return try spec.compile()
    }
    var spec = try ModelSpec(file: model)
    return try spec.compile()
  }

  private func report(
    _ model: Model, stepCount: Int, seconds: Double, processorSeconds: Double
  ) {
    let machine = Machine()
    let name = self.model ?? "built in"
    let rate = Double(stepCount) / seconds
    let realTime = rate * Double(model.timestepNanoseconds) * 1e-9
    if json {
      printJSON([
        "machine": machine.json, "model": name, "degreesOfFreedom": model.velocityCount,
        "controlCount": model.controlCount, "stepCount": stepCount, "seconds": seconds,
        "stepsPerSecond": Int(rate), "timesRealTime": realTime,
        "stepsPerProcessorSecond": Int(Double(stepCount) / processorSeconds),
      ])
      return
    }
    print(machine.line)
    print(
      "\(name): \(model.velocityCount) degrees of freedom, \(Int(rate)) steps/s on one core, "
        + "\(decimal(realTime, places: 1)) times real time")
  }
}

/// The time that processors have worked for this process: what others do meanwhile does not count.
private func processorSeconds() -> Double {
  var time = timespec()
  guard unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else {
    preconditionFailure("Linux has this clock")
  }
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
