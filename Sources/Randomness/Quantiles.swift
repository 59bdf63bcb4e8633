// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Inverse distribution functions: they turn one uniform number into one of another distribution.
package enum Quantile {
  /// Returns the number that a standard normal variable stays below with a probability in 0...1.
  ///
  /// Source: Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied
  /// Statistics 37, 1988, PPND16: about 16 digits. -infinity at 0, +infinity at 1.
  package static func normal(_ probability: Double) -> Double {
    let q = probability - 0.5
    if abs(q) <= 0.425 {
      let r = 0.180625 - q * q
      return q * polynomial(central.numerator, r) / polynomial(central.denominator, r)
    }
    let r = (-log(min(probability, 1 - probability))).squareRoot()
    guard r.isFinite else { return q < 0 ? -.infinity : .infinity }
    let size =
      r <= 5
      ? polynomial(middle.numerator, r - 1.6) / polynomial(middle.denominator, r - 1.6)
      : polynomial(tail.numerator, r - 5) / polynomial(tail.denominator, r - 5)
    return q < 0 ? -size : size
  }

  /// Returns the least count that a Poisson variable exceeds with less than `1 - probability`.
  ///
  /// The probability is in 0..<1 and the mean finite; a mean of 0 or less always counts 0.
  ///
  /// Below a mean of 10 the sum of the distribution, exact to rounding. From there on its expansion
  /// by powers of the mean's root up to 1 / mean, of which at most one count in 2000 is off by one,
  /// the mean by 3e-7 of itself, the variance by 3e-4 of itself; both fall quickly.
  ///
  /// Source: Giles, "Algorithm 955: approximation of the inverse Poisson cumulative distribution
  /// function", ACM TOMS 42, 2016, section 2.
  package static func poisson(_ probability: Double, mean: Double) -> Double {
    guard mean >= smallestExpandedMean else { return summedPoisson(probability, mean: mean) }
    let w = normal(probability)
    let root = mean.squareRoot()
    let s = w * w
    let shift = 1.0 / 3 + s / 6
    let first = -w * (1.0 / 36 + s / 72)
    let second = -8.0 / 405 + s * (7.0 / 810 + s / 270)
    return max(0, (mean + root * w + shift + first / root + second / mean).rounded(.down))
  }

  private static let smallestExpandedMean = 10.0

  private static func summedPoisson(_ probability: Double, mean: Double) -> Double {
    guard mean > 0 else { return 0 }
    var count = 0.0
    var term = exp(-mean)
    var sum = term
    // Beyond 100 a mean below 10 has less than 1e-60 left, which rounding may hide from the sum.
    while sum <= probability, count < 100 {
      count += 1
      term *= mean / count
      sum += term
    }
    return count
  }

  private typealias Ratio = (numerator: SIMD8<Double>, denominator: SIMD8<Double>)

  /// Coefficients from the constant upwards, by Horner's rule.
  private static func polynomial(_ coefficients: SIMD8<Double>, _ x: Double) -> Double {
    var sum = coefficients[7]
    for index in stride(from: 6, through: 0, by: -1) { sum = sum * x + coefficients[index] }
    return sum
  }

  private static var central: Ratio {
    (
      SIMD8(
        3.387_132_872_796_366_608, 133.141_667_891_784_377_45, 1971.590_950_306_551_442_7,
        13731.693_765_509_461_125, 45921.953_931_549_871_457, 67265.770_927_008_700_853,
        33430.575_583_588_128_105, 2509.080_928_730_122_672_7),
      SIMD8(
        1, 42.313_330_701_600_911_252, 687.187_007_492_057_908_30, 5394.196_021_424_751_107_7,
        21213.794_301_586_595_867, 39307.895_800_092_710_610, 28729.085_735_721_942_674,
        5226.495_278_852_854_561_0)
    )
  }
  private static var middle: Ratio {
    (
      SIMD8(
        1.423_437_110_749_683_577_34, 4.630_337_846_156_545_295_90, 5.769_497_221_460_691_405_50,
        3.647_848_324_763_204_605_04, 1.270_458_252_452_368_382_58, 0.241_780_725_177_450_611_770,
        2.272_384_498_926_918_458_33e-2, 7.745_450_142_783_414_076_40e-4),
      SIMD8(
        1, 2.053_191_626_637_758_821_87, 1.676_384_830_183_803_849_40,
        0.689_767_334_985_100_004_550,
        0.148_103_976_427_480_074_590, 1.519_866_656_361_645_719_66e-2,
        5.475_938_084_995_344_946_00e-4, 1.050_750_071_644_416_843_24e-9)
    )
  }
  private static var tail: Ratio {
    (
      SIMD8(
        6.657_904_643_501_103_777_20, 5.463_784_911_164_114_369_90, 1.784_826_539_917_291_335_80,
        0.296_560_571_828_504_891_230, 2.653_218_952_657_612_309_30e-2,
        1.242_660_947_388_078_438_60e-3, 2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7),
      SIMD8(
        1, 0.599_832_206_555_887_937_690, 0.136_929_880_922_735_805_310,
        1.487_536_129_085_061_485_25e-2, 7.868_691_311_456_132_591_00e-4,
        1.846_318_317_510_054_681_80e-5, 1.421_511_758_316_445_888_70e-7,
        2.044_263_103_389_939_785_64e-15)
    )
  }
}
