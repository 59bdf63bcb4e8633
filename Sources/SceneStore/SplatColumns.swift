// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Kernels
import Splats

/// Splats on their way into a page, by columns of numbers: what the kernels pack.
struct SplatColumns {
  let shDegree: Int
  let count: Int
  /// [columnCount x count]: x y z, three logarithms of deviations, rotation w x y z, opacity, red
  /// green blue (display-referred sRGB); metres.
  var numbers: [Float]
  /// Instances, ascending, at least one; some may have no splat.
  var instances: [UInt32]
  /// The place of each splat's instance among them: (count), empty where there is one.
  var places: [UInt32]
  /// [count x K x 3] as in `SplatCloud.shRest`.
  var rest: [Float]

  static let columnCount = Int(KERNELS_SPLAT_COLUMNS)

  /// Lays a cloud out by columns.
  init(_ cloud: SplatCloud) {
    (shDegree, count, rest) = (cloud.shDegree, cloud.count, cloud.shRest)
    let count = cloud.count
    let c0 = Float(SphericalHarmonics.c0)
    numbers = unsafe [Float](unsafeUninitializedCapacity: Self.columnCount * count) {
      numbers, initialized in
      initialized = Self.columnCount * count
      for index in 0..<count {
        let (position, logScale) = (cloud.positions[index], cloud.logScales[index])
        let (rotation, colour) = (cloud.rotations[index], 0.5 + c0 * cloud.sh0[index])
        for axis in 0..<3 {
          unsafe numbers[axis * count + index] = position[axis]
          unsafe numbers[(3 + axis) * count + index] = logScale[axis]
          unsafe numbers[(11 + axis) * count + index] = colour[axis]
        }
        unsafe numbers[6 * count + index] = rotation.w
        unsafe numbers[7 * count + index] = rotation.x
        unsafe numbers[8 * count + index] = rotation.y
        unsafe numbers[9 * count + index] = rotation.z
        unsafe numbers[10 * count + index] = 1 / (1 + exp(-cloud.opacityLogits[index]))
      }
    }
    (instances, places) = ([0], [])
    guard !cloud.instanceIDs.isEmpty else { return }
    // Those of an object follow each other, mostly.
    var known: Set<UInt32> = []
    var last: UInt32?
    for id in cloud.instanceIDs where id != last {
      known.insert(id)
      last = id
    }
    instances = known.sorted()
    guard instances.count > 1 else { return }
    let place = Dictionary(uniqueKeysWithValues: zip(instances, 0 as UInt32..<UInt32.max))
    var (lastID, lastPlace) = (instances[0], 0 as UInt32)
    places.reserveCapacity(count)
    for id in cloud.instanceIDs {
      if id != lastID { (lastID, lastPlace) = (id, place[id] ?? 0) }
      places.append(lastPlace)
    }
  }

  init(shDegree: Int, count: Int, numbers: [Float], instances: [UInt32], places: [UInt32]) {
    (self.shDegree, self.count, self.numbers) = (shDegree, count, numbers)
    (self.instances, self.places) = (instances, places)
    rest = []
  }
}

extension SplatPage {
  /// Quantises splats, at least one, along the curve.
  init(_ splats: SplatColumns, isAntialiased: Bool) {
    precondition((1...Self.largestCount).contains(splats.count), "a page has splats, not too many")
    let (count, ranges) = (splats.count, PageRanges(of: splats))
    var steps = ranges.kernelSteps
    var order = [UInt32](repeating: 0, count: count)
    var scratch = [UInt64](repeating: 0, count: 2 * count)
    let (instances, places) = Self.used(splats)
    precondition(instances.count <= 1 << 16, "a page has at most 65536 instances")
    let columnCount = Self.fixedColumnCount + Self.instanceColumnCount(instances.count)
    var columns = [UInt8](repeating: 0, count: columnCount * count)
    unsafe splats.numbers.withUnsafeBufferPointer { numbers in
      unsafe order.withUnsafeMutableBufferPointer { order in
        unsafe scratch.withUnsafeMutableBufferPointer { scratch in
          unsafe columns.withUnsafeMutableBufferPointer { columns in
            guard let numbers = numbers.baseAddress, let scratch = scratch.baseAddress,
              let order = order.baseAddress, let columns = columns.baseAddress
            else { return }
            unsafe kernels_curve_order(numbers, Int32(count), &steps, scratch, order)
            unsafe kernels_pack_page(numbers, Int32(count), &steps, order, columns)
          }
        }
      }
    }
    if instances.count > 1 {
      for (slot, index) in order.enumerated() {
        let place = places[Int(index)]
        columns[Self.fixedColumnCount * count + slot] = UInt8(truncatingIfNeeded: place)
        guard instances.count > 256 else { continue }
        columns[(Self.fixedColumnCount + 1) * count + slot] = UInt8(truncatingIfNeeded: place >> 8)
      }
    }
    let rest = Self.restColumns(
      splats.rest, shDegree: splats.shDegree, order: order, steps: ranges.restStep)
    self.init(
      shDegree: splats.shDegree, isAntialiased: isAntialiased, instances: instances, ranges: ranges,
      columns: (count, columns, rest))
  }

