// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
package import Splats

// MARK: - Splats to bytes

extension SplatPage {
  /// Quantises the splats of a cell.
  ///
  /// - Parameters:
  ///   - cloud: 1...`largestCount` splats, finite in all parts, positions in metres from the
  ///     cell's centre.
  ///   - isAntialiased: whether they were trained with Mip-Splatting's compensation.
  ///
  /// - Complexity: O(n log n).
  package init(_ cloud: SplatCloud, isAntialiased: Bool = false) {
    cloud.checkInvariants()
    self.init(SplatColumns(cloud), isAntialiased: isAntialiased)
  }

  /// Quantises the splats of a cell slowly: the twin of the kernels.
  init(slowly cloud: SplatCloud, isAntialiased: Bool = false) {
    cloud.checkInvariants()
    precondition((1...Self.largestCount).contains(cloud.count), "a page has splats, not too many")
    let ranges = PageRanges(of: cloud)
    let order = Self.curveOrder(cloud, ranges)
    let ids = cloud.instanceIDs
    let instances = ids.isEmpty ? [0] : Set(ids).sorted()
    precondition(instances.count <= 1 << 16, "a page has at most 65536 instances")
    let count = cloud.count
    let columnCount = Self.fixedColumnCount + Self.instanceColumnCount(instances.count)
    var columns = [UInt8](repeating: 0, count: columnCount * count)
    for (slot, entry) in order.enumerated() {
      let index = Int(entry.index)
      func put(_ column: Int, _ value: UInt32) {
        columns[column * count + slot] = UInt8(truncatingIfNeeded: value)
      }
      let place = entry.place
      for axis in 0..<3 {
        put(2 * axis, place[axis])
        put(2 * axis + 1, place[axis] >> 8)
        let log = (cloud.logScales[index][axis] - ranges.logScaleLow) / ranges.logScaleStep
        put(Self.scaleColumn + axis, whole(log, 255))
        let colour = displayColour(cloud.sh0[index][axis]) - ranges.colourLow[axis]
        put(Self.colourColumn + axis, whole(colour / ranges.colourStep[axis], 255))
      }
      let rotation = word(of: cloud.rotations[index])
      for byte in 0..<4 { put(Self.rotationColumn + byte, rotation >> (8 * UInt32(byte))) }
      let opacity = 1 / (1 + exp(-cloud.opacityLogits[index]))
      put(Self.opacityColumn, whole(opacity * 255, 255))
    }
    if instances.count > 1 {
      let places = Dictionary(uniqueKeysWithValues: zip(instances, 0 as UInt32..<65_536))
      for (slot, entry) in order.enumerated() {
        let place = places[ids[Int(entry.index)]] ?? 0
        columns[Self.fixedColumnCount * count + slot] = UInt8(truncatingIfNeeded: place)
        guard instances.count > 256 else { continue }
        columns[(Self.fixedColumnCount + 1) * count + slot] = UInt8(truncatingIfNeeded: place >> 8)
      }
    }
    self.init(
      shDegree: cloud.shDegree, isAntialiased: isAntialiased, instances: instances, ranges: ranges,
      columns: (
        count, columns,
        Self.restColumns(
          cloud.shRest, shDegree: cloud.shDegree, order: order.map(\.index),
          steps: ranges.restStep)
      ))
  }

  /// A splat on its way into a page: where it is on the curve, in the cloud, and in the cell.
  private struct Entry {
    var code: UInt64
    var index: UInt32
    var place: SIMD3<UInt32>
  }

  private static func curveOrder(_ cloud: SplatCloud, _ ranges: PageRanges) -> [Entry] {
    var entries = cloud.positions.indices.map { index in
      let steps = (cloud.positions[index] - ranges.positionLow) / ranges.positionStep
      let place = SIMD3(
        whole(steps.x, largestPosition), whole(steps.y, largestPosition),
        whole(steps.z, largestPosition))
      let code = spread(place.x) | spread(place.y) << 1 | spread(place.z) << 2
      return Entry(code: code, index: UInt32(index), place: place)
    }
    entries.sort { ($0.code, $0.index) < ($1.code, $1.index) }
    return entries
  }

