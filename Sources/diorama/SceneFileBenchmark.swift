// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Files
import Foundation
import Geometry
import Glibc
import Rasterizer
import SceneStore

/// What `diorama bench store` measures on a file that is there.
struct SceneFileBenchmark {
  let file: SceneFile
  private let threadCount: Int
  private let camera: Camera
  /// The middle of the leaves, metres.
  private let middle: SIMD3<Double>

  /// A steady way over a scene.
  struct Flight {
    var name: String
    var height: Double
    var frameCount = 120
    /// Pictures a second.
    var rate = 25.0
    /// Where the camera is, and a point that it looks at, after some seconds, metres.
    var way: (Double) -> (eye: SIMD3<Double>, target: SIMD3<Double>)
  }

  /// Metres a second.
  static let speed = 15.0

  /// From the middle of the scene to the east, looking ahead: along a street and high above it.
  var straightFlights: [Flight] {
    [("street", 3.0), ("air", 120)].map { [middle] name, height in
      Flight(name: name, height: height) { seconds in
        let eye = middle + SIMD3(Self.speed * seconds, 11, height)
        return (eye, eye + SIMD3(1, 0.2, height > 50 ? -0.4 : 0))
      }
    }
  }
  /// The pages that decoding is measured on.
  private static let pageCount = 256
  /// How far ahead pages are read, seconds.
  private static let lookahead = 1.0
  private static let splatBudget = 400_000

  init(_ path: String, threadCount: Int) throws(InputError) {
    file = try SceneFile(reading: path)
    self.threadCount = threadCount
    var leaves = AxisAlignedBox()
    for cell in try file.cells(level: CellID.cityLevel) { leaves.add(cell.id.center) }
    middle = leaves.isEmpty ? .zero : leaves.center
    let focal = 480 / 2 / tan(30.0.radiansFromDegrees)
    camera = Camera(
      width: 640, height: 480, focalLengthPixels: SIMD2(focal, focal),
      principalPoint: SIMD2(320, 240), near: 0.1)
  }

  private var rules: CutRules {
    var rules = CutRules()
    rules.splatBudget = Self.splatBudget
    return rules
  }

  /// The pose at a time of a flight.
  private func pose(_ flight: Flight, seconds: Double) -> RigidTransform {
    let (eye, target) = flight.way(seconds)
    return RigidTransform.cameraFromWorld(eye: eye, target: target, up: SIMD3(0, 0, 1))
  }

  /// The seconds from opening the file to a picture of it, with nothing of it in memory.
  func firstImageSeconds(
    from eye: SIMD3<Double>, towards target: SIMD3<Double>
  ) throws -> Double {
    let pose = RigidTransform.cameraFromWorld(eye: eye, target: target, up: SIMD3(0, 0, 1))
    try dropFromMemory(file.path)
    return try ContinuousClock().measure {
      let stream = try StreamedScene(
        try SceneFile(reading: file.path), rules: rules, threadCount: threadCount)
      let parts = try stream.parts(camera: camera, cameraFromScene: [pose])
      let renderer = Renderer(parts: parts, threadCount: threadCount)
      _ = renderer.render(RenderRequest(camera: camera, cameraFromWorld: pose))
    } / .seconds(1)
  }

  /// Flies as fast as pictures can be made, with pages read ahead on a thread of their own.
  func fly(_ flight: Flight) throws -> [String: Any] {
    let stream = try StreamedScene(file, rules: rules, threadCount: threadCount)
    let renderer = Renderer(parts: [], threadCount: threadCount)
    let (ahead, queue) = (DispatchGroup(), DispatchQueue(label: "pages ahead"))
    let (cache, rules, camera) = (stream.cache, stream.rules, camera)
    let composition = stream.composition
    var (splats, cells, error, slowest) = (0, 0, 0.0, 0.0)
    let clock = ContinuousClock()
    let start = clock.now
    for frame in 0..<flight.frameCount {
      let began = clock.now
      let seconds = Double(frame) / flight.rate
      let next = pose(flight, seconds: seconds + Self.lookahead)
      if ahead.wait(timeout: .now()) == .success {
        queue.async(group: ahead) {
          // What fails here fails again where it is waited for.
          guard
            let cut = try? cache.file.cut(
              camera: camera, cameraFromScene: [next], rules: rules, in: composition)
          else { return }
          try? cache.prefetch(cut.parts.map(\.cell), in: composition)
        }
      }
      let pose = pose(flight, seconds: seconds)
      renderer.parts = try stream.parts(camera: camera, cameraFromScene: [pose])
      _ = renderer.render(RenderRequest(camera: camera, cameraFromWorld: pose))
      splats += stream.cut.splatCount
      cells += stream.cut.parts.count
      error = max(error, stream.cut.errorPixels)
      slowest = max(slowest, (clock.now - began) / .seconds(1))
    }
    let elapsed = (clock.now - start) / .seconds(1)
    ahead.wait()
    return [
      "name": flight.name, "height": flight.height, "metresPerSecond": Self.speed,
      "frameCount": flight.frameCount, "framesPerSecond": Double(flight.frameCount) / elapsed,
      "slowestFrameSeconds": slowest, "meanSplats": splats / flight.frameCount,
      "meanCells": cells / flight.frameCount, "largestErrorPixels": error,
      "cache": stream.cacheJSON,
    ]
  }

  /// Reads pages on one thread, and unpacks them.
  func decode(_ figures: inout [String: Any]) throws {
    let leaves = try file.cells(level: CellID.cityLevel).prefix(Self.pageCount)
    let clock = ContinuousClock()
    var pages: [SplatPage] = []
    let read = try clock.measure {
      for leaf in leaves {
        if let page = try file.page(leaf.id) { pages.append(page) }
      }
    }
    let count = Double(pages.reduce(0) { $0 + $1.count })
    let compressed = pages.map { page in
      let plain = page.hotBytes
      return (bytes: Zstandard.compress(plain.span, level: 1), size: plain.count)
    }
    let decompressed = try clock.measure {
      for page in compressed {
        _ = try Zstandard.decompress(page.bytes.span, limit: page.size, file: file.path)
      }
    }
    // The first time memory is new; a cache that is full uses the same again and again.
    var unpacked: [Duration] = []
    for _ in 0..<4 {
      unpacked.append(clock.measure { for page in pages { _ = page.packed } })
    }
    figures["readSplatsPerSecond"] = count / (read / .seconds(1))
    figures["decompressedSplatsPerSecond"] = count / (decompressed / .seconds(1))
    figures["unpackedSplatsPerSecond"] = count / ((unpacked.min() ?? .zero) / .seconds(1))
    let kept = clock.measure { _ = pages.map(\.packed) }
    figures["unpackedToNewMemorySplatsPerSecond"] = count / (kept / .seconds(1))
  }
}

/// Has the kernel forget what it remembers of a file.
private func dropFromMemory(_ path: String) throws(InputError) {
  try synchronizeFile(path)
  guard let handle = FileHandle(forReadingAtPath: path) else {
    throw InputError(file: path, field: "scene file", found: "no file", expected: "a scene file")
  }
  posix_fadvise(handle.fileDescriptor, 0, 0, POSIX_FADV_DONTNEED)
}

/// The most memory that this process ever had resident, bytes; 0 where the kernel does not say.
func peakResidentBytes() -> Int {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
  let kibibytes = line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0
  return kibibytes * 1024
}
