// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// What one file says about one feature: some statistics, each a number a row and dimension.
struct StatedStatistics {
  let feature: ListedFeature
  /// The file, relative to the dataset.
  let file: String
  /// The episodes of the rows; nil for the one row that speaks of the dataset.
  let episodes: Range<Int>?
  /// The statistics that are there, [rows x width]; those without a shape that fits are left out.
  var numbers: [String: [Double]] = [:]
  /// The number of frames behind each row; empty when that is not said.
  var counts: [Int] = []

  /// The number of numbers in a row.
  var width: Int { feature.statisticsShape.reduce(1, *) }

  /// Takes up the numbers of a statistic, or the numbers of frames.
  mutating func take(_ name: String, _ numbers: [Double]) {
    guard name == "count" else {
      self.numbers[name] = numbers
      return
    }
    // What is no whole number is no number of frames either.
    counts = numbers.map { Int(exactly: $0) ?? -1 }
  }

  /// The name of a statistic in errors.
  func field(_ name: String) -> String {
    episodes == nil ? "\(feature.name).\(name)" : "stats/\(feature.name)/\(name)"
  }

  /// The name of one number in errors.
  func field(_ name: String, _ index: Int) -> String {
    field(name) + "[\(index % width)]" + (episodes == nil ? "" : ", row \(index / width)")
  }

  /// Returns what is wrong with the numbers of a statistic: the first, and how many.
  ///
  /// `expected` says what an index should hold, or nil when its number is right.
  func finding(_ name: String, expected: (Int, Double) -> String?) -> InputError? {
    let numbers = numbers[name] ?? []
    let wrong = numbers.indices.filter { expected($0, numbers[$0]) != nil }
    guard let first = wrong.first, let text = expected(first, numbers[first]) else { return nil }
    return InputError(
      file: file,
      field: field(name, first) + (wrong.count > 1 ? " and \(wrong.count - 1) more" : ""),
      found: "\(numbers[first])", expected: text)
  }

  /// One statistic of one dimension over the rows.
  func column(_ name: String, _ dimension: Int) -> [Double]? {
    numbers[name].map { numbers in
      stride(from: dimension, to: numbers.count, by: width).map { numbers[$0] }
    }
  }
}

// MARK: - Laws

extension StatedStatistics {
  /// Returns what cannot be true of any images: numbers out of order or out of range.
  func brokenLaws() -> [InputError] {
    let rising = ["min", "q01", "q10", "q50", "q90", "q99", "max"].filter { numbers[$0] != nil }
    var findings = zip(rising, rising.dropFirst()).compactMap { lower, upper in
      finding(upper) { index, number in
        let bound = numbers[lower]?[index] ?? number
        return number >= bound ? nil : "at least the \(lower) of \(bound)"
      }
    }
    if !feature.isDepth {
      findings += ["min", "max"].compactMap { name in
        finding(name) { _, number in (0...1).contains(number) ? nil : "a number in 0...1" }
      }
    }
    guard let least = numbers["min"], let most = numbers["max"] else { return findings }
    let slack = zip(least, most).map { StatisticsTolerance.exact * max(abs($0), abs($1)) }
    let mean = finding("mean") { index, number in
      let isBetween = number >= least[index] - slack[index] && number <= most[index] + slack[index]
      return isBetween ? nil : "a number in \(least[index])...\(most[index])"
    }
    // At most half the range, when half the values lie at each end (Popoviciu's inequality).
    let deviation = finding("std") { index, number in
      let bound = (most[index] - least[index]) / 2
      return number >= 0 && number <= bound + slack[index] ? nil : "a number in 0...\(bound)"
    }
    return findings + [mean, deviation].compactMap { $0 }
  }
}

// MARK: - Reading

extension DatasetValidator {
  /// Reads `meta/stats.json`, which other writers may leave out.
  mutating func readStatisticsFile() -> JSONFields? {
    let path = path(DatasetPath.statistics)
    guard isOwn || kind(ofPath: path) != .absent else { return nil }
    return attempt { () throws(InputError) in try JSONFields(path: path) }
  }

  /// Reads what `meta/stats.json` says of a feature; nil when it says nothing.
  mutating func readStatistics(
    of feature: ListedFeature, _ fields: JSONFields
  ) -> StatedStatistics? {
    guard let entry = attempt({ () throws(InputError) in try fields.object(feature.name) }) else {
      return nil
    }
    var stated = StatedStatistics(feature: feature, file: DatasetPath.statistics, episodes: nil)
    for name in FeatureStatistics.names + ["count"] {
      let isNeeded = isOwn || !FeatureStatistics.quantileNames.contains(name)
      guard entry[name] != nil || isNeeded,
        let numbers = attempt({ () throws(InputError) in try entry.numbers(name) })
      else { continue }
      let shape = name == "count" ? [1] : feature.statisticsShape
      let found = entry[name]?.rectangularShape
      guard found == shape else {
        report(
          stated.file, stated.field(name), found: found.map { "shape \($0)" } ?? "no shape",
          expected: "shape \(shape)")
        continue
      }
      stated.take(name, numbers)
    }
    return stated
  }

  /// Reads the columns `stats/...` of a feature, which other writers may leave out.
  mutating func readStatistics(
    of feature: ListedFeature, _ episodes: Range<Int>, _ reader: ParquetReader
  ) -> StatedStatistics {
    var stated = StatedStatistics(
      feature: feature, file: relative(reader.file), episodes: episodes)
    for name in FeatureStatistics.names + ["count"] {
      let field = stated.field(name)
      guard isOwn || !reader.leafIndices(field: field).isEmpty,
        let column = attempt({ () throws(InputError) in try reader.column(field) })
      else { continue }
      let shape = name == "count" ? [1] : feature.statisticsShape
      let count = shape.reduce(episodes.count, *)
      guard let numbers = column.values.numbers, numbers.count == count, column.nullCount == 0,
        column.listLengths == ParquetColumn(column.values, rowShape: shape).listLengths
      else {
        report(
          stated.file, field, found: "numbers of another type or shape",
          expected: "shape \(shape) in every row")
        continue
      }
      stated.take(name, numbers)
    }
    return stated
  }

  /// Records statistics of features that there are not.
  mutating func reportStrangers(_ reader: ParquetReader, _ features: [ListedFeature]) {
    let known = Set(features.map(\.name))
    for field in reader.leaves.map({ $0.path[0] }) where field.hasPrefix("stats/") {
      // No name of a feature has a slash.
      guard let name = field.split(separator: "/").dropFirst().first, !known.contains(String(name))
      else { continue }
      report(
        relative(reader.file), field, found: "statistics",
        expected: "none, for want of such a feature with numbers")
    }
  }
}

extension JSONValue {
  /// The extents of nested arrays of numbers; nil when they are no rectangle.
  fileprivate var rectangularShape: [Int]? {
    guard case .array(let elements) = self else { return [] }
    let inner = elements.map(\.rectangularShape)
    guard let first = inner.first, inner.allSatisfy({ $0 == first }), let first else { return nil }
    return [elements.count] + first
  }
}
