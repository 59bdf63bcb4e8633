// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
package import Images

/// Reads a video file: the exact time of every frame at once, the frames one after the other.
///
/// Any container and codec that libav knows; frames become sRGB by the stream's own colour tags.
package struct VideoReader: ~Copyable {
  /// The name of the codec, such as `h264` or `av1`.
  package let codec: String
  /// The name of the pixel format, such as `yuv420p`.
  package let pixelFormat: String
  /// True when the file holds sound, too.
  package let hasAudio: Bool
  /// The number of columns of a frame.
  package let width: Int
  /// The number of rows of a frame.
  package let height: Int
  /// The presentation times, increasing, in units of the time base.
  package let times: [Int64]
  /// The numerator of the time base, in seconds.
  package let timeBaseNumerator: Int
  /// The denominator of the time base, in seconds.
  package let timeBaseDenominator: Int

  private let input: VideoInput
  private let path: String

  /// Opens a file and reads the times of its frames; no frame is decoded yet.
  ///
  /// Cost: one pass over the file.
  ///
  /// - Throws: `InputError` when the file is missing or truncated, is no video, or has no frame,
  ///   an empty one or one without a time.
  package init(path: String) throws(InputError) {
    let input = try VideoInput(path: path)
    let track = input.track
    var times: [Int64] = []
    while let packet = try input.nextPacket() {
      guard packet.isWhole, packet.bytes > 0, let time = packet.time else {
        throw InputError(
          file: path, field: "frame \(times.count)",
          found: packet.isWhole ? "no bytes or no time" : "a truncated packet",
          expected: "a whole frame with a time")
      }
      times.append(time)
    }
    guard !times.isEmpty, track.indexedFrames == 0 || times.count == track.indexedFrames else {
      throw InputError(
        file: path, field: "frames", found: "\(times.count)",
        expected: track.indexedFrames == 0 ? "at least one" : "the index's \(track.indexedFrames)")
    }
    try input.rewind()
    self.times = times.sorted()
    self.path = path
    codec = track.codec
    pixelFormat = track.pixelFormat
    hasAudio = track.hasAudio
    (width, height) = (track.width, track.height)
    timeBaseNumerator = track.timeBaseNumerator
    timeBaseDenominator = track.timeBaseDenominator
    self.input = input
  }

  /// The number of frames.
  package var frameCount: Int { times.count }

  /// Returns the first frame whose time is not exactly `k * fpsDenominator / fpsNumerator` seconds.
  ///
  /// Returns `nil` when all are.
  package func firstFrameOffTime(fpsNumerator: Int, fpsDenominator: Int = 1) -> Int? {
    times.indices.first { frame in
      let found = times[frame].multipliedFullWidth(by: Int64(timeBaseNumerator * fpsNumerator))
      let expected = Int64(frame).multipliedFullWidth(
        by: Int64(timeBaseDenominator * fpsDenominator))
      return found != expected
    }
  }

  /// Decodes the next frame, or returns `nil` after the last.
  ///
  /// - Throws: `InputError` when a frame is damaged or changes its size.
  package mutating func nextImage() throws(InputError) -> RGBImage? {
    guard let frame = try input.nextFrame() else { return nil }
    return RGBImage(width: width, height: height, bytes: frame.rgb)
  }
}
