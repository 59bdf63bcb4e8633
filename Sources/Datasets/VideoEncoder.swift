// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
package import Images

/// Compresses the frames of one camera over one episode to H.264, with repeatable bytes.
///
/// libx264 on one thread, Constrained Baseline profile, 4:2:0, no B-frames, closed groups of
/// pictures of a fixed length, so that frame `k` has presentation time exactly `k` frame durations.
/// The parameter sets depend on the format alone (x264's `stitchable`), so episodes join by joining
/// packets; the output does not depend on the processor's instruction set (`cpu-independent`).
/// Other versions of libx264 give other bytes.
package struct VideoEncoder: ~Copyable {
  /// The distance between keyframes, in frames.
  ///
  /// Ten halves the size of LeRobot's two (2.9 against 6.4 kB a frame at 256x256) and a window of
  /// eight frames decodes as fast (1.9 against 2.2 ms with torchcodec); a single random frame takes
  /// 0.9 against 0.5 ms. Thirty saves a third more, and doubles the time of the single frame.
  package static let keyframeInterval = 10

  /// x264's constant rate factor: lower is better and larger.
  ///
  /// Keeps luma above 46 dB on photographs at 256x256; what is lost beyond that is 4:2:0's.
  package static let constantRateFactor = 22

  /// x264's speed preset.
  ///
  /// At equal luma error `ultrafast` makes files at most 6 % larger than `superfast` in these short
  /// groups, in less than half the time: 2,500 frames a second against 1,000 on one core.
  package static let preset = "ultrafast"

  private let codec: H264Codec
  private var video: EncodedVideo
  private var frameCount = 0

  /// Opens an encoder of one frame size and rate, `fpsNumerator / fpsDenominator` a second.
  ///
  /// - Throws: `InputError` when a side is not even and positive, the rate is not positive, or
  ///   libavcodec has no libx264.
  package init(
    width: Int, height: Int, fpsNumerator: Int, fpsDenominator: Int = 1
  ) throws(InputError) {
    for (field, side) in [("width", width), ("height", height)]
    where side <= 0 || side % 2 != 0 || side > VideoEncoder.largestSide {
      throw InputError(
        file: "video", field: field, found: "\(side)",
        expected: "an even number in 2...\(VideoEncoder.largestSide)")
    }
    let rates = 1...VideoEncoder.largestRate
    guard rates.contains(fpsNumerator), rates.contains(fpsDenominator) else {
      throw InputError(
        file: "video", field: "fps", found: "\(fpsNumerator)/\(fpsDenominator)",
        expected: "a fraction of two numbers in 1...\(VideoEncoder.largestRate)")
    }
    var video = EncodedVideo(
      width: width, height: height, fpsNumerator: fpsNumerator, fpsDenominator: fpsDenominator)
    let options = [
      ("preset", VideoEncoder.preset), ("tune", "zerolatency"),
      ("crf", "\(VideoEncoder.constantRateFactor)"), ("sc_threshold", "0"),
      ("x264-params", "cpu-independent=1:stitchable=1"),
    ]
    let codec = try H264Codec(
      VideoFormat(
        width: width, height: height, fpsNumerator: fpsNumerator, fpsDenominator: fpsDenominator),
      keyframeInterval: VideoEncoder.keyframeInterval, options: options, name: "video")
    video.extradata = codec.extradata
    self.video = video
    self.codec = codec
  }

  /// The largest side of a level 6.2 stream, rounded down to whole macroblocks.
  private static let largestSide = 16_384

  /// Keeps every time in a file's 32-bit time scale.
  private static let largestRate = 1_000_000

  /// Compresses the next frame, which must have the encoder's size.
  package mutating func append(_ image: RGBImage) throws(InputError) {
    precondition(
      image.width == video.width && image.height == video.height,
      "a frame has the size of its encoder")
    try collect(try codec.encode(planarYCbCr(image), tick: Int64(frameCount)))
    frameCount += 1
  }

  /// Ends the episode and returns its packets, one a frame.
  package consuming func finish() throws(InputError) -> EncodedVideo {
    try collect(try codec.encode(nil, tick: Int64(frameCount)))
    precondition(video.packets.count == frameCount, "x264 gives a packet a frame")
    return video
  }

  private mutating func collect(_ packets: [H264Packet]) throws(InputError) {
    for packet in packets {
      precondition(packet.tick == video.packets.count, "without B-frames packets keep their order")
      video.packets.append(packet.bytes)
      video.isKeyframe.append(packet.isKeyframe)
    }
  }
}
