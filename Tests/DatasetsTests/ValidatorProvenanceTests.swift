// Copyright 2026 The Diorama authors
// SPDX-License-Identifier: Apache-2.0

import Files
import Testing

@testable import Datasets

@Suite struct `A false provenance` {
  private static let values = [
    PlantedValue(["episodes", "2", "success"], true, finding: "episodes.success, row 2"),
    PlantedValue(["episodes", "0", "success"], false, finding: "episodes.success, row 0"),
    PlantedValue(["episodes", "1", "length"], 5, finding: "episodes.length, row 1"),
    PlantedValue(["episodes", "1", "task"], "lift it", finding: "episodes.task, row 1"),
    PlantedValue(["episodes", "1", "episode_index"], 2, finding: "episodes.episode_index, row 1"),
    PlantedValue(["episodes", "1", "seed"], "many", finding: "episodes[1].seed"),
    PlantedValue(["episodes", "1", "success"], nil, finding: "episodes[1].success"),
    PlantedValue(["episodes", "2"], nil, finding: "episodes"),
    PlantedValue(["episodes"], nil, finding: "episodes"),
    PlantedValue(["run", "episodes"], 2, finding: "run.episodes"),
    PlantedValue(["run", "robot_type"], nil, finding: "run.robot_type"),
    PlantedValue(["format"], 2, finding: "format"),
  ]

  @Test(arguments: values) func `is found`(_ planted: PlantedValue) throws {
    let found = try findings { folder in
      try setJSON(planted.keys, to: planted.value, in: folder + "/" + DatasetPath.provenance)
    }
    #expect(found.map(\.file) == [DatasetPath.provenance])
    #expect(found.map(\.field) == [planted.field])
  }

  @Test func `of the run is found in the description that it contradicts`() throws {
    let found = try findings { folder in
      let path = folder + "/" + DatasetPath.provenance
      try setJSON(["run", "fps"], to: 20, in: path)
      try setJSON(["run", "features", "phase"], to: nil, in: path)
    }
    #expect(found.map(\.field) == ["fps", "features"])
  }

  @Test func `is not that of a run that was stopped`() throws {
    try withNewFolder { output in
      try SampleRun.stage([0], of: SampleRun.run(episodeCount: 3), in: output, assembling: 1)
      #expect(DatasetValidator.validate(output, decodingPixels: true).findings == [])
    }
  }
}

@Suite struct `A false table of episodes` {
  @Test func `is found by the file that it says it stands in`() throws {
    for field in ["meta/episodes/file_index", "meta/episodes/chunk_index"] {
      let found = try findings { folder in
        try setInteger(field, row: 1, to: 1, in: folder + "/" + episodeFile)
      }
      #expect(found.map(\.field) == ["meta/episodes/file_index, row 1"])
    }
  }

  @Test func `is found by the data file that the dataset begins with`() throws {
    let found = try findings { folder in
      for row in 0..<3 {
        try setInteger("data/file_index", row: row, to: 1, in: folder + "/" + episodeFile)
      }
      let moved = DatasetPath.data(chunk: 0, file: 1)
      try moveItem(folder + "/" + dataFile, to: folder + "/" + moved)
    }
    #expect(found.map(\.field) == ["data/file_index, row 0"])
  }

  @Test(arguments: ["put it down", "lift it"])
  func `is found by an instruction that no row has, or twice`(added: String) throws {
    let found = try findings { folder in
      try rewrite(folder + "/" + episodeFile) { name, column in
        guard name.hasPrefix("tasks."), case .string(var texts) = column.values else { return }
        texts.insert(added, at: 1)
        column.values = .string(texts)
        column.listLengths[0][0] = 2
      }
      // The provenance names one task an episode, which is not what is looked for here.
      try removeItem(folder + "/" + DatasetPath.provenance)
    }
    #expect(found.map(\.field) == ["tasks, row 0"])
  }

  @Test func `is found by an instruction that no episode has`() throws {
    let found = try findings { folder in
      try rewrite(folder + "/" + DatasetPath.tasks) { _, column in
        switch column.values {
        case .string(let texts): column.values = .string(texts + ["sing"])
        case .int64(let indices): column.values = .int64(indices + [2])
        default: break
        }
      }
      try setJSON(["total_tasks"], to: 3, in: folder + "/" + DatasetPath.information)
    }
    #expect(found.map(\.field) == ["task_index 2"])
  }
}
