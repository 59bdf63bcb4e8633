// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Geometry
import Rasterizer
import Splats

/// Draws one scene and works out how a loss changes with its splats, picture after picture.
struct BenchBackward: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backward",
    abstract: "Draw a furnished room of splats and work out its gradients, again and again.")
  @Option(help: "Splats of SH degree 3.") var count = 1_000_000
  @Option(help: "Columns.") var width = 1280
  @Option(help: "Rows.") var height = 720
  @Option(help: "Pictures, after one that warms up.") var pictures = 10
  @Option(help: "The number of threads; all cores unless given.") var threads: Int?
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    for (name, value, range) in [
      ("--count", count, 1...20_000_000), ("--width", width, 1...16_384),
      ("--height", height, 1...16_384), ("--pictures", pictures, 1...1_000_000),
      ("--threads", threads ?? 1, 1...1024),
    ] where !range.contains(value) {
      throw ValidationError(
        "\(name): \(value) is not in \(range.lowerBound) to \(range.upperBound).")
    }
  }

  func run() throws {
    let threadCount = threads ?? ProcessInfo.processInfo.activeProcessorCount
    let cloud = SplatBenchmark.room(count: count)
    let renderer = Renderer(splats: PackedSplats(cloud), threadCount: threadCount)
    var request = SplatBenchmark.request(width: width, height: height)
    request.outputs = .floatColour
    let loss = SplatBenchmark.loss(width: width, height: height)
    var gradients = SplatGradients(of: cloud)
    let progress = ProgressLine(
      unit: "pictures", total: pictures + 1, isShown: !json)
    var stages: [String: [Double]] = [:]
    var (forward, backward): ([Double], [Double]) = ([], [])
    for picture in 0...pictures {
      // A hair's breadth each time: a camera that stands still would be drawn from memory.
      request.cameraFromWorld.translation.x += 1e-6
      let clock = StageClock()
      renderer.stageEnded = { clock.end($0.rawValue) }
      _ = renderer.render(request)
      let drawn = clock.milliseconds.values.reduce(0, +)
      renderer.addGradients(of: request, pixels: loss, cloud: cloud, to: &gradients)
      progress.advance()
      guard picture > 0 else { continue }
      let taken = clock.milliseconds
      forward.append(drawn)
      backward.append(taken.values.reduce(0, +) - drawn)
      for (stage, time) in taken { stages[stage, default: []].append(time) }
    }
    progress.finish()
    report(forward, backward, stages.mapValues(Median.init), threadCount)
  }

  private func report(
    _ forward: [Double], _ backward: [Double], _ stages: [String: Median], _ threadCount: Int
  ) {
    let machine = Machine()
    let both = Median(zip(forward, backward).map(+))
    if json {
      printJSON([
        "machine": machine.json, "splatCount": count, "width": width, "height": height,
        "threadCount": threadCount, "pictures": pictures,
        "forwardMilliseconds": Median(forward).value,
        "backwardMilliseconds": Median(backward).value,
        "millisecondsPerPicture": both.value, "bestMillisecondsPerPicture": both.best,
        "stageMilliseconds": stages.mapValues(\.value),
      ])
      return
    }
    print(machine.line)
    print("\(count) splats of SH degree 3 at \(width)x\(height), \(threadCount) threads")
    for stage in RenderStage.allCases {
      guard let time = stages[stage.rawValue] else { continue }
      let name = stage.rawValue.padding(toLength: 18, withPad: " ", startingAt: 0)
      print("  \(name)\(decimal(time.value, places: 2)) ms")
    }
    print(
      "median of \(pictures): forward \(decimal(Median(forward).value, places: 1)) ms, "
        + "backward \(decimal(Median(backward).value, places: 1)) ms, "
        + "both \(decimal(both.value, places: 1)) ms; best \(decimal(both.best, places: 1)) ms")
  }
}
