// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Datasets
import Files
import Foundation
import Images
import Testing

/// A folder of one test, removed after it.
struct ScratchFolder: ~Copyable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "diorama-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func callAsFunction(_ name: String) -> String { path + "/" + name }
}

/// A smooth picture with a bright square that moves one step of eight pixels a frame.
func movingSquare(_ frame: Int, width: Int = 64, height: Int = 48) -> RGBImage {
  var image = RGBImage(width: width, height: height)
  for row in 0..<height {
    for column in 0..<width {
      let isInside = (row / 8, column / 8) == (2, frame % (width / 8))
      let pixel = (row * width + column) * 3
      image.bytes[pixel] = isInside ? 250 : UInt8(row * 2)
      image.bytes[pixel + 1] = isInside ? 200 : UInt8(column * 2)
      image.bytes[pixel + 2] = isInside ? 20 : 90
    }
  }
  return image
}

/// Encodes `count` frames of the moving square from frame `first` on.
func encodeSquare(
  _ count: Int, from first: Int = 0, width: Int = 64, fps: (Int, Int) = (30, 1)
) throws -> EncodedVideo {
  var encoder = try VideoEncoder(
    width: width, height: 48, fpsNumerator: fps.0, fpsDenominator: fps.1)
  for frame in first..<first + count { try encoder.append(movingSquare(frame, width: width)) }
  return try encoder.finish()
}

/// Writes episodes into one file.
func mux(_ videos: [EncodedVideo], to path: String) throws {
  var muxer = VideoMuxer(path: path)
  for video in videos { _ = try muxer.append(video) }
  try muxer.finish()
}

/// The peak signal-to-noise ratio of two images, in decibels of 255.
func peakSignalToNoise(_ a: RGBImage, _ b: RGBImage) -> Double {
  let squares = zip(a.bytes, b.bytes).reduce(0) { sum, pair in
    sum + (Int(pair.0) - Int(pair.1)) * (Int(pair.0) - Int(pair.1))
  }
  return 10 * log10(255 * 255 / max(Double(squares) / Double(a.bytes.count), 1e-9))
}

@Suite struct Video {
  @Test func `Two episodes joined decode to their frames at exact times`() throws {
    let folder = try ScratchFolder()
    let path = folder("file.mp4")
    let first = try encodeSquare(13)
    let second = try encodeSquare(5, from: 100)
    var muxer = VideoMuxer(path: path)
    #expect(try muxer.append(first) == 0..<13)
    #expect(try muxer.append(second) == 13..<18)
    #expect(muxer.byteCount == first.byteCount + second.byteCount)
    try muxer.finish()

    var reader = try VideoReader(path: path)
    #expect(reader.frameCount == 18)
    #expect((reader.width, reader.height) == (64, 48))
    #expect(reader.codec == "h264" && reader.pixelFormat == "yuv420p")
    #expect(reader.firstFrameOffTime(fpsNumerator: 30) == nil)
    #expect(reader.firstFrameOffTime(fpsNumerator: 25) == 1)
    for frame in Array(0..<13) + Array(100..<105) {
      let image = try #require(try reader.nextImage())
      // A wrong frame scores below 21 dB here, a right one above 33: the loss is chroma's, which
      // has a quarter of the samples at the square's edge.
      #expect(peakSignalToNoise(image, movingSquare(frame)) > 30, "frame \(frame)")
    }
    #expect(try reader.nextImage() == nil)
  }

  @Test(arguments: [(10, 1), (30_000, 1001), (7, 3), (1000, 1)])
  func `Times are exact at any rational rate`(fps: (Int, Int)) throws {
    let folder = try ScratchFolder()
    try mux([try encodeSquare(7, fps: fps), try encodeSquare(7, fps: fps)], to: folder("a.mp4"))
    let reader = try VideoReader(path: folder("a.mp4"))
    #expect(reader.firstFrameOffTime(fpsNumerator: fps.0, fpsDenominator: fps.1) == nil)
    let second = Double(reader.timeBaseNumerator) / Double(reader.timeBaseDenominator)
    let time = Double(reader.times[13]) * second
    #expect(abs(time - 13 * Double(fps.1) / Double(fps.0)) < 1e-12)
  }

