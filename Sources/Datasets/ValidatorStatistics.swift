// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// How far a stated statistic may lie from the one that is computed.
enum StatisticsTolerance {
  /// Exact figures: of the feature's greatest magnitude, since others add up `float32`.
  static let exact = 1e-5
  /// Figures of pixels that are not all there any more, of the full scale.
  ///
  /// They cover what compression and colour at half the resolution change, and what a sample of
  /// the frames misses. Extremes and outer quantiles belong to single pixels and are not compared.
  /// Where a quantile falls between two heaps of pixels, a few that change sides move it from one
  /// to the other: it is held to what lies between its neighbours.
  static let lossy = [
    "mean": 0.01, "std": 0.1, "q10": 0.1, "q50": 0.1, "q90": 0.1,
  ]
}

extension DatasetValidator {
  /// Compares the statistics of each episode and of the dataset with those of the rows and pixels.
  mutating func checkStatistics() {
    for name in columns.keys { columns[name]?.pixels?.finish() }
    let features = information.features.filter { !["string", "language"].contains($0.type) }
    let complete = Set(features.filter { isComplete($0) }.map(\.name))
    var parts: [String: [StatedStatistics]] = [:]
    var first = 0
    while first < episodes.count {
      let file = episodes[first].place.file
      let end = episodes[first...].firstIndex { $0.place.file != file } ?? episodes.count
      let path = path(file)
      // A file that cannot be read was reported when the episodes were read.
      if let reader = try? ParquetReader(path: path) {
        for feature in features {
          let stated = readStatistics(of: feature, first..<end, reader)
          let expected = (first..<end).map {
            complete.contains(feature.name) ? statistics(of: feature, episode: $0) : nil
          }
          if check(stated, expected), feature.isImage {
            parts[feature.name, default: []].append(stated)
          }
        }
        reportStrangers(reader, features)
      }
      first = end
    }
    guard let fields = readStatisticsFile() else { return }
    for feature in features {
      guard let stated = readStatistics(of: feature, fields) else { continue }
      let expected = complete.contains(feature.name) ? statistics(of: feature) : nil
      if check(stated, [expected]), feature.isImage {
        checkSum(stated, of: parts[feature.name] ?? [])
      }
    }
    for member in fields.members where !features.contains(where: { $0.name == member.key }) {
      report(
        DatasetPath.statistics, member.key, found: "statistics",
        expected: "none, for want of such a feature with numbers")
    }
  }
}

// MARK: - What is true

extension DatasetValidator {
  /// True when every frame of a feature was read, decoded and is finite.
  private func isComplete(_ feature: ListedFeature) -> Bool {
    guard let column = columns[feature.name], frameCount > 0 else { return false }
    if let pixels = column.pixels {
      // Depth in a video is a code whose unit the pixels do not show.
      return pixels.channelCount == feature.imageSize?.channels
        && (feature.type == "image" || !feature.isDepth)
        && episodes.indices.allSatisfy {
          pixels.episodes[$0]?.frameCount == episodes[$0].frames.count
        }
    }
    // Frame ranges with gaps were reported; their rows cannot be told apart.
    var next = 0
    for episode in episodes {
      guard episode.frames.lowerBound == next, !episode.frames.isEmpty else { return false }
      next = episode.frames.upperBound
    }
    return column.numbers.count == frameCount * feature.width
      && column.numbers.allSatisfy { $0.isFinite }
  }

  /// Computes the statistics of a complete feature, over one episode or over the dataset.
  private func statistics(of feature: ListedFeature, episode: Int? = nil) -> FeatureStatistics? {
    guard let column = columns[feature.name] else { return nil }
    if let pixels = column.pixels {
      return episode.map { pixels.episodes[$0] } ?? pixels.statistics
    }
    let frames = episode.map { episodes[$0].frames } ?? 0..<frameCount
    let width = feature.width
    return FeatureStatistics(
      rows: Array(column.numbers[frames.lowerBound * width..<frames.upperBound * width]),
      width: width)
  }
}

// MARK: - Comparison

extension DatasetValidator {
  /// Compares rows with what could be computed of them; true when nothing is wrong.
  private mutating func check(
    _ stated: StatedStatistics, _ expected: [FeatureStatistics?]
  ) -> Bool {
    let before = result.findings.count
    checkCounts(stated)
    for (position, name) in FeatureStatistics.names.enumerated() {
      let values = expected.map { $0?.all[position] }
      let finding = stated.finding(name) { index, number in
        let (place, dimension) = (index / stated.width, index % stated.width)
        guard let row = expected[place], let value = values[place]?[dimension] else { return nil }
        let tolerance = tolerance(name, row, stated, index)
        if abs(number - value) <= tolerance { return nil }
        let isLossy = tolerance > StatisticsTolerance.exact * row.magnitude(dimension)
        if isLossy, let neighbours = row.neighbours(of: name, dimension),
          number >= neighbours.lowerBound - tolerance, number <= neighbours.upperBound + tolerance
        {
          return nil
        }
        return "\(value)"
      }
      if let finding { report(finding) }
    }
    // What is right to the last digit needs no laws.
    if stated.feature.isImage, result.findings.count == before {
      for finding in stated.brokenLaws() { report(finding) }
    }
    return result.findings.count == before
  }

