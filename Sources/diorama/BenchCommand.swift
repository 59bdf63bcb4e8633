// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Files
import Foundation
import Physics

/// How fast the engines are on this computer.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure how fast this computer draws, steps and makes datasets.",
    subcommands: [
      BenchSplats.self, BenchMeshes.self, BenchBackward.self, BenchStore.self, BenchCity.self,
      BenchPhysics.self, BenchRun.self, BenchTeacher.self,
    ])
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
