// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// What a policy is normalised with: the distribution of one feature, dimension by dimension.
///
/// Every figure is exact: computed from all values, never from a sample or from averages of
/// averages. The standard deviation is the population's (divided by n). Quantiles interpolate
/// linearly between the two nearest ranks, numpy's default (Hyndman & Fan 1996, type 7).
package struct FeatureStatistics: Equatable, Sendable {
  /// The probabilities of the quantiles, in the order of `quantiles`.
  package static let probabilities = [0.01, 0.1, 0.5, 0.9, 0.99]
  /// The names that LeRobot gives the quantiles.
  package static let quantileNames = ["q01", "q10", "q50", "q90", "q99"]

  /// The smallest value of each dimension, in the feature's unit.
  package var minimum: [Double]
  /// The greatest value of each dimension.
  package var maximum: [Double]
  /// The mean of each dimension.
  package var mean: [Double]
  /// The population standard deviation of each dimension.
  package var deviation: [Double]
  /// For each probability, the quantile of each dimension.
  package var quantiles: [[Double]]
  /// The number of frames behind the figures.
  package var frameCount: Int

  /// Computes the statistics of vectors.
  ///
  /// - Parameters:
  ///   - rows: the values, [frames x width], row-major and finite; at least one frame.
  ///   - width: the number of dimensions.
  /// - Complexity: O(n log n) for n values, and memory for one dimension.
  package init<Value: BinaryFloatingPoint>(rows: [Value], width: Int) {
    self.init(width: width, frameCount: rows.count / width) { frame, dimension in
      Double(rows[frame * width + dimension])
    }
    precondition(rows.count == frameCount * width, "the rows are whole")
  }

  /// Computes the statistics of whole numbers below 2^53.
  package init(integers: [Int64]) {
    self.init(width: 1, frameCount: integers.count) { frame, _ in Double(integers[frame]) }
  }

  private init(width: Int, frameCount: Int, value: (Int, Int) -> Double) {
    precondition(width > 0 && frameCount > 0, "statistics need a value")
    self.init(frameCount: frameCount)
    var column = [Double](repeating: 0, count: frameCount)
    for dimension in 0..<width {
      for frame in 0..<frameCount { column[frame] = value(frame, dimension) }
      // Summing in rising order makes the result independent of the order of the frames.
      column.sort()
      let mean = column.reduce(0, +) / Double(frameCount)
      let squares = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      append(
        minimum: column[0], maximum: column[frameCount - 1], mean: mean,
        deviation: (squares / Double(frameCount)).squareRoot())
      for (index, probability) in Self.probabilities.enumerated() {
        quantiles[index].append(
          quantile(probability, count: frameCount) { rank in column[rank] })
      }
    }
  }

  /// Makes statistics without dimensions.
  fileprivate init(frameCount: Int) {
    minimum = []
    maximum = []
    mean = []
    deviation = []
    quantiles = Array(repeating: [], count: Self.probabilities.count)
    self.frameCount = frameCount
  }

  fileprivate mutating func append(
    minimum: Double, maximum: Double, mean: Double, deviation: Double
  ) {
    self.minimum.append(minimum)
    self.maximum.append(maximum)
    self.mean.append(mean)
    self.deviation.append(deviation)
  }
}

/// Returns the quantile of `count` sorted values, which `sorted` gives by rank.
func quantile(_ probability: Double, count: Int, sorted: (Int) -> Double) -> Double {
  let position = Double(count - 1) * probability
  let rank = Int(position)
  let fraction = position - Double(rank)
  let lower = sorted(rank)
  guard fraction > 0 else { return lower }
  let upper = sorted(min(rank + 1, count - 1))
  // numpy's `_lerp` works from the nearer end, which keeps the result between both.
  return fraction < 0.5
    ? lower + (upper - lower) * fraction : upper - (upper - lower) * (1 - fraction)
}

