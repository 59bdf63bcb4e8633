// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Geometry

/// A splat cloud laid out for the kernels: immutable, shared by any number of renderers.
///
/// Splats are put along a Morton curve, so that the 256 of a group lie close together and can be
/// culled by one box; `sourceIndices` remembers the cloud's order, which decides ties of depth.
/// Memory: 68 bytes a splat, plus 12 for each coefficient above degree 0 (180 at degree 3).
///
/// Left out, so never drawn: splats with NaN in position, scale, opacity or colour, a position or
/// scale that is infinite, a centre or a deviation beyond 1e9 m, a colour coefficient beyond 1e6,
/// which could not be summed in floats. A quaternion that is zero or not finite counts as the
/// identity, one that is not normalised is normalised, an opacity logit of +infinity is opaque.
/// SH coefficients of degree 4 are not drawn (gsplat and INRIA stop at 3).
package final class PackedSplats: Sendable {
  /// The number of splats that can be drawn.
  package let count: Int
  /// Whether the splats were trained with antialiasing, Mip-Splatting's 2-D filter.
  ///
  /// What the blur widens it then dims, so that a splat smaller than a pixel keeps its light.
  package let isAntialiased: Bool
  /// The number of splats of the cloud that were left out.
  package let omittedCount: Int
  /// The SH coefficients a channel above degree 0: 0, 3, 8 or 15.
  package let restCount: Int
  /// Blocks of 16 splats: [blocks x 16 columns x 16].
  ///
  /// The columns are x y z, the nine of M column after column, log2 opacity, r g b. The covariance
  /// is M M^T; lengths are metres, colours display-referred sRGB. The last block is padded with
  /// splats that are not seen.
  package let geometry: FixedColumn<Float>
  /// Blocks of 16 splats: [blocks x restCount x 3 x 16], RGB inner.
  package let rest: FixedColumn<Float>
  /// The splats' indices in the cloud: (count), padded with zeros to whole blocks; empty when they
  /// lie in its order.
  package let sourceIndices: FixedColumn<UInt32>
  /// The splats' instances: (count), padded likewise, or empty when all are 0.
  package let instances: FixedColumn<UInt32>
  /// The extents of each 256 splats, for culling.
  package let groups: [SplatGroup]
  /// The extent of them all.
  package let extent: SplatGroup

  /// Packs a cloud.
  ///
  /// - Complexity: O(n log n); about 0.5 s a million splats of degree 3.
  package init(_ cloud: SplatCloud, isAntialiased: Bool = false) {
    self.isAntialiased = isAntialiased
    cloud.checkInvariants()
    precondition(cloud.count <= Self.largestCount, "at most \(Self.largestCount) splats")
    let order = Self.drawableInCurveOrder(cloud)
    count = order.count
    omittedCount = cloud.count - order.count
    let restCount = min(cloud.restCoefficientCount, Self.maximumRestCount)
    self.restCount = restCount
    let blocks = Self.blockCount(order.count)
    let padding = blocks * Self.blockSize - order.count
    sourceIndices = FixedColumn(order + Array(repeating: 0, count: padding))
    geometry = unsafe FixedColumn(count: blocks * Self.columnCount * Self.blockSize) { target in
      unsafe Self.packGeometry(cloud, order, to: target)
    }
    rest = unsafe FixedColumn(count: blocks * restCount * 3 * Self.blockSize) { target in
      unsafe Self.packRest(cloud, order, restCount, to: target)
    }
    let ids = cloud.instanceIDs.isEmpty ? [] : order.map { cloud.instanceIDs[Int($0)] }
    precondition(!ids.contains(.max), "the largest identifier stands for no instance")
    instances = FixedColumn(
      ids.contains { $0 != 0 } ? ids + Array(repeating: 0, count: padding) : [])
    groups = Self.makeGroups(cloud, order)
    extent = SplatGroup(around: groups)
  }

  /// Takes splats that their owner writes in the layout of the kernels.
  ///
  /// - Parameters:
  ///   - count: the splats, which lie in the order of their cloud and close together in each group.
  ///   - restCount: the SH coefficients a channel above degree 0: 0, 3, 8 or 15.
  ///   - isAntialiased: as `isAntialiased`.
  ///   - ids: the instances, one for each splat, or none.
  ///   - write: writes `geometry` and `rest`, and returns the extents of the groups.
  @unsafe
  package init(
    count: Int, restCount: Int, isAntialiased: Bool, instances ids: [UInt32],
    write: (
      _ geometry: UnsafeMutablePointer<Float>, _ rest: UnsafeMutablePointer<Float>
    ) -> [SplatGroup]
  ) {
    precondition(count <= Self.largestCount && [0, count].contains(ids.count), "a cloud's columns")
    self.count = count
    self.restCount = restCount
    self.isAntialiased = isAntialiased
    omittedCount = 0
    let blocks = Self.blockCount(count)
    sourceIndices = FixedColumn([])
    instances = FixedColumn(
      ids.isEmpty ? [] : ids + Array(repeating: 0, count: blocks * Self.blockSize - count))
    var groups: [SplatGroup] = []
    unsafe rest = FixedColumn(count: blocks * restCount * 3 * Self.blockSize) { _ in }
    let restTarget = unsafe UnsafeMutablePointer(mutating: rest.pointer)
    unsafe geometry = FixedColumn(count: blocks * Self.columnCount * Self.blockSize) { target in
      guard let geometry = target.baseAddress else { return }
      groups = unsafe write(geometry, restTarget)
    }
    self.groups = groups
    extent = SplatGroup(around: groups)
  }

  /// The bytes of memory of the columns and extents.
  package var byteCount: Int {
    let words =
      geometry.count + rest.count + sourceIndices.count + instances.count
    return words * MemoryLayout<Float>.size + groups.count * MemoryLayout<SplatGroup>.stride
  }

  /// Takes the splats of one instance; empty when there are none.
  package init(_ source: PackedSplats, only instance: UInt32) {
    isAntialiased = source.isAntialiased
    let slots = source.slots(of: instance)
    count = slots.count
    omittedCount = source.count + source.omittedCount - slots.count
    restCount = source.restCount
    let padding = Self.blockCount(slots.count) * Self.blockSize - slots.count
    let zeros = [UInt32](repeating: 0, count: padding)
    let sources = slots.map {
      source.sourceIndices.count == 0 ? UInt32($0) : source.sourceIndices[$0]
    }
    sourceIndices = FixedColumn(sources + zeros)
    instances = FixedColumn(slots.map { source.instances[$0] } + zeros)
    func gather(_ column: borrowing FixedColumn<Float>, _ columnCount: Int) -> [Float] {
      var gathered = [Float](
        repeating: 0, count: Self.blockCount(slots.count) * columnCount * Self.blockSize)
      for (place, slot) in slots.enumerated() {
        for index in 0..<columnCount {
          gathered[Self.place(index, of: columnCount, at: place)] =
            column[Self.place(index, of: columnCount, at: slot)]
        }
      }
      return gathered
    }
    var packed = gather(source.geometry, Self.columnCount)
    for place in slots.count..<slots.count + padding {
      packed[Self.place(Self.opacityColumn, of: Self.columnCount, at: place)] =
        Self.paddingLogOpacity
    }
    geometry = FixedColumn(packed)
    rest = FixedColumn(gather(source.rest, restCount * 3))
    // Groups no longer lie close together: they are never culled.
    groups = stride(from: 0, to: slots.count, by: Self.groupSize).map { _ in
      SplatGroup(center: .zero, halfSize: .zero, largestDeviation: .infinity)
    }
    extent = SplatGroup(around: groups)
  }

  /// The places in storage of an instance's splats, none for background.
  private func slots(of instance: UInt32) -> [Int] {
    instances.count == 0 ? [] : (0..<count).filter { instances[$0] == instance }
  }

  /// The box around the centres of an instance's splats, in the cloud's frame, metres.
  package func centers(of instance: UInt32) -> AxisAlignedBox {
    var box = AxisAlignedBox()
    for slot in slots(of: instance) {
      let center = (0..<3).map { Double(geometry[Self.place($0, of: Self.columnCount, at: slot)]) }
      box.add(SIMD3(center[0], center[1], center[2]))
    }
    return box
  }

  /// The most splats of a cloud, so that indices and counts fit 32 bits: 2^28.
  package static let largestCount = 1 << 28
  /// The splats of a block.
  package static let blockSize = 16
  /// The splats of a group; a multiple of the block.
  package static let groupSize = 256
  /// The columns of a block.
  package static let columnCount = 16
  /// The column of M, whose nine follow each other column by column.
  static let axesColumn = 3
  /// The column of log2 opacity.
  static let opacityColumn = 12
  /// The first column of the colour of degree 0.
  static let colourColumn = 13
  /// The coefficients of degrees 1 to 3.
  package static let maximumRestCount = 15
  /// The largest coordinate and deviation, metres, that float arithmetic can square in safety.
  static let largestLength: Float = 1e9
  /// The largest coefficient of a colour: 48 of them, weighted, still fit a float.
  static let largestCoefficient: Float = 1e6
  /// The log2 opacity of the padding behind the last splat: far below any that is drawn.
  package static let paddingLogOpacity: Float = -1000

  /// The blocks of some splats.
  package static func blockCount(_ count: Int) -> Int { (count + blockSize - 1) / blockSize }

  /// Where a number of a splat stands among blocks of some columns.
  static func place(_ column: Int, of columnCount: Int, at slot: Int) -> Int {
    (slot / blockSize * columnCount + column) * blockSize + slot % blockSize
  }
}