  /// The degree of the SH coefficient that a column of the cold part belongs to.
  static func degree(ofRestColumn column: Int) -> Int {
    let coefficient = column / 3
    return coefficient < 3 ? 1 : coefficient < 8 ? 2 : coefficient < 15 ? 3 : 4
  }
}

extension PageRanges {
  /// The ranges that hold all splats of a cloud.
  init(of cloud: SplatCloud) {
    let huge = SIMD3<Float>(repeating: .infinity)
    var (low, high) = (huge, -huge)
    var (darkest, brightest) = (huge, -huge)
    var (smallest, largest) = (huge, -huge)
    for index in 0..<cloud.count {
      low = pointwiseMin(low, cloud.positions[index])
      high = pointwiseMax(high, cloud.positions[index])
      smallest = pointwiseMin(smallest, cloud.logScales[index])
      largest = pointwiseMax(largest, cloud.logScales[index])
      darkest = pointwiseMin(darkest, cloud.sh0[index])
      brightest = pointwiseMax(brightest, cloud.sh0[index])
    }
    self.init(
      positions: (low, high), logScales: (smallest, largest),
      colours: (
        0.5 + Float(SphericalHarmonics.c0) * darkest, 0.5 + Float(SphericalHarmonics.c0) * brightest
      ), restStep: Self.restStep(cloud.shRest, shDegree: cloud.shDegree))
  }

  /// The ranges between the least and the largest of each number.
  init(
    positions: (SIMD3<Float>, SIMD3<Float>), logScales: (SIMD3<Float>, SIMD3<Float>),
    colours: (SIMD3<Float>, SIMD3<Float>), restStep: SIMD4<Float>
  ) {
    let floor = SIMD3<Float>(repeating: leastStep)
    self.init(
      positionLow: positions.0,
      positionStep: pointwiseMax((positions.1 - positions.0) / SplatPage.largestPosition, floor),
      logScaleLow: logScales.0.min(),
      logScaleStep: max((logScales.1.max() - logScales.0.min()) / 255, leastStep),
      colourLow: colours.0, colourStep: pointwiseMax((colours.1 - colours.0) / 255, floor),
      restStep: restStep)
  }

  /// The steps that hold the coefficients of each degree.
  static func restStep(_ rest: [Float], shDegree: Int) -> SIMD4<Float> {
    var step = SIMD4<Float>(repeating: leastStep)
    let perSplat = ((shDegree + 1) * (shDegree + 1) - 1) * 3
    for (place, value) in rest.enumerated() {
      let degree = SplatPage.degree(ofRestColumn: place % perSplat)
      step[degree - 1] = max(step[degree - 1], abs(value) / 127)
    }
    return step
  }
}

/// A step for what does not vary, so that nothing is divided by zero.
private let leastStep: Float = 1e-9

private func displayColour(_ coefficient: Float) -> Float {
  0.5 + Float(SphericalHarmonics.c0) * coefficient
}

/// Rounds to a whole number from 0 to a largest one.
private func whole(_ value: Float, _ largest: Float) -> UInt32 {
  UInt32(max(0, min(largest, value.rounded())))
}

/// Puts two zero bits between the 16 bits of a coordinate.
private func spread(_ coordinate: UInt32) -> UInt64 {
  var bits = UInt64(coordinate)
  bits = (bits | bits << 16) & 0x0000_FF00_00FF
  bits = (bits | bits << 8) & 0x00F0_0F00_F00F
  bits = (bits | bits << 4) & 0x0C30_C30C_30C3
  return (bits | bits << 2) & 0x2492_4924_9249
}

