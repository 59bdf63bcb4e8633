// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Foundation
import Testing

@testable import Datasets

@Suite struct `An assembled dataset` {
  @Test func `has the files of LeRobot and a manifest of them`() throws {
    try withNewFolder { output in
      let summary = try SampleRun.write(output, episodeCount: 3)
      #expect(summary.frameCount == 3 + 4 + 5)
      #expect(summary.successCount == 2)
      // The second took two attempts, the third failed in its only one.
      #expect(summary.attemptCount == 4 && summary.firstAttemptSuccessCount == 1)
      let files = try contents(of: output)
      #expect(
        files.keys.sorted() == [
          "MANIFEST.sha256", "data/chunk-000/file-000.parquet", "meta/diorama.json",
          "meta/episodes/chunk-000/file-000.parquet", "meta/info.json", "meta/stats.json",
          "meta/tasks.parquet",
          "videos/observation.images.front/chunk-000/file-000.mp4",
        ])
      let lines = String(decoding: files["MANIFEST.sha256"] ?? [], as: UTF8.self)
        .split(separator: "\n")
      #expect(lines.count == 7)
      for line in lines {
        let path = String(line.dropFirst(66))
        #expect(SHA256.hexDigest(of: files[path] ?? []) == line.prefix(64))
      }
      #expect(summary.byteCount == files.values.reduce(0) { $0 + $1.count })
      // A finished run leaves no staging folder behind.
      #expect(try listFolder(output) == ["MANIFEST.sha256", "data", "meta", "videos"])
    }
  }

  @Test func `numbers its frames from the start of the dataset and times them exactly`() throws {
    try withNewFolder { output in
      try SampleRun.write(output, episodeCount: 3)
      let data = try ParquetReader(path: output + "/data/chunk-000/file-000.parquet")
      #expect(data.rowGroupRowCounts == [3, 4, 5])
      #expect(try data.column("index").values == .int64((0..<12).map { Int64($0) }))
      #expect(
        try data.column("frame_index").values == .int64([0, 1, 2, 0, 1, 2, 3, 0, 1, 2, 3, 4]))
      #expect(
        try data.column("episode_index").values == .int64([0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2]))
      #expect(
        try data.column("task_index").values == .int64([0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0]))
      #expect(
        try data.column(leaf: 5, rowGroup: 2).values != data.column(leaf: 5, rowGroup: 1).values)
      #expect(
        try data.column("timestamp").values
          == .float([0, 0.1, 0.2, 0, 0.1, 0.2, 0.3, 0, 0.1, 0.2, 0.3, 0.4]))

      let episodes = try ParquetReader(path: output + "/meta/episodes/chunk-000/file-000.parquet")
      #expect(try episodes.column("dataset_from_index").values == .int64([0, 3, 7]))
      #expect(try episodes.column("dataset_to_index").values == .int64([3, 7, 12]))
      let key = "videos/observation.images.front"
      #expect(try episodes.column("\(key)/from_timestamp").values == .double([0, 0.3, 0.7]))
      #expect(try episodes.column("\(key)/to_timestamp").values == .double([0.3, 0.7, 1.2]))
    }
  }

  @Test func `has statistics over all frames and over each episode`() throws {
    try withNewFolder { output in
      try SampleRun.write(output, episodeCount: 3)
      let all = try JSONFields(path: output + "/meta/stats.json")
      // Depth: frames 1, 2, 3 of the first, up to 4 and 5 metres of the others: 12 frames in all.
      let depth = try all.object("observation.images.front_depth")
      #expect(try depth.numbers("max") == [5000])
      #expect(try depth.numbers("q50") == [2500])
      #expect(try depth.numbers("count") == [12])
      let colour = try all.object("observation.images.front")
      #expect(try colour.numbers("max") == [80.0 / 255, 199.0 / 255, 40.0 / 255])
      #expect(colour["min"] == [[[.number(0)]], [[.number(0)]], [[.number(40.0 / 255)]]])
      #expect(try all.object("index").numbers("q50") == [5.5])
      #expect(try all.object("next.success")["max"] == [true])
      #expect(try all.object("phase")["max"] == [2])

      let episodes = try ParquetReader(path: output + "/meta/episodes/chunk-000/file-000.parquet")
      let maximum = try episodes.column("stats/observation.images.front_depth/max")
      #expect(maximum.values == .double([3000, 4000, 5000]))
      #expect(maximum.listLengths == [[1, 1, 1], [1, 1, 1], [1, 1, 1]])
      #expect(try episodes.column("stats/phase/max").values == .int64([1, 1, 2]))
    }
  }

  @Test func `is the same after a kill and a resumption, whatever the order`() throws {
    let whole = try withNewFolder { output in
      try SampleRun.write(output, episodeCount: 3)
      return try contents(of: output)
    }
    try withNewFolder { output in
      let run = SampleRun.run(episodeCount: 3)
      // An interrupted run leaves a valid dataset of what is finished.
      let partial = try SampleRun.stage([2, 0], of: run, in: output, assembling: 1)
      #expect(partial?.frameCount == 3)
      #expect(try listFolder(output).contains("meta"))

      guard
        case .open(let second, [0, 2], []) = try EpisodeStaging.resume(output: output, run: run)
      else {
        Issue.record("episodes 0 and 2 are there")
        return
      }
      try second.publish(try SampleRun.episode(1))
      _ = try second.assemble(episodeCount: 3)
      #expect(try contents(of: output) == whole)
    }
  }

  @Test func `is completed by a resumption when only half of it was moved into place`() throws {
    let whole = try withNewFolder { output in
      try SampleRun.write(output, episodeCount: 2)
      return try contents(of: output)
    }
    try withNewFolder { output in
      let run = SampleRun.run(episodeCount: 2)
      try SampleRun.stage([0, 1], of: run, in: output, assembling: 1)
      // As it stands amid a move: what makes a reader open it is taken away first, the data are
      // those of two episodes, the videos still those of one.
      try removeItem(output + "/meta/info.json")
      for (path, bytes) in whole where path.hasPrefix("data/") {
        try publishFile(output + "/" + path, bytes)
      }
      #expect(throws: InputError.self) { _ = try LeRobotDataset(path: output) }
      _ = try open(run, in: output, finished: [0, 1]).assemble(episodeCount: 2)
      #expect(try contents(of: output) == whole)
    }
  }

  @Test func `is left alone by a tree that cannot be finished`() throws {
    try withNewFolder { output in
      let run = SampleRun.run(episodeCount: 2)
      try SampleRun.stage([0, 1], of: run, in: output, assembling: 1)
      let before = try contents(of: output)
      let staging = try open(run, in: output, finished: [0, 1])
      let full = InputError(file: "sheet", field: "write", found: "no space", expected: "space")
      #expect(throws: full) {
        _ = try staging.assemble(
          episodeCount: 2, decorate: { _ throws(InputError) in throw full })
      }
      #expect(try contents(of: output) == before)
    }
  }

  /// Resumes a run of which some episodes are stored.
  private func open(
    _ run: DatasetRun, in output: String, finished expected: [Int]
  ) throws -> EpisodeStaging {
    let resumption = try EpisodeStaging.resume(output: output, run: run)
    guard case .open(let staging, expected, []) = resumption else {
      throw InputError(
        file: output, field: "resumption", found: "\(resumption)", expected: "\(expected)")
    }
    return staging
  }

  @Test func `stays as it was when an episode is missing`() throws {
    try withNewFolder { output in
      let staging = try EpisodeStaging.create(
        output: output, run: SampleRun.run(episodeCount: 3))
      try staging.publish(try SampleRun.episode(0))
      _ = try staging.assemble(episodeCount: 1)
      let before = try contents(of: output)
      #expect(throws: InputError.self) { _ = try staging.assemble(episodeCount: 2) }
      #expect(throws: InputError.self) { _ = try staging.assemble(episodeCount: 0) }
      #expect(try contents(of: output) == before)
    }
  }
}

