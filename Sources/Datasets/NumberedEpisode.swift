// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

/// An episode with its place in a dataset, from which LeRobot's default columns follow.
struct NumberedEpisode {
  let record: EpisodeRecord
  /// The index in the dataset of the episode's first frame.
  let firstFrame: Int
  /// The index of the instruction in `meta/tasks.parquet`.
  let taskIndex: Int
  /// Frames a second.
  let fps: Int

  /// The default columns in their order.
  var defaultColumns: [(column: DefaultColumn, values: EpisodeColumn)] {
    let frames = 0..<record.frameCount
    return DefaultColumn.allCases.map { column in
      let values: EpisodeColumn =
        switch column {
        // In double and then rounded once, as numpy's float32(frame / fps).
        case .timestamp: .vectors(frames.map { Float(Double($0) / Double(fps)) })
        case .frameIndex: .integers(frames.map { Int64($0) })
        case .episodeIndex: .integers(frames.map { _ in Int64(record.index) })
        case .index: .integers(frames.map { Int64(firstFrame + $0) })
        case .taskIndex: .integers(frames.map { _ in Int64(taskIndex) })
        }
      return (column, values)
    }
  }

  /// The row group of the data file: one row a frame, video left out.
  func rowGroup(_ schema: DatasetSchema) -> ParquetRowGroup {
    var columns: [ParquetColumn] = []
    for (feature, column) in zip(schema.features, record.columns) {
      switch column {
      case .vectors(let values) where feature.statisticsShape == [1]:
        columns.append(ParquetColumn(.float(values)))
      case .vectors(let values):
        columns.append(ParquetColumn(.float(values), rowShape: feature.statisticsShape))
      case .integers(let values): columns.append(ParquetColumn(.int64(values)))
      case .flags(let values): columns.append(ParquetColumn(.bool(values)))
      case .images(let files, _):
        // The name that the reference writer gives a frame within its episode.
        let names = files.indices.map { "frame-" + padded($0, digits: 6) + ".png" }
        columns.append(ParquetColumn(.binary(files)))
        columns.append(ParquetColumn(.string(names)))
      case .video: continue
      }
    }
    for (_, values) in defaultColumns {
      switch values {
      case .vectors(let values): columns.append(ParquetColumn(.float(values)))
      case .integers(let values): columns.append(ParquetColumn(.int64(values)))
      default: preconditionFailure("default columns are numbers")
      }
    }
    return ParquetRowGroup(fields: schema.fields, columns: columns)
  }
}