private func word(of rotation: Quaternion<Float>) -> UInt32 {
  let unit = rotation.normalized
  let parts = SIMD4(unit.w, unit.x, unit.y, unit.z)
  var largest = 0
  for part in 1..<4 where abs(parts[part]) > abs(parts[largest]) { largest = part }
  let sign: Float = parts[largest] < 0 ? -1 : 1
  var word = UInt32(largest)
  for part in 0..<4 where part != largest {
    let share = (sign * parts[part] * Float(2).squareRoot() + 1) / 2
    word = word << 10 | whole(share * 1023, 1023)
  }
  return word
}

// MARK: - Bytes to splats

extension SplatPage {
  /// The splats, positions in metres from the cell's centre.
  ///
  /// - Complexity: O(n).
  package var cloud: SplatCloud {
    var cloud = SplatCloud(shDegree: shDegree)
    let (n, ranges) = (count, ranges)
    cloud.positions = (0..<n).map { slot in
      var place = SIMD3<Float>()
      for axis in 0..<3 {
        let low = UInt32(columns[2 * axis * n + slot])
        place[axis] = Float(low | UInt32(columns[(2 * axis + 1) * n + slot]) << 8)
      }
      return ranges.positionLow + ranges.positionStep * place
    }
    cloud.logScales = (0..<n).map { slot in
      let steps = triple(Self.scaleColumn, slot)
      return ranges.logScaleLow + ranges.logScaleStep * steps
    }
    cloud.rotations = (0..<n).map { rotation($0) }
    cloud.opacityLogits = (0..<n).map { opacityLogit[Int(columns[Self.opacityColumn * n + $0])] }
    let inverse = 1 / Float(SphericalHarmonics.c0)
    cloud.sh0 = (0..<n).map { slot in
      let colour = ranges.colourLow + ranges.colourStep * triple(Self.colourColumn, slot)
      return (colour - 0.5) * inverse
    }
    let perSplat = cloud.restCoefficientCount * 3
    cloud.shRest = Array(repeating: 0, count: perSplat * n)
    for column in 0..<perSplat {
      let step = ranges.restStep[Self.degree(ofRestColumn: column) - 1]
      for slot in 0..<n {
        cloud.shRest[slot * perSplat + column] = step * Float(rest[column * n + slot])
      }
    }
    if instances != [0] { cloud.instanceIDs = (0..<n).map { instances[instancePlace($0)] } }
    return cloud
  }

  private func triple(_ column: Int, _ slot: Int) -> SIMD3<Float> {
    SIMD3(
      Float(columns[column * count + slot]), Float(columns[(column + 1) * count + slot]),
      Float(columns[(column + 2) * count + slot]))
  }

  func instancePlace(_ slot: Int) -> Int {
    guard instances.count > 1 else { return 0 }
    let first = Self.fixedColumnCount * count + slot
    return Int(columns[first]) | (instances.count > 256 ? Int(columns[first + count]) << 8 : 0)
  }

  func rotation(_ slot: Int) -> Quaternion<Float> {
    var word: UInt32 = 0
    for byte in 0..<4 {
      word |= UInt32(columns[(Self.rotationColumn + byte) * count + slot]) << (8 * UInt32(byte))
    }
    let largest = Int(word >> 30)
    var parts = SIMD4<Float>()
    var shift: UInt32 = 20
    for part in 0..<4 where part != largest {
      let share = Float(word >> shift & 1023) / 1023
      parts[part] = (share * 2 - 1) / Float(2).squareRoot()
      shift &-= 10
    }
    parts[largest] = max(0, 1 - (parts * parts).sum()).squareRoot()
    return Quaternion(wxyz: parts).normalized
  }
}

/// The logits of the 256 opacities; those of 0 and 1 are the ones that readers of files give.
private let opacityLogit: [Float] = (0...255).map { step in
  switch step {
  case 0: -SplatCloud.opaqueLogit
  case 255: SplatCloud.opaqueLogit
  default: log(Float(step) / Float(255 - step))
  }
}
