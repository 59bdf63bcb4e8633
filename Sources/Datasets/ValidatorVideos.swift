// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Images

extension DatasetValidator {
  /// The greatest distance of a frame from the time it is asked for at, in seconds.
  ///
  /// LeRobot's readers refuse frames that are farther away.
  private static let tolerance = 1e-4

  /// Checks every video file against the episodes in it.
  mutating func checkVideos() {
    var known: Set<String> = []
    let features = information.features.filter { $0.type == "video" }
    for (index, feature) in features.enumerated() {
      var places: [FilePlace] = []
      var members: [FilePlace: [Int]] = [:]
      for episode in episodes.indices {
        let place = episodes[episode].videos[index].file
        guard place.chunk >= 0 else { continue }
        if members[place] == nil { places.append(place) }
        members[place, default: []].append(episode)
      }
      for place in places {
        let file = place.path(information.videoPattern, videoKey: feature.name)
        known.insert(file)
        checkTimes(of: members[place] ?? [], index, feature)
        checkVideo(file, feature, members[place] ?? [])
      }
    }
    if kind(ofPath: path("videos")) == .folder { reportStrangers(in: "videos", known) }
  }

  /// Checks that the episodes of a file follow each other without a gap.
  private mutating func checkTimes(of members: [Int], _ index: Int, _ feature: ListedFeature) {
    let fps = Double(information.fps)
    var frame = 0
    for episode in members {
      let (place, video) = (episodes[episode].place, episodes[episode].videos[index])
      let begin = Double(frame) / fps
      frame += episodes[episode].frames.count
      let end = Double(frame) / fps
      for (name, found, expected) in [("from", video.from, begin), ("to", video.to, end)]
      where !(abs(found - expected) <= Self.tolerance) {
        report(
          place.file, "videos/\(feature.name)/\(name)_timestamp, row \(place.row)",
          found: "\(found) s", expected: "\(expected) s")
      }
    }
  }

  private mutating func checkVideo(_ file: String, _ feature: ListedFeature, _ members: [Int]) {
    let path = path(file)
    guard kind(ofPath: path) == .file else {
      report(file, "file", found: "no such file", expected: "the video of \(feature.name)")
      return
    }
    do {
      var reader = try VideoReader(path: path)
      result.videoFrameCount += reader.frameCount
      let frames = members.reduce(0) { $0 + episodes[$1].frames.count }
      expect(file, "frames", reader.frameCount, equals: frames)
      if let frame = reader.firstFrameOffTime(fpsNumerator: information.fps) {
        report(
          file, "time of frame \(frame)",
          found: "\(reader.times[frame]) x \(reader.timeBaseNumerator)"
            + "/\(reader.timeBaseDenominator) s", expected: "\(frame)/\(information.fps) s")
      }
      if let size = feature.imageSize {
        expect(
          file, "frame size", "\(reader.height)x\(reader.width)",
          equals: "\(size.height)x\(size.width)")
      }
      checkDetails(of: feature, reader, file)
      if decodesPixels { try countPixels(&reader, file, feature, members) }
    } catch {
      report(error)
    }
  }

  /// Compares what `info.json` says of a camera's videos with one of them.
  private mutating func checkDetails(
    of feature: ListedFeature, _ reader: borrowing VideoReader, _ file: String
  ) {
    let facts: [(key: String, value: JSONValue)] = [
      ("video.fps", .integer(information.fps)), ("video.codec", .string(reader.codec)),
      ("video.pix_fmt", .string(reader.pixelFormat)), ("video.height", .integer(reader.height)),
      ("video.width", .integer(reader.width)),
      ("video.channels", .integer(feature.imageSize?.channels ?? 3)),
      ("has_audio", .bool(reader.hasAudio)),
    ]
    for (key, value) in facts {
      guard let stated = feature.details[key], !stated.isSameNumber(as: value), stated != value
      else { continue }
      let finding = InputError(
        file: DatasetPath.information, field: "features.\(feature.name).info.\(key)",
        found: stated.compactText, expected: "\(value.compactText) as in \(file)")
      // Said once for a camera, not for each of its files.
      let isSaid = result.findings.contains { ($0.file, $0.field) == (finding.file, finding.field) }
      if !isSaid { report(finding) }
    }
  }

  private mutating func countPixels(
    _ reader: inout VideoReader, _ file: String, _ feature: ListedFeature, _ members: [Int]
  ) throws(InputError) {
    // Taken out of its column while it grows, so that it is not copied for every frame.
    var pixels =
      columns.removeValue(forKey: feature.name)?.pixels
      ?? PixelCounts(channelCount: 3, bitDepth: 8)
    defer { columns[feature.name] = ListedColumn(pixels: pixels) }
    // The episode of every frame; those behind the last episode belong to none.
    var owners = members.lazy.flatMap { [episodes] in
      repeatElement($0, count: episodes[$0].frames.count)
    }.makeIterator()
    var frames = 0
    while let image = try reader.nextImage() {
      if let owner = owners.next() { pixels.add(samples: image.bytes, of: owner) }
      frames += 1
    }
    result.decodedCount += frames
    expect(file, "decoded frames", frames, equals: reader.frameCount)
  }
}

extension JSONValue {
  /// True for equal numbers, as LeRobot writes a rate as 30 or 30.0.
  fileprivate func isSameNumber(as other: JSONValue) -> Bool {
    guard let number, let second = other.number else { return false }
    return number == second
  }

  private var number: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }
}
