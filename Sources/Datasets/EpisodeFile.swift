// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// The file in which a finished episode waits until the dataset is assembled.
///
/// All numbers are little-endian; the layout may change with any version of Diorama, since a staged
/// file is only read by the version that wrote it (the run's digest covers the version).
///
///     bytes  type     meaning
///     8      text     magic, `DIOEPIS1`
///     8      u64      n, the number of bytes of the body
///     n               the body
///     64     text     SHA-256 of all before, in lower-case hexadecimal
///
/// The body is a u32 byte count and a JSON header (run, index, seed, attempt, task, success,
/// frames, draw), then the columns in the schema's order. Each begins with a u8 that says its kind:
///
///     1 vectors   u32 count, count x f32
///     2 integers  u32 count, count x i64
///     3 flags     u32 count, count x u8
///     4 images    blobs, histogram
///     5 video     u32 width, height, rate above and below the bar, blobs (the extradata alone),
///                 blobs (the packets), a u8 a packet (1 = keyframe), histogram
///
///     blobs       u32 count, count x u32 byte counts, then the bytes one after the other
///     histogram   u8 channels, u8 bits, u32 frames, u32 count, count x (u32 bin, u64 occurrences)
enum EpisodeFile {
  static let magic = Array("DIOEPIS1".utf8)
  private static let digestByteCount = 64

  /// Returns the file of an episode that belongs to a run.
  static func encode(_ record: EpisodeRecord, run: String) -> [UInt8] {
    let header: JSONValue = [
      "run": .string(run), "index": .integer(record.index), "seed": .string("\(record.seed)"),
      "attempt": .integer(record.attempt), "task": .string(record.task),
      "success": .bool(record.isSuccess), "frames": .integer(record.frameCount),
      "draw": record.draw,
    ]
    var body: [UInt8] = []
    let headerBytes = Array(header.compactText.utf8)
    append(headerBytes.count, to: &body)
    body += headerBytes
    for column in record.columns { append(column, to: &body) }
    var file = magic
    appendRaw([UInt64(body.count)], to: &file)
    file += body
    file += Array(SHA256.hexDigest(of: file).utf8)
    return file
  }

  /// Reads an episode back.
  ///
  /// - Throws: `InputError` when a byte differs from what was written, or the episode belongs to
  ///   another run.
  static func decode(
    file: String, bytes: [UInt8], run: String
  ) throws(InputError) -> EpisodeRecord {
    var reader = ByteReader(file: file, bytes: bytes)
    guard try reader.take(magic.count, field: "magic") == magic else {
      throw InputError(
        file: file, field: "magic", found: "other bytes", expected: "a staged episode")
    }
    let bodyCount = try reader.littleEndian(UInt64.self, field: "body size")
    guard bodyCount == UInt64(max(0, reader.remaining - digestByteCount)) else {
      throw InputError(
        file: file, field: "body size", found: "\(bodyCount)",
        expected: "\(reader.remaining - digestByteCount) bytes")
    }
    let digest = SHA256.hexDigest(of: Array(bytes.dropLast(digestByteCount)))
    guard Array(digest.utf8) == Array(bytes.suffix(digestByteCount)) else {
      throw InputError(
        file: file, field: "checksum", found: "other bytes than were written", expected: digest)
    }
    return try decodeBody(&reader, run: run)
  }

  private static func decodeBody(
    _ reader: inout ByteReader, run: String
  ) throws(InputError) -> EpisodeRecord {
    let file = reader.file
    let headerCount = try count(&reader, "header size")
    let text = try reader.take(headerCount, field: "header")
    let header = try JSONFields(
      file: file, path: "header", try JSONValue(file: file, bytes: text))
    let found = try header.string("run")
    guard found == run else { throw header.wrong("run", .string(found), run) }
    let seedText = try header.string("seed")
    guard let seed = UInt64(seedText) else {
      throw header.wrong("seed", .string(seedText), "a number of 64 bits")
    }
    var record = EpisodeRecord(
      index: try header.integer("index"), seed: seed, attempt: try header.integer("attempt"),
      task: try header.string("task"), isSuccess: try header.bool("success"),
      draw: header["draw"] ?? .null, frameCount: try header.integer("frames", atLeast: 1),
      columns: [])
    while reader.remaining > digestByteCount { record.columns.append(try column(&reader)) }
    return record
  }
}

// MARK: - Columns

