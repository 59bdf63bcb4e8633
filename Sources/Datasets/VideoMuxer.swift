// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Foundation

/// Joins episodes into one mp4 file, without decoding them.
///
/// Frame `k` of the file is shown at exactly `k * fpsDenominator / fpsNumerator` seconds, across
/// the seams too. The index stands in front of the packets, so that a reader of the first bytes
/// knows all. The same episodes give the same bytes. The file appears under its name only when it
/// is whole: until `finish` it is a hidden file beside it, removed when that never comes.
package struct VideoMuxer: ~Copyable {
  /// The number of frames appended so far: where the next episode begins.
  package private(set) var frameCount = 0
  /// The bytes of all packets appended so far; the index adds about a dozen a frame.
  package private(set) var byteCount = 0

  private let path: String
  private let temporary: TemporaryFile
  private var output: MP4Output?
  private var format: EncodedVideo?

  /// Names the file; nothing is written before the first episode.
  package init(path: String) {
    self.path = path
    temporary = TemporaryFile(for: path)
  }

  /// Appends an episode and returns its frames' indices in the file.
  ///
  /// - Throws: `InputError` when the episode is empty, does not begin with a keyframe, has another
  ///   format or other parameter sets than the first, or the disk is full.
  package mutating func append(_ video: EncodedVideo) throws(InputError) -> Range<Int> {
    precondition(video.packets.count == video.isKeyframe.count, "a packet has a keyframe flag")
    guard video.isKeyframe.first == true else {
      throw InputError(
        file: path, field: "episode", found: "no keyframe in front",
        expected: "frames that decode by themselves")
    }
    try require(sameFormatAs: video)
    if output == nil { output = try MP4Output(path: temporary.path, like: video) }
    let first = frameCount
    for (packet, isKeyframe) in zip(video.packets, video.isKeyframe) {
      try output?.write(packet, isKeyframe: isKeyframe, at: frameCount)
      frameCount += 1
      byteCount += packet.count
    }
    return first..<frameCount
  }

  /// Writes the index, flushes the file to the disk and gives it its name.
  ///
  /// - Throws: `InputError` when no episode was appended or the disk is full.
  package consuming func finish() throws(InputError) {
    guard let output else {
      throw InputError(
        file: path, field: "frames", found: "0", expected: "at least one episode")
    }
    try output.finish()
    try temporary.publish(as: path)
  }

  private mutating func require(sameFormatAs video: EncodedVideo) throws(InputError) {
    var empty = video
    empty.packets = []
    empty.isKeyframe = []
    let expected = format ?? empty
    guard empty != expected else {
      format = expected
      return
    }
    throw InputError(
      file: path, field: "format", found: describe(empty), expected: describe(expected))
  }
}

/// Says what two streams must share to stand in one file.
private func describe(_ video: EncodedVideo) -> String {
  let digest = SHA256.hexDigest(of: video.extradata).prefix(8)
  return "\(video.width)x\(video.height) at \(video.fpsNumerator)/\(video.fpsDenominator) fps, "
    + "parameter sets \(digest)"
}

/// A hidden file beside its later name, removed unless it was published.
private struct TemporaryFile: ~Copyable {
  let path: String

  init(for path: String) {
    let url = URL(fileURLWithPath: path)
    let process = ProcessInfo.processInfo.processIdentifier
    self.path = url.deletingLastPathComponent().path + "/.\(url.lastPathComponent).tmp-\(process)"
  }

  deinit { _ = unsafe unlink(path) }

  borrowing func publish(as name: String) throws(InputError) {
    let descriptor = unsafe open(path, O_RDONLY)
    defer { close(descriptor) }
    guard descriptor >= 0, fsync(descriptor) == 0, unsafe rename(path, name) == 0 else {
      let reason = unsafe String(cString: strerror(errno)).lowercased()
      throw InputError(
        file: name, field: "publish", found: reason, expected: "the file to be written")
    }
    try synchronizeFolder(URL(fileURLWithPath: name).deletingLastPathComponent().path)
  }
}