  /// The instances that splats have, and each splat's place among them.
  private static func used(_ splats: SplatColumns) -> (instances: [UInt32], places: [UInt32]) {
    guard splats.instances.count > 1 else { return (splats.instances, []) }
    var isUsed = [Bool](repeating: false, count: splats.instances.count)
    for place in splats.places { isUsed[Int(place)] = true }
    if !isUsed.contains(false) { return (splats.instances, splats.places) }
    var instances: [UInt32] = []
    let moved = zip(splats.instances, isUsed).map { instance, isUsed in
      if isUsed { instances.append(instance) }
      return UInt32(max(instances.count - 1, 0))
    }
    return (instances, splats.places.map { moved[Int($0)] })
  }

  static func restColumns(
    _ rest: [Float], shDegree: Int, order: [UInt32], steps: SIMD4<Float>
  ) -> [Int8] {
    let (count, perSplat) = (order.count, ((shDegree + 1) * (shDegree + 1) - 1) * 3)
    var columns = [Int8](repeating: 0, count: perSplat * count)
    for column in 0..<perSplat {
      let inverse = 1 / steps[degree(ofRestColumn: column) - 1]
      for (slot, index) in order.enumerated() {
        let steps = (rest[Int(index) * perSplat + column] * inverse).rounded()
        columns[column * count + slot] = Int8(max(-127, min(127, steps)))
      }
    }
    return columns
  }

  /// How far the splats of a cell with this half of an edge reach up to three deviations: heights,
  /// and beyond the cell's sides, metres.
  func reach(half: Double) -> (bottom: Double, top: Double, margin: Double) {
    let extents = (0...255).map { step in
      SceneCell.reachDeviations
        * exp(Double(ranges.logScaleLow + ranges.logScaleStep * Float(step)))
    }
    var reach = [0.0, 0, 0]
    unsafe withKernelPage([], restCount: 0) { page in
      var page = unsafe page
      unsafe extents.withUnsafeBufferPointer { extents in
        unsafe reach.withUnsafeMutableBufferPointer { reach in
          guard let extents = extents.baseAddress, let reach = reach.baseAddress else { return }
          unsafe kernels_page_reach(&page, extents, half, reach)
        }
      }
    }
    return (reach[0], reach[1], reach[2])
  }
}

extension PageRanges {
  /// The ranges that hold all splats.
  init(of splats: SplatColumns) {
    var least = [Float](repeating: 0, count: SplatColumns.columnCount)
    var largest = least
    unsafe splats.numbers.withUnsafeBufferPointer { numbers in
      unsafe least.withUnsafeMutableBufferPointer { least in
        unsafe largest.withUnsafeMutableBufferPointer { largest in
          guard let numbers = numbers.baseAddress, let least = least.baseAddress,
            let largest = largest.baseAddress
          else { return }
          unsafe kernels_column_ranges(numbers, Int32(splats.count), least, largest)
        }
      }
    }
    func low(_ k: Int) -> SIMD3<Float> { SIMD3(least[k], least[k + 1], least[k + 2]) }
    func high(_ k: Int) -> SIMD3<Float> { SIMD3(largest[k], largest[k + 1], largest[k + 2]) }
    self.init(
      positions: (low(0), high(0)), logScales: (low(3), high(3)), colours: (low(11), high(11)),
      restStep: Self.restStep(splats.rest, shDegree: splats.shDegree))
  }

  fileprivate var kernelSteps: kernels_page_steps {
    kernels_page_steps(
      position_low: triple(positionLow), position_step: triple(positionStep),
      colour_low: triple(colourLow), colour_step: triple(colourStep), log_scale_low: logScaleLow,
      log_scale_step: logScaleStep)
  }
}

private func triple(_ v: SIMD3<Float>) -> (Float, Float, Float) { (v.x, v.y, v.z) }
