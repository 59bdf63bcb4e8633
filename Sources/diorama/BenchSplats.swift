// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Geometry
import Parallel
import Rasterizer
import SplatFormats
import Splats

/// Draws one scene picture after picture.
struct BenchSplats: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "splats", abstract: "Draw a furnished room of splats, again and again.")
  @Option(help: "Splats of SH degree 3 in the room; 1,000,000 unless given.") var count: Int?
  @Option(help: "A splat file in the room's place, seen from the same spot unless told.")
  var scene: String?
  @Option(parsing: .unconditional, help: "Another place for the camera, x,y,z.")
  var position: Vector?
  @Option(parsing: .unconditional, help: "The point in the middle of its picture, x,y,z.")
  var lookAt: Vector?
  @Option(parsing: .unconditional, help: "The direction that is up for it, x,y,z.")
  var up = Vector(value: SIMD3(0, 0, 1))
  @Option(help: "The angle from the top to the bottom of its picture.") var fovDegrees = 60.0
  @Flag(help: "Draw depth, too.") var depth = false
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
    guard (position == nil) == (lookAt == nil), position == nil || position?.value != lookAt?.value
    else { throw ValidationError("--position and --look-at are two points, or not given.") }
    guard up.value != .zero else { throw ValidationError("--up: no direction.") }
    guard fovDegrees > 0, fovDegrees < 180 else {
      throw ValidationError("--fov-degrees: \(fovDegrees) is not between 0 and 180.")
    }
  }

  func run() throws {
    let threadCount = threads ?? ProcessInfo.processInfo.activeProcessorCount
    let cloud =
      try scene.map { try SplatFile.read($0) } ?? SplatBenchmark.room(count: count ?? 1_000_000)
    let splats = PackedSplats(cloud)
    let renderer = Renderer(splats: splats, threadCount: threadCount)
    var request = view
    if depth { request.outputs = .depth }
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
    let work = renderer.blendWork(of: request)
    let peak = Self.peak(threadCount: threadCount)
    report(cloud, Median(times), stages.mapValues(Median.init), Blending(work, peak), threadCount)
  }

  private var view: RenderRequest {
    guard let position, let lookAt else {
      return SplatBenchmark.request(width: width, height: height)
    }
    return RenderRequest(
      camera: Camera(
        width: width, height: height, verticalFieldOfView: fovDegrees.radiansFromDegrees),
      cameraFromWorld: .cameraFromWorld(
        eye: position.value, target: lookAt.value, up: up.value))
  }

  /// What blending takes beside what the cores can do.
  private struct Blending {
    var work: BlendWork
    /// Floating-point operations a second of all threads together.
    var peak: Double

    init(_ work: BlendWork, _ peak: Double) {
      self.work = work
      self.peak = peak
    }

    /// The share of the peak that some meetings are in a time.
    func share(_ meetings: Int, milliseconds: Double) -> Double {
      Double(meetings * BlendWork.operationsPerMeeting) / (milliseconds / 1000 * peak)
    }
  }

  /// The operations a second that the threads reach when they only multiply and add in registers:
  /// the best of five tries of 50 ms and more.
  private static func peak(threadCount: Int) -> Double {
    func tried(rounds: Int) -> (seconds: Double, operations: Int) {
      let start = ContinuousClock.now
      let counts = parallelMap(count: threadCount, threadCount: threadCount) { _ in
        Renderer.multiplyAdd(rounds: rounds)
      }
      return ((ContinuousClock.now - start) / .seconds(1), counts.reduce(0, +))
    }
    var rounds = 1000
    while tried(rounds: rounds).seconds < 0.05 { rounds *= 2 }
    return (0..<5).map { _ in
      let (seconds, operations) = tried(rounds: rounds)
      return Double(operations) / seconds
    }.max() ?? 0
  }

  private func report(
    _ cloud: SplatCloud, _ picture: Median, _ stages: [String: Median], _ blending: Blending,
    _ threadCount: Int
  ) {
    let blend = stages[RenderStage.tiles.rawValue]?.value ?? .infinity
    let share = blending.share(blending.work.metCount, milliseconds: blend)
    let usefulShare = blending.share(blending.work.addedCount, milliseconds: blend)
    let machine = Machine()
    let perSecond = 1000 / picture.value
    if json {
      printJSON([
        "machine": machine.json, "scene": scene ?? "room", "splatCount": cloud.count,
        "shDegree": cloud.shDegree, "width": width, "height": height,
        "threadCount": threadCount, "pictures": pictures,
        "millisecondsPerPicture": picture.value, "bestMillisecondsPerPicture": picture.best,
        "picturesPerSecond": perSecond, "stageMilliseconds": stages.mapValues(\.value),
        "meetings": blending.work.metCount, "usefulMeetings": blending.work.addedCount,
        "peakOperationsPerSecond": blending.peak, "blendShareOfPeak": share,
        "usefulBlendShareOfPeak": usefulShare,
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
    print(
      "\(decimal(Double(blending.work.metCount) / 1e6, places: 1)) M times a pixel met a splat, "
        + "\(decimal(Double(blending.work.addedCount) / 1e6, places: 1)) M of use; the tiles take "
        + "\(decimal(100 * share, places: 1)) % of the cores' "
        + "\(decimal(blending.peak / 1e9, places: 0)) GFLOP/s, "
        + "\(decimal(100 * usefulShare, places: 1)) % for what is of use")
  }
}