/// The box around the centres of a group and its largest deviation, metres.
package struct SplatGroup: Equatable, Sendable {
  /// The middle of the box.
  package var center: SIMD3<Double>
  /// Half of the edges of the box.
  package var halfSize: SIMD3<Double>
  /// The largest standard deviation of a splat along any axis.
  package var largestDeviation: Double
}

extension SplatGroup {
  /// Describes splats by the box of their centres and their largest deviation.
  package init(box: AxisAlignedBox, largestDeviation: Double) {
    self.init(center: box.center, halfSize: box.size / 2, largestDeviation: largestDeviation)
  }

  /// The extent of several groups.
  init(around groups: [SplatGroup]) {
    var box = AxisAlignedBox()
    for group in groups {
      box.add(group.center - group.halfSize)
      box.add(group.center + group.halfSize)
    }
    self.init(
      center: groups.isEmpty ? .zero : box.center, halfSize: groups.isEmpty ? .zero : box.size / 2,
      largestDeviation: groups.map(\.largestDeviation).max() ?? 0)
  }
}

extension SplatCloud {
  /// The matrix R diag(s), metres: the covariance is its square, its columns are the half axes of
  /// the ellipsoid of one deviation.
  package func axes(_ index: Int) -> Matrix3 {
    let parts = rotations[index]
    let rotation = Quaternion<Double>(
      w: Double(parts.w), x: Double(parts.x), y: Double(parts.y), z: Double(parts.z)
    ).normalized.matrix
    let scale = logScales[index]
    return Matrix3(
      columns: rotation.column0 * exp(Double(scale.x)), rotation.column1 * exp(Double(scale.y)),
      rotation.column2 * exp(Double(scale.z)))
  }

