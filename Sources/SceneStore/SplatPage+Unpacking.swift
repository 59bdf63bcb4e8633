// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Geometry
import Kernels
package import Splats

extension SplatPage {
  /// The splats in the layout of the kernels, positions in metres from the cell's centre, in the
  /// page's order.
  ///
  /// What `PackedSplats(cloud)` holds but for rounding, without a sort and without a cloud between.
  ///
  /// - Complexity: O(n); `diorama bench store` says how many a second.
  package var packed: PackedSplats {
    let restCount = min((shDegree + 1) * (shDegree + 1) - 1, PackedSplats.maximumRestCount)
    let deviations = (0...255).map { exp(ranges.logScaleLow + ranges.logScaleStep * Float($0)) }
    let places = instances == [0] ? [] : (0..<count).map { instances[instancePlace($0)] }
    return unsafe PackedSplats(
      count: count, restCount: restCount, isAntialiased: isAntialiased, instances: places
    ) { geometry, restTarget in
      let groupCount = (count + PackedSplats.groupSize - 1) / PackedSplats.groupSize
      var extents = [Float](repeating: 0, count: groupCount * Int(KERNELS_EXTENT))
      unsafe withKernelPage(deviations, restCount: restCount) { page in
        var page = unsafe page
        unsafe extents.withUnsafeMutableBufferPointer { extents in
          guard let extents = extents.baseAddress else { return }
          unsafe kernels_unpack_page(&page, geometry, restTarget, extents)
        }
      }
      return (0..<groupCount).map { group in
        let first = group * Int(KERNELS_EXTENT)
        func corner(_ at: Int) -> SIMD3<Double> {
          SIMD3(Double(extents[at]), Double(extents[at + 1]), Double(extents[at + 2]))
        }
        var box = AxisAlignedBox()
        box.add(corner(first))
        box.add(corner(first + 3))
        return SplatGroup(box: box, largestDeviation: Double(extents[first + 6]))
      }
    }
  }

  /// Lends the columns to the kernel.
  func withKernelPage(
    _ deviations: [Float], restCount: Int, _ body: (kernels_page) -> Void
  ) {
    unsafe columns.withUnsafeBufferPointer { columns in
      unsafe rest.withUnsafeBufferPointer { rest in
        unsafe deviations.withUnsafeBufferPointer { deviations in
          unsafe log2Opacities.withUnsafeBufferPointer { opacities in
            guard let first = columns.baseAddress, let deviation = deviations.baseAddress,
              let opacity = opacities.baseAddress
            else { return }
            unsafe body(
              kernels_page(
                count: Int32(count), rest_count: Int32(restCount), columns: first,
                rest: rest.baseAddress, position_low: triple(ranges.positionLow),
                position_step: triple(ranges.positionStep), colour_low: triple(ranges.colourLow),
                colour_step: triple(ranges.colourStep),
                rest_step: (ranges.restStep.x, ranges.restStep.y, ranges.restStep.z),
                deviations: deviation, log2_opacities: opacity))
          }
        }
      }
    }
  }
}

/// log2 of the 256 opacities, that of 0 far below what is drawn.
private let log2Opacities: [Float] = (0...255).map { step in
  step == 0 ? PackedSplats.paddingLogOpacity : Float(log2(Double(step) / 255))
}

private func triple(_ v: SIMD3<Float>) -> (Float, Float, Float) { (v.x, v.y, v.z) }
