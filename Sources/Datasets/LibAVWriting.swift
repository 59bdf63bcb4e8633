// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import CAV
import Files

// One of the two files that see libav (FFmpeg): this one owns what is shared and writes.
// They are two because together they would be too long to be read in one sitting.

/// Calls into libav that can fail.
enum LibAV {
  /// Silences libav's own messages, once; every failure is reported as an error instead.
  static let silent: Void = av_log_set_level(AV_LOG_QUIET)

  /// Returns a call's result, or throws what libav says about it.
  @discardableResult
  static func check(
    _ code: Int32, _ file: String, _ field: String, expected: String
  ) throws(InputError) -> Int32 {
    guard code < 0 else { return code }
    var text = [CChar](repeating: 0, count: Int(AV_ERROR_MAX_STRING_SIZE))
    unsafe av_strerror(code, &text, text.count)
    let message = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    throw InputError(file: file, field: field, found: message.lowercased(), expected: expected)
  }
}

/// The owner of one object of libav, freed with it.
@safe final class Owned<Object> {
  let pointer: UnsafeMutablePointer<Object>
  private let free: (UnsafeMutablePointer<Object>) -> Void

  init(
    _ made: UnsafeMutablePointer<Object>?, _ file: String,
    free: @escaping (UnsafeMutablePointer<Object>) -> Void
  ) throws(InputError) {
    guard let made = unsafe made else {
      throw InputError(file: file, field: "memory", found: "none left", expected: "room for libav")
    }
    unsafe pointer = made
    unsafe self.free = free
  }

  deinit { unsafe free(pointer) }
}

extension LibAV {
  static func makeCodec(
    _ codec: UnsafePointer<AVCodec>, _ file: String
  ) throws(InputError) -> Owned<AVCodecContext> {
    _ = silent
    return unsafe try Owned(avcodec_alloc_context3(codec), file) {
      var object: UnsafeMutablePointer<AVCodecContext>? = unsafe $0
      unsafe avcodec_free_context(&object)
    }
  }

  static func makeFrame(_ file: String) throws(InputError) -> Owned<AVFrame> {
    unsafe try Owned(av_frame_alloc(), file) {
      var object: UnsafeMutablePointer<AVFrame>? = unsafe $0
      unsafe av_frame_free(&object)
    }
  }

  static func makePacket(_ file: String) throws(InputError) -> Owned<AVPacket> {
    unsafe try Owned(av_packet_alloc(), file) {
      var object: UnsafeMutablePointer<AVPacket>? = unsafe $0
      unsafe av_packet_free(&object)
    }
  }
}

/// The size and rate of a stream of frames.
struct VideoFormat: Equatable, Sendable {
  var width: Int
  var height: Int
  var fpsNumerator: Int
  var fpsDenominator: Int
}

/// An H.264 encoder of planar Y'CbCr 4:2:0 (`planarYCbCr`), without delay.
@safe final class H264Codec {
  private let codec: Owned<AVCodecContext>
  private let frame: Owned<AVFrame>
  private let packet: Owned<AVPacket>
  private let name: String

  /// Opens libx264 on one thread with AVOptions, such as `preset`.
  init(
    _ format: VideoFormat, keyframeInterval: Int, options: [(key: String, value: String)],
    name: String
  ) throws(InputError) {
    guard let encoder = unsafe avcodec_find_encoder_by_name("libx264") else {
      throw InputError(
        file: name, field: "encoder", found: "a libavcodec without libx264",
        expected: "Debian's libavcodec")
    }
    self.name = name
    unsafe codec = try LibAV.makeCodec(encoder, name)
    unsafe frame = try LibAV.makeFrame(name)
    unsafe packet = try LibAV.makePacket(name)
    let context = unsafe codec.pointer
    unsafe context.pointee.width = Int32(format.width)
    unsafe context.pointee.height = Int32(format.height)
    unsafe context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
    let (numerator, denominator) = (Int32(format.fpsNumerator), Int32(format.fpsDenominator))
    unsafe context.pointee.time_base = AVRational(num: denominator, den: numerator)
    unsafe context.pointee.framerate = AVRational(num: numerator, den: denominator)
    unsafe context.pointee.gop_size = Int32(keyframeInterval)
    unsafe context.pointee.max_b_frames = 0
    unsafe context.pointee.thread_count = 1
    unsafe context.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
    unsafe context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT
    unsafe context.pointee.color_primaries = H264Colour.primaries
    unsafe context.pointee.color_trc = H264Colour.transfer
    unsafe context.pointee.colorspace = H264Colour.matrix
    unsafe context.pointee.color_range = H264Colour.range
    unsafe context.pointee.chroma_sample_location = AVCHROMA_LOC_CENTER
    for option in options {
      let code = unsafe av_opt_set(context, option.key, option.value, AV_OPT_SEARCH_CHILDREN)
      try LibAV.check(code, name, option.key, expected: "an option of libx264")
    }
    try LibAV.check(
      unsafe avcodec_open2(context, encoder, nil), name, "format",
      expected: "a size and rate that libx264 can encode")
    unsafe frame.pointer.pointee.width = context.pointee.width
    unsafe frame.pointer.pointee.height = context.pointee.height
    unsafe frame.pointer.pointee.format = AV_PIX_FMT_YUV420P.rawValue
    let allocated = unsafe av_frame_get_buffer(frame.pointer, 0)
    try LibAV.check(allocated, name, "frame", expected: "memory for a frame")
  }

