// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Files
import Geometry
import Splats

/// The splats of one cell as the scene file stores them: columns of bytes.
///
/// A page has a hot part, which every picture needs, and a cold one with the colour that depends on
/// the direction of view. Both are compressed with zstd in the file. The plain hot part, all
/// numbers little-endian, n splats, p instances:
///
///     0    char[4]     "DSP1"
///     4    uint32      n
///     8    uint8       SH degree, 0...4; 0 where there is no cold part
///     9    uint8       1 when trained with antialiasing, else 0
///     10   uint16      0
///     12   uint32      p, 1...65536
///     16   float[3]    least position, metres from the cell's centre
///     28   float[3]    step of positions, metres
///     40   float[2]    least logarithm of a deviation, and its step
///     48   float[3]    least colour, display-referred sRGB, of degree 0
///     60   float[3]    step of colours
///     72   float[4]    step of the coefficients of degrees 1 to 4
///     88   uint32[p]   the instances, ascending
///     ...  uint8[n]    columns, one after the other: x low byte, x high byte, y, y, z, z;
///                      logarithms of three deviations; rotation, four bytes from the lowest on;
///                      opacity; red, green, blue; where p > 1 the place in the list of
///                      instances, its low byte, and where p > 256 its high byte
///
/// A value is `least + step * q`, an opacity `q / 255`. A rotation has its largest part left out:
/// bits 30-31 say which of w x y z, the others follow from bit 20 down to 0, each `(q / 1023 * 2 -
/// 1) / sqrt(2)`, and the sign is that which makes the largest positive. The plain cold part is n
/// bytes for each coefficient of degree 1 and up and each of its channels, coefficient-major, RGB
/// inner, signed, `step of the degree * q`. Splats lie along a Morton curve of their positions.
///
/// 17 to 19 bytes a splat before compression, and 3 for each coefficient above degree 0.
package struct SplatPage: Equatable, Sendable {
  /// The number of splats.
  package let count: Int
  /// The highest degree of the colour's spherical harmonics.
  package let shDegree: Int
  /// Whether the splats were trained with Mip-Splatting's compensation.
  package let isAntialiased: Bool
  /// The instances of the splats, ascending, at least one.
  package let instances: [UInt32]
  let ranges: PageRanges
  /// The columns of the hot part: [columnCount x count].
  let columns: [UInt8]
  /// The columns of the cold part: [K x 3 x count]; empty at degree 0.
  let rest: [Int8]

  /// The most splats of a page.
  package static let largestCount = 1 << 20
  static let headerSize = 88
  static let magic = Array("DSP1".utf8)
  /// The hot columns without those of instances.
  static let fixedColumnCount = 17
  static let scaleColumn = 6
  static let rotationColumn = 9
  static let opacityColumn = 13
  static let colourColumn = 14
  /// The largest position, of 16 bits.
  static let largestPosition: Float = 65_535

  /// The columns that say which instance a splat has.
  static func instanceColumnCount(_ instanceCount: Int) -> Int {
    instanceCount == 1 ? 0 : instanceCount <= 256 ? 1 : 2
  }

  /// Makes a page from parts that belong together.
  init(
    shDegree: Int, isAntialiased: Bool, instances: [UInt32], ranges: PageRanges,
    columns: (count: Int, hot: [UInt8], rest: [Int8])
  ) {
    self.shDegree = shDegree
    self.isAntialiased = isAntialiased
    self.instances = instances
    self.ranges = ranges
    count = columns.count
    self.columns = columns.hot
    rest = columns.rest
  }
}

/// From where and in which steps the numbers of a page count.
struct PageRanges: Equatable, Sendable {
  var positionLow: SIMD3<Float>
  var positionStep: SIMD3<Float>
  var logScaleLow: Float
  var logScaleStep: Float
  var colourLow: SIMD3<Float>
  var colourStep: SIMD3<Float>
  /// Of degrees 1 to 4.
  var restStep: SIMD4<Float>
}

/// The most by which storing a page may change its splats.
package struct PageErrorBounds: Equatable, Sendable {
  /// Along each axis, metres.
  package var position: SIMD3<Float>
  /// Of the logarithm of a deviation; as a share of the deviation, nearly the same.
  package var logScale: Float
  /// Of the angle between the rotations, radians.
  package var rotation: Float
  /// Of the opacity.
  package var opacity: Float
  /// Of the colour of degree 0, display-referred sRGB.
  package var colour: SIMD3<Float>
  /// Of the coefficients of degrees 1 to 4.
  package var rest: SIMD4<Float>
}

extension SplatPage {
  /// The bounds of this page: half a step of each number, and what float arithmetic adds to it.
  ///
  /// Of a rotation three parts are off by up to h = 1 / (1023 sqrt(2)). The fourth is the largest,
  /// so it is off by 3 h at most, and the chord sqrt(12) h is half of the angle.
  package var errorBounds: PageErrorBounds {
    let roundingShare: Float = 0.5 + 1 / 64
    return PageErrorBounds(
      position: ranges.positionStep * roundingShare, logScale: ranges.logScaleStep * roundingShare,
      rotation: 0.005, opacity: 1 / 510 + 1e-6, colour: ranges.colourStep * roundingShare,
      rest: ranges.restStep * roundingShare)
  }
}

// MARK: - Bytes

