// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Datasets

@Suite(
  .enabled(if: RealFiles.isPresent(RealFiles.reachy), "needs the Reachy 2 dataset of DIORAMA_DATA"))
struct `Parquet files that LeRobot wrote` {
  @Test func `give frames as pyarrow reads them`() throws {
    let reader = try ParquetReader(path: RealFiles.reachy + "/data/chunk-000/file-000.parquet")
    #expect(reader.rowCount == 899)
    let state = try reader.column("observation.state")
    #expect(state.listLengths == [Array(repeating: 19, count: 899)])
    guard case .float(let values) = state.values else { throw CocoaError(.coderInvalidValue) }
    // The first values and the extremes, as pyarrow and the file's own statistics give them.
    #expect(values.prefix(2) == [0.10541590303182602, 0.17775288224220276])
    #expect(values.min() == -2.0561656951904297)
    #expect(values.max() == 2.2748935222625732)
    #expect(try reader.column("index").values == .int64((0..<899).map { Int64($0) }))
    // 899 frames at 30 a second, in three episodes that each start at zero.
    guard case .int64(let frames) = try reader.column("frame_index").values,
      case .float(let times) = try reader.column("timestamp").values
    else { throw CocoaError(.coderInvalidValue) }
    #expect(zip(frames, times).allSatisfy { abs(Float($0) / 30 - $1) < 1e-5 })
  }

  @Test func `give tasks and nested statistics`() throws {
    let tasks = try ParquetReader(path: RealFiles.reachy + "/meta/tasks.parquet")
    #expect(
      try tasks.column("__index_level_0__").values == .string(["place the apple in the plate"]))
    let episodes = try ParquetReader(
      path: RealFiles.reachy + "/meta/episodes/chunk-000/file-000.parquet")
    #expect(try episodes.column("length").values == .int64([299, 300, 300]))
    let minimum = try episodes.column("stats/observation.image/min")
    #expect(
      minimum.listLengths == [
        [3, 3, 3], Array(repeating: 1, count: 9), Array(repeating: 1, count: 9),
      ])
    for leaf in episodes.leaves.indices {
      #expect(try episodes.column(leaf: leaf).rowCount == 3)
    }
  }
}