@Suite struct `A series of files` {
  @Test func `begins a new file before the limit is passed and a new chunk after a thousand`()
    throws
  {
    #expect(SeriesPlace(chunk: 0, file: 998).next == SeriesPlace(chunk: 0, file: 999))
    #expect(SeriesPlace(chunk: 0, file: 999).next == SeriesPlace(chunk: 1, file: 0))
    try withNewFolder { folder in
      let fields = [ParquetField("bytes", .leaf(.binary))]
      var series = ParquetSeries(fields: fields, byteLimit: 1000) { place in
        folder + "/" + DatasetPath.data(chunk: place.chunk, file: place.file)
      }
      var places: [SeriesPlace] = []
      for size in [300, 300, 600, 5000, 10] {
        let bytes = [UInt8](repeating: 1, count: size)
        let group = ParquetRowGroup(fields: fields, columns: [ParquetColumn(.binary([bytes]))])
        places.append(try series.reserve(group.bytes.count))
        try series.append(group)
      }
      try series.finish()
      #expect(places.map(\.file) == [0, 0, 1, 2, 3])
      let third = try ParquetReader(path: folder + "/data/chunk-000/file-002.parquet")
      #expect(try third.column("bytes").values == .binary([Array(repeating: 1, count: 5000)]))
    }
  }
}
