// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Randomness
import Testing

@Suite struct Quantiles {
  // python: mpmath 1.3, findroot of log ncdf(x) = log p at 30 digits.
  @Test(arguments: [
    (1e-300, -37.0470962993611992), (1e-20, -9.26234008979840757), (1e-5, -4.26489079392282463),
    (0.05, -1.64485362695147271), (0.1, -1.28155156554460047), (0.3, -0.524400512708040784),
    (0.5, 0), (0.7, 0.524400512708040784), (0.925, 1.43953147093845592),
    (0.95, 1.64485362695147271), (0.999, 3.09023230616781354),
  ])
  func `of the normal distribution have fifteen digits`(probability: Double, expected: Double) {
    // Near one a probability itself has only 16 digits, and the quantile loses a few to it.
    #expect(abs(Quantile.normal(probability) - expected) <= 2e-15 * max(1, abs(expected)) * 4)
  }

  @Test func `of the normal distribution are infinite for what is certain`() {
    #expect(Quantile.normal(0) == -.infinity)
    #expect(Quantile.normal(1) == .infinity)
  }

  // python: scipy.stats.poisson.ppf(probabilities, mean), SciPy 1.16.
  @Test(
    arguments: [
      (0.5, [0, 0, 0, 0, 1, 2, 7]), (3, [0, 1, 2, 3, 4, 6, 14]), (9.5, [0, 5, 8, 9, 12, 15, 27]),
      (10, [0, 5, 8, 10, 12, 15, 28]), (25, [5, 17, 22, 25, 29, 33, 52]),
      (1000, [853, 948, 984, 1000, 1023, 1052, 1154]),
      (40000, [39053, 39671, 39901, 40000, 40148, 40329, 40954]),
    ] as [(Double, [Double])])
  func `of the Poisson distribution agree with SciPy's`(mean: Double, expected: [Double]) {
    let probabilities = [1e-6, 0.05, 0.31, 0.5, 0.77, 0.95, 0.999999]
    #expect(probabilities.map { Quantile.poisson($0, mean: mean) } == expected)
  }

  @Test func `of the Poisson distribution are zero for no light`() {
    #expect(Quantile.poisson(0.999, mean: 0) == 0)
    #expect(Quantile.poisson(0.999, mean: -3) == 0)
    #expect(Quantile.poisson(1 - 0x1p-53, mean: 1e-300) == 0)
    #expect(Quantile.poisson(0x1p-53, mean: 12) == 0)
  }

  @Test(arguments: [0.2, 2, 9.99, 10, 30, 500, 20_000])
  func `have the Poisson distribution's mean and variance`(mean: Double) {
    // Equally spaced probabilities: no chance, so the bounds are the spacing's and the expansion's.
    let count = 100_000
    var sums = SIMD2<Double>.zero
    for index in 0..<count {
      let value = Quantile.poisson((Double(index) + 0.5) / Double(count), mean: mean)
      sums += SIMD2(value - mean, (value - mean) * (value - mean))
    }
    sums /= Double(count)
    #expect(abs(sums.x) < 1e-5 * max(1, mean))
    #expect(abs(sums.y / mean - 1) < 5e-4)
  }
}
