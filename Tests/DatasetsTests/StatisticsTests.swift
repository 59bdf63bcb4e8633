// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Datasets

@Suite struct `Feature statistics` {
  @Test func `of one to five are those in every textbook`() {
    let statistics = FeatureStatistics(rows: [3, 1, 5, 2, 4] as [Float], width: 1)
    #expect(statistics.minimum == [1])
    #expect(statistics.maximum == [5])
    #expect(statistics.mean == [3])
    #expect(statistics.deviation == [Double(2).squareRoot()])
    // numpy.quantile([1, 2, 3, 4, 5], [.01, .1, .5, .9, .99])
    let expected = [1.04, 1.4, 3.0, 4.6, 4.96]
    for (quantile, value) in zip(statistics.quantiles, expected) {
      // Two roundings of numbers below 8.
      #expect(abs(quantile[0] - value) < 2e-15)
    }
    #expect(statistics.frameCount == 5)
  }

  @Test func `treat the columns of a table apart`() {
    let statistics = FeatureStatistics(rows: [0, 10, 1, 10, 2, 40] as [Double], width: 2)
    #expect(statistics.minimum == [0, 10])
    #expect(statistics.maximum == [2, 40])
    #expect(statistics.mean == [1, 20])
    #expect(statistics.quantiles[2] == [1, 10])
  }

  @Test func `do not depend on the order of the frames`() {
    let rows = (0..<100).map { Float($0 * 37 % 101) * 0.1 }
    #expect(
      FeatureStatistics(rows: rows, width: 1)
        == FeatureStatistics(rows: Array(rows.reversed()), width: 1))
  }

  @Test func `of the median of an index are the true median`() {
    // LeRobot 0.4.4 writes 18.67 for these 39 frames in three episodes.
    let statistics = FeatureStatistics(integers: (0..<39).map { Int64($0) })
    #expect(statistics.quantiles[2] == [19])
  }
}

@Suite struct `Image histograms` {
  @Test func `give what sorting all pixels gives`() throws {
    var histogram = ImageHistogram(channelCount: 3, bitDepth: 8)
    var pixels: [Float] = []
    for frame in 0..<4 {
      let samples = (0..<90).map { UInt8(truncatingIfNeeded: ($0 + 7 * frame) * 53) }
      histogram.add(samples: samples)
      pixels += samples.map { Float($0) }
    }
    let statistics = try #require(histogram.statistics)
    let reference = FeatureStatistics(rows: pixels, width: 3)
    #expect(statistics.frameCount == 4)
    for (values, expected) in zip(
      [statistics.minimum, statistics.maximum, statistics.mean, statistics.deviation]
        + statistics.quantiles,
      [reference.minimum, reference.maximum, reference.mean, reference.deviation]
        + reference.quantiles)
    {
      for (value, expected) in zip(values, expected) {
        // The reference is scaled after it was computed: a few roundings of numbers below 1.
        #expect(abs(value - expected / 255) < 1e-14)
      }
    }
  }

  @Test func `of depth keep the unit`() throws {
    var histogram = ImageHistogram(channelCount: 1, bitDepth: 16)
    histogram.add(samples: [1000, 3000, 0, 65_535] as [UInt16])
    let statistics = try #require(histogram.statistics)
    #expect(statistics.minimum == [0])
    #expect(statistics.maximum == [65_535])
    #expect(statistics.quantiles[2] == [2000])
  }

  @Test func `of episodes add up to that of all`() {
    var first = ImageHistogram(channelCount: 1, bitDepth: 8)
    first.add(samples: [1, 2, 3] as [UInt8])
    var second = ImageHistogram(channelCount: 1, bitDepth: 8)
    second.add(samples: [3, 4, 5] as [UInt8])
    var both = first
    both.add(samples: [3, 4, 5] as [UInt8])
    first.merge(second)
    #expect(first == both)
  }

  @Test func `of nothing have no statistics`() {
    #expect(ImageHistogram(channelCount: 1, bitDepth: 8).statistics == nil)
  }
}