/// How often each sample value occurs in the images of one feature, channel by channel.
///
/// Histograms of episodes add up to that of the dataset, so the statistics of all pixels of all
/// frames are exact in one pass and in memory that does not grow.
package struct ImageHistogram: Equatable, Sendable {
  /// The number of channels: 3 for colour, 1 for depth and labels.
  package let channelCount: Int
  /// The bits of a sample: 8 or 16.
  package let bitDepth: Int
  /// The number of images counted.
  package private(set) var frameCount = 0
  /// The occurrences, [channels x 2^bitDepth].
  package private(set) var counts: [Int]

  /// Makes a histogram of nothing.
  package init(channelCount: Int, bitDepth: Int) {
    precondition(channelCount > 0 && (bitDepth == 8 || bitDepth == 16), "8 or 16 bits")
    self.channelCount = channelCount
    self.bitDepth = bitDepth
    counts = Array(repeating: 0, count: channelCount << bitDepth)
  }

  /// Counts the samples of one 8-bit image, [pixels x channels], interleaved.
  package mutating func add(samples: [UInt8]) {
    count(samples.span)
  }

  /// Counts the samples of one 16-bit image, [pixels x channels], interleaved.
  package mutating func add(samples: [UInt16]) {
    count(samples.span)
  }

  // Generic only within this module: callers in others would get it unspecialised.
  private mutating func count<Sample: UnsignedInteger & FixedWidthInteger>(
    _ samples: Span<Sample>
  ) {
    precondition(Sample.bitWidth == bitDepth, "samples have the histogram's depth")
    precondition(samples.count % channelCount == 0, "pixels are whole")
    frameCount += 1
    let (channelCount, bitDepth) = (channelCount, bitDepth)
    var bins = counts.mutableSpan
    var index = 0
    // Fast path: neighbouring pixels share a bin, whose updates would wait for each other; three
    // channels in turn hide that.
    if channelCount == 3 {
      let (green, blue) = (1 << bitDepth, 2 << bitDepth)
      while index < samples.count {
        bins[Int(samples[index])] += 1
        bins[green + Int(samples[index + 1])] += 1
        bins[blue + Int(samples[index + 2])] += 1
        index += 3
      }
    }
    var channel = 0
    while index < samples.count {
      bins[channel << bitDepth + Int(samples[index])] += 1
      channel = channel + 1 < channelCount ? channel + 1 : 0
      index += 1
    }
  }

  /// Adds the counts of another histogram of the same kind.
  package mutating func merge(_ other: ImageHistogram) {
    precondition(
      other.channelCount == channelCount && other.bitDepth == bitDepth, "histograms of one kind")
    frameCount += other.frameCount
    for index in counts.indices { counts[index] += other.counts[index] }
  }

  /// Makes a histogram from stored counts, or nil when they are too many or negative.
  init?(channelCount: Int, bitDepth: Int, frameCount: Int, counts: [(bin: Int, count: Int)]) {
    self.init(channelCount: channelCount, bitDepth: bitDepth)
    self.frameCount = frameCount
    for (bin, count) in counts {
      guard self.counts.indices.contains(bin), count >= 0 else { return nil }
      self.counts[bin] = count
    }
  }

  /// The statistics of each channel over all pixels; nil before the first pixel.
  ///
  /// 8-bit samples are scaled to 0...1, as LeRobot's readers return them; 16-bit samples keep their
  /// unit, which for depth is the millimetre.
  package var statistics: FeatureStatistics? {
    let scale = bitDepth == 8 ? 255.0 : 1.0
    var statistics = FeatureStatistics(frameCount: frameCount)
    for channel in 0..<channelCount {
      let bins = occupiedBins(channel)
      guard let lowest = bins.first, let highest = bins.last else { return nil }
      var pixelCount = 0
      var sum = 0
      for (value, count) in bins {
        pixelCount += count
        sum += value * count
      }
      let mean = Double(sum) / Double(pixelCount)
      var squares = 0.0
      for (value, count) in bins {
        let distance = Double(value) - mean
        squares += Double(count) * distance * distance
      }
      statistics.append(
        minimum: Double(lowest.value) / scale, maximum: Double(highest.value) / scale,
        mean: mean / scale, deviation: (squares / Double(pixelCount)).squareRoot() / scale)
      for (index, probability) in FeatureStatistics.probabilities.enumerated() {
        let value = quantile(probability, count: pixelCount) { rank in
          Double(Self.value(ofRank: rank, in: bins)) / scale
        }
        statistics.quantiles[index].append(value)
      }
    }
    return statistics
  }

  /// Returns the sample values that occur in a channel, rising, with their occurrences.
  private func occupiedBins(_ channel: Int) -> [(value: Int, count: Int)] {
    let span = counts.span
    var bins: [(value: Int, count: Int)] = []
    for value in 0..<1 << bitDepth where span[channel << bitDepth + value] > 0 {
      bins.append((value, span[channel << bitDepth + value]))
    }
    return bins
  }

  /// Returns the sample value of a rank in the sorted order of all pixels.
  private static func value(ofRank rank: Int, in bins: [(value: Int, count: Int)]) -> Int {
    var passed = 0
    for (value, count) in bins {
      passed += count
      if rank < passed { return value }
    }
    preconditionFailure("a rank is below the number of pixels")
  }
}
