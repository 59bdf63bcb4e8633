// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// One camera's episode as a stream of H.264 packets, ready to be copied into an MP4 file.
///
/// Packets stand in decoding order, which is display order too (no B-frames): packet k shows frame
/// k at time k * fpsDenominator / fpsNumerator seconds.
package struct EncodedVideo: Equatable, Sendable {
  /// The packets, one a frame.
  package var packets: [[UInt8]]
  /// Whether a packet can be decoded without those before it (packets.count); the first one can.
  package var isKeyframe: [Bool]
  /// The decoder's configuration: parameter sets as the encoder gave them.
  package var extradata: [UInt8]
  /// The number of columns of a frame.
  package var width: Int
  /// The number of rows of a frame.
  package var height: Int
  /// Frames a second, above the fraction's bar.
  package var fpsNumerator: Int
  /// Frames a second, below the fraction's bar; 1 for whole rates.
  package var fpsDenominator: Int

  /// Makes a stream without packets.
  package init(
    width: Int, height: Int, fpsNumerator: Int, fpsDenominator: Int = 1, extradata: [UInt8] = []
  ) {
    self.width = width
    self.height = height
    self.fpsNumerator = fpsNumerator
    self.fpsDenominator = fpsDenominator
    self.extradata = extradata
    packets = []
    isKeyframe = []
  }

  /// The bytes of all packets together.
  package var byteCount: Int { packets.reduce(0) { $0 + $1.count } }
}