  /// The parameter sets, for the file's header.
  var extradata: [UInt8] {
    let context = unsafe codec.pointer.pointee
    let bytes = unsafe UnsafeBufferPointer(
      start: context.extradata, count: Int(context.extradata_size))
    return unsafe Array(bytes)
  }

  /// Hands one frame in, or `nil` for the end, and returns the packets that came out.
  func encode(_ planes: [UInt8]?, tick: Int64) throws(InputError) -> [H264Packet] {
    if let planes { try fill(planes, tick: tick) }
    let sent = unsafe avcodec_send_frame(codec.pointer, planes == nil ? nil : frame.pointer)
    try LibAV.check(sent, name, "frame \(tick)", expected: "a frame that libx264 takes")
    var packets: [H264Packet] = []
    while true {
      let code = unsafe avcodec_receive_packet(codec.pointer, packet.pointer)
      if code == cav_error_again() || code == cav_error_end() { return packets }
      try LibAV.check(code, name, "frame \(tick)", expected: "a packet from libx264")
      let value = unsafe packet.pointer.pointee
      let bytes = unsafe Array(UnsafeBufferPointer(start: value.data, count: Int(value.size)))
      let isKeyframe = unsafe value.flags & AV_PKT_FLAG_KEY != 0
      packets.append(H264Packet(bytes: bytes, tick: unsafe value.pts, isKeyframe: isKeyframe))
      unsafe av_packet_unref(packet.pointer)
    }
  }

  private func fill(_ planes: [UInt8], tick: Int64) throws(InputError) {
    let writable = unsafe av_frame_make_writable(frame.pointer)
    try LibAV.check(writable, name, "frame", expected: "memory for a frame")
    let picture = unsafe frame.pointer
    let (width, height) = unsafe (Int(picture.pointee.width), Int(picture.pointee.height))
    precondition(planes.count == width * height * 3 / 2, "a frame has the size of its encoder")
    unsafe planes.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return }
      let chroma = unsafe start + width * height
      let (w, h) = (Int32(width), Int32(height))
      let (data, line) = unsafe (picture.pointee.data, picture.pointee.linesize)
      unsafe av_image_copy_plane(data.0, line.0, start, w, w, h)
      unsafe av_image_copy_plane(data.1, line.1, chroma, w / 2, w / 2, h / 2)
      unsafe av_image_copy_plane(data.2, line.2, chroma + width * height / 4, w / 2, w / 2, h / 2)
    }
    unsafe picture.pointee.pts = tick
  }
}

/// One compressed frame and its time in units of the frame duration.
struct H264Packet {
  let bytes: [UInt8]
  let tick: Int64
  let isKeyframe: Bool
}

/// What `planarYCbCr` makes: sRGB primaries and transfer, BT.601 matrix, limited range.
private enum H264Colour {
  static let primaries = AVCOL_PRI_BT709
  static let transfer = AVCOL_TRC_IEC61966_2_1
  static let matrix = AVCOL_SPC_SMPTE170M
  static let range = AVCOL_RANGE_MPEG
}

/// An mp4 file that is being written: one H.264 track, index in front of the packets.
@safe final class MP4Output {
  private let format: Owned<AVFormatContext>
  private let packet: Owned<AVPacket>
  private let path: String
  private let tick: AVRational

