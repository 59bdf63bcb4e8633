// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Kernels
import Parallel
import Splats

/// The way back from a picture's gradients to a cloud's, over the lists of a `SplatPass`.
///
/// Each tile writes the gradients of the splats on its list to slots of their own, numbered by
/// splat, and each splat adds up its slots in their order: no two threads write the same element,
/// and the sums are the same for any number of them.
@safe
final class BackwardPass {
  private let threadCount: Int
  /// Where the tiles leave the gradients of the splats on their lists.
  private var slots = Scratch<kernels_record_gradient>()
  private var reached = Scratch<UInt8>()
  /// The tile kernel's memory, one part for each thread.
  private var scratch = Scratch<Float>()

  init(threadCount: Int) { self.threadCount = threadCount }

  /// Walks the tiles back to front; the splats' slots get their gradients.
  func walk(
    _ splats: SplatPass, _ scene: kernels_scene, _ camera: kernels_camera, tileColumns: Int,
    _ pixels: ImageGradients
  ) {
    let starts = splats.tiles.starts
    let (tileCount, entryCount) = (starts.count - 1, starts[starts.count - 1])
    slots.reserve(entryCount)
    reached.reserve(entryCount)
    unsafe reached.pointer.initialize(repeating: 0, count: entryCount)
    let longest = (0..<tileCount).map { starts[$0 + 1] - starts[$0] }.max() ?? 0
    // A multiple of 16 entries, so that each thread's part starts on a cache line.
    let room = (longest / 16 + 1) * 16 * Int(KERNELS_BACKWARD_SCRATCH)
    scratch.reserve(room * threadCount)
    unsafe pixels.withColumns { columns in
      let pass = unsafe Pass(
        memory: (
          scene, camera, columns, splats.tiles.items.pointer, splats.slotOfEntry.pointer,
          slots.pointer, reached.pointer, scratch.pointer
        ))
      parallelFor(count: tileCount, threadCount: threadCount) { tile, worker in
        var (scene, camera, pixels, entries, numbers, slots, reached, scratch) = unsafe pass.memory
        let (first, end) = (starts[tile], starts[tile + 1])
        var out = unsafe kernels_tile_gradients(
          slot_of_entry: numbers + first, gradients: slots, reached: reached)
        unsafe kernels_tile_backward(
          &scene, &camera, kernels_entries(first: entries + first, count: Int32(end - first)),
          Int32(tile % tileColumns), Int32(tile / tileColumns), &pixels, scratch + worker * room,
          &out)
      }
    }
  }

  /// Adds what the splats owe to the pixels to the cloud's gradients.
  func undoProjection(
    _ splats: SplatPass, _ packed: PackedSplats, _ camera: kernels_camera, _ cloud: SplatCloud,
    to gradients: inout SplatGradients
  ) {
    unsafe splats.withColumns(of: packed) { columns in
      unsafe gradients.withColumns(of: cloud) { sums in
        let pass = unsafe Pass(
          memory: (
            columns, camera, sums, splats.records.pointer, splats.slots.pointer,
            splats.slotOfEntry.pointer, slots.pointer, reached.pointer
          ))
        let ranges = splats.recordRanges
        parallelFor(count: ranges.count, threadCount: threadCount) { chunk, _ in
          var (columns, camera, sums, records, slots, numbers, tiles, reached) = unsafe pass.memory
          let range = ranges[chunk]
          var out = unsafe kernels_tile_gradients(
            slot_of_entry: numbers, gradients: tiles, reached: reached)
          unsafe kernels_project_backward(
            &columns, &camera, records, range.lowerBound, range.upperBound, slots, &out, &sums)
        }
      }
    }
  }
}

extension ImageGradients {
  fileprivate func withColumns(_ body: (kernels_image_gradients) -> Void) {
    unsafe colour.withUnsafeBufferPointer { colour in
      unsafe alpha.withUnsafeBufferPointer { alpha in
        unsafe depth.withUnsafeBufferPointer { depth in
          unsafe body(
            kernels_image_gradients(
              colour: colour.isEmpty ? nil : colour.baseAddress,
              alpha: alpha.isEmpty ? nil : alpha.baseAddress,
              depth: depth.isEmpty ? nil : depth.baseAddress))
        }
      }
    }
  }
}

extension SplatGradients {
  /// Lends the columns, of which those of three numbers have a fourth that is not touched.
  fileprivate mutating func withColumns(
    of cloud: SplatCloud, _ body: (kernels_cloud_gradients) -> Void
  ) {
    let stride = Int32(cloud.restCoefficientCount * 3)
    unsafe cloud.rotations.withFloats { quaternions in
      unsafe positions.withFloats { positions in
        unsafe logScales.withFloats { scales in
          unsafe rotations.withFloats { rotations in
            unsafe opacityLogits.withFloats { opacities in
              unsafe sh0.withFloats { sh0 in
                unsafe shRest.withFloats { rest in
                  guard let quaternions = unsafe quaternions, let positions = unsafe positions,
                    let scales = unsafe scales, let rotations = unsafe rotations,
                    let opacities = unsafe opacities, let sh0 = unsafe sh0
                  else { return }  // No splat, no address.
                  unsafe body(
                    kernels_cloud_gradients(
                      rotations: quaternions, rest_stride: stride, position_gradients: positions,
                      scale_gradients: scales, rotation_gradients: rotations,
                      opacity_gradients: opacities, sh0_gradients: sh0, rest_gradients: rest))
                }
              }
            }
          }
        }
      }
    }
  }
}

// Of floats, vectors of four of them or quaternions.
extension Array {
  /// Lends the elements as floats, nil for an empty array.
  fileprivate func withFloats(_ body: (UnsafePointer<Float>?) -> Void) {
    unsafe withUnsafeBytes { unsafe body($0.baseAddress?.assumingMemoryBound(to: Float.self)) }
  }

  /// Lends the elements as floats, nil for an empty array.
  fileprivate mutating func withFloats(_ body: (UnsafeMutablePointer<Float>?) -> Void) {
    unsafe withUnsafeMutableBytes {
      unsafe body($0.isEmpty ? nil : $0.baseAddress?.assumingMemoryBound(to: Float.self))
    }
  }
}
