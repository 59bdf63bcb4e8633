// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files
import Images

extension VideoEncoder {
  /// The version of libx264, as in `core 164 r3095 baee400`.
  ///
  /// libavcodec, which loads it, cannot say; libx264 itself says it in the first packet of every
  /// stream, so one small frame is encoded and asked.
  /// - Throws: `InputError` when libavcodec has no libx264, or one that keeps silent.
  package static func encoderLibrary() throws(InputError) -> LibraryVersion {
    var encoder = try VideoEncoder(width: 16, height: 16, fpsNumerator: 1)
    try encoder.append(RGBImage(width: 16, height: 16))
    let packet = try encoder.finish().packets[0]
    // The note is plain text between bytes that are none.
    let text = String(decoding: packet.map { (32..<127).contains($0) ? $0 : 10 }, as: UTF8.self)
    guard let version = text.firstMatch(of: #/x264 - (core [0-9]+[^\n]*?) - H\.264/#)?.output.1
    else {
      throw InputError(
        file: "libx264", field: "version", found: "none in its first packet",
        expected: "a note that begins with x264 - core")
    }
    return LibraryVersion(name: "libx264", header: "", loaded: String(version))
  }
}