extension EpisodeFile {
  private static func append(_ column: EpisodeColumn, to bytes: inout [UInt8]) {
    switch column {
    case .vectors(let values):
      bytes.append(1)
      append(values.count, to: &bytes)
      appendRaw(values, to: &bytes)
    case .integers(let values):
      bytes.append(2)
      append(values.count, to: &bytes)
      appendRaw(values, to: &bytes)
    case .flags(let values):
      bytes.append(3)
      append(values.count, to: &bytes)
      bytes += values.map { $0 ? 1 : 0 }
    case .images(let files, let histogram):
      bytes.append(4)
      append(blobs: files, to: &bytes)
      append(histogram, to: &bytes)
    case .video(let video, let histogram):
      bytes.append(5)
      for number in [video.width, video.height, video.fpsNumerator, video.fpsDenominator] {
        append(number, to: &bytes)
      }
      append(blobs: [video.extradata], to: &bytes)
      append(blobs: video.packets, to: &bytes)
      bytes += video.isKeyframe.map { $0 ? 1 : 0 }
      append(histogram, to: &bytes)
    }
  }

  private static func column(_ reader: inout ByteReader) throws(InputError) -> EpisodeColumn {
    let kind = try reader.littleEndian(UInt8.self, field: "column kind")
    switch kind {
    case 1: return .vectors(try numbers(&reader))
    case 2: return .integers(try numbers(&reader))
    case 3:
      let flags: [UInt8] = try numbers(&reader)
      return .flags(flags.map { $0 != 0 })
    case 4:
      let files = try blobs(&reader)
      return .images(files, try histogram(&reader))
    case 5:
      var video = EncodedVideo(
        width: try count(&reader, "width"), height: try count(&reader, "height"),
        fpsNumerator: try count(&reader, "rate"), fpsDenominator: try count(&reader, "rate"))
      video.extradata = try blobs(&reader).first ?? []
      video.packets = try blobs(&reader)
      video.isKeyframe = try reader.take(video.packets.count, field: "keyframes").map { $0 != 0 }
      return .video(video, try histogram(&reader))
    default:
      throw InputError(
        file: reader.file, field: "column kind", found: "\(kind)", expected: "1 to 5")
    }
  }

  private static func append(_ count: Int, to bytes: inout [UInt8]) {
    appendRaw([UInt32(count)], to: &bytes)
  }

  private static func count(_ reader: inout ByteReader, _ field: String) throws(InputError) -> Int {
    Int(try reader.littleEndian(UInt32.self, field: field))
  }

  private static func numbers<Value: BitwiseCopyable>(
    _ reader: inout ByteReader
  ) throws(InputError) -> [Value] {
    let count = try count(&reader, "count")
    let bytes = try reader.take(count * MemoryLayout<Value>.stride, field: "values")
    return loadRaw(bytes, at: 0, count: count)
  }

  private static func append(blobs: [[UInt8]], to bytes: inout [UInt8]) {
    append(blobs.count, to: &bytes)
    for blob in blobs { append(blob.count, to: &bytes) }
    for blob in blobs { bytes += blob }
  }

  private static func blobs(_ reader: inout ByteReader) throws(InputError) -> [[UInt8]] {
    let sizes: [UInt32] = try numbers(&reader)
    var blobs: [[UInt8]] = []
    for size in sizes { blobs.append(try reader.take(Int(size), field: "bytes")) }
    return blobs
  }

  private static func append(_ histogram: ImageHistogram, to bytes: inout [UInt8]) {
    let bins = histogram.counts.indices.filter { histogram.counts[$0] > 0 }
    bytes += [UInt8(histogram.channelCount), UInt8(histogram.bitDepth)]
    append(histogram.frameCount, to: &bytes)
    append(bins.count, to: &bytes)
    for bin in bins {
      append(bin, to: &bytes)
      appendRaw([UInt64(histogram.counts[bin])], to: &bytes)
    }
  }

  private static func histogram(_ reader: inout ByteReader) throws(InputError) -> ImageHistogram {
    let channels = Int(try reader.littleEndian(UInt8.self, field: "channels"))
    let bits = Int(try reader.littleEndian(UInt8.self, field: "bits"))
    let frames = try count(&reader, "frames")
    let entries = try count(&reader, "bins")
    try reader.require(entries * 12, for: "bins")
    var counts: [(bin: Int, count: Int)] = []
    for _ in 0..<entries {
      let bin = try count(&reader, "bin")
      let occurrences = try reader.littleEndian(UInt64.self, field: "occurrences")
      counts.append((bin, Int(clamping: occurrences)))
    }
    guard (1...4).contains(channels), [8, 16].contains(bits),
      let histogram = ImageHistogram(
        channelCount: channels, bitDepth: bits, frameCount: frames, counts: counts)
    else {
      throw InputError(
        file: reader.file, field: "histogram", found: "\(channels) channels of \(bits) bits",
        expected: "1 to 4 channels of 8 or 16 bits")
    }
    return histogram
  }
}
