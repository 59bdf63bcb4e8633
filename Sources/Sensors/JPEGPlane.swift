// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Images
import Parallel

/// One component of a picture, its size a whole number of 8 x 8 blocks.
struct JPEGPlane: Equatable {
  let width: Int
  let height: Int
  var values: [UInt8]

  /// Takes a component of a picture; beyond the edge its last column and row go on.
  init(of image: RGBImage, component: Int, width: Int, height: Int) {
    self.width = width
    self.height = height
    values = []
    values.reserveCapacity(width * height)
    for y in 0..<height {
      let row = min(y, image.height - 1) * image.width
      for x in 0..<width {
        let first = 3 * (row + min(x, image.width - 1))
        values.append(
          JPEGColour.component(
            component, image.bytes[first], image.bytes[first + 1], image.bytes[first + 2]))
      }
    }
  }

  private init(width: Int, height: Int, values: [UInt8]) {
    self.width = width
    self.height = height
    self.values = values
  }

  /// The mean of each two by two values; halves are rounded down and up by turns.
  ///
  /// Of a picture of `rows` rows the last half row goes on below, as libjpeg has it: the values
  /// below the picture do not enter a mean.
  func halved(rows: Int) -> JPEGPlane {
    var halves: [UInt8] = []
    halves.reserveCapacity(width * height / 4)
    for y in 0..<height / 2 {
      for x in stride(from: 0, to: width, by: 2) {
        let first = min(y, (rows - 1) / 2) * 2 * width + x
        let sum =
          Int(values[first]) + Int(values[first + 1]) + Int(values[first + width])
          + Int(values[first + width + 1])
        halves.append(UInt8((sum + (x & 2 == 0 ? 1 : 2)) / 4))
      }
    }
    return JPEGPlane(width: width / 2, height: height / 2, values: halves)
  }

  /// Twice as many columns and rows; the first `columns` and `rows` have a picture's values.
  ///
  /// Between neighbours the weights are 3/4 and 1/4 each way; at the edge the last value goes on.
  /// Of one or two columns each value is repeated, as libjpeg has it.
  func doubled(columns: Int, rows: Int) -> JPEGPlane {
    var doubles = [UInt8](repeating: 0, count: 4 * width * height)
    for y in 0..<2 * rows {
      let (near, far) = (y / 2, min(max(y / 2 + (y & 1 == 0 ? -1 : 1), 0), rows - 1))
      func sum(_ x: Int) -> Int {
        3 * Int(values[near * width + x]) + Int(values[(columns > 2 ? far : near) * width + x])
      }
      for x in 0..<columns {
        let reach = columns > 2 ? 1 : 0
        let (left, right) = (sum(max(x - reach, 0)), sum(min(x + reach, columns - 1)))
        let first = y * 2 * width + 2 * x
        doubles[first] = UInt8((3 * sum(x) + left + 8) >> 4)
        doubles[first + 1] = UInt8((3 * sum(x) + right + 7) >> 4)
      }
    }
    return JPEGPlane(width: 2 * width, height: 2 * height, values: doubles)
  }

  /// Rounds each block's cosine coefficients to multiples of their steps, [64] row-major.
  mutating func round(toSteps steps: [Int32], threadCount: Int) {
    let width = width
    let stepRows = (0..<8).map { row in SIMD8<Int32>(steps[8 * row..<8 * row + 8]) }
    parallelChunks(of: &values, size: 8 * width, threadCount: threadCount) { _, strip in
      for x in stride(from: 0, to: width, by: 8) {
        var block = CosineBlock { row, column in Int32(strip[row * width + x + column]) - 128 }
        block.transform()
        block.round(toSteps: stepRows)
        block.transformBack()
        for row in 0..<8 {
          for column in 0..<8 {
            let value = min(max(block.rows[row][column] + 128, 0), 255)
            strip[row * width + x + column] = UInt8(value)
          }
        }
      }
    }
  }
}
