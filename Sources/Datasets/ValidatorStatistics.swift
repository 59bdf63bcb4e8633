// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// How far a stated statistic may lie from the one that is computed.
private enum Tolerance {
  /// Numbers of the data files: of the feature's greatest magnitude, since others add up `float32`.
  static let numbers = 1e-5
  /// Statistics of video, of the full scale.
  ///
  /// They cover what compression and colour at half the resolution change. Extremes and outer
  /// quantiles belong to single pixels and are not compared.
  static let video = [
    "mean": 0.01, "std": 0.1, "q10": 0.1, "q50": 0.1, "q90": 0.1,
  ]
}

extension DatasetValidator {
  /// Recomputes the statistics of the dataset and of each episode from the rows.
  mutating func checkStatistics() {
    let file = DatasetPath.statistics
    let path = path(file)
    let fields = attempt { () throws(InputError) in try JSONFields(path: path) }
    for feature in information.features {
      if let fields, feature.type != "string" { checkStatistics(feature, fields) }
      checkEpisodeStatistics(feature)
    }
  }

  private mutating func checkStatistics(_ feature: ListedFeature, _ fields: JSONFields) {
    let file = DatasetPath.statistics
    guard let entry = attempt({ () throws(InputError) in try fields.object(feature.name) }) else {
      return
    }
    let frames = episodes.reduce(0) { $0 + $1.frames.count }
    let isImage = ListedFeature.imageTypes.contains(feature.type)
    if let count = attempt({ () throws(InputError) in try entry.integers("count") }) {
      // Other writers look at a sample of the images.
      let isRight =
        count.count == 1 && count[0] <= frames && (isImage ? count[0] > 0 : count[0] == frames)
      if !isRight {
        report(file, "\(feature.name).count", found: "\(count)", expected: "[\(frames)]")
      }
    }
    guard let expected = statistics(of: feature) else { return }
    for (name, values) in zip(FeatureStatistics.statisticNames, expected.all)
    where entry[name] != nil || !FeatureStatistics.quantileNames.contains(name) {
      guard let found = attempt({ () throws(InputError) in try entry.numbers(name) }) else {
        continue
      }
      compare(
        found, values, file, name: { "\(feature.name).\(name)[\($0)]" },
        tolerance: {
          feature.type == "video"
            ? Tolerance.video[name] ?? .infinity : Tolerance.numbers * expected.magnitude($0)
        })
    }
  }

  /// Computes a feature's statistics; nil when its values are missing, not finite or not decoded.
  private func statistics(of feature: ListedFeature) -> FeatureStatistics? {
    guard let column = columns[feature.name] else { return nil }
    if let histogram = column.histogram { return histogram.statistics }
    guard isComplete(column.numbers, width: feature.width) else { return nil }
    return FeatureStatistics(rows: column.numbers, width: feature.width)
  }

  /// True when the rows of all episodes were read and are finite.
  private func isComplete(_ numbers: [Double], width: Int) -> Bool {
    let isCovered = episodes.allSatisfy {
      !$0.frames.isEmpty && $0.frames.upperBound <= numbers.count / width
    }
    return !numbers.isEmpty && numbers.count % width == 0 && isCovered
      && numbers.allSatisfy { $0.isFinite }
  }

  /// Checks the columns `stats/...` of `meta/episodes`, which other writers may leave out.
  private mutating func checkEpisodeStatistics(_ feature: ListedFeature) {
    guard let numbers = columns[feature.name]?.numbers,
      isComplete(numbers, width: feature.width)
    else { return }
    var first = 0
    while first < episodes.count {
      let file = episodes[first].place.file
      let end = episodes[first...].firstIndex { $0.place.file != file } ?? episodes.count
      let path = path(file)
      // A file that cannot be read was reported when the episodes were read.
      if let reader = try? ParquetReader(path: path) {
        checkEpisodeStatistics(feature, first..<end, numbers, reader)
      }
      first = end
    }
  }

  private mutating func checkEpisodeStatistics(
    _ feature: ListedFeature, _ range: Range<Int>, _ numbers: [Double], _ reader: ParquetReader
  ) {
    let width = feature.width
    let expected = range.map { episode in
      let frames = episodes[episode].frames
      return FeatureStatistics(
        rows: Array(numbers[frames.lowerBound * width..<frames.upperBound * width]), width: width)
    }
    for (position, name) in FeatureStatistics.statisticNames.enumerated() {
      let field = "stats/\(feature.name)/\(name)"
      guard !reader.leafIndices(field: field).isEmpty else { continue }
      let column = attempt { () throws(InputError) in try reader.column(field) }
      guard let found = column?.values.numbers, found.count == range.count * width else {
        report(
          relative(reader.file), field, found: "another type or length",
          expected: "\(width) numbers in every row")
        continue
      }
      compare(
        found, expected.flatMap { $0.all[position] }, relative(reader.file),
        name: { "\(field)[\($0 % width)], row \($0 / width)" },
        tolerance: { Tolerance.numbers * expected[$0 / width].magnitude($0 % width) })
    }
  }

  /// Records the first of the numbers that differ, and how many do.
  private mutating func compare(
    _ found: [Double], _ expected: [Double], _ file: String, name: (Int) -> String,
    tolerance: (Int) -> Double
  ) {
    guard found.count == expected.count else {
      expect(file, name(0), "\(found.count) numbers", equals: "\(expected.count) numbers")
      return
    }
    let wrong = found.indices.filter { !(abs(found[$0] - expected[$0]) <= tolerance($0)) }
    guard let first = wrong.first else { return }
    report(
      file, name(first) + (wrong.count > 1 ? " and \(wrong.count - 1) more" : ""),
      found: "\(found[first])", expected: "\(expected[first])")
  }
}

extension FeatureStatistics {
  /// The names of all statistics but `count`, in the order of `all`.
  fileprivate static let statisticNames = ["min", "max", "mean", "std"] + quantileNames

  /// All statistics but `count`.
  fileprivate var all: [[Double]] { [minimum, maximum, mean, deviation] + quantiles }

  /// The greatest absolute value of a dimension, at least the smallest normal number.
  fileprivate func magnitude(_ dimension: Int) -> Double {
    max(abs(minimum[dimension]), abs(maximum[dimension]), .leastNormalMagnitude)
  }
}
