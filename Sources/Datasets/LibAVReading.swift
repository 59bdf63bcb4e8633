// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import CAV
import Files

// One of the two files that see libav (FFmpeg): this one reads.
// They are two because together they would be too long to be read in one sitting.

/// The facts of the one video track of a file.
struct VideoTrack {
  var codec: String
  var pixelFormat: String
  /// True when there is a track of sound beside it.
  var hasAudio: Bool
  var width: Int
  var height: Int
  /// The number of samples that the index promises, 0 when it does not say.
  var indexedFrames: Int
  var timeBaseNumerator: Int
  var timeBaseDenominator: Int
}

/// The conversion from the last frame's format to sRGB samples, kept from frame to frame.
@safe private final class Scaler {
  var context: OpaquePointer?

  deinit { unsafe sws_freeContext(context) }
}

/// A video file that is being read: its packets, or its frames as sRGB samples.
@safe final class VideoInput {
  private let format: Owned<AVFormatContext>
  private let codec: Owned<AVCodecContext>
  private let packet: Owned<AVPacket>
  private let frame: Owned<AVFrame>
  private let index: Int32
  private let path: String
  private let scaler = Scaler()
  let track: VideoTrack

  /// Opens a file and the decoder of its video track.
  init(path: String) throws(InputError) {
    _ = LibAV.silent
    self.path = path
    var opened: UnsafeMutablePointer<AVFormatContext>?
    let code = unsafe avformat_open_input(&opened, "file:" + path, nil, nil)
    try LibAV.check(code, path, "container", expected: "a whole video file")
    unsafe format = try Owned(opened, path) {
      var object: UnsafeMutablePointer<AVFormatContext>? = unsafe $0
      unsafe avformat_close_input(&object)
    }
    // The pixel format of some codecs is known only after a look at the first frame.
    let probed = unsafe avformat_find_stream_info(format.pointer, nil)
    try LibAV.check(probed, path, "container", expected: "a whole video file")
    unsafe packet = try LibAV.makePacket(path)
    unsafe frame = try LibAV.makeFrame(path)
    var decoder: UnsafePointer<AVCodec>?
    let best = unsafe av_find_best_stream(format.pointer, AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0)
    index = try LibAV.check(best, path, "video track", expected: "one that can be decoded")
    guard let decoder = unsafe decoder,
      let stream = unsafe format.pointer.pointee.streams[Int(index)]
    else {
      throw InputError(file: path, field: "video track", found: "none", expected: "one")
    }
    unsafe codec = try LibAV.makeCodec(decoder, path)
    unsafe codec.pointer.pointee.thread_count = 1
    let parameters = unsafe avcodec_parameters_to_context(
      codec.pointer, stream.pointee.codecpar)
    try LibAV.check(parameters, path, "codec", expected: "parameters of a codec")
    let started = unsafe avcodec_open2(codec.pointer, decoder, nil)
    try LibAV.check(started, path, "codec", expected: "a codec that can be decoded")
    let sound = unsafe av_find_best_stream(format.pointer, AVMEDIA_TYPE_AUDIO, -1, -1, nil, 0)
    unsafe track = VideoTrack(stream.pointee, codec.pointer.pointee, hasAudio: sound >= 0)
  }

  /// Returns the time and size of the next packet of the track, or `nil` at the end.
  func nextPacket() throws(InputError) -> (time: Int64?, bytes: Int, isWhole: Bool)? {
    guard try readPacket() else { return nil }
    let value = unsafe packet.pointer.pointee
    unsafe av_packet_unref(packet.pointer)
    return unsafe (
      value.pts == cav_no_time() ? nil : value.pts, Int(value.size),
      value.flags & AV_PKT_FLAG_CORRUPT == 0
    )
  }

  private func readPacket() throws(InputError) -> Bool {
    while true {
      let code = unsafe av_read_frame(format.pointer, packet.pointer)
      if code == cav_error_end() { return false }
      try LibAV.check(code, path, "packet", expected: "a whole packet")
      if unsafe packet.pointer.pointee.stream_index == index { return true }
      unsafe av_packet_unref(packet.pointer)
    }
  }

