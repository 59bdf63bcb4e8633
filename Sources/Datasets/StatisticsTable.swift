// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files

/// Gathers the values of every feature of an episode or of a whole dataset.
///
/// Vectors and numbers are kept (4 or 8 bytes a value), since true quantiles need them all; images
/// and videos are histograms. A million frames of 20 dimensions take 80 MB.
struct StatisticsTable {
  /// Everything seen of one feature.
  private enum Values {
    case vectors([Float], width: Int)
    case integers([Int64])
    case flags([Int64])
    case histogram(ImageHistogram)
  }

  /// How the numbers of a feature are written.
  enum NumberKind {
    case real
    case integer
    case flag
  }

  private(set) var names: [String] = []
  private var values: [Values] = []
  private var shapes: [[Int]] = []

  /// Adds an episode, which must have the features of those before it.
  mutating func add(_ episode: NumberedEpisode, schema: DatasetSchema) {
    let columns = zip(schema.features, episode.record.columns).map {
      (name: $0.name, shape: $0.statisticsShape, column: $1)
    }
    let added = episode.defaultColumns.map {
      (name: $0.column.rawValue, shape: [1], column: $0.values)
    }
    for (index, entry) in (columns + added).enumerated() {
      if index == values.count {
        names.append(entry.name)
        shapes.append(entry.shape)
        values.append(Self.values(of: entry.column, width: entry.shape[0]))
      } else {
        append(Self.values(of: entry.column, width: entry.shape[0]), at: index)
      }
    }
  }

  /// The number of features.
  var count: Int { values.count }

  /// Computes the statistics of a feature.
  func statistics(_ index: Int) -> FeatureStatistics? {
    switch values[index] {
    case .vectors(let rows, let width): FeatureStatistics(rows: rows, width: width)
    case .integers(let integers), .flags(let integers): FeatureStatistics(integers: integers)
    case .histogram(let histogram): histogram.statistics
    }
  }

  /// The shape of the statistics of a feature.
  func shape(_ index: Int) -> [Int] { shapes[index] }

  /// How the extremes of a feature are written.
  func numberKind(_ index: Int) -> NumberKind {
    switch values[index] {
    case .vectors, .histogram: .real
    case .integers: .integer
    case .flags: .flag
    }
  }

  private static func values(of column: EpisodeColumn, width: Int) -> Values {
    switch column {
    case .vectors(let rows): .vectors(rows, width: width)
    case .integers(let integers): .integers(integers)
    case .flags(let flags): .flags(flags.map { $0 ? 1 : 0 })
    case .images(_, let histogram), .video(_, let histogram): .histogram(histogram)
    }
  }

  private mutating func append(_ new: Values, at index: Int) {
    // The slot is emptied before its array grows, so that the array grows in place.
    switch new {
    case .vectors(let more, _):
      guard case .vectors(var rows, let width) = values[index] else { break }
      values[index] = .flags([])
      rows += more
      values[index] = .vectors(rows, width: width)
      return
    case .integers(let more):
      guard case .integers(var integers) = values[index] else { break }
      values[index] = .flags([])
      integers += more
      values[index] = .integers(integers)
      return
    case .flags(let more):
      guard case .flags(var flags) = values[index] else { break }
      values[index] = .flags([])
      flags += more
      values[index] = .flags(flags)
      return
    case .histogram(let more):
      guard case .histogram(var histogram) = values[index] else { break }
      values[index] = .flags([])
      histogram.merge(more)
      values[index] = .histogram(histogram)
      return
    }
    preconditionFailure("every episode has the same features")
  }
}

// MARK: - Files

extension StatisticsTable {
  /// The content of `meta/stats.json`: feature, then statistic, in the order of LeRobot.
  var document: JSONValue {
    .object(
      (0..<count).compactMap { index in
        guard let statistics = statistics(index) else { return nil }
        let shape = shape(index)
        let kind = numberKind(index)
        let members = statistics.named.map { name, values in
          let isExtreme = name == "min" || name == "max"
          return JSONMember(
            name, Self.nested(values, shape: shape, isExtreme ? kind : .real))
        }
        let count = JSONMember("count", [.integer(statistics.frameCount)])
        return JSONMember(names[index], .object(members + [count]))
      })
  }

  /// The fields of `meta/episodes` that hold these statistics, in the order of `columns`.
  var fields: [ParquetField] {
    (0..<count).flatMap { index in
      FeatureStatistics.names.map { name in
        let isExtreme = name == "min" || name == "max"
        let leaf: ParquetType =
          switch isExtreme ? numberKind(index) : .real {
          case .real: .double
          case .integer: .int64
          case .flag: .bool
          }
        let node = shape(index).reduce(ParquetNode.leaf(leaf)) { node, _ in .list(node) }
        return ParquetField("stats/\(names[index])/\(name)", node)
      } + [ParquetField("stats/\(names[index])/count", .list(.leaf(.int64)))]
    }
  }

  /// The columns of one row of `meta/episodes`.
  var columns: [ParquetColumn] {
    (0..<count).flatMap { index -> [ParquetColumn] in
      guard let statistics = statistics(index) else { return [] }
      let kind = numberKind(index)
      let shape = shape(index)
      let columns = statistics.named.map { name, numbers in
        let isExtreme = name == "min" || name == "max"
        let values: ParquetValues =
          switch isExtreme ? kind : .real {
          case .real: .double(numbers)
          case .integer: .int64(numbers.map { Int64($0) })
          case .flag: .bool(numbers.map { $0 != 0 })
          }
        return ParquetColumn(values, rowShape: shape)
      }
      let count = ParquetColumn(.int64([Int64(statistics.frameCount)]), rowShape: [1])
      return columns + [count]
    }
  }

  /// Returns numbers as nested arrays of a shape.
  private static func nested(
    _ numbers: [Double], shape: [Int], _ kind: NumberKind
  ) -> JSONValue {
    guard shape.count > 1 else {
      return .array(
        numbers.map { number in
          switch kind {
          case .real: .number(number)
          case .integer: .integer(Int(number))
          case .flag: .bool(number != 0)
          }
        })
    }
    let width = numbers.count / shape[0]
    return .array(
      (0..<shape[0]).map { row in
        nested(
          Array(numbers[row * width..<(row + 1) * width]), shape: Array(shape.dropFirst()), kind)
      })
  }
}

extension FeatureStatistics {
  /// The names of the statistics but `count`, in the order of LeRobot's files.
  static let names = ["min", "max", "mean", "std"] + quantileNames

  /// The statistics with their names, in the same order.
  fileprivate var named: [(String, [Double])] {
    Array(zip(Self.names, [minimum, maximum, mean, deviation] + quantiles))
  }
}