  /// Checks the number of frames behind each row.
  private mutating func checkCounts(_ stated: StatedStatistics) {
    guard !stated.counts.isEmpty else { return }
    let frames = stated.episodes.map { $0.map { episodes[$0].frames.count } } ?? [frameCount]
    // Other writers look at a sample of the images.
    let isSampled = stated.feature.isImage && !isOwn
    let wrong = stated.counts.indices.filter { row in
      let isSample = isSampled && (1...max(1, frames[row])).contains(stated.counts[row])
      return stated.counts[row] != frames[row] && !isSample
    }
    guard let row = wrong.first else { return }
    report(
      stated.file,
      stated.field("count") + (stated.episodes == nil ? "" : ", row \(row)")
        + (wrong.count > 1 ? " and \(wrong.count - 1) more" : ""),
      found: "\(stated.counts[row])", expected: "\(frames[row])")
  }

  private func tolerance(
    _ name: String, _ row: FeatureStatistics, _ stated: StatedStatistics, _ index: Int
  ) -> Double {
    let magnitude = row.magnitude(index % stated.width)
    let count = stated.counts.isEmpty ? nil : stated.counts[index / stated.width]
    let isExact = stated.feature.type != "video" && count == row.frameCount
    guard stated.feature.isImage, !isExact else { return StatisticsTolerance.exact * magnitude }
    // Samples of 8 bits are scaled to 0...1, those of 16 keep their unit.
    let isScaled = columns[stated.feature.name]?.pixels?.bitDepth == 8
    return StatisticsTolerance.lossy[name].map { $0 * (isScaled ? 1 : magnitude) } ?? .infinity
  }

  /// Checks that the dataset's extremes, mean and deviation follow from those of its episodes.
  ///
  /// So even extremes of lossy video are held to something.
  private mutating func checkSum(_ stated: StatedStatistics, of parts: [StatedStatistics]) {
    let counts = parts.flatMap(\.counts).map { Double($0) }
    guard counts.count == episodes.count, let total = stated.counts.first else { return }
    expect(
      stated.file, stated.field("count"), "\(total)", equals: "\(Int(counts.reduce(0, +)))")
    for dimension in 0..<stated.width {
      func joined(_ name: String) -> [Double] {
        parts.flatMap { $0.column(name, dimension) ?? [] }
      }
      let (least, most, means) = (joined("min"), joined("max"), joined("mean"))
      let deviations = joined("std")
      guard [least, most, means, deviations].allSatisfy({ $0.count == counts.count }) else {
        continue
      }
      let mean = weightedMean(means, counts)
      // The squares about the common mean: those about each episode's own, and its distance.
      let squares = zip(means, deviations).map { ($0 - mean) * ($0 - mean) + $1 * $1 }
      let slack = StatisticsTolerance.exact * max(abs(least.min() ?? 0), abs(most.max() ?? 0))
      for (name, value) in [
        ("min", least.min() ?? 0), ("max", most.max() ?? 0), ("mean", mean),
        ("std", weightedMean(squares, counts).squareRoot()),
      ] {
        let finding = stated.finding(name) { index, number in
          index != dimension || abs(number - value) <= slack
            ? nil : "\(value) as of the episodes together"
        }
        if let finding { report(finding) }
      }
    }
  }
}

/// Returns the mean of values that stand for several each.
private func weightedMean(_ values: [Double], _ weights: [Double]) -> Double {
  zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
}

extension FeatureStatistics {
  /// All statistics but `count`, in the order of `names`.
  fileprivate var all: [[Double]] { [minimum, maximum, mean, deviation] + quantiles }

  /// The quantiles on either side of a quantile that has two neighbours.
  fileprivate func neighbours(of name: String, _ dimension: Int) -> ClosedRange<Double>? {
    guard let place = Self.quantileNames.firstIndex(of: name), place > 0,
      place + 1 < quantiles.count
    else { return nil }
    return quantiles[place - 1][dimension]...quantiles[place + 1][dimension]
  }

  /// The greatest absolute value of a dimension, at least the smallest normal number.
  fileprivate func magnitude(_ dimension: Int) -> Double {
    max(abs(minimum[dimension]), abs(maximum[dimension]), .leastNormalMagnitude)
  }
}