  /// Goes back to the first packet.
  func rewind() throws(InputError) {
    let code = unsafe av_seek_frame(format.pointer, index, Int64.min, AVSEEK_FLAG_BACKWARD)
    try LibAV.check(code, path, "seek", expected: "a file that can be read again")
    unsafe avcodec_flush_buffers(codec.pointer)
  }

  /// Decodes the next frame in order of display: its time and sRGB samples, or `nil` at the end.
  func nextFrame() throws(InputError) -> (time: Int64, rgb: [UInt8])? {
    while true {
      let code = unsafe avcodec_receive_frame(codec.pointer, frame.pointer)
      if code == cav_error_end() { return nil }
      if code != cav_error_again() {
        try LibAV.check(code, path, "frame", expected: "a frame that decodes")
        return (unsafe frame.pointer.pointee.pts, try convert())
      }
      let more = try readPacket()
      let sent = unsafe avcodec_send_packet(codec.pointer, more ? packet.pointer : nil)
      unsafe av_packet_unref(packet.pointer)
      try LibAV.check(sent, path, "packet", expected: "a packet that decodes")
    }
  }

  /// Converts the frame by its own colour tags, on the C path that is equal on all machines.
  private func convert() throws(InputError) -> [UInt8] {
    let picture = unsafe frame.pointer.pointee
    let (width, height) = unsafe (Int(picture.width), Int(picture.height))
    let isWhole = unsafe picture.decode_error_flags == 0
    guard width == track.width, height == track.height, isWhole else {
      throw InputError(
        file: path, field: "frame", found: "a damaged one or one of \(width)x\(height)",
        expected: "whole frames of \(track.width)x\(track.height)")
    }
    unsafe scaler.context = sws_getCachedContext(
      scaler.context, picture.width, picture.height, AVPixelFormat(picture.format), picture.width,
      picture.height, AV_PIX_FMT_RGB24, cav_exact_scaling(), nil, nil, nil)
    guard let scaler = unsafe scaler.context else {
      throw InputError(
        file: path, field: "pixel format", found: track.pixelFormat, expected: "a colour format")
    }
    let isFullRange: Int32 = unsafe picture.color_range == AVCOL_RANGE_JPEG ? 1 : 0
    let matrix = unsafe sws_getCoefficients(Int32(picture.colorspace.rawValue))
    unsafe sws_setColorspaceDetails(
      scaler, matrix, isFullRange, matrix, 1, 0, 1 << 16, 1 << 16)
    // Rows are converted into padded lines, for libswscale may write past a row's end.
    let line = (width * 3 + 127) & ~63
    var lines = [UInt8](repeating: 0, count: line * height + 64)
    let rows = unsafe lines.withUnsafeMutableBufferPointer { target in
      let planes: [UnsafePointer<UInt8>?] = unsafe [
        UnsafePointer(picture.data.0), UnsafePointer(picture.data.1),
        UnsafePointer(picture.data.2), UnsafePointer(picture.data.3),
      ]
      let steps = unsafe [
        picture.linesize.0, picture.linesize.1, picture.linesize.2, picture.linesize.3,
      ]
      return unsafe sws_scale(
        scaler, planes, steps, 0, picture.height, [target.baseAddress, nil, nil, nil],
        [Int32(line), 0, 0, 0])
    }
    try LibAV.check(rows, path, "frame", expected: "a frame that converts to sRGB")
    var rgb: [UInt8] = []
    rgb.reserveCapacity(width * height * 3)
    for row in 0..<height { rgb += lines[row * line..<row * line + width * 3] }
    return rgb
  }
}

extension VideoTrack {
  fileprivate init(_ stream: AVStream, _ codec: AVCodecContext, hasAudio: Bool) {
    unsafe self.init(
      codec: String(cString: avcodec_get_name(codec.codec_id)),
      pixelFormat: av_get_pix_fmt_name(codec.pix_fmt).map { unsafe String(cString: $0) } ?? "none",
      hasAudio: hasAudio, width: Int(codec.width), height: Int(codec.height),
      indexedFrames: Int(stream.nb_frames),
      timeBaseNumerator: Int(stream.time_base.num), timeBaseDenominator: Int(stream.time_base.den))
  }
}