  /// Creates the file and writes its header; `video` gives the track's format.
  init(path: String, like video: EncodedVideo) throws(InputError) {
    _ = LibAV.silent
    self.path = path
    tick = AVRational(num: Int32(video.fpsDenominator), den: Int32(video.fpsNumerator))
    unsafe packet = try LibAV.makePacket(path)
    var made: UnsafeMutablePointer<AVFormatContext>?
    let allocated = unsafe avformat_alloc_output_context2(&made, nil, "mp4", "file:" + path)
    try LibAV.check(allocated, path, "mp4", expected: "libavformat's mp4 muxer")
    unsafe format = try Owned(made, path) {
      unsafe avio_closep(&$0.pointee.pb)
      unsafe avformat_free_context($0)
    }
    let context = unsafe format.pointer
    // No time of creation and no version of the muxer: the same packets give the same bytes.
    unsafe context.pointee.flags |= AVFMT_FLAG_BITEXACT
    try addTrack(video)
    let created = unsafe avio_open(&context.pointee.pb, "file:" + path, AVIO_FLAG_WRITE)
    try LibAV.check(created, path, "create", expected: "the file to be written")
    var options: OpaquePointer?
    defer { unsafe av_dict_free(&options) }
    unsafe av_dict_set(&options, "movflags", "faststart", 0)
    let begun = unsafe avformat_write_header(context, &options)
    try LibAV.check(begun, path, "header", expected: "the file to be written")
  }

  private func addTrack(_ video: EncodedVideo) throws(InputError) {
    let room = Int(AV_INPUT_BUFFER_PADDING_SIZE) + video.extradata.count
    guard let track = unsafe avformat_new_stream(format.pointer, nil),
      let parameters = unsafe track.pointee.codecpar, let header = unsafe av_mallocz(room)
    else {
      throw InputError(file: path, field: "memory", found: "none left", expected: "room for libav")
    }
    unsafe header.copyMemory(from: video.extradata, byteCount: video.extradata.count)
    unsafe parameters.pointee.extradata = header.assumingMemoryBound(to: UInt8.self)
    unsafe parameters.pointee.extradata_size = Int32(video.extradata.count)
    unsafe parameters.pointee.codec_type = AVMEDIA_TYPE_VIDEO
    unsafe parameters.pointee.codec_id = AV_CODEC_ID_H264
    unsafe parameters.pointee.format = AV_PIX_FMT_YUV420P.rawValue
    unsafe parameters.pointee.width = Int32(video.width)
    unsafe parameters.pointee.height = Int32(video.height)
    unsafe parameters.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
    unsafe parameters.pointee.color_primaries = H264Colour.primaries
    unsafe parameters.pointee.color_trc = H264Colour.transfer
    unsafe parameters.pointee.color_space = H264Colour.matrix
    unsafe parameters.pointee.color_range = H264Colour.range
    unsafe track.pointee.time_base = tick
    unsafe track.pointee.avg_frame_rate = AVRational(num: tick.den, den: tick.num)
  }

  /// Writes one packet whose frame lasts from `at` to `at + 1`, in frame durations.
  func write(_ bytes: [UInt8], isKeyframe: Bool, at time: Int) throws(InputError) {
    let object = unsafe packet.pointer
    try LibAV.check(
      unsafe av_new_packet(object, Int32(bytes.count)), path, "packet \(time)",
      expected: "memory for a packet")
    unsafe object.pointee.data.update(from: bytes, count: bytes.count)
    unsafe object.pointee.pts = Int64(time)
    unsafe object.pointee.dts = Int64(time)
    unsafe object.pointee.duration = 1
    unsafe object.pointee.flags = isKeyframe ? AV_PKT_FLAG_KEY : 0
    // The muxer multiplies the time scale until it is fine enough; whole ticks stay whole.
    guard let track = unsafe format.pointer.pointee.streams[0] else { return }
    unsafe av_packet_rescale_ts(object, tick, track.pointee.time_base)
    let written = unsafe av_write_frame(format.pointer, object)
    unsafe av_packet_unref(object)
    try LibAV.check(written, path, "packet \(time)", expected: "the file to be written")
  }

  /// Writes the index and closes the file.
  func finish() throws(InputError) {
    let ended = unsafe av_write_trailer(format.pointer)
    try LibAV.check(ended, path, "index", expected: "the file to be written")
    let closed = unsafe avio_closep(&format.pointer.pointee.pb)
    try LibAV.check(closed, path, "close", expected: "the file to be written")
  }
}
