// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Geometry
import Kernels
import Parallel
import Splats

/// The way back from a picture's gradients to a cloud's, over the lists of a `SplatPass`.
///
/// Each tile writes the gradients of the splats on its list to slots of their own, numbered by
/// splat, and each splat adds up its slots in their order. Wide splats have one slot in a region of
/// tiles: where there are some, one thread walks all tiles of the region in order. No two threads
/// write the same element, and the sums are the same for any number of them.
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
    _ splats: SplatPass, _ scene: kernels_scene, _ camera: kernels_camera, _ grid: kernels_grid,
    _ pixels: ImageGradients
  ) {
    let starts = splats.tiles.starts
    let entryCount = starts[starts.count - 1]
    slots.reserve(entryCount)
    reached.reserve(entryCount)
    unsafe reached.pointer.initialize(repeating: 0, count: entryCount)
    let cells = Cells(grid: grid, starts: starts)
    // A multiple of 16 entries, so that each thread's part starts on a cache line.
    let room = (cells.longestList / 16 + 1) * 16 * Int(KERNELS_BACKWARD_SCRATCH)
    scratch.reserve(room * threadCount)
    let work = cells.work
    unsafe pixels.withColumns { columns in
      let pass = unsafe Pass(
        memory: (
          scene, camera, columns, splats.tiles.items.pointer, splats.slotOfEntry.pointer,
          slots.pointer, reached.pointer, scratch.pointer
        ))
      parallelFor(count: work.count, threadCount: threadCount) { index, worker in
        var (scene, camera, pixels, entries, numbers, slots, reached, scratch) = unsafe pass.memory
        var out = unsafe kernels_tile_gradients(
          entries: entries, slot_of_entry: numbers, gradients: slots, reached: reached)
        for tile in work[index] {
          var content = unsafe cells.content(of: tile, entries)
          let (column, row) = cells.place(of: tile)
          unsafe kernels_tile_backward(
            &scene, &camera, &content, Int32(column), Int32(row), &pixels,
            scratch + worker * room, &out)
        }
      }
    }
  }

  /// Adds what the splats owe to the pixels to the cloud's gradients.
  func undoProjection(
    _ splats: SplatPass, _ packed: PackedSplats, _ camera: kernels_camera, _ cloud: SplatCloud,
    to gradients: inout SplatGradients
  ) {
    withExtendedLifetime(packed) {
      let columns = unsafe kernels_splats(packed)
      unsafe gradients.withColumns(of: cloud) { sums in
        let pass = unsafe Pass(
          memory: (
            columns, camera, sums, splats.records.pointer, splats.slots.pointer,
            splats.tiles.items.pointer, splats.slotOfEntry.pointer, slots.pointer, reached.pointer
          ))
        let ranges = splats.recordRanges
        parallelFor(count: ranges.count, threadCount: threadCount) { chunk, _ in
          var (columns, camera, sums, records, slots, entries, numbers, tiles, reached) =
            unsafe pass.memory
          let range = ranges[chunk]
          var out = unsafe kernels_tile_gradients(
            entries: entries, slot_of_entry: numbers, gradients: tiles, reached: reached)
          unsafe kernels_project_backward(
            &columns, &camera, records, range.lowerBound, range.upperBound, slots, &out, &sums)
        }
      }
    }
  }
}

/// The cells of an image and their lists.
private struct Cells: Sendable {
  let grid: kernels_grid
  /// The list of cell c is `starts[c]..<starts[c + 1]` of the entries.
  let starts: [Int]

  private var tileCount: Int { Int(grid.tile_count) }

  func place(of tile: Int) -> (column: Int, row: Int) {
    (tile % Int(grid.tile_columns), tile / Int(grid.tile_columns))
  }

  /// The cell of the region that a tile lies in.
  private func region(of tile: Int) -> Int {
    let (column, row) = place(of: tile)
    let edge = Int(KERNELS_REGION)
    return tileCount + row / edge * Int(grid.region_columns) + column / edge
  }

  private func length(_ cell: Int) -> Int { starts[cell + 1] - starts[cell] }

  /// The most splats that a tile meets.
  var longestList: Int {
    (0..<tileCount).map { length($0) + length(region(of: $0)) }.max() ?? 0
  }

  /// The tiles that one thread walks after each other: a region's where it has wide splats, in
  /// order, else one.
  var work: [[Int]] {
    var regions = [[Int]](repeating: [], count: starts.count - 1 - tileCount)
    var single: [[Int]] = []
    for tile in 0..<tileCount {
      let region = region(of: tile)
      if length(region) > 0 {
        regions[region - tileCount].append(tile)
      } else {
        single.append([tile])
      }
    }
    return regions.filter { !$0.isEmpty } + single
  }

  func content(of tile: Int, _ entries: UnsafeMutablePointer<kernels_entry>) -> kernels_content {
    func list(_ cell: Int) -> kernels_entries {
      unsafe kernels_entries(first: entries + starts[cell], count: Int32(length(cell)))
    }
    // No meshes: the triangles' address is not read.
    return unsafe kernels_content(
      splats: list(tile), wide: list(region(of: tile)), triangles: noTriangles.pointer,
      triangle_count: 0, shadowed: 0, meetings: nil, sums: nil, samples: nil)
  }
}

/// An address for lists that are empty.
private let noTriangles = FixedColumn<UInt32>([])

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
