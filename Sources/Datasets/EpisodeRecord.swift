// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

package import Files

/// One finished episode in memory, as the simulator hands it over.
package struct EpisodeRecord: Equatable, Sendable {
  /// The episode's index in the run, from 0.
  package var index: Int
  /// The run's seed; it, the index and the attempt decide every draw of the episode.
  package var seed: UInt64
  /// Which of the attempts at the episode this is, from 0; those before it failed.
  package var attempt: Int
  /// The instruction.
  package var task: String
  /// True when the task's predicate held at the end.
  package var isSuccess: Bool
  /// What randomisation drew, enough to play the episode again.
  package var draw: JSONValue
  /// The number of frames, at least 1.
  package var frameCount: Int
  /// One column for each feature of the schema, in its order.
  package var columns: [EpisodeColumn]

  /// Makes an episode.
  package init(
    index: Int, seed: UInt64, attempt: Int = 0, task: String, isSuccess: Bool, draw: JSONValue,
    frameCount: Int, columns: [EpisodeColumn]
  ) {
    precondition(attempt >= 0, "attempts are counted from 0")
    self.index = index
    self.seed = seed
    self.attempt = attempt
    self.task = task
    self.isSuccess = isSuccess
    self.draw = draw
    self.frameCount = frameCount
    self.columns = columns
  }
}

/// The frames of one feature over one episode.
package enum EpisodeColumn: Equatable, Sendable {
  /// Vectors, [frames x width], row-major.
  case vectors([Float])
  /// One whole number a frame.
  case integers([Int64])
  /// One truth value a frame.
  case flags([Bool])
  /// One PNG file a frame, and the histogram of their pixels.
  case images([[UInt8]], ImageHistogram)
  /// One packet a frame, and the histogram of the pixels before compression.
  case video(EncodedVideo, ImageHistogram)
}

extension EpisodeRecord {
  /// Checks the episode against a schema.
  ///
  /// A column of the wrong kind or length is a programmer's error and traps.
  /// - Throws: `InputError` naming the feature and the frame when a number is not finite, which a
  ///   simulation that has blown up produces.
  package func check(_ schema: DatasetSchema) throws(InputError) {
    precondition(frameCount > 0, "an episode has frames")
    precondition(columns.count == schema.features.count, "one column for each feature")
    for (feature, column) in zip(schema.features, columns) {
      precondition(column.fits(feature, fps: schema.fps, frameCount: frameCount), feature.name)
      guard case .vectors(let values) = column, let bad = values.firstIndex(where: { !$0.isFinite })
      else { continue }
      let width = values.count / frameCount
      throw InputError(
        file: "episode \(index)", field: "\(feature.name), frame \(bad / width)",
        found: "\(values[bad]) in dimension \(bad % width)", expected: "finite numbers")
    }
  }
}

extension EpisodeColumn {
  /// True when the column has the kind, the length and the size that a feature asks for.
  func fits(_ feature: DatasetFeature, fps: Int, frameCount: Int) -> Bool {
    switch (feature.kind, self) {
    case (.vector(let names), .vectors(let values)): values.count == frameCount * names.count
    case (.integer, .integers(let values)): values.count == frameCount
    case (.flag, .flags(let values)): values.count == frameCount
    case (.depth, .images(let files, let histogram)):
      files.count == frameCount && histogram.isFull(1, 16, frameCount)
    case (.labels, .images(let files, let histogram)):
      files.count == frameCount && histogram.isFull(1, 8, frameCount)
    case (.video(let height, let width), .video(let video, let histogram)):
      video.packets.count == frameCount && video.isKeyframe.count == frameCount
        && video.height == height && video.width == width
        && video.fpsNumerator == fps * video.fpsDenominator
        && histogram.isFull(3, 8, frameCount)
    default: false
    }
  }
}

extension ImageHistogram {
  fileprivate func isFull(_ channelCount: Int, _ bitDepth: Int, _ frameCount: Int) -> Bool {
    self.channelCount == channelCount && self.bitDepth == bitDepth
      && self.frameCount == frameCount && counts.contains { $0 > 0 }
  }
}
