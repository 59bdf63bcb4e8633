// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// An 8 x 8 block and its discrete cosine transform in integers.
///
/// Source: Loeffler, Ligtenberg, Moschytz, "Practical fast 1-D DCT algorithms with 11
/// multiplications", ICASSP 1989, figure 1, in the fixed point of libjpeg's "islow": constants of
/// 13 bits, two bits kept between the two passes, each product rounded once. Eight columns, or
/// rows, are worked on at a time.
struct CosineBlock {
  typealias Lanes = SIMD8<Int32>

  /// The rows: values, or coefficients of growing vertical frequency.
  private(set) var rows: InlineArray<8, Lanes>

  /// Makes a block from its values, -128...127.
  init(_ value: (_ row: Int, _ column: Int) -> Int32) {
    rows = InlineArray { row in
      var lanes = Lanes()
      for column in 0..<8 { lanes[column] = value(row, column) }
      return lanes
    }
  }

  /// Turns values into coefficients, 8 times as large as those of T.81.
  mutating func transform() {
    transpose()
    forwardPass(keptBits: Self.passBits, isFirst: true)
    transpose()
    forwardPass(keptBits: -Self.passBits, isFirst: false)
  }

  /// Rounds coefficients, 8 times too large, to multiples of the steps of their rows; halves are
  /// rounded away from 0.
  mutating func round(toSteps steps: [Lanes]) {
    for row in 0..<8 {
      let divisor = steps[row] &* 8
      let isNegative = rows[row] .< 0
      let size = rows[row].replacing(with: 0 &- rows[row], where: isNegative)
      let multiple = (size &+ (divisor &>> 1)) / divisor &* steps[row]
      rows[row] = multiple.replacing(with: 0 &- multiple, where: isNegative)
    }
  }

  /// Turns coefficients into values.
  mutating func transformBack() {
    inversePass(shift: Self.constantBits - Self.passBits)
    transpose()
    inversePass(shift: Self.constantBits + Self.passBits + 3)
    transpose()
  }

  // MARK: - One-dimensional transforms down the rows

  private static let constantBits: Int32 = 13
  private static let passBits: Int32 = 2

  // 2^13 times sums and differences of the square root of 2 and the cosines of k pi / 16.
  private static let c0_298631336: Int32 = 2446
  private static let c0_390180644: Int32 = 3196
  private static let c0_541196100: Int32 = 4433
  private static let c0_765366865: Int32 = 6270
  private static let c0_899976223: Int32 = 7373
  private static let c1_175875602: Int32 = 9633
  private static let c1_501321110: Int32 = 12299
  private static let c1_847759065: Int32 = 15137
  private static let c1_961570560: Int32 = 16069
  private static let c2_053119869: Int32 = 16819
  private static let c2_562915447: Int32 = 20995
  private static let c3_072711026: Int32 = 25172

  /// A forward transform; its results keep some bits more than the input or, if negative, fewer.
  private mutating func forwardPass(keptBits: Int32, isFirst: Bool) {
    let (sum0, difference7) = (rows[0] &+ rows[7], rows[0] &- rows[7])
    let (sum1, difference6) = (rows[1] &+ rows[6], rows[1] &- rows[6])
    let (sum2, difference5) = (rows[2] &+ rows[5], rows[2] &- rows[5])
    let (sum3, difference4) = (rows[3] &+ rows[4], rows[3] &- rows[4])
    let (even0, even3) = (sum0 &+ sum3, sum0 &- sum3)
    let (even1, even2) = (sum1 &+ sum2, sum1 &- sum2)
    if isFirst {
      rows[0] = (even0 &+ even1) &<< Lanes(repeating: keptBits)
      rows[4] = (even0 &- even1) &<< Lanes(repeating: keptBits)
    } else {
      rows[0] = Self.descale(even0 &+ even1, -keptBits)
      rows[4] = Self.descale(even0 &- even1, -keptBits)
    }
    let shift = Self.constantBits - keptBits
    let turn = (even2 &+ even3) &* Self.c0_541196100
    rows[2] = Self.descale(turn &+ even3 &* Self.c0_765366865, shift)
    rows[6] = Self.descale(turn &- even2 &* Self.c1_847759065, shift)
    let odd = Self.oddPart(difference4, difference5, difference6, difference7)
    rows[7] = Self.descale(odd[0], shift)
    rows[5] = Self.descale(odd[1], shift)
    rows[3] = Self.descale(odd[2], shift)
    rows[1] = Self.descale(odd[3], shift)
  }

  /// An inverse transform, its results divided by 2^shift.
  private mutating func inversePass(shift: Int32) {
    let turn = (rows[2] &+ rows[6]) &* Self.c0_541196100
    let even2 = turn &- rows[6] &* Self.c1_847759065
    let even3 = turn &+ rows[2] &* Self.c0_765366865
    let bits = Lanes(repeating: Self.constantBits)
    let (even0, even1) = ((rows[0] &+ rows[4]) &<< bits, (rows[0] &- rows[4]) &<< bits)
    let odd = Self.oddPart(rows[7], rows[5], rows[3], rows[1])
    let outer = [even0 &+ even3, even1 &+ even2, even1 &- even2, even0 &- even3]
    for index in 0..<4 {
      rows[index] = Self.descale(outer[index] &+ odd[3 - index], shift)
      rows[7 - index] = Self.descale(outer[index] &- odd[3 - index], shift)
    }
  }

  /// The rotations that both directions share, of the differences 4 to 7 or the coefficients 7, 5,
  /// 3 and 1; before rounding.
  private static func oddPart(_ a: Lanes, _ b: Lanes, _ c: Lanes, _ d: Lanes) -> [Lanes] {
    let all = (a &+ c &+ b &+ d) &* c1_175875602
    let outer = (a &+ d) &* c0_899976223
    let inner = (b &+ c) &* c2_562915447
    let first = all &- (a &+ c) &* c1_961570560
    let second = all &- (b &+ d) &* c0_390180644
    return [
      a &* c0_298631336 &- outer &+ first, b &* c2_053119869 &- inner &+ second,
      c &* c3_072711026 &- inner &+ first, d &* c1_501321110 &- outer &+ second,
    ]
  }

  /// Divides by 2^shift and rounds to the nearest, halves up.
  private static func descale(_ value: Lanes, _ shift: Int32) -> Lanes {
    (value &+ (1 &<< (shift - 1))) &>> Lanes(repeating: shift)
  }

  /// Exchanges rows and columns.
  ///
  /// Each of three steps turns the six bits of (row, column) by one: the column's last becomes the
  /// row's first.
  private mutating func transpose() {
    for _ in 0..<3 {
      let before = rows
      for pair in 0..<4 {
        let (first, second) = (before[2 * pair], before[2 * pair + 1])
        rows[pair] = Lanes(lowHalf: first.evenHalf, highHalf: second.evenHalf)
        rows[pair + 4] = Lanes(lowHalf: first.oddHalf, highHalf: second.oddHalf)
      }
    }
  }
}