  @Test func `The same frames give the same bytes`() throws {
    let folder = try ScratchFolder()
    let video = try encodeSquare(25)
    #expect(try encodeSquare(25) == video)
    try mux([video, video], to: folder("a.mp4"))
    try mux([video, video], to: folder("b.mp4"))
    #expect(try readFile(folder("a.mp4")) == readFile(folder("b.mp4")))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
  }

  @Test func `The encoder says which version it is`() throws {
    let library = try VideoEncoder.encoderLibrary()
    #expect(library.name == "libx264")
    #expect(library.loaded.wholeMatch(of: #/core [0-9]+( r[0-9]+)?( [0-9a-f]+)?/#) != nil)
  }

  @Test func `Keyframes stand at fixed distances whatever the picture does`() throws {
    var encoder = try VideoEncoder(width: 32, height: 32, fpsNumerator: 30)
    for frame in 0..<35 {
      let cut = UInt8(frame * 97 & 255)
      try encoder.append(
        RGBImage(width: 32, height: 32, bytes: Array(repeating: cut, count: 3072)))
    }
    let keyframes = try encoder.finish().isKeyframe
    let expected = (0..<35).map { $0 % VideoEncoder.keyframeInterval == 0 }
    #expect(keyframes == expected)
  }

  @Test func `The index stands before the packets`() throws {
    let folder = try ScratchFolder()
    try mux([try encodeSquare(3)], to: folder("a.mp4"))
    let text = String(decoding: try readFile(folder("a.mp4")), as: Unicode.ASCII.self)
    let index = try #require(text.range(of: "moov"))
    let packets = try #require(text.range(of: "mdat"))
    #expect(index.lowerBound < packets.lowerBound)
  }

  @Test func `An episode of another format is refused and nothing is left behind`() throws {
    let folder = try ScratchFolder()
    do {
      var muxer = VideoMuxer(path: folder("a.mp4"))
      _ = try muxer.append(try encodeSquare(2))
      let wide = try encodeSquare(2, width: 80)
      #expect(throws: InputError.self) { _ = try muxer.append(wide) }
      var headless = try encodeSquare(2)
      headless.isKeyframe[0] = false
      #expect(throws: InputError.self) { _ = try muxer.append(headless) }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    #expect(throws: InputError.self) { try VideoMuxer(path: folder("b.mp4")).finish() }
    #expect(throws: InputError.self) {
      try mux([try encodeSquare(2)], to: folder("missing/a.mp4"))
    }
  }

  @Test(arguments: [
    (0, 48, 30, 1), (63, 48, 30, 1), (64, -2, 30, 1), (64, 48, 0, 1), (64, 48, 1, 0),
  ])
  func `An impossible format is refused`(format: (Int, Int, Int, Int)) {
    #expect(throws: InputError.self) {
      _ = try VideoEncoder(
        width: format.0, height: format.1, fpsNumerator: format.2, fpsDenominator: format.3)
    }
  }

  @Test(arguments: [0, 30, 700, 1500, 1_000_000])
  func `A truncated file is refused`(length: Int) throws {
    let folder = try ScratchFolder()
    try mux([try encodeSquare(12)], to: folder("whole.mp4"))
    let bytes = try readFile(folder("whole.mp4"))
    let kept = min(length, bytes.count - 1)
    try publishFile(folder("cut.mp4"), Array(bytes[..<kept]))
    let error = #expect(throws: InputError.self) { _ = try VideoReader(path: folder("cut.mp4")) }
    #expect(error?.file == folder("cut.mp4"))
  }

  @Test func `A missing file, a text and a damaged packet are refused`() throws {
    let folder = try ScratchFolder()
    #expect(throws: InputError.self) { _ = try VideoReader(path: folder("none.mp4")) }
    try publishFile(folder("text.mp4"), Array("not a video at all".utf8))
    #expect(throws: InputError.self) { _ = try VideoReader(path: folder("text.mp4")) }
  }
}