extension SplatPage {
  /// The plain bytes of the hot part.
  package var hotBytes: [UInt8] {
    var bytes = Self.magic
    bytes.reserveCapacity(Self.headerSize + 4 * instances.count + columns.count)
    append(UInt32(count), to: &bytes)
    bytes += [UInt8(shDegree), isAntialiased ? 1 : 0, 0, 0]
    append(UInt32(instances.count), to: &bytes)
    for value in ranges.numbers { append(value.bitPattern, to: &bytes) }
    for instance in instances { append(instance, to: &bytes) }
    return bytes + columns
  }

  /// The plain bytes of the cold part, empty at degree 0.
  package var coldBytes: [UInt8] { rest.map { UInt8(bitPattern: $0) } }

  /// Reads the plain bytes of a page.
  ///
  /// - Parameters:
  ///   - hot: the hot part, and nothing after it.
  ///   - cold: the cold part; nil leaves the colour without its dependence on direction.
  ///   - file: the name used in errors.
  ///   - field: the name of the page in errors.
  /// - Throws: `InputError` where the bytes contradict themselves.
  package init(
    hot: [UInt8], cold: [UInt8]?, file: String, field: String
  ) throws(InputError) {
    func fail(_ part: String, _ found: String, _ expected: String) -> InputError {
      InputError(file: file, field: "\(field): \(part)", found: found, expected: expected)
    }
    var reader = ByteReader(file: file, bytes: hot)
    guard try reader.take(4, field: field) == Self.magic else {
      throw fail("first bytes", "\(hot.prefix(4))", "\"DSP1\"")
    }
    let count = Int(try reader.littleEndian(UInt32.self, field: field))
    let storedDegree = try reader.littleEndian(UInt8.self, field: field)
    let flags = try reader.littleEndian(UInt8.self, field: field)
    let reserved = try reader.littleEndian(UInt16.self, field: field)
    let instanceCount = Int(try reader.littleEndian(UInt32.self, field: field))
    guard (1...Self.largestCount).contains(count) else {
      throw fail("splats", "\(count)", "1 to \(Self.largestCount)")
    }
    guard storedDegree <= 4, flags <= 1, reserved == 0 else {
      throw fail(
        "degree, flags, reserved", "\(storedDegree), \(flags), \(reserved)", "0 to 4, 0 or 1, 0")
    }
    guard (1...min(count, 1 << 16)).contains(instanceCount) else {
      throw fail("instances", "\(instanceCount)", "1 to \(min(count, 1 << 16))")
    }
    let columnCount = Self.fixedColumnCount + Self.instanceColumnCount(instanceCount)
    let size = Self.headerSize + 4 * instanceCount + columnCount * count
    guard hot.count == size else { throw fail("size", "\(hot.count) bytes", "\(size)") }
    var numbers: [Float] = []
    for _ in 0..<PageRanges.numberCount { numbers.append(try reader.float(field: field)) }
    guard numbers.allSatisfy({ $0.isFinite && abs($0) < 1e9 }) else {
      throw fail("ranges", "one beyond 1e9", "finite numbers")
    }
    var instances: [UInt32] = []
    for _ in 0..<instanceCount { instances.append(try reader.littleEndian(field: field)) }
    guard zip(instances, instances.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw fail("instances", "some out of order", "ascending numbers")
    }
    let columns = Array(hot[reader.offset...])
    try Self.checkPlaces(columns, count, instanceCount, file: file, field: field)
    let shDegree = cold == nil ? 0 : Int(storedDegree)
    let restSize = ((shDegree + 1) * (shDegree + 1) - 1) * 3 * count
    guard (cold ?? []).count == restSize else {
      throw fail("cold part", "\((cold ?? []).count) bytes", "\(restSize)")
    }
    self.init(
      shDegree: shDegree, isAntialiased: flags == 1, instances: instances,
      ranges: PageRanges(numbers: numbers),
      columns: (count, columns, (cold ?? []).map { Int8(bitPattern: $0) }))
  }

  /// Throws unless each splat's place in the list of instances is one of it.
  private static func checkPlaces(
    _ columns: [UInt8], _ count: Int, _ instanceCount: Int, file: String, field: String
  ) throws(InputError) {
    let first = fixedColumnCount * count
    guard columns.count > first else { return }
    let largest = (0..<count).reduce(0) { largest, index in
      let high = instanceCount > 256 ? Int(columns[first + count + index]) << 8 : 0
      return max(largest, Int(columns[first + index]) | high)
    }
    guard largest < instanceCount else {
      throw InputError(
        file: file, field: "\(field): instance of a splat", found: "\(largest)",
        expected: "less than \(instanceCount)")
    }
  }
}

extension PageRanges {
  static let numberCount = 18

  /// The numbers in the order of the file.
  var numbers: [Float] {
    [
      positionLow.x, positionLow.y, positionLow.z, positionStep.x, positionStep.y, positionStep.z,
      logScaleLow, logScaleStep, colourLow.x, colourLow.y, colourLow.z, colourStep.x,
      colourStep.y, colourStep.z, restStep.x, restStep.y, restStep.z, restStep.w,
    ]
  }

  init(numbers n: [Float]) {
    self.init(
      positionLow: SIMD3(n[0], n[1], n[2]), positionStep: SIMD3(n[3], n[4], n[5]),
      logScaleLow: n[6], logScaleStep: n[7], colourLow: SIMD3(n[8], n[9], n[10]),
      colourStep: SIMD3(n[11], n[12], n[13]), restStep: SIMD4(n[14], n[15], n[16], n[17]))
  }
}

private func append(_ value: UInt32, to bytes: inout [UInt8]) {
  for shift in stride(from: 0 as UInt32, to: 32, by: 8) {
    bytes.append(UInt8(truncatingIfNeeded: value >> shift))
  }
}
