// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Cities
import Files
import Foundation
import Geometry
import Randomness
import SceneStore

/// Builds the scene file of a city that is made up, and flies through it.
struct BenchCity: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "city",
    abstract:
      "Build a made-up city into a scene file, open it anywhere and fly through it.",
    discussion: """
      First images are drawn with the file dropped from the kernel's memory (posix_fadvise, \
      DONTNEED) and nothing read of it; the program itself is warm. One flight goes along an \
      arterial road, as high as a driver's eyes, one 120 m above the ground; both at 15 m/s. \
      Memory is the peak of the process up to that point: with --scene that of drawing alone.
      """)
  @OptionGroup var options: CityOptions
  @Option(help: "The file, removed afterwards.") var file = "city.diorama"
  @Flag(help: "Keep the file.") var keep = false
  @Option(help: "The scene file of this city that is there already, to be read only.")
  var scene: String?
  @Flag(help: "Print one JSON object.") var json = false

  /// The places where the file is opened.
  private static let placeCount = 9

  func run() throws {
    var figures: [String: Any] = [
      "machine": Machine().json, "threadCount": options.threads.count,
      "squareKilometres": options.squareKilometres, "seed": options.seed,
      "density": options.density,
    ]
    if let scene {
      try measure(scene, &figures)
    } else {
      try requireWritable(file, replacing: false)
      try options.requireRoom(for: file)
      defer { if !keep { try? removeItem(file) } }
      let seconds = try ContinuousClock().measure {
        try options.build(file, isResuming: false, isShown: !json)
      }
      figures["buildSeconds"] = seconds / .seconds(1)
      figures["buildPeakResidentBytes"] = peakResidentBytes()
      try measure(file, &figures)
    }
    json ? printJSON(figures) : tell(figures)
  }

  private func measure(_ path: String, _ figures: inout [String: Any]) throws {
    let city = options.city
    let bench = try SceneFileBenchmark(path, threadCount: options.threads.count)
    var random = RandomStream(seed: options.seed, purpose: "bench city")
    let reach = 0.45 * city.edge
    let first = try (0..<Self.placeCount).map { _ in
      let place = SIMD2(random.uniform(in: -reach...reach), random.uniform(in: -reach...reach))
      let eye = SIMD3(place.x, place.y, city.groundHeight(at: place) + 120)
      return try bench.firstImageSeconds(from: eye, towards: eye + SIMD3(1, 0.2, -0.4))
    }
    figures["firstImageSeconds"] = first.sorted()
    figures["flights"] = try [1.7, 120].map { height in
      let way = CityWay(city, height: height)
      return try bench.fly(
        SceneFileBenchmark.Flight(
          name: height < 50 ? "street" : "air", height: height,
          way: { way.pose(metres: SceneFileBenchmark.speed * $0) }))
    }
    figures["peakResidentBytes"] = peakResidentBytes()
    figures["splatCount"] = try bench.file.leafSplatCount
    figures["byteCount"] = try fileSize(path)
  }

  private func tell(_ figures: [String: Any]) {
    func number(_ key: String, _ scale: Double, places: Int = 2) -> String {
      decimal(((figures[key] as? NSNumber)?.doubleValue ?? 0) / scale, places: places)
    }
    print(Machine().line)
    let count = (figures["splatCount"] as? Int) ?? 0
    if let seconds = figures["buildSeconds"] as? Double {
      print(
        "built in \(decimal(seconds, places: 1)) s, "
          + "\(decimal(Double(count) / seconds / 1e6, places: 2)) M splats/s, "
          + "peak resident memory \(number("buildPeakResidentBytes", 1e6, places: 0)) MB")
    }
    let bytes = (figures["byteCount"] as? Int) ?? 0
    print(
      "\(count) splats, \(number("byteCount", 1e9, places: 3)) GB, "
        + "\(decimal(Double(bytes) / Double(max(count, 1)), places: 1)) bytes a splat")
    let first = figures["firstImageSeconds"] as? [Double] ?? []
    if let last = first.last {
      print(
        "first image, cold, at \(first.count) places: median "
          + "\(decimal(1000 * first[first.count / 2], places: 0)) ms, slowest "
          + "\(decimal(1000 * last, places: 0)) ms")
    }
    for flight in figures["flights"] as? [[String: Any]] ?? [] {
      let (name, rate) = (flight["name"] ?? "", flight["framesPerSecond"] as? Double ?? 0)
      print("\(name): \(decimal(rate, places: 1)) frames/s of \(flight["meanSplats"] ?? 0) splats")
    }
    print("peak resident memory: \(number("peakResidentBytes", 1e6, places: 0)) MB")
  }
}

/// The way along an arterial road from the middle of a city to the east.
private struct CityWay {
  private let city: City
  private let height: Double
  private let corners: [SIMD2<Double>]

  init(_ city: City, height: Double) {
    self.city = city
    self.height = height
    corners = city.arterialWay
  }

  /// The place after some metres, on the right-hand side of the road.
  private func place(metres: Double) -> SIMD3<Double> {
    var left = metres
    for (start, end) in zip(corners, corners.dropFirst()) {
      let step = end - start
      let length = (step * step).sum().squareRoot()
      guard left > length else {
        let direction = step / length
        let place = start + left * direction + 4 * SIMD2(direction.y, -direction.x)
        return SIMD3(place.x, place.y, city.groundHeight(at: place) + height)
      }
      left -= length
    }
    let last = corners.last ?? .zero
    return SIMD3(last.x, last.y, city.groundHeight(at: last) + height)
  }

  func pose(metres: Double) -> (eye: SIMD3<Double>, target: SIMD3<Double>) {
    let (eye, ahead) = (place(metres: metres), place(metres: metres + 30))
    return (eye, ahead - SIMD3(0, 0, height > 50 ? 14 : 0))
  }
}