  /// Whether the splat has a place, a shape and a colour that can be drawn.
  package func isDrawable(_ index: Int) -> Bool {
    let limit = PackedSplats.largestLength
    let position = positions[index]
    let scale = logScales[index]
    let (x, y, z) = (abs(position.x), abs(position.y), abs(position.z))
    guard x <= limit, y <= limit, z <= limit else { return false }
    let logLimit = log(limit)
    guard scale.x <= logLimit, scale.y <= logLimit, scale.z <= logLimit else { return false }
    let colour = sh0[index]
    let largest = PackedSplats.largestCoefficient
    guard !opacityLogits[index].isNaN, abs(colour.x) <= largest, abs(colour.y) <= largest,
      abs(colour.z) <= largest
    else { return false }
    let perSplat = restCoefficientCount * 3
    return shRest[index * perSplat..<(index + 1) * perSplat].allSatisfy { abs($0) <= largest }
  }

  /// log2 of the opacity, 0 for opaque, -infinity for clear.
  package func log2Opacity(_ index: Int) -> Float {
    Float(-log1p(exp(-Double(opacityLogits[index]))) / log(2))
  }
}

// MARK: - Packing

extension PackedSplats {
  /// The constant of degree 0 of the spherical harmonics.
  package static let shConstant: Float = 0.282_094_79

