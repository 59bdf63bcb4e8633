// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Geometry
import Splats

/// Returns a cloud as SPZ, version 3 or 4, turned into SPZ's axes; see `SPZHeader`.
///
/// Quantisation follows the reference writer: positions to 2^-bits, opacities to 1/255, degree-0
/// colours to 1/38.25, log scales to 1/16 (6 %), rotations to 1/511 of sqrt(1/2), coefficients
/// to 1/16 at degree 1 and 1/8 above. Values outside a byte's range are clamped.
func encodeSPZ(
  _ cloud: SplatCloud, version: Int, antialiased: Bool, file: String
) throws(InputError) -> [UInt8] {
  try requireFinite(cloud, file: file)
  guard cloud.count <= SplatFile.largestCount else {
    throw InputError(
      file: file, field: "splats", found: "\(cloud.count)",
      expected: "at most \(SplatFile.largestCount)")
  }
  let fractionalBits = try chooseFractionalBits(cloud.positions, file: file)
  let sections = [
    positionBytes(cloud, fractionalBits: fractionalBits),
    cloud.opacityLogits.map { byte(255 / (1 + exp(-$0))) },
    bytes(cloud.sh0) { $0 * SPZColour.gain * 255 + 127.5 },
    bytes(cloud.logScales) { ($0 + 10) * 16 },
    rotationBytes(cloud.rotations),
    restBytes(cloud),
  ].filter { !$0.isEmpty }

  var header = SPZHeader.magic
  header += littleEndianBytes(UInt32(version))
  header += littleEndianBytes(UInt32(cloud.count))
  let flags = antialiased ? SPZHeader.antialiasedFlag : 0
  header += [UInt8(cloud.shDegree), UInt8(fractionalBits), flags]
  if version < 4 {
    let plain = sections.reduce(header + [0], +)
    return Zlib.compress(plain.span, container: .gzip)
  }
  header.append(UInt8(sections.count))
  header += littleEndianBytes(UInt32(SPZHeader.longByteCount))
  header += [UInt8](repeating: 0, count: SPZHeader.longByteCount - header.count)
  let streams = sections.map { Zstandard.compress($0.span, level: referenceLevel) }
  for (stream, section) in zip(streams, sections) {
    header += littleEndianBytes(UInt64(stream.count))
    header += littleEndianBytes(UInt64(section.count))
  }
  return streams.reduce(header, +)
}

/// The zstd level of the reference writer.
private let referenceLevel: Int32 = 12

/// Returns 12 bits, or fewer where the scene is larger than the 2048 m they reach.
private func chooseFractionalBits(
  _ positions: [SIMD3<Float>], file: String
) throws(InputError) -> Int {
  // The reference writer's 12 bits are steps of 0.24 mm; below 8 bits (4 mm) one far splat would
  // spoil all others without a word.
  let (most, least) = (12, 8)
  let largestFixed: Float = 8_388_607
  var reach: Float = 0
  for position in positions {
    reach = max(reach, max(abs(position.x), max(abs(position.y), abs(position.z))))
  }
  for bits in (least...most).reversed() where (reach * Float(1 << bits)).rounded() <= largestFixed {
    return bits
  }
  throw InputError(
    file: file, field: "positions", found: "a splat at \(reach)",
    expected: "at most \(Int(largestFixed) >> least) in SPZ")
}

private func littleEndianBytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
  (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}

private func byte(_ value: Float) -> UInt8 { UInt8(min(max(value.rounded(), 0), 255)) }

private func bytes(_ column: [SIMD3<Float>], _ encode: (Float) -> Float) -> [UInt8] {
  var output: [UInt8] = []
  output.reserveCapacity(column.count * 3)
  for value in column {
    output.append(byte(encode(value.x)))
    output.append(byte(encode(value.y)))
    output.append(byte(encode(value.z)))
  }
  return output
}

private func positionBytes(_ cloud: SplatCloud, fractionalBits: Int) -> [UInt8] {
  let signs = AxisFlip.rdfFromRUB.axisSigns * Float(1 << fractionalBits)
  var output: [UInt8] = []
  output.reserveCapacity(cloud.count * 9)
  for position in cloud.positions {
    let scaled = position * signs
    for axis in 0..<3 {
      let fixed = UInt32(bitPattern: Int32(scaled[axis].rounded()))
      output.append(UInt8(truncatingIfNeeded: fixed))
      output.append(UInt8(truncatingIfNeeded: fixed >> 8))
      output.append(UInt8(truncatingIfNeeded: fixed >> 16))
    }
  }
  return output
}

/// The smallest-three words of versions 3 and up.
private func rotationBytes(_ rotations: [Quaternion<Float>]) -> [UInt8] {
  var output: [UInt8] = []
  output.reserveCapacity(rotations.count * 4)
  let signs = AxisFlip.rdfFromRUB.rotationSigns
  for rotation in rotations {
    let unit = rotation.normalized
    let xyzw = SIMD4(unit.x * signs.x, unit.y * signs.y, unit.z * signs.z, unit.w)
    var largest = 0
    for index in 1..<4 where abs(xyzw[index]) > abs(xyzw[largest]) { largest = index }
    // q and -q are one rotation: the largest part is stored as positive.
    let isNegated = xyzw[largest] < 0
    var word = UInt32(largest)
    for index in 0..<4 where index != largest {
      let magnitude = UInt32(511 * (abs(xyzw[index]) / Float(0.5).squareRoot()) + 0.5)
      // Zero has no sign, so that what is read is written to the same bytes.
      let sign: UInt32 = magnitude > 0 && (xyzw[index] < 0) != isNegated ? 512 : 0
      word = word << 10 | sign | min(magnitude, 511)
    }
    output += littleEndianBytes(word)
  }
  return output
}

/// The coefficients of degrees 1 and up, snapped to the middle of 5-bit or 4-bit buckets.
private func restBytes(_ cloud: SplatCloud) -> [UInt8] {
  let width = cloud.restCoefficientCount * 3
  guard width > 0 else { return [] }
  let degreeOneWidth = 9
  let signs = AxisFlip.rdfFromRUB.coefficientSigns(degree: cloud.shDegree)
  return cloud.shRest.indices.map { index in
    let place = index % width
    let value = cloud.shRest[index] * signs[place / 3]
    let bucket = place < degreeOneWidth ? 8 : 16
    // Clamped first: a coefficient of 1e30 fits no integer.
    let level = Int((min(max(value, -2), 2) * 128).rounded()) + 128
    return UInt8(min(max((level + bucket / 2) / bucket * bucket, 0), 255))
  }
}
