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
      if decodesPixels { try countPixels(&reader, file, feature) }
    } catch {
      report(error)
    }
  }

  private mutating func countPixels(
    _ reader: inout VideoReader, _ file: String, _ feature: ListedFeature
  ) throws(InputError) {
    var histogram =
      columns[feature.name]?.histogram ?? ImageHistogram(channelCount: 3, bitDepth: 8)
    var frames = 0
    while let image = try reader.nextImage() {
      histogram.add(samples: image.bytes)
      frames += 1
    }
    result.decodedCount += frames
    columns[feature.name, default: ListedColumn()].histogram = histogram
    expect(file, "decoded frames", frames, equals: reader.frameCount)
  }
}