  private static func drawableInCurveOrder(_ cloud: SplatCloud) -> [UInt32] {
    let drawable = (0..<cloud.count).filter { cloud.isDrawable($0) }
    var box = AxisAlignedBox()
    for index in drawable { box.add(SIMD3<Double>(cloud.positions[index])) }
    // One scale for all axes keeps the cells cubes; 21 bits an axis fill a 63-bit code.
    let extent = box.size.max()
    let cells = extent > 0 ? Double((1 << 21) - 1) / extent : 0
    let codes = drawable.map { index -> (code: UInt64, index: UInt32) in
      let cell = (SIMD3<Double>(cloud.positions[index]) - box.minimum) * cells
      let code = spread(cell.x) | spread(cell.y) << 1 | spread(cell.z) << 2
      return (code, UInt32(index))
    }
    return codes.sorted { ($0.code, $0.index) < ($1.code, $1.index) }.map(\.index)
  }

  /// Puts two zero bits between the 21 bits of a cell coordinate.
  private static func spread(_ coordinate: Double) -> UInt64 {
    var bits = UInt64(min(max(coordinate, 0), Double((1 << 21) - 1)))
    bits = (bits | bits << 32) & 0x001F_0000_0000_FFFF
    bits = (bits | bits << 16) & 0x001F_0000_FF00_00FF
    bits = (bits | bits << 8) & 0x100F_00F0_0F00_F00F
    bits = (bits | bits << 4) & 0x10C3_0C30_C30C_30C3
    return (bits | bits << 2) & 0x1249_2492_4924_9249
  }

  private static func packGeometry(
    _ cloud: SplatCloud, _ order: [UInt32], to packed: UnsafeMutableBufferPointer<Float>
  ) {
    unsafe packed.initialize(repeating: 0)
    for slot in order.count..<blockCount(order.count) * blockSize {
      unsafe packed[place(opacityColumn, of: columnCount, at: slot)] = paddingLogOpacity
    }
    for (slot, source) in order.enumerated() {
      let index = Int(source)
      let first = place(0, of: columnCount, at: slot)
      func put(_ column: Int, _ value: Float) {
        unsafe packed[first + column * blockSize] = value
      }
      let position = cloud.positions[index]
      let axes = cloud.axes(index)
      let colour = 0.5 + shConstant * cloud.sh0[index]
      for axis in 0..<3 {
        put(axis, position[axis])
        put(axesColumn + axis, Float(axes.column0[axis]))
        put(axesColumn + 3 + axis, Float(axes.column1[axis]))
        put(axesColumn + 6 + axis, Float(axes.column2[axis]))
        put(colourColumn + axis, colour[axis])
      }
      put(opacityColumn, max(cloud.log2Opacity(index), paddingLogOpacity))
    }
  }

  private static func packRest(
    _ cloud: SplatCloud, _ order: [UInt32], _ restCount: Int,
    to packed: UnsafeMutableBufferPointer<Float>
  ) {
    unsafe packed.initialize(repeating: 0)
    let columns = restCount * 3
    let perSplat = cloud.restCoefficientCount * 3
    for (slot, source) in order.enumerated() {
      let first = place(0, of: columns, at: slot)
      for column in 0..<columns {
        unsafe packed[first + column * blockSize] = cloud.shRest[Int(source) * perSplat + column]
      }
    }
  }

  private static func makeGroups(_ cloud: SplatCloud, _ order: [UInt32]) -> [SplatGroup] {
    stride(from: 0, to: order.count, by: groupSize).map { first in
      var box = AxisAlignedBox()
      var largest = -Float.infinity
      for source in order[first..<min(first + groupSize, order.count)] {
        box.add(SIMD3<Double>(cloud.positions[Int(source)]))
        largest = max(largest, cloud.logScales[Int(source)].max())
      }
      return SplatGroup(
        center: box.center, halfSize: box.size / 2, largestDeviation: exp(Double(largest)))
    }
  }
}

extension PackedSplats: Equatable {
  /// Two are equal when they are the same object.
  package static func == (left: PackedSplats, right: PackedSplats) -> Bool { left === right }
}
